"""Another person's marks beside one's own: what is new, the same and in dispute on each image. No display."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graingraph.app.document.mark_edits import Redraw
from graingraph.engine.declare.injected import Context, Marks
from graingraph.engine.evaluation import workspace
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.marks.drawing import Drawing, digest
from graingraph.engine.marks.file import read_file
from graingraph.engine.marks.merge import Choice, Dispute, disputes, merge, settle
from graingraph.engine.marks.store import SUFFIX, MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe

Place = tuple[str, str, Dispute]
"""A conflict: image hash, node, and the strokes."""


@dataclass(frozen=True, eq=False)
class TwoDrawings:
    """What two people drew on an image for a node. ``remark`` says what no choice of strokes can settle."""

    image: str
    path: Path | None
    hash: str
    node: str
    ours: Drawing
    theirs: Drawing
    disputes: tuple[Dispute, ...]
    remark: str = ""

    @property
    def new(self) -> int:
        """How many strokes only the other has, and nobody disputes."""
        disputed = {mark for dispute in self.disputes for mark in dispute.theirs}
        return len(self.theirs.marks.keys() - self.ours.marks.keys() - disputed)

    @property
    def same(self) -> int:
        """How many strokes both have."""
        both = self.ours.marks.keys() & self.theirs.marks.keys()
        return sum(digest(self.ours.marks[mark]) == digest(self.theirs.marks[mark]) for mark in both)

    def row(self) -> dict[str, Any]:
        """The summary of this image."""
        facts = {"image": self.image, "node": self.node, "new": self.new, "same": self.same}
        facts["conflicts"] = [{"mine": d.ours, "theirs": d.theirs, "why": d.whys} for d in self.disputes]
        return {**facts, "remark": self.remark}


def compare(
    recipe: Recipe, store: MarkStore, image_set: ImageSet, other: Path, context: Context | None = None
) -> list[TwoDrawings]:
    """Compare with what lies at ``other``: a marks file, a folder of them, or the recipe that they lie beside.

    ``Problem`` where there are none, none is of these images and nodes, or one cannot be read.
    """
    context = context or Context()
    images = {source.drawn_as: source for source in image_set.values()}
    nodes = {name: step.declared for name, step in recipe.steps.items() if step.declared and step.declared.takes(Marks)}
    with_tools = [name for name, declared in nodes.items() if declared.drawn_on]
    found = []
    drawings = _read(other, context)
    for done, (image, node, theirs) in enumerate(drawings):
        context.check(done / len(drawings), f"Comparing what was drawn: {done} of {len(drawings)}")
        mine = node if node in nodes else with_tools[0] if len(with_tools) == 1 else None
        if image in images and mine:
            found.append(_beside(images[image].name, images[image].path, image, mine, store, theirs))
    if not found:
        raise Problem(
            f"Nothing in {other} was drawn on these images for a node of this recipe; open those images first."
        )
    return found


def settled(compared: list[TwoDrawings], choices: Mapping[Place, Choice]) -> dict[tuple[str, str], Drawing]:
    """The merged drawing of every image hash and node; a conflict that nobody decided keeps both."""
    found = {}
    for one in compared:
        chosen = {d: choices[one.hash, one.node, d] for d in one.disputes if (one.hash, one.node, d) in choices}
        found[one.hash, one.node] = settle(one.ours, one.theirs, chosen)
    return found


def merge_edit(compared: list[TwoDrawings], choices: Mapping[Place, Choice]) -> Redraw:
    """The edit that takes in the other's marks on every image, undone as one."""
    return Redraw({(one.hash, one.node): one.ours for one in compared}, settled(compared, choices), "Merge marks")


def _read(other: Path, context: Context) -> list[tuple[str, str, Drawing]]:
    """Image hash, node and drawing of each marks file; all are read before any is used."""
    folder = other if other.is_dir() else workspace.marks_folder(other)
    files = [other] if other.suffix == ".jsonl" else sorted(folder.glob(f"*{SUFFIX}"))
    if not files:
        raise Problem(f"There are no marks at {other}; give a marks file, the folder of them, or the recipe beside it.")
    found = []
    for done, file in enumerate(files):
        context.check(done / len(files), f"Reading what was drawn: {done} of {len(files)}")
        drawing, image, node, _ = read_file(file)
        named, _, of = file.name.removesuffix(SUFFIX).partition(".")
        found.append((image or named, node or of, drawing))
    return found


def _beside(name: str, path: Path | None, image: str, node: str, store: MarkStore, theirs: Drawing) -> TwoDrawings:
    ours = store.drawing(image, node).copy()
    _, conflicts = merge(ours, theirs)
    remark = next((conflict.why for conflict in conflicts if not (conflict.ours or conflict.theirs)), "")
    return TwoDrawings(name, path, image, node, ours, theirs, disputes(conflicts), remark)
