"""LayerBetweenLines: a layer between two interfaces that a person draws roughly and the picture tells exactly."""

from typing import Annotated

import numpy as np

from graingraph.engine.declare.injected import Marks
from graingraph.engine.declare.node import node
from graingraph.engine.declare.roles import DrawnOn
from graingraph.engine.declare.settings import Label, Range, Unit
from graingraph.engine.values import Image, Mask
from graingraph.engine.values.notes import Note
from graingraph.engine.values.wording import counted

TOOLS = ("pen", "livewire")
FOUND = 0.5
"""Share of its length on which an interface stands out from what lies beside it, up to which it was not found."""

LEAST_BESIDE = 0.5
"""Share of the longer line on which the other runs beside it, at least: else they are of different pieces."""
MOST_TOGETHER = 0.5
"""Share of the length on which both may be one, where the layer has vanished; more is one interface drawn twice."""


@node(
    "LayerBetweenLines",
    category="Draw",
    version=2,  # 1 closed lines of different lengths obliquely, and took one interface drawn twice for a layer
    synonyms=(
        "interface",
        "coating boundary",
        "edge tracing",
        "bond line",
        "oxide scale",
        "layer of the same grey",
        "layer thickness",
        "coating thickness",
        "snap",
        "ISO 1463",
    ),
    drawn_on=DrawnOn(
        tools=lambda settings: TOOLS,
        over="image",
        pauses=lambda settings, wired: True,
    ),
)
def layer_between_lines(
    image: Image,
    *,
    reach: Annotated[int, Range(0, 200), Unit("px"), Label("how far from the lines (0 = as drawn)")] = 20,
    marks: Marks,
) -> Mask:
    """Select the layer between two lines, each drawn roughly along one of its interfaces.

    For layers that no grey level tells from what lies beside them, because only a thin line, a seam of pores or a
    slight step parts them. Draw both interfaces from one side of the picture to the other (or both from and to the same
    places along the layer: what one of them reaches further in the picture is left out). Near each line the interface
    is where the grey changes most along the whole of it, be it a step or a bright or dark line; the nearer to what you
    drew, the more it counts. A strong edge beside the right one, such as the far side of pores, takes a line drawn
    nearer to the interface or a shorter reach. An interface that stands out from what is beside it (Kolmogorov-Smirnov
    distance of grey levels) on no more than half of its length was not found, and nothing that is measured of the layer
    is reportable; where you see it all the same, take the lines as drawn. Nor is it where both lines follow one
    interface, or run beside each other over less than half.

    Wire it into LayerThickness. Oracles: drawn wedges and sine interfaces, steps and thin lines, with noise. Known
    error of the mean place: under 0.3 px for steps, under 1.2 px for lines 2 px wide that are hardly above the noise;
    in noise alone and in even shade nothing is found. On seven micrographs of oxide layers as grey as what lies below
    them, with lines drawn 5 px beside hand-made truth every 90 px, the mean thickness came out within 4 % on five and
    within 10 % on two, whose upper interface is full of pores.

    Settings:
        reach: How far from the lines an interface is looked for; 0 takes the lines for the interfaces.
    """
    from graingraph.nodes.imaging.layers.interfaces import interface_near, run_beside, to_frame
    from graingraph.nodes.imaging.marks.strokes import polygon
    from graingraph.nodes.reading.pixel_types import unit_grey

    nothing = Mask(np.zeros(image.shape, bool), image.scale)
    lines = [np.asarray(mark.points, float) for mark in marks.marks if mark.tool in TOOLS and len(mark.points) > 1]
    if len(lines) != 2:
        drawn = counted(len(lines), "line is", "lines are") if lines else "nothing is"
        return nothing.with_note(_refusal(f"{drawn} drawn: draw one line along each interface of the layer"))
    lines = [to_frame(line, image.shape, 2.0 * max(reach, 10)) for line in lines]
    notes = []
    if reach:
        grey = unit_grey(image)
        try:
            found = [interface_near(grey, line, reach) for line in lines]
        except ValueError as error:
            return nothing.with_note(_refusal(f"{error}; draw it anew"))
        lines = [interface.points for interface in found]
        for which, interface in zip(("first", "second"), found, strict=True):
            if interface.clear <= FOUND:
                share = f"the interface at the {which} line stands out on {100 * interface.clear:.0f} % of its length"
                notes.append(
                    _refusal(f"{share}; draw it nearer, or where you see it take the lines as drawn (reach 0)")
                )
    else:
        notes.append(Note("advice", "The interfaces are where they were drawn by hand.", about="interfaces"))
    one, other = lines
    layer = run_beside(one, other, image.shape)
    if layer.share < LEAST_BESIDE:
        over = f"the lines run beside each other over {100 * layer.share:.0f} % of the longer one"
        notes.append(_refusal(f"{over}; draw both from and to the same places along the layer"))
    if layer.together > MOST_TOGETHER:
        notes.append(_refusal("both lines follow one interface; draw one along each interface of the layer"))
    patch = polygon(np.concatenate([layer.one, layer.other[::-1]]), image.shape)
    pixels = np.zeros(image.shape, bool)
    pixels[patch.box] = patch.inside
    return Mask(pixels, image.scale).with_note(*notes)


def _refusal(text: str) -> Note:
    return Note("not reportable", f"{text[0].upper()}{text[1:]}.", about="interfaces")
