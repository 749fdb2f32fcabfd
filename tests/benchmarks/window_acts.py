"""What a person does in the window, a step each turn of the main loop: for ``tests.benchmarks.window_turns``."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from graingraph.app.gui.shell.window import Window
    from graingraph.engine.recipe.recipe import Recipe

Steps = Iterator[None]
Panel = TypeVar("Panel")


# waiting ---------------------------------------------------------------------------------------------------------


def panel_of(window: "Window", kind: type[Panel]) -> Panel:
    """The panel of this kind."""
    return next(panel for panel in window.panels.values() if isinstance(panel, kind))


def idle(window: "Window", frames: int = 3) -> Steps:
    """Some turns without doing anything."""
    for _ in range(frames):
        yield


def until(condition: Callable[[], object], seconds: float = 120.0) -> Steps:
    """Turns until a condition holds."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        yield
    assert condition(), "waited in vain"


def computed(window: "Window") -> Steps:
    """Turns until everything looked at is computed and drawn."""
    yield from idle(window, 5)
    yield from until(lambda: not window.app.live.busy)
    yield from idle(window, 8)


# what a person does ----------------------------------------------------------------------------------------------


def open_recipe(window: "Window", recipe: Path, image: Path) -> Steps:
    """File, Open; one large image into the tray."""
    window.app.open(recipe)
    yield
    window.app.session.add_images([image])
    yield
    window.app.session.view("load")
    yield from computed(window)


def look_through(window: "Window") -> Steps:
    """Click every node in turn, computing what is not computed yet."""
    session = window.app.session
    for node in session.recipe.order:
        session.select([node])
        session.view(node)
        yield from computed(window)


def drag_threshold(window: "Window") -> Steps:
    """Drag the level of the threshold for a while, then let go and wait for the results."""
    from graingraph.app.document import commands

    session = window.app.session
    session.select(["threshold"])
    session.view("threshold")
    yield from computed(window)
    for i in range(60):
        session.do(commands.set_value(session.recipe, "threshold", "level", 0.40 + 0.003 * i))
        yield
    session.seal()
    session.view("measure_features")
    yield from computed(window)


def pan_and_zoom_picture(window: "Window") -> Steps:
    """Pan and zoom the micrograph, a mask and labels over it, wheel and drag."""
    from graingraph.app.gui.viewer.panel import Viewer
    from graingraph.app.rendering.geometry import Point

    session = window.app.session
    for node in ("load", "threshold", "separate_features"):
        session.view(node)
        yield from computed(window)
        viewer = panel_of(window, Viewer)
        viewpoint = viewer.shown.viewpoint
        middle = Point(viewpoint.size[0] / 2, viewpoint.size[1] / 2)
        for i in range(40):
            viewpoint.wheel(1 if i < 20 else -1, middle)
            yield
        viewpoint.press("middle", middle)
        for i in range(40):
            viewpoint.move(middle.moved(5.0 * i, 2.0 * i))
            yield
        viewpoint.release(middle)
        yield from computed(window)


def color_and_compare(window: "Window") -> Steps:
    """Colours by a measurement, outlines, histogram, stretched contrast, a wipe."""
    from graingraph.app.gui.viewer.panel import Viewer

    viewer = panel_of(window, Viewer)
    controls = viewer.controls
    window.app.session.view("measure_features")
    yield from computed(window)
    for act in (
        lambda: controls._set_by(0, "Area"),
        lambda: controls._set_overlay(0, "Outline"),
        lambda: controls._set_histogram(0, True),
        lambda: controls._set_auto(0, True),
        lambda: controls._set_overlay(0, "Features only"),
        lambda: controls._set_overlay(0, "Fill"),
        lambda: controls._set_compare(0, "Wipe"),
        lambda: controls._set_compare(0, "Difference"),
        lambda: controls._set_compare(0, "Compare: off"),
    ):
        act()
        yield from idle(window, 4)
    controls._set_auto(0, False)
    controls._set_histogram(0, False)
    controls._set_by(0, "each its own")
    yield from computed(window)


def sort_table(window: "Window") -> Steps:
    """The table of the 20 000 grains: show it and find the rows of features; then what can be done with any table."""
    from graingraph.app.document.content import Feature, features_for
    from graingraph.app.gui.panels.results import Results

    session = window.app.session
    session.view("measure_features")
    yield from computed(window)
    results = panel_of(window, Results)
    yield from handle_table(window)
    place = features_for(session.recipe, results._place) if results._place else None
    for label in (17, 4000, 9999):
        assert session.image
        assert place
        window.app.feature = Feature(session.image, place, label)
        session.revision += 1
        yield from idle(window, 4)
    window.app.feature = None
    yield from idle(window, 4)


