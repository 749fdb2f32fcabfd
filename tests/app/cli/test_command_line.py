"""The command line as a user meets it: whole programs in processes of their own, on real files."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import tifffile

from graingraph.__main__ import main as start
from graingraph.app.cli.main import main
from graingraph.app.cli.run import run_recipe
from tests.support.paths import ASSETS, GRAPHS, ROOT

NODULES = GRAPHS / "nodules.graingraph.json"
IMAGES = ASSETS / "nodules"


def graingraph(*arguments: object, cwd: Path | None = None, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "graingraph.app.cli.main", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=240, **options)


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    done = graingraph("run", NODULES, IMAGES, "-o", out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Three small nodule images: two sound, one of them truncated."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a", "b", "c"):
        picture = np.full((120, 160), 200, np.uint8)
        for x in (40, 80, 120):
            cv2.circle(picture, (x, 60), 12, 40, -1)
        cv2.imwrite(str(folder / f"{name}.png"), picture)
    whole = (folder / "c.png").read_bytes()
    (folder / "c.png").write_bytes(whole[: len(whole) // 2])
    return folder


def test_a_run_leaves_everything_that_is_promised(finished: Path) -> None:
    assert (finished / "report.pdf").read_bytes().startswith(b"%PDF")
    assert len(list((finished / "overlays").iterdir())) >= 2
    features, fields = pd.read_csv(finished / "measurements.csv"), pd.read_csv(finished / "fields.csv")
    assert set(features["Image"]) == set(fields["Image"]) == {path.name for path in IMAGES.glob("*.tif")}
    assert list(fields["Features"]) == [int((features["Image"] == name).sum()) for name in fields["Image"]]
    assert any("µm" in column for column in features.columns)
    manifest = json.loads((finished / "manifest.json").read_text())
    assert manifest["outputs"]["report.pdf"]
    assert manifest["run"]["versions"]["numpy"] == np.__version__


def test_the_report_opens_as_its_recipe(finished: Path) -> None:
    from_report = json.loads(graingraph("check", finished / "report.pdf", "--json").stdout)
    from_file = json.loads(graingraph("check", NODULES, "--json").stdout)
    assert from_report["sound"]
    assert from_report["recipe"] == from_file["recipe"]


def test_verify_notices_a_changed_table(finished: Path, tmp_path: Path) -> None:
    assert graingraph("verify", finished).returncode == 0
    table = finished / "fields.csv"
    kept = table.read_bytes()
    table.write_bytes(kept + b"x")
    done = graingraph("verify", finished)
    table.write_bytes(kept)
    assert done.returncode == 1
    assert "fields.csv was changed" in done.stdout


def test_every_page_of_a_stack_is_measured_and_verified(tmp_path: Path) -> None:
    pages = np.stack([np.zeros((64, 64), np.uint8)] * 2)
    for number, page in enumerate(pages):
        page[10:30, 10 : 30 + 10 * number] = 255
    tifffile.imwrite(tmp_path / "s.tif", pages, photometric="minisblack")
    out = tmp_path / "out"
    assert graingraph("run", NODULES, f"{tmp_path / 's.tif'} [pages]", "-o", out).returncode == 0
    table = pd.read_csv(out / "fields.csv")
    assert list(table["Image"]) == ["s.tif [page 1]", "s.tif [page 2]"]
    assert graingraph("verify", out).returncode == 0
    tifffile.imwrite(tmp_path / "s.tif", pages[::-1], photometric="minisblack")
    assert "no longer the one" in graingraph("verify", out).stdout


def test_one_bad_image_is_a_row_and_exit_code_two_and_a_second_run_resumes(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = graingraph("run", NODULES, small, "-o", out)
    assert done.returncode == 2
    assert "c.png" in one_sentence(done)
    fields = pd.read_csv(out / "fields.csv").set_index("Image")
    assert list(fields["Status"]) == ["ok", "ok", "failed"]
    assert fields.loc["c.png", "Node"] == "load"
    assert list(pd.read_csv(out / "measurements.csv").groupby("Image").size()) == [3, 3]
    again = json.loads(graingraph("run", NODULES, small, "-o", out, "--json").stdout)
    assert again["resumed"] == 2
    assert again["exit"] == 2


def test_two_workers_give_the_same_tables_as_one(small: Path, tmp_path: Path) -> None:
    (small / "c.png").unlink()
    for workers in (1, 2):
        done = graingraph("run", NODULES, small, "-o", tmp_path / str(workers), "--workers", workers)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "1/measurements.csv").read_bytes() == (tmp_path / "2/measurements.csv").read_bytes()


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_the_next_run_goes_on(tmp_path: Path, workers: int) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(40):
        noise = np.random.default_rng(number).integers(0, 255, (700, 700), np.uint8)
        cv2.imwrite(str(folder / f"{number:02}.png"), cv2.GaussianBlur(noise, None, 6))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "graingraph.app.cli.main", "run", NODULES, folder, "-o", out, "--workers", workers]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [str(part) for part in command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore Ctrl-C
    )
    rows = out / ".graingraph" / "rows"
    for _ in range(600):
        if rows.is_dir() and len(list(rows.glob("*.json"))) >= 8:  # the run may not know of the last of them
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (130, b"")
    done = pd.read_csv(out / "fields.csv")
    assert 2 <= len(done) < 40
    again = json.loads(graingraph("run", NODULES, folder, "-o", out, "--json").stdout)
    assert again["resumed"] >= len(done)
    assert len(pd.read_csv(out / "fields.csv")) == 40


class Dropped:
    """Presses Ctrl-C while it is thrown away, where Python drops whatever is raised."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("during", ["the images", "the report"])
