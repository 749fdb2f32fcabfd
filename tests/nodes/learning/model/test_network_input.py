"""Pictures at the network's size: sharp when enlarged, never brighter than white or darker than black."""

import cv2
import numpy as np
import pytest

from graingraph.nodes.learning.model.network_input import picture_at


@pytest.mark.parametrize("channels", [1, 3])
def test_an_enlarged_picture_keeps_its_outlines_and_stays_between_black_and_white(channels: int) -> None:
    rows, columns = np.mgrid[0:96, 0:120] / 2
    fine = (np.hypot(rows - 24, columns - 30) < 12).astype(np.float32)
    fine = np.repeat(cv2.GaussianBlur(fine, (0, 0), 2)[:, :, None], channels, axis=2)
    coarse = np.ascontiguousarray(fine.reshape(48, 2, 60, 2, channels).mean(axis=(1, 3)))
    enlarged = picture_at(coarse, (96, 120))
    assert enlarged.shape == fine.shape
    assert 0 <= enlarged.min() <= enlarged.max() <= 1
    linear = cv2.resize(coarse, (120, 96), interpolation=cv2.INTER_LINEAR).reshape(fine.shape)
    assert np.abs(enlarged - fine).mean() < 0.5 * np.abs(linear - fine).mean()
    assert picture_at(enlarged, (48, 60)).shape == coarse.shape
