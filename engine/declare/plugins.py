"""Loading the nodes: this program's own and those of other packages, each found through an entry point."""

import logging
from functools import cache
from importlib import metadata

GROUP = "graingraph.nodes"


@cache
def load_nodes() -> tuple[str, ...]:
    """Import every module that an installed package names in the entry point group ``graingraph.nodes``.

    Importing declares the nodes. Returns the names of the packages that joined; a package that cannot be imported is
    left out with a warning, so that one broken plug-in does not take the program down.
    """
    joined = []
    for entry in metadata.entry_points(group=GROUP):
        try:
            entry.load()
            joined.append(entry.name)
        except Exception as error:
            if entry.name == "builtin":
                raise
            logging.getLogger(__name__).warning("The nodes of %s cannot be used: %s", entry.name, error)
    return tuple(joined)