def test_a_ctrl_c_that_python_drops_stops_the_run_at_the_next_step(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    (small / "c.png").unlink()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in the background ignore Ctrl-C

    def pressed_and_dropped(*_: object) -> None:
        Dropped()

    if during == "the images":
        monkeypatch.setattr("graingraph.app.rendering.overlays.draw_overlays", pressed_and_dropped)
    else:
        monkeypatch.setattr("graingraph.engine.batch.results.exported", pressed_and_dropped)
    try:
        assert run_recipe(NODULES, [str(small)], tmp_path / "out") == 130
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, handler)
    assert len(pd.read_csv(tmp_path / "out" / "fields.csv")) == (1 if during == "the images" else 2)
    assert not list((tmp_path / "out").glob("*.pdf"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("threshold.nonsense=1", "has no setting nonsense"),
        ("nowhere.level=1", "no node nowhere"),
        ("smooth.sigma=9999", "σ is from 0.1 to 200 px"),
        ("smooth.sigma=wide", "σ is a number"),
        ("threshold.method=magic", "method is one of"),
        ("threshold", "NODE.SETTING=VALUE"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_code_one(change: str, said: str, tmp_path: Path) -> None:
    done = graingraph("run", NODULES, IMAGES, "-o", tmp_path, "--set", change)
    assert done.returncode == 1
    assert said in one_sentence(done)


def broken(change: str) -> bytes:
    document = json.loads(NODULES.read_text())
    if change == "cycle":
        document["wires"] = [w for w in document["wires"] if w["to"] != "flatten.image"]
        document["wires"].append({"from": "smooth.image", "to": "flatten.image"})
    elif change == "unknown node":
        document["nodes"]["smooth"]["type"] = "Sharpen3000"
    elif change == "missing wire":
        document["wires"] = [w for w in document["wires"] if w["to"] != "smooth.image"]
    elif change == "newer":
        document["version"] = 99
    elif change == "mistyped":
        document["nodes"]["smooth"]["settings"]["sigma"] = "big"
    elif change == "deep":
        return b"[" * 200_000
    elif change == "nonsense":
        return np.random.default_rng(0).bytes(10_000_000)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("cycle", "loop"),
        ("unknown node", "Sharpen3000"),
        ("missing wire", "input image (Image) is not wired"),
        ("newer", "newer Graingraph"),
        ("mistyped", "σ is a number"),
        ("deep", "not"),
        ("nonsense", "too large"),
    ],
)
def test_a_broken_recipe_is_one_sentence_and_exit_code_one(change: str, said: str, tmp_path: Path) -> None:
    recipe = tmp_path / "broken.graingraph.json"
    recipe.write_bytes(broken(change))
    done = graingraph("run", recipe, IMAGES, "-o", tmp_path / "out")
    assert done.returncode == 1
    assert said in one_sentence(done)
    assert len(one_sentence(done).splitlines()) == 1


def test_an_unknown_node_is_kept_when_the_recipe_is_saved_again(tmp_path: Path) -> None:
    from graingraph.engine.declare.plugins import load_plugins
    from graingraph.engine.recipe import file as recipe_file

    load_plugins()
    recipe = recipe_file.parse(broken("unknown node"))
    assert recipe.steps["smooth"].type == "Sharpen3000"
    assert recipe_file.parse(recipe_file.dump(recipe)) == recipe


def test_missing_images_and_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    done = graingraph("run", NODULES, tmp_path / "nothing*.tif", "-o", tmp_path / "out")
    assert done.returncode == 1
    assert "No file matches" in one_sentence(done)
    (tmp_path / "file").write_text("x")
    done = graingraph("run", NODULES, IMAGES, "-o", tmp_path / "file")
    assert done.returncode == 1
    assert "cannot be written" in one_sentence(done)
    done = graingraph("run", NODULES, tmp_path / "gone.tif", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "gone.tif" in one_sentence(done)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "mine.graingraph.json"], "Missing argument 'IMAGES...'. See: graingraph --help."),
        (["run", "mine.graingraph.json", "-d.png", "-o", "out"], "-d. The file of that name is written ./-d.png. See"),
        (["run", "mien.graingraph.json", "a.png", "-o", "out"], "Did you mean mine.graingraph.json?"),
        (["check", "nodulse"], "Did you mean nodules?"),
        (["check", "shelf"], "shelf is a folder; name a recipe in it, such as shelf/r.graingraph.json."),
        (["run", "nodules", "a.png", "-o", "out", "--workers", "x"], "takes a whole number of 0 or more, not 'x'."),
        (["run", "nodules", "a.png", "-o", "out", "--workers", "-3"], "takes a whole number of 0 or more, not -3."),
        (["watch", ".", "nodules", "-o", "out", "--quiet", "0,5"], "a number of 0.1 or more, with a point, not '0,5'."),
        (["run", "nodules", "-o", "out", "a.png", "--set", "smooth.sigma=0,5"], "is a number with a point, not '0,5'."),
    ],
)
def test_what_is_mistyped_is_said_with_what_to_write(
    words: list[str], said: str, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shelf").mkdir()
    for name in ("-d.png", "mine.graingraph.json", "shelf/r.graingraph.json"):
        (tmp_path / name).write_text("")
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["", IMAGES, "-o", "out"], [NODULES, ""], [NODULES, IMAGES, "-o", ""], [NODULES, IMAGES, "--out="]]
)
def test_an_empty_name_is_not_the_current_folder(words: list[object], tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["run", *map(str, words)])
    assert ended.value.code == 1
    assert "is empty" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_two_recipes_are_compared_in_words(finished: Path, tmp_path: Path) -> None:
    document = json.loads(NODULES.read_text())
    document["layout"]["positions"]["smooth"] = [1, 2]
    moved = tmp_path / "moved.graingraph.json"
    moved.write_text(json.dumps(document))
    sigma = document["nodes"]["smooth"]["settings"]["sigma"]
    document["nodes"]["smooth"]["settings"]["sigma"] = sigma + 1.25
    changed = tmp_path / "changed.graingraph.json"
    changed.write_text(json.dumps(document))
    same = graingraph("diff", NODULES, finished / "report.pdf")
    assert (same.returncode, same.stderr) == (0, "")
    assert "hold the same recipe" in same.stdout
    done = graingraph("diff", NODULES, moved)
    assert done.returncode == 2
    assert done.stdout.splitlines()[0] == "1 node moved on the canvas"
    assert "the results are the same" in done.stdout
    answer = json.loads(graingraph("diff", moved, changed, "--json").stdout)
    kind = document["nodes"]["smooth"]["type"]
    change = f"{kind}: sigma {sigma:.12g} → {sigma + 1.25:.12g}"
    assert answer == {"same": False, "same results": False, "differences": [change]}
    assert graingraph("diff", NODULES, tmp_path / "none.json").returncode == 1


