"""Training from the window, in a thread of its own; the new model is recorded in the recipe as an edit. No display."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graingraph.app.document.corrections import corrected_truth, from_current_model, is_corrected, learning_on
from graingraph.app.document.held_out_answers import with_answers
from graingraph.app.document.roles import training_of
from graingraph.engine.declare.models import reference
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.explain import seconds_text
from graingraph.engine.evaluation.store import Listener, Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Cancelled, Problem, unexpected
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Model

GOES_ON_S = 80.0
"""How long a training that goes on while a person draws may take, in seconds: the next one has seen more of it."""


@dataclass(eq=False)
class Training:
    """One training of one node. The thread replaces whole values only; ``done`` is called from it at the end.

    ``curve`` holds what was learnt so far by name (loss; held-out scores with their epochs), ``preview`` a picture.
    With ``corrections`` it starts from the current model and learns corrected images as they were corrected. One that
    ``goes_on`` while the person draws does so with whatever there is, and ends after ``GOES_ON_S`` seconds at most.
    """

    recipe: Recipe
    node: str
    images: Sequence[Path]
    store: Store
    changed: Callable[[], None] = lambda: None
    corrections: bool = False
    goes_on: bool = False
    curve: Mapping[str, Sequence[float]] = field(default_factory=dict)
    preview: Any = None
    note: str = ""
    words: str = "Gathering what was traced"
    part: float = 0.0
    eta: float | None = None
    model: Model | None = None
    problem: Problem | None = None
    running: bool = True
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._out_of_time = False
        self._learning_since: float | None = None
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End soon and keep the model learnt so far."""
        self._stop.set()
        self.words, self.eta = "Stopping; what was learnt so far is kept", None

    @property
    def stopped(self) -> bool:
        """Whether a person told it to stop before its end."""
        return self._stop.is_set() and not self._out_of_time

    @property
    def when_quitting(self) -> str:
        """What becomes of it where the person quits now."""
        return "A training is running. What was learnt so far is kept, and training again goes on from there."

    def wait(self, seconds: float | None = None) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    @property
    def outcome(self) -> str:
        """How it ended, in a few words."""
        return f"Trained for {seconds_text(self.seconds)}." if self.model else "Not trained."

    @property
    def reference(self) -> str:
        """What the recipe records: the model's file name and content hash; empty where none was made."""
        return reference(self.model.path) if self.model else ""

    def _work(self) -> None:
        start = time.monotonic()
        try:
            listener = Listener(progress=self._progress, published=self._published)
            image_set = ImageSet.of_files(self.images)
            recipe = self._starting()
            evaluation = Evaluation(recipe, image_set, self.store, listener=listener, cancelled=self._stop.is_set)
            truth = training_of(recipe, self.node).truth
            corrections = self.corrections or (self.goes_on and is_corrected(evaluation, self.node))
            given = {truth: corrected_truth(evaluation, self.node)} if corrections else {}
            product = evaluation.train(self.node, **given)
            self.note = ""  # advice while it learns; what holds of the model is said with the model
            if isinstance(product, Model):
                self.words, self.eta = "Measuring the held-out images", None
                self.model = with_answers(evaluation, self.node, product, given.get(truth))
        except Problem as problem:
            self.problem = problem
        except Cancelled:
            self.note = "Stopped before anything was learnt."
        except Exception as error:  # the panel must hear of whatever a library does
            logging.getLogger(__name__).exception("training")
            self.problem = unexpected(error, "The training")
        finally:
            self.seconds = time.monotonic() - start
            self.running = False
            self.changed()

    def _starting(self) -> Recipe:
        """The recipe whose training starts where this one is to."""
        if self.goes_on:
            return learning_on(self.recipe, self.node)
        return from_current_model(self.recipe, self.node, self.store.models) if self.corrections else self.recipe

    def _progress(self, node: str, image: str | None, fraction: float, message: str) -> None:
        if node == self.node:
            self._end_in_time()
            spent = (GOES_ON_S - self._time_left) / GOES_ON_S if self.goes_on else 0.0
            self.part = max(fraction, min(spent, 1.0))
        self.words = message if message and not self.stopped else self.words
        self.changed()

    def _end_in_time(self) -> None:
        """Keep what was learnt so far where it has gone on for long enough."""
        if self._learning_since is None:
            self._learning_since = time.monotonic()
        elif self.goes_on and self._time_left < 0:
            self._out_of_time = not self._stop.is_set()
            self._stop.set()

    @property
    def _time_left(self) -> float:
        """How long one that goes on may still learn, in seconds."""
        return GOES_ON_S - (time.monotonic() - (self._learning_since or time.monotonic()))

    def _published(self, node: str, name: str, value: Any) -> None:
        if name == "eta" and self.goes_on:
            value = min(value, max(self._time_left, 0.0))
        if name in ("curve", "preview", "note", "eta") and not (name == "eta" and self.stopped):
            setattr(self, name, value)
        self.changed()
