"""Oracle: class maps written out by hand; invariants of painting."""

import numpy as np
import orjson
import pytest

from graingraph.engine.declare.injected import Mark, Marks
from graingraph.engine.declare.node import REGISTRY
from graingraph.engine.marks.store import content_hash, make_marks
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Image, Labels, Mask, PixelClass, Scale
from graingraph.nodes.draw.trace import TraceClass, classes_of_settings, trace, traced_classes

IMAGE = Image(np.zeros((20, 30), np.uint8), Scale(0.5), name="a.png")
CLASSES = (TraceClass("grain", "#ff0000"), TraceClass("boundary", "#00ff00", 3.0))


def box(x0, y0, x1, y1, layer="grain", tool="rectangle") -> Mark:
    return Mark(f"{x0} {y0} {layer} {tool}", tool, np.array([[x0, y0], [x1, y1]], np.float32), 1.0, layer)


def test_without_marks_everything_is_unlabelled_whatever_the_rest():
    for rest in ("ignore", "class"):
        result = trace(IMAGE, classes=CLASSES, rest=rest, marks=Marks())
        assert (result.pixels == 255).all()
    assert result.scale == IMAGE.scale


def test_later_strokes_cover_earlier_ones_and_the_eraser_unlabels():
    strokes = [
        box(0, 0, 10, 10),
        Mark("p", "pen", np.array([[5.5, -5], [5.5, 30]]), 9.0, "boundary"),
        Mark("e", "eraser", np.array([[5.5, 2.5]]), 1.0),
    ]
    expected = np.full((20, 30), 255)
    expected[:10, :10] = 0
    expected[:, 4:7] = 1  # the width of the class, not of the stroke
    expected[2, 5] = 255
    assert np.array_equal(trace(IMAGE, classes=CLASSES, marks=make_marks(strokes)).pixels, expected)


def test_the_rest_becomes_a_class_or_belongs_to_one():
    marks = make_marks([box(0, 0, 10, 10, "boundary")])
    own = trace(IMAGE, classes=CLASSES, rest="class", rest_name="matrix", marks=marks)
    assert [c.name for c in own.classes] == ["grain", "boundary", "matrix"]
    assert own.pixels[0, 0] == 1
    assert (own.pixels == 2).sum() == 500
    joined = trace(IMAGE, classes=CLASSES, rest="class", rest_name="grain", marks=marks)
    assert [c.name for c in joined.classes] == ["grain", "boundary"]
    assert (joined.pixels == 0).sum() == 500


def test_a_fill_paints_what_strokes_enclose():
    walls = [Mark(str(i), "pen", np.array([[a, 0], [a, 20.0]]), 1.0, "boundary") for i, a in enumerate((8.5, 20.5))]
    fill = Mark("f", "fill", np.array([[15, 3.0]]), 0.0, "grain")
    result = trace(IMAGE, classes=CLASSES, marks=make_marks([*walls, fill])).pixels
    assert (result[:, 10:19] == 0).all()
    assert (result[:, :7] == 255).all()
    assert (result[:, 22:] == 255).all()


def test_tracing_starts_from_what_the_recipe_found():
    found = np.zeros((20, 30), bool)
    found[5:8] = True
    expected = np.where(found, 0, 255)
    for start in (Mask(found), Labels(found.astype(np.int32) * 7, count=7)):
        assert np.array_equal(trace(IMAGE, start, classes=CLASSES, marks=Marks()).pixels, expected)
    known = ClassMap(np.where(found, 0, 255).astype(np.uint8), classes=(PixelClass("boundary"),))
    assert np.array_equal(trace(IMAGE, known, classes=CLASSES, marks=Marks()).pixels, np.where(found, 1, 255))
    with pytest.raises(Problem, match="'pore'"):
        trace(IMAGE, ClassMap(known.pixels, classes=(PixelClass("pore"),)), classes=CLASSES, marks=Marks())
    with pytest.raises(Problem, match="size"):
        trace(IMAGE, Mask(found[:5].copy()), classes=CLASSES, marks=Marks())


