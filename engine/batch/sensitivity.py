"""What moves the number: every exposed setting a tenth lower and higher, and images taken a little otherwise."""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from graingraph.engine.batch.image_job import BatchPaths
from graingraph.engine.batch.run import Progress, batch_nodes
from graingraph.engine.declare.injected import NOT_MOVED, MovedSettings, Source
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
"""So many times as long as the results themselves take, it may take all together; disturbed images once more."""


@dataclass(frozen=True)
class Disturbance:
    """Images as they could have been, from ``low`` to ``high``; ``disturbed`` makes one so.

    ``enters`` names the line of an uncertainty budget that what it moves is entered in.
    """

    label: str
    low: float
    high: float
    enters: str
    disturbed: Callable[[Source, float], Source]


@dataclass(frozen=True)
class Moved:
    """What a result becomes with one setting at ``low`` and at ``high``, measured on some of the images.

    ``before`` is the result on the same images with the setting as it is; ``result`` that of all images, with the
    interval that tells how much its value may be moved. A value is NaN where the recipe fails with that setting.
    ``calibrates`` where the setting tells the pixel size, whose uncertainty is known and no tenth; ``enters`` is the
    line of a budget where images were disturbed in place of a setting.
    """

    label: str
    low: float
    high: float
    result: Result
    before: float
    at_low: float
    at_high: float
    calibrates: bool = False
    enters: str = ""

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

        Never without an interval, and never the pixel size, which is not a matter of choice, or an image that cannot
        be disturbed.
        """
        if self.calibrates or (self.enters and not math.isfinite(self.furthest)):
            return False
        return self.furthest > self.result.half_width


@dataclass(frozen=True)
class Sensitivity:
    """Everything that was moved, on how many images of how many, and the labels for which the time did not last.

    ``complete`` where that were no settings.
    """

    moved: tuple[Moved, ...]
    images: int
    of: int
    left_out: tuple[str, ...]
    complete: bool = True

    @property
    def standard(self) -> dict[str, float]:
        """What the settings add to the standard uncertainty of each result, by its quantity.

        Each setting is as likely anywhere within its tenth (GUM 4.3.7: the furthest shift by √3), and they are
        independent; NaN where the recipe fails with one. Nothing where not all of them were tried. The pixel size is
        left out, as it has an uncertainty of its own.
        """
        if not self.complete:
            return {}
        return _standard(one for one in self.moved if not one.calibrates and not one.enters)

    @property
    def disturbed(self) -> dict[str, dict[str, float]]:
        """The same of what disturbed images add, by the line of a budget that it enters."""
        lines = dict.fromkeys(one.enters for one in self.moved if one.enters)
        return {line: _standard(one for one in self.moved if one.enters == line) for line in lines}

    @property
    def beyond(self) -> tuple[str, ...]:
        """A sentence for each setting that moves a result by more than its interval."""
        return tuple(
            f"{one.label} moves {one.result.quantity} by more than its 95 % interval; settle it before you rely on the "
            "result."
            for one in self.moved
            if one.beyond
        )


def _standard(moved: Iterable[Moved]) -> dict[str, float]:
    squares: dict[str, float] = {}
    for one in moved:
        squares[one.result.quantity] = squares.get(one.result.quantity, 0.0) + one.furthest**2 / 3
    return {name: math.sqrt(sum_) if math.isfinite(sum_) else math.nan for name, sum_ in squares.items()}


@dataclass(frozen=True)
class _Trial:
    """Something to move; ``moved`` gives a recipe and its images with it at one of the ends."""

    label: str
    ends: tuple[float, float]
    moved: Callable[[Recipe, ImageSet, float], tuple[Recipe, ImageSet]]
    calibrates: bool = False
    enters: str = ""


def sensitivity(
    recipe: Recipe,
    image_set: ImageSet,
    store: Store,
    progress: Callable[[float, str], None] = lambda done, what: None,
    took: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    cancelled: Callable[[], bool] = lambda: False,
    disturbances: Sequence[Disturbance] = (),
) -> Sensitivity:
    """Compute the results, then again with every exposed number moved, on as many images as the time allows.

    Last come the images disturbed. What does not depend on a setting is taken from the store. ``Problem`` where no
    number is exposed and nothing is disturbed, or the recipe has no results over images. ``took`` is how long (s) the
    results have taken where the store has their tables already: all this takes as long again at most.
    """
    trials = list(_trials(recipe, disturbances))
    if not trials:
        raise Problem("The recipe exposes no number; expose the settings whose influence you want to know.")
    start = clock()
    progress(0.0, "the results")
    whole = _results(recipe, image_set, store, cancelled)
    if not whole:
        raise Problem("The recipe has no results over images; wire Distribution or GrainSizeOfFields.")
    once = clock() - start if took is None else took
    limit = AT_MOST * once if took is None else (AT_MOST - 1) * once
    count = max(1, len(image_set) // (2 * len(trials)))
    last = ImageSet(dict(list(image_set.items())[-count:]))  # what was computed last is still in the store
    before = _results(recipe, last, store, cancelled)
    first = clock()
    found: list[Moved] = []
    left_out: list[_Trial] = []
    for place, trial in enumerate(trials):
        spent = clock() - first
        if place and clock() - start + spent / place > limit + once * bool(trial.enters):
            left_out.append(trial)
            continue
        progress((1 + place) / (1 + len(trials)), trial.label)
        ends = [_results_at(trial, end, recipe, last, store, cancelled) for end in trial.ends]
        for quantity, result in whole.items():
            if quantity in before:
                at = [end[quantity].value if quantity in end else math.nan for end in ends]
                low, high = trial.ends
                shown = before[quantity].value
                found.append(Moved(trial.label, low, high, result, shown, at[0], at[1], trial.calibrates, trial.enters))
    complete = all(trial.enters for trial in left_out)
    return Sensitivity(tuple(found), count, len(image_set), tuple(trial.label for trial in left_out), complete)


def _trials(recipe: Recipe, disturbances: Iterable[Disturbance]) -> Iterator[_Trial]:
    for item, setting, value in _numbers(recipe):
        declared = recipe.steps[item.node].declared
        calibrates = declared is not None and declared.calibrated is not None
        ends = _moved([setting, *_linked(recipe, item)], value)
        yield _Trial(item.label, ends, partial(_with_setting, item), calibrates)
    for one in disturbances:
        yield _Trial(one.label, (one.low, one.high), partial(_with_images, one), enters=one.enters)


def _with_setting(item: Exposed, recipe: Recipe, images: ImageSet, end: float) -> tuple[Recipe, ImageSet]:
    return recipe.with_setting(item.node, item.setting, end), images


def _with_images(one: Disturbance, recipe: Recipe, images: ImageSet, end: float) -> tuple[Recipe, ImageSet]:
    return recipe, ImageSet({name: one.disturbed(source, end) for name, source in images.items()})


def of_batch(
    recipe: Recipe,
    image_set: ImageSet,
    place: BatchPaths,
    progress: Progress,
    cancelled: Callable[[], bool] = lambda: False,
    disturbances: Sequence[Disturbance] = (),
) -> MovedSettings:
    """What moving the settings, and disturbing the images, shows of what a batch has measured, in as long again."""
    good = {name: image_set[name] for name, row in progress.rows.items() if row["Status"] == "ok"}
    if not good:
        return NOT_MOVED
    took = sum(row["Seconds"] for row in progress.rows.values())
    found = sensitivity(
        recipe, ImageSet(good), place.store(), took=took, cancelled=cancelled, disturbances=disturbances
    )
    return MovedSettings(found.standard, found.beyond, found.disturbed)


def _numbers(recipe: Recipe) -> Iterator[tuple[Exposed, Setting, float]]:
    """The exposed settings that are numbers other than 0 and have an effect; of linked ones the first."""
    for item in recipe.first_of_linked(recipe.exposed):
        setting = recipe.setting(item.node, item.setting)
        if setting is None or setting.kind not in (int, float):
            continue
        values = recipe.steps[item.node].settings
        if not setting.applies(values):
            continue
        value = float(values[setting.name])
        if value:
            yield item, setting, value


def _linked(recipe: Recipe, item: Exposed) -> Iterator[Setting]:
    """The other settings that move with one."""
    for ref in sorted(recipe.linked(item.node, item.setting) - {(item.node, item.setting)}):
        setting = recipe.setting(*ref)
        if setting is not None:
            yield setting


def _moved(settings: Sequence[Setting], value: float) -> tuple[float, float]:
    """The value a tenth lower and higher, a whole number by at least 1, within what all of the settings allow."""
    step = abs(value) * SHARE
    if settings[0].kind is int:
        step = max(1.0, round(step))
    ends = value - step, value + step
    for setting in settings:
        if setting.range is not None:
            ends = max(ends[0], setting.range.low), min(ends[1], setting.range.high)
    return ends


def _results_at(
    trial: _Trial, end: float, recipe: Recipe, images: ImageSet, store: Store, cancelled: Callable[[], bool]
) -> dict[str, Result]:
    """The results with something moved to an end; none where the recipe fails so."""
    try:
        return _results(*trial.moved(recipe, images, end), store, cancelled)
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
