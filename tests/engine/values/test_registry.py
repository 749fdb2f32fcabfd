"""Value types are declared once: what a plug-in declares is known, inherited, stored and exported like our own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from graingraph.engine.values import (
    Codec,
    Document,
    Export,
    Labels,
    Note,
    Plot,
    Series,
    Table,
    Value,
    record,
    value_type,
)
from graingraph.engine.values.packing import Damaged, pack, unpack
from graingraph.engine.values.registry import VALUE_TYPES, ByType, declared
from graingraph.engine.values.views import Lines, layers, plot, thumbnail


@record
@dataclass(frozen=True)
class Stage:
    """Where a stage stood, as a plug-in keeps it within its values."""

    x: float
    y: float


@value_type(pin="#ff8a65", export=Export(".csv", lambda profile: b"%d rows" % len(profile.heights)))
@dataclass(frozen=True, eq=False)
class Profile(Value):
    """A height along a line, as a plug-in might bring it."""

    heights: np.ndarray
    stage: Stage = Stage(0.0, 0.0)


@value_type(shape="triangle")
@dataclass(frozen=True, eq=False)
class SmoothProfile(Profile):
    """What derives from a declared type."""

    sigma: float = 1.0


@value_type(
    codec=Codec(
        lambda item: {"text": " ".join(item.parts)}, lambda content: Words(frozenset(content["text"].split(" ")))
    )
)
@dataclass(frozen=True, eq=False)
class Words(Value):
    """Something whose field cannot be stored as it is."""

    parts: frozenset[str]


@plot(Profile)
def as_diagram(profile: Profile) -> Plot:
    x = np.arange(len(profile.heights))
    return Plot("Profile", "x", "height", (Series("", x, profile.heights),))


def test_what_is_left_out_is_as_the_base_has_it() -> None:
    profile, smooth = declared(Profile), declared(SmoothProfile)
    assert (profile.pin, profile.shape, profile.small) == ("#ff8a65", "square", True)
    assert (smooth.pin, smooth.shape, smooth.export) == (profile.pin, "triangle", profile.export)
    assert not declared(Labels).small
    assert (declared(Labels).shape, declared(Table).shape) == ("diamond", "square")


def test_a_type_that_was_not_declared_is_known_as_its_base_but_cannot_be_stored() -> None:
    class Bare(Profile):
        """No declaration."""

    assert declared(Bare).kind is Profile
    with pytest.raises(TypeError, match="Bare cannot be stored"):
        pack({"p": Bare(np.zeros(2))})
    with pytest.raises(TypeError, match="int is no value type"):
        declared(int)


def test_values_of_a_plug_in_are_stored_with_their_records() -> None:
    value = SmoothProfile(np.array([1.0, 2.0]), Stage(3.0, np.inf), 2.0, notes=(Note("advice", "doubtful"),))
    again = unpack(pack({"p": value}))["p"]
    assert isinstance(again, SmoothProfile)
    assert (again.stage, again.sigma, again.notes, again.heights.tolist()) == (value.stage, 2.0, value.notes, [1, 2])
    with pytest.raises(ValueError, match="read-only"):
        again.heights[0] = 7


def test_a_codec_of_ones_own_is_used_and_its_errors_are_damage() -> None:
    value = Words(frozenset(("a", "b"))).with_note("said twice")
    again = unpack(pack({"w": value}))["w"]
    assert isinstance(again, Words)
    assert (again.parts, again.notes) == (value.parts, value.notes)

    def refuse(content: Mapping[str, Any]) -> Words:
        raise RuntimeError("of a newer make")

    @value_type(codec=Codec(lambda item: {}, refuse))
    @dataclass(frozen=True, eq=False)
    class Newer(Value):
        """Cannot be read again."""

    with pytest.raises(Damaged, match="newer make"):
        unpack(pack({"n": Newer()}))


def test_two_modules_cannot_declare_types_of_one_name() -> None:
    other = dataclass(frozen=True, eq=False)(type("Profile", (Value,), {"__module__": "elsewhere"}))
    with pytest.raises(TypeError, match=r"two modules declare a type named Profile: .*test_registry, elsewhere"):
        value_type()(other)
    assert other not in VALUE_TYPES


def test_what_is_no_dataclass_is_refused_with_the_remedy() -> None:
    with pytest.raises(TypeError, match="put @dataclass"):
        record(int)


def test_a_document_is_exported_under_its_own_name_others_under_that_of_the_result() -> None:
    export = declared(Document).export
    assert export is not None
    document = Document("sub/report.pdf", b"%PDF")
    assert (export.file_name(document, "report"), export.data(document)) == ("report.pdf", b"%PDF")
    export = declared(Profile).export
    assert export is not None
    assert export.file_name(Profile(np.zeros(3)), "profile_along") == "profile_along.csv"
    assert export.data(Profile(np.zeros(3))) == b"3 rows"


def test_views_are_found_by_the_nearest_type() -> None:
    show = plot.of(SmoothProfile)
    assert show is as_diagram
    assert show(SmoothProfile(np.ones(4))).series[0].y.tolist() == [1, 1, 1, 1]
    itself = plot.of(Plot)
    drawn = Plot("", "", "", ())
    assert itself is not None
    assert itself(drawn) is drawn
    assert (layers.of(Table), thumbnail.of(Words)) == (None, None)
    assert not Lines(np.zeros((2, 2))).closed


def test_a_view_is_declared_by_one_module_and_may_be_reloaded() -> None:
    table: ByType[int] = ByType("number")
    table.declare(Value, 1, "a")
    table.declare(Value, 2, "a")
    assert (table.of(Profile), list(table)) == (2, [Value])
    with pytest.raises(TypeError, match="number of Value is declared by a already"):
        table.declare(Value, 3, "b")