def test_explain_says_what_would_run(tmp_path: Path) -> None:
    states = json.loads(graingraph("explain", NODULES, IMAGES / "nodules_001.tif", "--json").stdout)
    assert states["threshold"]["name"] == "not computed"
    assert next(iter(states)) == "load"


def test_explain_says_what_a_run_into_a_folder_would_reuse(finished: Path) -> None:
    image = IMAGES / "nodules_001.tif"
    states = json.loads(graingraph("explain", NODULES, image, "-o", finished, "--json").stdout)
    assert states["measure"]["name"] == "cached on disk"
    assert states["threshold"]["name"] == "not computed"
    assert f"finished by an earlier run into {finished}" in graingraph("explain", NODULES, image, "-o", finished).stdout
    change = ("--set", "smooth.sigma=3")
    assert "finished by" not in graingraph("explain", NODULES, image, "-o", finished, *change).stdout
    states = json.loads(graingraph("explain", NODULES, image, "-o", finished, *change, "--json").stdout)
    assert states["measure"]["name"] == "not computed"


def test_explain_of_a_folder_makes_nothing(tmp_path: Path) -> None:
    done = graingraph("explain", NODULES, IMAGES / "nodules_001.tif", "-o", tmp_path / "new")
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_the_node_reference_is_made_from_the_declarations() -> None:
    text = graingraph("nodes", "Threshold").stdout
    assert "fraction of full scale" in text
    assert "only where method is manual" in text
    nodes = {node["name"]: node for node in json.loads(graingraph("nodes", "--json").stdout)}
    assert nodes["Threshold"]["inputs"] == [
        {"name": "image", "kinds": ["Image"], "optional": False, "every_image": False}
    ]
    found = graingraph("nodes", "ASTM", "E112").stdout.splitlines()
    assert [line.split()[0] for line in found[:2]] == ["GrainSize", "GrainSizeOfFields"]


