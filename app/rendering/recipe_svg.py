"""A recipe as it lies on the canvas, as a drawing for a page in a browser: sharp at every size, words and all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from graingraph.app.rendering.geometry import rerouted_curves
from graingraph.engine.recipe.groups import Level, pins_of, steps_in
from graingraph.engine.recipe.parts import Frame
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


def recipe_svg(
    recipe: Recipe, titles: Mapping[str, str], marked: Mapping[str, str] | None = None, group: str = ""
) -> str:
    """The recipe's frames, nodes and wires as SVG, the nodes under their titles; or what lies in one of its groups.

    Groups are drawn as one node each. ``marked`` says of nodes what is the matter: new or changed.
    """
    marked = marked or {}
    recipe = with_places(recipe)
    level = Level(recipe, group)
    drawn = {item: _drawn(level, item, titles, marked) for item in level.items}
    frames = [frame for frame in recipe.layout.frames if frame.inside == group]
    wires = [wire for wire in level.wires if wire.source in level.item_of and wire.target in level.item_of]
    corners = [corner for one in drawn.values() for corner in (one.at, (one.at[0] + WIDTH, one.at[1] + one.height))]
    corners += [(f.x, f.y) for f in frames] + [(f.x + f.width, f.y + f.height) for f in frames]
    corners += [point for wire in wires for point in recipe.layout.reroutes.get(wire, ())]
    xs, ys = zip(*corners or [(0.0, 0.0)], strict=True)
    left, top = min(xs) - MARGIN, min(ys) - MARGIN
    width, height = max(xs) + MARGIN - left, max(ys) + MARGIN - top
    parts = [_frame(frame) for frame in frames]
    for wire in wires:
        start = drawn[level.item_of[wire.source]].place_of((wire.source, wire.output), is_output=True)
        end = drawn[level.item_of[wire.target]].place_of((wire.target, wire.input), is_output=False)
        points = recipe.layout.reroutes.get(wire, ())
        parts.append(f'<path d="{_way(start, points, end)}" fill="none" stroke="#7d8899" stroke-width="2"/>')
    parts += [_node(one) for one in drawn.values()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.1f} {top:.1f} {width:.1f} {height:.1f}" '
        f'font-family="sans-serif" role="img">{"".join(parts)}</svg>'
    )


Row = tuple[str, frozenset[tuple[str, str]]]
"""A pin: its name, and the pins of steps that it stands for."""


@dataclass(frozen=True)
class _Drawn:
    """A node or group as it is drawn."""

    title: str
    at: tuple[float, float]
    inputs: Sequence[Row]
    outputs: Sequence[Row]
    fill: str
    faded: bool
    mark: str | None
    is_group: bool

    @property
    def height(self) -> float:
        return HEADER + ROW * max(len(self.inputs), len(self.outputs), 1) + 6

    def place_of(self, end: tuple[str, str], *, is_output: bool) -> tuple[float, float]:
        rows = self.outputs if is_output else self.inputs
        row = next((number for number, (_, ends) in enumerate(rows) if end in ends), 0)
        return self.at[0] + (WIDTH if is_output else 0.0), self.at[1] + HEADER + ROW * (row + 0.5)


def _drawn(level: Level, item: str, titles: Mapping[str, str], marked: Mapping[str, str]) -> _Drawn:
    recipe, at = level.recipe, level.recipe.layout.positions[item]
    if item in recipe.steps:
        step = recipe.steps[item]
        fill = COLORS.get(step.declared.category if step.declared else "", "#f5f5f5")
        rows = [[(pin.name, frozenset({(item, pin.name)})) for pin in pins] for pins in pins_of(recipe, item)]
        return _Drawn(titles[item], at, rows[0], rows[1], fill, step.muted, marked.get(item), is_group=False)
    inside = steps_in(recipe, [item])
    rows = [
        [(pin.pin.name, frozenset((end.node, end.pin) for end in pin.ends)) for pin in pins]
        for pins in (level.inputs_of(item), level.outputs_of(item))
    ]
    mark = "changed" if any(step in marked for step in inside) else None
    faded = all(recipe.steps[step].muted for step in inside)
    return _Drawn(recipe.layout.groups[item].name, at, rows[0], rows[1], "#e6e9ee", faded, mark, is_group=True)


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


def _node(one: _Drawn) -> str:
    x, y = one.at
    edge, thick = (MARKS.get(one.mark, "#888"), 4) if one.mark else ("#888", 1)
    faded = ' opacity="0.45"' if one.faded else ""
    texts = [
        f'<text x="{x + WIDTH / 2:.1f}" y="{y + 19:.1f}" text-anchor="middle" font-size="14" font-weight="600" '
        f'fill="#222">{escape(one.title[:24])}</text>'
    ]
    for rows, side, anchor in ((one.inputs, x, "start"), (one.outputs, x + WIDTH, "end")):
        inside = 9 if anchor == "start" else -9
        for row, (name, _) in enumerate(rows):
            height = y + HEADER + ROW * (row + 0.5)
            texts.append(f'<circle cx="{side:.1f}" cy="{height:.1f}" r="4" fill="#7d8899"/>')
            texts.append(
                f'<text x="{side + inside:.1f}" y="{height + 4:.1f}" text-anchor="{anchor}" font-size="11" '
                f'fill="#555">{escape(name)}</text>'
            )
    size = f'width="{WIDTH:.0f}" height="{one.height:.1f}" rx="6" fill="#fff"'
    sheet = f'<rect x="{x + 5:.1f}" y="{y + 5:.1f}" {size} stroke="#888"/>' if one.is_group else ""
    return (
        f'{sheet}<g{faded}><rect x="{x:.1f}" y="{y:.1f}" {size} '
        f'stroke="{edge}" stroke-width="{thick}"/><rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{WIDTH - 2:.0f}" '
        f'height="{HEADER - 2:.0f}" rx="5" fill="{one.fill}"/>{"".join(texts)}</g>'
    )
