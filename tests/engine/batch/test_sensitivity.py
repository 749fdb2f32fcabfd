"""What moves the number, on a recipe whose results are known functions of its settings."""

import math
from collections import Counter
from dataclasses import replace
from typing import Annotated

import numpy as np
import pytest

from graingraph.engine.batch.sensitivity import Disturbance, Moved, Sensitivity, sensitivity
from graingraph.engine.declare.injected import Source
from graingraph.engine.declare.node import REGISTRY, node
from graingraph.engine.declare.settings import Range
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Exposed, SettingRef, Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Image, PerImage, Result, Table

calls: Counter[str] = Counter()


@pytest.fixture
def recipe() -> Recipe:
    """Load → measure (value = mean grey · factor + whole number) → the mean over images, ± 0.5."""

    @node("MovedLoad", category="Input")
    def load(*, source: Source) -> Image:
        """Read an image."""
        calls["load"] += 1
        assert source.pixels is not None
        return Image(source.pixels)

    @node("MovedMeasure", category="Measure")
    def measure(
        image: Image, *, factor: Annotated[float, Range(0, 1)] = 1.0, steps: Annotated[int, Range(1, 9)] = 3
    ) -> Table:
        """Measure an image.

        Settings:
            factor: Times the grey.
            steps: Added to it.
        """
        calls["measure"] += 1
        if steps > 3:
            raise Problem("Too many steps.")
        return Table({"Value": np.array([factor * image.pixels.mean() + steps])}, {}, "fields")

    @node("MovedMean", category="Report")
    def mean(tables: PerImage[Table]) -> Table:
        """Take the mean over images."""
        value = float(np.mean([table.columns["Value"][0] for _, table in tables.good()] or [math.nan]))
        if math.isnan(value):
            raise Problem("No image could be measured.")
        return Table({}, {}, "statistics", results=(Result("Value", "", value, value - 0.5, value + 0.5, 4),))

    recipe, names = Recipe(), []
    for name in ("MovedLoad", "MovedMeasure", "MovedMean"):
        recipe, new = recipe.add(name, (0.0, 0.0))
        names.append(new)
    recipe = recipe.connect(Wire(names[0], "image", names[1], "image"))
    recipe = recipe.connect(Wire(names[1], "table", names[2], "tables"))
    recipe = recipe.with_exposed([Exposed(names[1], "factor", "Factor"), Exposed(names[1], "steps", "Steps")])
    calls.clear()
    yield recipe
    for name in ("MovedLoad", "MovedMeasure", "MovedMean"):
        del REGISTRY[name]


def images(count: int) -> ImageSet:
    return ImageSet.of_arrays({f"{k}.png": np.full((4, 4), 10 + k, np.uint8) for k in range(count)})


def test_every_exposed_number_is_moved_by_a_tenth_within_its_range(recipe: Recipe) -> None:
    found = sensitivity(recipe, images(4), Store(), clock=lambda: 0.0)
    by_label = {one.label: one for one in found.moved}
    factor = by_label["Factor"]
    assert (factor.low, factor.high) == (0.9, 1.0)
    assert factor.before == pytest.approx(13 + 3)
    assert factor.result.value == pytest.approx(11.5 + 3)
    assert factor.shifts == pytest.approx((-1.3, 0.0))
    assert factor.beyond
    assert found.standard.keys() == {"Value"}
    assert (found.images, found.of) == (1, 4)


def test_linked_settings_are_one_bar_and_move_together(recipe: Recipe) -> None:
    exposed = recipe.exposed[0]
    more, other = recipe.add("MovedMeasure")
    loaded = recipe.wire_into(exposed.node, "image")
    more = more.connect(replace(loaded, target=other))
    more = more.with_links([frozenset({SettingRef(exposed.node, "factor"), SettingRef(other, "factor")})])
    more = more.with_exposed([*recipe.exposed, Exposed(other, "factor", "Other factor")])
    found = sensitivity(more, images(4), Store(), clock=lambda: 0.0)
    assert {one.label for one in found.moved} == {"Factor", "Steps"}
    alone = sensitivity(recipe, images(4), Store(), clock=lambda: 0.0)
    assert found.moved == alone.moved


def test_a_whole_number_moves_by_one_and_a_failing_recipe_is_beyond(recipe: Recipe) -> None:
    steps = next(
        one for one in sensitivity(recipe, images(4), Store(), clock=lambda: 0.0).moved if one.label == "Steps"
    )
    assert (steps.low, steps.high) == (2.0, 4.0)
    assert steps.shifts[0] == pytest.approx(-1)
    assert math.isnan(steps.shifts[1])
    assert steps.beyond


def test_what_does_not_depend_on_a_setting_is_not_computed_again(recipe: Recipe) -> None:
    sensitivity(recipe, images(8), Store(), clock=lambda: 0.0)
    assert calls["load"] == 8
    assert calls["measure"] <= 8 + 2 * 2 * 2


def test_settings_for_which_the_time_does_not_last_are_named(recipe: Recipe) -> None:
    """One look at the clock takes a second: the results one, the first setting as long as there was time for."""
    ticks = iter(range(1000))
    found = sensitivity(recipe, images(4), Store(), clock=lambda: float(next(ticks)))
    assert {one.label for one in found.moved} == {"Factor"}
    assert found.left_out == ("Steps",)


def test_a_recipe_that_exposes_no_number_says_so(recipe: Recipe) -> None:
    with pytest.raises(Problem, match="exposes no number"):
        sensitivity(recipe.with_exposed([]), images(1), Store(), clock=lambda: 0.0)


def test_the_pixel_size_is_no_matter_of_choice() -> None:
    result = Result("Size", "µm", 10.0, 9.9, 10.1, 5)
    level = Moved("Level", 0.9, 1.1, result, 10.0, 9.0, 11.0)
    found = Sensitivity((level, replace(level, label="Pixel size", calibrates=True)), 1, 1, ())
    assert [one.split(" moves")[0] for one in found.beyond] == ["Level"]
    assert found.standard == {"Size": pytest.approx(1 / math.sqrt(3))}


def brighter(source: Source, by: float) -> Source:
    assert source.pixels is not None
    return replace(source, pixels=(source.pixels + by).astype(np.uint8), hash=f"{source.hash}{by}") if by else source


def test_disturbed_images_enter_their_own_line_of_the_budget(recipe: Recipe) -> None:
    light = Disturbance("Light", 0.0, 6.0, "focus_uncertainty", brighter)
    found = sensitivity(recipe, images(4), Store(), clock=lambda: 0.0, disturbances=(light,))
    moved = next(one for one in found.moved if one.label == "Light")
    assert moved.shifts == pytest.approx((0.0, 6.0))
    assert moved.beyond
    assert found.disturbed == {"focus_uncertainty": {"Value": pytest.approx(6 / math.sqrt(3))}}
    without = sensitivity(recipe, images(4), Store(), clock=lambda: 0.0)
    assert found.standard == pytest.approx(without.standard, nan_ok=True)
    assert without.disturbed == {}
    bare = recipe.with_exposed([])
    assert [one.label for one in sensitivity(bare, images(2), Store(), disturbances=(light,)).moved] == ["Light"]
