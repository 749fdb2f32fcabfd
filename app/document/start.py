"""Starting a session: its journal, the recovery of what a killed one left, recent files, recipe and images."""

import time
from collections.abc import Sequence
from pathlib import Path

from graingraph.app.document import journal as recovery
from graingraph.app.document.image_edits import look_at_something, new_recipe
from graingraph.app.document.recent import RecentFiles
from graingraph.app.document.session import Session
from graingraph.engine.images.image_set import printable
from graingraph.engine.problem import Problem


def start_session(folder: Path, recipe: Path | None = None, images: Sequence[Path] = ()) -> Session:
    """A session with a journal in the user's state folder.

    Where that folder cannot be written the session has none, and says so. Unsaved work of a session that died comes
    back when it was of this recipe, or when no recipe was asked for. Images without a recipe are looked at.
    """
    journals = folder / "journals"
    session = Session(recent=RecentFiles(folder / "recent.json"))
    try:
        session.journal = recovery.Journal(journals)
    except Problem as problem:
        session.report(problem)
    session.new()
    recovered = False
    for path in recovery.abandoned(journals) if session.journal else ():
        recovered = (not recovered and _recover(session, path, recipe)) or recovered
    if recipe and not recovered:
        try:
            session.open(recipe)
        except Problem as problem:
            session.report(problem)
    session.add_images(images)
    if images and recipe is None and not recovered:
        new_recipe(session)
    look_at_something(session)
    return session


def recover_newest(session: Session) -> None:
    """Bring back the newest unsaved work that was left behind; what is unsaved now is kept in its place."""
    if session.journal is None:
        return
    left = recovery.abandoned(session.journal.path.parent)
    if not any(_recover(session, path, None) for path in left):
        session.say("There is no unsaved work to recover.")


def _recover(session: Session, path: Path, recipe: Path | None) -> bool:
    """Take over an abandoned journal if it holds unsaved work that is wanted; a journal without any is deleted."""
    try:
        draft = recovery.read(path)
    except Problem as problem:
        session.report(problem)
        path.rename(path.with_suffix(f".damaged-{time.time_ns()}"))
        return False
    if not draft.facts["dirty"]:
        recovery.discard(path)
        return False
    opened = draft.facts.get("origin") or draft.facts["path"]
    if recipe is not None and opened != str(recipe.absolute()):
        name = Path(opened or "an unnamed recipe").name
        session.say(f"Unsaved work on {name} is kept; start without naming a recipe to recover it.", "warning")
        return False
    session.restore(draft)
    deadly = recovery.died_reading(path)
    recovery.discard(path)
    session.say("Unsaved work was recovered; Undo takes you back through it.", "warning")
    if deadly in session.images:
        kept = tuple(image for image in session.images if image != deadly)
        session.show_images(kept, session.image if session.image in kept else next(iter(kept), None))
        session.say(
            f"The program ended while {printable(deadly.name)} was read, so that it is left out of the tray now; "
            "add it again to try it once more.",
            "warning",
        )
    return True
