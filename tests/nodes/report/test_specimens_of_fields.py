"""Number per area and area fraction by specimen, and of specimens among each other."""

import numpy as np
import pytest

from graingraph.engine.values import MeasuredField, PerImage, Scale, Table
from graingraph.engine.values.notes import Note
from graingraph.nodes.report.area_fraction_of_fields import area_fraction_of_fields
from graingraph.nodes.report.number_per_area_of_fields import number_per_area_of_fields

NAMES = tuple(f"{specimen}{k}.png" for specimen in "AB" for k in range(6))
SPECIMENS = PerImage(NAMES, lambda name: Table({"Specimen": np.array([name[0]], object)}, {}, rows="fields"))
ABOUT = (MeasuredField(100, 100, Scale(1.0)),)


def counted(name: str) -> Table:
    features = 50 + 20 * (name[0] == "B") + int(name[1]) % 2
    values = {"Features": features, "Counted": features, "Field area": 1.0, "Number per area": features}
    columns = {title: np.array([float(value)]) for title, value in values.items()}
    return Table(columns, {"Field area": "mm²", "Number per area": "1/mm²"}, "fields", fields=ABOUT)


def fractions(name: str, *notes: Note) -> Table:
    share = 20.0 + 10 * (name[0] == "B") + 0.1 * int(name[1])
    values = {"Area fraction": share, "Analysed area": 1e4, "Intercepts per length": 10.0}
    values |= {"Mean free path": 1000 * (1 - share / 100) / 10, "Mean chord": 10 * share / 10}
    units = {"Area fraction": "%", "Analysed area": "µm²", "Intercepts per length": "1/mm"}
    units |= {"Mean free path": "µm", "Mean chord": "µm"}
    columns = {title: np.array([value]) for title, value in values.items()}
    return Table(columns, units, "fields", fields=ABOUT, notes=notes)


def of_phases(name: str, *notes: Note) -> Table:
    """The table of ``fractions`` for two phases."""
    one = fractions(name, *notes)
    phases = {title: ("",) if title == "Analysed area" else (" alpha", " beta") for title in one.columns}
    columns = {f"{title}{phase}": one.columns[title] for title in phases for phase in phases[title]}
    units = {f"{title}{phase}": one.units[title] for title in phases for phase in phases[title]}
    return Table(columns, units, "fields", fields=ABOUT, notes=notes)


def test_number_per_area_is_of_each_specimen_and_then_between_them() -> None:
    found = number_per_area_of_fields(PerImage(NAMES, counted), SPECIMENS)
    assert [(one.specimen, one.over, one.count) for one in found.table.results] == [
        ("A", "field", 6),
        ("B", "field", 6),
        ("", "specimen", 2),
    ]
    assert [one.value for one in found.table.results] == pytest.approx([50.5, 70.5, 60.5])
    assert found.statistics.columns["Specimen"].tolist().count("A") > 3
    assert "2 specimens" in found.table.headline


def test_area_fractions_are_of_each_specimen_and_then_between_them() -> None:
    found = area_fraction_of_fields(PerImage(NAMES, fractions), SPECIMENS)
    shares = [one for one in found.table.results if one.quantity == "Area fraction"]
    assert [one.value for one in shares] == pytest.approx([20.25, 30.25, 25.25], abs=0.3)
    assert 0 < shares[-1].low < shares[-1].value < shares[-1].high < 100
    assert {one.over for one in found.table.results if one.quantity == "Mean free path"} == {"field", "specimen"}


def test_what_was_not_reportable_before_refuses_every_result() -> None:
    unsure = Note("not reportable", "The network is unsure.", about="network")
    found = area_fraction_of_fields(PerImage(NAMES, lambda name: fractions(name, unsure)))
    assert all(any("unsure" in reason for reason in one.reasons) for one in found.table.results)
    assert "not reportable" in found.statistics.columns["Remark"]


@pytest.mark.parametrize("specimens", [None, SPECIMENS])
def test_what_refuses_every_result_is_said_once(specimens: PerImage[Table] | None) -> None:
    unsure = Note("not reportable", "The network is unsure.", about="network")
    few = (*NAMES[:2], *NAMES[6:8])
    found = area_fraction_of_fields(PerImage(few, lambda name: of_phases(name, unsure)), specimens)
    refusals = [note for note in found.table.notes if note.kind == "not reportable"]
    assert [note.about for note in refusals] == ["Area fraction alpha", "Area fraction beta", "network"]
    assert sum(note.text.count("unsure") for note in refusals) == 1
    assert all("of at least" in note.text for note in refusals[:2])
