"""The open document without its window: recipe, file, tray of images, selection, undo history, unsaved work.

Everything here is plain state. Panels compare ``revision`` (any change) or the recipe itself (``is``) with what they
last showed; nothing calls back.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

import numpy as np
import platformdirs

from graingraph.app.document import commands, release
from graingraph.app.document import journal as recovery
from graingraph.app.document.bundles import what_is_missing
from graingraph.app.document.edit import Change, Edit
from graingraph.app.document.groups import shown_step
from graingraph.app.document.history import History
from graingraph.app.document.names import setting_title
from graingraph.app.document.origin import is_installed, is_own, without_ending
from graingraph.app.document.picking import Picked
from graingraph.app.document.recent import RecentFiles
from graingraph.app.document.saving import (
    Occupied,
    named,
    require_folder,
    require_no_strokes_of_others,
    standing_at,
)
from graingraph.app.document.status import Message, NodeStatus, OutputRef
from graingraph.engine.declare.models import ModelFolders, reference
from graingraph.engine.declare.settings import ModelFile
from graingraph.engine.evaluation import workspace
from graingraph.engine.files import hash_bytes, hash_file
from graingraph.engine.images.image_set import printable
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import disagreeing
from graingraph.engine.recipe.diff import changed_nodes
from graingraph.engine.recipe.lock import require_allowed
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe


def state_folder() -> Path:
    """Where this user's journals and recent files are kept."""
    return platformdirs.user_state_path("graingraph", appauthor=False)


