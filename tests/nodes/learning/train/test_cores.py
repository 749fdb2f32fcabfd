"""Middles of features: what they are, that they split what touches, and that a training adds and scores them right."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from graingraph.engine.declare.injected import Context
from graingraph.engine.problem import Problem
from graingraph.engine.values import UNLABELLED, ClassMap, Image, Labels, PixelClass, Probabilities
from graingraph.engine.values.classes import boundary_of, core_of, cores_by_class, without_cores
from graingraph.nodes.imaging.features.cores import middles
from graingraph.nodes.learn.deep_segment import deep_segment
from graingraph.nodes.learn.train import train
from graingraph.nodes.learn.truth_from_features import truth_from_features
from graingraph.nodes.learning.model.file import read_card
from graingraph.nodes.learning.train.cores import folded, with_cores
from graingraph.nodes.segment.cores import cores_to_features
from tests.support.pictures import image_set

NAMES = ["background", "melt pool", "melt pool boundary", "melt pool core"]


def row_of_pools(count: int = 4, shape: tuple[int, int] = (100, 200)) -> Labels:
    """Discs in a row, each covering a part of the one before, the first cut by the frame."""
    pixels = np.zeros(shape, np.int32)
    for number in range(count):
        cv2.circle(pixels, (10 + 45 * number, 50), 30, number + 1, -1)
    return Labels(pixels, count=count)


def shares(truth: ClassMap, sigma: float = 1.5) -> np.ndarray:
    """Probabilities (h, w, C) of a network that is right but for blur."""
    planes = [cv2.GaussianBlur((truth.pixels == k).astype(np.float32), (0, 0), sigma) for k in range(4)]
    return np.stack(planes, axis=2)


def test_every_feature_has_one_core_in_its_middle_and_the_frame_is_no_outline() -> None:
    pools = row_of_pools()
    truth = with_cores(truth_from_features(pools))
    assert [item.name for item in truth.classes] == NAMES
    count, cores = cv2.connectedComponents((truth.pixels == 3).astype(np.uint8))
    assert count - 1 == pools.count
    assert {int(np.unique(pools.pixels[cores == k]).item()) for k in range(1, count)} == {1, 2, 3, 4}
    assert (truth.pixels[45:55, 0] == 3).all()
    areas = [np.mean(truth.pixels[pools.pixels == k] == 3) for k in range(1, 5)]
    assert min(areas) > 0.1
    assert max(areas) < 0.5


def test_what_is_unlabelled_stays_so_and_is_no_outline() -> None:
    truth = truth_from_features(row_of_pools())
    pixels = truth.pixels.copy()
    pixels[:50] = UNLABELLED
    found = with_cores(ClassMap(pixels, classes=truth.classes))
    assert (found.pixels[:50] == UNLABELLED).all()
    assert (found.pixels[50, 0] == 3).all()


def test_without_outlines_features_cannot_be_kept_apart() -> None:
    with pytest.raises(Problem, match="boundary"):
        with_cores(ClassMap(np.zeros((8, 8), np.uint8), classes=(PixelClass("matrix"), PixelClass("nodule"))))


def test_cores_keep_features_apart_across_gaps_and_whole_across_false_lines() -> None:
    pools = row_of_pools()
    truth = with_cores(truth_from_features(pools))
    planes = shares(truth)
    planes[30:46, 60:80, 1] += planes[30:46, 60:80, 2]  # two fifths of an outline are missing
    planes[30:46, 60:80, 2] = 0
    planes[:, 141:144, 2] += 0.9 * planes[:, 141:144, 1]  # a scratch beside a core
    planes[:, 141:144, 1] *= 0.1
    probabilities = Probabilities(planes, classes=truth.classes)
    found = cores_to_features(probabilities, name="melt pool").pixels
    assert len(np.unique(found)) - 1 == pools.count
    for number in range(1, 5):
        wanted = pools.pixels == number
        mine = found == np.bincount(found[wanted]).argmax()
        assert np.count_nonzero(mine & wanted) / np.count_nonzero(mine | wanted) > 0.85


def test_a_model_without_cores_is_refused_with_the_remedy() -> None:
    truth = truth_from_features(row_of_pools())
    plain = Probabilities(np.full((*truth.shape, 3), 1 / 3, np.float32), classes=truth.classes)
    with pytest.raises(Problem, match="keep features apart"):
        cores_to_features(plain, name="melt pool")


def test_nothing_found_is_said() -> None:
    truth = with_cores(truth_from_features(row_of_pools()))
    planes = np.zeros((*truth.shape, 4), np.float32)
    planes[..., 0] = 1
    found = cores_to_features(Probabilities(planes, classes=truth.classes), name="melt pool")
    assert found.count == 0
    assert not found.pixels.any()
    assert "No melt pool was found" in found.notes[0].text


def test_a_core_counts_as_its_class() -> None:
    classes = (PixelClass(NAMES[0]), PixelClass(NAMES[1]), boundary_of(NAMES[1]), core_of(NAMES[1]))
    planes = np.random.default_rng(0).random((4, 5, 6), np.float32)
    result = folded(planes, classes)
    assert [item.name for item in without_cores(classes)] == NAMES[:3]
    assert np.allclose(result[1], planes[1] + planes[3])
    assert np.array_equal(result[[0, 2]], planes[[0, 2]])
    assert np.array_equal(folded(planes[:3], classes[:3]), planes[:3])


def test_a_training_learns_cores_and_scores_whole_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    torch.set_num_threads(1)
    monkeypatch.setattr("graingraph.nodes.learning.train.training.EPOCH_STEPS", 1)
    rng = np.random.default_rng(0)
    pairs = []
    for name in ("a", "b"):
        pools = row_of_pools()
        truth = truth_from_features(pools)
        grey = np.choose(truth.pixels, (60, 170, 110)) + rng.normal(0, 8, truth.shape)
        pairs.append((Image(grey.astype(np.uint8), name=name), truth))
    model = train(
        *image_set(pairs),
        size_factor=1.0,
        tile_grid=1,
        epochs=2,
        processor="CPU",
        separate_touching=True,
        context=Context(models=tmp_path),
    )
    card = read_card(model.path)
    assert [item.name for item in card.classes] == NAMES
    assert [score["name"] for score in card.scores] == NAMES[:3]
    pool = card.scores[1]
    assert pool["true_count"] == 4
    assert pool["true_fraction"] > 0.3
    found = deep_segment(pairs[0][0], model, processor="CPU", context=Context())
    assert found.probabilities.pixels.shape[2] == 4


def test_a_traced_class_that_is_only_called_a_core_is_none() -> None:
    classes = tuple(map(PixelClass, ("dendrite", "dendrite core", "matrix")))
    planes = np.random.default_rng(0).random((3, 5, 6), np.float32)
    assert np.array_equal(folded(planes, classes), planes)
    assert without_cores(classes) == classes
    assert middles(planes.transpose(1, 2, 0), cores_by_class(classes), 2) is None
    taken = (PixelClass("melt pool"), PixelClass("fusion line", role="boundary", of="melt pool"), PixelClass(NAMES[3]))
    with pytest.raises(Problem, match="melt pool core"):
        with_cores(ClassMap(np.zeros((4, 4), np.uint8), classes=taken))


def test_a_boundary_is_known_by_its_role_whatever_it_is_called() -> None:
    truth = truth_from_features(row_of_pools())
    called = (PixelClass("Grund"), PixelClass("Schmelzbad"), PixelClass("Linie", role="boundary", of="Schmelzbad"))
    taught = with_cores(ClassMap(truth.pixels.copy(), classes=called))
    assert taught.classes[3] == core_of("Schmelzbad")
    found = cores_to_features(Probabilities(shares(taught), classes=taught.classes), name="Schmelzbad")
    assert found.count == 4
    by_name = tuple(map(PixelClass, NAMES[:3]))
    with pytest.raises(Problem, match="boundary of another"):
        with_cores(ClassMap(truth.pixels.copy(), classes=by_name))
