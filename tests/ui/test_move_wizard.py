"""The one-shot move by mouse and keyboard: from the shortcut to counts that add up, against the practice org."""

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
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QWidget,
)

from studio.base.paths import data_folder
from studio.practice.shared import practice_org
from tests.ui.driver import Drive, running, window_test
from ui.dialogs.move.choices import Step
from ui.dialogs.move.window import MoveWindow
from ui.widgets.checks import Check, Radio
from ui.widgets.trees import Rows

pytestmark = pytest.mark.network
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
        """Choose a field by keyboard, in the list that stands in the column's row."""
        view = self.find("Field map", Rows)
        self.drive.click_row(view, self.drive.index(view, column))
        name = f"Field for {column}"
        combo = self.find(name, QComboBox)
        texts = [combo.itemText(at) for at in range(combo.count())]
        self.drive.pick(name, next(text for text in texts if text.startswith(starts_with)))

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


@window_test
async def test_a_file_is_upserted_and_every_row_is_told(source: Callable[..., Path]) -> None:
    rows = [
        *good(20),
        ["U-0090", "", "1", "x"],
        ["U-0091", "Long " * 60, "2", "x"],
        ["U-0001", "Twin", "3", "x"],
    ]
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        assert wizard.shows("No org chosen yet")
        await wizard.to_object()
        assert wizard.shows("Weft Practice")
        assert not wizard.window.next.isEnabled()
        await wizard.choose_object()
        assert wizard.window.choices.key == "ERP_Id__c"
        await wizard.choose_file(source(rows))
        await drive.until(lambda: wizard.shows("UTF-8, comma"))
        assert drive.rows(wizard.find("First rows", Rows))[:2] == ["U-0001", "U-0002"]
        await wizard.to_map()
        assert not wizard.window.next.isEnabled()
        wizard.pick_field("Key", "ERP Id")
        assert wizard.shows("3 of 4 columns are sent.")
        assert drive.rows(wizard.find("Field map", Rows), 5) == [
            "chosen by you",
            "same label",
            "same name",
            "",
        ]
        wizard.picture("move-map")
        await wizard.to_preflight()
        assert wizard.shows(
            "23 rows checked against Account. 4 rows would be refused. Nothing has been sent."
        )
        fields = wizard.find("Checks by field", Rows)
        assert drive.rows(fields, 7)[:3] == ["0", "2", "0"]
        assert drive.rows(wizard.find("Rows that would fail", Rows)) == ["1", "21", "22", "23"]
        assert in_the_org("ERP_Id__c LIKE 'U-%'") == []
        wizard.picture("move-preflight")
        wizard.click("Keep back rows that would fail", Check)
        # Two rows share a key: they stay here whatever is chosen.
        assert wizard.window.next.text() == "Send 21 rows"
        await wizard.send()
        await drive.until(lambda: drive.rows(wizard.find("Failed rows", Rows)))
        wizard.picture("move-results")
        assert [wizard.figure(name) for name in ("Succeeded", "Failed", "Unprocessed", "Not sent", "Read")] == [
            "19", "2", "0", "2", "23",
        ]  # fmt: skip
        assert wizard.shows("adds up")
        assert drive.rows(wizard.find("Failed rows", Rows)) == ["21", "22"]
        reasons = wizard.find("Reasons", Rows)
        assert drive.rows(reasons)[0] == "All errors"
        drive.click_row(reasons, drive.index(reasons, "String too long"))
        await drive.until(lambda: drive.rows(wizard.find("Failed rows", Rows)) == ["22"])
        files = wizard.window.choices.summary["files"]  # type: ignore[index]
        assert wizard.find("failed.csv", QPushButton)
        await wizard.close()
    assert {record["ERP_Id__c"] for record in kept("ERP_Id__c LIKE 'U-%'")} == {row[0] for row in rows[1:20]}
    with Path(files["failed"]).open(encoding="utf-8", newline="") as file:
        assert [row["Extra"] for row in csv.DictReader(file)] == ["x", "x"]


