from pathlib import Path
from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graingraph.app.gui.base import preferences
from graingraph.app.gui.base.panel_layout import LIMITS, Foldable, PanelLayout
from graingraph.app.gui.base.preferences import SIDES, UI_SCALES, Preferences

FOLDED = st.sets(st.sampled_from(get_args(Foldable))).map(
    lambda chosen: tuple(place for place in get_args(Foldable) if place in chosen)
)
SHARES = st.builds(
    PanelLayout,
    **{name: st.floats(*limits) for name, limits in LIMITS.items()},
    beside=st.booleans(),
    folded=FOLDED,
)
SIZES = st.tuples(st.integers(*SIDES), st.integers(*SIDES))
ALL = st.builds(Preferences, st.booleans(), st.booleans(), st.floats(*UI_SCALES), SIZES, SHARES)


@given(kept=ALL)
def test_what_is_kept_comes_back(kept: Preferences, tmp_path_factory: pytest.TempPathFactory):
    file = tmp_path_factory.mktemp("state") / "preferences.json"
    preferences.save(file, kept)
    assert preferences.load(file) == kept


def test_the_first_window_is_as_large_as_the_screen_wants_it_and_later_ones_as_they_were_left(tmp_path: Path):
    usual = preferences.at_first(1.5)
    assert (usual.ui_scale, usual.size) == (1.5, (1920, 1200))
    assert preferences.at_first(0.3).ui_scale == 1.0
    assert preferences.load(tmp_path / "p.json", usual) == usual
    preferences.save(tmp_path / "p.json", Preferences())
    assert preferences.load(tmp_path / "p.json", usual) == Preferences()


def test_the_canvas_is_in_sight_again(tmp_path: Path):
    preferences.save(tmp_path / "p.json", Preferences(layout=PanelLayout(form=True)))
    assert preferences.load(tmp_path / "p.json").layout == PanelLayout()


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{", b"null", b'{"light": true}', b"\xff", b'{"size": 3}'])
def test_a_damaged_file_gives_the_defaults(tmp_path: Path, damaged: bytes):
    (tmp_path / "p.json").write_bytes(damaged)
    assert preferences.load(tmp_path / "p.json") == Preferences()


def test_no_number_makes_the_window_unusable(tmp_path: Path):
    preferences.save(tmp_path / "p.json", Preferences())
    found = orjson.loads((tmp_path / "p.json").read_bytes())
    found |= {"ui_scale": 1e9, "size": [-5, 1e9], "layout": dict.fromkeys(LIMITS, -1.0)}
    (tmp_path / "p.json").write_bytes(orjson.dumps(found))
    kept = preferences.load(tmp_path / "p.json")
    assert (kept.ui_scale, kept.size) == (UI_SCALES[1], SIDES)
    assert {name: getattr(kept.layout, name) for name in LIMITS} == {name: low for name, (low, _) in LIMITS.items()}


def test_a_folder_that_cannot_be_written_is_no_problem(tmp_path: Path):
    (tmp_path / "file").write_text("")
    preferences.save(tmp_path / "file" / "p.json", Preferences(light=True))
    assert preferences.load(tmp_path / "file" / "p.json") == Preferences()
