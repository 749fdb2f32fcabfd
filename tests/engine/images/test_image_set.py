"""The tray: every image under a name of its own, known by what is in the file."""

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from graingraph.engine.images.files import content_hash, find_images, require_unchanged, same_content
from graingraph.engine.images.image_set import ImageSet
from graingraph.engine.problem import Problem

PART = st.sampled_from(["a", "b", "x.png", "X.png", "x.tif", "c_x.png", ".."])
PATHS = st.lists(st.lists(PART, min_size=1, max_size=15).map(lambda parts: Path(*parts)), max_size=12)


def files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return [folder / name for name in names]


@given(PATHS)
def test_no_image_is_lost_and_every_name_is_its_own(paths: list[Path]) -> None:
    image_set = ImageSet.of_files(paths)
    assert [source.path for source in image_set.values()] == list(dict.fromkeys(paths))
    assert all(name == source.name for name, source in image_set.items())


@given(PATHS, st.lists(st.text(max_size=8), max_size=6, unique=True))
def test_every_image_has_a_file_name_of_its_own(paths: list[Path], names: list[str]) -> None:
    arrays = ImageSet.of_arrays({name: np.zeros((1, 1), np.uint8) for name in names})
    for image_set in (ImageSet.of_files(paths), arrays):
        stems = list(image_set.stems.values())
        assert len({stem.casefold() for stem in stems}) == len(image_set)
        assert all(stem and not set(stem) & set('<>:"/\\|?*\0\n') for stem in stems)


def test_names_are_as_short_as_they_can_be(tmp_path: Path) -> None:
    image_set = ImageSet.of_files(files(tmp_path, "one/x.png", "two/x.png", "two/y.png"))
    assert list(image_set) == ["one/x.png", "two/x.png", "y.png"]


def test_the_same_picture_as_png_and_tif_does_not_share_a_file_name(tmp_path: Path) -> None:
    image_set = ImageSet.of_files(files(tmp_path, "x.png", "x.tif", "y.png"))
    assert len(set(image_set.stems.values())) == 3
    assert image_set.stems["y.png"] == "y"


