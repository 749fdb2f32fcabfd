"""What a report (PDF) carries along: its recipe, and what its run is known by. Each says its own hash."""

import logging
from pathlib import Path

from graingraph.engine.files import hash_bytes
from graingraph.engine.problem import Problem

RECIPE_OF_REPORT = "The recipe of this report"
RUN_OF_REPORT = "The run of this report"
MAX_REPORT_BYTES = 200_000_000


def seal(what: str, data: bytes) -> str:
    """What a report says of an attachment, so that a byte that was changed is noticed."""
    return f"{what}, blake2b {hash_bytes(data)}"


def attached(path: Path, ending: str, what: str) -> bytes:
    """The content of the first attachment whose name ends so and that is what is wanted.

    ``OSError`` where the file cannot be read, ``Problem`` where it holds no such thing or is damaged.
    """
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong is said here, in words for a user
    said = what[0].lower() + what[1:]
    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):  # readers accept some bytes before it
            raise Problem(f"{path.name} is no PDF; name the report of a batch.")
    damaged = Problem(f"{path.name} is damaged and {said} cannot be trusted; use another copy.")
    try:
        entries = [one for one in pypdf.PdfReader(path).attachment_list if one.name.endswith(ending)]
        found = [(one.content, one.description) for one in entries]
    except OSError:
        raise
    except Exception:  # a damaged file makes the reader stumble in many ways
        raise damaged from None
    if not found:
        raise Problem(f"{path.name} does not hold {said}; only reports made by a batch of Graingraph do.")
    content, description = found[0]
    if description != seal(what, content):
        raise damaged
    return content
