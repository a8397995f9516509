"""The window's mover: a process of its own that answers, tells how far it is, hears Stop and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import xlsxwriter

from studio.base.child import python_command

pytestmark = pytest.mark.network
MAP = [{"field": "ERP_Id__c", "column": "ERP_Id__c"}, {"field": "Name", "column": "Name"}]


class Asking:
    """Asks a worker and keeps the events that come before the answer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._number = 0

    def send(self, do: str, **values: Any) -> int:
        assert self.process.stdin is not None
        self._number += 1
        self.process.stdin.write(json.dumps({"id": self._number, "do": do, **values}).encode() + b"\n")
        return self._number

    async def answer(
        self, number: int, on_event: Callable[[dict[str, Any]], None] = lambda _e: None
    ) -> dict[str, Any]:
        assert self.process.stdout is not None
        while True:
            message: dict[str, Any] = json.loads(await self.process.stdout.readline())
            if "event" in message:
                self.events.append(message)
                on_event(message)
            elif message["id"] == number:
                return message

    async def ask(self, do: str, **values: Any) -> Any:
        message = await self.answer(self.send(do, **values))
        assert "error" not in message, message
        return message["result"]

    async def refused(self, do: str, **values: Any) -> dict[str, Any]:
        error: dict[str, Any] = (await self.answer(self.send(do, **values)))["error"]
        return error


