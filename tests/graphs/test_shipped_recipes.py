"""The recipes in graphs/ open, are sound, and give numbers near what is known of the samples."""

from pathlib import Path

import cv2
import numpy as np
import pytest

import graingraph.nodes  # noqa: F401  (declares the nodes)
from graingraph.app.document.examples import EXAMPLES
from graingraph.engine.batch.from_python import Results, run
from graingraph.engine.declare.model_file import model_hash
from graingraph.engine.declare.models import ModelFolders
from graingraph.engine.evaluation.evaluation import Evaluation
from graingraph.engine.evaluation.store import Store
from graingraph.engine.evaluation.workspace import models_of
from graingraph.engine.images.files import find_images
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.recipe import file as recipe_file
from graingraph.engine.recipe.check import check
from graingraph.engine.recipe.recipe import Recipe
from graingraph.engine.values import Labels, Mask, Result, Scale
from graingraph.nodes.measure.grain_size import grain_size
from tests.support.paths import ASSETS, GRAPHS, SHARED

DATA = SHARED / "data"
SAMPLES = {
    "etched_steel_grain_size": "etched",
    "grain_size_from_mask": "etched",
    "twinned_brass_classical": "brass",
    "nodules": "nodules",
    "nodularity": "nodules",
    "layer_thickness": "coating",
    "layer_by_lines": "oxide",
    "porosity": "pores",
    "particle_size": "particles",
    "precipitates": "precipitates",
    "banding": "bands",
    "hardness": "indents",
    "inclusions": "stringers",
    "decarburisation": "decarburised",
    "pearlite_spacing": "pearlite",
    "arm_spacing": "dendrites",
    "particles_in_space": "carbides",
    "mixed_grain_sizes": "duplex",
    "largest_grain": "duplex",
    "phase_fraction": "two_phases",
    "second_phase": "carbides",
    "elongated_grains": "rolled",
    "by_hand": "coating",
    "orientation": "needles",
}
E112_CIRCLES = 39.52
"""Mean intercept (px) of the circle pattern that a reference program found in the etched steel."""


def load(name: str) -> Recipe:
    return recipe_file.load(GRAPHS / f"{name}.graingraph.json")


def results(name: str, images: Path) -> Results:
    return run(GRAPHS / f"{name}.graingraph.json", [images])


def inner_diameters(labels: np.ndarray) -> np.ndarray:
    """Equivalent diameters (px) of the features that touch no edge."""
    areas = np.bincount(labels.ravel())
    areas[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))] = 0
    return np.sqrt(4 / np.pi * areas[1:][areas[1:] > 0])


