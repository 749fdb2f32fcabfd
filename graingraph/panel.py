"""All that a panel of a plug-in may import, besides ``graingraph.plugin`` and Dear PyGui.

A module with panels is named by an entry point of its own, which only the window loads::

    [project.entry-points."graingraph.panels"]
    lab-panel = "lab_panel"
"""

from graingraph.app.document.edit import Change
from graingraph.app.gui.base.context import AppContext
from graingraph.app.gui.base.panel import Panel, panel
from graingraph.app.services.live_evaluation import Wanted

__all__ = ["AppContext", "Change", "Panel", "Wanted", "panel"]
