"""The training panel: Train, watch the curve and a preview, stop and keep what was learnt so far."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import dearpygui.dearpygui as dpg
import numpy as np

from graingraph.app.document.annotation_reading import reading_for
from graingraph.app.document.annotations import export_annotations, import_edit, read_annotations
from graingraph.app.document.class_names import record_model
from graingraph.app.document.edit import Change
from graingraph.app.document.model_choice import doubts_about
from graingraph.app.document.names import title_in
from graingraph.app.document.roles import correcting_nodes, is_traced, tracing_nodes, training_nodes
from graingraph.app.document.training_facts import TrainingFacts, training_facts
from graingraph.app.gui.base.context import AppContext, Question
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.icons import labelled
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.theme import in_font, primary_button
from graingraph.app.gui.panels.plots import small_plot_theme
from graingraph.app.rendering.compose import as_rgb
from graingraph.app.services.training import Training
from graingraph.engine.evaluation.explain import seconds_text
from graingraph.engine.images.files import picture_hash
from graingraph.engine.images.image_set import ImageSet, printable
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.lock import require_unlocked
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values.wording import counted

if TYPE_CHECKING:
    from graingraph.engine.declare.injected import Source
    from graingraph.nodes.formats.annotations import Annotation

PREVIEW = 180
COVER = 0.6
"""How strongly the colour of a class covers the preview where the network is sure of it."""
TRAIN, STOP = labelled("train", "Train"), labelled("stop", "Stop and keep")
LOSSES = {"loss": "loss (left)"}
SCORES = {"iou": "held-out overlap (right)", "boundary_f1": "held-out boundaries (right)"}
"""What is drawn on the left axis, and on the right one, which goes from 0 to 1."""
FACTS = 320
"""Width of what is said beside the curve, at scale 1, in pixels."""
SHORT_FACTS = 40
"""As many images are listed."""


@panel("Training", place="bottom", order=30)
class TrainingPanel(Panel):
    """One training at a time, of a node of the recipe that runs only on request."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.training: Training | None = None
        self._recorded: Training | None = None
        self._document = 0
        self._learnt_marks: tuple[int, int] | None = None
        self._shown: tuple[object, ...] = ()
        self._nodes: list[str] | None = None
        self._titles: dict[str, str] = {}
        self._curve: object = None
        self._preview: object = None
        self._texture: int | str | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="training facts")
        self._asked: tuple[object, ...] = ()
        self._said = TrainingFacts()
        self._picture: int | str | None = None
        self.widgets: dict[str, int | str] = {}

    @property
    def facts(self) -> dict[str, object]:
        """What a test may want to know."""
        training = self.training
        return {
            "running": bool(training and training.running),
            "part": training.part if training else 0.0,
            "model": training.model.path.name if training and training.model else None,
            "words": dpg.get_value(self._words),
            "summary": self._said.summary,
            "uses": {image.name: image.use for image in self._said.images},
            "answers": list(self._said.answers),
        }

    def build(self, parent: int | str) -> None:
        """Make the widgets."""
        scale = self._app.ui_scale
        self._app.on_request = self
        self._row = FlowRow(parent, scale)
        with self._row.part():
            self.widgets["train node"] = dpg.add_combo([], width=round(160 * scale))
            # As wide as its longest label: a button that moves away is pressed by mistake.
            self.widgets["train"] = dpg.add_button(label=TRAIN, width=round(140 * scale), callback=self._press)
        with self._row.part():
            self.widgets["corrections"] = dpg.add_button(
                label="Learn from corrections", callback=lambda: self._app.attempt(lambda: self._start(True))
            )
            with dpg.tooltip(self.widgets["corrections"]):
                corrected = f"what you corrected in {correcting_nodes()}"
                dpg.add_text(f"Go on from the current model with {corrected}, and what you traced.")
        with self._row.part():
            self.widgets["goes on"] = dpg.add_checkbox(label="Learn while I draw")
            with dpg.tooltip(self.widgets["goes on"]):
                dpg.add_text(
                    "Go on from the current model after every stroke, in the background, and propose anew.\n"
                    "Begin with a block that is traced whole: draw its boundaries, then a rectangle with Block."
                )
        with self._row.part():
            self.widgets["annotations"] = dpg.add_button(label="Annotations…", callback=self._ask_annotations)
            with dpg.tooltip(self.widgets["annotations"]):
                dpg.add_text("Take over what was traced in another program, or write it for one")
        with self._row.part():
            self.widgets["card"] = dpg.add_button(label="Card…", show=False, callback=self._show_card)
            with dpg.tooltip(self.widgets["card"]):
                dpg.add_text("All that the model of this recipe says about itself")
        with dpg.group(horizontal=True, parent=parent):
            self._bar = dpg.add_progress_bar(width=round(140 * scale), show=False)
            self._words = dpg.add_text("")
        self._note = dpg.add_text("", parent=parent, wrap=0, show=False)
        with dpg.group(horizontal=True, parent=parent):
            self._beside = dpg.add_child_window(width=round((PREVIEW + 8) * scale), border=False, show=False)
            with dpg.plot(width=-round(FACTS * scale), height=-1, show=False) as self._plot:
                dpg.add_plot_legend(location=dpg.mvPlot_Location_East, outside=True)
                dpg.add_plot_axis(dpg.mvXAxis, label="", auto_fit=True)
                losses = dpg.add_plot_axis(dpg.mvYAxis, label="", auto_fit=True)
                scores = dpg.add_plot_axis(dpg.mvYAxis2, label="", opposite=True)
                dpg.set_axis_limits(scores, 0, 1.02)
            self._facts_box = dpg.add_child_window(border=False)
        dpg.bind_item_theme(self._plot, small_plot_theme(scale))
        self._lines = {
            name: dpg.add_line_series([], [], label=label, parent=axis)
            for axis, names in ((losses, LOSSES), (scores, SCORES))
            for name, label in names.items()
        }
        self._app.works.append(lambda: self.training)
        self._registry = dpg.add_texture_registry()

    def refresh(self) -> None:
        """Show how far the training is, and record its model when it ends."""
        self._row.refresh()
        self._offer(_trainable(self._app.session.recipe))
        self._go_on()
        self._look_at_facts()
        training = self.training
        if training is None:
            return
        if not training.running and self._recorded is training and self._document != self._app.session.document:
            self._forget()
            return
        if training.running:
            dpg.set_value(self._bar, training.part)
        if training.curve and training.curve is not self._curve:
            self._curve = training.curve
            self._show_curve(training)
        if training.preview is not self._preview:
            self._preview = training.preview
            self._show_preview(training)
        if not training.running and self._recorded is not training:
            self._recorded = training
            self._app.attempt(lambda: self._record(training))
        left = f", about {seconds_text(training.eta)} to go" if training.running and training.eta else ""
        words = f"{training.words}{left}" if training.running else training.outcome
        shown = (training, training.running, words, training.note)
        if shown != self._shown:
            self._shown = shown
            dpg.configure_item(self.widgets["train"], label=STOP if training.running else TRAIN)
            dpg.configure_item(self._bar, show=training.running)
            dpg.configure_item(self.widgets["corrections"], enabled=not training.running)
            self._say(words)
            dpg.set_value(self._note, training.note)
            dpg.configure_item(self._note, show=bool(training.note), color=self._app.colors.states["running"])

    def _forget(self) -> None:
        """Show nothing of the training of a recipe that is no longer open."""
        self.training = None
        self._nodes, self._shown = None, ()
        for item in (self._plot, self._beside, self._note):
            dpg.configure_item(item, show=False)

    def _offer(self, nodes: list[str]) -> None:
        if nodes == self._nodes:
            return
        self._nodes = nodes
        item = self.widgets["train node"]
        self._titles = {title_in(self._app.session.recipe, node): node for node in nodes}
        dpg.configure_item(item, items=list(self._titles))
        chosen = dpg.get_value(item)
        dpg.set_value(item, chosen if chosen in self._titles else next(iter(self._titles), ""))
        for name in ("train node", "corrections", "goes on"):
            dpg.configure_item(self.widgets[name], show=bool(nodes))
        dpg.configure_item(self.widgets["train"], enabled=bool(nodes))
        if self.training is None:
            self._say("" if nodes else f"Add a {training_nodes()} node to teach a network from what you traced.")

    def _say(self, words: str) -> None:
        dpg.set_value(self._words, words)
        dpg.configure_item(self._words, show=bool(words))

    # what is learnt and how good it is ---------------------------------------------------------------------------

    def _look_at_facts(self) -> None:
        """Have it found out in a thread what is traced, learnt and held out, where that may have changed."""
        session = self._app.session
        node = self._node
        step = session.recipe.steps.get(node)
        asked = (node, step, session.recipe.wires, session.images, session.marks, session.marks_revision)
        if asked == self._asked:
            return
        self._asked = asked
        if step is None:
            self._show_facts(TrainingFacts(), trains=False)
            return
        recipe, images, marks, models = session.recipe, session.images, session.marks, session.models

        def look() -> None:
            if self._asked is not asked:  # something was drawn since; that is looked at next
                return
            hashes = {printable(path.name): picture_hash(path) for path in images}
            facts = training_facts(recipe, node, hashes, marks, models)
            self._app.post(lambda: self._show_facts(facts))

        self._pool.submit(look)

    def _show_facts(self, facts: TrainingFacts, *, trains: bool = True) -> None:
        self._said = facts
        colors = self._app.colors
        dpg.configure_item(self.widgets["card"], show=bool(facts.card))
        dpg.configure_item(self.widgets["annotations"], show=trains)
        dpg.bind_item_theme(self.widgets["train"], primary_button(colors))
        dpg.delete_item(self._facts_box, children_only=True)
        if not trains:
            return
        with dpg.group(parent=self._facts_box):
            in_font(dpg.add_text(facts.summary, wrap=0), "strong")
            if facts.answers:
                dpg.add_text("\n".join(facts.answers), wrap=0)
            shown = [image for image in facts.images if image.use != "not traced"][:SHORT_FACTS]
            quiet = [*facts.scores, *map(str, shown)]
            dpg.add_text("\n".join(quiet), wrap=0, color=colors.faint, show=bool(quiet))

    def _show_card(self) -> None:
        lines = [" ".join(line.split()) for line in self._said.card.splitlines()]
        self._app.ask(Question("Card of the model", ("\n".join(lines),), ()))

    def _ask_annotations(self) -> None:
        formats = {
            "coco": "COCO",
            "labelme": "LabelMe",
            "geojson": "GeoJSON",
            "imagej": "ImageJ ROIs",
            "classes": "label images",
        }
        answers: list[tuple[str, Callable[[], object]]] = [("Import a folder…", self._ask_import)]
        answers += [(f"Export {words}…", partial(self._ask_export, name)) for name, words in formats.items()]
        lines = (
            "Import: label or painted images, COCO, LabelMe, GeoJSON, YOLO or ImageJ files,"
            " named like the images of the tray.",
            "Export: what is traced on the images of the tray.",
        )
        self._app.ask(Question("Annotations of other programs", lines, tuple(answers)))

    def _traced_node(self) -> str:
        """The node that is traced for this training. ``Problem`` where there is none."""
        recipe, node = self._app.session.recipe, self._node
        found = [name for name in recipe.order if name in recipe.ancestors(node) and is_traced(recipe.steps[name])]
        if not found:
            raise Problem(f"Nothing is traced for this training; wire a {tracing_nodes()} node into it.")
        return found[-1]

    def _ask_import(self) -> None:
        start = self._app.session.images[0].parent if self._app.session.images else Path.cwd()
        self._app.ask_path("Folder of annotations", start, "folder", self._import)

    def _import(self, folder: Path) -> None:
        """Read annotations in a thread, and draw them as one edit."""
        session, node = self._app.session, self._traced_node()
        recipe, images, document = session.recipe, session.images, session.document

        def draw(matched: "list[tuple[Source, Annotation]]") -> None:
            if session.document == document and session.recipe.steps.get(node) == recipe.steps[node]:
                session.do(import_edit(session.recipe, node, session.marks, matched))
                remarks = dict.fromkeys(remark for _, annotation in matched for remark in annotation.remarks)
                drawn = f"The annotations of {counted(len(matched), 'image')} are drawn. Undo takes them back."
                session.say(" ".join([drawn, *remarks]))

        def read() -> Callable[[], None]:
            reading = reading_for(recipe, Wire(node, "", "", ""), "auto")
            matched = read_annotations(recipe, node, ImageSet.of_files(images), folder, reading)
            return lambda: draw(matched)

        self._app.in_thread(self._pool.submit, "Reading the annotations", read)

    def _ask_export(self, file_format: str) -> None:
        start = self._app.session.suggested_file.parent / "annotations"
        self._app.ask_path(
            "Folder for the annotations", start, "folder", lambda folder: self._export(folder, file_format)
        )

    def _export(self, folder: Path, file_format: str) -> None:
        session, node = self._app.session, self._traced_node()
        recipe, images, marks = session.recipe, session.images, session.marks

        def write() -> Callable[[], None]:
            count = export_annotations(recipe, node, ImageSet.of_files(images), marks, folder, file_format)
            return lambda: session.say(f"The marks of {counted(count, 'image')} are written to {folder}.")

        self._app.in_thread(self._pool.submit, "Writing the annotations", write)

    # training ----------------------------------------------------------------------------------------------------

    @property
    def _node(self) -> str:
        """The node that is to be trained; empty for none."""
        return self._titles.get(dpg.get_value(self.widgets["train node"]), "")

    def label(self, node: str) -> str:
        """What the button of a node on the canvas says."""
        return "Stop and keep" if self._runs(node) else "Train"

    def press(self, node: str) -> None:
        """Train this node, or stop its training."""
        if not self._runs(node):
            if self.training and self.training.running:
                self._app.session.say("Another training runs; stop that one first.", "warning")
                return
            self._offer(_trainable(self._app.session.recipe))
            dpg.set_value(self.widgets["train node"], title_in(self._app.session.recipe, node))
        self._app.show_panel("Training")
        self._press()

    def _runs(self, node: str) -> bool:
        training = self.training
        return training is not None and training.running and training.node == node

    def _press(self) -> None:
        if self.training and self.training.running:
            self.training.stop()
        else:
            self._app.attempt(self._start)

    def _go_on(self) -> None:
        """Learn what was drawn since the last training, where that is wanted; no more where it cannot be."""
        session, training = self._app.session, self.training
        drawn = (session.document, session.marks_revision)
        busy = training and (training.running or self._recorded is not training)
        if busy or drawn == self._learnt_marks or not dpg.get_value(self.widgets["goes on"]) or self._app.leaving:
            return
        self._learnt_marks = drawn
        self._app.attempt(lambda: self._start(goes_on=True))
        if self.training is training:
            dpg.set_value(self.widgets["goes on"], False)

    def _start(self, corrections: bool = False, goes_on: bool = False) -> None:
        session = self._app.session
        node = self._node
        require_unlocked(session.recipe)
        if node not in session.recipe.steps:
            kinds = training_nodes()
            raise Problem(f"The recipe has no {kinds} node; add one and wire the image and what was traced into it.")
        if not session.images:
            raise Problem("There are no images to learn from; add the traced ones to the tray.")
        self._app.live.store.marks = session.marks
        self._app.live.store.models = session.models
        self._document = session.document
        self.training = Training(
            session.recipe,
            node,
            session.images,
            self._app.live.store,
            changed=lambda: self._app.post(lambda: None),
            corrections=corrections,
            goes_on=goes_on,
        )
        self.training.start()

    def _record(self, training: Training) -> None:
        """Put the new model into the recipe as an edit; a failure becomes a message."""
        session = self._app.session
        if training.problem and training.goes_on:
            training.note = str(training.problem)  # what is not enough yet is no fault
        elif training.problem:
            session.report(training.problem)
        if training.model is None:
            return
        if self._document != session.document or training.node not in session.recipe.steps:
            session.say(f"The model of a recipe that is no longer open lies in {training.model.path}.", "warning")
            return
        before = str(session.recipe.steps[training.node].settings.get("model", ""))
        stopped = training.stopped and not training.goes_on  # that one ends after its time
        doubts = doubts_about(before, training.reference, session.models, stopped=stopped)
        if not doubts:
            self._use(training)
        elif self._app.leaving or training.goes_on:
            self._leave_aside(training)
        else:
            answers = (
                ("Use the new model", lambda: self._use(training)),
                ("Keep the model before", lambda: self._leave_aside(training)),
            )
            self._app.ask(Question("Use the new model?", doubts, answers))

    def _use(self, training: Training) -> None:
        session, model = self._app.session, training.model
        gone = self._document != session.document or training.node not in session.recipe.steps
        if model is None or gone:
            return
        recorded = record_model(session.recipe, training.node, training.reference, session.models)
        session.do(Change("Train", session.recipe, recorded))
        for note in model.notes:
            session.say(str(note), "warning")
        session.say(f"The model {model.path.name} is recorded in the recipe.")

    def _leave_aside(self, training: Training) -> None:
        if training.model:
            where = f"the new one lies in {training.model.path}"
            self._app.session.say(f"The recipe keeps the model it had; {where}, and training again goes on from there.")

    def _show_curve(self, training: Training) -> None:
        dpg.configure_item(self._plot, show=True)
        for name, line in self._lines.items():
            values = [float(v) for v in training.curve.get(name, ())]
            at = [float(v) for v in training.curve.get("epoch", ())] if name in SCORES else []
            dpg.set_value(line, [at or [float(i + 1) for i in range(len(values))], values])

    def _show_preview(self, training: Training) -> None:
        picture = preview_picture(training.preview)
        if picture is None:
            return
        height, width = picture.shape[:2]
        data = np.ones((height, width, 4), np.float32)
        data[..., :3] = picture / np.float32(255)
        texture = dpg.add_static_texture(width, height, data.ravel(), parent=self._registry)
        size = round(PREVIEW * self._app.ui_scale)
        dpg.configure_item(self._beside, show=True)
        if self._picture is not None:
            dpg.delete_item(self._picture)
        self._picture = dpg.add_image(texture, width=size, height=round(size * height / width), parent=self._beside)
        if self._texture is not None:
            dpg.delete_item(self._texture)
        self._texture = texture


def preview_picture(preview: object) -> np.ndarray | None:
    """The part of an image that the training publishes, with every class laid over it in its colour.

    Classes that are grey, as what nobody traced is, leave the picture as it is.
    """
    if not isinstance(preview, dict) or not {"pixels", "probabilities", "colors"} <= preview.keys():
        return None
    pixels, shares = np.asarray(preview["pixels"]), np.asarray(preview["probabilities"])
    low, high = (float(v) for v in np.percentile(pixels, (1, 99)))
    rgb = as_rgb(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels, (low, max(high, low + 1e-6)))
    colors = np.array(preview["colors"], float)
    shares = np.clip(shares, 0, 1) * (np.ptp(colors, axis=1) > 0) * COVER
    return (rgb * (1 - shares.sum(axis=2, keepdims=True)) + shares @ colors).astype(np.uint8)


def _trainable(recipe: Recipe) -> list[str]:
    return [node for node, step in recipe.steps.items() if step.on_request]
