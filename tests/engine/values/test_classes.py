"""Classes: what one is, is said by its role; names are read only in files from before there were roles."""

import pytest

from graingraph.engine.values.classes import (
    PixelClass,
    boundary_index,
    boundary_of,
    core_of,
    cores_by_class,
    with_roles_of_names,
    without_cores,
)


def named(*names: str) -> tuple[PixelClass, ...]:
    return with_roles_of_names([PixelClass(name) for name in names])


def test_names_decide_nothing() -> None:
    classes = (PixelClass("grain boundary"), PixelClass("grain"), PixelClass("grain core"))
    assert boundary_index(classes) is None
    assert cores_by_class(classes) == {}
    assert without_cores(classes) == classes


def test_roles_decide() -> None:
    classes = (PixelClass("pool"), PixelClass("x", role="boundary", of="pool"), PixelClass("y", role="core", of="pool"))
    assert boundary_index(classes) == boundary_index(classes, of="pool") == 1
    assert boundary_index(classes, of="x") is None
    assert cores_by_class(classes) == {0: 2}
    assert without_cores(classes) == classes[:2]
    with pytest.raises(ValueError, match="area, boundary, core"):
        PixelClass("pool", role="line")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("grain boundary", "grain", "grain core"), ["boundary of grain", "area", "core of grain"]),
        (("melt pool", "melt pool boundary", "background"), ["area", "boundary of melt pool", "area"]),
        (("Grain Borders", "grain"), ["boundary", "area"]),
        (("dendrite", "dendrite core", "matrix"), ["area", "area", "area"]),
        (("melt pool core", "melt pool", "melt pool boundary"), ["area", "area", "boundary of melt pool"]),
        ((), []),
    ],
)
def test_a_file_from_before_roles_is_read_by_its_names(names: tuple[str, ...], roles: list[str]) -> None:
    assert [f"{item.role}{f' of {item.of}' if item.of else ''}" for item in named(*names)] == roles


def test_what_is_made_for_a_class_says_so() -> None:
    assert named("pore", boundary_of("pore").name, core_of("pore").name)[1:] == (
        PixelClass("pore boundary", "#ff0000", "boundary", "pore"),
        PixelClass("pore core", "#ff0000", "core", "pore"),
    )
