"""What ships with the program stays as it is: commands that would write beside it say so and offer a copy."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graingraph.app.cli.main import main
from tests.support.paths import ASSETS, GRAPHS

BRASS = GRAPHS / "twinned_brass.graingraph.json"
IMAGES = ASSETS / "brass"
WRITING = {
    "train": ("train", BRASS, IMAGES, "--set", "train.epochs=1"),
    "import": ("annotate", "import", BRASS, IMAGES, "--annotations", IMAGES / "truth" / "grains", "--replace"),
    "merge": ("annotate", "merge", BRASS, IMAGES, "--annotations", BRASS, "--keep", "mine"),
}
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def graingraph(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process; gives its exit code and all that it said."""

    def run(*arguments: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return ended.value.code, said.out + said.err

    return run


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.suffix in (".json", ".jsonl", ".onnx")}


@pytest.mark.parametrize("arguments", WRITING.values(), ids=WRITING)
def test_what_would_write_beside_a_shipped_recipe_offers_a_copy(arguments: tuple, graingraph: Command) -> None:
    before = contents(GRAPHS)
    code, said = graingraph(*arguments)
    assert code == 1
    assert "graingraph copy twinned_brass FOLDER" in said
    assert contents(GRAPHS) == before


def test_a_copy_is_whole_and_can_be_written(graingraph: Command, tmp_path: Path) -> None:
    code, said = graingraph("copy", "twinned_brass", tmp_path / "mine")
    copy = tmp_path / "mine" / BRASS.name
    assert (code, str(copy) in said) == (0, True)
    assert copy.read_bytes() == BRASS.read_bytes()
    marks = {path.name: path.read_bytes() for path in BRASS.with_name("twinned_brass.marks").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "mine" / "twinned_brass.marks").iterdir()} == marks
    assert len(list((tmp_path / "mine" / "models").iterdir())) == 1
    merge = ("annotate", "merge", copy, IMAGES, "--annotations", BRASS, "--keep", "mine")
    assert graingraph(*merge)[0] == 0
    assert "is there already" in graingraph("copy", "twinned_brass", tmp_path / "mine")[1]


def test_a_name_that_does_not_ship_is_answered_with_those_that_do(graingraph: Command, tmp_path: Path) -> None:
    code, said = graingraph("copy", "steel of ours", tmp_path)
    assert code == 1
    assert "nodules" in said
    assert "twinned_brass" in said


def test_wherever_a_recipe_is_named_one_that_ships_can_be(
    graingraph: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert graingraph("check", "nodules")[1].startswith("nodules.graingraph.json: sound")
    code, said = graingraph("diff", "nodules", "porosity")
    assert code == 2
    assert said
    (tmp_path / "nodules").write_text("a file of that name")
    code, said = graingraph("check", "nodules")
    assert code == 1
    assert "not a recipe" in said
