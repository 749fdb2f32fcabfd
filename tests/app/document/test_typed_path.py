"""Whatever is typed or pasted for a path is a path, or one sentence."""

from pathlib import Path

import pytest

from graingraph.app.document.typed_path import typed_path
from graingraph.engine.problem import Problem


def test_what_is_there_and_what_is_not_are_paths(tmp_path: Path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file", tmp_path / "new", tmp_path / "file" / "below"):
        assert typed_path(f" {path} ") == path
    assert typed_path("~") == Path.home()


@pytest.mark.parametrize("text", ["a" * 300, "/" + "b/" * 5000, "a\0b", "~nobody_of_this_name/x", '{"format": ' * 100])
def test_what_can_be_no_path_is_one_sentence(text: str):
    with pytest.raises(Problem, match="cannot be looked for") as caught:
        typed_path(text)
    assert len(caught.value.message) < 400
