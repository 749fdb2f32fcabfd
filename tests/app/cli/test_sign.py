"""Releasing a recipe and signing a report, from keys to the audit log, by the commands that a person types."""

import json
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

import graingraph
from graingraph.app.cli.main import main
from graingraph.app.document.session import Session
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.parts import Exposed
from graingraph.engine.release.log import read_log
from graingraph.engine.release.policy import FILE, CommentNeeded, log_of
from graingraph.nodes.reporting.signature import signatures_of
from tests.app.cli.test_rerun import recipe_at

pytest.importorskip("pyhanko")


def said(code: int, *arguments: object) -> None:
    with pytest.raises(SystemExit) as stop:
        main([str(one) for one in arguments])
    assert stop.value.code == code


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A recipe in a folder where only released versions run, with reasons, and the keys of Ada and Bob."""
    monkeypatch.setenv("GRAINGRAPH_KEYS", str(tmp_path / "keys"))
    for name in ("Ada", "Bob"):
        said(0, "keys", "--new", name)
    capsys.readouterr()
    said(0, "keys")
    signers = capsys.readouterr().out
    (tmp_path / FILE).write_text(f"only_released = true\nsignatures = 2\ncomment = true\n[signers]\n{signers}")
    (tmp_path / "images").mkdir()
    picture = np.random.default_rng(0).integers(0, 60, (60, 80), np.uint8)
    cv2.circle(picture, (20, 30), 9, 220, -1)
    cv2.imwrite(str(tmp_path / "images" / "a.png"), picture)
    path = recipe_at(tmp_path)
    made = recipe_file.load(path).with_exposed([Exposed("threshold", "level", "Level")])
    recipe_file.save(made, path)
    return path


def test_only_what_two_people_signed_runs_and_all_of_it_is_recorded(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = ("run", recipe, tmp_path / "images", "-o", tmp_path / "out")
    said(1, *run)
    assert "every run says why" in capsys.readouterr().err
    said(1, *run, "--why", "trial")
    assert "is a draft, and" in capsys.readouterr().err
    with pytest.raises(Problem, match="is a draft, and"):
        graingraph.run(recipe, tmp_path / "images", why="trial")
    assert not (tmp_path / "out").exists()
    said(1, "release", recipe, "--key", "Ada", "--why", "checked")
    assert "Two people have to sign" in capsys.readouterr().err
    said(0, "release", recipe, "--key", "Ada", "--review", "--why", "checked on phantoms")
    said(0, "release", recipe, "--key", "Bob", "--why", "for lot 7")
    assert "is released by Ada and Bob" in capsys.readouterr().out
    said(1, *run, "--why", "lot 7", "--set", "threshold.keep=darker")
    assert "not the released version" in capsys.readouterr().err
    for settings, why, reason in (
        ({}, "", "every run says why"),
        ({"threshold.keep": "darker"}, "lot 7", "not the released version"),
    ):
        with pytest.raises(Problem, match=reason):  # nor from Python
            graingraph.run(recipe, tmp_path / "images", settings, why=why)
    assert graingraph.run(recipe, tmp_path / "images", {"threshold.level": 0.6}, why="lot 7").images == ("a.png",)
    said(0, *run, "--why", "lot 7", "--set", "threshold.level=0.6", "--sign", "Ada")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (manifest["run"]["why"], manifest["run"]["stage"]) == ("lot 7", "released by Ada and Bob")
    capsys.readouterr()
    said(0, "audit", recipe, "--json")
    entries = json.loads(capsys.readouterr().out)["entries"]
    assert [entry["what"] for entry in entries] == ["reviewed", "released", "started", "run"]
    assert (entries[3]["changes"], entries[3]["why"]) == (["Threshold: level 0.5 → 0.6"], "lot 7")
    assert entries[3]["corrected"]["features"] == 1
    said(0, "audit", recipe)
    assert "(Bob) released, version" in capsys.readouterr().out
    said(0, "verify", tmp_path / "out")
    said(0, "verify", tmp_path / "out" / "report.pdf")
    assert "Signed by Ada" in capsys.readouterr().out
    said(0, "rerun", tmp_path / "out" / "report.pdf")  # signing takes nothing away
    log = log_of(recipe)
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:1]))
    said(1, "verify", tmp_path / "out")
    assert "entries are gone or others" in capsys.readouterr().out


def test_a_bundle_takes_the_policy_and_the_signatures_of_its_folder_along(
    recipe: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    said(0, "pack", recipe, "-o", elsewhere / "draft.ggz")
    said(1, "run", elsewhere / "draft.ggz", tmp_path / "images", "-o", elsewhere / "out", "--why", "x")
    assert "is a draft, and" in capsys.readouterr().err
    for name, act in (("Ada", "--review"), ("Bob", "")):
        said(0, "release", recipe, "--key", name, "--why", "ok", *filter(None, [act]))
    said(0, "pack", recipe, "-o", elsewhere / "released.ggz")
    said(0, "run", elsewhere / "released.ggz", tmp_path / "images", "-o", elsewhere / "out", "--why", "lot 7")
    assert [entry["what"] for entry in read_log(elsewhere / "released.audit.jsonl")] == ["started", "run"]
    said(0, "unpack", elsewhere / "draft.ggz", elsewhere / "mine")  # of one's own, and nothing is demanded there
    said(0, "run", next((elsewhere / "mine").glob("*.json")), tmp_path / "images", "-o", elsewhere / "out2")


def test_a_change_is_recorded_with_its_reason_and_makes_a_draft_again(recipe: Path) -> None:
    for name, act in (("Ada", "--review"), ("Bob", "")):
        said(0, "release", recipe, "--key", name, "--why", "ok", *filter(None, [act]))
    session = Session()
    session.open(recipe)
    session.set_locked(True)
    session.save(why="for operators")
    for name, act in (("Ada", "--review"), ("Bob", "")):
        said(0, "release", recipe, "--key", name, "--why", "ok", *filter(None, [act]))
    with pytest.raises(Problem, match="is released and stays locked"):
        session.set_locked(False)
    (recipe.parent / FILE).write_text("comment = true")
    session.set_locked(False)
    before = recipe.read_bytes()
    with pytest.raises(CommentNeeded):
        session.save()
    assert recipe.read_bytes() == before
    session.save(why="to try another level")
    changed = [entry for entry in read_log(log_of(recipe)) if entry["what"] == "changed"]
    assert [entry["changes"][0] for entry in changed] == ["the recipe is locked", "the recipe is no longer locked"]
    assert changed[1]["why"] == "to try another level"
    assert recipe_file.parse(json.dumps(changed[1]["document"]).encode()).id == recipe_file.load(recipe).id


def test_a_folder_without_policy_keeps_no_log(tmp_path: Path) -> None:
    path = recipe_at(tmp_path)
    session = Session()
    session.open(path)
    session.set_locked(True)
    session.save()
    assert not log_of(path).exists()


def test_one_flipped_byte_of_a_signed_report_is_noticed_wherever_it_is(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.support.reports import report_of

    plain = report_of(recipe_file.load(recipe), tmp_path / "r.pdf")
    said(1, "verify", plain)
    assert "r.pdf is not signed." in capsys.readouterr().out
    said(0, "sign", plain, "--key", "Ada", "--why", "checked")
    signed = tmp_path / "r_signed.pdf"
    (one,) = signatures_of(signed)
    assert (one.signer, one.whole) == ("Ada", True)
    said(1, "sign", plain, "--key", "Ada")  # nothing is overwritten
    assert recipe_file.load(signed) == recipe_file.load(recipe)
    data = signed.read_bytes()
    broken = tmp_path / "broken.pdf"
    for place in (*range(20, len(data), len(data) // 12), len(plain.read_bytes()) - 9):
        changed = bytearray(data)
        changed[place] ^= 1
        broken.write_bytes(changed)
        with suppress(Problem):  # a reader that stumbles has noticed too
            assert not any(found.whole for found in signatures_of(broken)), place
    broken.write_bytes(data + b"\n% more\n")
    assert [found.whole for found in signatures_of(broken)] == [False]


def test_keys_in_the_keyring_release_and_sign_like_those_in_files(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.support.keyrings import keyring_in_memory
    from tests.support.reports import report_of

    with keyring_in_memory():
        said(0, "keys", "--new", "Eve", "--keyring")
        assert "those of Eve in the keyring" in capsys.readouterr().err
        said(0, "keys", "--json")
        found = json.loads(capsys.readouterr().out)
        assert found["in the keyring"] == ["Eve"]
        (tmp_path / FILE).write_text(f'only_released = true\n[signers]\nEve = "{found["keys"]["Eve"]}"\n')
        said(0, "release", recipe, "--key", "Eve", "--why", "checked")
        assert "is released by Eve" in capsys.readouterr().out
        said(0, "sign", report_of(recipe_file.load(recipe), tmp_path / "r.pdf"), "--key", "Eve")
        (one,) = signatures_of(tmp_path / "r_signed.pdf")
        assert (one.signer, one.whole) == ("Eve", True)
    said(1, "release", recipe, "--key", "Eve")
    assert "keyring" in capsys.readouterr().err


def test_the_validator_that_others_use_finds_the_signature_whole_and_of_its_profile(
    recipe: Path, tmp_path: Path
) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    from tests.support.reports import report_of

    said(0, "sign", report_of(recipe_file.load(recipe), tmp_path / "r.pdf"), "--key", "Bob", "-o", tmp_path / "s.pdf")
    with (tmp_path / "s.pdf").open("rb") as file:
        (signature,) = PdfFileReader(file).embedded_signatures
        context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
        status = validate_pdf_signature(signature, context)
        assert status.bottom_line
        assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"  # what makes it PAdES
