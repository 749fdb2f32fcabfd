"""Who is at work: the person's account on this machine, for manifests and logs."""

import getpass
import socket


def account() -> str:
    """The name of the account, at the name of the machine: ``ada@lab-3``."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account, as in some containers
        name = "unknown"
    return f"{name}@{socket.gethostname()}"