@window_test
async def test_holding_back_constants_and_the_map_by_hand(source: Callable[..., Path]) -> None:
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object("Insert")
        assert not drive.all("Key field", within=wizard.window)
        await wizard.choose_object()
        await wizard.choose_file(source([*good(5), ["U-0099", "", "1", "x"]]))
        await wizard.to_map()
        wizard.pick_field("Extra", "Account Name")
        assert wizard.shows("Name is mapped twice.")
        assert not wizard.window.next.isEnabled()
        wizard.pick_field("Extra", "not sent")
        wizard.click("Add a constant")
        await drive.rest()
        wizard.pick_field("constant 1", "Industry")
        value = wizard.find("Value of constant 1", QLineEdit)
        drive.click(value)
        drive.type("Retail", value)
        wizard.click("Add a constant")
        await drive.rest()
        assert drive.rows(wizard.find("Field map", Rows))[-1] == "constant 2"
        wizard.click("Remove the constant")
        await drive.rest()
        wizard.pick_field("Key", "ERP Id")
        await wizard.to_preflight()
        assert wizard.window.next.text() == "Send 5 rows"
        await wizard.send()
        assert [wizard.figure(name) for name in ("Succeeded", "Not sent", "Read")] == ["5", "1", "6"]
        # The row that was kept back is listed with its reason; only what the org refused can be sent again.
        await drive.until(lambda: drive.rows(wizard.find("Reasons", Rows)) == ["Not sent"])
        assert not drive.all("Fix and resend…", within=wizard.window)
        # A step can be opened again, and another move begun.
        wizard.click("Field map")
        assert wizard.window.step is Step.MAP
        wizard.click("Results")
        wizard.click("Another move")
        assert wizard.window.step is Step.OBJECT
        assert wizard.window.choices.summary is None
        objects = wizard.find("Objects", Rows)
        assert not objects.currentIndex().isValid()
        drive.click_row(objects, drive.index(objects, "Account"))
        await wizard.ready()
        await wizard.close()
    assert {record["Industry"] for record in kept("ERP_Id__c LIKE 'U-%'")} == {"Retail"}


@window_test
async def test_a_wrong_file_is_told_on_the_page(source: Callable[..., Path], tmp_path: Path) -> None:
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object()
        await wizard.choose_object()
        await wizard.choose_file(tmp_path / "gone.csv")
        await drive.until(lambda: wizard.shows("The file could not be read"))
        assert not wizard.window.next.isEnabled()
        latin = tmp_path / "latin.csv"
        latin.write_bytes("Key;Name\nU-1;São\n".encode("cp1252"))
        await wizard.type_path(latin)
        await drive.until(lambda: wizard.shows("Windows-1252, as it is not UTF-8, semicolon"))
        assert drive.rows(wizard.find("First rows", Rows), 1) == ["São"]
        drive.pick("Encoding", "UTF-8")
        await drive.until(lambda: wizard.shows("byte 0xE3 makes no character in UTF-8"))
        drive.pick("Encoding", "CP1252")
        await drive.until(lambda: wizard.shows("CP1252, semicolon"))
        assert drive.rows(wizard.find("First rows", Rows), 1) == ["São"]
        drive.pick("Delimiter", "Comma")
        await drive.until(lambda: wizard.shows("CP1252, comma"))
        assert drive.rows(wizard.find("First rows", Rows)) == ["U-1;São"]
        await wizard.close()


