"""Images as they could have been taken: blurred, or with another contrast."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from graingraph.engine.images.files import require_unchanged
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.values import Scale
from graingraph.nodes.input.load import load
from graingraph.nodes.reading.disturbed import out_of_focus, with_contrast


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_file_keeps_its_kind_its_scale_and_what_is_drawn_on_it(tmp_path: Path, dtype: type) -> None:
    pixels = (np.random.default_rng(1).random((40, 50)) * (1 if dtype is np.float32 else np.iinfo(dtype).max)).astype(
        dtype
    )
    tifffile.imwrite(tmp_path / "a.tif", pixels, resolution=(4e4, 4e4), resolutionunit="CENTIMETER")
    [source] = ImageSet.of_files([tmp_path / "a.tif"]).values()
    plain = load(source=source)
    for changed in (out_of_focus(source, 1.0), with_contrast(source, 0.9), with_contrast(source, 1.1)):
        image = load(source=changed)
        require_unchanged(changed)
        assert image.pixels.dtype == dtype
        assert image.scale is not None
        assert image.scale.x == Scale(0.25).x
        assert changed.hash != source.hash
        assert changed.drawn_as == source.drawn_as
        assert image.pixels.mean() == pytest.approx(plain.pixels.mean(), rel=0.02)
    assert load(source=out_of_focus(source, 1.0)).pixels.std() < 0.5 * plain.pixels.std()
    assert load(source=with_contrast(source, 0.9)).pixels.std() == pytest.approx(0.9 * plain.pixels.std(), rel=0.01)
    assert out_of_focus(source, 0.0) is source


def test_levels_are_cut_off_where_the_camera_ends() -> None:
    levels = np.array([[0, 4095, 100], [50, 4000, 9]], np.uint16)
    [source] = ImageSet.of_arrays({"a": levels}).values()
    changed = with_contrast(source, 1.5)
    assert changed.pixels is not None
    assert (changed.pixels.min(), changed.pixels.max()) == (0, 4095)