def large_table(window: "Window", recipe: Path) -> Steps:
    """A table of 100 000 rows."""
    window.app.open(recipe)
    yield
    window.app.session.view("many_rows")
    yield from computed(window)
    yield from handle_table(window)


def handle_table(window: "Window") -> Steps:
    """Sort the table that is shown by every column, turn its pages, scroll, copy all of it."""
    import dearpygui.dearpygui as dpg

    from graingraph.app.gui.panels.results import Results

    results = panel_of(window, Results)
    assert results._page
    for column in list(results._columns):
        for direction in (1, -1):
            results._sort(0, [(int(column), direction)])
            yield from idle(window, 2)
    for by in (1, 1, 5, 50, -20):
        results._turn(by)
        yield from idle(window, 2)
    assert results._table is not None
    for i in range(20):
        dpg.set_y_scroll(results._table, 60.0 * i)
        yield
    assert results.key("Ctrl+C")
    yield from until(lambda: "copied" in window.app.session.latest)
    yield from idle(window)


def large_tray(window: "Window", images: list[Path]) -> Steps:
    """Many images into the tray, a click on several of them, all selected, half of them out and back again."""
    from graingraph.app.document import image_edits
    from graingraph.app.gui.panels.tray import SHOWN
    from graingraph.engine.images.files import find_images

    session = window.app.session
    image_edits.add_images(session, find_images([str(images[0].with_name(f"{images[0].name.split('_')[0]}_*.tif"))]))
    yield
    image_set = window.panels["Images"]
    shown = min(len(images), SHOWN - 1)
    yield from until(lambda: len(image_set._textures) >= shown)  # type: ignore[attr-defined]
    for path in images[:60:10]:
        session.show_image(path)
        yield from idle(window, 10)
    session.pick(session.picked.all_of(session.images))
    yield from idle(window)
    image_edits.remove_images(session, images[::2])
    yield from idle(window)
    session.undo()
    yield from idle(window, 30)
    session.show_image(session.images[0])
    yield from computed(window)
    session.remove_images(images)
    yield from computed(window)


def rows_of_batch(window: "Window", images: list[Path], folder: Path) -> Steps:
    """A batch of 2 000 images of which one after the other is measured, ten a turn; some fail."""
    from graingraph.app.gui.panels.batch import Batch
    from graingraph.app.services.batch_job import BatchJob

    panel = panel_of(window, Batch)
    window._show_panel("Batch")
    job = panel.job = BatchJob(window.app.session.recipe, images, folder)
    panel._document = window.app.session.document
    for i in range(0, len(images), 10):
        job.rows = {**job.rows, **{path.name: _row(path, i + n) for n, path in enumerate(images[i : i + 10])}}
        job.paths = {path.name: path for path in images}
        job.part = i / len(images)
        yield
        time.sleep(0.01)
    job.running = False
    yield from idle(window, 10)
    assert panel.key("Ctrl+C")
    yield from until(lambda: "copied" in window.app.session.latest)
    yield from idle(window)
    panel.job = None
    yield from idle(window)


def _row(path: Path, number: int) -> dict[str, object]:
    """What a batch says of an image."""
    good = number % 50 > 0
    row: dict[str, object] = {"Image": path.name, "Status": "ok" if good else "failed", "Node": "" if good else "load"}
    row |= {"Message": "" if good else "The file is damaged; write it anew.", "Notes": "", "Seconds": 0.4}
    return row | ({f"Quantity {i} (µm)": 1.5 * number + i for i in range(8)} if good else {})


def move_settings(window: "Window", recipe: Path, images: list[Path], folder: Path) -> Steps:
    """A batch of a few images that moves the settings for the uncertainty budget."""
    import dearpygui.dearpygui as dpg

    from graingraph.app.gui.panels.batch import Batch

    window.app.open(recipe)
    yield
    session = window.app.session
    session.remove_images(session.images)
    session.add_images(images)
    yield from computed(window)
    panel = panel_of(window, Batch)
    window._show_panel("Batch")
    dpg.set_value(panel.widgets["out"], str(folder))
    dpg.set_value(panel.widgets["moving"], True)
    yield from idle(window)
    panel.run()
    yield from until(lambda: not (panel.job and panel.job.running), 300)
    yield from idle(window, 10)
    assert panel.job
    assert not panel.job.problems, panel.job.problems
    session.remove_images(images)


