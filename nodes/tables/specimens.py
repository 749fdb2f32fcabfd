"""Rows of a table by the specimen that they are of, and what specimens say among each other."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from graingraph.engine.values import PerImage, Table
from graingraph.nodes.imaging.stereology.over_fields import OverFields, proportion, ratio

SPECIMEN = "Specimen"
PLANE = "Plane"
COLUMNS = (SPECIMEN, "Lot", PLANE, "Field")


def with_specimens(table: Table, specimens: PerImage[Table] | None) -> Table:
    """A pooled table with the columns Specimen, Lot, Plane and Field behind Image, as the node Specimen tells."""
    if specimens is None:
        return table
    names = table.columns["Image"]
    shown = {name: specimens[name].columns for name in dict.fromkeys(names.tolist())}
    added = {
        title: np.array([shown[name][title][0] if title in shown[name] else "" for name in names.tolist()], object)
        for title in COLUMNS
    }
    told = {title: column for title, column in added.items() if title == SPECIMEN or any(column)}
    rest = {name: column for name, column in table.columns.items() if name not in ("Image", *added)}
    return replace(table, columns={"Image": names, **told, **rest})


def by_specimen(table: Table) -> Mapping[str, np.ndarray]:
    """Which rows (bool (rows,)) are of which specimen, in the order in which they come; empty where it is not told."""
    column = table.columns.get(SPECIMEN)
    if column is None:
        return {}
    return {str(name): column == name for name in dict.fromkeys(column.tolist())}


def rows_of(table: Table, chosen: np.ndarray) -> Table:
    """Those rows (bool (rows,)) of a table."""
    return replace(table, columns={name: column[chosen] for name, column in table.columns.items()})


def over_specimens(means: np.ndarray, *, share: bool = False) -> OverFields:
    """The mean of the means of specimens (float (specimens,)) and its 95 % interval, t · s / √n over the specimens.

    Each specimen counts the same, as they are what was sampled. ``share`` says that they are parts of a whole in per
    cent. Source: nested sampling, Cochran 1977, Sampling Techniques, ch. 10; oracle: scipy.stats.t.interval.
    """
    known = means[np.isfinite(means)]
    if not share:
        return ratio(known, np.ones(known.size))
    found = proportion(known / 100, np.ones(known.size))
    return found.times(100)
