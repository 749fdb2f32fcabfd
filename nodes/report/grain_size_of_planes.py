"""GrainSizeOfPlanes: one grain size from sections in three planes, for grains that are not equiaxed."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.problem import Problem
from graingraph.engine.values import PerImage, Result, Table
from graingraph.engine.values.wording import short, with_uncertainty
from graingraph.nodes.imaging.stereology.over_fields import OverFields, geometric_mean, ratio
from graingraph.nodes.imaging.stereology.statistics import spread
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.reportable import ABOUT, Sampling, of_mean, of_notes, of_sampling, refusal
from graingraph.nodes.tables.specimens import PLANE, rows_of
from graingraph.nodes.tables.stated import Group, Stated, of_specimens, statistics

PLANES = ("longitudinal", "transverse", "planar")
MEAN = "Mean intercept of three planes"
_ALONG, _ACROSS = "Crossings per length 0°", "Crossings per length 90°"
_INTERCEPT, _LINE, _GRAINS, _AREA = "Mean intercept circles", "Test line circles", "Grains per area", "Field area"


class GrainSizeOfPlanes(NamedTuple):
    """The fields' rows under the grain size of all three planes, and its statistics."""

    table: Table
    statistics: Table


@node(
    "GrainSizeOfPlanes",
    category="Report",
    synonyms=(
        "ASTM E112",
        "three planes",
        "non-equiaxed",
        "elongated grains",
        "rolled",
        "anisotropy index",
        "longitudinal",
        "transverse",
        "planar",
    ),
)
def grain_size_of_planes(tables: PerImage[Table], specimens: PerImage[Table]) -> GrainSizeOfPlanes:
    """Measure the grain size of elongated grains from sections in the longitudinal, transverse and planar plane.

    Takes the tables of GrainSize and, from Specimen, the plane of each image: {plane} in the file name, or a column
    Plane in its table, with the names longitudinal, transverse, planar or their beginnings (l, t, p). The mean
    intercept is (l · t · p)^⅓ of the three planes, by circles, and grains per area likewise, each plane over its own
    fields; the 95 % confidence interval is that of the logarithm by the delta method. The anisotropy index of a plane
    is how many more crossings a length has on columns than on rows: lay the longer grain direction along the rows (the
    rolling direction, in the transverse plane the width). With several specimens, the mean is that of the specimens.
    Not reportable under five fields a plane, with a relative accuracy over 10 %, or where a plane is missing; that
    grains are elongated is no reason here.

    Standard: ASTM E112, specimens with non-equiaxed grains. Oracle: sections of 3-D Voronoi grains stretched 1 : 2 : 4,
    whose intercepts in the three planes are known exactly. Known error: mean intercept and anisotropy indices are 1 %
    too large or less from a mean intercept of 12 px on; of 25 intervals of five fields a plane, 23 held the truth.
    Limits and factors are from memory of the standard, not read in it: compare them with your edition.
    """
    fields = pool(tables, specimens)
    needed = {_INTERCEPT, _LINE, _GRAINS, _AREA, _ALONG, _ACROSS}
    if not needed <= fields.columns.keys():
        raise Problem("Wire the table of GrainSize into GrainSizeOfPlanes; this one has other columns.")
    fields = replace(fields, columns={**fields.columns, PLANE: _planes(fields)})
    groups = of_specimens(fields, _measure, of_notes(fields.notes, but=ABOUT))
    whole = groups[-1]
    of_all = statistics(groups)
    results = (*(result for group in groups for result in _numbers(group)), *of_all.results)
    why = next(one.reasons for one in whole.stated if one.quantity == MEAN)
    kept = tuple(said for said in fields.notes if said.about != ABOUT)
    notes = (*refusal(why, beside=kept), *kept)
    table = replace(fields, headline=_headline(whole), results=results, notes=notes)
    return GrainSizeOfPlanes(
        table, replace(of_all, headline=table.headline, results=results, notes=notes, fields=table.fields)
    )


