"""Drawing on the viewed node: the tool in hand, and what is drawn there. No display."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from graingraph.app.document import painting
from graingraph.app.document.content import Content, content_of
from graingraph.app.document.mark_edits import Draw, Review, Unmark
from graingraph.app.document.painting import Painting, painting_of
from graingraph.app.document.roles import TracedClass, traced_layers
from graingraph.app.document.session import OutputRef
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.viewer.brush import REACH_PX, Brush
from graingraph.app.gui.viewer.shown import Shown
from graingraph.app.gui.viewer.tools import CLASS_KEYS, HAND_KEY, TOOLS, VIEW_KEY
from graingraph.app.gui.viewer.waiting import Drawn, Waiting
from graingraph.app.rendering.geometry import Point
from graingraph.engine.declare.injected import NOTHING_DRAWN, Mark, Marks
from graingraph.engine.declare.roles import DrawnOn
from graingraph.engine.marks.drawing import Layer, is_all_complete
from graingraph.engine.marks.store import content_hash, new_mark_id
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import ClassMap, Labels, Mask, Raster, Value
from graingraph.nodes.imaging.boundaries.branch_paths import ProposedBranches

NO_SUCH_CLASS = "There is no class {key} here; there is {classes}."
LAYER_LOCKED = "The layer {layer} is locked; unlock it under Layers."
NO_BOUNDARY_HERE = "There is no boundary near that click."
BOUNDARIES_SOUGHT = "The boundaries are still being traced from junction to junction; click again in a moment."
LEAST_SURE = "It is least sure in the middle of what is shown now; a stroke there teaches most."
LEAST_SURE_RECORDED = "It is least sure in the middle of what is shown now; tick Live for a stroke there to teach."
NOT_LIVE = "The recorded model is applied, so strokes change nothing; tick Live to learn from them."
TRACED = "The map is traced on this image now, for Train. What was learnt is recorded and applied from now on."
NO_MAP = "There is no map yet. {why}"
MAP_COMES = "The map with the newest strokes is still being computed; press again in a moment."
RECORDED = "The model {model} is recorded in the recipe; DeepSegment applies it anywhere."
NO_STROKE_HERE = "There is no stroke near the pointer."
BESIDE = "That lies beside the picture; nothing was drawn."
OPEN_GROUND = (
    "Nothing closes off what was clicked from the rest of the background, and filling would take all of it; close the "
    "gaps around it with a line first, or draw it as a Box or with the Brush."
)
REMOVE_STROKE = "Remove a stroke"
CLEAR_STROKES = "Clear strokes"
BEFORE = "before"


class DrawTool:
    """What the left button does while the viewed node takes marks and the tool is ``active``; other buttons pan.

    ``node`` is the node that is drawn on, ``tools`` and ``classes`` are those that mean something to it. It is the
    viewed node, or, where that learns from strokes (``painting``), the one that they come from. ``pending`` are the
    strokes that what is shown does not know of yet.
    """

    def __init__(self, app: AppContext, shown: Shown) -> None:
        self._app, self._shown = app, shown
        self.brush = Brush()
        self.node: str | None = None
        self.painting: Painting | None = None
        self.tools: tuple[str, ...] = ()
        self.classes: tuple[TracedClass, ...] = ()
        self.active = False
        self._content: Content | None = None
        self._done: frozenset[str] = frozenset()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._under: tuple[Raster | None, Future[str] | None] = (None, None)
        self._branches: tuple[Mask | None, Mask | None, Future[ProposedBranches] | None] = (None, None, None)
        self.waiting = Waiting(app, lambda: (self.image, self.node))
        self._unreadable: tuple[tuple[str | None, str | None], Problem | None] = (None, None), None
        self.brush.take_branch = self._branch_at

    # following ---------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Take up the node that is viewed now, its tools and its layers."""
        self.waiting.follow()
        recipe, viewed = self._app.session.recipe, self._app.session.viewed
        self.painting = painting_of(recipe, viewed.node) if viewed else None
        drawn = self.painting.traced if self.painting else viewed.node if viewed else ""
        node = drawn if _drawn_on(recipe, drawn) else None
        classes = traced_layers(recipe.steps[node]) if node else ()
        if node != self.node:
            self.node = node
            self.brush.give_up()
            self.active = node is not None
        elif classes != self.classes:
            self._keep_layer(self.classes, classes)
        self.classes = classes
        self.tools = _tools_for(recipe, node) if node else ()
        if node:
            if self.brush.tool not in self.tools:
                self.brush.take(self.tools[0])
            names = [layer.name for layer in classes]
            if self.brush.layer not in names:
                self.brush.layer = next(iter(names), "")
            self._follow_content(node)
        self._follow_file()

    def _follow_file(self) -> None:
        """Say once what is wrong with the marks file of the image, and go on as soon as it can be read again."""
        session, here, (before_here, before) = self._app.session, (self.image, self.node), self._unreadable
        _, wrong = self._read()
        self._unreadable = here, wrong
        if wrong and (here != before_here or before is None or wrong.message != before.message):
            session.report(wrong, until_edit=True)
        elif before and not wrong and here == before_here:
            self.waiting.try_again()
            session.marks_changed()

    def _read(self) -> tuple[Marks, Problem | None]:
        """What is drawn on the image for the node; nothing, and why, where the file cannot be read."""
        image = self.image
        try:
            return (self._app.session.marks.load(image, self.node) if image and self.node else NOTHING_DRAWN), None
        except Problem as problem:
            return NOTHING_DRAWN, problem

    def _refuses(self) -> bool:
        """Whether nothing can be drawn as the marks file cannot be read; then that is said."""
        _, wrong = self._read()
        if wrong:
            self._app.session.report(wrong, until_edit=True)
        return wrong is not None

    @property
    def image(self) -> str | None:
        """The content hash of the image that is drawn on."""
        source = self._app.live.source()
        return source.drawn_as if source else None

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        tool, layer = self.brush.tool, self.brush.layer
        return {"node": self.node, "active": self.active, "tool": tool, "layer": layer, "marks": len(self.marks)}

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is drawn on the image for the node, also what could not be kept yet."""
        return self._read()[0].marks + self.waiting.unkept

    @property
    def pending(self) -> frozenset[str]:
        """The ids of strokes that were drawn since what is shown was computed."""
        unkept = frozenset(mark.id for mark in self.waiting.unkept)
        return frozenset(mark.id for mark in self.marks) - self._done | unkept

    def layer(self, name: str) -> Layer:
        """How a layer is shown on this image."""
        image, (_, wrong) = self.image, self._read()
        if image is None or self.node is None or wrong:
            return Layer(name)
        return self._app.session.marks.layers(image, self.node).get(name, Layer(name))

    def cover(self, classes: ClassMap) -> np.ndarray | None:
        """How strongly each class is shown, as the layers say: uint8 (256,); None where nothing is drawn on.

        The class of what nobody traced is not a layer, and hides nothing of the micrograph.
        """
        if self.node is None:
            return None
        cover = np.zeros(256, np.uint8)
        traced = {layer.name for layer in self.classes}
        for index, one in enumerate(classes.classes):
            layer = self.layer(one.name)
            if one.name in traced and layer.visible:
                cover[index] = round(255 * min(1.0, 2 * layer.opacity))
        return cover

    def look_again(self) -> None:
        """Have the picture drawn anew, as layers are shown another way."""
        self._shown.look_again()

    def _is_locked(self, layer: str) -> bool:
        return self.layer(layer).locked

    def _keep_layer(self, before: tuple[TracedClass, ...], now: tuple[TracedClass, ...]) -> None:
        """Go on in the same layer after it was given another name."""
        old, new = [one.name for one in before], [one.name for one in now]
        if self.brush.layer in old and self.brush.layer not in new and len(old) == len(new):
            self.brush.layer = new[old.index(self.brush.layer)]

    def _follow_content(self, node: str) -> None:
        content = self._shown.content
        if content is not self._content:
            self._content = content
            self._done = frozenset(mark.id for mark in self.marks)
        place = _lies_under(self._app.session.recipe, node)
        value = self._app.live.value(*place) if place else None
        if not isinstance(value, Raster):
            self._under = (None, None)
        elif value is not self._under[0]:
            self._under = (value, self._pool.submit(content_hash, value.pixels))

    # boundaries between two junctions -------------------------------------------------------------------------------

    @property
    def faint(self) -> Sequence[np.ndarray]:
        """The boundaries, float32 (n, 2) each, that are not in the network but may be taken into it."""
        found = self._branched()
        return found.faint if found else ()

    def _branched(self) -> ProposedBranches | None:
        """The branches of what is shown and of what is faint; None until they are found, or where there are none."""
        if not self.node or not any(TOOLS[tool].gesture == "branch" for tool in self.tools):
            return None
        recipe = self._app.session.recipe
        drawn_on = _drawn_on(recipe, self.node)
        place = _wired(recipe, self.node, drawn_on.faint if drawn_on else "")
        shown, faint = self._app.live.value(self.node), self._app.live.value(*place) if place else None
        if not isinstance(shown, Mask):
            return None
        more = faint if isinstance(faint, Mask) and faint.shape == shown.shape else None
        if shown is not self._branches[0] or more is not self._branches[1]:
            found = self._pool.submit(ProposedBranches, shown.pixels, more.pixels if more else None)
            self._branches = (shown, more, found)
        coming = self._branches[2]
        return coming.result() if coming and coming.done() else None

    def _branch_at(self, at: Point, reach: float) -> np.ndarray | None:
        found = self._branched()
        return found.nearest(at, reach) if found else None

    # the tool in hand --------------------------------------------------------------------------------------------

    def choose(self, tool: str) -> None:
        """Take a tool in hand; none is the hand that pans and points."""
        if not tool:
            self.brush.give_up()
            self.active = False
            return
        self.brush.take(tool)
        self.active = True
        self._shown.look_again()
        if tool == "livewire":
            self.brush.snap = self._snap
            self._pool.submit(_warm_up)

    def take_class(self, index: int) -> None:
        """Draw in the class of this number, counted from 0, with a tool that draws."""
        self.brush.layer = self.classes[index].name
        if not self.active or self.brush.tool == "eraser":
            self.choose(self.brush.tool if self.brush.tool != "eraser" else self.tools[0])

    def _take_class_key(self, key: str) -> None:
        if CLASS_KEYS.index(key) < len(self.classes):
            self.take_class(CLASS_KEYS.index(key))
            return
        names = ", ".join(f"{number} {one.name}" for number, one in enumerate(self.classes, 1))
        self._app.session.say(NO_SUCH_CLASS.format(key=key, classes=names))

    def key(self, name: str) -> bool:
        """Take a key while the pointer is over the picture; True if it was for the drawing."""
        if self.node is None:
            return False
        if name == "Enter" and self.brush.busy:
            self._keep(self.brush.finish())
        elif name == "Backspace" and self.brush.busy:
            self.brush.step_back()
        elif name == HAND_KEY:
            self.choose("")
        elif name == VIEW_KEY and "complete" in self.tools:
            self._complete_view()
        elif name in CLASS_KEYS and self.classes:
            self._take_class_key(name)
        elif tool := next((tool for tool in self.tools if TOOLS[tool].key == name), None):
            self.choose(tool)
        else:
            return False
        return True

    # strokes -----------------------------------------------------------------------------------------------------

    def press(self, at: Point) -> bool:
        """The left button went down at an image point; False where the drawing has no use for it."""
        if not self.active or self.node is None or self.image is None or self._shown.content.shape is None:
            return False
        if self._refuses():
            return True
        if self._is_locked(self.brush.layer) and self.brush.tool != "eraser":
            self._app.session.say(LAYER_LOCKED.format(layer=self.brush.layer), "warning")
            return True
        mark = self.brush.press(at, self._shown.viewpoint.view.zoom)
        if mark is None and self.brush.gesture == "branch":
            self._app.session.say(NO_BOUNDARY_HERE if self._branched() else BOUNDARIES_SOUGHT)
        self._keep(mark)
        return True

    def move(self, at: Point | None) -> None:
        """The pointer moved; None where it is not over the picture."""
        if at is None:
            self.brush.leave()
        elif self.active:
            self.brush.move(at, self._shown.viewpoint.view.zoom)

    def release(self, at: Point) -> None:
        """The left button went up."""
        self._keep(self.brush.release(at, self._shown.viewpoint.view.zoom))

    def _keep(self, mark: Mark | None) -> None:
        image, shape = self.image, self._shown.content.shape
        if mark is None or image is None or self.node is None or shape is None:
            return
        session = self._app.session
        if _misses(mark, shape):
            session.say(BESIDE)
            return
        if mark.tool == "fill" and self._is_open_ground(mark):
            session.say(OPEN_GROUND, "warning", until_edit=True)
            return
        under = self._under[1].result() if self._under[1] else ""
        settles = bool(under) and is_all_complete(mark, shape)
        drawn = Drawn(Draw(image, self.node, mark, under, session.image), session.document, session.marks, settles)
        if mark.tool == "complete" and self._corrects_boundaries():
            self.waiting.confirm(drawn)
        else:
            self.waiting.add(drawn)
        if self.painting and not self._is_live:
            session.say(NOT_LIVE, "warning", until_edit=True)

    def _is_open_ground(self, fill: Mark) -> bool:
        """Whether filling would make all the background of a result that is corrected something found."""
        from graingraph.nodes.imaging.marks.strokes import is_open_ground

        node = self.node or ""
        drawn_on, shown = _drawn_on(self._app.session.recipe, node), self._app.live.value(node)
        if drawn_on is None or not drawn_on.corrects or not isinstance(shown, Mask | Labels):
            return False
        return is_open_ground(shown.pixels, fill.points[-1])

    def _corrects_boundaries(self) -> bool:
        """Whether what is drawn on are boundaries that somebody else has found."""
        recipe, node = self._app.session.recipe, self.node or ""
        drawn_on = _drawn_on(recipe, node)
        return bool(drawn_on and drawn_on.corrects and drawn_on.lines(recipe.steps[node].settings))

    def _complete_view(self) -> None:
        """Say of what is in view that nothing is missing there and nothing is wrong."""
        shape, viewpoint = self._shown.content.shape, self._shown.viewpoint
        if shape is None or self._refuses():
            return
        corners = [viewpoint.view.to_image(Point(*at)) for at in ((0, 0), viewpoint.size)]
        box = np.clip(np.array(corners, np.float32), 0, (shape[1], shape[0])).astype(np.float32)
        if (box[1] > box[0]).all():
            self._keep(Mark(new_mark_id(), "complete", box))

    def _snap(self, start: Point, end: Point) -> np.ndarray:
        from graingraph.nodes.imaging.marks.livewire import snap_path

        image = self._shown.content.image
        if image is None:
            return np.array([start, end], np.float32)
        return snap_path(image.pixels, start, end)

    # learning while strokes are drawn --------------------------------------------------------------------------------

    def set_live(self, live: bool) -> None:
        """Let the viewed node learn from every stroke, or apply what was recorded."""
        if self.painting:
            painting.set_live(self._app.session, self.painting, live)

    @property
    def _is_live(self) -> bool:
        """Whether the viewed node learns from every stroke now."""
        return bool(self.painting and painting.is_live(self._app.session.recipe, self.painting))

    def paint_next(self) -> None:
        """Go where a stroke would teach most."""
        if self.painting and (outputs := self._painted(self.painting)):
            self._shown.viewpoint.centre_on(self.painting.role.next_place(outputs))
            self._app.session.say(LEAST_SURE if self._is_live else LEAST_SURE_RECORDED)

    def record(self) -> None:
        """Write what was learnt as a model file, and apply that from now on."""
        session = self._app.session
        if self.painting and (outputs := self._painted(self.painting)):
            path = painting.record(session, self.painting, outputs)
            session.say(RECORDED.format(model=path.name))

    def make_traces(self) -> None:
        """Make the map of this image its strokes."""
        if self.painting and self.image and (outputs := self._painted(self.painting)):
            painting.make_traces(self._app.session, self.painting, outputs, self.image)
            self._app.session.say(TRACED)

    def _painted(self, learns: Painting) -> dict[str, Value]:
        """The outputs of the node that learns, which know of every stroke; where there are none, it is said why."""
        session, live = self._app.session, self._app.live
        declared = session.recipe.steps[learns.node].declared
        pins = declared.outputs if declared and live.current else ()
        found = {pin.name: live.value(learns.node, pin.name) for pin in pins}
        outputs = {name: value for name, value in found.items() if value is not None}
        if not outputs:
            why = NO_MAP.format(why=session.status(learns.node).why)
            session.say(MAP_COMES if live.coming else why, "warning", until_edit=True)
        return outputs

    # strokes that are there ------------------------------------------------------------------------------------

    def remove_at(self, at: Point) -> None:
        """Take away the stroke at an image point."""
        from graingraph.nodes.imaging.marks.near import nearest_mark

        session, image, shape = self._app.session, self.image, self._shown.content.shape
        if image is None or self.node is None or shape is None or self._refuses():
            return
        found = nearest_mark(self.marks, at, REACH_PX / self._shown.viewpoint.view.zoom, shape)
        if found is None:
            session.say(NO_STROKE_HERE)
        elif self._is_locked(found.layer):
            session.say(LAYER_LOCKED.format(layer=found.layer), "warning")
        elif not self.waiting.drop([found.id]):
            session.do(Unmark.of(session, image, self.node, [found.id], REMOVE_STROKE, session.image))

    def clear(self) -> None:
        """Take away every stroke on this image."""
        session, image = self._app.session, self.image
        ids = [mark.id for mark in self.marks]
        self.waiting.drop(ids)
        if image and self.node and not self._refuses() and self._read()[0]:
            session.do(Unmark.of(session, image, self.node, ids, CLEAR_STROKES, session.image))

    def accept(self) -> None:
        """Declare that the strokes hold for what lies under them now."""
        session, image = self._app.session, self.image
        if image and self.node and self._under[1] and self.marks:
            before = session.marks.load(image, self.node).drawn_on
            session.do(Review(image, self.node, before, self._under[1].result(), where=session.image))

    def compare_before(self) -> None:
        """Compare with what lies under the strokes."""
        recipe = self._app.session.recipe
        place = _lies_under(recipe, self.node or "")
        if place:
            self._shown.compare_with(content_of(recipe, OutputRef(*place), self._app.live.value), BEFORE)

    def next_image(self) -> None:
        """Go on with the next image of the tray; in an attended run, continue it."""
        session = self._app.session
        if self._app.attended and self._app.attended.current:
            self._app.go_on()
            return
        if session.image in session.images:
            place = session.images.index(session.image) + 1
            session.show_image(session.images[place % len(session.images)])


def _warm_up() -> None:
    """Load what the live-wire needs, so that the first click does not wait for it."""
    import skimage.graph  # noqa: F401


def _tools_for(recipe: Recipe, node: str) -> tuple[str, ...]:
    """The tools that mean something to this node, of those that there are."""
    drawn_on = _drawn_on(recipe, node)
    tools = drawn_on.tools(recipe.steps[node].settings) if drawn_on else ()
    return tuple(tool for tool in tools if tool in TOOLS)


def _lies_under(recipe: Recipe, node: str) -> tuple[str, str] | None:
    """The output that the marks are drawn on."""
    drawn_on = _drawn_on(recipe, node)
    return _wired(recipe, node, drawn_on.over if drawn_on else "")


def _wired(recipe: Recipe, node: str, pin: str) -> tuple[str, str] | None:
    """The output that is wired into an input; None where none is, or there is no such input."""
    wire = recipe.wire_into(node, pin) if pin else None
    return (wire.source, wire.output) if wire else None


def _drawn_on(recipe: Recipe, node: str) -> DrawnOn | None:
    """How a person draws on a node; None where it takes no marks."""
    declared = recipe.steps[node].declared if node in recipe.steps else None
    return declared.drawn_on if declared else None


def _misses(mark: Mark, shape: tuple[int, int]) -> bool:
    """Whether a stroke lies wholly beside the picture (H, W), where it would mean nothing."""
    reach = mark.width / 2
    low, high = mark.points.min(axis=0) - reach, mark.points.max(axis=0) + reach
    return bool((high < 0).any() or (low > shape[::-1]).any())
