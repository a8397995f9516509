"""Jobs and collections are two wires for the same thing: the same rows leave the same records and the same result files."""

from __future__ import annotations

import csv
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from studio.connectors.salesforce.errors import row_error
from studio.connectors.salesforce.rows import encode
from studio.moves.load import Request, load
from studio.moves.model import Action, Api, Blank, Options, Summary
from studio.network.client import open_client
from studio.practice.server import PracticeOrg
from tests.moves.conftest import Practice, sign_in

pytestmark = pytest.mark.network
HEADER = ("ERP_Id__c", "Name", "NumberOfEmployees", "Website", "Description", "Parent.ERP_Id__c")
FIELDS = "ERP_Id__c, Name, NumberOfEmployees, Website, Description, Parent.ERP_Id__c"


@pytest_asyncio.fixture
async def twin(own_home: Path) -> AsyncIterator[Practice]:
    async with PracticeOrg(seed=False) as server, open_client() as client:
        yield Practice(server, client, await sign_in(client, server))


def rows(order: random.Random, count: int) -> list[list[str]]:
    """Good rows and bad ones: no name, too long, no number, nobody's parent, a key twice, texts with everything in them."""
    texts = [
        "plain",
        "",
        "#N/A",
        'a "quoted", text',
        "line\nbreak",
        "\r\n",
        "Ä€😀\u2028",
        " blank ",
        "x" * 300,
    ]
    found = []
    for number in range(count):
        key = f"K{number if order.random() < 0.95 else 0}"
        parent = order.choice(["", "", "", "K-none", "P1"])
        found.append(
            [key, order.choice([f"Company {number}", "", "y" * 256]) if order.random() < 0.2 else f"Co {number}",
             order.choice(["", "12", "many", "#N/A", "-1"]), order.choice(texts), order.choice(texts), parent]
        )  # fmt: skip
    return found


def ends(summary: Summary) -> dict[int, tuple[Any, ...]]:
    """Per row: which file it is in, with its values, and what the org said of it; ids are each org's own."""
    found: dict[int, tuple[Any, ...]] = {}
    for kind, path in summary.files.items():
        with Path(path).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                said = row_error(row["weft__answer"])
                values = tuple(
                    value for name, value in row.items() if name not in ("weft__id", "weft__answer")
                )
                # Of a row that succeeded both wires say whether it made a record; of a failed one, why.
                answer = (said.code, said.fields) if kind == "failed" else row["weft__answer"]
                found[int(row["weft__row"])] = (kind, values, bool(row["weft__id"]), answer)
    return found


@pytest.mark.parametrize("blank", [Blank.LEAVE, Blank.NULL])
async def test_the_same_by_either_wire(
    practice: Practice, twin: Practice, tmp_path: Path, share: Callable[[int], int], blank: Blank
) -> None:
    order = random.Random(17)
    before = tmp_path / "before.csv"
    before.write_bytes(
        b"".join(encode(("ERP_Id__c", "Name"), [("P1", "Parent"), ("K3", "Old"), ("K5", "Old")]))
    )
    for turn in range(max(1, share(40) // 20)):
        path = tmp_path / f"rows-{turn}.csv"
        path.write_bytes(b"".join(encode(HEADER, rows(order, 60))))
        found = []
        for org, api in ((practice, Api.BULK), (twin, Api.COLLECTIONS)):
            for source in (before, path):
                options = Options(blank=blank, api=api, chunk_rows=20)
                asked = Request(Action.UPSERT, "Account", source, key="ERP_Id__c", options=options)
                summary = await load(asked, org.org)
            records = await org.records(f"SELECT {FIELDS} FROM Account ORDER BY ERP_Id__c")
            found.append((summary.counts, ends(summary), records))
        assert found[0] == found[1]
        assert found[0][0].failed
        assert found[0][0].succeeded
        assert found[0][0].not_sent
