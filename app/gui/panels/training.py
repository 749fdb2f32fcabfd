"""The training panel: Train, watch the curve and a preview, stop and keep what was learnt so far."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import dearpygui.dearpygui as dpg

from graingraph.app.document.class_names import record_model
from graingraph.app.document.edit import Change
from graingraph.app.document.model_choice import doubts_about
from graingraph.app.document.names import title_in
from graingraph.app.document.roles import correcting_nodes, is_traced, tracing_nodes, training_nodes
from graingraph.app.document.status import NodeStatus
from graingraph.app.document.training_facts import TrainingFacts, Use, training_facts
from graingraph.app.gui.base.context import AppContext, Question
from graingraph.app.gui.base.flow_row import FlowRow
from graingraph.app.gui.base.icons import labelled
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.gui.base.theme import in_font, primary_button
from graingraph.app.gui.panels.annotation_exchange import AnnotationExchange
from graingraph.app.gui.panels.training_progress import TrainingProgress
from graingraph.app.services.training import Training
from graingraph.engine.evaluation.explain import seconds_text
from graingraph.engine.images.files import picture_hash
from graingraph.engine.images.image_set import printable
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.lock import require_unlocked
from graingraph.engine.recipe.recipe import Recipe

TITLE = "Training"
TRAIN = "Train"
STOP_AND_KEEP = "Stop and keep"
LEARN_FROM_CORRECTIONS = "Learn from corrections"
WHAT_IT_LEARNS = "Go on from the current model with what you corrected in {correcting_nodes}, and what you traced."
LEARN_WHILE_I_DRAW = "Learn while I draw"
HOW_IT_LEARNS = (
    "Go on from the current model after every stroke, in the background, and propose anew.\n"
    "Begin with a block that is traced whole: draw its boundaries, then a rectangle with Block."
)
ANNOTATIONS = "Annotations…"
WHAT_ANNOTATIONS_DOES = "Take over what was traced in another program, or write it for one"
CARD = "Card…"
WHAT_THE_CARD_IS = "All that the model of this recipe says about itself"
CARD_OF_MODEL = "Card of the model"
WHAT_IT_ANSWERS = "What the recipe gives with its model on images that were traced and not learnt, on average:"
WAIT_FOR_IT = "Waits for {node}, which is learning."
TO_GO = "{doing}, about {time} to go"
OF_ANOTHER = "{recipe}: {doing}"
GOES_ON_LEARNING = "{recipe} goes on learning; the tab Training stops it, and its model is kept."
ADD_A_NODE = "Add a {training_nodes} node to teach a network from what you traced."
NO_NODE = "The recipe has no {training_nodes} node; add one and wire the image and what was traced into it."
NOTHING_TRACED = "Nothing is traced for this training; wire a {tracing_nodes} node into it."
NO_IMAGES = "There are no images to learn from; add the traced ones to the tray."
ONLY_CORRECTED = "Images are corrected here and none is traced; press {button}."
ANOTHER_RUNS = "Another training runs, of {recipe}; stop that one first."
NO_LONGER_OPEN = "The model of {recipe}, which is no longer open, lies in {path}."
NODE_IS_GONE = "The node that learnt is no longer in the recipe; its model lies in {path}."
NOT_TRAINED = "{recipe}, which is no longer open, was not trained. {why}"
USE_IT = "Use the new model?"
USE_NEW = "Use the new model"
KEEP_OLD = "Keep the model before"
RECORDED = "The model {model} is recorded in the recipe."
LEFT_ASIDE = "The recipe keeps the model it had; the new one lies in {path}, and training again goes on from there."

FACTS = 320
"""Width of what is said beside the curve, at scale 1, in pixels."""
SHORT_FACTS = 40
"""As many images are listed."""


@panel(TITLE, place="bottom", order=30)
class TrainingPanel(Panel):
    """One training at a time, of a node of the recipe that runs only on request."""

    def __init__(self, app: AppContext) -> None:
        super().__init__(app)
        self.training: Training | None = None
        self._recorded: Training | None = None
        self._document = 0
        self._recipe = ""
        """What the recipe of the training is called."""
        self._told: Training | None = None
        self._learnt_marks: tuple[int, int] | None = None
        self._shown: tuple[object, ...] = ()
        self._nodes: list[str] | None = None
        self._titles: dict[str, str] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="training facts")
        self._annotations = AnnotationExchange(app, self._pool, self._traced_node)
        self._asked: tuple[object, ...] = ()
        self._said = TrainingFacts()
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
            self.widgets["train"] = dpg.add_button(
                label=labelled("train", TRAIN), width=round(140 * scale), callback=self._press
            )
        with self._row.part():
            self.widgets["corrections"] = dpg.add_button(
                label=LEARN_FROM_CORRECTIONS, callback=lambda: self._app.attempt(lambda: self._start(True))
            )
            with dpg.tooltip(self.widgets["corrections"]):
                dpg.add_text(WHAT_IT_LEARNS.format(correcting_nodes=correcting_nodes()))
        with self._row.part():
            self.widgets["goes on"] = dpg.add_checkbox(label=LEARN_WHILE_I_DRAW)
            with dpg.tooltip(self.widgets["goes on"]):
                dpg.add_text(HOW_IT_LEARNS)
        with self._row.part():
            self.widgets["annotations"] = dpg.add_button(label=ANNOTATIONS, callback=lambda: self._annotations.ask())
            with dpg.tooltip(self.widgets["annotations"]):
                dpg.add_text(WHAT_ANNOTATIONS_DOES)
        with self._row.part():
            self.widgets["card"] = dpg.add_button(label=CARD, show=False, callback=self._show_card)
            with dpg.tooltip(self.widgets["card"]):
                dpg.add_text(WHAT_THE_CARD_IS)
        with dpg.group(horizontal=True, parent=parent):
            self._bar = dpg.add_progress_bar(width=round(140 * scale), show=False)
            self._words = dpg.add_text("")
        self._note = dpg.add_text("", parent=parent, wrap=0, show=False)
        with dpg.group(horizontal=True, parent=parent):
            self._progress = TrainingProgress(scale, beside=round(FACTS * scale))
            self._facts_box = dpg.add_child_window(border=False)
        self._app.works.append(lambda: self.training)

    def refresh(self) -> None:
        """Show how far the training is, and record its model when it ends."""
        self._row.refresh()
        self._offer(_trainable(self._app.session.recipe))
        self._go_on()
        self._look_at_facts()
        training = self.training
        self._show_at_work()
        if training is None:
            return
        if self._is_open:
            self._recipe = self._app.session.title
        if not training.running and self._recorded is training and not self._is_open:
            self._forget()
            return
        if training.running:
            dpg.set_value(self._bar, training.part)
        self._progress.show(training)
        if not training.running and self._recorded is not training:
            self._recorded = training
            self._app.attempt(lambda: self._record(training))
        words = _words(training) if training.running else training.outcome
        if not self._is_open:
            words = OF_ANOTHER.format(recipe=self._recipe, doing=words)
            if training.running and self._told is not training:
                self._told = training
                self._app.session.say(GOES_ON_LEARNING.format(recipe=self._recipe))
        shown = (training, training.running, words, training.note)
        if shown != self._shown:
            self._shown = shown
            label = labelled("stop", STOP_AND_KEEP) if training.running else labelled("train", TRAIN)
            dpg.configure_item(self.widgets["train"], label=label, enabled=training.running or bool(self._nodes))
            dpg.configure_item(self._bar, show=training.running)
            dpg.configure_item(self.widgets["corrections"], enabled=not training.running)
            self._say(words)
            dpg.set_value(self._note, training.note)
            dpg.configure_item(self._note, show=bool(training.note), color=self._app.colors.states["running"])

    @property
    def _is_open(self) -> bool:
        """Whether the recipe of the training is the one that is open."""
        return self._document == self._app.session.document

    def _show_at_work(self) -> None:
        """Have the node that learns say how far it is, and those that need its model that they wait for it."""
        session, training = self._app.session, self.training
        found: dict[str, NodeStatus] = {}
        if training is not None and training.running and self._is_open:
            recipe, statuses = session.recipe, session.statuses
            if training.node in recipe.steps:
                behind = [node for node in recipe.descendants(training.node) if node in statuses]
                untaught = [node for node in behind if statuses[node].state == "needs training"]
                wait = NodeStatus(why=WAIT_FOR_IT.format(node=title_in(recipe, training.node)))
                found = dict.fromkeys(untaught, wait)
                before = statuses.get(training.node, NodeStatus())
                now = NodeStatus("running", _words(training), progress=training.part)
                found[training.node] = replace(now, headline=before.headline, thumbnail=before.thumbnail)
        if found != session.at_work:
            session.at_work = found
            session.revision += 1

    def _forget(self) -> None:
        """Show nothing of the training of a recipe that is no longer open."""
        self.training = None
        self._nodes, self._shown = None, ()
        self._progress.hide()
        dpg.configure_item(self._note, show=False)

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
        running = self.training is not None and self.training.running  # of another recipe, which may be stopped
        dpg.configure_item(self.widgets["train"], enabled=bool(nodes) or running)
        if self.training is None:
            self._say("" if nodes else ADD_A_NODE.format(training_nodes=training_nodes()))

    def _say(self, words: str) -> None:
        dpg.set_value(self._words, words)
        dpg.configure_item(self._words, show=bool(words))

    # what is learnt and how good it is ---------------------------------------------------------------------------

    def _look_at_facts(self) -> None:
        """Have it found out in a thread what is traced, learnt and held out, where that may have changed."""
        session = self._app.session
        node = self._node
        step = session.recipe.steps.get(node)
        traced = any(map(is_traced, session.recipe.steps.values()))
        asked = (node, step, traced, session.recipe.wires, session.images, session.marks, session.marks_revision)
        if asked == self._asked:
            return
        self._asked = asked
        dpg.configure_item(self.widgets["annotations"], show=traced or step is not None)
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
        dpg.bind_item_theme(self.widgets["train"], primary_button(colors))
        dpg.delete_item(self._facts_box, children_only=True)
        if not trains:
            return
        with dpg.group(parent=self._facts_box):
            in_font(dpg.add_text(facts.summary, wrap=0), "strong")
            if facts.answers:
                dpg.add_text("\n".join((WHAT_IT_ANSWERS, *facts.answers)), wrap=0)
            shown = [image for image in facts.images if image.use is not Use.NONE][:SHORT_FACTS]
            quiet = [*facts.scores, *map(str, shown)]
            dpg.add_text("\n".join(quiet), wrap=0, color=colors.faint, show=bool(quiet))

    def _show_card(self) -> None:
        lines = [" ".join(line.split()) for line in self._said.card.splitlines()]
        self._app.ask(Question(CARD_OF_MODEL, ("\n".join(lines),), ()))

    def _traced_node(self) -> str:
        """The node that is traced for this training, or in a recipe without any. ``Problem`` where there is none."""
        recipe, node = self._app.session.recipe, self._node
        before = recipe.ancestors(node) if node else recipe.steps
        found = [name for name in recipe.order if name in before and is_traced(recipe.steps[name])]
        if not found:
            raise Problem(NOTHING_TRACED.format(tracing_nodes=tracing_nodes()))
        return found[-1]

    # training ----------------------------------------------------------------------------------------------------

    @property
    def _node(self) -> str:
        """The node that is to be trained; empty for none."""
        return self._titles.get(dpg.get_value(self.widgets["train node"]), "")

    def label(self, node: str) -> str:
        """What the button of a node on the canvas says."""
        return STOP_AND_KEEP if self._runs(node) else TRAIN

    def press(self, node: str) -> None:
        """Train this node, or stop its training."""
        if not self._runs(node):
            if self.training and self.training.running:
                self._app.session.say(ANOTHER_RUNS.format(recipe=self._recipe), "warning")
                return
            self._offer(_trainable(self._app.session.recipe))
            dpg.set_value(self.widgets["train node"], title_in(self._app.session.recipe, node))
        self._app.show_panel(TITLE)
        self._press()

    def _runs(self, node: str) -> bool:
        training = self.training
        return training is not None and training.running and self._is_open and training.node == node

    def _press(self) -> None:
        if self.training and self.training.running:
            self.training.stop()
            dpg.set_value(self.widgets["goes on"], False)  # or the next one would begin at once
            self._learnt_marks = None  # what was drawn is not learnt: it is when that is ticked again
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
            raise Problem(NO_NODE.format(training_nodes=training_nodes()))
        if not session.images:
            raise Problem(NO_IMAGES)
        self._app.live.store.marks = session.marks
        self._app.live.store.models = session.models
        self._document, self._recipe = session.document, session.title
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
        elif training.problem and not self._is_open:
            session.say(NOT_TRAINED.format(recipe=self._recipe, why=training.problem.message), "error", until_edit=True)
        elif training.problem:
            session.report(training.problem, until_edit=True)
            if self._said.corrected and not (self._said.traced or training.corrections):
                session.say(ONLY_CORRECTED.format(button=LEARN_FROM_CORRECTIONS), "warning", until_edit=True)
        if training.model is None:
            return
        if not self._is_open:
            session.say(NO_LONGER_OPEN.format(recipe=self._recipe, path=training.model.path), "warning")
            return
        if training.node not in session.recipe.steps:
            session.say(NODE_IS_GONE.format(path=training.model.path), "warning")
            return
        before = str(session.recipe.steps[training.node].settings.get("model", ""))
        doubts = doubts_about(before, training.reference, session.models, stopped=training.stopped)
        if not doubts:
            self._use(training)
        elif self._app.leaving or (training.goes_on and not training.stopped):
            self._leave_aside(training)
        else:
            answers = (
                (USE_NEW, lambda: self._use(training)),
                (KEEP_OLD, lambda: self._leave_aside(training)),
            )
            self._app.ask(Question(USE_IT, doubts, answers))

    def _use(self, training: Training) -> None:
        session, model = self._app.session, training.model
        gone = not self._is_open or training.node not in session.recipe.steps
        if model is None or gone:
            return
        recorded = record_model(session.recipe, training.node, training.reference, session.models)
        session.do(Change(TRAIN, session.recipe, recorded))
        for note in model.notes:
            session.say(str(note), "warning")
        session.say(RECORDED.format(model=model.path.name))

    def _leave_aside(self, training: Training) -> None:
        if training.model:
            self._app.session.say(LEFT_ASIDE.format(path=training.model.path))


def _words(training: Training) -> str:
    """What a training that runs is doing, and how long it takes yet."""
    if training.eta:
        return TO_GO.format(doing=training.words, time=seconds_text(training.eta))
    return training.words


def _trainable(recipe: Recipe) -> list[str]:
    return [node for node, step in recipe.steps.items() if step.on_request]
