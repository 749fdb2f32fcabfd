"""MirrorOverlap against pools drawn from formulas, whose hidden part is known exactly."""

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.injected import Context, Mark, Marks
from graingraph.engine.values import Image, Labels, Mask, Scale
from graingraph.engine.values.notes import texts
from graingraph.nodes.imaging.melt_pools.pool_fit import Arc, fit_pools
from graingraph.nodes.imaging.melt_pools.pool_models import PoolModel
from graingraph.nodes.imaging.melt_pools.pool_shape import hidden_side, reconstruct
from graingraph.nodes.imaging.picture.pool_drawing import HIDDEN, VISIBLE
from graingraph.nodes.measure.mirror_overlap import Overlap, mirror_overlap
from tests.nodes.measure.pool_rows import paint, row
from tests.support.paths import SHARED

PROFILES = {
    "half-ellipse": lambda t: np.sqrt(1 - t**2),
    "parabola": lambda t: 1 - t**2,
    "superellipse": lambda t: (1 - t**2.6) ** (1 / 2.6),
    "bell": lambda t: np.exp(-3 * t**2),
    "cosine": lambda t: np.cos(np.pi * t / 2),
}


def pool(profile: str, x: float, y: float, width: float, depth: float, tilt: float, crown: float = 0.0) -> np.ndarray:
    """Outline of a whole pool in the image, bottom from right to left, then the top."""
    t = np.cos(np.linspace(0, np.pi, 200))
    bottom = np.c_[t * width / 2, depth * PROFILES[profile](np.abs(t).clip(0, 1))]
    top = np.c_[-t * width / 2, -crown * (1 - t**2)]
    c, s = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    return np.r_[bottom, top] @ np.array([[c, s], [-s, c]]) + (x, y)


def pair(profile: str, width: float, aspect: float, tilt: float, offset: float, noise: float, seed: int) -> tuple:
    """A pool (label 2) and the neighbour on its left that covers it (label 1); labels and true overlap in %."""
    rng = np.random.default_rng(seed)
    shape = (int(width * (aspect + 0.5)) + 20, int(2.4 * width) + 20)
    masks = []
    for x, lean in ((1.0 - offset, rng.uniform(-4, 4)), (1.0, tilt)):
        outline = pool(profile, (x + 0.45) * width, 0.25 * width + 8, width, aspect * width, lean)
        rough = cv2.GaussianBlur(rng.normal(size=(len(outline), 2)), (1, 41), 0, sigmaY=7)
        masks.append(paint(outline + noise * rough / rough.std(), shape))
    labels = np.where(masks[0], 1, np.where(masks[1], 2, 0)).astype(np.int32)
    return labels, 100 * np.mean(masks[0][masks[1]])


@pytest.mark.parametrize("profile", PROFILES)
def test_overlap_width_and_depth_of_generated_pools(profile: str) -> None:
    rng = np.random.default_rng(17)
    errors = []
    for seed in range(14):
        width, aspect = np.exp(rng.uniform(np.log(60), np.log(400))), rng.uniform(0.3, 0.6)
        offset = rng.uniform(0.5, 0.8)
        noise = max(0.4, 0.003 * width)
        labels, truth = pair(profile, width, aspect, rng.uniform(-10, 10), offset, noise, seed)
        found = reconstruct(labels, [2])[0]
        assert not found.refusal
        wide, deep = found.width / width - 1, found.depth / (aspect * width) - 1
        errors.append((100 * found.overlap - truth, 100 * wide, 100 * deep))
    overlap, wide, deep = np.abs(errors).mean(0)
    assert overlap < 2.0
    assert wide < 3.0
    assert deep < 3.0


@pytest.mark.parametrize("profile", ["half-ellipse", "parabola", "superellipse", "cosine"])
@pytest.mark.parametrize("lean", ["whole", "level top"])
@pytest.mark.parametrize("noise", ["smooth", "jitter", "simplified"])
def test_rows_of_pools_that_lean_in_either_way(profile: str, lean: str, noise: str) -> None:
    errors = []
    for seed in range(4):
        drawn = row(seed, PROFILES[profile], lean, noise)
        labels = drawn.labels if seed % 2 else np.ascontiguousarray(drawn.labels[:, ::-1])
        pools = reconstruct(labels, range(2, len(drawn.truth) + 1), side="left" if seed % 2 else "right")
        assert not any(pool.refusal for pool in pools)
        for pool, (overlap, wide, deep) in zip(pools, drawn.truth[1:], strict=True):
            errors.append((100 * pool.overlap - overlap, 100 * pool.width / wide - 100, 100 * pool.depth / deep - 100))
    overlap, wide, deep = np.abs(errors).mean(0)
    assert overlap < 2.0
    assert wide < (3.0 if lean == "whole" else 5.0)
    assert deep < 3.0