@window_test
async def test_a_path_is_taken_while_it_is_typed_and_leaving_twice_is_leaving_once(
    source: Callable[..., Path],
) -> None:
    path = source(good(3))
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        window = wizard.window
        assert window.minimumSizeHint().width() <= 1280
        assert window.minimumSizeHint().height() <= 760
        await wizard.to_object()
        await wizard.choose_object()
        wizard.click("Next")
        await wizard.at(Step.SOURCE)
        field = wizard.find("File", QLineEdit)
        drive.click(field)
        drive.type(str(path)[:-1], field)
        await drive.until(lambda: wizard.shows("There is no file of this name"))
        assert not window.next.isEnabled()
        drive.type(str(path)[-1], field)
        await wizard.ready()
        assert drive.rows(wizard.find("First rows", Rows)) == ["U-0001", "U-0002", "U-0003"]
        drive.type("x", field)
        assert not window.next.isEnabled()
        # Esc, and the window system asking once more before the loop comes round.
        drive.key("Escape", field)
        window.close()
        window.leave.click()
        await drive.until(lambda: not drive.studio.session.ends, 20)
        await drive.rest()
        assert not any(isinstance(w, MoveWindow) and w.isVisible() for w in QApplication.topLevelWidgets())
        assert not drive.all("Copy the report")


@window_test
async def test_stop_and_resume(source: Callable[..., Path]) -> None:
    path = source(good(25_000))
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object("Insert")
        await break_practice("POST", {"name": "processing", "value": 3})
        await wizard.choose_object()
        await wizard.choose_file(path)
        await wizard.to_map()
        wizard.pick_field("Key", "ERP Id")
        await wizard.to_preflight()
        drive.click(wizard.window.next)
        await wizard.at(Step.RUN)
        chunks = wizard.find("Chunks", Rows)
        await drive.until(lambda: "In progress" in drive.rows(chunks, 3), 30)
        assert wizard.window.next.isHidden()
        wizard.picture("move-run")
        # Closing the window is asked about; the move goes on.
        wizard.window.close()
        await drive.until(lambda: drive.all("Let it run"))
        drive.click("Let it run")
        await drive.rest()
        wizard.click("Stop")
        await wizard.at(Step.RESULTS)
        assert wizard.shows("Stopped: what was applied is counted")
        counts = [
            int(wizard.figure(n).replace(",", "")) for n in ("Succeeded", "Failed", "Unprocessed", "Not sent")
        ]
        assert sum(counts) == 25_000
        assert counts[0] < 25_000
        await break_practice("DELETE", {})
        wizard.click("Resume")
        await drive.until(lambda: wizard.shows("Every row succeeded"), 60)
        assert wizard.figure("Succeeded") == "25,000"
        await wizard.close()
    assert len({record["ERP_Id__c"] for record in kept("ERP_Id__c LIKE 'U-000%'")}) == 9


async def break_practice(method: str, data: dict[str, Any]) -> None:
    ask_practice(method, "/practice/faults", data)


@window_test
async def test_every_control_of_every_step_has_a_name(source: Callable[..., Path]) -> None:
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView)
    async with running(theme="dark") as drive:
        wizard = Wizard(drive)
        await wizard.open()
        nameless: list[str] = []

        def look() -> None:
            for widget in wizard.window.findChildren(QWidget):
                inner = isinstance(widget.parent(), QAbstractScrollArea | QComboBox | QLineEdit)
                if (
                    widget.isVisible()
                    and isinstance(widget, kinds)
                    and not inner
                    and not widget.accessibleName()
                ):
                    nameless.append(f"{wizard.window.step.name}: {type(widget).__name__}")

        look()
        await wizard.to_object()
        look()
        await wizard.choose_object()
        look()
        await wizard.choose_file(source(good(3)))
        await wizard.ready()
        look()
        await wizard.to_map()
        wizard.click("Add a constant")
        await drive.rest()
        look()
        wizard.click("Remove the constant")
        await drive.rest()
        wizard.pick_field("Key", "ERP Id")
        await wizard.to_preflight()
        look()
        await wizard.send()
        look()
        assert nameless == []
        await wizard.close()


@window_test
async def test_the_studio_ends_with_a_move_open() -> None:
    async with running() as drive:
        wizard = Wizard(drive)
        await wizard.open()
        await wizard.to_object()
        assert wizard.window.choices.org is not None
    # The checks for windows, tasks and processes left behind do the rest.
    assert not any(isinstance(w, MoveWindow) and w.isVisible() for w in QApplication.topLevelWidgets())
