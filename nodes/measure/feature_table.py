"""From per-feature columns in pixels to a table in micrometres, with the headline and the remarks on trust."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from graingraph.engine.values import Labels, Mask, MeasuredField, Table
from graingraph.engine.values.table import EDGE_WEIGHT, mean
from graingraph.engine.values.wording import counted, short

if TYPE_CHECKING:
    from graingraph.nodes.imaging.features.runs import Runs

FEW = 50
"""Below this many features a mean size is uncertain by some 10 % or more; ASTM E112 asks for at least 50 grains."""


def feature_table(
    columns: Mapping[str, np.ndarray],
    found: npt.NDArray[np.bool_],
    region: Labels | Mask,
    *,
    runs: "Runs",
    lengths: Sequence[str],
    headline: str,
    areas: Sequence[str] = (),
    angles: Sequence[str] = (),
    pixels: Sequence[str] = (),
) -> Table:
    """Scale the ``lengths`` and ``areas`` columns (one entry a feature, in px) to µm and name every unit.

    Features for which bool ``found`` (features,) is false have no pixels and are left out.
    ``runs`` are the features of the ``region`` that was measured, which has the scale and the frame.
    Without a scale they stay in px and a note says so. ``headline`` names the column whose mean is shown on the node.
    """
    from graingraph.nodes.imaging.features.runs import at_frame

    scale = region.scale
    per_px, unit = (scale.um_per_px, "µm") if scale else (1.0, "px")
    factors = {**dict.fromkeys(lengths, per_px), **dict.fromkeys(areas, per_px**2)}
    kept = {name: values[found] * factors.get(name, 1) for name, values in columns.items()}
    units = dict.fromkeys(kept, "")
    units.update({**dict.fromkeys(lengths, unit), **dict.fromkeys(areas, unit + "²")})
    units.update({**dict.fromkeys(angles, "°"), **dict.fromkeys(pixels, "px")})
    count = int(np.count_nonzero(found))
    cut = len(at_frame(runs, region.shape[1]))
    fields = (MeasuredField(*region.shape, scale, count - cut, cut + region.cut),)
    if count == 0:
        return Table(kept, units, headline="no feature", fields=fields).with_note(
            "No feature was found; the table is empty."
        )
    weights = kept.get(EDGE_WEIGHT)
    size, weighed = mean(kept[headline], weights), "" if weights is None else "edge-weighted, "
    table = Table(kept, units, headline=f"mean {short(size, 3)} {unit} ({weighed}n = {count})", fields=fields)
    if count < FEW:
        table = table.with_note(f"Only {counted(count, 'feature')}; a mean over fewer than {FEW} is uncertain.")
    if scale is None:
        table = table.with_note("The pixel size is unknown, so lengths are in pixels.")
    return table
