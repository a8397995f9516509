"""Who is signed in: kept in a file without tokens, the one used last first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import BadInput, NotAllowed
from studio.base.paths import config_folder
from studio.base.secrets import open_store
from studio.repository import accounts
from studio.repository.accounts import Account
from studio.repository.opened import account_for
from tests.cheap_vault import cheap_vault

ANA = Account("https://one.test", "u1", "ana@one.test", "Ana Silva", "o1", "Weavers")
BEN = replace(ANA, user="u2", email="ben@one.test")
ELSEWHERE = replace(ANA, server="https://two.test:8470")


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_vault(tmp_path, monkeypatch)
    monkeypatch.delenv(accounts.TOKEN_VARIABLE, raising=False)
    monkeypatch.delenv(accounts.SERVER_VARIABLE, raising=False)


def test_the_one_used_last_comes_first() -> None:
    store = open_store()
    for account in (ANA, BEN, ELSEWHERE):
        accounts.keep(account, f"token of {account.user} at {account.server}", store)
    assert accounts.accounts() == (ELSEWHERE, BEN, ANA)
    assert accounts.current() == ELSEWHERE
    assert accounts.current("https://one.test") == BEN
    moved = accounts.in_environment(ANA, "e1", "Test")
    accounts.choose(moved)
    assert accounts.accounts() == (moved, ELSEWHERE, BEN)
    assert accounts.token_of(moved, open_store) == "token of u1 at https://one.test"
    text = (config_folder() / "accounts.json").read_text("utf-8")
    assert "token" not in text
    assert json.loads(text)[0]["environment_name"] == "Test"
    accounts.forget(BEN, store)
    assert BEN not in accounts.accounts()
    with pytest.raises(NotAllowed, match="weft sign-in https://one"):
        accounts.token_of(BEN, open_store)


def test_a_token_of_the_environment_goes_to_its_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(accounts.TOKEN_VARIABLE, " weft_pat_x\n")
    # A project's folder may name any server: the token goes to none that nobody knows here.
    with pytest.raises(NotAllowed, match="WEFT_REPOSITORY_SERVER"):
        accounts.token_of(ANA, open_store)
    with pytest.raises(NotAllowed, match="WEFT_REPOSITORY_SERVER"):
        account_for("https://one.test", "o1")
    accounts.keep(ANA, "the token that was kept", open_store())
    assert accounts.token_of(ANA, open_store) == "weft_pat_x"
    monkeypatch.setenv(accounts.SERVER_VARIABLE, "two.test:8470")
    assert accounts.token_of(ELSEWHERE, open_store) == "weft_pat_x"
    assert accounts.token_of(ANA, open_store) == "the token that was kept"
    monkeypatch.setenv(accounts.SERVER_VARIABLE, "http://no address")
    with pytest.raises(BadInput, match="not the address"):
        accounts.token_of(ANA, open_store)


def test_nobody_is_told_what_to_do() -> None:
    assert accounts.current() is None
    with pytest.raises(NotAllowed, match="weft sign-in SERVER"):
        accounts.needed()
    with pytest.raises(NotAllowed, match="weft sign-in https://one"):
        accounts.needed("https://one.test")


@pytest.mark.parametrize("text", ["{", "[1]", '[{"server": 3}]', "[" * 100_000])
def test_a_damaged_list_is_named(text: str) -> None:
    file = config_folder() / "accounts.json"
    file.write_text(text)
    with pytest.raises(BadInput, match="sign in again") as told:
        accounts.accounts()
    assert told.value.file == str(file)


def test_a_service_needs_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAllowed):
        account_for("https://one.test", "o1")
    monkeypatch.setenv(accounts.TOKEN_VARIABLE, "weft_pat_x")
    monkeypatch.setenv(accounts.SERVER_VARIABLE, "https://one.test")
    assert account_for(organization="o1").server == "https://one.test"
    made = account_for("one.test", "o1")
    assert (made.server, made.organization, made.user) == ("https://one.test", "o1", "")


def test_a_project_may_be_another_organizations() -> None:
    accounts.keep(accounts.in_environment(ANA, "e1", "Test"), "t", open_store())
    assert account_for("one.test", "o1").environment == "e1"
    other = account_for("one.test", "o2")
    assert (other.user, other.organization, other.environment) == ("u1", "o2", "")