def test_a_changed_start_and_lost_layers_are_said():
    start = Mask(np.zeros((20, 30), bool))
    fresh = make_marks([box(0, 0, 3, 3)], content_hash(start.pixels))
    assert trace(IMAGE, start, classes=CLASSES, marks=fresh).notes == ()
    stale = make_marks([box(0, 0, 3, 3), box(1, 1, 2, 2, "crack")], "feed")
    lost, review = trace(IMAGE, start, classes=CLASSES, marks=stale).notes
    assert "'crack'" in lost.text
    assert review.kind == "needs review"


def test_classes_need_names_of_their_own():
    for classes in ((), (TraceClass("a"), TraceClass("a"))):
        with pytest.raises(Problem, match="class"):
            trace(IMAGE, classes=classes, marks=Marks())


def test_the_node_declares_marks_and_an_optional_start():
    declared = REGISTRY["Trace"]
    assert declared.injected == {"marks": Marks}
    assert [(pin.name, pin.optional) for pin in declared.inputs] == [("image", False), ("start", True)]


def roles(*layers: TraceClass, rest: str = "") -> list[str]:
    return [f"{item.role}{f' of {item.of}' if item.of else ''}" for item in traced_classes(layers, rest)]


def test_a_layer_is_a_boundary_by_the_width_of_its_lines_or_as_it_says():
    assert roles(TraceClass("grain boundary"), TraceClass("grain")) == ["area", "area"]
    assert roles(TraceClass("Linie", width=3), rest="Korn") == ["boundary of Korn", "area"]
    pool, line, metal = TraceClass("pool"), TraceClass("line", width=2), TraceClass("metal")
    assert roles(pool, line, metal) == ["area", "boundary of pool", "area"]
    assert roles(pool, line._replace(of="metal"), metal) == ["area", "boundary of metal", "area"]
    assert roles(pool, line._replace(role="area")) == ["area", "area"]
    assert roles(pool._replace(role="boundary"), metal) == ["boundary of metal", "area"]
    assert roles(line) == ["boundary"]


def test_a_recipe_from_before_roles_is_read_by_the_names_of_its_layers_once():
    def migrated(rest: str, rest_name: str, *rows: tuple[str, float]) -> list[str]:
        settings = {"rest": rest, "rest_name": rest_name}
        settings["classes"] = [{"name": name, "color": "#123456", "width": width} for name, width in rows]
        recipe, _ = Recipe(name="old").add("Trace")
        document = orjson.loads(recipe_file.dump(recipe))
        document["nodes"]["trace"] |= {"version": 1, "settings": settings}
        step = recipe_file.parse(orjson.dumps(document)).steps["trace"]
        return [f"{item.role} {item.of}".strip() for item in classes_of_settings(step.settings)]

    assert migrated("class", "grain", ("grain boundary", 0)) == ["boundary grain", "area"]
    assert migrated("ignore", "rest", ("melt pool", 0), ("melt pool boundary", 6), ("background", 0)) == [
        "area",
        "boundary melt pool",
        "area",
    ]
    assert migrated("ignore", "rest", ("feature", 0), ("matrix", 0)) == ["area", "area"]


def test_a_complete_block_has_a_class_for_what_is_not_traced_and_the_rest_of_the_picture_has_none():
    image = Image(np.zeros((40, 60), np.uint8))
    layers = (TraceClass("grain boundary", width=3),)
    line = Mark("1", "pen", np.array([(0, 20), (60, 20)], np.float32), 3.0, "grain boundary")
    block = Mark("2", "complete", np.array([(10, 10), (30, 35)], np.float32))
    traced = trace(image, classes=layers, rest="class", rest_name="grain", marks=make_marks([line, block]))
    assert not traced.notes
    found = traced.pixels
    assert (found[20] == 0).all()
    inside = found[10:35, 10:30]
    assert ((inside == 0) | (inside == 1)).all()
    outside = np.delete(found, np.s_[10:35], axis=0)
    assert set(np.unique(outside)) == {255}
    whole = trace(image, classes=layers, rest="class", rest_name="grain", marks=make_marks([line])).pixels
    assert set(np.unique(whole)) == {0, 1}
