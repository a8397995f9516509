"""The whole first hour by mouse and keys: sample, three fields, a loop, live values, undo, redo, run, rows in the org."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QTreeView

from studio.practice.ready import Ready
from studio.practice.shared import practice_org
from tests.ui.canvas_hands import SOURCE, TARGET, Map
from tests.ui.driver import Drive, running, window_test
from ui.widgets.trees import Rows

FIELDS = {"row/BillingCity": "row/city", "row/Phone": "row/phone", "row/BillingStreet": "row/street"}


def query(org: Ready, soql: str) -> list[dict[str, Any]]:
    """What a stranger's REST client reads from the org."""
    request = urllib.request.Request(
        f"{org.url}/services/data/v62.0/query?q={urllib.parse.quote(soql)}",
        headers={"Authorization": f"Bearer {org.access_token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        records: list[dict[str, Any]] = json.load(answer)["records"]
    return records


async def sample_from_start_page(drive: Drive, folder: Path) -> None:
    """Start page ▸ Start from a sample, into a folder of our own."""
    drive.click("Start from a sample…")
    await drive.until(lambda: drive.all("Folder"))
    drive.write("Folder", str(folder))
    drive.click("Create")
    await drive.until(lambda: drive.all("Project"))
    await drive.rest(0.2)


async def open_by_double_click(drive: Drive, *path: str) -> None:
    """Open an object from the project tree."""
    tree = drive.find("Project", QTreeView)
    drive.click_row(tree, drive.index(tree, *path), double=True)
    await drive.rest(0.1)


async def values_are_live(drive: Drive, map: Map) -> None:
    await drive.until(
        lambda: map.value(TARGET, "row/AccountNumber") == map.value(SOURCE, "row/customer_no") != ""
    )


@window_test
async def test_the_first_hour(tmp_path: Path) -> None:
    folder = tmp_path / "orders-to-erp"
    with practice_org() as org:
        before = {
            row["ERP_Id__c"] for row in query(org, "SELECT ERP_Id__c FROM Account WHERE ERP_Id__c != null")
        }
        async with running(agent=True, size="1600x1000") as drive:
            await sample_from_start_page(drive, folder)
            await open_by_double_click(drive, "Transformations", "Customers to accounts")
            map = Map(drive)
            await drive.until(lambda: drive.all(TARGET))
            await values_are_live(drive, map)
            drive.click("Next record")
            await drive.until(lambda: map.value(SOURCE, "row") == "2 of 504")
            await three_fields_are_dragged(drive, map)
            await the_loop_is_drawn_again(drive, map)
            await undone_and_redone(drive, map)
            await the_operation_runs(drive)
            number = map.value(SOURCE, "row/customer_no")
            values = {target: map.value(SOURCE, source) for target, source in FIELDS.items()}
        rows = query(
            org, "SELECT ERP_Id__c, BillingCity, BillingStreet, Phone FROM Account WHERE ERP_Id__c != null"
        )
    loaded = {row["ERP_Id__c"]: row for row in rows}
    assert len(loaded) - len(before) > 450
    mine = loaded[number.strip()]
    assert {f"row/{name}": mine[name] for name in ("BillingCity", "Phone", "BillingStreet")} == values


async def three_fields_are_dragged(drive: Drive, map: Map) -> None:
    for target, source in FIELDS.items():
        await map.click(TARGET, target)
        await map.key(TARGET, "Del")
        await drive.until(lambda target=target: map.value(TARGET, target) in ("", "not in this record"))
        await map.drag(source, target)
        wanted = map.value(SOURCE, source)
        await drive.until(lambda target=target, wanted=wanted: map.value(TARGET, target) == wanted)


async def the_loop_is_drawn_again(drive: Drive, map: Map) -> None:
    await map.click(TARGET, "row")
    await map.key(TARGET, "Del")
    await drive.rest(0.3)
    await map.drag("row", "row")
    await map.choose("What the drop does", "Loop here")
    await values_are_live(drive, map)


async def undone_and_redone(drive: Drive, map: Map) -> None:
    await map.click(TARGET, "row/Phone")
    await map.key(TARGET, "Del")
    await drive.until(lambda: map.value(TARGET, "row/Phone") in ("", "not in this record"))
    drive.key("Ctrl+Z")
    wanted = map.value(SOURCE, "row/phone")
    await drive.until(lambda: map.value(TARGET, "row/Phone") == wanted)
    drive.key("Ctrl+Shift+Z")
    await drive.until(lambda: map.value(TARGET, "row/Phone") in ("", "not in this record"))
    drive.key("Ctrl+Z")
    await drive.until(lambda: map.value(TARGET, "row/Phone") == wanted)


def state_of_run(drive: Drive) -> str:
    """What the newest run's line says."""
    view = drive.find("Runs", Rows)
    return str(view.model().index(0, 1).data())


async def the_operation_runs(drive: Drive) -> None:
    await open_by_double_click(drive, "Operations", "Upsert accounts")
    drive.click("Run")
    await drive.until(lambda: drive.all("Runs", Rows) and state_of_run(drive).startswith("Done"), patience=60)
    await open_by_double_click(drive, "Transformations", "Customers to accounts")
