"""kill -9 anywhere in a move of several objects, then resume: nothing lost, nothing doubled, every file adds up."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.moves.several.model import Set
from tests.moves.conftest import Practice
from tests.moves.several.conftest import Table
from tests.moves.several.test_files import assert_whole, names

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="movers are forked, to be cheap enough"),
]
ACCOUNTS = 10


def parts(table: Table) -> dict[str, str]:
    accounts = [[f"A{n}", f"Company {n}", f"A{n % ACCOUNTS + 1}"] for n in range(1, ACCOUNTS + 1)]
    contacts = [[f"C{n}", f"Person {n}", f"A{n}"] for n in range(1, ACCOUNTS + 1)]
    return {
        "Contact": table("contacts", ["Id", "LastName", "AccountId"], contacts),
        "Account": table("accounts", ["Id", "Name", "ParentId"], accounts),
    }


async def assert_there(practice: Practice, data: dict[str, Any], where: str) -> None:
    found = Set.from_data(data)
    assert [step.counts.succeeded for step in found.steps] == [ACCOUNTS] * 3, where
    assert_whole(found)
    accounts = await practice.records("SELECT Id, Name, ParentId FROM Account")
    assert sorted(one["Name"] for one in accounts) == sorted(
        f"Company {n}" for n in range(1, ACCOUNTS + 1)
    ), where
    parents = await names(practice, "SELECT Name, Parent.Name FROM Account", "Parent", "Name")
    assert parents == {f"Company {n}": f"Company {n % ACCOUNTS + 1}" for n in range(1, ACCOUNTS + 1)}, where
    people = await practice.records("SELECT Id, LastName FROM Contact")
    assert len(people) == ACCOUNTS, where
    found_names = await names(practice, "SELECT LastName, Account.Name FROM Contact", "Account", "Name")
    assert found_names == {f"Person {n}": f"Company {n}" for n in range(1, ACCOUNTS + 1)}, where


async def clean(practice: Practice, home: Path) -> None:
    shutil.rmtree(home / "data", ignore_errors=True)
    for name in ("Contact", "Account"):
        ids = ",".join(record["Id"] for record in await practice.records(f"SELECT Id FROM {name}"))
        if ids:
            await practice.org.request(
                "DELETE", f"{practice.org.data}/composite/sobjects", params={"ids": ids, "allOrNone": "true"}
            )


async def test_killed_anywhere_and_resumed(
    practice: Practice, table: Table, tmp_path: Path, share: Callable[[int], int]
) -> None:
    home = tmp_path / "movers"
    home.mkdir()
    host = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.moves.several.mover", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "WEFT_HOME": str(home)}, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert host.stdin is not None
    assert host.stdout is not None
    answer = home / "answer.json"
    ready = practice.server.ready
    given = {
        "parts": parts(table),
        "url": ready.url,
        "token": ready.access_token,
        "api": "auto",
        "answer": str(answer),
    }

    async def go(**more: Any) -> dict[str, Any] | None:
        answer.unlink(missing_ok=True)
        host.stdin.write(json.dumps(given | more).encode() + b"\n")  # type: ignore[union-attr]
        status = json.loads(await host.stdout.readline())["status"]  # type: ignore[union-attr]
        assert status in (0, -9), f"the mover ended with {status}"
        return json.loads(answer.read_text()) if status == 0 else None

    try:
        whole = await go()
        assert whole is not None
        await assert_there(practice, whole["set"], "not killed")
        points = [(at, before) for at in range(1, whole["steps"] + 1) for before in (True, False)]
        random.Random(5).shuffle(points)
        for at, before in points if share(1000) == 1000 else points[:4]:
            where = f"killed {'before' if before else 'after'} step {at} of {whole['steps']}"
            await clean(practice, home)
            assert await go(kill_at=at, before=before) is None, where
            # And once more on the way.
            found = await go(kill_at=at // 3 + 1, before=not before) or await go()
            assert found is not None, where
            await assert_there(practice, found["set"], where)
    finally:
        host.stdin.close()
        await host.wait()
        host._transport.close()  # type: ignore[attr-defined]
