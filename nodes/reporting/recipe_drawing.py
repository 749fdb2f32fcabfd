"""A recipe as a drawing on paper: rows of boxes from top to bottom, wires between them."""

from collections import defaultdict
from typing import TYPE_CHECKING

import networkx as nx

from graingraph.engine.recipe.recipe import Recipe

if TYPE_CHECKING:
    from fpdf import FPDF

BOX_HEIGHT = 9.0
COLORS = {
    "Input": (214, 228, 245), "Enhance": (220, 238, 228), "Segment": (250, 226, 214), "Clean": (238, 232, 214),
    "Measure": (250, 238, 200), "Draw": (240, 220, 240), "Learn": (228, 220, 246), "Report": (226, 226, 226),
}  # fmt: skip


def rows_of(recipe: Recipe) -> list[list[str]]:
    """The steps in rows: a step stands below everything that feeds it (longest path from the start)."""
    rank: dict[str, int] = {}
    for node in recipe.order:
        rank[node] = 1 + max((rank[p] for p in recipe.graph.predecessors(node)), default=-1)
    rows: dict[int, list[str]] = defaultdict(list)
    for node in recipe.order:
        rows[rank[node]].append(node)
    return [_sorted_under_parents(recipe, rows, level) for level in sorted(rows)]


def draw_recipe(pdf: "FPDF", recipe: Recipe, x: float, y: float, width: float, height: float) -> float:
    """Draw the recipe into a box of the page (mm), as large as fits; returns the y below the drawing."""
    rows = rows_of(recipe)
    pitch = min(17.0, height / max(1, len(rows)))
    box_height = min(BOX_HEIGHT, 0.62 * pitch)
    widest = max((len(row) for row in rows), default=1)
    slot = min(46.0, width / widest)
    center: dict[str, tuple[float, float]] = {}
    for level, row in enumerate(rows):
        left = x + width / 2 - slot * len(row) / 2
        for i, node in enumerate(row):
            center[node] = (left + slot * (i + 0.5), y + pitch * level + box_height / 2)
    pdf.set_draw_color(120, 120, 120)
    pdf.set_line_width(0.25)
    for source, target in nx.DiGraph(recipe.graph).edges:
        (x0, y0), (x1, y1) = center[source], center[target]
        pdf.line(x0, y0 + box_height / 2, x1, y1 - box_height / 2)
    for node, (cx, cy) in center.items():
        _box(pdf, recipe, node, cx - 0.46 * slot, cy - box_height / 2, 0.92 * slot, box_height)
    return y + pitch * len(rows)


def _box(pdf: "FPDF", recipe: Recipe, node: str, x: float, y: float, width: float, height: float) -> None:
    step = recipe.steps[node]
    declared = step.declared
    pdf.set_fill_color(*COLORS.get(declared.category if declared else "", (245, 245, 245)))
    pdf.rect(x, y, width, height, style="DF", round_corners=True, corner_radius=1.2)
    pdf.set_font(size=min(8.0, 0.85 * height))
    label = step.type + (" (muted)" if step.muted else "")
    while pdf.get_string_width(label) > width - 1 and len(label) > 4:
        label = label[:-2] + "…"
    pdf.set_xy(x, y)
    pdf.cell(width, height, label, align="C")


def _sorted_under_parents(recipe: Recipe, rows: dict[int, list[str]], level: int) -> list[str]:
    """Order a row by where its parents stand in the row above, so that fewer wires cross."""
    above = {node: i for i, node in enumerate(rows.get(level - 1, []))}

    def place(node: str) -> float:
        parents = [above[p] for p in recipe.graph.predecessors(node) if p in above]
        return sum(parents) / len(parents) if parents else len(above)

    rows[level] = sorted(rows[level], key=place)
    return rows[level]
