"""A mistake in one part of a frame stops no other part, and is said once: the window goes on, the document stays."""

import logging
import time
from collections.abc import Callable

from graingraph.app.document.session import Session
from graingraph.engine.problem import Problem, unexpected

SOMETHING_IN = "Something in {part}"

QUIET_S = 10.0
"""A mistake that comes again within this time (in every frame, say) is not said again."""


class Guard:
    """Runs the parts of a frame, one after the other, each by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: dict[str, float] = {}

    def __call__(self, part: str, work: Callable[[], object]) -> None:
        """Do the work of a part; what goes wrong in it becomes a message."""
        try:
            work()
        except Problem as problem:
            if self._is_new(f"{part}: {problem.message}"):
                self._session.report(problem)
        except Exception as error:
            said = unexpected(error, SOMETHING_IN.format(part=part))
            if self._is_new(said.message):
                logging.getLogger(__name__).exception("in %s", part)
                self._session.report(said)

    def _is_new(self, said: str) -> bool:
        now = time.monotonic()
        before = self._last.get(said, -QUIET_S)
        self._last[said] = now
        return now - before >= QUIET_S
