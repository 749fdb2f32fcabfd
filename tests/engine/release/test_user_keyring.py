"""Keys in the user's keyring: nothing private lies in a file, and what the keyring cannot do is said in a sentence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graingraph.engine.problem import Problem
from graingraph.engine.release import keys
from tests.support.keyrings import keyring_in_memory

keyring = pytest.importorskip("keyring")
pytest.importorskip("cryptography")


@pytest.fixture
def secrets() -> Iterator[dict[tuple[str, str], str]]:
    with keyring_in_memory() as found:
        yield found


def test_a_key_in_the_keyring_signs_and_leaves_nothing_private_in_files(tmp_path: Path, secrets: dict) -> None:
    public = keys.make_key("Ada Lovelace", folder=tmp_path, in_keyring=True)
    assert keys.known_keys(tmp_path) == {"Ada Lovelace": public}
    assert keys.is_in_keyring("Ada Lovelace", tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".crt", ".pub"]
    assert not any(b"PRIVATE" in path.read_bytes() for path in tmp_path.iterdir())
    assert list(secrets) == [("graingraph", public)]
    assert all(len(secret) < 1000 for secret in secrets.values())  # Windows takes no more than 1280 letters
    key = keys.load_key("Ada Lovelace", folder=tmp_path)
    assert (key.name, key.public) == ("Ada Lovelace", public)
    assert keys.is_signed(public, b"data", key.sign(b"data"))
    with pytest.raises(Problem, match="already"):
        keys.make_key("Ada Lovelace", folder=tmp_path, in_keyring=True)


def test_what_the_keyring_lacks_is_said(tmp_path: Path, secrets: dict) -> None:
    keys.make_key("Ada", folder=tmp_path, in_keyring=True)
    secrets.clear()
    for load in (keys.load_key, keys.signing_certificate):
        with pytest.raises(Problem, match="The keyring has no key of Ada"):
            load("Ada", folder=tmp_path)
    secrets["graingraph", keys.known_keys(tmp_path)["Ada"]] = "harm"
    with pytest.raises(Problem, match="The keyring has no key of Ada"):
        keys.load_key("Ada", folder=tmp_path)


@pytest.mark.parametrize(
    ("backend", "said"),
    [("fail", "no keyring that can be used"), ("null", "keeps nothing")],
)
def test_a_machine_without_a_keyring_makes_no_keys_in_it(tmp_path: Path, backend: str, said: str) -> None:
    from importlib import import_module

    before = keyring.get_keyring()
    keyring.set_keyring(import_module(f"keyring.backends.{backend}").Keyring())
    try:
        with pytest.raises(Problem, match=said):
            keys.make_key("Ada", folder=tmp_path, in_keyring=True)
    finally:
        keyring.set_keyring(before)
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_is_locked_is_to_be_unlocked(tmp_path: Path, secrets: dict) -> None:
    class Locked(type(keyring.get_keyring())):
        def get_password(self, service: str, username: str) -> str | None:
            raise keyring.errors.KeyringLocked("Failed to unlock the collection!")

    keys.make_key("Ada", folder=tmp_path, in_keyring=True)
    keyring.set_keyring(Locked())
    with pytest.raises(Problem, match=r"does not answer \(Failed to unlock the collection!\); unlock it"):
        keys.load_key("Ada", folder=tmp_path)
