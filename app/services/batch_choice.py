"""Which images a batch runs on: all of the tray, those selected there, by marks, by how the last run went, others."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

from graingraph.app.document.session import Session
from graingraph.engine.images.files import picture_hash
from graingraph.engine.marks.store import MarkStore
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe

Choice = Literal["all", "selected", "drawn on", "not drawn on", "not measured", "others"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
WORDS: dict[Choice, str] = {
    "all": "all images of the tray",
    "selected": "images selected in the tray",
    "drawn on": "images with marks",
    "not drawn on": "images without marks",
    "not measured": "images that failed or are missing",
    "others": "a folder or other files…",
}
HELP: dict[Choice, str] = {
    "all": "Every image of the tray.",
    "selected": "Select in the tray: Ctrl click adds, Shift click takes all between, Ctrl+A all.",
    "drawn on": "Images of the tray on which something was drawn in a node of this recipe.",
    "not drawn on": "Images of the tray on which nothing was drawn yet.",
    "not measured": "Images of the tray that failed in the last run, or were not part of it.",
    "others": "Images that need not be in the tray: a folder, a file or a pattern such as C:/steel/*.tif.",
}


def candidates(choice: Choice, session: Session, others: Sequence[Path]) -> list[Path]:
    """The images that may be meant, known at once; for marks, ``by_marks`` then chooses, which reads the files."""
    if choice == "others":
        return list(others)
    if choice == "selected":
        return [path for path in session.images if path in session.picked.images]
    if choice == "not measured":
        return [path for path in session.images if session.outcomes.get(path) != "ok"]
    return list(session.images)


def by_marks(choice: Choice, paths: Sequence[Path], recipe: Recipe, marks: MarkStore) -> list[Path]:
    """Those of the images with (or without) marks in a node of the recipe. Hashes every file; call it in a thread.

    ``Problem`` where none is left.
    """
    if choice not in ("drawn on", "not drawn on"):
        return list(paths)
    nodes = [node for node, step in recipe.steps.items() if step.declared is None or step.declared.drawn_on]
    drawn = {image for node in nodes for image in marks.images(node)}
    kept = [path for path in paths if (picture_hash(path) in drawn) == (choice == "drawn on")]
    if not kept:
        raise Problem(f"None of the {len(paths)} images is {choice}; choose other images to run on.")
    return kept
