"""What moves the number: the results with every exposed setting a tenth lower and a tenth higher."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.run import Progress, batch_nodes
from graingraph.engine.declare.injected import NOT_MOVED, MovedSettings
from graingraph.engine.declare.settings import Setting
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Exposed
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Result, Table

SHARE = 0.1
"""By what share of its value a setting is moved."""
AT_MOST = 2.0
"""So many times as long as the results themselves take, it may take all together."""


@dataclass(frozen=True)
class Moved:
    """What a result becomes with one setting at ``low`` and at ``high``, measured on some of the images.

    ``before`` is the result on the same images with the setting as it is; ``result`` that of all images, with the
    interval that tells how much its value may be moved. A value is NaN where the recipe fails with that setting.
    ``calibrates`` where the setting tells the pixel size, whose uncertainty is known and no tenth.
    """

    label: str
    low: float
    high: float
    result: Result
    before: float
    at_low: float
    at_high: float
    calibrates: bool = False

    @property
    def shifts(self) -> tuple[float, float]:
        """By how much the value moves at the low and at the high setting."""
        return self.at_low - self.before, self.at_high - self.before

    @property
    def furthest(self) -> float:
        """By how much the value moves at most, in either direction; infinite where the recipe fails."""
        return max(math.inf if math.isnan(shift) else abs(shift) for shift in self.shifts)

    @property
    def beyond(self) -> bool:
        """Whether it moves by more than half of the interval's width, or the recipe fails.

        Never without an interval, and never the pixel size, which is not a matter of choice.
        """
        if self.calibrates:
            return False
        return self.furthest > self.result.half_width


@dataclass(frozen=True)
class Sensitivity:
    """Everything that was moved, on how many images of how many, and the labels for which the time did not last."""

    moved: tuple[Moved, ...]
    images: int
    of: int
    left_out: tuple[str, ...]

    @property
    def standard(self) -> dict[str, float]:
        """What the settings add to the standard uncertainty of each result, by its quantity.

        Each setting is as likely anywhere within its tenth (GUM 4.3.7: the furthest shift by √3), and they are
        independent; NaN where the recipe fails with one. Nothing where not all of them were tried. The pixel size is
        left out, as it has an uncertainty of its own.
        """
        if self.left_out:
            return {}
        squares: dict[str, float] = {}
        for one in self.moved:
            if one.calibrates:
                continue
            squares[one.result.quantity] = squares.get(one.result.quantity, 0.0) + one.furthest**2 / 3
        return {name: math.sqrt(sum_) if math.isfinite(sum_) else math.nan for name, sum_ in squares.items()}

    @property
    def beyond(self) -> tuple[str, ...]:
        """A sentence for each setting that moves a result by more than its interval."""
        return tuple(
            f"{one.label} moves {one.result.quantity} by more than its 95 % interval; settle it before you rely on the "
            "result."
            for one in self.moved
            if one.beyond
        )


def sensitivity(
    recipe: Recipe,
    image_set: ImageSet,
    store: Store,
    progress: Callable[[float, str], None] = lambda done, what: None,
    took: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    cancelled: Callable[[], bool] = lambda: False,
) -> Sensitivity:
    """Compute the results, then again with every exposed number moved, on as many images as the time allows.

    What does not depend on a setting is taken from the store. ``Problem`` where no number is exposed or the recipe has
    no results over images. ``took`` is how long (s) the results have taken where the store has their tables already:
    all this takes as long again at most.
    """
    settings = list(_numbers(recipe))
    if not settings:
        raise Problem("The recipe exposes no number; expose the settings whose influence you want to know.")
    start = clock()
    progress(0.0, "the results")
    whole = _results(recipe, image_set, store, cancelled)
    if not whole:
        raise Problem("The recipe has no results over images; wire Distribution or GrainSizeOfFields.")
    limit = AT_MOST * (clock() - start) if took is None else (AT_MOST - 1) * took
    count = max(1, len(image_set) // (2 * len(settings)))
    last = ImageSet(dict(list(image_set.items())[-count:]))  # what was computed last is still in the store
    before = _results(recipe, last, store, cancelled)
    first = clock()
    found: list[Moved] = []
    left_out: list[str] = []
    for place, (item, setting, value) in enumerate(settings):
        spent = clock() - first
        if place and clock() - start + spent / place > limit:
            left_out.append(item.label)
            continue
        progress((1 + place) / (1 + len(settings)), item.label)
        declared = recipe.steps[item.node].declared
        calibrates = declared is not None and declared.calibrated is not None
        low, high = _moved(setting, value)
        ends = [_with(recipe, item, end, last, store, cancelled) for end in (low, high)]
        for quantity, result in whole.items():
            if quantity in before:
                at = [end[quantity].value if quantity in end else math.nan for end in ends]
                found.append(Moved(item.label, low, high, result, before[quantity].value, at[0], at[1], calibrates))
    return Sensitivity(tuple(found), count, len(image_set), tuple(left_out))


def of_batch(
    recipe: Recipe,
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    cancelled: Callable[[], bool] = lambda: False,
) -> MovedSettings:
    """What moving the settings shows on the images that a batch has measured, in as long again as these took."""
    good = {name: image_set[name] for name, row in progress.rows.items() if row["Status"] == "ok"}
    if not good:
        return NOT_MOVED
    took = sum(row["Seconds"] for row in progress.rows.values())
    found = sensitivity(recipe, ImageSet(good), place.store(), took=took, cancelled=cancelled)
    return MovedSettings(found.standard, found.beyond)


def _numbers(recipe: Recipe) -> Iterator[tuple[Exposed, Setting, float]]:
    """The exposed settings that are numbers other than 0 and have an effect."""
    for item in recipe.exposed:
        step = recipe.steps.get(item.node)
        setting = step.declared.setting(item.setting) if step is not None and step.declared else None
        if step is None or setting is None or setting.kind not in (int, float) or not setting.applies(step.settings):
            continue
        value = float(step.settings[setting.name])
        if value:
            yield item, setting, value


def _moved(setting: Setting, value: float) -> tuple[float, float]:
    """The value a tenth lower and higher, a whole number by at least 1, within what is allowed."""
    step = abs(value) * SHARE
    if setting.kind is int:
        step = max(1.0, round(step))
    ends = value - step, value + step
    if setting.range is not None:
        ends = max(ends[0], setting.range.low), min(ends[1], setting.range.high)
    return ends


def _with(
    recipe: Recipe, item: Exposed, value: float, images: ImageSet, store: Store, cancelled: Callable[[], bool]
) -> dict[str, Result]:
    try:
        return _results(recipe.with_setting(item.node, item.setting, value), images, store, cancelled)
    except Problem:
        return {}


def _results(recipe: Recipe, images: ImageSet, store: Store, cancelled: Callable[[], bool]) -> dict[str, Result]:
    """The results over all these images together, by quantity."""
    evaluation = Evaluation(recipe, images, store, cancelled=cancelled)
    found: dict[str, Result] = {}
    for node, declared in batch_nodes(recipe).items():
        if declared.gives(Table):
            for value in evaluation.outputs(node).values():
                found |= {one.quantity: one for one in value.results} if isinstance(value, Table) else {}
    return found