def truth(kind: str, layer: str, name: str) -> np.ndarray:
    return cv2.imread(str(ASSETS / kind / "truth" / layer / f"{Path(name).stem}.png"), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("path", sorted(GRAPHS.glob("*.graingraph.json")), ids=lambda path: path.name.split(".")[0])
def test_every_recipe_opens_is_current_and_has_no_error_but_a_missing_model(path):
    recipe = recipe_file.load(path)
    assert recipe.name
    assert recipe.description
    assert set(recipe.layout.positions) == set(recipe.steps)
    assert len(set(recipe.layout.positions.values())) == len(recipe.steps)
    errors = [finding for finding in check(recipe, models_of(path)) if finding.severity == "error"]
    assert all("model" in error.message or "train" in error.message for error in errors), errors
    assert not (errors and path.name.split(".")[0] in SAMPLES)


def test_every_model_is_named_after_its_content_and_found_under_an_earlier_name():
    for path in (GRAPHS / "models").rglob("*.onnx"):
        digest = model_hash(path)
        assert path.stem.endswith(f"-{digest[:8]}")
        assert ModelFolders().resolve(f"as_it_was_called-00000000.onnx@{digest}").path.samefile(path)


@pytest.mark.parametrize(("name", "folder"), SAMPLES.items())
def test_no_stored_result_is_stale(name, folder, tmp_path):
    recipe, image_set = load(name), ImageSet.of_files(find_images([str(ASSETS / folder)])[:1])
    ends = [node for node in recipe.steps if not recipe.descendants(node) and recipe.steps[node].type != "Report"]
    ends += [wire.source for wire in recipe.wires if recipe.steps[wire.target].type == "Report"]
    image = next(iter(image_set))
    for validate in (False, True):
        evaluation = Evaluation(recipe, image_set, Store(validate=validate, models=ModelFolders((GRAPHS / "models",))))
        for node in dict.fromkeys(ends):
            evaluation.outputs(node, None if node in recipe.per_batch else image)
        for node in dict.fromkeys(ends):  # in validation mode this computes all of it again and compares
            evaluation.outputs(node, None if node in recipe.per_batch else image)


def test_etched_grains_are_as_large_as_they_were_drawn():
    found, sizes = results("etched_steel_grain_size", ASSETS / "etched"), []
    for name in found.images:
        true = truth("etched", "grains", name)
        diameters, grains = inner_diameters(found.array("grains", name)), inner_diameters(true)
        assert diameters.mean() == pytest.approx(grains.mean(), rel=0.05)
        assert len(diameters) == pytest.approx(len(grains), rel=0.12)
        mine = found.table("grain_size", name)["Mean intercept circles and lines (µm)"].item()
        drawn = grain_size(Labels(true.astype(np.int32), Scale(0.25), count=int(true.max()))).table.frame
        sizes.append((mine, drawn["Mean intercept circles and lines"].item()))
        assert mine == pytest.approx(sizes[-1][1], rel=0.1)
    together = 1 / np.mean(1 / np.array(sizes), axis=0)
    assert together[0] == pytest.approx(together[1], rel=0.05)


def test_a_model_that_nobody_taught_finds_the_etched_grains():
    found = results("grains_untaught", ASSETS / "etched" / "etched_001.tif")
    diameters = inner_diameters(found.array("corrected", "etched_001.tif"))
    grains = inner_diameters(truth("etched", "grains", "etched_001.tif"))
    assert len(diameters) == pytest.approx(len(grains), rel=0.1)
    assert diameters.mean() == pytest.approx(grains.mean(), rel=0.05)


def test_the_example_of_drawn_boundaries_gives_the_grains_that_were_drawn():
    folder = dict(EXAMPLES.values())["grain_size_from_mask"]
    found = results("grain_size_from_mask", ASSETS / folder)
    for name in found.images:
        drawn = Labels(
            truth("etched", "grains", name).astype(np.int32), count=int(truth("etched", "grains", name).max())
        )
        expected = grain_size(drawn).table.frame["Mean intercept circles and lines"].item()
        mine = found.table("grain_size", name)["Mean intercept circles and lines (px)"].item()
        assert mine == pytest.approx(expected, rel=0.05)


def test_one_picture_gives_one_grain_size_in_every_depth():
    from graingraph.app.samples import etched

    pixels = etched.make(404, diameter=40.0).pixels
    depths = {
        "8 bits": pixels,
        "16 bits": pixels.astype(np.uint16) * 257,
        "fractions": pixels / np.float32(255),
        "whole floats": pixels.astype(np.float32),
    }
    found = run(GRAPHS / "etched_steel_grain_size.graingraph.json", depths, um_per_px=0.25)
    for column in ("Mean intercept circles (µm)", "Mean intercept lines (µm)", "G planimetric"):
        sizes = [found.table("grain_size", name)[column].item() for name in depths]
        assert sizes == pytest.approx([sizes[0]] * len(sizes), rel=0.005), column


def test_fresh_etched_samples_need_no_other_settings():
    from graingraph.app.samples import etched

    for seed, diameter in ((401, 52.0), (402, 36.0), (403, 80.0)):
        sample = etched.make(seed, diameter=diameter)
        found = run(GRAPHS / "etched_steel_grain_size.graingraph.json", {"a": sample.pixels}, um_per_px=0.25)
        diameters = inner_diameters(found.array("grains", "a"))
        assert diameters.mean() == pytest.approx(inner_diameters(sample.truth["grains"]).mean(), rel=0.08)


def test_twins_cut_the_grains_of_the_classical_brass_recipe():
    found = results("twinned_brass_classical", ASSETS / "brass")
    for name in found.images:
        diameter = inner_diameters(found.array("grains", name)).mean()
        assert diameter < 0.75 * inner_diameters(truth("brass", "grains", name)).mean()


def test_nodules_are_counted_and_a_little_small():
    found = results("nodules", ASSETS / "nodules")
    for name in found.images:
        diameters = inner_diameters(found.array("edge_reject", name))
        true = inner_diameters(truth("nodules", "nodules", name))
        assert len(diameters) == pytest.approx(len(true), rel=0.05)
        assert 0.93 < diameters.mean() / true.mean() < 1.02


def test_the_nodularity_of_the_samples_is_that_of_their_truth():
    from graingraph.nodes.measure.nodularity import nodularity

    found = results("nodularity", ASSETS / "nodules")
    for name in found.images:
        drawn = truth("nodules", "nodules", name).astype(np.int32)
        true = nodularity(Labels(drawn, Scale(0.8), count=int(drawn.max()))).table.columns
        mine = found.table("nodularity", name)
        assert mine["Nodularity by area (%)"].item() == pytest.approx(true["Nodularity by area"][0], abs=3)
        assert mine["Nodules per area (1/mm²)"].item() == pytest.approx(true["Nodules per area"][0], rel=0.06)


@pytest.mark.parametrize(
    ("recipe", "kind", "um_per_px"), [("layer_thickness", "coating", 0.2), ("layer_by_lines", "oxide", 0.1)]
)
def test_the_layer_is_as_thick_as_it_was_drawn(recipe, kind, um_per_px):
    from graingraph.nodes.measure.layer_thickness import layer_thickness

    found = results(recipe, ASSETS / kind)
    for name in found.images:
        true = layer_thickness(Mask(truth(kind, "layer", name) > 0, Scale(um_per_px))).table.columns
        mine = found.table("thickness", name)
        assert mine["Mean thickness (µm)"].item() == pytest.approx(true["Mean thickness"][0], abs=0.1)
    assert result(found, "of_fields", "Mean thickness").reasons == ()


def test_the_porosity_of_the_samples_is_that_of_their_truth():
    found = results("porosity", ASSETS / "pores")
    for name in found.images:
        pores, metal = (truth("pores", layer, name) > 0 for layer in ("pores", "metal"))
        mine = found.table("porosity", name)
        assert mine["Porosity (%)"].item() == pytest.approx(100 * pores.sum() / metal.sum(), rel=0.08)


def test_the_particles_are_as_large_as_they_were_drawn():
    found = results("particle_size", ASSETS / "particles")
    for name in found.images:
        mine = inner_diameters(found.array("edge_reject", name))
        true = inner_diameters(truth("particles", "particles", name))
        assert len(mine) == pytest.approx(len(true), abs=2)
        assert np.median(mine) == pytest.approx(np.median(true), rel=0.03)


def test_the_precipitates_are_nearly_as_large_as_they_were_drawn():
    found = results("precipitates", ASSETS / "precipitates")
    for name in found.images:
        mine = inner_diameters(found.array("edge_reject", name))
        true = inner_diameters(truth("precipitates", "precipitates", name))
        assert len(mine) == pytest.approx(len(true), abs=5)
        assert np.median(mine) == pytest.approx(np.median(true), rel=0.06)


def test_the_bands_are_as_far_apart_as_they_were_drawn():
    from graingraph.nodes.measure.banding import banding

    found = results("banding", ASSETS / "bands")
    for name in found.images:
        true = banding(Mask(truth("bands", "pearlite", name) > 0, Scale(0.5))).columns
        mine = found.table("banding", name)
        assert mine["Band spacing (µm)"].item() == pytest.approx(true["Band spacing"][0], rel=0.08)
        assert mine["Degree of orientation"].item() == pytest.approx(true["Degree of orientation"][0], abs=0.06)


def result(found: Results, node: str, quantity: str) -> Result:
    """What a recipe answers of all images."""
    return next(one for one in found.value(node, output="statistics").results if one.quantity == quantity)


def test_the_hardness_of_the_samples_is_that_of_their_diagonals():
    found = results("hardness", ASSETS / "indents")
    for name in found.images:
        drawn = float(np.loadtxt(ASSETS / "indents" / "truth" / "diagonal" / f"{Path(name).stem}.csv"))
        mine = found.table("hardness", name)
        assert mine["Hardness (HV)"].item() == pytest.approx(1.8544 / (drawn * 0.0005) ** 2, rel=0.01)


def test_the_spacing_of_the_pearlite_is_that_in_space():
    found = results("pearlite_spacing", ASSETS / "pearlite")
    assert found.table("spacing")["True spacing (µm)"].mean() == pytest.approx(9 * 0.02, rel=0.04)


def test_the_depth_of_decarburisation_is_where_half_is_pearlite():
    found = results("decarburisation", ASSETS / "decarburised")
    assert found.table("profile", output="depths")["Depth (µm)"].mean() == pytest.approx(120, abs=6)


def test_inclusions_are_told_by_their_kinds():
    found = results("inclusions", ASSETS / "stringers")
    for name in found.images:
        kinds = truth("stringers", "kinds", name)
        mine = found.table("inclusions", name, output="table")
        by_type = mine.groupby("Type")["Area (µm²)"].sum()
        assert by_type["A"] == pytest.approx(np.count_nonzero(kinds == 1) * 2.25, rel=0.08)
        assert (mine["Type"] == "B").sum() >= 1
        assert (mine["Type"] == "D").sum() >= 4


def test_the_arms_are_as_far_apart_as_they_were_drawn():
    found = results("arm_spacing", ASSETS / "dendrites")
    for name in found.images:
        trunks = np.loadtxt(ASSETS / "dendrites" / "truth" / "trunks" / f"{Path(name).stem}.csv", delimiter=",")
        drawn = 1.5 * np.hypot(*(trunks[:, :2] - trunks[:, 2:4]).T) / (trunks[:, 4] - 1)
        mine = found.table("arm_spacing", name)
        assert mine["Arm spacing (µm)"].mean() == pytest.approx(drawn.mean(), rel=0.02)


def test_the_carbides_are_as_large_in_space_as_they_were_made():
    found = results("particles_in_space", ASSETS / "carbides")
    mean = result(found, "in_space", "Mean diameter in space")
    assert mean.low < 22 * 0.05 * np.exp(0.02) < mean.high


def test_the_coarse_grains_cover_what_they_were_drawn_to_cover():
    found = results("mixed_grain_sizes", ASSETS / "duplex")
    drawn = 100 * np.mean([truth("duplex", "coarse", name) > 0 for name in found.images])
    share = result(found, "duplex", "Area fraction of coarse grains")
    assert share.low < drawn < share.high


def holds(found: Results, node: str, quantity: str, truth: float) -> bool:
    """Whether the answer may be reported and its interval holds what was drawn."""
    one = result(found, node, quantity)
    return not one.reasons and one.low < truth < one.high


def test_the_fraction_of_austenite_is_what_was_drawn():
    found = results("phase_fraction", ASSETS / "two_phases")
    drawn = 100 * np.mean([truth("two_phases", "austenite", name) > 0 for name in found.images])
    assert holds(found, "of_fields", "Area fraction", drawn)


def test_the_carbides_are_as_many_as_they_were_drawn_and_keep_apart():
    found = results("second_phase", ASSETS / "carbides")
    for name in found.images:
        drawn = len(np.unique(truth("carbides", "carbides", name))) - 1
        assert found.table("number", name)["Features"].item() == pytest.approx(drawn, abs=3)
    assert result(found, "of_neighbours", "Neighbour ratio").low > 1.2


def test_the_needles_lie_as_they_were_drawn():
    found = results("orientation", ASSETS / "needles")
    angles = [
        np.loadtxt(ASSETS / "needles" / "truth" / "angles" / f"{Path(name).stem}.csv", delimiter=",")
        for name in found.images
    ]
    assert holds(found, "orientations", "Circular mean", float(np.concatenate(angles).mean()))


def test_the_largest_grain_is_the_largest_that_was_drawn():
    found = results("largest_grain", ASSETS / "duplex")
    largest, seen = [], 20.0  # slivers of fine grains that a coarse one cuts are no grains to see
    mine = found.table("pool")
    for name in found.images:
        drawn = truth("duplex", "grains", name)
        areas = 0.25 * np.bincount(drawn.ravel())[1:]
        inside = np.setdiff1d(np.arange(1, drawn.max() + 1), [*drawn[0], *drawn[-1], *drawn[:, 0], *drawn[:, -1]])
        largest.append(areas[inside - 1].max())
        measured = mine.loc[(mine["Image"] == name) & (mine["Area (µm²)"] > seen), "Area (µm²)"]
        assert measured.mean() == pytest.approx(areas[areas > seen].mean(), rel=0.06)
    assert result(found, "of_fields", "Largest grain").value == pytest.approx(max(largest), rel=0.05)


def test_the_grain_size_of_three_planes_is_that_of_the_drawn_grains():
    found, sizes = results("elongated_grains", ASSETS / "rolled"), {}
    for name in found.images:
        drawn = truth("rolled", "grains", name).astype(np.int32)
        row = grain_size(Labels(drawn, Scale(0.5), count=int(drawn.max()))).table.columns
        sizes.setdefault(name.split("_")[1], []).append(1 / row["Mean intercept circles"][0])
    drawn = np.prod([1 / np.mean(each) for each in sizes.values()]) ** (1 / 3)
    assert result(found, "planes", "Mean intercept of three planes").value == pytest.approx(drawn, rel=0.05)
    assert not result(found, "planes", "Mean intercept of three planes").reasons


def test_the_coating_drawn_by_hand_is_as_thick_as_it_is():
    from graingraph.nodes.measure.layer_thickness import layer_thickness

    found = results("by_hand", ASSETS / "coating")
    assert (found.table("measure")["Remark"] == "").all()
    drawn = [
        layer_thickness(Mask(truth("coating", "layer", name) > 0, Scale(0.2))).table.columns["Mean thickness"][0]
        for name in found.images
    ]
    assert result(found, "distribution", "Mean length").value == pytest.approx(np.mean(drawn), abs=0.4)


def test_the_shipped_model_tells_colony_from_basketweave_in_new_samples():
    from graingraph.app.samples import titanium

    for seed in (301, 302):
        sample = titanium.make(seed)
        found = run(GRAPHS / "colony_basketweave.graingraph.json", {"a": sample.pixels})
        classes = found.array("segment", "a", "classes")
        assert np.mean(classes == sample.truth["classes"]) > 0.94
        assert abs(classes.mean() - sample.truth["classes"].mean()) < 0.04


def test_the_overlap_of_traced_pools_is_what_was_drawn():
    found = results("melt_pool_overlap", ASSETS / "melt_pools")
    table = found.table("overlap")
    for name in found.images:
        drawn = np.loadtxt(ASSETS / "melt_pools" / "truth" / "overlap" / f"{Path(name).stem}.csv", delimiter=",")
        pools, labels = truth("melt_pools", "pools", name), found.array("specks", name)
        rows = table[table["Image"] == name]
        number = [np.bincount(pools[labels == label])[1:].argmax() for label in rows["Label"]]
        assert sorted(number) == list(range(len(drawn)))
        assert np.abs(rows["Overlap (%)"].to_numpy() - drawn[number, 1]).mean() < 1.5


def test_the_shipped_model_finds_melt_pools_in_new_samples():
    from graingraph.app.samples import melt_pools

    found, false, drawn = 0, 0, 0
    for seed in (301, 302):
        sample = melt_pools.make(seed)
        labels = run(GRAPHS / "melt_pools.graingraph.json", {"a": sample.pixels}).array("specks", "a")
        pools = sample.truth["pools"]
        both = np.zeros((pools.max() + 1, labels.max() + 1))
        np.add.at(both, (pools, labels), 1)
        union = both.sum(axis=0) + both.sum(axis=1)[:, None] - both
        matches = np.count_nonzero(both[1:, 1:] > 0.5 * union[1:, 1:])
        found, false, drawn = found + matches, false + labels.max() - matches, drawn + pools.max()
    assert found >= 0.8 * drawn
    assert false <= 0.25 * drawn


steel = pytest.mark.skipif(not (DATA / "etched_steel").is_dir(), reason="needs the etched steel micrograph")
iron = pytest.mark.skipif(not (DATA / "pure_iron").is_dir(), reason="needs the pure iron micrographs")


@steel
def test_intercept_on_the_mask_of_a_reference_program():
    found = results("grain_size_from_mask", DATA / "etched_steel" / "steel_segmented.tif")
    table = found.table("grain_size", "steel_segmented.tif")
    assert table["Mean intercept circles (px)"].item() == pytest.approx(E112_CIRCLES, rel=0.05)


@steel
def test_intercept_on_etched_steel_itself():
    found = results("etched_steel_grain_size", DATA / "etched_steel" / "steel.tif")
    table = found.table("grain_size", "steel.tif")
    assert table["Mean intercept circles (px)"].item() == pytest.approx(E112_CIRCLES, rel=0.1)


@iron
@pytest.mark.parametrize("number", ["001", "002", "003"])
def test_grain_number_of_pure_iron(number):
    found = results("etched_steel_grain_size", DATA / "pure_iron" / f"{number}.png")
    colors = cv2.imread(str(DATA / "pure_iron" / f"{number}_grains.png")).astype(np.int64) @ [65536, 256, 1]
    drawn = np.unique(colors, return_inverse=True)[1].reshape(colors.shape).astype(np.int32) + 1
    true = grain_size(Labels(drawn, Scale(0.25), count=int(drawn.max()))).table.frame
    mine = grain_size(Labels(found.array("grains").copy(), Scale(0.25))).table.frame
    for way in ("G planimetric", "G circles and lines"):
        assert mine[way].item() == pytest.approx(true[way].item(), abs=0.2)


def test_a_report_of_somebody_else_is_noticed_before_anything_is_computed(tmp_path):
    from graingraph.engine.batch.image_job import BatchPaths
    from graingraph.engine.batch.run import run_images

    (tmp_path / "report.pdf").write_bytes(b"mine")
    images = ImageSet.of_files(find_images([str(ASSETS / "nodules" / "nodules_001.tif")]))
    with pytest.raises(Problem, match=r"report\.pdf is there and was not written by a run"):
        run_images(load("nodules"), images, BatchPaths(tmp_path))
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["report.pdf"]
