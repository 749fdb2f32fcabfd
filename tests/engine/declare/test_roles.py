"""What a node says of itself: how it is drawn on, that it is trained, which settings are grey levels."""

from typing import Annotated, Any

import pytest

from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.injected import Marks
from graingraph.engine.declare.node import DeclarationError, NodeType, node
from graingraph.engine.declare.roles import FREEHAND, DrawnOn, TracedLayers, Trained
from graingraph.engine.declare.settings import GreyLevel, ModelFile, Range
from graingraph.engine.values import Image, Mask, Model, PerImage

NO_MODEL = ModelFile("")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_module, "REGISTRY", {})


def declared(function: Any, **roles: Any) -> NodeType:
    node("Thing", category="Test", **roles)(function)
    return node_module.REGISTRY["Thing"]


def drawn(image: Image, *, width: float = 1.0, marks: Marks) -> Mask:
    """Draw.

    Settings:
        width: Of lines.
    """
    raise NotImplementedError


def learnt(images: PerImage[Image], *, model: ModelFile = NO_MODEL) -> Model:
    """Learn.

    Settings:
        model: What was learnt last.
    """
    raise NotImplementedError


def test_what_takes_marks_can_be_drawn_on_freehand_unless_it_says_otherwise():
    assert declared(drawn).drawn_on.tools({}) == FREEHAND
    picks = DrawnOn(tools=lambda settings: ("pick",) if settings["width"] > 1 else (), over="image")
    assert declared(drawn, drawn_on=picks).drawn_on.tools({"width": 2.0}) == ("pick",)
    assert declared(learnt).drawn_on is None


def test_what_is_trained_runs_only_on_request():
    assert declared(learnt, trained=Trained(product="model")).on_request
    assert not declared(drawn).on_request


@pytest.mark.parametrize(
    ("function", "roles", "named"),
    [
        (drawn, {"drawn_on": DrawnOn(over="region")}, "region"),
        (drawn, {"drawn_on": DrawnOn(layers=TracedLayers(classes="classes", rest="width"))}, "classes"),
        (learnt, {"trained": Trained(product="product")}, "product"),
        (learnt, {"trained": Trained(product="model", truth="truth")}, "truth"),
        (learnt, {"drawn_on": DrawnOn()}, "Marks"),
    ],
)
def test_a_role_that_names_what_is_not_there_is_refused(function: Any, roles: Any, named: str):
    with pytest.raises(DeclarationError, match=named):
        declared(function, **roles)


def test_a_grey_level_is_of_an_image_input_and_from_black_to_white():
    def threshold(image: Image, *, level: Annotated[float, Range(0, 1), GreyLevel(of="image")] = 0.5) -> Mask:
        """Select.

        Settings:
            level: Where.
        """
        raise NotImplementedError

    def other(image: Image, *, level: Annotated[float, Range(0, 1), GreyLevel(of="picture")] = 0.5) -> Mask:
        """Select.

        Settings:
            level: Where.
        """
        raise NotImplementedError

    def wide(image: Image, *, level: Annotated[float, Range(0, 255), GreyLevel(of="image")] = 0.5) -> Mask:
        """Select.

        Settings:
            level: Where.
        """
        raise NotImplementedError

    assert declared(threshold).setting("level").grey_level == GreyLevel(of="image")
    with pytest.raises(DeclarationError, match="picture"):
        declared(other)
    with pytest.raises(DeclarationError, match="Range"):
        declared(wide)
