"""NodularityOfFields: the nodularity and the nodules per area of all images together."""

from collections.abc import Sequence
from dataclasses import replace

from graingraph.engine.declare.node import node
from graingraph.engine.values import PerImage, Table
from graingraph.nodes.report.pool import pool
from graingraph.nodes.tables.answers import Fields, OfFields, count, of_fields, share
from graingraph.nodes.tables.stated import Stated


@node(
    "NodularityOfFields",
    category="Report",
    synonyms=("graphite", "nodule count", "ductile iron", "mean of fields", "ASTM E2567", "ISO 945"),
)
def nodularity_of_fields(tables: PerImage[Table], specimens: PerImage[Table] | None = None) -> OfFields:
    """Average nodularity, nodules per area and size classes over the fields of a specimen, and say how sure they are.

    Puts the tables of Nodularity of all images into one, as Pool does. Nodularity by area is the area of nodular
    graphite in all fields by that of all graphite, so that a field counts by its graphite; by number likewise. Their
    95 % confidence intervals are over fields, on the logit, so that they stay between 0 and 100 %; at exactly 100 %
    there is none. Nodules per area are all nodules on all areas, with a Poisson interval where there are fewer than 30.
    With Specimen wired, all this is of each specimen, and of all it is the mean of the specimens with its interval over
    them. Under five fields, or with a relative accuracy over 10 %, a result is not reportable.

    Standard: ASTM E2567 and ISO 945-4 (nodularity and count); ISO 945-1 (size classes). Oracles: those of
    AreaFractionOfFields and NumberPerAreaOfFields, whose statistics these are. Limits and factors are from memory of
    the standards, not read in them: compare them with your edition.
    """
    return of_fields(
        pool(tables, specimens),
        _measure,
        of="Nodularity",
        needs=("Nodularity by area", "Counted nodules", "Graphite area"),
        main=("Nodularity by area", "Nodules per area"),
    )


def _measure(fields: Fields) -> Sequence[Stated]:
    every, area = fields["Counted particles"], fields["Graphite area"]
    classes = [name for name in fields.columns if name.startswith("Size class") and fields[name].any()]
    return [
        share("Nodularity by area", fields["Nodularity by area"] / 100 * area, area),
        share("Nodularity by number", fields["Nodularity by number"] / 100 * every, every),
        count("Nodules per area", "1/mm²", fields["Counted nodules"], fields["Nodules"], fields["Field area"]),
        *(replace(share(name, fields[name] / 100 * every, every), answers=False) for name in classes),
    ]
