"""Who is at work is told on every machine, also where the system knows no such account."""

import getpass

import pytest

from graingraph.engine.account import account, account_name


@pytest.mark.parametrize("error", [OSError, KeyError, ImportError])
def test_where_there_is_no_account_the_name_is_unknown(monkeypatch: pytest.MonkeyPatch, error: type[Exception]):
    def getuser() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert (account_name(), account().partition("@")[0]) == ("ada", "ada")
    monkeypatch.setattr(getpass, "getuser", getuser)
    assert (account_name(), account().partition("@")[0]) == ("unknown", "unknown")
