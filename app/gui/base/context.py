"""What the panels of the window share: the session, its results, colours, and a way back to the main thread."""

import queue
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graingraph.app.document.content import Feature
from graingraph.app.document.session import Session
from graingraph.app.gui.base.panel_layout import PanelLayout
from graingraph.app.gui.base.theme import DARK, Colors
from graingraph.app.services.attended_run import Attended
from graingraph.app.services.live_evaluation import LiveEvaluation
from graingraph.engine.problem import Problem


@dataclass(frozen=True)
class Question:
    """Something that a person has to decide: sentences, and what each answer does. Escape does none of it."""

    title: str
    lines: tuple[str, ...]
    answers: tuple[tuple[str, Callable[[], object]], ...]


class Work(Protocol):
    """A long piece of work in a thread: a training, a batch."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""

    @property
    def when_quitting(self) -> str:
        """What becomes of it where the person quits now."""

    def stop(self) -> None:
        """End soon."""

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""


@dataclass
class AppContext:
    """Handed to every panel. Worker threads may call ``post`` and nothing else; the main thread owns the rest.

    ``ask_path`` opens the path dialog: title, suggested path, whether to save, and what to do with the answer.
    ``ask`` puts a question, ``ask_text`` one that is answered in words.
    """

    session: Session
    colors: Colors = DARK
    ui_scale: float = 1.0
    events: "queue.SimpleQueue[Callable[[], None]]" = field(default_factory=queue.SimpleQueue)
    wake: Callable[[], None] = lambda: None
    ask_path: Callable[[str, Path, bool, Callable[[Path], None]], None] = lambda title, path, saving, answer: None
    ask: Callable[[Question], None] = lambda question: None
    ask_text: Callable[[str, Callable[[str], None]], None] = lambda title, answer: None
    next_image: Callable[[int], object] = lambda steps: None
    """Look at the image so many places further down the tray."""
    add_images: Callable[[Iterable[Path]], object] = lambda paths: None
    """Add images to the tray and look at the first new one."""
    works: list[Callable[[], Work | None]] = field(default_factory=list)
    """What each panel that has long work in a thread is doing."""
    leaving: bool = False
    """Whether the person has said to quit as soon as that has ended."""
    commits: list[Callable[[], None]] = field(default_factory=list)
    """What takes over what is typed in a panel but not entered yet."""
    run_batch: Callable[[], None] = lambda: None
    pin: Callable[[str], object] = lambda node: None
    """Show a node's first output in a second picture beside the first, and keep it there."""
    pin_shown: Callable[[], object] = lambda: None
    """Show a second picture of what is looked at now, or close it."""
    fit_selected: Callable[[], None] = lambda: None
    """Show the selected nodes on the canvas."""
    live: LiveEvaluation = field(init=False)
    layout: PanelLayout = field(default_factory=PanelLayout)
    feature: Feature | None = None
    """The feature that was clicked last, in the viewer or in a table."""
    attended: Attended | None = None
    """The batch that asks the person to look at images, if one does; ``go_on`` and ``skip_image`` answer it."""
    go_on: Callable[[], None] = lambda: None
    skip_image: Callable[[], None] = lambda: None
    merge_marks: Callable[[], None] = lambda: None
    typing: bool = False
    """Whether a text field has the keyboard; the canvas's keys are off then."""

    def post(self, act: Callable[[], None]) -> None:
        """Have the main thread call ``act`` soon; safe from any thread."""
        self.events.put(act)
        self.wake()

    def commit(self) -> None:
        """Take over everything that is typed but not entered yet."""
        for take in self.commits:
            take()

    @property
    def running(self) -> list[Work]:
        """The long pieces of work that go on now."""
        return [work for work in (find() for find in self.works) if work is not None and work.running]

    def attempt(self, act: Callable[[], object]) -> None:
        """Do something for the person; a ``Problem`` becomes a message."""
        try:
            act()
        except Problem as problem:
            self.session.report(problem)