def run_60_nodes(window: "Window", recipe: Path, image: Path) -> Steps:
    """60 nodes with pictures, all of them in view: they are computed, twice, while the canvas is panned."""
    from graingraph.app.document import commands

    window.app.open(recipe)
    yield
    session, canvas = window.app.session, window.app.canvas
    session.add_images([image])
    session.show_image(image)
    canvas.fit(everything=True)
    last = session.recipe.order[-1]
    for size in (5, 7):
        for node, step in session.recipe.steps.items():
            if step.type == "Filter":
                session.do(commands.set_value(session.recipe, node, "size", size))
        session.seal()
        session.view(last)
        yield
        end = time.monotonic() + 120
        while not all(status.state == "fresh" for status in session.statuses.values()) and time.monotonic() < end:
            canvas.viewpoint = canvas.viewpoint.panned(2 if int(end - time.monotonic()) % 2 else -2, 1)
            yield
        yield from computed(window)
    session.remove_images([image])


def paint(window: "Window", recipe: Path, image: Path) -> Steps:
    """Strokes of two classes on 6 megapixels, the map of all following each; undo; pan; record."""
    import numpy as np

    from graingraph.app.gui.viewer.panel import Viewer
    from graingraph.app.rendering.geometry import Point

    window.app.open(recipe)
    session = window.app.session
    session.add_images([image])
    session.show_image(image)
    session.select(["paint_segment"])
    session.view("paint_segment")
    yield from computed(window)
    viewer = panel_of(window, Viewer)
    drawing = viewer.tool
    yield from until(lambda: drawing.image and drawing.active)
    drawing.choose("brush")
    for number in range(8):
        drawing.brush.layer = drawing.classes[number % 2].name
        start = Point(300.0 + 300 * number, 400.0 + 900 * (number % 2))
        drawing.press(start)
        for angle in np.linspace(0, 3, 20):
            drawing.move(start.moved(60 * np.sin(angle), 60 * np.cos(angle) - 60))
            yield
        drawing.release(start)
        yield from computed(window)
    for _ in range(2):
        session.undo()
        yield from computed(window)
    viewpoint = viewer.shown.viewpoint
    middle = Point(viewpoint.size[0] / 2, viewpoint.size[1] / 2)
    for i in range(30):
        viewpoint.wheel(1 if i < 15 else -1, middle)
        yield
    yield from computed(window)
    session.remove_images([image])


def draw_strokes(window: "Window", recipe: Path) -> Steps:
    """Strokes with brush, pen, snap and polygon on 24 megapixels."""
    import numpy as np

    from graingraph.app.gui.viewer.panel import Viewer
    from graingraph.app.rendering.geometry import Point

    window.app.open(recipe)
    session = window.app.session
    session.select(["trace"])
    session.view("trace")
    yield from computed(window)
    viewer = panel_of(window, Viewer)
    drawing = viewer.tool
    yield from until(lambda: drawing.image)
    for index, tool in enumerate(("brush", "pen", "polygon", "eraser", "brush", "pen")):
        drawing.choose(tool)
        start = Point(800.0 + 500 * index, 1500.0)
        drawing.press(start)
        yield
        for angle in np.linspace(0, 6, 60):
            drawing.move(start.moved(300 * np.sin(angle), 300 * np.cos(angle) - 300))
            yield
        drawing.release(start)
        yield from computed(window)
    for _ in range(3):
        session.undo()
        yield from idle(window)
    yield from computed(window)


def pan_canvas(window: "Window", large: "Recipe") -> Steps:
    """Open a recipe of 300 nodes, pan and zoom it."""
    from graingraph.engine.recipe import file as recipe_file

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.graingraph.json"
        recipe_file.save(large, file)
        window.app.open(file)
    yield from computed(window)
    canvas = window.app.canvas
    for i in range(40):
        canvas.viewpoint = canvas.viewpoint.panned(12 if i < 20 else -12, 5)
        yield
    for i in range(30):
        canvas.zoom(1.1 if i < 15 else 1 / 1.1)
        yield


