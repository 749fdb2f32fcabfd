"""ParticleSize: D10, D50 and D90 of particles, their cumulative curve, and whether they are log-normal."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from graingraph.engine.declare.node import node
from graingraph.engine.values import Plot, Table


class ParticleSize(NamedTuple):
    """The statistics, one a row, and the cumulative curve."""

    statistics: Table
    plot: Plot


@node(
    "ParticleSize",
    category="Report",
    version=2,  # 1 reported sizes that hang on particles of few pixels
    synonyms=(
        "D10",
        "D50",
        "D90",
        "particle size distribution",
        "granulometry",
        "cumulative curve",
        "log-normal",
        "Sauter",
        "percentiles",
        "precipitates",
        "powder",
        "ISO 13322-1",
        "ISO 9276",
        "carbides",
        "spheroidisation",
        "gamma prime",
    ),
)
def particle_size(
    table: Table,
    *,
    column: Literal["Equivalent diameter", "Feret max", "Feret min", "Inscribed diameter"] = "Equivalent diameter",
    curve: Literal["number", "area", "volume"] = "volume",
) -> ParticleSize:
    """Give D10, D50 and D90 by number, area and volume, mean diameters, the cumulative curve and a log-normal fit.

    Takes a table of features of all images, such as that of MeasureFeatures through Pool. D50 is the size below which
    half of the particles lie, by their number, area (d²) or volume (d³, as if they were spheres of that diameter); of
    D10 and D90 a tenth and nine tenths. Mean diameter: Σd / n. Sauter diameter D[3,2]: Σd³ / Σd²; volume mean diameter
    D[4,3]: Σd⁴ / Σd³. Intervals are over fields. Features from behind EdgeReject count by their edge weight. The
    log-normal fit has the mean and the standard deviation of ln d; Anderson and Darling's test says with which
    probability log-normal particles would fit as badly: below 5 % they are not log-normal. With Specimen wired to Pool,
    all sizes are of each specimen. Under five fields, or with a relative accuracy over 10 %, a size is not reportable;
    nor is one that would change by over 10 % without the particles under 10 px across, which are easily missed, joined
    or taken for noise. Sizes by number hang on them, those by volume hardly.

    Standard: ISO 13322-1 (static image analysis), ISO 9276-2 (means). Assumes particles seen whole; in a section, round
    particles are cut beside their middle and seem a fifth smaller on average. Oracles: log-normal sets, of which area
    and volume are known by Hatch and Choate; coverage of the intervals. Known error: few large particles carry the
    volume, so that D90 errs where there are few in all: its mean is within 4 % with 100 particles of a geometric
    standard deviation of 1.5, within 1 % with 1000.

    Settings:
        column: The size that is counted.
        curve: By what the curve that is drawn counts; these sizes stand first.
    """
    from graingraph.engine.values.wording import between, short
    from graingraph.nodes.imaging.stereology.statistics import Statistic
    from graingraph.nodes.tables import particle_size as parts
    from graingraph.nodes.tables.reportable import of_notes, refusal
    from graingraph.nodes.tables.stated import Group, Stated, of_specimens, statistics

    def stated(part: Table) -> Sequence[Stated]:
        return parts.stated(parts.sizes_of(part, column), curve)

    def fields(part: Table) -> int:
        return parts.sizes_of(part, column).fields

    sizes = parts.sizes_of(table, column)
    groups = of_specimens(table, stated, of_notes(table.notes), fields)
    fitted, whole = parts.fit(sizes), groups[-1]

    def counts(group: Group) -> Sequence[Statistic]:
        if group is not whole:
            return []
        return [
            Statistic("Number of particles", float(sizes.diameters.size), ""),
            Statistic("Median of the log-normal fit", fitted.median, sizes.unit),
            Statistic("Geometric standard deviation", fitted.deviation, ""),
            Statistic("Anderson-Darling statistic of the fit", fitted.statistic, ""),
            Statistic("Probability of the log-normal fit", 100 * fitted.probability, "%"),
            Statistic("Largest distance of curve and fit", 100 * fitted.distance, "%"),
        ]

    found = {one.quantity: one for one in whole.stated}
    shown = found[f"D50 by {curve}"]
    mean = shown.mean
    headline = f"D50 by {curve} {short(mean.value, 3)} {sizes.unit}"
    headline += f", 95 % CI {between(mean.low, mean.high)}" if mean.low < mean.high else ""
    headline += f" ({whole.how_many}, n = {sizes.diameters.size})"
    notes = refusal(shown.reasons, about=shown.quantity, beside=table.notes)
    answer = replace(
        statistics(groups, counts),
        headline=headline if sizes.diameters.size else "no particle",
        notes=(*notes, *table.notes),
        fields=table.fields,
    )
    if fitted.probability < 0.05:
        answer = answer.with_note(
            f"The sizes are not log-normal (probability {short(100 * fitted.probability, 2)} %); the curve lies up to "
            f"{short(100 * fitted.distance, 2)} % beside the fit."
        )
    return ParticleSize(answer, parts.cumulative_curve(sizes, curve, fitted))
