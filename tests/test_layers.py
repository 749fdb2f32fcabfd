"""Who may know whom: engine <- nodes <- app; only the window knows DearPyGui, only training torch."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tifffile

from graingraph.engine.recipe import file as recipe_file
from tests.benchmarks.grain_images import grain_image
from tests.benchmarks.grain_recipe import grain_recipe
from tests.support.paths import ROOT

MODULES = sorted(path for top in ("engine", "nodes", "app") for path in (ROOT / top).rglob("*.py"))
TRAINING = {
    *(
        f"graingraph.nodes.learning.train.{name}"
        for name in (
            "centre_lines",
            "checkpoint",
            "training_run",
            "encoder",
            "losses",
            "network",
            "request",
            "training",
        )
    ),
    "graingraph.nodes.learning.model.export",
}
"""What only a training imports, inside a function; these modules may import torch at their top."""
GUI = "graingraph.app.gui"
"""The package that may draw."""
NOT_FOR = {
    "graingraph.app.document": {"graingraph.app.services", "graingraph.app.cli", GUI},
    "graingraph.app.rendering": {"graingraph.app.services", "graingraph.app.cli", GUI},
    "graingraph.app.services": {"graingraph.app.cli", GUI},
}
"""What a package of the program must not know."""


def name_of(path: Path) -> str:
    return ".".join(("graingraph", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")


def imports(tree: ast.AST, package: str, *, at_top_only: bool = False) -> Iterator[str]:
    """Full names of all modules that are imported; ``at_top_only`` leaves out functions and TYPE_CHECKING."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            above = ".".join(package.split(".")[: len(package.split(".")) - child.level + 1]) if child.level else ""
            module = ".".join(part for part in (above, child.module) if part)
            yield from (f"{module}.{alias.name}" for alias in child.names)
        elif not (at_top_only and waits(child)):
            yield from imports(child, package, at_top_only=at_top_only)


def waits(part: ast.AST) -> bool:
    """Whether what is inside does not run when the module is imported."""
    checking = isinstance(part, ast.If) and "TYPE_CHECKING" in ast.unparse(part.test)
    return checking or isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)


def imported(path: Path, *, at_top_only: bool = False) -> set[str]:
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    return set(imports(ast.parse(path.read_text("utf-8")), package, at_top_only=at_top_only))


def within(name: str, packages: set[str]) -> bool:
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def loaded_by(statement: str) -> set[str]:
    """The top-level modules that are loaded after a statement in a fresh interpreter."""
    code = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_reader_of_imports_reads_them() -> None:
    code = "import a.b\nfrom c import d\nfrom . import e\nfrom ..f import g\ndef h():\n    from i import j\n"
    tree = ast.parse(code)
    assert set(imports(tree, "x.y")) == {"a.b", "c.d", "x.y.e", "x.f.g", "i.j"}
    assert set(imports(tree, "x.y", at_top_only=True)) == {"a.b", "c.d", "x.y.e", "x.f.g"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_keeps_to_its_layer(path: Path) -> None:
    names = imported(path)
    floor = name_of(path).split(".")[1]
    above = {
        "engine": {"graingraph.nodes", "graingraph.app", "cv2", "skimage"},
        "nodes": {"graingraph.app"},
        "app": set(),
    }
    assert not {name for name in names if within(name, above[floor])}
    if not within(name_of(path), {GUI}):
        assert not {name for name in names if within(name, {"dearpygui"})}
    if floor == "app":
        assert not {name for name in names if within(name, {"torch"})}
        package = ".".join(name_of(path).split(".")[:3])
        assert not {name for name in names if within(name, NOT_FOR.get(package, set()))}


@pytest.mark.parametrize("path", [path for path in MODULES if name_of(path) not in TRAINING], ids=name_of)
def test_only_what_trains_imports_torch_or_a_module_that_does(path: Path) -> None:
    names = imported(path, at_top_only=True)
    assert not {name for name in names if within(name, {"torch", "onnx", *TRAINING})}


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
    assert not loaded_by("from graingraph.engine.declare.plugins import load_nodes; load_nodes()") & heavy


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
    arguments = f"Path({str(recipe)!r}), [{str(image)!r}], Path({str(out)!r}), [], 1, False, False"
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
