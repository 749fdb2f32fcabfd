"""What is handed to others: the wheel in a fresh environment far from the sources, and the copy of the sources."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tests.support.paths import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

VERSION = "7.6.5"
DATA = ("graphs", "assets")
NOT_SOURCES = ignore_patterns(".*", "__pycache__", "*.py[cod]", "*.egg-info", "build", "dist", "out", "screenshots")
"""What tools leave in a checkout, and the history: the package is built without git, as from a downloaded archive."""


@dataclass(frozen=True)
class Built:
    """The two archives of the package."""

    sources: Path
    wheel: Path


@dataclass(frozen=True)
class Installed:
    """The program in an environment of its own, run in a folder whose files have the names of its parts."""

    python: Path
    program: Path
    folder: Path

    def run(self, *command: str | Path) -> str:
        """What a command that must succeed writes, without anything of this checkout on its path."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "GRAINGRAPH"))}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def graingraph(self, *arguments: str | Path) -> str:
        return self.run(self.program, *arguments)

    @property
    def home(self) -> Path:
        """Where the program lies."""
        return Path(self.run(self.python, "-c", "import graingraph; print(graingraph.__path__[0])").strip())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sources, and the wheel made from them alone."""
    folder = tmp_path_factory.mktemp("built")
    copytree(ROOT, folder / "sources", ignore=NOT_SOURCES)
    environment = os.environ | {"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_GRAINGRAPH": VERSION}
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", folder / "sources"]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    (sources,), (wheel,) = folder.glob("dist/*.tar.gz"), folder.glob("dist/*.whl")
    return Built(sources, wheel)


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a new environment that borrows the libraries of this one, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=120)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    told = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True
    )
    libraries = [path for path in sys.path if "site-packages" in path or "dist-packages" in path]
    Path(told.stdout.strip(), "libraries.pth").write_text("\n".join(libraries), "utf-8")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", built.wheel]
    done = subprocess.run(pip, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    work = folder / "work"
    work.mkdir()
    for name in ("engine", "nodes", "app", "graphs", "assets"):
        (work / f"{name}.py").write_text("raise ImportError('this is the file of somebody else')\n", "utf-8")
    return Installed(python, programs / "graingraph", work)


def files_below(folder: Path) -> Iterator[Path]:
    """The files of a folder that somebody wrote, relative to it."""
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder)


def test_the_wheel_holds_one_importable_name_and_all_data(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as wheel:
        names = set(wheel.namelist())
    assert {name.partition("/")[0] for name in names} == {"graingraph", f"graingraph-{VERSION}.dist-info"}
    assert "graingraph/py.typed" in names
    for floor in ("app", "engine", "nodes", *DATA):
        shipped = {f"graingraph/{floor}/{path.as_posix()}" for path in files_below(ROOT / floor)}
        assert shipped == {name for name in names if name.startswith(f"graingraph/{floor}/")}


def test_the_copy_of_the_sources_can_be_tested(built: Built) -> None:
    with tarfile.open(built.sources) as sources:
        names = {member.name.partition("/")[2] for member in sources.getmembers() if member.isfile()}
    for folder in ("app", "engine", "nodes", "graingraph", "tests", "docs", "changes", *DATA):
        assert {f"{folder}/{path.as_posix()}" for path in files_below(ROOT / folder)} <= names
    assert {path.name for path in ROOT.glob("*.*") if path.is_file() and not path.name.startswith(".")} <= names


def test_the_installed_program_knows_its_version(installed: Installed) -> None:
    said = f"graingraph {VERSION}"
    assert installed.graingraph("--version").strip() == said
    assert installed.run(installed.python, "-m", "graingraph", "--version").strip() == said
    assert installed.run(installed.python, "-c", "import graingraph; print(graingraph.__version__)").strip() == VERSION


def test_the_installed_program_measures_and_leaves_itself_alone(installed: Installed) -> None:
    before = {path: (installed.home / path).stat().st_mtime_ns for path in files_below(installed.home)}
    installed.graingraph("demo")
    assert (installed.folder / "out" / "report.pdf").is_file()
    assert "agrees with" in installed.graingraph("verify", "out")
    assert before == {path: (installed.home / path).stat().st_mtime_ns for path in files_below(installed.home)}


def test_the_lines_for_a_notebook_run(installed: Installed) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) == 1
    (installed.folder / "notebook.py").write_text(blocks[0], "utf-8")
    assert "nodules_001.tif" in installed.run(installed.python, "notebook.py")
