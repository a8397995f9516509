"""A message as a schema and as a file to look at: one segment per line, the chosen node's segment lit."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QTabBar

from studio.project.create import create
from tests.ui.canvas_hands import Map
from tests.ui.driver import Drive, running, window_test
from ui.widgets.code import CodeEdit
from ui.widgets.trees import Rows, Tree

NAME = "X221-era-sample.edi"


@pytest.fixture
def orders(tmp_path: Path, shared: Path) -> Path:
    create(tmp_path / "orders", sample="orders")
    found = shared / "corpora" / "edi-x12" / "badx12" / "edi" / NAME
    for folder in ("schemas", "samples"):
        (tmp_path / "orders" / folder / NAME).write_bytes(found.read_bytes())
    return tmp_path / "orders"


async def _open(drive: Drive, group: str) -> None:
    tree = drive.find("Project", Tree)
    drive.click_row(tree, drive.index(tree, group, NAME), double=True)
    title = "Tree" if group == "Schemas" else "Text"
    await drive.until(lambda: drive.all(f"{title} of {NAME}"))


@window_test
async def test_a_chosen_segment_is_lit_in_a_message_of_one_line(orders: Path) -> None:
    async with running(orders, size="1366x768") as drive:
        await _open(drive, "Schemas")
        map = Map(drive)
        await map.click(f"Tree of {NAME}", "interchange/ISA")
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Text")
        text = drive.find(f"Text of {NAME}", CodeEdit)
        await drive.until(lambda: "ISA*" in text.toPlainText())
        assert text.toPlainText().split("\n")[2] == "ST*835*35681~"
        await drive.until(lambda: text.extraSelections() and text.textCursor().blockNumber() == 0)


@window_test
async def test_a_problem_is_shown_on_the_line_of_its_segment(orders: Path) -> None:
    file = orders / "schemas" / NAME
    file.write_text(file.read_text().replace("SE*35*", "SE*36*"))
    async with running(orders, size="1366x768") as drive:
        await _open(drive, "Schemas")
        drive.click_tab(drive.find("Views of the schema", QTabBar), "Problems")
        rows = drive.find("Problems of the schema", Rows)
        drive.click_row(rows, rows.model().index(0, 0), double=True)
        text = drive.find(f"Text of {NAME}", CodeEdit)
        await drive.until(lambda: text.textCursor().block().text() == "SE*36*35681~")


@window_test
async def test_a_sample_is_shown_by_segments_and_left_as_it_is(orders: Path) -> None:
    before = (orders / "samples" / NAME).read_bytes()
    async with running(orders, size="1366x768") as drive:
        await _open(drive, "Samples")
        text = drive.find(f"Text of {NAME}", CodeEdit)
        await drive.until(lambda: "ISA*" in text.toPlainText())
        assert text.toPlainText().split("\n")[1:3] == [
            "GS*HP*123456789*987654321*20140401*0820*278*X*005010X221A1~",
            "ST*835*35681~",
        ]
    assert (orders / "samples" / NAME).read_bytes() == before