@dataclass
class Session:
    """An open document. ``journal`` receives it after every edit; without one (tests, tools) nothing is written."""

    recipe: Recipe = field(default_factory=Recipe)
    path: Path | None = None
    origin: Path | None = None
    """The file that was opened; ``path`` is None where that is a report or a bundle, or came with the program."""
    images: tuple[Path, ...] = ()
    image: Path | None = None
    picked: Picked = field(default_factory=Picked)
    selection: frozenset[str] = frozenset()
    viewed: OutputRef | None = None
    journal: recovery.Journal | None = None
    recent: RecentFiles | None = None
    messages: list[Message] = field(default_factory=list)
    statuses: dict[str, NodeStatus] = field(default_factory=dict)
    """What is known of the result of each node."""
    at_work: dict[str, NodeStatus] = field(default_factory=dict)
    """How far what a person asked for is, as a training is, by node."""
    thumbnails: dict[str, "np.ndarray"] = field(default_factory=dict)
    revision: int = 0
    marks: MarkStore = field(default_factory=MarkStore)
    marks_revision: int = 0
    document: int = 0
    """Rises when another document takes the place of this one."""
    models: ModelFolders = field(default_factory=ModelFolders)
    """Where models are looked for: beside this recipe, and where a person chose one."""
    outcomes: dict[Path, str] = field(default_factory=dict)
    """How the last batch of this recipe went, by image: "ok", or what the row of the image says instead."""
    compared: Recipe | None = None
    """The recipe that this one is compared with on the canvas, if with one."""

    def __post_init__(self) -> None:
        self._history = History()
        self._saved = self.recipe
        self._seen = ""
        self._unmarked = self._edits = 0
        self._marked: tuple[Recipe | None, Recipe | None, Mapping[str, str]] = (None, None, {})

    # edits and their history -------------------------------------------------------------------------------------

    def do(self, edit: Edit) -> None:
        """Make an edit and remember it; it merges into the last one where both are one in a person's eyes.

        ``Problem`` where the recipe is locked and the edit is none that an operator may make; so do undo and redo.
        """
        if isinstance(edit, Change):
            if edit.after == edit.before:
                return
            require_allowed(self.recipe, edit.after)
        self._do(edit)

    def set_locked(self, locked: bool) -> None:
        """Lock the recipe for operators, or unlock it: the one edit that the lock does not refuse."""
        if not locked and self.recipe.locked:
            release.require_may_unlock(self.path)
        if locked != self.recipe.locked:
            self._do(commands.lock(self.recipe, locked))

    def _do(self, edit: Edit) -> None:
        edit.do(self)
        self._history.add(edit)
        self._note_down()

    def seal(self) -> None:
        """End the current row of merging edits (the mouse button went up, a field lost the keyboard)."""
        self._history.seal()

    def undo(self) -> str:
        """Take back the last edit, if there is one; returns what it is called, or nothing where none was taken back.

        What was drawn on an image that is not shown is shown first, and taken back the next time.
        """
        edit = self._history.last
        if edit and not self._brings_in_sight(edit):
            if isinstance(edit, Change):
                require_allowed(self.recipe, edit.before)
            edit.undo(self)
            self._history.step_back()
            self._note_down()
            return edit.label
        return ""

    def redo(self) -> str:
        """Make the edit again that was taken back last, if there is one; on an image not shown, as for undo.

        Returns what it is called, or nothing where none was made.
        """
        edit = self._history.next
        if edit and not self._brings_in_sight(edit):
            if isinstance(edit, Change):
                require_allowed(self.recipe, edit.after)
            edit.do(self)
            self._history.step_forward()
            self._note_down()
            return edit.label
        return ""

    def _brings_in_sight(self, edit: Edit) -> bool:
        """Whether the image that an edit is about had to be shown first, so that nothing changes out of sight."""
        if edit.where is None or edit.where == self.image or edit.where not in self.images:
            return False
        self.show_image(edit.where)
        self.say(f"That was on {edit.where.name}, which is shown now; the same again changes it.")
        return True

    @property
    def undo_label(self) -> str:
        """The edit that undo would take back; empty for none."""
        return self._history.last.label if self._history.last else ""

    @property
    def redo_label(self) -> str:
        """The edit that redo would make again; empty for none."""
        return self._history.next.label if self._history.next else ""

    @property
    def dirty(self) -> bool:
        """Whether there is work that the recipe file does not hold; strokes are in files of their own beside it."""
        return self._drawn or (self.recipe is not self._saved and self.recipe != self._saved)

    @property
    def _drawn(self) -> bool:
        """Whether there are strokes that lie beside no recipe file."""
        return self.path is None and self.marks_revision != self._unmarked

    @property
    def title(self) -> str:
        """What the document is called in the window."""
        if self.path:
            return printable(self.path.name)
        return f"{printable(self.origin.name)} (copy)" if self.origin else "Untitled"

    def show_recipe(self, recipe: Recipe) -> None:
        """Put a recipe in the place of the current one; what pointed at nodes that are gone lets go of them."""
        self.recipe = recipe
        self.selection = frozenset(one for one in self.selection if one in recipe.steps or one in recipe.layout.groups)
        if self.viewed and self.viewed.node not in recipe.steps:
            self.viewed = None
        self.revision += 1

    # what is looked at -------------------------------------------------------------------------------------------

    def select(self, nodes: Iterable[str]) -> None:
        """Select these nodes and no others."""
        chosen = frozenset(nodes)
        if chosen != self.selection:
            self.selection = chosen
            self.revision += 1

    def view(self, node: str, output: str | None = None) -> None:
        """Show an output of a node in the viewer (the first one, unless named); of a group what it shows."""
        if node in self.recipe.layout.groups:
            node = shown_step(self.recipe, node)
        declared = self.recipe.steps[node].declared
        name = output or (declared.outputs[0].name if declared else "")
        if name and (node, name) != self.viewed:
            self.viewed = OutputRef(node, name)
            self.revision += 1

    def add_images(self, paths: Iterable[Path]) -> None:
        """Add images to the tray, each once, and look at the first of them if none is looked at."""
        self.images = tuple(dict.fromkeys((*self.images, *(path.absolute() for path in paths))))
        if self.image is None and self.images:
            self.image = self.images[0]
        self._note_down()

    def remove_images(self, paths: Iterable[Path]) -> None:
        """Take images out of the tray; the files stay."""
        gone = set(paths)
        self.images = tuple(path for path in self.images if path not in gone)
        self.picked = self.picked.within(self.images)
        if self.image in gone:
            self.image = self.images[0] if self.images else None
        self._note_down()

    def show_images(self, images: tuple[Path, ...], shown: Path | None) -> None:
        """Put other images into the tray, and look at one of them."""
        self.images, self.image = images, shown
        self.picked = self.picked.within(images)
        self.revision += 1

    def show_image(self, path: Path) -> None:
        """Look at another image of the tray."""
        if path != self.image:
            self.image = path
            self.revision += 1

    def pick(self, picked: Picked) -> None:
        """Select images of the tray, and look at the one that was clicked last."""
        self.picked, self.revision = picked, self.revision + 1
        if picked.here is not None and picked.here in picked.images:
            self.show_image(picked.here)

    def compare_with(self, recipe: Recipe | None) -> None:
        """Mark on the canvas what is new or changed beside another recipe; None ends that."""
        self.compared = recipe
        self.revision += 1

    @property
    def changes(self) -> Mapping[str, str]:
        """The nodes that are "new" or "changed" beside the recipe that this one is compared with."""
        if self.compared is None:
            return {}
        before, after, found = self._marked
        if before is not self.compared or after is not self.recipe:
            found = changed_nodes(self.compared, self.recipe)
            self._marked = self.compared, self.recipe, found
        return found

    def say(self, text: str, level: Literal["info", "warning", "error"] = "info", *, until_edit: bool = False) -> None:
        """Add a line to the messages; what is no warning, or one ``until_edit``, is over with the next edit."""
        self._add(Message(level, text, at_edit=self._edits if until_edit or level == "info" else None))

    def report(self, problem: Problem, *, while_failed: bool = False, until_edit: bool = False) -> None:
        """Add a problem to the messages.

        It is over when its node no longer is failed (``while_failed``), or with the next edit (``until_edit``).
        """
        at_edit = self._edits if until_edit else None
        self._add(Message("error", problem.message, problem.node, problem.image, while_failed, at_edit))

    def _add(self, message: Message) -> None:
        self.messages.append(message._replace(text=normalize("NFC", message.text), document=self.document))
        del self.messages[:-500]
        self.revision += 1

    def status(self, node: str) -> NodeStatus:
        """What is shown of a node: what it is doing on request, else the state of its result."""
        return self.at_work.get(node) or self.statuses.get(node) or NodeStatus()

    @property
    def latest(self) -> str:
        """The last message that still holds; empty for none."""
        for message in reversed(self.messages[-20:]):
            status = self.statuses.get(message.node or "")
            failed = not message.while_failed or message.node is None or (status and status.state == "failed")
            if failed and message.at_edit in (None, self._edits) and message.document == self.document:
                return message.text
        return ""

    # the file ----------------------------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Open a recipe file in the place of the current document; the tray stays. ``Problem`` if it cannot be.

        What is opened from a report or a bundle, or came with the program, is a copy that has no file yet.
        """
        path = path.absolute()
        seen = _hash_of(path)  # before it is read: what changes in between counts as changed
        recipe = recipe_file.load(path)
        self._start(recipe, path if is_own(path) else None, path, seen)
        for problem in what_is_missing(path, recipe, self.models):
            self.report(problem)
        for values in disagreeing(recipe):
            said = ", ".join(f"{setting_title(recipe, ref)} {value}" for ref, value in values.items())
            self.say(f"Linked settings differ ({said}); set one of them, and all have its value.", "warning")
        if self.recent:
            self.recent.add(path)

    def new(self, recipe: Recipe | None = None) -> None:
        """Start a new recipe: an empty one, or this."""
        self._start(recipe or Recipe(), None)

    @property
    def suggested_file(self) -> Path:
        """Where the recipe is, or may be saved."""
        if self.path:
            return self.path
        if self.origin is None:
            return Path.cwd() / f"{recipe_file.stem_for(self.recipe.name) or 'recipe'}{recipe_file.SUFFIX}"
        name = without_ending(self.origin) + recipe_file.SUFFIX
        folder = platformdirs.user_documents_path() if is_installed(self.origin) else self.origin.parent
        return folder / name

    def save(self, path: Path | None = None, *, over: bool = False, why: str = "") -> None:
        """Write the recipe file; the undo history stays. ``why`` goes into the audit log, where one is kept.

        ``Problem`` if it cannot be written or something is there that is no recipe. ``NoFolder`` if its folder is not
        there; ``Occupied`` if another recipe is there, or what was drawn for one of that name, or the recipe's own file
        has changed since it was opened or saved here. With ``over`` the folder is made, and what is there replaced.
        ``CommentNeeded`` where the policy of the folder demands a reason.
        """
        if path is None and self.path is None:
            raise Problem("This recipe has no file yet; choose a name with Save as.")
        target = (named(path) if path else self.path or Path()).absolute()
        there = standing_at(target)
        if there and not over and there != self.recipe:
            if target != self.path:
                raise Occupied(f"{target.name} is there already.", there)
            if _hash_of(target) != self._seen:
                raise Occupied(f"{target.name} was changed by somebody else since it was opened here.", there)
        if not over:
            require_folder(target)
            require_no_strokes_of_others(target, self.marks.folder)
        release.note_change(target, there, self.recipe, why)
        recipe_file.save(self.recipe, target)
        self.marks = workspace.carry_marks(self.marks, target)  # what fails, fails before the recipe has another place
        self._seen = hash_bytes(recipe_file.dump(self.recipe))
        self.path = self.origin = target
        self._saved = self.recipe
        self._history.seal()
        if self.recent:
            self.recent.add(self.path)
        self._note_down()
        workspace.carry_models(self.recipe, self.path, self.models)
        self.models = self.models.and_in(self.path.parent / workspace.MODELS)

    def model_reference(self, path: Path) -> ModelFile:
        """Refer to a model file that a person chose; it is found from now on. ``Problem`` if there is none."""
        chosen = reference(path)
        self.models = self.models.and_in(path.parent)
        return chosen

    def reload(self) -> None:
        """Take over what the recipe's file holds now; Undo brings back what was here. ``Problem`` if it cannot be."""
        if self.path is None:
            return
        seen = _hash_of(self.path)
        recipe = with_places(recipe_file.load(self.path))
        self.do(Change("Reload", self.recipe, recipe))
        self._saved, self._seen = recipe, seen
        self._note_down()

    def _start(self, recipe: Recipe, path: Path | None, origin: Path | None = None, seen: str = "") -> None:
        recipe = with_places(recipe)
        models = workspace.models_of(origin)  # what fails, fails before anything has changed
        marks = workspace.open_marks(path or origin)
        if path is None:
            marks.move_to(None)
        self.document += 1
        self._set_aside()
        self._history = History()
        self._saved = recipe
        self.path, self.origin, self._seen = path, origin, seen
        self.models = models
        if path is None:  # strokes of a recipe without a file lie beside the journal
            marks.move_to(self._scratch)
        self.marks = marks
        self.marks_revision += 1
        self._unmarked = self.marks_revision
        self.statuses.clear()
        self.at_work.clear()
        self.outcomes = {}
        self.thumbnails.clear()
        self.viewed = self.compared = None
        self.selection = frozenset()
        self.show_recipe(recipe)
        self._note_down()

    # recovery ----------------------------------------------------------------------------------------------------

    def draft(self) -> recovery.Draft:
        """The document with its undo history, as the journal keeps it."""
        facts = {
            "path": str(self.path) if self.path else None,
            "origin": str(self.origin) if self.origin else None,
            "seen": self._seen,
            "images": [str(path) for path in self.images],
            "image": str(self.image) if self.image else None,
            "viewed": list(self.viewed) if self.viewed else None,
            "dirty": self.dirty,
            "drawn": self._drawn,
            "marks": str(self.marks.folder) if self.marks.folder else None,
        }
        return recovery.Draft(*self._history.recipes(self.recipe), facts)

    def restore(self, draft: recovery.Draft) -> None:
        """Take over what a journal held: document, history, tray."""
        facts: Mapping[str, Any] = draft.facts
        path = Path(facts["path"]) if facts["path"] else None
        origin = Path(facts["origin"]) if facts.get("origin") else path
        try:
            self._start(draft.recipes[draft.position], path, origin, facts.get("seen", ""))
        except Problem as problem:  # a bundle that is gone; the work that began with it is not
            self.report(problem)
            self._start(draft.recipes[draft.position], path)
        if facts.get("marks"):
            self.marks = MarkStore(Path(facts["marks"]))
            self.marks_revision += 1
            self._unmarked = -1 if facts.get("drawn") else self.marks_revision
        self._history = History.of_recipes(draft.labels, draft.recipes, draft.position)
        self._saved = with_places(_on_disk(path))
        self.images = tuple(Path(name) for name in facts["images"])
        self.image = Path(facts["image"]) if facts["image"] else None
        if facts["viewed"] and facts["viewed"][0] in self.recipe.steps:
            self.viewed = OutputRef(*facts["viewed"])
        self._note_down()

    def marks_changed(self) -> None:
        """Somebody drew or took back a mark: what depends on it is computed anew."""
        self.marks_revision += 1
        self.revision += 1

    @property
    def _scratch(self) -> Path | None:
        return self.journal.path.with_suffix(f".{time.time_ns()}.marks") if self.journal else None

    def close(self) -> None:
        """End the session; unsaved work stays in the journal and comes back at the next start."""
        if self.journal:
            self.journal.close(keep=self.dirty)
            self.journal = None

    def _set_aside(self) -> None:
        """Before another document takes the place of this one: keep the journal of unsaved work, begin a new one."""
        if self.journal and self.dirty:
            folder = self.journal.path.parent
            self.journal.close(keep=True)
            self.journal = None
            try:
                self.journal = recovery.Journal(folder)
            except Problem as problem:
                self.report(problem)
            self.say("The unsaved work is kept: File, Recover unsaved work brings it back.", "warning")

    def _note_down(self) -> None:
        self.revision += 1
        self._edits += 1
        if self.journal:
            try:
                self.journal.write(self.draft())
            except Problem as problem:  # the edit itself is made; once is enough to say so
                if not any(message.text == problem.message for message in self.messages):
                    self.report(problem)


def _hash_of(path: Path) -> str:
    """The content hash of a file; empty where it cannot be read."""
    try:
        return hash_file(path)
    except OSError:
        return ""


def _on_disk(path: Path | None) -> Recipe:
    """The recipe that a file holds; an empty one where it holds none."""
    try:
        return recipe_file.load(path) if path else Recipe()
    except Problem:
        return Recipe()
