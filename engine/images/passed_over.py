"""Saying which pictures of a folder are not measured because their kind is not read, so that none is missed unseen."""

from collections.abc import Iterable
from pathlib import Path

from graingraph.engine.files import RUN_STATE
from graingraph.engine.images.files import has_images, is_hidden, is_zarr_folder
from graingraph.engine.values.wording import named

OTHER_PICTURES = (
    *(".gif", ".webp", ".jp2", ".j2k", ".jpx", ".jxl", ".jxr", ".heic", ".heif", ".avif", ".psd", ".pgm", ".ppm"),
    *(".exr", ".jfif", ".btf"),
    *(".fits", ".dm3", ".dm4", ".emd", ".ims", ".lif", ".lsm", ".mrc", ".ndpi", ".nd2", ".oib", ".oif", ".ser"),
    *(".svs", ".vsi"),
)
"""How files end that are pictures, of kinds which a folder is not searched for."""


def passed_over(places: Iterable[str]) -> list[str]:
    """A sentence for each folder among ``places`` in which pictures lie that are passed over."""
    return [sentence for place in places for sentence in _in_folder(Path(place))]


def _in_folder(folder: Path) -> list[str]:
    try:
        inside = sorted(folder.iterdir()) if folder.is_dir() else []
        others = [p.name for p in inside if p.suffix.lower() in OTHER_PICTURES and p.is_file() and not is_hidden(p)]
        deeper = [p.name for p in inside if _holds_images(p)]
    except OSError:
        return []
    found = []
    if others:
        found.append(f"{folder} holds pictures of kinds that are not read here: {named(others)}; export them as TIFF.")
    if deeper:
        found.append(f"Images in folders inside {folder} are not taken: {named(deeper)}; name these folders.")
    return found


def _holds_images(path: Path) -> bool:
    """Whether this is a folder of images, not one that is an image itself nor one that a run has written."""
    if not path.is_dir() or is_hidden(path) or any((folder / RUN_STATE).is_dir() for folder in (path, path.parent)):
        return False
    return not is_zarr_folder(path) and has_images(path)
