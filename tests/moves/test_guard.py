"""Moves that may harm an org people work in: which have to be confirmed, what is shown, what happens without."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from studio.base.errors import Cancelled, NotAllowed, WeftError
from studio.cli import move_guard
from studio.connectors.salesforce.session import Org, OrgIdentity
from studio.moves.access import guard
from studio.moves.access.guard import Danger, Level
from studio.moves.load import load
from studio.moves.model import Action
from studio.moves.undoing.undo import undo
from tests.moves.conftest import Practice, move, request

pytestmark = pytest.mark.network
REAL = OrgIdentity(
    "00D000000000001AAA", "Aurora Comercio", "Enterprise Edition", False, "https://a.my.salesforce.com"
)


@pytest.mark.parametrize(
    ("action", "sort", "rows", "undo", "level"),
    [
        (Action.DELETE, "production", 1, False, Level.TYPE),
        (Action.HARD_DELETE, "production", 1, False, Level.TYPE),
        (Action.HARD_DELETE, "sandbox", 1, False, Level.TYPE),
        (Action.DELETE, "sandbox", 9999, False, Level.NONE),
        (Action.HARD_DELETE, "scratch", 9999, False, Level.NONE),
        (Action.HARD_DELETE, "practice", 9999, False, Level.NONE),
        (Action.UPDATE, "production", guard.MANY, False, Level.NONE),
        (Action.UPDATE, "production", guard.MANY + 1, False, Level.ASK),
        (Action.UPSERT, "production", guard.MANY + 1, False, Level.ASK),
        (Action.UPSERT, "sandbox", guard.MANY + 1, False, Level.NONE),
        (Action.UPDATE, "production", 1, True, Level.ASK),
        (Action.DELETE, "production", 1, True, Level.ASK),
        (Action.INSERT, "production", 9999, False, Level.NONE),
        (Action.UNDELETE, "production", 9999, False, Level.NONE),
        (Action.DELETE, "production", 0, False, Level.NONE),
    ],
)
def test_what_has_to_be_confirmed(action: Action, sort: str, rows: int, undo: bool, level: Level) -> None:
    assert guard.level(action, sort, rows, undo=undo) is level


@pytest.mark.parametrize("given", ["aurora comercio ", "crm", "00D000000000001AAA", "00D000000000001"])
def test_the_org_is_named_in_any_of_its_ways(given: str) -> None:
    assert guard.names(REAL, "crm", given)


@pytest.mark.parametrize("given", ["", "aurora", "00d000000000001aaa", "00D0000000"])
def test_another_name_is_none(given: str) -> None:
    assert not guard.names(REAL, "crm", given)
    assert not guard.names(replace(REAL, id=""), "crm", "")


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """The practice org calls itself one where people work: no test may sign in to a real one."""

    async def identify(_org: Org) -> OrgIdentity:
        return REAL

    monkeypatch.setattr(Org, "identify", identify)


async def test_nothing_is_sent_that_nobody_confirmed(
    practice: Practice, accounts: Callable[..., Path], real: None
) -> None:
    await move(practice, accounts(8), Action.INSERT)
    found = await practice.records("SELECT Id, ERP_Id__c FROM Account ORDER BY ERP_Id__c")
    source = accounts([(one["Id"], one["ERP_Id__c"]) for one in found], header=("Id", "Key"))
    asked: list[Danger] = []

    async def deny(danger: Danger) -> None:
        asked.append(danger)
        await guard.confirmed("crm", "another org")(danger)

    with pytest.raises(NotAllowed, match="another org is not the name of this org, which is Aurora Comercio"):
        await load(request(source, Action.DELETE), practice.org, confirm=deny)
    danger = asked[0]
    assert (danger.level, danger.rows, danger.object, danger.header) == (
        Level.TYPE,
        8,
        "Account",
        ("Id", "Key"),
    )
    assert danger.sample == tuple((one["Id"], one["ERP_Id__c"]) for one in found[:5])
    assert "8 records of Account would be deleted." in danger.sentence
    assert len(await practice.keys()) == 8
    with pytest.raises(NotAllowed, match="nobody confirmed it") as caught:
        await load(request(source, Action.DELETE), practice.org, confirm=guard.confirmed("crm", ""))
    assert caught.value.next_step == 'Confirm it with: --yes-production "Aurora Comercio"'
    assert caught.value.exit_code == 3
    summary = await load(
        request(source, Action.DELETE), practice.org, confirm=guard.confirmed("crm", "Aurora Comercio")
    )
    assert summary.counts.succeeded == 8
    assert await practice.keys() == []


class Terminal(io.StringIO):
    """A terminal at which somebody types."""

    def isatty(self) -> bool:
        return True


def danger(level: Level, **more: object) -> Danger:
    return replace(
        Danger(level, Action.DELETE, "Account", 2, REAL, ("Id", "Name"), (("001", "One\x1b[31m"), ("002", "T" * 90))),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


async def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str, asked: Danger, given: str = "") -> str:
    shown = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stderr", shown)
    await move_guard.confirm("crm", given)(asked)
    return shown.getvalue()


async def test_a_terminal_shows_what_would_be_done_and_takes_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = await at_a_terminal(monkeypatch, "Aurora Comercio\n", danger(Level.TYPE))
    assert "Aurora Comercio  00D000000000001AAA  https://a.my.salesforce.com  (production)" in shown
    assert "2 records of Account would be deleted." in shown
    assert "\x1b" not in shown
    assert "T" * 23 + "…" in shown
    for typed in ("Aurora\n", "yes\n", "\n", ""):
        with pytest.raises(Cancelled, match="not confirmed"):
            await at_a_terminal(monkeypatch, typed, danger(Level.TYPE))


async def test_changing_many_records_takes_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    many = danger(Level.ASK, action=Action.UPDATE, rows=5000)
    assert "5000 records of Account would be changed." in await at_a_terminal(monkeypatch, "YES\n", many)
    with pytest.raises(Cancelled):
        await at_a_terminal(monkeypatch, "no\n", many)


async def test_without_a_terminal_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Aurora Comercio\n"))
    with pytest.raises(NotAllowed, match="nobody confirmed it"):
        await move_guard.confirm("crm", "")(danger(Level.TYPE))
    await move_guard.confirm("crm", "crm")(danger(Level.TYPE))


async def test_a_name_given_wrongly_is_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeftError, match="is not the name of this org"):
        await at_a_terminal(monkeypatch, "Aurora Comercio\n", danger(Level.TYPE), "Boreal")


@pytest.mark.parametrize(
    ("action", "undo", "said"),
    [
        (Action.HARD_DELETE, False, "cannot be taken back"),
        (Action.UPDATE, True, "put back to what they were"),
    ],
)
def test_what_it_would_do_in_words(action: Action, undo: bool, said: str) -> None:
    assert said in danger(Level.TYPE, action=action, undo=undo).sentence


async def test_an_undo_in_production_is_confirmed(
    practice: Practice, accounts: Callable[..., Path], real: None
) -> None:
    run = (await move(practice, accounts(6), Action.INSERT)).run
    asked: list[Danger] = []

    async def look(danger: Danger) -> None:
        asked.append(danger)
        raise guard.refusal(danger)

    with pytest.raises(NotAllowed, match="6 records of Account would be put back"):
        await undo(run, practice.org, confirm=look)
    assert (asked[0].level, asked[0].rows, len(asked[0].sample)) == (Level.ASK, 6, 5)
    assert len(await practice.keys()) == 6
    done = await undo(run, practice.org, confirm=guard.confirmed("crm", "crm"))
    assert done.counts.succeeded == 6
    assert await practice.keys() == []
