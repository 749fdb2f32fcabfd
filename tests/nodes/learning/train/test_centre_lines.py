"""Soft erosion, dilation and skeleton against the max pooling of torch and the skeleton of scikit-image."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from graingraph.nodes.learning.train.centre_lines import centre_line_loss, dilate, erode, soft_skeleton  # noqa: E402


def planes(seed: int = 0, steps: int = 0) -> torch.Tensor:
    """Random planes; with ``steps`` of few different values, so that many pixels are equal."""
    values = torch.rand(2, 1, 24, 31, generator=torch.Generator().manual_seed(seed))
    return ((values * steps).round() / steps if steps else values).requires_grad_()


def pooled_erosion(share: torch.Tensor) -> torch.Tensor:
    rows = -functional.max_pool2d(-share, (3, 1), 1, (1, 0))
    columns = -functional.max_pool2d(-share, (1, 3), 1, (0, 1))
    return torch.minimum(rows, columns)


def pooled_dilation(share: torch.Tensor) -> torch.Tensor:
    return functional.max_pool2d(share, 3, 1, 1)


def gradient(of: object, share: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    (found,) = torch.autograd.grad((of(share) * weight).sum(), share)  # type: ignore[operator]
    return found


@pytest.mark.parametrize(("ours", "pooled"), [(erode, pooled_erosion), (dilate, pooled_dilation)])
def test_erosion_and_dilation_are_those_of_pooling(ours: object, pooled: object) -> None:
    for steps in (0, 3):
        share = planes(1, steps)
        assert torch.equal(ours(share), pooled(share))  # type: ignore[operator]
    share, weight = planes(2), torch.rand(2, 1, 24, 31)
    assert torch.allclose(gradient(ours, share, weight), gradient(pooled, share, weight))


@pytest.mark.parametrize("ours", [erode, dilate])
def test_of_equal_pixels_one_takes_the_whole_gradient(ours: object) -> None:
    share, weight = planes(3, 2), torch.rand(2, 1, 24, 31)
    found = gradient(ours, share, weight)
    assert float(found.sum()) == pytest.approx(float(weight.sum()), rel=1e-4)
    assert torch.all(found >= 0)


def test_the_skeleton_of_a_band_is_its_middle() -> None:
    band = torch.zeros(1, 1, 40, 40)
    band[:, :, 10:15] = 1
    line = soft_skeleton(band)[0, 0, :, 5:35]
    assert torch.all(line[12] == 1)
    assert torch.all(line[[10, 11, 13, 14]] == 0)


def test_a_cut_line_has_a_lower_score_than_a_thin_one() -> None:
    band = torch.zeros(1, 1, 40, 40)
    band[:, :, 10:13] = 1
    thinner, cut = band.clone(), band.clone()
    thinner[:, :, 10] = thinner[:, :, 12] = 0  # more pixels are missing
    cut[:, :, :, 10:20] = 0
    assert float(centre_line_loss(thinner, band)) < 0.05
    assert float(centre_line_loss(cut, band)) > 0.1
    assert np.isclose(float(centre_line_loss(band, band)), 0, atol=0.05)
