"""Annotations of other programs into a recipe and out of it, and the melt-pool recipes on generated pools.

Oracle: the truth that the samples were drawn with.
"""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from graingraph.app.cli.annotate import annotate_images
from graingraph.app.cli.commands import COMMANDS
from graingraph.app.cli.recipes import open_recipe
from graingraph.app.document.annotation_reading import reading_for
from graingraph.app.samples.write import write_samples
from graingraph.engine.declare.injected import Mark
from graingraph.engine.evaluation import workspace
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe.parts import Wire
from graingraph.engine.values import UNLABELLED, ClassMap, Labels, Table
from tests.support.paths import GRAPHS, SHARED

REAL = SHARED / "data" / "melt_pools"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, "melt_pools", (1, 2))
    return folder


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return Path(shutil.copy(GRAPHS / "melt_pool_overlap.graingraph.json", tmp_path))


def annotate(
    action: str, recipe: Path, images: Path, annotations: Path, *, form: str = "coco", again: bool = False
) -> None:
    annotate_images(action, recipe, [str(images)], annotations, None, "auto", form, again)


def evaluation(recipe: Path, images: Path) -> Evaluation:
    image_set = ImageSet.of_files(sorted(images.glob("*.tif")))
    return Evaluation(open_recipe(recipe).recipe, image_set, Store(marks=workspace.open_marks(recipe)))


def test_overlaps_of_given_outlines_are_within_two_points_of_the_truth(recipe: Path, samples: Path) -> None:
    annotate("import", recipe, samples, samples / "truth" / "pools")
    run = evaluation(recipe, samples)
    errors = []
    for name in run.image_set:
        found, table = run.value("whole", image=name), run.value("overlap", "table", name)
        assert isinstance(found, Labels)
        assert isinstance(table, Table)
        overlaps = table.frame.set_index("Label")
        true = cv2.imread(str(samples / "truth" / "pools" / f"{Path(name).stem}.png"), cv2.IMREAD_UNCHANGED)
        truth = np.loadtxt(samples / "truth" / "overlap" / f"{Path(name).stem}.csv", delimiter=",")
        assert found.count == len(truth)
        for number, overlap, width, depth in truth[:, :4]:
            mine = overlaps.loc[int(np.bincount(found.pixels[true == number]).argmax())]
            errors.append(
                (mine["Overlap"] - overlap, 100 * mine["Width"] / width - 100, 100 * mine["Depth"] / depth - 100)
            )
    overlap, width, depth = np.abs(errors).mean(0)
    assert overlap < 2.0
    assert width < 3.0
    assert depth < 3.0
    statistics = run.value("distribution", "statistics")
    assert isinstance(statistics, Table)
    assert "Overlap" in statistics.headline
    assert run.outputs("report")["document"].data.startswith(b"%PDF")  # type: ignore[attr-defined]


def test_what_is_exported_imports_as_the_same_classes(recipe: Path, samples: Path, tmp_path: Path) -> None:
    annotate("import", recipe, samples, samples / "truth" / "pools")
    first = {n: evaluation(recipe, samples).value("trace", image=n) for n in evaluation(recipe, samples).image_set}
    for form in ("coco", "labelme", "geojson", "imagej", "classes"):
        annotate("export", recipe, samples, tmp_path / form, form=form)
        annotate("import", recipe, samples, tmp_path / form, again=True)
        run = evaluation(recipe, samples)
        for name, before in first.items():
            again = run.value("trace", image=name)
            assert isinstance(before, ClassMap)
            assert isinstance(again, ClassMap)
            assert np.mean(again.pixels != before.pixels) < 1e-4, form


def test_nothing_is_imported_twice_or_half(recipe: Path, samples: Path, tmp_path: Path) -> None:
    (tmp_path / "masks" / "pore").mkdir(parents=True)
    shutil.copy(samples / "truth" / "fusion_lines" / "melt_pools_001.png", tmp_path / "masks" / "pore")
    with pytest.raises(Problem, match="have a class 'pore'"):
        annotate("import", recipe, samples, tmp_path / "masks")
    with pytest.raises(Problem, match="nothing to export"):
        annotate("export", recipe, samples, tmp_path / "out")
    (tmp_path / "small").mkdir()
    true = cv2.imread(str(samples / "truth" / "pools" / "melt_pools_001.png"), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(tmp_path / "small" / "melt_pools_001.png"), true[::2, ::2])
    with pytest.raises(Problem, match="512 × 256 pixels and the image has 1024 × 512"):
        annotate("import", recipe, samples, tmp_path / "small")
    annotate("import", recipe, samples, samples / "truth" / "pools")
    with pytest.raises(Problem, match="--replace"):
        annotate("import", recipe, samples, samples / "truth" / "pools")
    with pytest.raises(Problem, match="import, export or merge"):
        annotate("delete", recipe, samples, tmp_path)
    with pytest.raises(Problem, match="0 Trace nodes"):
        annotate("export", GRAPHS / "nodules.graingraph.json", samples, tmp_path)


