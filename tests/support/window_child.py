"""The window as the tests start it: ``python -m tests.support.window_child OPTIONS`` with the options as JSON.

With ``no_library`` the functions of the library below Dear PyGui cannot be called, as on Windows.
"""

import json
import logging
import sys
from pathlib import Path

from graingraph.app.gui.shell import glfw
from graingraph.app.gui.shell.launch import launch
from tests.support import slow_node  # noqa: F401  (declares the node Wait)
from tests.support.probe import Probe

options = json.loads(sys.argv[1])
if options.get("no_library"):
    glfw.library = lambda: None
logging.basicConfig()
logging.getLogger("graingraph.app.gui.shell").setLevel(logging.DEBUG)
launch(
    Path(options["recipe"]) if options.get("recipe") else None,
    [Path(image) for image in options.get("images", ())],
    ui_scale=options.get("ui_scale"),
    light=options.get("light"),
    size=tuple(options["size"]) if "size" in options else None,
    after_turn=Probe(Path(options["probe"])).write,
)
