"""Declaring nodes: what is read from the function, and every declaration that is refused."""

from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import pytest

from graingraph.engine.declare import node as node_module
from graingraph.engine.declare.injected import Context, Source
from graingraph.engine.declare.node import REGISTRY, DeclarationError, NodeType, node
from graingraph.engine.declare.settings import Range, When
from graingraph.engine.values import Image, Labels, Mask, PerImage, Table

Region = TypeVar("Region", Mask, Labels)


class Parts(NamedTuple):
    kept: Labels
    rejected: Mask


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, NodeType]:
    monkeypatch.setattr(node_module, "REGISTRY", found := {})
    return found


def split(
    region: Mask | Labels,
    image: Image | None = None,
    *,
    method: Literal["area", "shape"] = "area",
    least: Annotated[float, Range(0, 9), When(method="area")] = 1,
    context: Context,
    source: Source,
) -> Parts:
    """Split features in two.

    More to read.

    Settings:
        method: What decides.
        least: Smallest area
            that is kept.
    """
    return Parts(Labels(region.pixels), Mask(region.pixels))


def declared(function: Any, **facts: Any) -> NodeType:
    node("Thing", category="Test", **facts)(function)
    return node_module.REGISTRY["Thing"]


def test_everything_is_read_from_the_function() -> None:
    found = declared(split, synonyms=("part",))
    assert [(pin.name, pin.kinds, pin.optional) for pin in found.inputs] == [
        ("region", (Mask, Labels), False),
        ("image", (Image,), True),
    ]
    assert [(pin.name, pin.kinds) for pin in found.outputs] == [("kept", (Labels,)), ("rejected", (Mask,))]
    assert found.defaults() == {"method": "area", "least": 1.0}
    assert found.injected == {"context": Context, "source": Source}
    assert found.summary == "Split features in two."
    assert found.help == "More to read."
    assert [setting.help for setting in found.settings] == ["What decides.", "Smallest area that is kept."]


def test_the_function_stays_as_it_was() -> None:
    assert node("Thing", category="Test")(split) is split


def test_an_output_is_named_after_its_type_and_follows_a_type_variable() -> None:
    def keep(image: Image, region: Region) -> Region:
        """Keep."""
        return region

    def cut(image: Image) -> Mask:
        """Cut."""
        return Mask(image.pixels > 0)

    (output,) = declared(keep).outputs
    assert (output.name, output.kinds, output.follows) == ("result", (Mask, Labels), "region")
    (output,) = declared(cut).outputs
    assert (output.name, output.follows) == ("mask", None)


def test_gathering_and_optional_gathering_pins() -> None:
    def pool(tables: PerImage[Table], images: PerImage[Image] | None = None) -> Table:
        """Pool."""
        raise NotImplementedError

    tables, images = declared(pool).inputs
    assert (tables.gathers, tables.optional, tables.kinds) == (True, False, (Table,))
    assert (images.gathers, images.optional, images.kinds) == (True, True, (Image,))
    assert str(tables) == "every image's Table"
    assert tables.accepts((Table,))
    assert not tables.accepts((Image,))


def no_docstring(image: Image) -> Image:
    return image


def no_annotation(image) -> Image:
    """Help."""
    return image


def no_return(image: Image):
    """Help."""
    return image


def not_a_value(image: int) -> Image:
    """Help."""
    raise NotImplementedError


def returns_a_number(image: Image) -> float:
    """Help."""
    return 0.0


def no_default(image: Image, *, size: int) -> Image:
    """Help.

    Settings:
        size: How large.
    """
    return image


def no_help(image: Image, *, size: int = 1) -> Image:
    """Help."""
    return image


def help_for_nothing(image: Image) -> Image:
    """Help.

    Settings:
        size: How large.
    """
    return image


def odd_setting(image: Image, *, size: list = []) -> Image:  # noqa: B006
    """Help.

    Settings:
        size: How large.
    """
    return image


def any_number_of_images(*images: Image) -> Image:
    """Help."""
    return images[0]


def anything_else(image: Image, **more: Image) -> Image:
    """Help."""
    return image


def depends_on_nothing(image: Image, *, size: Annotated[int, When(method="a")] = 1) -> Image:
    """Help.

    Settings:
        size: How large.
    """
    return image


def depends_on_the_impossible(
    image: Image, *, method: Literal["a", "b"] = "a", size: Annotated[int, When(method="c")] = 1
) -> Image:
    """Help.

    Settings:
        method: How.
        size: How large.
    """
    return image


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (no_docstring, "write one"),
        (no_annotation, "annotate parameter image"),
        (no_return, "annotate what the function returns"),
        (not_a_value, "image must be annotated with a value type"),
        (returns_a_number, "must be annotated with a value type"),
        (no_default, "size needs a default"),
        (no_help, "describe setting size"),
        (help_for_nothing, "do not exist: ..size"),
        (odd_setting, "not a type that a setting can have"),
        (any_number_of_images, "plain parameter"),
        (anything_else, "plain parameter"),
        (depends_on_nothing, "depends on method, which is no setting"),
        (depends_on_the_impossible, "waits for a value that cannot be"),
    ],
)
def test_a_function_that_cannot_be_a_node_says_why(function: Any, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        declared(function)
    assert "Thing" not in node_module.REGISTRY


@pytest.mark.parametrize("start", [0, 2, 3])
def test_migrations_start_from_older_versions(start: int) -> None:
    with pytest.raises(DeclarationError, match="versions below 2"):
        declared(split, version=2, migrations={start: dict})


def test_two_packages_cannot_declare_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    declared(split)
    declared(split)  # the same module again, as on a reload

    def other(image: Image) -> Image:
        """Help."""
        return image

    monkeypatch.setattr(other, "__module__", "another.package")
    with pytest.raises(DeclarationError, match="Two packages declare"):
        declared(other)


def test_calling_gives_outputs_by_pin_and_refuses_another_type() -> None:
    import numpy as np

    pixels = np.zeros((2, 2), np.int32)
    found = declared(split)
    given = {"context": Context(), "source": Source("a", "0")}
    outputs = found.call({"region": Labels(pixels)}, found.defaults(), given)
    assert list(outputs) == ["kept", "rejected"]

    def liar(image: Image) -> Mask:
        """Help."""
        return image  # type: ignore[return-value]

    with pytest.raises(TypeError, match="output mask is a Image, not a Mask"):
        declared(liar).call({"image": Image(pixels)}, {}, {})


def test_the_registry_of_the_program_is_left_alone() -> None:
    assert "Thing" not in REGISTRY
