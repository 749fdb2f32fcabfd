"""What a library held: its histories by name, and those of them that hold words."""

from graingraph.app.library.shelf import Shelf
from graingraph.app.library.versions import Library
from tests.app.library.conftest import Publish


def test_it_finds_the_newest_version_by_the_words_that_it_holds(shelf: Library, publish: Publish) -> None:
    first, second = publish(shelf, 0.4, tags=("old",)), publish(shelf, 0.5, author="Bob", tags=("new",))
    found = Shelf.of(shelf)
    assert [one.id for one in found.histories[first.name]] == [first.id, second.id]
    assert [one.id for one in found.holding("new")] == [second.id]
    assert found.holding("old") == [], "an older version is not what the library offers"
