"""Workers compute in one thread each, and the process that starts them keeps its environment as it is."""

import os
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

CODE = """
import multiprocessing, os, sys
from multiprocessing import forkserver
sys.path.insert(0, {folder!r})
from graingraph.engine.batch.workers import Workers

def main():
    before = dict(os.environ)
    workers = Workers(2, ["sees_limits"])
    assert dict(os.environ) == before
    with workers._context.Pool(1) as pool:
        print(pool.apply(os.getenv, ("SEEN",)), pool.apply(os.getenv, ("OMP_NUM_THREADS",)))
    assert dict(os.environ) == before

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork server")
def test_the_limits_are_set_before_what_is_preloaded_and_nowhere_else(tmp_path):
    """A module that is preloaded notes what the libraries would see when they are imported."""
    (tmp_path / "sees_limits.py").write_text(
        "import os\nos.environ['SEEN'] = os.environ.get('OMP_NUM_THREADS', 'none')"
    )
    script = tmp_path / "script.py"
    script.write_text(CODE.format(folder=str(tmp_path)))
    known = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")} | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, script], cwd=ROOT, env=known, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["1", "1"], done.stderr