@pytest_asyncio.fixture
async def worker(own_home: Path) -> AsyncIterator[Asking]:
    process = await asyncio.create_subprocess_exec(
        *python_command("studio.moves.desks.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
        cwd=Path(__file__).parent.parent.parent,
    )
    yield Asking(process)
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0
    process._transport.close()  # type: ignore[attr-defined]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("ERP_Id__c;Name;Note\nW-1;One;a\nW-2;;b\nW-3;Three;c\n")
    return path


async def test_from_the_org_to_the_failed_rows(worker: Asking, source: Path) -> None:
    assert (await worker.refused("objects"))["type"] == "BadInput"
    org = await worker.ask("open", org="practice")
    assert (org["name"], org["practice"], org["production"]) == ("Weft Practice", True, False)
    objects = await worker.ask("objects", action="upsert")
    assert {"name": "Account", "label": "Account", "custom": False} in objects
    described = await worker.ask("describe", object="Account", action="upsert", key="ERP_Id__c")
    assert described["keys"][0]["name"] == "ERP_Id__c"
    fields = {field["name"]: field for field in described["fields"]}
    assert fields["Name"]["required"]
    assert fields["ERP_Id__c"]["key"]
    assert "CreatedDate" not in fields
    preview = await worker.ask("preview", source=str(source))
    assert (preview["header"], preview["shown"]) == (["ERP_Id__c", "Name", "Note"], "UTF-8, semicolon")
    assert len(preview["rows"]) == 3
    mapped = await worker.ask(
        "automap", object="Account", action="upsert", key="ERP_Id__c", header=preview["header"]
    )
    assert [(m["column"], m["field"]) for m in mapped] == [("ERP_Id__c", "ERP_Id__c"), ("Name", "Name")]
    move = {"action": "upsert", "object": "Account", "key": "ERP_Id__c", "source": str(source), "map": MAP}
    checked = await worker.ask("check", **move)
    assert (checked["rows"], checked["held"], checked["held_always"]) == (3, 1, 0)
    assert checked["refused"] == [
        {"row": 2, "values": ["W-2", "", "b"], "answer": "Name: empty, but required"}
    ]
    assert checked["look_up"] == {"values": 0, "calls": 0, "asked": False}
    ran = await worker.ask("run", **move, hold=False)
    summary = ran["summary"]
    assert (summary["succeeded"], summary["failed"], ran["trouble"]) == (2, 1, None)
    kinds = {event["event"] for event in worker.events}
    assert {"read", "standing"} <= kinds
    failed = await worker.ask("failed", file=summary["files"]["failed"])
    assert failed[0]["row"] == 2
    assert failed[0]["values"] == ["W-2", "", "b"]
    assert failed[0]["code"] == "REQUIRED_FIELD_MISSING"
    assert failed[0]["fields"] == ["Name"]


async def test_a_check_may_ask_the_org_for_the_records_rows_name(worker: Asking, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("Name,ParentId\nA,001000000000ZZZ\nB,\n")
    await worker.ask("open", org="practice")
    fields = [{"field": "Name", "column": "Name"}, {"field": "ParentId", "column": "ParentId"}]
    move = {"action": "insert", "object": "Account", "source": str(path), "map": fields}
    checked = await worker.ask("check", **move)
    assert (checked["held"], checked["look_up"]) == (0, {"values": 1, "calls": 1, "asked": False})
    checked = await worker.ask("check", **move, look_up=True)
    assert (checked["held"], checked["held_always"], checked["look_up"]["asked"]) == (1, 0, True)
    assert checked["refused"][0]["row"] == 1
    summary = (await worker.ask("run", **move, look_up=True))["summary"]
    assert (summary["succeeded"], summary["failed"], summary["not_sent"]) == (1, 0, 1)


async def test_rows_that_are_never_sent_are_counted_apart(worker: Asking, tmp_path: Path) -> None:
    """A failing value, one without a key, two with the same key, one of another width, one that is doubled and fails."""
    path = tmp_path / "rows.csv"
    lines = ["W-1,One", "W-2,", ",Three", "W-4,Four", "w-4,", "W-6,Six,more", "W-7,Seven"]
    path.write_text("\n".join(["ERP_Id__c,Name", *lines]) + "\n")
    await worker.ask("open", org="practice")
    move = {"action": "upsert", "object": "Account", "key": "ERP_Id__c", "source": str(path), "map": MAP}
    checked = await worker.ask("check", **move, hold=False)
    assert (checked["rows"], checked["held"], checked["held_always"]) == (7, 5, 4)
    ran = await worker.ask("run", **move, hold=False)
    found = {kind: ran["summary"][kind] for kind in ("succeeded", "failed", "not_sent")}
    assert found == {"succeeded": 2, "failed": 1, "not_sent": 4}


async def test_errors_come_back_whole(worker: Asking, tmp_path: Path) -> None:
    error = await worker.refused("preview", source=str(tmp_path / "gone.csv"))
    assert error["type"] == "BadInput"
    assert error["file"] == str(tmp_path / "gone.csv")
    assert error["next_step"]
    assert "no request called nonsense" in (await worker.refused("nonsense"))["message"]
    assert (await worker.refused("open", org="nowhere"))["message"].startswith(
        "There is no org called nowhere"
    )
    portuguese = await worker.refused("nonsense", language="pt_BR")
    assert portuguese["message"]
    assert await worker.ask("orgs", language="en") == []


async def test_stop_is_heard_while_rows_are_read(worker: Asking, tmp_path: Path) -> None:
    await worker.ask("open", org="practice")
    source = tmp_path / "many.csv"
    source.write_text("ERP_Id__c,Name\n" + "".join(f"V-{n},N {n}\n" for n in range(60_000)))
    move = {"action": "insert", "object": "Account", "source": str(source), "map": MAP}
    stopped = False

    def stop_once(event: dict[str, Any]) -> None:
        nonlocal stopped
        if not stopped and event["event"] in ("read", "standing"):
            stopped = True
            worker.send("stop")

    message = await asyncio.wait_for(worker.answer(worker.send("run", **move), stop_once), 60)
    if "error" in message:
        assert message["error"]["type"] == "Cancelled"
    else:
        assert message["result"]["summary"]["state"] == "stopped"
        run = message["result"]["summary"]["run"]
        assert (await worker.ask("resume", run=run))["summary"]["succeeded"] == 60_000


async def test_the_practice_org_ends_with_the_worker(worker: Asking, own_home: Path) -> None:
    await worker.ask("open", org="practice")
    ready = own_home / "data" / "practice" / "ready.json"
    assert ready.exists()
    assert worker.process.stdin is not None
    worker.process.stdin.close()
    assert await asyncio.wait_for(worker.process.wait(), 20) == 0
    # That the org's process has gone too is what the check for leaks finds out.
    assert not ready.exists()


async def test_a_move_is_chosen_once_more_with_its_sheet_fixes_and_zone(
    worker: Asking, tmp_path: Path
) -> None:
    """The second sheet of a workbook; numbers in a format of their own, and a fix that was chosen."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        made.add_worksheet("About").write_row(0, 0, ["Read me"])
        sheet = made.add_worksheet("Rows")
        for at, row in enumerate([["ERP_Id__c", "Name", "Revenue"], ["W-1", " One ", "1.234,00"]]):
            sheet.write_row(at, 0, row)
    await worker.ask("open", org="practice")
    trim = {"kind": "trim", "value": "", "zone": "", "pairs": []}
    entries = [
        MAP[0],
        {**MAP[1], "fixes": [trim]},
        {"field": "AnnualRevenue", "column": "Revenue"},
    ]
    move = {
        "action": "upsert", "object": "Account", "key": "ERP_Id__c", "source": str(path), "sheet": "Rows",
        "map": entries, "zone": "America/Sao_Paulo", "api": "bulk", "blank": "null",
    }  # fmt: skip
    ran = await worker.ask("run", **move)
    assert ran["summary"]["succeeded"] == 1
    found = await worker.ask("move", run=ran["summary"]["run"])
    assert (found["part"], found["zone"], found["blank"]) == ({"sheet": "Rows"}, "America/Sao_Paulo", "null")
    assert (found["api"], found["first"]) == ("bulk", 0)
    kinds = {entry["field"]: [fix["kind"] for fix in entry["fixes"]] for entry in found["map"]}
    assert kinds == {"ERP_Id__c": [], "Name": ["trim"], "AnnualRevenue": ["number"]}
    # The window asks with what it was told.
    again = {name: found[name] for name in ("action", "object", "key", "source", "map", "zone", "blank")}
    checked = await worker.ask("check", **again, **found["part"])
    assert (checked["rows"], checked["held"]) == (1, 0)