@pytest.mark.parametrize("model", ["mirror", "half-ellipse", "superellipse", "conduction"])
def test_every_model_finds_a_half_circle(model: str) -> None:
    labels, truth = pair("half-ellipse", 200, 0.5, 0, 0.6, 0.0, 3)
    found = reconstruct(labels, [2], model)[0]
    assert 100 * found.overlap == pytest.approx(truth, abs=1.0)
    assert found.width == pytest.approx(200, rel=0.02)
    assert found.depth == pytest.approx(100, rel=0.02)
    assert found.area == pytest.approx(np.pi * 100**2 / 2, rel=0.02)
    assert found.fit > 0.98


def test_tilt_is_the_angle_of_the_pool() -> None:
    for tilt in (-10, -5, 5, 10):
        labels, _ = pair("half-ellipse", 300, 0.4, tilt, 0.7, 0.0, 1)
        assert reconstruct(labels, [2])[0].tilt == pytest.approx(tilt, abs=1.0)


def test_conduction_is_the_isotherm_of_rosenthals_point_source() -> None:
    # T - T0 = P / (2 pi k R) exp(-(v / 2a) (x + R)); the section shows the widest isotherm over all x.
    speed, melt = 0.05, 0.01
    y, z = np.meshgrid(np.arange(-60, 60) + 0.5, np.arange(0, 60) + 0.5)
    hottest = np.zeros(y.shape)
    for x in np.linspace(-150, 20, 200):
        r = np.sqrt(x**2 + y**2 + z**2)
        hottest = np.maximum(hottest, np.exp(-speed * (x + r)) / r)
    molten = np.zeros((80, 140), np.int32)
    molten[10:70, 10:130] = hottest > melt
    found = reconstruct(molten, [1], "conduction")[0]
    assert found.fit > 0.97
    assert found.width == pytest.approx(2 * found.depth, rel=0.1)


def test_a_fit_recovers_the_parameters_of_its_own_curve() -> None:
    true = PoolModel(150, 40, 0.1, 80, 50, 2.5, 1.5)
    right = true.right_half()
    outline = true.to_image(np.r_[right, right * (-1, 1)])
    [fitted] = fit_pools([Arc(outline, 1.0)], "mirror")
    assert fitted.x == pytest.approx(150, abs=0.5)
    assert fitted.tilt == pytest.approx(0.1, abs=0.005)
    assert (fitted.a, fitted.d) == pytest.approx((80, 50), rel=0.02)


def test_a_pool_that_nothing_covers_has_no_overlap() -> None:
    mask = paint(pool("parabola", 150, 30, 200, 80, 0, crown=10), (140, 300))
    found = reconstruct(mask.astype(np.int32), [1])[0]
    assert found.overlap == 0
    assert found.area == np.count_nonzero(mask)
    assert found.width == pytest.approx(200, rel=0.02)
    assert found.depth == pytest.approx(90, rel=0.03)


def test_mirroring_the_picture_mirrors_the_answer() -> None:
    labels, _ = pair("half-ellipse", 180, 0.4, 6, 0.65, 0.5, 5)
    flipped = np.ascontiguousarray(labels[:, ::-1])
    assert (hidden_side(labels), hidden_side(flipped)) == ("left", "right")
    left, right = reconstruct(labels, [2])[0], reconstruct(flipped, [2], side="right")[0]
    assert right.overlap == left.overlap
    assert right.tilt == -left.tilt
    np.testing.assert_allclose(right.outline[:, 0], labels.shape[1] - left.outline[:, 0])


def test_too_little_visible_is_refused_with_a_reason() -> None:
    labels, truth = pair("half-ellipse", 200, 0.4, 0, 0.12, 0.0, 2)
    assert truth > 70
    found = measure(Labels(labels, count=2))
    row = found.table.frame.set_index("Label").loc[2]
    assert np.isnan(row["Overlap"])
    assert row["Remark"].startswith("Not measured: ")
    assert texts(found.table.notes) == ("1 of 2 melt pools could not be measured.",)


def test_a_speck_is_refused() -> None:
    labels = np.zeros((50, 50), np.int32)
    labels[20:22, 20:23] = 1
    assert reconstruct(labels, [1])[0].refusal
    assert measure(Labels(labels, count=1)).table.headline == "no pool could be measured"


def test_no_pools_at_all_gives_an_empty_table() -> None:
    assert measure(Labels(np.zeros((50, 50), np.int32))).table.frame.empty


