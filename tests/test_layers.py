"""Who may know whom: the contracts in pyproject.toml; and what is loaded only by those who need it."""

import subprocess
import sys
from pathlib import Path

import tifffile

from graingraph.engine.recipe import file as recipe_file
from tests.benchmarks.grain_images import grain_image
from tests.benchmarks.grain_recipe import grain_recipe
from tests.support.paths import ROOT


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that are loaded after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_floors_rooms_and_files_know_only_whom_they_may() -> None:
    links = ROOT / ".types"  # show import-linter the floors as parts of one package, as they are imported
    check = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    command = [sys.executable, "-c", check, "../pyproject.toml", "--no-cache"]
    done = subprocess.run(command, cwd=links, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_command_line_loads_nothing_heavy() -> None:
    heavy = {"torch", "dearpygui", "numba", "cv2", "pandas", "skimage", "scipy", "matplotlib", "onnxruntime"}
    assert not loaded_by("import graingraph.app.cli.main") & heavy


def test_declaring_the_nodes_loads_nothing_heavy() -> None:
    heavy = {
        "torch",
        "onnxruntime",
        "matplotlib",
        "skimage",
        "numba",
        "pandas",
        "scipy",
        "dearpygui",
        "fpdf",
        "tifffile",
    }
    assert not loaded_by("from graingraph.engine.declare.plugins import load_plugins; load_plugins()") & heavy


def test_a_run_never_loads_the_window() -> None:
    assert not loaded_by(
        "import graingraph.app.cli.run, graingraph.app.cli.inspect, graingraph.app.cli.train\n"
        "import graingraph.app.document.session"
    ) & {
        "dearpygui",
        "torch",
    }


def test_a_batch_that_only_measures_loads_no_library_for_anything_else(tmp_path: Path) -> None:
    recipe, image, out = tmp_path / "grains.graingraph.json", tmp_path / "grains.tif", tmp_path / "out"
    recipe_file.save(grain_recipe()[0], recipe)
    tifffile.imwrite(image, grain_image(300, 400, 60))
    arguments = f"Path({str(recipe)!r}), [{str(image)!r}], Path({str(out)!r}), workers=1"
    loaded = loaded_by(
        f"from pathlib import Path; from graingraph.app.cli.run import run_recipe; assert run_recipe({arguments}) == 0"
    )
    assert len((out / "measurements.csv").read_text("utf-8").splitlines()) > 20
    assert "pyarrow" in loaded
    assert not loaded & {"pandas", "scipy.linalg", "matplotlib", "skimage", "fpdf", "torch", "onnxruntime"}


def test_what_a_batch_hid_from_numba_can_be_imported_afterwards() -> None:
    assert "scipy.linalg" not in loaded_by("import graingraph.app.services.worker_imports")
    multiply = "import numba, numpy; numba.njit(lambda a: a @ a)(numpy.ones((2, 2)))"
    assert "scipy.linalg.cython_blas" in loaded_by(f"import graingraph.app.services.worker_imports; {multiply}")
