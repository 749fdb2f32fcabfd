"""A model's card may come from anybody: what does not fit is refused in one sentence, before it is computed with."""

from typing import Any

import orjson
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import PixelClass
from graingraph.nodes.learning.model.card import Answer, Card, card_from_json, card_text

LOOK = {key: [0.1, 0.2] for key in ("mean", "spread", "fine", "middle", "coarse")}
TEXTURE = {"mean": [0.0] * 15, "spread": [1.0] * 15, "usual": 0.5}
CARD = Card(
    classes=(PixelClass("grain", "#3b6fb6"), PixelClass("boundary", "#e4572e")),
    size_factor=0.5,
    scores=[{"name": "grain", "iou": 0.9, "boundary_f1": None, "fraction": 0.5, "true_fraction": 0.4}],
    statistics={"look": LOOK, "exposure": [[0.1, 0.2], [0.8, 0.9]], "unsure": 0.02, "texture": TEXTURE},
    thin=(1,),
)


def test_a_card_survives_its_json() -> None:
    assert card_from_json(CARD.to_json()) == CARD
    assert "boundary (#e4572e)" in card_text(CARD, "0")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("classes", []),
        ("classes", [{"name": "grain", "color": "red"}]),
        ("classes", [{"name": 7, "color": "#000000"}]),
        ("classes", [{"name": "x", "color": "#000000"}] * 300),
        ("size_factor", "half"),
        ("size_factor", 1e9),
        ("size_factor", 0),
        ("channels", 2),
        ("thin", [5]),
        ("thin", 3),
        ("settings", []),
        ("scores", [{"name": "grain", "iou": "good"}]),
        ("scores", ["good"]),
        ("statistics", {"look": {"mean": [0, 1]}}),
        ("statistics", {"look": dict.fromkeys(LOOK, 3)}),
        ("statistics", {"exposure": [[0.1, 0.2]]}),
        ("statistics", {"unsure": "little"}),
        ("statistics", {"faint": "much"}),
        ("statistics", {"traits": {"least": [0.0], "greatest": [1.0], "spread": [0.1]}}),
        ("calibration", {"temperature": "hot"}),
        ("statistics", {"texture": [1]}),
        ("statistics", {"texture": TEXTURE | {"mean": [0.0] * 14}}),
        ("statistics", {"texture": TEXTURE | {"spread": ["wide"] * 15}}),
        ("statistics", {"texture": TEXTURE | {"usual": 0}}),
    ],
)
def test_a_card_that_does_not_fit_is_refused(field: str, value: Any) -> None:
    facts = {**orjson.loads(CARD.to_json()), field: value}
    with pytest.raises(Problem, match="damaged"):
        card_from_json(orjson.dumps(facts).decode())


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"classes": null}', "7"])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="damaged"):
        card_from_json(text)


def test_a_card_says_what_its_classes_are_and_one_from_before_roles_is_read_by_names_or_lines() -> None:
    told = Card((PixelClass("boundary"), PixelClass("Linie", role="boundary", of="boundary")))
    assert card_from_json(told.to_json()).classes == told.classes
    assert "Linie (#ff0000, boundary of boundary)" in card_text(told, "0")

    def before(*names: str, thin: tuple[int, ...] = ()) -> list[str]:
        facts = orjson.loads(Card(tuple(map(PixelClass, names)), thin=thin).to_json())
        facts["classes"] = [{"name": item["name"], "color": item["color"]} for item in facts["classes"]]
        return [item.role for item in card_from_json(orjson.dumps(facts).decode()).classes]

    assert before("grain boundary", "grain", "grain core") == ["boundary", "area", "core"]
    assert before("Korn", "Korngrenze", thin=(1,)) == ["area", "boundary"]
    assert before("ferrite", "pearlite") == ["area", "area"]


@pytest.mark.parametrize("role", ["line", 3, None])
def test_a_card_with_another_role_is_damaged(role: object) -> None:
    facts = orjson.loads(CARD.to_json())
    facts["classes"][1]["role"] = role
    with pytest.raises(Problem, match="damaged"):
        card_from_json(orjson.dumps(facts).decode())


def test_cores_that_are_not_behind_what_was_traced_are_damage() -> None:
    facts = orjson.loads(CARD.to_json())
    facts["classes"][0] |= {"role": "core", "of": "boundary"}
    with pytest.raises(Problem, match="damaged"):
        card_from_json(orjson.dumps(facts).decode())


def test_an_answer_that_is_off_by_next_to_nothing_has_no_sign_of_less():
    assert "+0.0 %" in str(Answer("size", "G circles", "", (5.6113,), (5.6120,)))
    assert "-1.0 %" in str(Answer("size", "Grains", "", (99.0,), (100.0,)))