def test_the_edge_of_the_picture_is_remarked() -> None:
    labels, _ = pair("half-ellipse", 200, 0.4, 0, 0.6, 0.0, 2)
    cut = np.ascontiguousarray(labels[:, : np.flatnonzero((labels == 2).any(0))[-1] - 20])
    remark = measure(Labels(cut, count=2)).table.frame.set_index("Label").loc[2, "Remark"]
    assert "picture's edge" in remark


def test_a_pool_cut_before_its_free_half_is_seen_is_refused() -> None:
    labels, _ = pair("half-ellipse", 200, 0.4, 0, 0.6, 0.0, 2)
    for beyond in (-12, 30):  # px behind the axis, of a half-width of 100
        cut = np.ascontiguousarray(labels[:, : round(1.45 * 200) + beyond])
        row = measure(Labels(cut, count=2)).table.frame.set_index("Label").loc[2]
        assert np.isnan(row["Width"]), beyond
        assert "picture" in row["Remark"]


def test_picks_choose_the_pools_once_each_and_lengths_have_units() -> None:
    labels, _ = pair("half-ellipse", 200, 0.4, 0, 0.6, 0.0, 2)
    rows, columns = np.nonzero(labels == 2)
    at = np.array([[columns.mean(), rows.mean()]], np.float32)
    picks = Marks((Mark("a", "pick", at), Mark("b", "pick", at + 2), Mark("c", "pick", at * 0)))
    found = measure(Labels(labels, Scale(0.5), count=2), measure="picked", marks=picks)
    assert list(found.table.frame["Label"]) == [2]
    assert found.table.frame["Width"][0] == pytest.approx(100, rel=0.03)
    assert found.table.units["Whole area"] == "µm²"
    assert found.overlay.scale == Scale(0.5)


def test_a_line_between_the_pools_hides_nothing() -> None:
    labels, truth = pair("half-ellipse", 300, 0.4, 0, 0.65, 0.0, 2)
    edge = cv2.dilate((labels == 1).view(np.uint8), np.ones((3, 3), np.uint8)).view(bool) & (labels == 2)
    apart = np.where(edge, 0, labels).astype(np.int32)
    assert 100 * reconstruct(apart, [2])[0].overlap == pytest.approx(truth, abs=2.0)
    found = measure(Mask(apart > 0))
    assert len(found.table.frame) == 2
    assert found.table.frame["Overlap"].max() == pytest.approx(truth, abs=2.0)


def test_a_line_between_pools_may_be_as_much_wider_as_the_pools_are_larger() -> None:
    labels, truth = pair("half-ellipse", 300, 0.4, 0, 0.65, 0.0, 2)
    large = np.kron(labels, np.ones((3, 3), np.int32))
    edge = cv2.dilate((large == 1).view(np.uint8), np.ones((13, 13), np.uint8)).view(bool) & (large == 2)
    assert 100 * reconstruct(np.where(edge, 0, large).astype(np.int32), [2])[0].overlap == pytest.approx(truth, abs=2.0)


def test_the_overlay_tells_hidden_from_visible() -> None:
    labels, _ = pair("half-ellipse", 300, 0.4, 0, 0.65, 0.0, 2)
    image = Image(np.full(labels.shape, 1000, np.uint16), range=(0, 65535))
    drawn = measure(Labels(labels, count=2), image).overlay.pixels
    hidden = np.nonzero((np.abs(drawn.astype(int) - HIDDEN) < 60).all(2))
    visible = np.nonzero((np.abs(drawn.astype(int) - VISIBLE) < 60).all(2))
    assert (labels[hidden] == 1).mean() > 0.8
    assert len(visible[0]) > 2 * len(hidden[0]) > 60


def test_annotated_pools_of_a_real_section() -> None:
    import orjson

    folder = SHARED / "data/melt_pools"
    if not folder.exists():
        pytest.skip("the shared micrographs are not here")
    coco = orjson.loads((folder / "annotations.json").read_bytes())
    fits, overlaps = [], []
    for image in coco["images"][:12]:
        labels = np.zeros((image["height"], image["width"]), np.int32)
        for number, a in enumerate((a for a in coco["annotations"] if a["image_id"] == image["id"]), 1):
            cv2.fillPoly(labels, [np.array(s, np.int32).reshape(-1, 2) for s in a["segmentation"]], number)
        frame = measure(Labels(labels, count=int(labels.max()))).table.frame
        whole = frame[frame["Remark"] == ""]
        fits.extend(whole["Fit"])
        overlaps.extend(whole["Overlap"])
    assert len(fits) > 10
    assert np.median(fits) > 90
    assert 0 <= np.min(overlaps) <= np.max(overlaps) <= 60


def measure(pools: Labels | Mask, image: Image | None = None, **settings: object) -> Overlap:
    arguments = {"marks": Marks(), "context": Context(), **settings}
    return mirror_overlap(pools, image, **arguments)  # type: ignore[arg-type]
