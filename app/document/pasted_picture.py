"""A picture from the clipboard as an image of the tray: it needs a file, which is kept where the user finds it."""

from datetime import datetime
from io import BytesIO
from itertools import count
from pathlib import Path

import platformdirs
from PIL import Image, ImageGrab

from graingraph.engine.files import write_atomically
from graingraph.engine.problem import Problem


def pictures_folder() -> Path:
    """Where pictures from the clipboard are kept."""
    return platformdirs.user_documents_path() / "Graingraph pictures"


def take_from_clipboard(folder: Path) -> list[Path]:
    """The files that were copied, or a file made of the picture that was. ``Problem`` where there is neither.

    It may take its time: on Linux another program is asked (wl-paste or xclip).
    """
    try:
        found = ImageGrab.grabclipboard()
    except Exception:  # no program to ask, none that answers, or nothing that Pillow can read
        found = None
    if isinstance(found, Image.Image):
        return [kept(found, folder)]
    if found:
        return [Path(name) for name in found]
    raise Problem("There is no picture on the clipboard; copy one, or add the file of one (Ctrl+I).")


def kept(picture: Image.Image, folder: Path) -> Path:
    """Write a picture as a new PNG named by the time; its transparency, which no micrograph has, is left out."""
    data = BytesIO()
    (picture if picture.mode in ("L", "RGB") else picture.convert("RGB")).save(data, "PNG")
    folder.mkdir(parents=True, exist_ok=True)
    names = (f"pasted {datetime.now():%Y-%m-%d %H-%M-%S}{f' ({n})' if n else ''}.png" for n in count())
    path = next(folder / name for name in names if not (folder / name).exists())
    write_atomically(path, data.getvalue())
    return path
