"""A dry run says what the move then does, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.moves import store
from studio.moves.judging.dry_run import Outlook, dry_run
from studio.moves.model import Action, Counts
from tests.moves.conftest import Practice, move, request
from tests.moves.test_undo import rows_of

pytestmark = pytest.mark.network
Accounts = Callable[..., Path]


async def tried(practice: Practice, source: Path, action: Action, **options: Any) -> Outlook:
    """A dry run; nothing may have been written by it."""
    calls = len(practice.server.org.calls)
    found = await dry_run(request(source, action, **options), practice.org)
    written = [c for c in list(practice.server.org.calls)[calls:] if c.method not in ("GET", "HEAD")]
    assert all("composite/sobjects/Account" in call.path and call.method == "POST" for call in written)
    assert not list(store.folder().glob("check-*"))
    return found


async def test_an_upsert_is_foretold(practice: Practice, accounts: Accounts) -> None:
    await move(practice, accounts(20), Action.INSERT)
    rows = [(f"a-{n:04d}", f"Again {n}", "") for n in range(11, 31)] + [
        ("", "No key", ""),
        ("A-9999", "", ""),
    ]
    source = accounts(rows)
    found = await tried(practice, source, Action.UPSERT)
    assert (found.rows, found.updated, found.created) == (22, 10, 10)
    assert set(found.refused) == {21, 22}
    assert found.exit_code == 1
    assert found.to_data()["rows_refused"][0] == {"row": 21, "answer": "ERP_Id__c is empty"}
    done = await move(practice, source, hold=True)
    assert done.counts == Counts(20, not_sent=2)
    words = [row["weft__answer"] for row in rows_of(done)]
    assert (words.count("updated"), words.count("created")) == (found.updated, found.created)


async def test_ids_that_are_not_there_are_told(practice: Practice, accounts: Accounts) -> None:
    ids = [row["weft__id"] for row in rows_of(await move(practice, accounts(12), Action.INSERT))]
    gone = accounts([(id_,) for id_ in ids[:4]], ("Id",))
    foretold = await tried(practice, gone, Action.DELETE)
    assert (foretold.deleted, foretold.kept, foretold.exit_code) == (4, 4, 0)
    assert (await move(practice, gone, Action.DELETE)).counts == Counts(4)
    update = accounts([(id_, "X") for id_ in ids], ("Id", "Name"))
    found = await tried(practice, update, Action.UPDATE)
    assert (found.updated, set(found.refused)) == (8, {1, 2, 3, 4})
    assert (await move(practice, update, Action.UPDATE)).counts == Counts(8, 4)
    undelete = accounts([(id_,) for id_ in ids[2:6]], ("Id",))
    back = await tried(practice, undelete, Action.UNDELETE)
    assert (back.undeleted, set(back.refused)) == (2, {3, 4})


async def test_an_insert_knows_the_unique_values_that_are_taken(
    practice: Practice, accounts: Accounts
) -> None:
    await move(practice, accounts(5), Action.INSERT)
    source = accounts(8)
    found = await tried(practice, source, Action.INSERT)
    assert (found.created, set(found.refused)) == (3, {1, 2, 3, 4, 5})
    assert (await move(practice, source, Action.INSERT)).counts == Counts(3, 5)
    nameless = accounts([("One", "x"), ("Two", "y")], ("Name", "Note"))
    assert (await tried(practice, nameless, Action.INSERT)).created == 2
