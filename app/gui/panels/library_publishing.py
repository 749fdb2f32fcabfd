"""Publishing the recipe that is open in a library."""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from graingraph.app.document.origin import without_ending
from graingraph.app.gui.base.context import AppContext, Question
from graingraph.app.gui.panels.library_work import LibraryWork
from graingraph.app.library.drafts import draft_of_open
from graingraph.app.library.shelf import Shelf
from graingraph.app.library.user_library import fetched_version, open_library, remember_library
from graingraph.app.library.versions import Library, Newer, Version
from graingraph.engine.account import account_name
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.diff import differences
from graingraph.engine.recipe.recipe import Recipe

LIBRARY_UNSAID = "Say where the library is before it is published."
NAME_UNSAID = "Save the recipe under a name before it is published."
PUBLISHING = "Publishing…"
BEGIN_A_LIBRARY = "Begin a library there?"
BEGIN = "Begin it"
PUBLISH_ALL_THE_SAME = "Publish all the same?"
PUBLISH_AFTER = "Publish after them"
PUBLISHED_BY = "{day}, {author}"
PUBLISHED_BY_NOTING = "{day}, {author}: {note}"
PUBLISHED = "{recipe} is published as version {version}."

MOST_DIFFERENCES = 12
"""So many are said of those to what somebody else has published."""


class Publishing:
    """Asks first where somebody has published since the recipe was opened, and where there is no library yet.

    ``published`` hears of what the library holds then, and of the name of what was published.
    """

    def __init__(self, app: AppContext, work: LibraryWork, published: Callable[[Shelf, str], None]) -> None:
        self._app, self._work, self._published = app, work, published

    def publish(self, where: str, note: str, after: str | None = None, *, begins: bool = False) -> None:
        """Publish what is open in the library there, with a note on what is new.

        ``after`` is the version that it comes after, None for the one that was opened; ``begins`` lets it begin a
        library.
        """
        session = self._app.session
        recipe, models, marks = session.recipe, session.models, session.marks.folder
        name = recipe.name or (without_ending(session.path) if session.path else "")
        after = fetched_version(session.origin) or None if after is None else after
        if not where or not name:
            session.report(Problem(NAME_UNSAID if where else LIBRARY_UNSAID))
            return

        def write() -> Callable[[], None]:
            library = open_library(where)
            if not begins and (sentence := library.missing()):
                begin = partial(self.publish, where, note, after, begins=True)
                return partial(self._app.ask, Question(BEGIN_A_LIBRARY, (sentence,), ((BEGIN, begin),)))
            with tempfile.TemporaryDirectory() as folder:
                draft, left_out = draft_of_open(recipe, models, marks, name, Path(folder))
                try:
                    version = library.publish(draft, author=account_name(), note=note, after=after)
                except Newer as newer:
                    again = partial(self.publish, where, note, newer.since[-1].id, begins=begins)
                    lines = (newer.message, *_published_since(library, newer, recipe))
                    return partial(self._app.ask, Question(PUBLISH_ALL_THE_SAME, lines, ((PUBLISH_AFTER, again),)))
            remember_library(where)
            return partial(self._end, Shelf.of(library), version, left_out)

        self._work.do(PUBLISHING, write)

    def _end(self, shelf: Shelf, version: Version, left_out: list[str]) -> None:
        self._published(shelf, version.name)
        for sentence in left_out:
            self._app.session.say(sentence, "warning")
        self._app.session.say(PUBLISHED.format(recipe=version.name, version=version.short))


def _published_since(library: Library, newer: Newer, recipe: Recipe) -> Iterator[str]:
    """The versions of others, and how the recipe differs from the last of them."""
    for version in newer.since:
        said = {"day": version.day, "author": version.author, "note": version.note}
        yield (PUBLISHED_BY_NOTING if version.note else PUBLISHED_BY).format(**said)
    for line in differences(library.recipe(newer.since[-1]), recipe)[:MOST_DIFFERENCES]:
        yield f"- {line}"
