"""Keyrings for tests, declared as other programs declare theirs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def keyring_in_memory() -> Iterator[dict[tuple[str, str], str]]:
    """Make the user's keyring one in memory, empty at first; gives the secrets in it by service and name."""
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend

    before = keyring.get_keyring()  # ahead of the class, which would be taken for one of this machine's
    secrets: dict[tuple[str, str], str] = {}

    class InMemory(KeyringBackend):
        priority = 1

        def set_password(self, service: str, username: str, password: str) -> None:
            secrets[service, username] = password

        def get_password(self, service: str, username: str) -> str | None:
            return secrets.get((service, username))

    keyring.set_keyring(InMemory())
    try:
        yield secrets
    finally:
        keyring.set_keyring(before)
