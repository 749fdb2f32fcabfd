"""What the panels of the window share: the session, its results, colours, and a way back to the main thread."""

import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

from graingraph.app.document.content import Feature
from graingraph.app.document.session import Session
from graingraph.app.gui.base.on_request import NothingRuns, OnRequest
from graingraph.app.gui.base.panel_layout import PanelLayout
from graingraph.app.gui.base.theme import DARK, Colors
from graingraph.app.services.attended_run import Attended
from graingraph.app.services.live_evaluation import LiveEvaluation
from graingraph.engine.problem import Problem, unexpected
from graingraph.engine.recipe.recipe import Recipe


@dataclass(frozen=True)
class Question:
    """Something that a person has to decide: sentences, and what each answer does. Escape does none of it."""

    title: str
    lines: tuple[str, ...]
    answers: tuple[tuple[str, Callable[[], object]], ...]


Target = Literal[
    "canvas", "node", "wire", "reroute", "frame", "group", "open group", "member", "pin of a member",
    "table", "picture", "image",
]  # fmt: skip
"""What a right click can be on; each has a menu of the actions that are declared for it.

A member is a node in the group that is open.
"""
PathKind = Literal["file", "new file", "folder", "any"]
"""What is asked for: a file that is there, a file to write, a folder, or whatever can be typed (a pattern, too)."""


@dataclass(frozen=True)
class Lookup:
    """What is to be found out in a thread, as a slow folder would hold the window.

    ``find`` does so and returns what is done then in the main thread; ``Problem`` where that cannot be. ``what`` names
    it to the person.
    """

    what: str
    find: Callable[[], Callable[[], object]]


class AskPath(Protocol):
    """Opens the dialog for a path, and calls ``answer`` with what was chosen.

    Where that returns a ``Lookup``, the dialog waits for what is found, and stays open if it is a ``Problem``.
    """

    def __call__(
        self,
        title: str,
        start: Path,
        kind: PathKind,
        answer: Callable[[Path], object],
        *,
        endings: tuple[str, ...] = (),
    ) -> None:
        """Ask: the suggested path, what it is to be, what to do with it, and how the files that are offered end."""


def _ask_no_path(
    title: str, start: Path, kind: PathKind, answer: Callable[[Path], object], *, endings: tuple[str, ...] = ()
) -> None:
    """Without a window there is nobody to ask."""


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

    ``ask_path`` asks for a path, ``ask_images`` for images (files, folders or patterns), ``ask`` puts a question,
    ``ask_text`` one that is answered in words.
    """

    session: Session
    colors: Colors = DARK
    ui_scale: float = 1.0
    letters: int = 0
    """How often the fonts were given more letters; what is cut to a width is measured again then."""
    hears_of_drops: bool = False
    """Whether files dropped on the window are passed on, which they are not on every system."""
    events: "queue.SimpleQueue[Callable[[], None]]" = field(default_factory=queue.SimpleQueue)
    wake: Callable[[], None] = lambda: None
    ask_path: AskPath = _ask_no_path
    ask_images: Callable[[Path, Callable[[list[str]], object]], None] = lambda start, answer: None
    ask: Callable[[Question], None] = lambda question: None
    ask_text: Callable[[str, Callable[[str], None]], None] = lambda title, answer: None
    next_image: Callable[[int], object] = lambda steps: None
    """Look at the image so many places further down the tray."""
    add_waiting: Callable[[], object] = lambda: None
    """Make the edits that a person has made and that still wait for something."""
    take_back: Callable[[], str] = lambda: ""
    """Give up the last stroke that waits as it cannot be kept; what it is called, or nothing where there is none."""
    would_be_lost: Callable[[], str] = lambda: ""
    """What quitting would lose, in words; empty for nothing."""
    on_request: OnRequest = field(default_factory=NothingRuns)
    """What runs the nodes that run only on request."""
    show_panel: Callable[[str], object] = lambda title: None
    """Bring the panel of this title before the others in its place."""
    add_places: Callable[[Iterable[str]], object] = lambda places: None
    """Add images to the tray and look at the first new one."""
    choose_images: Callable[[], object] = lambda: None
    """Ask for images and add them."""
    choose_folder: Callable[[], object] = lambda: None
    """Ask for a folder and add the images in it."""
    watch_folder: Callable[[], object] = lambda: None
    """Ask for a folder whose new images are to join the tray."""
    show_in_folder: Callable[[], object] = lambda: None
    """Show where the image that is looked at lies."""
    remove_images: Callable[[], object] = lambda: None
    """Take the selected images out of the tray."""
    set_pixel_size: Callable[[], object] = lambda: None
    point_by_keys: Callable[[], object] = lambda: None
    """Have keys move a pointer in the picture, from where the mouse points."""
    choose_recipe: Callable[[], object] = lambda: None
    open_recipe: Callable[[Path], object] = lambda path: None
    put_recipe: Callable[[Recipe, Path], object] = lambda recipe, models: None
    """Add a recipe whose all is one group to the one that is open; its models lie in a folder."""
    open_shipped: Callable[[str], object] = lambda title: None
    """Open this user's copy of an example by its title."""
    open_menu: Callable[[Target], None] = lambda target: None
    """Open the menu of a right click on something, at the pointer."""
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
        """Do something for the person; a ``Problem`` becomes a message, which is over with the next edit."""
        try:
            act()
        except Problem as problem:
            self.session.report(problem, until_edit=True)

    def in_thread(
        self,
        submit: Callable[[Callable[[], None]], object],
        what: str,
        act: Callable[[], Callable[[], object]],
    ) -> None:
        """Do something in a thread, and what it returns in the main thread; whatever goes wrong becomes a message.

        ``submit`` has a function called in the thread, as ``own_thread`` does; ``what`` names the work where nobody
        foresaw its error.
        """

        def run() -> None:
            then: Callable[[], object]
            try:
                then = act()
            except Problem as problem:
                then = partial(self.session.report, problem)
            except Exception as error:
                then = partial(self.session.report, unexpected(error, what))
            self.post(partial(self.attempt, then))

        submit(run)

    def look_up(self, lookup: Lookup) -> None:
        """Find something out in a thread, and do in the main thread what is to be done with it."""
        self.in_thread(own_thread, lookup.what, lookup.find)


def own_thread(act: Callable[[], None]) -> None:
    """Have something done in a thread of its own, for which quitting does not wait."""
    threading.Thread(target=act, daemon=True).start()
