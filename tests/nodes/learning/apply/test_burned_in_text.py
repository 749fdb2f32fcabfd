import subprocess
import sys

import cv2
import numpy as np
import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.values import Image, Scale
from graingraph.nodes.input.set_scale import set_scale
from graingraph.nodes.learning.apply import burned_in_text
from graingraph.nodes.learning.apply.burned_in_text import read_bar_label, reader
from graingraph.nodes.reading.scale_bar import ScaleBar, find_scale_bar
from tests.support.bar_labels import labelled
from tests.support.paths import SHARED

with_reader = pytest.mark.skipif(not reader(), reason="rapidocr is not installed")


@with_reader
def test_labels_are_read_or_refused_and_never_wrong():
    read = 0
    for seed in range(5):
        pixels, (length, left, row), um = labelled(seed)
        label = read_bar_label(pixels, ScaleBar(length, left, row))
        assert label is None or label.um == pytest.approx(um)
        read += label is not None
    assert read >= 4


@with_reader
def test_nothing_is_read_where_nothing_is_written():
    noise = np.random.default_rng(0).integers(0, 255, (480, 640)).astype(np.uint8)
    assert read_bar_label(noise, ScaleBar(200, 100, 440)) is None


@with_reader
def test_set_scale_reads_the_length_and_tells_what_the_file_says_otherwise():
    pixels = np.full((480, 640), 120, np.uint8)
    pixels[424:] = 12
    pixels[448:453, 60:260] = 255
    cv2.putText(pixels, "100 um", (280, 456), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1)
    image = set_scale(Image(pixels, Scale(0.5, "file metadata")), method="find scale bar")
    assert image.scale.um_per_px == pytest.approx(0.5)
    (note,) = image.notes
    assert note.kind == "not reportable"
    assert "“100 um” was read beside it" in note.text
    for um_per_px, said in ((0.508, False), (0.515, True)):
        image = set_scale(Image(pixels, Scale(um_per_px, "file metadata")), method="find scale bar", confirmed=True)
        assert image.scale.um_per_px == pytest.approx(0.5)
        assert any("off the scale bar" in note.text for note in image.notes) == said
    typed = set_scale(Image(pixels), method="find scale bar", length=50)
    assert typed.scale.um_per_px == pytest.approx(0.25)
    bare = pixels.copy()
    bare[430:460, 270:] = 12
    with pytest.raises(Problem, match="no length beside it can be read"):
        set_scale(Image(bare), method="find scale bar")


def test_without_the_model_files_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(burned_in_text, "_models", lambda: None)
    burned_in_text._sessions.cache_clear()
    with pytest.raises(Problem, match=r"pip install 'graingraph\[read-text\]'"):
        read_bar_label(np.zeros((100, 100), np.uint8), ScaleBar(50, 20, 50))


@with_reader
def test_none_of_the_code_of_the_package_is_imported():
    code = (
        "import sys, numpy as np; from graingraph.nodes.learning.apply.burned_in_text import text_lines;"
        "text_lines(np.zeros((64, 64), np.uint8)); sys.exit(any(name.startswith('rapidocr') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@with_reader
@pytest.mark.parametrize(("name", "um"), [
    ("data/twinned_brass/20260408_C2600-06tHT600C1hrx200.jpg", 200),
    ("data/twinned_brass/20260408_C2600-06tx200_s.jpg", 200),
    ("cases/scale_bar/bar_fei.png", 500),
])  # fmt: skip
def test_real_labels(name, um):
    path = SHARED / name
    if not path.is_file():
        pytest.skip("the real pictures are not here")
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert read_bar_label(grey, find_scale_bar(grey)).um == um
