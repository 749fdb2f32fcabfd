import pytest

from graingraph.app.document.session import Session
from graingraph.app.gui.canvas.controller import Canvas
from graingraph.app.rendering.geometry import Viewpoint
from tests.support.canvas import Clipboard
from tests.support.recipes import chain


@pytest.fixture
def canvas() -> Canvas:
    clipboard = Clipboard()
    canvas = Canvas(Session(chain()), copy=clipboard.copy, paste=clipboard.paste)
    canvas.viewpoint = Viewpoint(0.8, 30, 200)
    canvas.size = (1600, 700)
    return canvas