def test_a_name_that_is_no_text_can_be_used(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/gr\xfcn.png"))
    path.write_bytes(b"x")
    (name,) = ImageSet.of_files(find_images([str(tmp_path)]))
    assert name == "gr?n.png"


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    files(tmp_path, "b.TIF", "a.png", "notes.txt", "sub/c.jpg", "odd[1].png")
    found = find_images([str(tmp_path)])
    assert [path.name for path in found] == ["a.png", "b.TIF", "odd[1].png"]
    assert [path.name for path in find_images([str(tmp_path / "**" / "*.jpg")])] == ["c.jpg"]
    assert [path.name for path in find_images([str(tmp_path / "odd[1].png")])] == ["odd[1].png"]
    assert find_images([str(tmp_path / "gone.png")]) == [tmp_path / "gone.png"]


@pytest.mark.parametrize(
    ("place", "said"),
    [("*.nothing", "No file matches"), ("a**b/*.png", "cannot be looked at"), ("x" * 5000, "cannot be looked at")],
)
def test_a_place_without_images_is_a_problem(place: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match=said):
        find_images([str(tmp_path / place)])
    with pytest.raises(Problem, match="has no image"):
        find_images([str(tmp_path)])


def test_a_folder_that_may_not_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", denied)
    with pytest.raises(Problem, match="Permission denied"):
        find_images([str(tmp_path)])


def test_the_hash_follows_the_content_and_the_text_file_beside_it(tmp_path: Path) -> None:
    one, other = files(tmp_path, "a.tif", "b.tif")
    other.write_bytes(one.read_bytes())
    assert content_hash(one) == content_hash(other)
    (tmp_path / "b.txt").write_text("PixelSize=2")
    assert content_hash(one) != content_hash(other)
    before = content_hash(other)
    (tmp_path / "b.txt").write_text("PixelSize=2.5")
    assert content_hash(other) != before
    one.write_bytes(b"another picture")
    assert content_hash(one) != content_hash(other)


def test_a_file_that_cannot_be_read_has_a_hash_of_its_own(tmp_path: Path) -> None:
    assert content_hash(tmp_path / "gone") != content_hash(tmp_path / "lost")
    assert content_hash(tmp_path) == content_hash(tmp_path)


def test_arrays_are_known_by_shape_type_and_content() -> None:
    zeros = np.zeros((2, 3), np.uint8)
    arrays = {"a": zeros, "b": zeros.copy(), "c": zeros.T, "d": zeros.astype(np.uint16)[:, ::2], "e": zeros + 1}
    hashes = [source.hash for source in ImageSet.of_arrays(arrays).values()]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert content_hash(tmp_path / "pipe.png") == content_hash(tmp_path / "pipe.png")
    assert list(ImageSet.of_files([tmp_path / "pipe.png"])) == ["pipe.png"]


def test_images_of_one_content_are_named_together():
    said = same_content({"a.tif": "1", "b.tif": "2", "c.tif": "1", "d.tif": "3"})
    assert said == ["These images have the same content, so they are not independent fields: a.tif, c.tif."]
    assert same_content({"a.tif": "1", "b.tif": "2"}) == []


def test_what_macos_leaves_beside_an_image_is_no_image(tmp_path: Path) -> None:
    files(tmp_path, "a.png", "._a.png", ".hidden.tif")
    assert [path.name for path in find_images([str(tmp_path)])] == ["a.png"]
    assert [path.name for path in find_images([f"{tmp_path}/*.*"])] == ["a.png"]
    (tmp_path / "a.png").unlink()
    with pytest.raises(Problem, match="has no image"):
        find_images([str(tmp_path)])


def test_a_folder_with_brackets_in_its_name_is_that_folder(tmp_path: Path) -> None:
    folder = tmp_path / "set [1]*"
    folder.mkdir()
    files(folder, "a.png", "b.tif")
    files(tmp_path, "set 1.png")
    assert [path.name for path in find_images([f"{folder}/*.png"])] == ["a.png"]
    assert [path.name for path in find_images([f"{folder}/[ab].*"])] == ["a.png", "b.tif"]


def test_one_name_written_in_two_ways_is_one_name_and_a_name_is_one_line(tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "Glu\u0308h.png", tmp_path / "b" / "Gl\u00fch.png", tmp_path / "c" / "two\rlines.png"]
    assert list(ImageSet.of_files(paths)) == ["a/Gl\u00fch.png", "b/Gl\u00fch.png", "two?lines.png"]


def test_names_without_a_latin_letter_have_files_of_their_own(tmp_path: Path) -> None:
    stems = ImageSet.of_files([tmp_path / "微.png", tmp_path / "组.png"]).stems
    assert list(stems.values()) == ["微", "组"]


@pytest.mark.parametrize("age", [0, 100])
def test_an_image_that_is_replaced_after_it_was_hashed_is_never_taken_for_it(tmp_path: Path, age: int) -> None:
    (path,) = files(tmp_path, "a.png")
    os.utime(path, (path.stat().st_mtime - age,) * 2)
    source = ImageSet.of_files([path])["a.png"]
    require_unchanged(source)
    times, data = path.stat().st_mtime_ns, path.read_bytes()
    path.write_bytes(data[::-1])  # of the same size, and said to be as old
    os.utime(path, ns=(times, times))
    with pytest.raises(Problem, match=r"image a.png: The file was changed or replaced"):
        require_unchanged(source)
    path.write_bytes(data)
    require_unchanged(source)


def stack(path: Path) -> Path:
    """Three pages of 4 × 6 px with the levels 10, 20, 30, and a smaller copy of the first."""
    with tifffile.TiffWriter(path) as out:
        for level in (10, 20, 30):
            out.write(np.full((4, 6), level, np.uint8), photometric="minisblack", metadata=None)
        out.write(np.zeros((2, 3), np.uint8), photometric="minisblack", metadata=None, subfiletype=1)
    return path


def test_each_page_of_a_stack_is_an_image_of_its_own(tmp_path: Path) -> None:
    path = stack(tmp_path / "s.tif")
    image_set = ImageSet.of_files(find_images([f"{path} [pages]"]))
    assert list(image_set) == ["s.tif [page 1]", "s.tif [page 2]", "s.tif [page 3]"]
    assert len({source.hash for source in image_set.values()} | {content_hash(path)}) == 4
    assert len({source.drawn_as for source in image_set.values()}) == 3
    for source in image_set.values():
        require_unchanged(source)
    assert find_images([f"{path} [page 2]"]) == [tmp_path / "s.tif [page 2]"]
    (tmp_path / "s.tif [page 2]").write_bytes(b"x")  # a file of that very name is that file
    assert content_hash(tmp_path / "s.tif [page 2]") != image_set["s.tif [page 2]"].hash
    (tmp_path / "text.tif").write_text("no TIFF")
    with pytest.raises(Problem, match="no pages"):
        find_images([f"{tmp_path}/text.tif [pages]"])
