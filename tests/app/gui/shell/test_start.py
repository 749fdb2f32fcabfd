"""The window comes up without what only later work needs."""

import subprocess
import sys


def test_the_window_starts_without_the_heavy_libraries():
    code = (
        "import graingraph.app.gui.shell.window, sys; "
        "print({'numba', 'scipy', 'skimage', 'torch', 'onnxruntime', 'pandas', 'matplotlib'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
