"""Paths as people type or paste them."""

import errno
from contextlib import suppress
from pathlib import Path

from graingraph.engine.problem import Problem


def typed_path(text: str) -> Path:
    """The path that was typed, ``~`` being the person's home. ``Problem`` where no file can have that name, or none can
    be looked for there.
    """
    try:
        path = Path(text.strip()).expanduser()
        with suppress(FileNotFoundError, NotADirectoryError):
            path.stat()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a sign that no name has, no permission, no home
        if isinstance(error, OSError) and error.errno == errno.EINVAL:
            return path  # a pattern, whose signs no name has on Windows
        reason = error.strerror if isinstance(error, OSError) else error
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        raise Problem(f"{shown} cannot be looked for ({reason}); type another name.") from None
    return path
