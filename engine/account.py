"""Who is at work: the person's account on this machine, for manifests and logs."""

import getpass
import socket


def account_name() -> str:
    """The name of the account: ``ada``."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such account, as in some containers
        return "unknown"


def account() -> str:
    """The name of the account, at the name of the machine: ``ada@lab-3``."""
    return f"{account_name()}@{socket.gethostname()}"
