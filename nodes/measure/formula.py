"""Formula: a column computed from the others."""

import re
from dataclasses import replace
from typing import Annotated

import numpy as np

from graingraph.engine.declare.node import node
from graingraph.engine.declare.settings import NotEmpty
from graingraph.engine.problem import Problem
from graingraph.engine.values import Table

COLUMN = re.compile(r"\[([^\[\]]+)\]")
"""How a column is named in a formula: [Feret max]."""


@node(
    "Formula",
    category="Measure",
    synonyms=("calculate", "compute", "ratio", "column", "convert", "derived quantity", "equation"),
)
def formula(
    table: Table,
    *,
    name: Annotated[str, NotEmpty()] = "Elongation",
    formula: Annotated[str, NotEmpty()] = "[Feret max] / [Feret min]",
    unit: str = "",
) -> Table:
    """Add a column to a table that is computed from its other columns, row by row.

    Columns are named in square brackets, as they are called above the table without their units. There are + - * / ^
    ( ), abs, sqrt, exp, log, min(x, y), max(x, y), mean(x), which is over all rows, and numbers. A row without a number
    has none in the new column either. The unit is what you say it is; it is not worked out. A column of that name that
    is there already is replaced.

    Settings:
        name: Name of the new column.
        formula: What is computed, with the columns in square brackets.
        unit: Unit of the new column, such as µm; empty for a pure number.
    """
    from graingraph.nodes.imaging.filters.formula import evaluate

    wanted = list(dict.fromkeys(COLUMN.findall(formula)))
    missing = [column for column in wanted if column not in table.quantities]
    if missing:
        raise Problem(f"There is no column of numbers named '{missing[0]}'; there is {', '.join(table.quantities)}.")
    letters = {column: f"column{k}" for k, column in enumerate(wanted)}
    written = COLUMN.sub(lambda found: letters[found[1]], formula)
    arrays = {letters[column]: np.asarray(table.columns[column], float) for column in wanted}
    try:
        computed = evaluate(written, arrays)
    except ValueError as error:
        said = str(error)
        for column, letter in letters.items():
            said = said.replace(letter, f"[{column}]")
        raise Problem(f"The formula cannot be computed: {said}. Columns stand in square brackets.") from None
    column = np.array(np.broadcast_to(computed, (table.count,)), float)
    column[~np.isfinite(column)] = np.nan
    columns, units = {**table.columns, name: column}, {**table.units, name: unit}
    return replace(table, columns=columns, units=units)
