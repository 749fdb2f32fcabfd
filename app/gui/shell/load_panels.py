"""Loading the panels: this program's own and those of other packages, each found through an entry point."""

import logging
from importlib import metadata

GROUP = "graingraph.panels"


def load_panels() -> None:
    """Declare the panels that ship, and import what installed packages name in the entry point group.

    A package that cannot be imported is left out with a warning, so that one broken plug-in does not close the window.
    """
    import graingraph.app.gui.panels
    import graingraph.app.gui.viewer.panel  # noqa: F401

    for entry in metadata.entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as error:
            logging.getLogger(__name__).warning("The panels of %s cannot be used: %s", entry.name, error)
