"""A map with further documents in the real window: it opens, is edited, previewed and saved, and nothing of it is lost."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, map_of, open_map, script_of
from tests.ui.driver import LEFT, NONE, running, window_test
from ui.canvas.shape import RowKind

MAP = "transformations/orders-to-invoices.yaml"
FURTHER = """  invoices/invoice/@currency-rate: "[rate::rate]"
  audit::row: {loop: orders/order}
  audit::row/who: "[customer/name]"
  gone::log/entry: "'kept'"
"""


def with_further(folder: Path) -> Path:
    """The sample's map with a lookup, a join, a second target, and rules of one that is not named."""
    (folder / "schemas/rates.csv").write_text("status,rate\nopen,0.5\n")
    (folder / "schemas/audit.yaml").write_text(
        "weft: schema/1\nkind: delimited\nrecords: {row: {fields: {who: {type: text}}}}\n"
    )
    file = folder / MAP
    text = file.read_text()
    join = 'join: {rate: {loop: "rates::row", match: {status: "[@status]"}, kind: left}}'
    text = text.replace("{loop: orders/order", f"{{loop: orders/order, {join}", 1)
    text = text.replace("\ntarget:", "\nsources: {rates: {schema: schemas/rates.csv, root: row}}\ntarget:", 1)
    text = text.replace("\nmap:\n", "\ntargets: {audit: {schema: schemas/audit.yaml, root: row}}\nmap:\n", 1)
    at = text.index("\nmap:\n") + len("\nmap:\n")
    file.write_text(text[:at] + FURTHER + text[at:])
    return file


@window_test
async def test_nothing_is_lost(small: Path) -> None:
    file = with_further(small)
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        assert drive.shows("further documents: rates, audit")
        rules = map_of(drive).mapping
        assert {"audit::row", "audit::row/who"} <= set(rules.by_path)
        assert rules.by_path[INVOICE].join["rate"].match == {"status": "[@status]"}
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Del")
        await drive.rest()
        assert map_of(drive).mapping.get(f"{INVOICE}/issueDate") is None
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: "issueDate" not in file.read_text())
    saved = file.read_text()
    for part in (
        "audit::row: {loop: orders/order}", 'audit::row/who: "[customer/name]"', "gone::log/entry", "currency-rate",
        'rate: {loop: "rates::row"', "sources:", "rates: {schema: schemas/rates.csv", "audit: {schema: schemas/audit.yaml",
    ):  # fmt: skip
        assert part in saved, saved


@window_test
async def test_they_are_drawn_and_mapped_by_mouse_and_keys(small: Path) -> None:
    with_further(small)
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        source, target = map.shown(SOURCE), map.shown(TARGET)
        # A head row, which has its root's address, and the tree below it.
        assert source[-4:] == ["rates::row", "rates::row", "rates::row/status", "rates::row/rate"]
        assert target[-3:] == ["audit::row", "audit::row", "audit::row/who"]
        heads = [
            [(look.name, look.note) for row, each in enumerate(view.rows)
             if each.kind is RowKind.DOCUMENT and (look := view.look(row))]
            for view in (map.tree(SOURCE), map.tree(TARGET))
        ]  # fmt: skip
        assert heads == [[("rates", "rates.csv")], [("audit", "audit.yaml")]]
        assert map.state(TARGET, "audit::row") == "loop"
        # By mouse, onto a field of the main target.
        field = f"{INVOICE}/issueDate"
        await map.click(TARGET, field)
        await map.key(TARGET, "Del")
        await map.drag("rates::row/rate", field)
        assert script_of(drive, field) == "[rates::row/rate]"
        # The parked rule reads the same field through the join.
        assert drive.shows("2 links of rate")
        # By keys, from the main source to the further target; it goes up one step in the history.
        await map.click(SOURCE, f"{ORDER}/placed")
        await map.click(TARGET, "audit::row/who")
        await map.key(TARGET, "Del")
        await map.key(TARGET, "Return")
        assert script_of(drive, "audit::row/who") == "[placed]"


@window_test
async def test_a_folded_document_carries_its_links(small: Path) -> None:
    with_further(small)
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        view = map.tree(TARGET)
        head = next(row for row in range(len(view.rows)) if view.rows[row].kind is RowKind.DOCUMENT)
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
        at = view.row_rect(head).center()
        QTest.mouseClick(view.viewport(), LEFT, NONE, QPoint(view.painter.expander(0).start + 8, at.y()))
        await drive.rest(0.02)
        assert map.shown(TARGET)[-1] == "audit::row"
        assert view.rows[len(view.rows) - 1].kind is RowKind.DOCUMENT
        assert view.look(head).pill == 2
        # A filter finds the document by its name and its fields by theirs.
        drive.type("who", drive.find("Filter the target", QLineEdit))
        await drive.until(lambda: map.shown(TARGET)[-1:] == ["audit::row/who"])
