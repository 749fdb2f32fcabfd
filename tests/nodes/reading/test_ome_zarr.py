"""OME-Zarr 0.4 and 0.5 as folders and zip files: pages, pixel size, and what of it is refused."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import tensorstore

from graingraph.engine.images.files import content_hash, find_images, images_in, stamps
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem
from graingraph.engine.values import Scale
from graingraph.nodes.input.load import load
from graingraph.nodes.reading.read_image import read_header, read_pixels

PIXELS = np.random.default_rng(5).integers(0, 60_000, (2, 3, 70, 90), np.uint16)


def written(
    folder: Path,
    pixels: np.ndarray = PIXELS,
    axes: str = "czyx",
    version: str = "0.5",
    unit: str | None = "nanometer",
    path: str = "0",
    **more: Any,
) -> Path:
    """An image of one level, with pixels of 250 × 500 of the unit: a fifth by the level, five times that by all."""
    array = {"shape": list(pixels.shape), "create": True}
    name = np.dtype(pixels.dtype)
    pieces = [1] * (pixels.ndim - 2) + [32, 32]
    store = {"driver": "file", "path": str(folder / "0")}
    if version == "0.5":
        grid = {"name": "regular", "configuration": {"chunk_shape": pieces}}
        made = {"driver": "zarr3", "metadata": {"shape": array["shape"], "chunk_grid": grid, "data_type": str(name)}}
    else:
        made = {"driver": "zarr", "metadata": {"shape": array["shape"], "chunks": pieces, "dtype": name.str}}
    tensorstore.open({**made, "kvstore": store, "create": True}).result()[...] = pixels
    kinds = {"c": "channel", "t": "time"}
    rows = [{"name": a, "type": kinds.get(a, "space"), **({"unit": unit} if unit and a in "zyx" else {})} for a in axes]
    sides = {"x": 50.0, "y": 100.0}
    scales = [[sides.get(a, 1.0) for a in axes], [5.0 if a in sides else 1.0 for a in axes]]
    level, whole = ([{"type": "scale", "scale": scale}] for scale in scales)
    image = {
        "axes": rows,
        "datasets": [{"path": path, "coordinateTransformations": level}],
        "coordinateTransformations": whole,
    }
    attributes = {"multiscales": [image], **more}
    if version == "0.5":
        told = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": version, **attributes}}}
        (folder / "zarr.json").write_bytes(orjson.dumps(told))
    else:
        image["version"] = version
        (folder / ".zgroup").write_bytes(b'{"zarr_format": 2}')
        (folder / ".zattrs").write_bytes(orjson.dumps(attributes))
    return folder


def zipped(folder: Path, to: Path, inside: str = "", compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(to, "w", compression) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{inside}{file.relative_to(folder)}")
    return to


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_planes_are_pages_with_the_size_of_a_pixel(tmp_path: Path, version: str) -> None:
    channels = {"channels": [{"label": "SE", "color": "FFFFFF"}, {"label": "BSE"}]}
    path = written(tmp_path / "a.ome.zarr", version=version, omero=channels)
    header = read_header(path)
    assert (header.format, header.width, header.height, header.pages) == ("OME-Zarr", 90, 70, 6)
    assert header.scale == Scale(0.25, "file metadata", 0.5)
    pages = find_images([f"{path} [pages]"])
    assert [page.name for page in pages] == [f"a.ome.zarr [page {n}]" for n in range(1, 7)]
    for page, plane in zip(pages, PIXELS.reshape(-1, 70, 90), strict=True):
        np.testing.assert_array_equal(read_pixels(page)[0], plane)
    assert read_header(path, 6).notes == ("Page 6 is channel 2 (BSE), depth 3.",)
    assert len({source.hash for source in ImageSet.of_files(pages).values()}) == 6
    [source] = ImageSet.of_files([path]).values()
    np.testing.assert_array_equal(load(source=source).pixels, PIXELS[0, 0])


@pytest.mark.parametrize(("name", "inside"), [("a.ozx", ""), ("a.ome.zarr.zip", "a.ome.zarr/")])
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zipped_ones_are_read_alike(tmp_path: Path, name: str, inside: str, compression: int) -> None:
    path = zipped(written(tmp_path / "a.ome.zarr"), tmp_path / name, inside, compression)
    np.testing.assert_array_equal(read_pixels(path, 5)[0], PIXELS[1, 1])
    assert path in images_in(tmp_path)
    assert len(find_images([f"{path} [pages]"])) == 6


def test_the_folder_is_one_image_known_by_all_that_is_in_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zarr", PIXELS[0, 0], "yx")
    assert find_images([str(tmp_path)]) == find_images([f"{tmp_path}/*"]) == find_images([str(path)]) == [path]
    before = content_hash(path)
    shutil.copytree(path, tmp_path / "other" / "b.zarr")
    assert content_hash(tmp_path / "other" / "b.zarr") == before
    piece = max((p for p in path.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    piece.write_bytes(piece.read_bytes()[:-1] + b"x")
    assert content_hash(path) != before
    (path / "link").symlink_to(tmp_path)
    assert stamps(path) == ()
    with pytest.raises(Problem, match="link"):
        read_pixels(path)


def test_other_axes_other_types_and_pictures_in_colour(tmp_path: Path) -> None:
    swapped = written(tmp_path / "a.zarr", PIXELS[:, 0].transpose(2, 1, 0).copy(), "xyc")
    np.testing.assert_array_equal(read_pixels(swapped, 2)[0], PIXELS[1, 0])
    floats = written(tmp_path / "f.zarr", PIXELS[0, 0].astype(np.float32) / 7, "yx", unit=None)
    assert read_pixels(floats)[0].dtype == np.float32
    assert read_header(floats).scale is None
    colors = {"channels": [{"color": color} for color in ("FF0000", "00FF00", "0000FF")]}
    picture = np.random.default_rng(1).integers(0, 256, (3, 40, 50), np.uint8)
    rgb = written(tmp_path / "rgb.zarr", picture, "cyx", "0.4", omero=colors)
    np.testing.assert_array_equal(read_pixels(rgb)[0], np.moveaxis(picture, 0, -1))
    assert read_header(rgb).pages == 1


def test_several_series_of_one_conversion_are_pages(tmp_path: Path) -> None:
    for number in "01":
        written(tmp_path / "a.zarr" / number, PIXELS[0, int(number)], "yx", "0.4")
    (tmp_path / "a.zarr" / ".zattrs").write_bytes(b'{"bioformats2raw.layout": 3}')
    np.testing.assert_array_equal(read_pixels(tmp_path / "a.zarr", 2)[0], PIXELS[0, 1])
    assert read_header(tmp_path / "a.zarr", 2).notes == ("Page 2 is series 2.",)


def attributed(folder: Path, **attributes: Any) -> Path:
    folder.mkdir()
    (folder / ".zattrs").write_bytes(orjson.dumps(attributes))
    return folder


def test_siblings_are_refused_by_name(tmp_path: Path) -> None:
    refused = {
        "plate of many wells": attributed(tmp_path / "plate.zarr", plate={"wells": []}),
        "labels of an image": attributed(tmp_path / "labels.zarr", labels=["cells"]),
        "no OME-Zarr image": attributed(tmp_path / "plain.zarr"),
        "0.2 is not read": attributed(tmp_path / "old.zarr", multiscales=[{"version": "0.2", "datasets": []}]),
        "axes of this OME-Zarr are y, q": written(tmp_path / "axes.zarr", PIXELS[0, 0], "yq"),
        "outside of itself": written(tmp_path / "out.zarr", PIXELS[0, 0], "yx", path="../secret"),
        "outside of": written(tmp_path / "root.zarr", PIXELS[0, 0], "yx", path="/etc"),
        "missing": written(tmp_path / "gone.zarr", PIXELS[0, 0], "yx", path="7"),
    }
    for said, path in refused.items():
        with pytest.raises(Problem, match=said):
            read_header(path)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"shape": [10**6, 10**6]}, "more than can be read"),
        ({"shape": [30_000, 30_000]}, "small file claims"),
        ({"chunks": [10**6, 10**6]}, "pieces of this OME-Zarr are too large"),
        ({"shape": [-1, 5]}, "no shape that can be"),
        ({"dtype": "|O", "filters": [{"id": "pickle"}]}, "type that is not offered"),
        ({"filters": [{"id": "pickle"}]}, "damaged"),
        ({"compressor": {"id": "lzma"}}, "damaged"),
    ],
)
def test_hostile_arrays_are_refused(tmp_path: Path, told: dict[str, Any], said: str) -> None:
    path = written(tmp_path / "a.zarr", PIXELS[0, 0], "yx", "0.4")
    array = path / "0" / ".zarray"
    array.write_bytes(orjson.dumps({**orjson.loads(array.read_bytes()), **told}))
    with pytest.raises(Problem, match=said):
        read_pixels(path)


def test_a_cut_piece_is_damage(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zarr", PIXELS[0, 0], "yx")
    piece = path / "0" / "c" / "0" / "0"
    piece.write_bytes(piece.read_bytes()[:100])
    with pytest.raises(Problem, match="damaged"):
        read_pixels(path)
    array = path / "zarr.json"
    array.write_bytes(array.read_bytes()[:-3])
    with pytest.raises(Problem, match=r"zarr\.json of this OME-Zarr is damaged"):
        read_header(path)
