"""Whether a grain size may be reported, and if not, why: what ASTM E112 asks of a measurement, and what shows in the
numbers themselves when the boundaries are not what it takes them for."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graingraph.engine.values.notes import Note, of_kind
from graingraph.engine.values.wording import ROUNDING, counted, short
from graingraph.nodes.imaging.stereology.over_fields import OverFields

NO_SCALE = "there is no pixel size"
ABOUT = "grain size"
"""What the note judges."""
COARSE = 10.0
"""Mean intercept in pixels below which the digitised boundaries bias it by more than 2 %."""
THICK = 1 / 6
"""Width of the drawn boundaries by the mean intercept above which what they hide can no longer be made good."""
FEWEST_GRAINS = 50
"""Grains that a field should show at least (ASTM E112)."""
FEWEST_FIELDS = 5
"""Fields that a specimen needs at least (ASTM E112)."""
ACCURATE = 10.0
"""Relative accuracy in per cent that E112 finds good enough for most purposes."""
FURTHEST_APART = 0.5
"""Between G by grains and by intercepts; sections of equiaxed grains differ by 0.2."""
MOST_OPEN = 0.05
"""Share of the boundary network that may end inside a grain."""
MOST_UNLIKE = 0.2
"""By how much crossings per length may differ between directions before grains are not equiaxed (E112: report each
direction)."""


ALIKE = 0.005
"""Two fields that agree by this share in every one of at least ``FEWEST_NUMBERS`` numbers are one image twice; a grey
level changed here and there leaves them so. Seven numbers that scatter by 5 % agree so once in some ten million."""
FEWEST_NUMBERS = 6
NOTHING = "no field holds anything to measure it by"


@dataclass(frozen=True)
class Network:
    """What is known of the boundaries in one field, or in all fields of a specimen together.

    ``per_length`` are the crossings per length in each direction. Numbers that are not known are NaN.
    """

    scaled: bool
    fewest_grains: float
    without_crossing: int
    g_planimetric: float
    g_intercept: float
    open_share: float
    per_length: Sequence[float]


@dataclass(frozen=True)
class Sampling:
    """How many fields there are, and how accurate the mean over them is in per cent (NaN: not known)."""

    fields: int
    accuracy: float


def reasons(network: Network, sampling: Sampling | None = None) -> list[str]:
    """Why the grain size is not reportable; empty where it is. ``sampling`` is what all fields of a specimen give."""
    found = [] if network.scaled else [NO_SCALE]
    found += [] if sampling is None else of_sampling(sampling)
    if network.fewest_grains < FEWEST_GRAINS:
        grains = counted(network.fewest_grains, "grain")
        found.append(f"a field shows {grains} of at least {FEWEST_GRAINS}")
    if network.without_crossing:
        found.append(f"{counted(network.without_crossing, 'field has', 'fields have')} no crossing")
    apart = abs(network.g_planimetric - network.g_intercept)
    if apart > FURTHEST_APART:
        found.append(
            f"G by grains ({network.g_planimetric:.1f}) and by intercepts ({network.g_intercept:.1f}) differ by "
            f"{apart:.1f}, so the boundaries are incomplete, too many, or the grains elongated"
        )
    if network.open_share > MOST_OPEN:
        found.append(f"{100 * network.open_share:.0f} % of the boundary network ends inside a grain")
    unlike = unlikeness(network.per_length)
    if math.isinf(unlike):
        found.append("the lines of a direction meet no boundary")
    elif unlike > MOST_UNLIKE:
        found.append(f"crossings per length differ by {100 * unlike:.0f} % between directions")
    return found


def of_sampling(sampling: Sampling) -> list[str]:
    """Why the mean of anything over these fields is not reportable; empty where it is."""
    found = []
    if sampling.fields < FEWEST_FIELDS:
        found.append(f"{counted(sampling.fields, 'field')} of at least {FEWEST_FIELDS}")
    if sampling.accuracy > ACCURATE:
        found.append(f"the relative accuracy is {short(sampling.accuracy, 2)} %, not {ACCURATE:g} % or better")
    return found


def of_mean(unit: str, mean: OverFields, *, extreme: bool = False) -> list[str]:
    """Why a mean over fields in this unit is not reportable: without a pixel size it is in px, or for its sampling.

    Nor is what no field tells, what only one does, or what is the same to the last digit in all of them; an ``extreme``
    has no interval by which to see that.
    """
    found = [NO_SCALE] if "px" in unit else []
    if not math.isfinite(mean.value):
        return [*found, NOTHING]
    found += of_sampling(Sampling(mean.fields, mean.relative_accuracy))
    if extreme or mean.fields < FEWEST_FIELDS or at_its_end(unit, mean):
        return found
    if not math.isfinite(mean.half_width):
        found.append("only one field holds anything to measure it by")
    elif mean.half_width <= ROUNDING * abs(mean.value):
        found.append("it is the same to the last digit in every field, as of one image taken several times")
    return found


def at_its_end(unit: str, mean: OverFields) -> bool:
    """Whether it is 0, or 100 %, in each of several fields, so that no interval shows how far it may be from it."""
    return mean.fields > 1 and not mean.half_width > 0 and (mean.value == 0 or (unit == "%" and mean.value == 100))


def note_at_its_end(quantity: str, unit: str, mean: OverFields) -> str:
    """What to say of one that is ``at_its_end``."""
    every = f"{quantity}: {short(mean.value, 3)} {unit}".rstrip()
    return f"{every} in every field, so there is no interval that shows how far from it the specimen may be."


def unlikeness(per_length: Sequence[float]) -> float:
    """By what share the most crossings per length of all directions exceed the fewest; NaN where there are none."""
    numbers = np.asarray(per_length, float)
    if not numbers.size or not np.isfinite(numbers).all() or numbers.max() == 0:
        return math.nan
    return float(numbers.max() / numbers.min() - 1) if numbers.min() > 0 else math.inf


def twice(names: Sequence[str], numbers: Sequence[np.ndarray]) -> list[str]:
    """A reason for each two fields, by name, whose numbers (each float (fields,)) say that they are one image."""
    rows = np.stack([np.asarray(column, float) for column in numbers], axis=1) if len(numbers) else np.empty((0, 0))
    if rows.shape[1] < FEWEST_NUMBERS:
        return []
    found = []
    for k in range(1, len(rows)):
        # A number that is missing or 0 in both fields agrees; one that is so in one of them does not.
        apart = np.abs(rows[:k] - rows[k]) > ALIKE * np.maximum(np.abs(rows[:k]), np.abs(rows[k]))
        apart |= np.isnan(rows[:k]) != np.isnan(rows[k])
        told = np.isfinite(rows[k]) & (rows[k] != 0)
        if np.count_nonzero(told) >= FEWEST_NUMBERS:
            found += [f"{names[j]} and {names[k]} are one image twice" for j in np.flatnonzero(~apart.any(axis=1))[:1]]
    return found


def of_notes(notes: Iterable[Note], but: str = "") -> tuple[str, ...]:
    """Why nothing that is measured of a value with these notes is reportable; without those about ``but``."""
    refusals = of_kind(notes, "not reportable")
    return tuple(dict.fromkeys(one.text.rstrip(".") for one in refusals if not one.about or one.about != but))


def refusal(found: Sequence[str], about: str = ABOUT, *, of: str = "", beside: Iterable[Note] = ()) -> list[Note]:
    """The reasons as a note, those ``of`` one phase after its name; none where notes ``beside`` it give all of them.

    What judges more fields anew replaces it.
    """
    told = of_notes(beside)
    own = "; ".join(reason for reason in found if reason not in told)
    return [Note("not reportable", f"{of}: {own}.".removeprefix(": "), about=about)] if own else []
