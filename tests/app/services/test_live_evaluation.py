"""Live evaluation with the main thread played by the test: newest wins, cancel, progress, what is told of each node."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.app.document import commands
from graingraph.app.document.session import Session
from graingraph.app.gui.base.context import AppContext
from graingraph.app.services import live_evaluation as live
from graingraph.app.services.live_evaluation import LiveEvaluation, Wanted
from graingraph.engine.evaluation import keys
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Mask, Table
from tests.support import slow_node  # noqa: F401  (declares the node Wait)
from tests.support.recipes import chain


@pytest.fixture
def image(tmp_path: Path) -> Path:
    pixels = np.full((60, 80), 20, np.uint8)
    pixels[10:30, 10:30] = pixels[40:55, 50:70] = 220
    cv2.imwrite(str(tmp_path / "squares.png"), pixels)
    return tmp_path / "squares.png"


class Person:
    """The window without its panels, with live evaluation; ``until`` is the main loop."""

    def __init__(self, recipe: Recipe, image: Path) -> None:
        self.session = Session(recipe)
        self.session.add_images([image])
        self.app = AppContext(self.session)
        self.live = self.app.live = LiveEvaluation(self.app.session, self.app.post)

    def turn(self) -> None:
        if not self.app.events.empty():
            self.app.events.get()()
        self.live.follow()

    def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, self.session.statuses
            self.turn()
            if self.app.events.empty():
                time.sleep(0.002)

    def state(self, node: str) -> str:
        return self.session.statuses[node].state if node in self.session.statuses else ""


def test_what_is_looked_at_is_computed_before_all_else(image: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "PAUSE_S", 60)
    person = Person(chain(), image)
    person.session.view("threshold")
    person.until(lambda: person.state("threshold") == "fresh")
    assert person.state("measure_features") == "not computed"
    assert isinstance(person.live.value("threshold", "mask"), Mask)
    assert person.live.value("measure_features") is None
    person.until(lambda: person.session.statuses["threshold"].thumbnail in person.session.thumbnails)
    person.live.want("results", [Wanted("measure_features")])
    person.until(lambda: person.state("measure_features") == "fresh")
    table = person.live.value("measure_features")
    assert isinstance(table, Table)
    assert len(table.frame) == 2
    person.until(lambda: person.session.statuses["measure_features"].headline == table.headline)


def test_the_window_never_works_out_what_results_are_kept_under(image: Path, monkeypatch: pytest.MonkeyPatch):
    threads = set[str]()

    def slowly(function: Callable[..., object]) -> str:
        threads.add(threading.current_thread().name)
        time.sleep(0.02)
        return function.__name__

    monkeypatch.setattr(keys, "code_of", slowly)
    person = Person(chain(), image)
    person.session.view("measure_features")
    nodes = person.session.recipe.order
    person.until(lambda: [person.live.value(node) for node in nodes] and person.state("measure_features") == "fresh")
    assert threads == {"evaluation"}


def test_in_a_pause_every_step_of_the_image_is_computed_but_not_what_gathers_all_images(image: Path):
    recipe, pool = chain().add("Pool")
    recipe = recipe.connect(Wire("measure_features", "table", pool, "tables"))
    person = Person(recipe, image)
    person.session.view("load")
    person.until(lambda: person.state("measure_features") == "fresh")
    person.until(lambda: not person.live.busy)
    assert person.state("fill_holes") == "fresh"
    assert person.state(pool) == "not computed"


def test_an_edit_makes_stale_and_says_why_then_fresh_again(image: Path):
    person = Person(chain().with_setting("threshold", "method", "manual"), image)
    person.session.view("fill_holes")
    person.until(lambda: person.state("fill_holes") == "fresh")
    first = person.live.value("fill_holes")
    person.session.do(commands.set_value(person.session.recipe, "threshold", "level", 0.95))
    reasons = set()

    def fresh_again() -> bool:
        reasons.add(person.session.statuses["threshold"].why)
        new = person.live.value("fill_holes") not in (None, first)
        return new and person.app.events.empty() and person.state("fill_holes") == "fresh"

    person.until(fresh_again)
    assert any("level 0.5 → 0.95" in reason for reason in reasons), reasons
    assert not person.live.value("fill_holes").pixels.any()


def waiting(seconds: float) -> Recipe:
    recipe, wait = chain(("Load",)).add("Wait", seconds=seconds)
    return recipe.connect(Wire("load", "image", wait, "image"))


def test_the_newest_edit_wins_over_a_long_one(image: Path):
    person = Person(waiting(60), image)
    person.session.view("wait")
    person.until(lambda: (person.session.statuses["wait"].progress or 0) > 0 if person.state("wait") else False)
    start = time.monotonic()
    person.session.do(commands.set_value(person.session.recipe, "wait", "seconds", 0.01))
    person.until(lambda: person.state("wait") == "fresh")
    assert time.monotonic() - start < 3


def test_cancel_stops_and_the_next_edit_starts_again(image: Path):
    person = Person(waiting(60), image)
    person.session.view("wait")
    person.until(lambda: person.state("wait") == "running")
    person.live.cancel()
    person.until(lambda: not person.live.busy and person.state("wait") != "running", seconds=3)
    assert person.session.messages == []
    person.session.do(commands.set_value(person.session.recipe, "wait", "seconds", 0.01))
    person.until(lambda: person.state("wait") == "fresh")


def test_a_failure_is_a_message_and_a_state(tmp_path: Path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    person = Person(chain(), tmp_path / "broken.png")
    person.session.view("filter")
    person.until(lambda: person.state("load") == "failed")
    assert person.session.messages[0].node == "load"
    assert person.session.messages[0].image == "broken.png"


def test_a_node_that_waits_for_a_training_is_no_fault_to_be_reported(image: Path):
    recipe = chain(("Load", "Trace"))
    recipe, train = recipe.add("Train")
    recipe = recipe.connect(Wire("load", "image", train, "images")).connect(Wire("trace", "classmap", train, "truth"))
    person = Person(recipe, image)
    person.session.view(train)
    person.until(lambda: person.state("trace") == "fresh" and not person.live.busy)
    assert person.state(train) == "needs training"
    assert not person.session.messages


def test_what_was_there_before_an_edit_is_not_taken_for_what_it_led_to(image: Path):
    person = Person(chain(), image)
    person.session.view("fill_holes")
    person.until(lambda: person.live.current and person.live.value("fill_holes") and not person.live.coming)
    person.session.do(commands.set_value(person.session.recipe, "threshold", "method", "manual"))
    assert person.live.value("fill_holes")
    assert not person.live.current
    assert person.live.coming
    person.until(lambda: person.live.current and not person.live.coming)
    assert person.state("fill_holes") == "fresh"


def test_nothing_is_coming_once_it_was_stopped(image: Path):
    person = Person(waiting(60), image)
    person.session.view("wait")
    person.until(lambda: person.state("wait") == "running")
    assert person.live.coming
    person.live.cancel()
    person.until(lambda: not person.live.coming)
