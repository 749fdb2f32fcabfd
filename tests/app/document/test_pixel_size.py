from pathlib import Path

import numpy as np
import pytest

from graingraph.app.document.edit import Edit
from graingraph.app.document.pixel_size import (
    Told,
    calibrated_nodes,
    for_all,
    for_image,
    in_words,
    read_length,
    told_otherwise,
    um_per_px,
)
from graingraph.app.document.session import Session
from graingraph.engine.declare.roles import CALIBRATING
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.values import Scale
from tests.support.recipes import chain

LINE = ((10.0, 50.0), (210.0, 50.0))
IMAGES = ImageSet.of_arrays({"a": np.zeros((60, 300), np.uint8), "b": np.ones((60, 300), np.uint8)})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("200 µm", Told(200)),
        ("200 μm", Told(200)),  # the Greek letter
        ("0,2mm", Told(200)),
        ("500nm", Told(0.5)),
        ("0.01 inch", Told(254)),
        ("2 microns", Told(2)),
        ("0.42 um/px", Told(0.42, per_px=True)),
    ],
)
def test_lengths_are_read_in_every_unit(text: str, told: Told):
    found = read_length(text)
    assert found.um == pytest.approx(told.um)
    assert found.per_px == told.per_px


@pytest.mark.parametrize("text", ["", "long", "0 µm", "-3 µm", "5 parsec", "5 ms", "1 2"])
def test_what_is_no_length_is_refused(text: str):
    with pytest.raises(Problem, match="type one such as"):
        read_length(text)


@pytest.mark.parametrize("text", ["50", "0.42 /px"])
def test_a_unit_is_never_assumed(text: str):
    with pytest.raises(Problem, match="has no unit"):
        read_length(text)


def test_a_line_and_its_length_make_a_pixel_size():
    assert um_per_px(Told(100), LINE) == 0.5
    assert um_per_px(Told(100), None) is None
    assert um_per_px(Told(0.3, per_px=True), None) == 0.3


def test_the_last_node_that_sets_it_decides_wherever_one_looks():
    assert calibrated_nodes(chain(("Load", "Threshold")), "threshold") == ["load"]
    recipe = chain(("Load", "SetScale", "Threshold"))
    assert [calibrated_nodes(recipe, node) for node in ("load", "threshold")] == [["set_scale"]] * 2


def scales(session: Session) -> dict[str, Scale | None]:
    store = Store()
    store.marks = session.marks
    evaluation = Evaluation(session.recipe, IMAGES, store)
    node = session.recipe.order[-1]
    return {name: evaluation.value(node, image=name).scale for name in ("a", "b")}


@pytest.mark.parametrize("nodes", [("Load",), ("Load", "SetScale")])
def test_one_image_or_all_and_undone_as_one(nodes: tuple[str, ...]):
    session = Session(recipe=chain(nodes), image=Path("a"))
    last = session.recipe.order[-1]
    hashes = {name: IMAGES[name].drawn_as for name in ("a", "b")}

    def do(edit: Edit) -> None:
        session.seal()
        session.do(edit)

    do(for_all(session, last, Told(100), LINE))
    assert {round(scale.x, 9) for scale in scales(session).values() if scale} == {0.5}
    do(for_image(session, last, hashes["b"], Told(20), LINE))
    both = scales(session)
    assert both["a"] == Scale(0.5, "typed")
    assert both["b"] is not None
    assert (both["b"].x, both["b"].origin) == (0.1, "scale bar")
    assert both["b"].uncertainty == pytest.approx(0.8165 / 200, rel=1e-3)
    do(for_all(session, last, Told(0.7, per_px=True), None))
    assert set(scales(session).values()) == {Scale(0.7, "typed")}
    session.undo()
    assert scales(session) == both
    session.undo()
    assert scales(session)["b"] == Scale(0.5, "typed")
    assert not [mark for mark in session.marks.load(hashes["b"], last).marks if mark.tool in CALIBRATING]


def test_all_images_are_those_that_tell_a_size_too():
    recipe = chain(("Load", "SetScale")).with_setting("set_scale", "where", "images without a scale")
    session = Session(recipe=recipe.with_setting("load", "pixel_size", 3.0), image=Path("a"))
    session.do(for_all(session, "load", Told(0.7, per_px=True), None))
    assert set(scales(session).values()) == {Scale(0.7, "typed")}


def test_a_locked_recipe_keeps_its_pixel_size():
    session = Session(recipe=chain(("Load",)), image=Path("a"))
    session.set_locked(True)
    for tell in (
        lambda: for_all(session, "load", Told(1), LINE),
        lambda: for_image(session, "load", "ab" * 16, Told(1), LINE),
    ):
        with pytest.raises(Problem, match="locked"):
            tell()


def test_without_a_line_a_length_says_nothing():
    session = Session(recipe=chain(("Load",)), image=Path("a"))
    with pytest.raises(Problem, match="Drag a line"):
        for_all(session, "load", Told(200), None)


def test_files_that_tell_another_pixel_size_are_named(tmp_path: Path):
    import tifffile

    def told(name: str, um: float) -> Path:
        per_cm = (1e4 / um, 1e4 / um)
        tifffile.imwrite(tmp_path / name, np.zeros((9, 9), np.uint8), resolution=per_cm, resolutionunit="CENTIMETER")
        return tmp_path / name

    untold = tmp_path / "untold.tif"
    tifffile.imwrite(untold, np.zeros((9, 9), np.uint8))
    (tmp_path / "broken.tif").write_text("none")
    images = [told("a.tif", 0.31), told("b.tif", 0.52), told("c.tif", 0.31), untold, tmp_path / "broken.tif"]
    found = told_otherwise(images, 0.31)
    assert list(found) == ["b.tif"]
    assert in_words(found, 5).startswith("1 of 5 files tells another pixel size: b.tif (0.52 µm")
