"""The keyring of the user's desktop (of Windows, macOS, GNOME, KDE), through the library keyring: secrets by name.

It is unlocked with the desktop, so that nobody types a passphrase for what lies in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from graingraph.engine.problem import Problem

SERVICE = "graingraph"


def keep_secret(name: str, secret: str) -> None:
    """Keep a secret under this name. ``Problem`` where there is no keyring, or it has not kept it."""
    with _answering():
        import keyring

        keyring.set_password(SERVICE, name, secret)
        kept = keyring.get_password(SERVICE, name)
    if kept != secret:  # there is a backend that forgets all it is given
        raise Problem("The keyring of this machine keeps nothing; make the keys as files instead.")


def find_secret(name: str) -> str | None:
    """The secret of this name; None where the keyring has none. ``Problem`` where it does not answer."""
    with _answering():
        import keyring

        return keyring.get_password(SERVICE, name)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise Problem("The keyring takes the package keyring: pip install 'graingraph[sign,keyring]'.") from None
    except Exception as error:  # each kind of keyring has errors of its own
        from keyring.errors import NoKeyringError

        if isinstance(error, NoKeyringError):
            raise Problem("This machine has no keyring that can be used; make the keys as files instead.") from None
        raise Problem(f"The keyring does not answer ({str(error)[:200] or type(error).__name__}); unlock it.") from None
