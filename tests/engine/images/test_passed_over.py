from pathlib import Path

from graingraph.engine.images.passed_over import passed_over


def test_pictures_that_are_not_read_and_folders_inside_are_named(tmp_path: Path):
    for name in ("a.tif", "b.GIF", "c.nd2", "d.webp", "e.jp2", "._f.gif", "notes.txt", "report.pdf", "lot/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "stack.zarr").mkdir()
    (tmp_path / "stack.zarr/a.png").touch()
    kinds, deeper = passed_over([str(tmp_path)])
    assert "b.GIF, c.nd2, d.webp and 1 more" in kinds
    assert "lot" in deeper
    assert "empty" not in deeper
    assert "stack" not in deeper  # taken, as the one image that it is


def test_a_file_a_pattern_and_a_folder_of_images_alone_need_no_word(tmp_path: Path):
    (tmp_path / "a.tif").touch()
    assert passed_over([str(tmp_path), str(tmp_path / "a.tif"), str(tmp_path / "*.gif")]) == []


def test_what_a_run_has_written_is_no_folder_of_images(tmp_path: Path):
    for name in ("a.tif", ".graingraph/run", "overlays/a.png", "out/.graingraph/run", "out/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    assert passed_over([str(tmp_path)]) == []
