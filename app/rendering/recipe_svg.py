"""A recipe as it lies on the canvas, as a drawing for a page in a browser: sharp at every size, words and all."""

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap

from graingraph.app.rendering.geometry import rerouted_curves
from graingraph.engine.recipe.parts import Frame, Step
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe

WIDTH, HEADER, ROW = 190.0, 28.0, 20.0
"""Of a node, in units of the canvas."""
MARGIN = 24.0
COLORS = {
    "Input": "#d6e4f5", "Enhance": "#dceee4", "Segment": "#fae2d6", "Clean": "#eee8d6",
    "Measure": "#faeec8", "Draw": "#f0dcf0", "Learn": "#e4dcf6", "Report": "#e2e2e2",
}  # fmt: skip
MARKS = {"new": "#2e7d32", "changed": "#c77700"}
"""The edge of a node that is new or changed."""


def recipe_svg(recipe: Recipe, titles: Mapping[str, str], marked: Mapping[str, str] | None = None) -> str:
    """The recipe's frames, nodes and wires as SVG, the nodes under their titles.

    ``marked`` says of nodes what is the matter: new or changed.
    """
    marked = marked or {}
    positions = with_places(recipe).layout.positions
    places = {node: positions[node] for node in recipe.steps}
    pins = {node: _pins(recipe, node) for node in recipe.steps}
    high = {node: HEADER + ROW * max(len(ins), len(outs), 1) + 6 for node, (ins, outs) in pins.items()}
    corners = [(x, y) for x, y in places.values()] + [(x + WIDTH, y + high[node]) for node, (x, y) in places.items()]
    corners += [(f.x, f.y) for f in recipe.layout.frames] + [
        (f.x + f.width, f.y + f.height) for f in recipe.layout.frames
    ]
    corners += [point for points in recipe.layout.reroutes.values() for point in points]
    xs, ys = zip(*corners or [(0.0, 0.0)], strict=True)
    left, top = min(xs) - MARGIN, min(ys) - MARGIN
    width, height = max(xs) + MARGIN - left, max(ys) + MARGIN - top
    parts = [_frame(frame) for frame in recipe.layout.frames]
    for wire in recipe.wires:
        (x0, y0), (x1, y1) = places[wire.source], places[wire.target]
        outs, ins = pins[wire.source][1], pins[wire.target][0]
        x0, y0 = x0 + WIDTH, y0 + _height_of(wire.output, outs)
        y1 += _height_of(wire.input, ins)
        points = recipe.layout.reroutes.get(wire, ())
        parts.append(f'<path d="{_way((x0, y0), points, (x1, y1))}" fill="none" stroke="#7d8899" stroke-width="2"/>')
    parts += [
        _node(step, titles[node], places[node], high[node], pins[node], marked.get(node))
        for node, step in recipe.steps.items()
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" '
        f'font-family="sans-serif" role="img">{"".join(parts)}</svg>'
    )


Pins = tuple[list[str], list[str]]


def _pins(recipe: Recipe, node: str) -> Pins:
    """The names of the inputs and outputs of a step; those that are wired, of a placeholder."""
    declared = recipe.steps[node].declared
    if declared is not None:
        return [pin.name for pin in declared.inputs], [pin.name for pin in declared.outputs]
    ins = [wire.input for wire in recipe.wires if wire.target == node]
    return list(dict.fromkeys(ins)), list(dict.fromkeys(w.output for w in recipe.wires if w.source == node))


def _height_of(pin: str, pins: list[str]) -> float:
    return HEADER + ROW * ((pins.index(pin) if pin in pins else 0) + 0.5)


def _way(start: tuple[float, float], points: Sequence[tuple[float, float]], end: tuple[float, float]) -> str:
    """The path of a wire between two pins, through its reroute points."""
    (x0, y0), (x1, y1) = start, end
    bend = min(max(30.0, abs(x1 - x0) / 2), 90.0)
    plain = (start, (x0 + bend, y0), (x1 - bend, y1), end)
    curves: Sequence[Sequence[tuple[float, float]]] = rerouted_curves(start, points, end) if points else [plain]
    pieces = (" ".join(f"{x:.1f},{y:.1f}" for x, y in curve[1:]) for curve in curves)
    return f"M{x0:.1f},{y0:.1f}" + "".join(f"C{piece}" for piece in pieces)


def _frame(frame: Frame) -> str:
    note = frame.kind == "note"
    at = f'x="{frame.x:.1f}" y="{frame.y:.1f}" width="{frame.width:.1f}" height="{frame.height:.1f}"'
    color = escape(frame.color, quote=True)
    wrapped = [part for line in frame.text.splitlines() for part in wrap(line, max(8, int(frame.width / 7)))]
    lines = "".join(f'<tspan x="{frame.x + 8:.1f}" dy="16">{escape(line)}</tspan>' for line in wrapped[:20])
    return (
        f'<rect {at} rx="8" fill="{color}" fill-opacity="{0.25 if note else 0.1}" stroke="{color}"/>'
        f'<text x="{frame.x + 8:.1f}" y="{frame.y + 4:.1f}" font-size="13" fill="#444">{lines}</text>'
    )


def _node(step: Step, title: str, at: tuple[float, float], high: float, pins: Pins, mark: str | None) -> str:
    x, y = at
    fill = COLORS.get(step.declared.category if step.declared else "", "#f5f5f5")
    edge, thick = (MARKS.get(mark, "#888"), 4) if mark else ("#888", 1)
    faded = ' opacity="0.45"' if step.muted else ""
    texts = [
        f'<text x="{x + WIDTH / 2:.1f}" y="{y + 19:.1f}" text-anchor="middle" font-size="14" font-weight="600" '
        f'fill="#222">{escape(title[:24])}</text>'
    ]
    for names, side, anchor in ((pins[0], x, "start"), (pins[1], x + WIDTH, "end")):
        inside = 9 if anchor == "start" else -9
        for row, name in enumerate(names):
            height = y + HEADER + ROW * (row + 0.5)
            texts.append(f'<circle cx="{side:.1f}" cy="{height:.1f}" r="4" fill="#7d8899"/>')
            texts.append(
                f'<text x="{side + inside:.1f}" y="{height + 4:.1f}" text-anchor="{anchor}" font-size="11" '
                f'fill="#555">{escape(name)}</text>'
            )
    return (
        f'<g{faded}><rect x="{x:.1f}" y="{y:.1f}" width="{WIDTH:.0f}" height="{high:.1f}" rx="6" fill="#fff" '
        f'stroke="{edge}" stroke-width="{thick}"/><rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{WIDTH - 2:.0f}" '
        f'height="{HEADER - 2:.0f}" rx="5" fill="{fill}"/>{"".join(texts)}</g>'
    )
