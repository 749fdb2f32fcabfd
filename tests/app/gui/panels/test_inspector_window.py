"""The inspector in the real window."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graingraph.engine.declare.models import reference
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import SettingRef, Wire
from tests.app.gui.canvas.test_canvas_window import header, image, saved  # noqa: F401  (fixtures)
from tests.support.paths import GRAPHS
from tests.support.recipes import chain
from tests.support.window_harness import Driver

Open = Callable[..., Driver]


def middle(box: list[float], share: float = 0.5) -> tuple[float, float]:
    return box[0] + (box[2] - box[0]) * share, (box[1] + box[3]) / 2


@pytest.fixture
def window(open_window: Open, tmp_path: Path, image: Path) -> Driver:  # noqa: F811
    recipe = chain(("Load", "Filter", "Threshold")).with_setting("threshold", "method", "manual")
    recipe, segment = recipe.add("DeepSegment", (240.0, 300.0))
    (model,) = (GRAPHS / "models").glob("colony*")
    recipe = recipe.connect(Wire("load", "image", segment, "image")).with_setting(segment, "model", reference(model))
    recipe_file.save(recipe, tmp_path / "inspect.graingraph.json")
    return open_window(recipe=tmp_path / "inspect.graingraph.json", images=[image])


def test_a_number_is_typed_and_ctrl_z_there_leaves_the_recipe_alone(window: Driver):
    window.click(header(window.state, "threshold"))
    box = window.wait_for(lambda s: s["widgets"].get("level"))["widgets"]["level"]
    entry = (box[0] - 40, (box[1] + box[3]) / 2)
    window.click(entry, twice=True)
    window.wait_for(lambda s: s["typing"])
    window.key("ctrl+a")
    window.type("0.31")
    window.key("ctrl+z")
    assert window.state["undo"] == ""
    window.key("ctrl+a")
    window.type("0.27")
    window.key("Return")
    window.wait_for(lambda s: s["settings"]["threshold"]["level"] == pytest.approx(0.27))
    window.screenshot("inspector")


def test_a_model_shows_what_it_makes_of_the_image_where_it_is_chosen(window: Driver):
    window.click(header(window.state, "deep_segment"))
    box = window.wait_for(lambda s: s["widgets"].get("trial"), timeout=60)["widgets"]["trial"]
    assert box[2] - box[0] > 100
    window.screenshot("model_trial")


def test_a_logarithmic_slider_and_the_settings_that_apply(window: Driver):
    window.click(header(window.state, "filter"))
    state = window.wait_for(lambda s: "sigma" in s["widgets"])
    assert "size" not in state["widgets"]
    box = state["widgets"]["sigma"]
    window.drag(middle(box, 0.3), middle(box, 0.98))
    window.wait_for(lambda s: s["settings"]["filter"]["sigma"] > 100)
    window.move((box[0], box[3] + 200))
    window.key("ctrl+z")
    window.wait_for(lambda s: s["settings"]["filter"]["sigma"] == 1.0)


def test_a_choice_changes_which_settings_are_shown(window: Driver):
    window.click(header(window.state, "threshold"))
    window.wait_for(lambda s: "level" in s["widgets"])
    box = window.state["widgets"]["method"]
    window.click(middle(box))
    window.screenshot("choices")
    window.click((box[0] + 20, box[3] + 16))
    state = window.wait_for(lambda s: s["settings"]["threshold"]["method"] != "manual")
    window.wait_for(lambda s: "level" not in s["widgets"])
    assert state["undo"] == "Threshold: method"


def test_typed_numbers_count_when_the_field_is_left_and_stay_exact(window: Driver, tmp_path: Path):
    def level() -> float:
        return window.state["settings"]["threshold"]["level"]

    def enter(text: str) -> None:
        window.click(entry, twice=True)
        window.wait_for(lambda s: s["typing"])
        window.key("ctrl+a")
        window.type(text)

    window.click(header(window.state, "threshold"))
    box = window.wait_for(lambda s: s["widgets"].get("level"))["widgets"]["level"]
    entry = (box[0] - 40, (box[1] + box[3]) / 2)

    enter("0.35")
    window.click((box[0], box[3] + 120))  # elsewhere in the panel
    window.wait_for(lambda s: s["settings"]["threshold"]["level"] == 0.35)
    enter("0.12345679")
    window.click(header(window.state, "filter"))  # another node, whose settings take the field's place
    window.wait_for(lambda s: s["settings"]["threshold"]["level"] == 0.12345679)

    window.click(header(window.state, "threshold"))
    window.wait_for(lambda s: s["widgets"].get("level") and s["selection"] == ["threshold"])
    undo = window.state["undo"]
    window.click(entry)
    window.wait_for(lambda s: s["typing"])
    window.key("Return")
    window.wait_for(lambda s: not s["typing"])
    assert level() == 0.12345679
    assert window.state["undo"] == undo

    enter("0.0.36")
    window.key("Return")
    window.wait_for(lambda s: any("“0.0.36” is no number; 0.12345679 is kept." in text for text in s["messages"]))
    assert level() == 0.12345679
    window.screenshot("no_number")

    enter("7")
    window.key("Return")
    window.wait_for(lambda s: any("level" in text and "1" in text for text in s["messages"][1:]))
    assert level() == 0.12345679

    enter("0.271")
    window.key("ctrl+s")
    window.wait_for(lambda s: not s["dirty"] and s["settings"]["threshold"]["level"] == 0.271)
    assert recipe_file.load(tmp_path / "inspect.graingraph.json").steps["threshold"].settings["level"] == 0.271


def test_a_setting_of_several_nodes_of_one_type_is_changed_at_once(open_window: Open, tmp_path: Path, image: Path):  # noqa: F811
    recipe = chain(("Load", "Filter", "Filter", "Filter", "Threshold"))
    recipe = recipe.with_links([frozenset({SettingRef("filter", "sigma"), SettingRef("filter_3", "sigma")})])
    recipe_file.save(recipe, tmp_path / "two.graingraph.json")
    window = open_window(recipe=tmp_path / "two.graingraph.json", images=[image])
    window.click(header(window.state, "filter"))
    window.wait_for(lambda s: s["selection"] == ["filter"])
    window.held_click(header(window.state, "filter_2"), "shift")
    window.wait_for(lambda s: sorted(s["selection"]) == ["filter", "filter_2"] and "sigma" in s["widgets"])
    box = window.state["widgets"]["sigma"]
    window.drag(middle(box, 0.3), middle(box, 0.98))
    window.wait_for(lambda s: s["settings"]["filter"]["sigma"] > 100)
    window.screenshot("inspector_several")
    settings = window.state["settings"]
    assert settings["filter"]["sigma"] == settings["filter_2"]["sigma"] == settings["filter_3"]["sigma"]
    window.move((box[0], box[3] + 200))
    window.key("ctrl+z")
    window.wait_for(
        lambda s: [s["settings"][node]["sigma"] for node in ("filter", "filter_2", "filter_3")] == [1.0] * 3
    )
