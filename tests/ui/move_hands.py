"""Hands and eyes on the move window, and on the practice org behind it, for the tests of each of its pages."""

from __future__ import annotations

import csv
import http.client
import json
import os
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QWidget,
)

from studio.base.paths import data_folder
from studio.practice.shared import practice_org
from tests.ui.driver import Drive
from ui.dialogs.move.choices import Step
from ui.dialogs.move.window import MoveWindow
from ui.widgets.checks import Radio
from ui.widgets.trees import Rows

HEADER = ["Key", "Account Name", "Phone", "Extra"]


class Wizard:
    """Hands and eyes on the move window of a running studio."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive
        self.seen = 0

    @property
    def window(self) -> MoveWindow:
        return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MoveWindow) and w.isVisible())

    async def open(self) -> None:
        self.drive.key("Ctrl+M", self.drive.window)
        await self.drive.rest()
        self.window.activateWindow()

    def find(self, name: str, kind: type[Any] = QWidget) -> Any:
        return self.drive.find(name, kind, self.window)

    def click(self, name: str, kind: type[Any] = QAbstractButton) -> None:
        self.drive.click(self.find(name, kind))

    def shows(self, text: str) -> bool:
        return self.drive.shows(text, self.window)

    async def at(self, step: Step) -> None:
        await self.drive.until(lambda: self.window.step is step, 60)
        await self.drive.rest()

    async def ready(self) -> None:
        """Until one can go on."""
        await self.drive.until(lambda: self.window.next.isEnabled(), 60)

    async def to_object(self, action: str = "Upsert") -> None:
        self.click(action, Radio)
        self.click("Next")
        await self.drive.until(lambda: self.drive.rows(self.find("Orgs", Rows)))
        self.click("Next")
        await self.at(Step.OBJECT)

    async def choose_object(self, label: str = "Account") -> None:
        view = self.find("Objects", Rows)
        await self.drive.until(lambda: label in self.drive.rows(view), 30)
        field = self.find("Filter objects", QLineEdit)
        self.drive.click(field)
        self.drive.type(label, field)
        await self.drive.rest()
        self.drive.click_row(view, self.drive.index(view, label))
        await self.ready()

    async def choose_file(self, path: Path) -> None:
        self.click("Next")
        await self.at(Step.SOURCE)
        await self.type_path(path)

    async def type_path(self, path: Path) -> None:
        field = self.find("File", QLineEdit)
        self.drive.click(field)
        self.drive.key("Ctrl+A", field)
        self.drive.type(str(path), field)
        self.drive.key("Return", field)

    async def to_map(self) -> None:
        await self.ready()
        self.click("Next")
        await self.at(Step.MAP)
        await self.drive.until(lambda: self.window.choices.mapped)
        await self.drive.rest()

    def pick_field(self, column: str, starts_with: str) -> None:
        """Choose a field in the list that stands in the column's row: opened by a click, searched by its label."""
        view = self.find("Field map", Rows)
        self.drive.click_row(view, self.drive.index(view, column))
        self.drive.click(self.find(f"Field for {column}", QComboBox))
        search = self.drive.find("Search the fields", QLineEdit)
        self.drive.type(starts_with, search)
        self.drive.key("Return", search)

    async def to_preflight(self) -> None:
        await self.ready()
        self.click("Next")
        await self.at(Step.PREFLIGHT)
        await self.drive.until(lambda: self.window.choices.checked is not None, 30)
        await self.drive.rest()

    async def send(self) -> None:
        await self.ready()
        self.drive.click(self.window.next)
        await self.at(Step.RESULTS)

    def figure(self, name: str) -> str:
        """One of the four counts, as shown."""
        return next(label.text() for label in self.drive.all(name, QWidget, self.window) if label.text())  # type: ignore[attr-defined]

    def picture(self, name: str) -> None:
        """For people to look at, where WEFT_SHOTS names a folder."""
        if os.environ.get("WEFT_SHOTS"):
            self.window.grab().save(str(Path(os.environ["WEFT_SHOTS"]) / f"{name}.png"))

    async def close(self) -> None:
        window = self.window
        self.drive.key("Alt+F4", window)
        window.close()
        await self.drive.until(
            lambda: not any(isinstance(w, MoveWindow) for w in QApplication.topLevelWidgets())
        )
        # The process behind it ends in order.
        await self.drive.until(lambda: not self.drive.studio.session.ends, 20)


@pytest.fixture
def source(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: list[list[str]], header: list[str] = HEADER) -> Path:
        path = tmp_path / "accounts.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
        return path

    return write


def good(count: int, start: int = 1) -> list[list[str]]:
    return [[f"U-{n:04d}", f"Company {n}", f"+55 11 {n:04d}", "x"] for n in range(start, start + count)]


def ask_practice(method: str, path: str, data: dict[str, Any] | None = None) -> Any:
    """A request to the practice org in use, by a client of no kinship with ours, and light: it runs on the loop."""
    ready = json.loads((data_folder() / "practice" / "ready.json").read_text())
    connection = http.client.HTTPConnection(ready["url"].removeprefix("http://"))
    try:
        headers = {"Authorization": f"Bearer {ready['access_token']}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(data) if data else None, headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status < 300, body
        return json.loads(body) if body else None
    finally:
        connection.close()


def in_the_org(where: str) -> list[dict[str, Any]]:
    """What the running practice org holds."""
    soql = urllib.parse.quote(f"SELECT ERP_Id__c, Name, Phone, Industry FROM Account WHERE {where}")
    records: list[dict[str, Any]] = ask_practice("GET", f"/services/data/v60.0/query?q={soql}")["records"]
    return records


def kept(where: str) -> list[dict[str, Any]]:
    """What the practice org holds, after the window has gone."""
    with practice_org():
        return in_the_org(where)


def break_practice(name: str = "", value: float = 1) -> None:
    """Have the practice org fail in some way; without a name it works again."""
    if name:
        ask_practice("POST", "/practice/faults", {"name": name, "value": value})
    else:
        ask_practice("DELETE", "/practice/faults", {})