def _planes(fields: Table) -> np.ndarray:
    """The plane of each field by its full name."""
    told = fields.columns.get(PLANE)
    if told is None:
        raise Problem(
            "Specimen tells no plane of section; put {plane} into its pattern, or a column Plane into its table."
        )
    found = []
    for name, image in zip(told.tolist(), fields.columns["Image"].tolist(), strict=True):
        plane = next((plane for plane in PLANES if name and plane.startswith(str(name).casefold())), None)
        if plane is None:
            raise Problem(f"The plane “{name}” of {image} is none of {', '.join(PLANES)}; call it by one of them.")
        found.append(plane)
    return np.array(found, object)


def _measure(fields: Table) -> Sequence[Stated]:
    """What is stated of the fields of one specimen."""
    from graingraph.nodes.tables.grain_size_fields import network_reasons

    column = {name: np.asarray(fields.columns[name], float) for name in fields.quantities}
    per_line = 1000.0 if fields.units[_INTERCEPT] == "µm" else 1.0
    line, area = column[_LINE] * per_line, column[_AREA]
    crossings = np.nan_to_num(line / column[_INTERCEPT])
    of = {plane: fields.columns[PLANE] == plane for plane in PLANES}
    why = {
        plane: [
            f"{plane} plane: {reason}"
            for reason in (
                *of_sampling(Sampling(int(rows.sum()), math.nan)),
                *(network_reasons(rows_of(fields, rows)) if rows.any() else []),
            )
        ]
        for plane, rows in of.items()
    }
    of_all = [reason for reasons in why.values() for reason in reasons]
    unit, per_area = fields.units[_INTERCEPT], fields.units[_GRAINS]

    def stated(
        quantity: str, unit: str, found: OverFields, reasons: Sequence[str], each: Sequence[float] | np.ndarray = ()
    ) -> Stated:
        own = [] if not unit else of_mean(unit, found)
        known = np.asarray(each, float)
        return Stated(quantity, unit, found, spread(known[np.isfinite(known)]), tuple(dict.fromkeys((*reasons, *own))))

    mean = geometric_mean([(line[rows], crossings[rows]) for rows in of.values()])
    density = geometric_mean([((column[_GRAINS] * area)[rows], area[rows]) for rows in of.values()])
    found = [
        stated(MEAN, unit, mean, of_all),
        stated("Grains per area of three planes", per_area, density, of_all),
    ]
    for plane, rows in of.items():
        found += [
            stated(
                f"Mean intercept, {plane}",
                unit,
                ratio(line[rows], crossings[rows]),
                why[plane],
                column[_INTERCEPT][rows],
            ),
            stated(
                f"Anisotropy index, {plane}",
                "",
                ratio((column[_ACROSS] * area)[rows], (column[_ALONG] * area)[rows]),
                why[plane],
                (column[_ACROSS] / column[_ALONG])[rows],
            ),
        ]
    return found


def _numbers(group: Group) -> list[Result]:
    """The ASTM grain size number of the mean intercept, where there is a pixel size."""
    from graingraph.nodes.imaging.stereology.stereology import g_from_intercept
    from graingraph.nodes.tables.grain_size_fields import G_PER_SCALE

    mean = next(one for one in group.stated if one.quantity == MEAN)
    if mean.unit != "µm" or not math.isfinite(mean.mean.value):
        return []
    g, high, low = (g_from_intercept(um / 1000) for um in (mean.mean.value, mean.mean.low, mean.mean.high))
    return [
        Result(
            "ASTM grain size number G, three planes",
            "",
            g,
            low,
            high,
            group.count,
            group.over,
            specimen=group.specimen,
            reasons=mean.reasons,
            per_scale=-G_PER_SCALE,
        )
    ]


def _headline(whole: Group) -> str:
    stated = {one.quantity: one for one in whole.stated}
    mean = stated[MEAN].mean
    if not math.isfinite(mean.value):
        return "no grain size: fields of all three planes are needed"
    number = "".join(f"ASTM grain size number G {one.value:.1f}, " for one in _numbers(whole))
    size = with_uncertainty(mean.value, mean.half_width, stated[MEAN].unit)
    indices = [short(stated[f"Anisotropy index, {plane}"].mean.value, 2) for plane in PLANES]
    return f"{number}mean intercept {size} in three planes ({whole.how_many}); anisotropy {' · '.join(indices)}"
