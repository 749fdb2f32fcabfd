"""A small picture of a recipe as it lies on the canvas: for a list of recipes, no display needed."""

import io

from PIL import Image, ImageDraw

from graingraph.engine.recipe.groups import Level
from graingraph.engine.recipe.places import with_places
from graingraph.engine.recipe.recipe import Recipe
from graingraph.nodes.imaging.picture.lettering import letters

SIZE = (480, 270)
"""Width and height in pixels."""
NODE = (180.0, 90.0)
"""About what a node takes on the canvas, in its units."""
_MARGIN, _LETTERS = 12, 11
_BACK, _BOX, _EDGE, _WIRE, _INK = (30, 32, 36), (58, 63, 72), (110, 118, 132), (140, 170, 200), (225, 228, 232)


def recipe_thumbnail(recipe: Recipe) -> bytes:
    """The picture of a recipe as a PNG."""
    held = io.BytesIO()
    recipe_picture(recipe).save(held, "PNG", optimize=True)
    return held.getvalue()


def recipe_picture(recipe: Recipe) -> Image.Image:
    """The recipe's nodes and wires, RGB of ``SIZE``; node types stand in their boxes where there is room.

    A group is one box.
    """
    picture = Image.new("RGB", SIZE, _BACK)
    draw, font = ImageDraw.Draw(picture), letters(_LETTERS)
    recipe = with_places(recipe)
    level = Level(recipe)
    at = {item: recipe.layout.positions[item] for item in level.items}
    if at:
        led = {wire: recipe.layout.reroutes.get(wire, ()) for wire in level.wires}
        points = [point for way in led.values() for point in way]
        left, top = (min(place[axis] for place in (*at.values(), *points)) for axis in (0, 1))
        corners = [*((x + NODE[0], y + NODE[1]) for x, y in at.values()), *points]
        wide, high = (max(corner[axis] for corner in corners) - start for axis, start in ((0, left), (1, top)))
        scale = min((SIZE[0] - 2 * _MARGIN) / wide, (SIZE[1] - 2 * _MARGIN) / high, 1.0)

        def placed(point: tuple[float, float]) -> tuple[float, float]:
            return _MARGIN + (point[0] - left) * scale, _MARGIN + (point[1] - top) * scale

        corner = {node: placed(place) for node, place in at.items()}
        width, height = NODE[0] * scale, NODE[1] * scale
        for wire, way in led.items():
            (x0, y0), (x1, y1) = corner[level.item_of[wire.source]], corner[level.item_of[wire.target]]
            between = [placed(point) for point in way]
            draw.line([(x0 + width, y0 + height / 2), *between, (x1, y1 + height / 2)], fill=_WIRE, width=1)
        for node, (x, y) in corner.items():
            draw.rectangle([x, y, x + width, y + height], fill=_BOX, outline=_EDGE)
            name = recipe.steps[node].type if node in recipe.steps else recipe.layout.groups[node].name
            words = " ".join(name.split())[:40]  # a name from a file may have several lines
            if draw.textlength(words, font) < width - 4 and height > 12:
                draw.text((x + width / 2, y + height / 2), words, fill=_INK, anchor="mm", font=font)
    return picture