def edit_canvas(window: "Window") -> Steps:
    """Select 300 nodes, drag them, align, arrange, duplicate, undo, redo, mute, delete, copy and paste."""
    from graingraph.app.gui.canvas.controller import Modifiers
    from graingraph.app.rendering.geometry import Point

    session, canvas = window.app.session, window.app.canvas
    window.reader.poll = lambda: None  # type: ignore[method-assign]  # the pointer is ours
    canvas.select_all()
    yield from idle(window)
    box = next(iter(canvas.scene.boxes.values())).box
    at = canvas.viewpoint.to_screen((box.left + 20, box.top + 10))
    canvas.press("left", at, Modifiers())
    yield
    for i in range(15):
        canvas.move(Point(at.x + 3 * i, at.y + 2 * i))
        yield
    canvas.release(Point(at.x + 45, at.y + 30))
    yield from computed(window)
    acts: list[Callable[[], object]] = [canvas.arrange, canvas.copy, canvas.paste, session.undo, session.redo]
    acts += [canvas.duplicate, session.undo, session.redo, canvas.mute, session.undo, canvas.delete, session.undo]
    acts += [session.undo, session.undo, canvas.select_all, lambda: canvas.align("left"), session.undo]
    for act in acts:
        act()
        yield from idle(window, 4)
    yield from computed(window)


def pull_wire(window: "Window") -> Steps:
    """Pull a wire over a canvas of 300 nodes, drop it on empty space, search the palette."""
    from graingraph.app.gui.canvas.controller import Modifiers
    from graingraph.app.rendering.geometry import Point

    canvas = window.app.canvas
    spot = next(spot for spot in canvas.scene.spots.values() if spot.is_output)
    at = canvas.viewpoint.to_screen(spot.at)
    canvas.press("left", at, Modifiers())
    yield
    for i in range(20):
        canvas.move(Point(at.x + 10 * i, at.y + 7 * i))
        yield
    canvas.release(Point(at.x + 1, at.y - 300))
    yield from idle(window)
    canvas.open_palette_here()
    yield from idle(window)
    window.palette._search()
    yield from idle(window)
    canvas.cancel()
    yield from idle(window)


def save(window: "Window", target: Path) -> Steps:
    """Save a recipe of 300 nodes, several times."""
    for _ in range(5):
        window.app.session.save(target)
        yield from idle(window)


def settings_of_300(window: "Window") -> Steps:
    """Change a setting of one of 300 nodes forty times, each an edit of its own with its place in the journal."""
    from graingraph.app.document import commands

    session = window.app.session
    node = next(node for node, step in session.recipe.steps.items() if step.type == "Filter")
    session.select([node])
    yield from idle(window)
    for i in range(40):
        session.do(commands.set_value(session.recipe, node, "size", 3 + 2 * (i % 5)))
        session.seal()
        yield
    for _ in range(20):
        session.undo()
        yield
    yield from computed(window)


def follow_training(window: "Window") -> Steps:
    """A training publishes its curve and a preview many times."""
    import numpy as np

    from graingraph.app.gui.panels.training import TrainingPanel
    from graingraph.app.services.training import Training

    panel = panel_of(window, TrainingPanel)
    training = Training(window.app.session.recipe, "train", (), window.app.live.store)
    panel.training = training
    rng = np.random.default_rng(1)
    for i in range(40):
        epochs = np.arange(1, 10 * i + 2)
        loss = (1 / epochs).tolist()
        training._published("train", "curve", {"loss": loss, "iou": loss[::2], "epoch": epochs[::2].tolist()})
        preview = {"pixels": rng.random((256, 256, 1), np.float32), "probabilities": rng.random((256, 256, 2))}
        preview["colors"] = [(255, 0, 0), (0, 0, 255)]
        training._published("train", "preview", preview)
        training._progress("train", None, i / 40, f"epoch {i}")
        yield
    panel.training = None
    yield from idle(window)


def change_look(window: "Window") -> Steps:
    """Dark to light and back, other arrangements of the panels, help, the path dialog."""
    from graingraph.app.gui.shell import actions

    for label in ("Dark or light", "Dark or light", "Large canvas", "Large picture", "Large results", "All panels"):
        next(action for action in actions.ACTIONS if action.label == label).run(window.app)
        yield from idle(window, 6)
    window.app.show_help()
    yield from idle(window, 5)
    window.dialogs.key("Escape")
    window.app.ask_open()
    yield from idle(window, 5)
    window.dialogs.key("Escape")
    yield from idle(window, 3)