def test_a_locked_recipe_lets_only_exposed_settings_be_set(tmp_path: Path) -> None:
    document = json.loads(NODULES.read_text())
    document["locked"] = True
    document["exposed"] = [{"node": "smooth", "setting": "sigma", "label": "Smoothing"}]
    recipe = tmp_path / "locked.graingraph.json"
    recipe.write_text(json.dumps(document))
    done = graingraph("run", recipe, IMAGES, "-o", tmp_path / "out", "--set", "threshold.method=otsu")
    assert done.returncode == 1
    assert "it lets you set smooth.sigma" in one_sentence(done)


def test_what_stops_several_nodes_is_said_once_and_a_missing_report_is_noticed(small: Path, tmp_path: Path) -> None:
    (small / "c.png").unlink()
    with_size = sorted(IMAGES.glob("*.tif"))[0]  # the others have no pixel size, so lengths cannot be pooled
    out = tmp_path / "out"
    done = graingraph("run", NODULES, small, with_size, "-o", out)
    said = one_sentence(done).splitlines()
    assert done.returncode == 2
    assert sum("give every image a pixel size" in line for line in said) == 1
    assert "No report was made." in said
    assert "These images have the same content, so they are not independent fields: a.png, b.png." in said
    answer = json.loads(graingraph("run", NODULES, small, with_size, "-o", out, "--json").stdout)
    assert len(answer["problems"]) == 1
    assert "No report was made." in answer["remarks"]


def test_nothing_is_remarked_where_nothing_is_amiss(finished: Path) -> None:
    answer = json.loads(graingraph("run", NODULES, IMAGES, "-o", finished, "--json").stdout)
    assert (answer["problems"], answer["remarks"]) == ([], [])


def test_the_results_are_said_and_those_that_are_not_reportable_without_their_numbers(finished: Path) -> None:
    said = graingraph("run", NODULES, IMAGES, "-o", finished).stdout.splitlines()
    told = json.loads(graingraph("run", NODULES, IMAGES, "-o", finished, "--json").stdout)["results"]
    assert said[0].startswith(f"{told[0]['quantity']}: not reportable: 2 fields of at least 5")
    assert (told[0]["value"], told[0]["low"], told[0]["count"], told[0]["unit"]) == (None, None, 2, "µm")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", NODULES, "missing.tif"), "There is no image file missing.tif"),
        (("check", "missing.graingraph.json"), "missing.graingraph.json"),
        (("nodes", "xyzzy"), "xyzzy"),
    ],
)
def test_a_program_that_asks_for_json_is_told_of_errors_in_json(arguments: tuple[object, ...], words: str) -> None:
    done = graingraph(*arguments, "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["exit"] == 1
    assert words in answer["problem"]
    assert answer["problem"] in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "cp932", "ascii"])
def test_a_terminal_that_lacks_a_sign_is_no_reason_to_fail(
    small: Path, tmp_path: Path, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small / "c.png").rename(small / "微Łß.png")
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    command = [sys.executable, "-m", "graingraph.app.cli.main", "run", NODULES, small, "-o", tmp_path / "微 out"]
    done = subprocess.run([*map(str, command)], capture_output=True, cwd=ROOT, timeout=240)
    assert done.returncode == 2, done.stderr  # of the image that cannot be read
    assert b"2 of 3 images measured; results in " in done.stdout
    assert b" out." in done.stdout
    assert b".png" in done.stderr


def test_a_name_with_a_line_break_makes_no_second_line(tmp_path: Path) -> None:
    done = graingraph("run", NODULES, IMAGES, "-o", tmp_path, "--set", "threshold.two\nlines=1")
    assert done.returncode == 1
    assert len(one_sentence(done).splitlines()) == 1


def test_ctrl_c_is_one_word_while_the_program_is_loaded_and_in_every_command(monkeypatch, capsys):
    class Stopping:
        def __getattr__(self, name):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "graingraph.app.cli.node_reference", Stopping())
        with pytest.raises(SystemExit, match="130"):
            main(["nodes"])
    monkeypatch.setitem(sys.modules, "graingraph.app.cli.main", Stopping())
    with pytest.raises(SystemExit, match="130"):
        start()
    assert capsys.readouterr().err == "Stopped.\nStopped.\n"