@pytest.mark.parametrize("truth", ["grains", "boundaries"])
def test_grains_and_boundary_masks_become_lines_where_only_lines_are_traced(truth: str, tmp_path: Path) -> None:
    path = Path(shutil.copy(GRAPHS / "twinned_brass.graingraph.json", tmp_path))
    brass = GRAPHS.parent / "assets" / "brass"
    annotate("import", path, brass / "brass_001.tif", brass / "truth" / truth)
    image_set = ImageSet.of_files([brass / "brass_001.tif"])
    traced = Evaluation(open_recipe(path).recipe, image_set, Store(marks=workspace.open_marks(path))).value(
        "trace", image="brass_001.tif"
    )
    assert isinstance(traced, ClassMap)
    assert [c.name for c in traced.classes] == ["grain boundary", "grain"]
    lines = cv2.imread(str(brass / "truth" / "boundaries" / "brass_001.png"), cv2.IMREAD_GRAYSCALE) > 0
    assert (traced.pixels[lines] == 0).all()
    assert (traced.pixels == 0).mean() < 4.5 * lines.mean()


def test_label_values_are_the_classes_of_trace(tmp_path: Path) -> None:
    path = Path(shutil.copy(GRAPHS / "colony_basketweave.graingraph.json", tmp_path))
    truth = np.full((20, 30), 255, np.uint8)
    truth[:8], truth[12:] = 0, 1
    for folder, pixels in (("images", np.zeros_like(truth)), ("classes", truth)):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / "a.png"), pixels)
    annotate("import", path, tmp_path / "images", tmp_path / "classes")
    image_set = ImageSet.of_files([tmp_path / "images" / "a.png"])
    traced = Evaluation(open_recipe(path).recipe, image_set, Store(marks=workspace.open_marks(path))).value(
        "trace", image="a.png"
    )
    assert isinstance(traced, ClassMap)
    assert [c.name for c in traced.classes] == ["colony", "basketweave"]
    assert np.array_equal(traced.pixels, truth)


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("colony_basketweave", ("colony", "basketweave")),
        ("melt_pools", ("background", "melt pool", "melt pool boundary")),
        ("melt_pool_annotation", ("background", "melt pool", "melt pool boundary")),
        ("twinned_brass", ("grain", "grain boundary")),
    ],
)
def test_the_value_0_is_the_rest_where_trace_has_one(name: str, classes: tuple[str, ...]) -> None:
    reading = reading_for(open_recipe(GRAPHS / f"{name}.graingraph.json").recipe, Wire("trace", "", "", ""), "auto")
    assert reading.classes == classes


def test_two_images_of_one_name_do_not_share_an_annotation(tmp_path: Path) -> None:
    path = Path(shutil.copy(GRAPHS / "colony_basketweave.graingraph.json", tmp_path))
    for folder in ("images/1", "images/2", "classes"):
        (tmp_path / folder).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / folder / "a.png"), np.ones((20, 20), np.uint8))
    images = [str(tmp_path / "images" / part) for part in "12"]
    with pytest.raises(Problem, match=r"a\.png may be of .*1.a\.png or of .*2.a\.png"):
        annotate_images("import", path, images, tmp_path / "classes", None, "auto", "coco", False)


def test_the_command_line_imports(recipe: Path, samples: Path) -> None:
    arguments = ["annotate", "import", recipe, samples, "--annotations", samples / "truth" / "pools"]
    done = CliRunner().invoke(COMMANDS, [str(part) for part in arguments])
    assert done.exit_code == 0, done.output
    assert "on 2 of 2 images into trace" in done.output


def test_the_recipe_that_learns_traces_three_classes(samples: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(GRAPHS / "melt_pools.graingraph.json", tmp_path))
    annotate("import", path, samples, samples / "truth" / "pools")
    traced = (run := evaluation(path, samples)).value("trace", image=next(iter(run.image_set)))
    assert isinstance(traced, ClassMap)
    assert [c.name for c in traced.classes] == ["melt pool", "melt pool boundary", "background"]
    assert set(np.unique(traced.pixels)) == {0, 1, 2}


def test_help_with_annotation_is_learnt_once_it_is_corrected(samples: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(GRAPHS / "melt_pool_annotation.graingraph.json", tmp_path))
    run = evaluation(path, samples)
    name = next(iter(run.image_set))
    found = run.value("too_large", image=name)
    assert isinstance(found, Labels)
    assert found.count >= 1
    traced = run.value("trace", image=name)
    assert isinstance(traced, ClassMap)
    assert (traced.pixels == UNLABELLED).all()
    row, column = np.argwhere(found.pixels == 1).mean(0).round()
    drawn = Mark("d", "delete", np.array([(column + 0.5, row + 0.5)], np.float32))
    workspace.open_marks(path).add(run.image_set[name].hash, "pools", drawn)
    run = evaluation(path, samples)
    corrected, traced = run.value("pools", image=name), run.value("trace", image=name)
    assert isinstance(corrected, Labels)
    assert isinstance(traced, ClassMap)
    assert corrected.count == found.count - 1
    assert (traced.pixels[corrected.pixels == 0] != 0).all()
    assert not (traced.pixels == UNLABELLED).any()


def test_real_outlines_are_measured(recipe: Path) -> None:
    if not REAL.is_dir():
        pytest.skip("the real melt pools are not here")
    images = REAL / "images" / "Slice1Middle_4*.png"
    annotate("import", recipe, images, REAL / "annotations.json")
    image_set = ImageSet.of_files(sorted(images.parent.glob(images.name)))
    run = Evaluation(open_recipe(recipe).recipe, image_set, Store(marks=workspace.open_marks(recipe)))
    table = run.value("pool")
    assert isinstance(table, Table)
    assert table.frame["Overlap"].notna().sum() >= 3
    assert table.frame["Overlap"].dropna().between(0, 100).all()
