"""What a thread did comes back to the main thread, and so does whatever went wrong in it."""

from collections.abc import Callable

import pytest

from graingraph.app.document.session import Session
from graingraph.app.gui.base.context import AppContext
from graingraph.engine.problem import Problem


def now(act: Callable[[], None]) -> None:
    """A thread that has done its work at once."""
    act()


def test_what_a_thread_returns_is_called_in_the_main_thread() -> None:
    app, done = AppContext(Session()), list[str]()
    app.in_thread(now, "Looking", lambda: lambda: done.append("shown"))
    assert done == []
    app.events.get()()
    assert done == ["shown"]
    assert app.session.latest == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Problem("Nothing is there; choose another."), "Nothing is there; choose another."),
        (ValueError("an odd one"), "Looking failed (ValueError: an odd one); please report it."),
        (MemoryError(), "Looking failed because the memory is full; close other programs, or use smaller images."),
    ],
)
def test_an_error_in_a_thread_is_said(error: Exception, said: str) -> None:
    def look() -> Callable[[], None]:
        raise error

    app = AppContext(Session())
    app.in_thread(now, "Looking", look)
    app.events.get()()
    assert app.session.latest == said


def test_a_problem_with_what_a_thread_returned_is_said() -> None:
    def show() -> None:
        raise Problem("The recipe is locked.")

    app = AppContext(Session())
    app.in_thread(now, "Looking", lambda: show)
    app.events.get()()
    assert app.session.latest == "The recipe is locked."
