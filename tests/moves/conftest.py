"""A running practice org and a signed-in client with short waits, for the tests of moves."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from studio.connectors.salesforce.pace import Pace
from studio.connectors.salesforce.rows import encode
from studio.connectors.salesforce.session import Grant, Org, connect
from studio.connectors.salesforce.sign_in import password
from studio.moves.access.orgs import PRACTICE_CLIENT
from studio.moves.load import Request, load
from studio.moves.model import Action, Options, Summary
from studio.network.client import open_client
from studio.practice.faults import parse
from studio.practice.server import PracticeOrg

QUICK = Pace(first=0.01, most=0.05, patience=5)


class Practice:
    """The practice org, this client's sign-in to it, and what tests ask of both."""

    def __init__(self, server: PracticeOrg, client: httpx.AsyncClient, org: Org) -> None:
        self.server = server
        self.client = client
        self.org = org

    def fault(self, *texts: str) -> None:
        for text in texts:
            self.server.org.faults.add(parse(text))

    def calls(self, method: str, part: str) -> int:
        return sum(call.method == method and part in call.path for call in self.server.org.calls)

    async def signed_in(self, pace: Pace = QUICK) -> Org:
        return await sign_in(self.client, self.server, pace)

    async def records(self, soql: str) -> list[dict[str, str]]:
        from studio.connectors.salesforce.query import query

        return [record async for record in query(self.org, soql)]

    async def keys(self) -> list[str]:
        """The external ids of all accounts that have one, sorted; a key twice is there twice."""
        found = await self.records("SELECT ERP_Id__c FROM Account WHERE ERP_Id__c != null")
        return sorted(record["ERP_Id__c"] for record in found)


async def sign_in(client: httpx.AsyncClient, server: PracticeOrg, pace: Pace = QUICK) -> Org:
    ready = server.ready

    async def again(_refused: Grant) -> Grant:
        return await password(client, ready.url, ready.username, ready.password, PRACTICE_CLIENT)

    return await connect(client, Grant(ready.access_token, ready.url), renew=again, pace=pace)


@pytest_asyncio.fixture
async def practice(own_home: Path) -> AsyncIterator[Practice]:
    """An empty practice org with one internal batch per ten rows."""
    async with PracticeOrg(seed=False) as server, open_client() as client:
        practice = Practice(server, client, await sign_in(client, server))
        practice.fault("batch-rows=10")
        yield practice


@pytest.fixture
def accounts(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of accounts: `ERP_Id__c`, `Name` and a column that is not sent."""

    def write(
        rows: int | Sequence[Sequence[str]], header: Sequence[str] = ("ERP_Id__c", "Name", "Note")
    ) -> Path:
        path = tmp_path / "accounts.csv"
        made = (
            [(f"A-{n:04d}", f"Company {n}", f"note {n}") for n in range(1, rows + 1)]
            if isinstance(rows, int)
            else rows
        )
        path.write_bytes(b"".join(encode(header, made)))
        return path

    return write


def request(source: Path, action: Action = Action.UPSERT, *, key: str = "ERP_Id__c", again: bool = False,
            **options: object) -> Request:  # fmt: skip
    """A load with small chunks."""
    chosen = Options(**{"chunk_rows": 20, "parallel": 2, **options})  # type: ignore[arg-type]
    return Request(
        action, "Account", source, key=key if action is Action.UPSERT else "", options=chosen, again=again
    )


async def move(practice: Practice, source: Path, action: Action = Action.UPSERT, **given: object) -> Summary:
    return await load(request(source, action, **given), practice.org)  # type: ignore[arg-type]


def files(summary: Summary) -> dict[str, list[dict[str, str]]]:
    """The four result files' rows."""
    found: dict[str, list[dict[str, str]]] = {}
    for kind, path in summary.files.items():
        with Path(path).open(encoding="utf-8", newline="") as file:
            found[kind] = list(csv.DictReader(file))
    return found


def assert_adds_up(summary: Summary, source: Path) -> dict[str, list[dict[str, str]]]:
    """Every source row is in exactly one result file, with all its own values; the counts are those of the files."""
    with source.open(encoding="utf-8", newline="") as file:
        expected = {str(number): row for number, row in enumerate(csv.DictReader(file), 1)}
    found = files(summary)
    counts = {kind: len(rows) for kind, rows in found.items()}
    assert counts == {
        "succeeded": summary.counts.succeeded,
        "failed": summary.counts.failed,
        "unprocessed": summary.counts.unprocessed,
        "not_sent": summary.counts.not_sent,
    }
    assert summary.read == len(expected) == sum(counts.values())
    seen: set[str] = set()
    for rows in found.values():
        for row in rows:
            number = row.pop("weft__row")
            record_id, answer = row.pop("weft__id"), row.pop("weft__answer")
            assert number not in seen
            seen.add(number)
            assert row == expected[number]
            assert answer
            row |= {"#": number, "id": record_id, "answer": answer}
    return found
