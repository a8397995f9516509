"""The mapping editor in the real window, driven with mouse and keys."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTableView, QTreeView

from studio.project.create import create
from studio.project.objects import write_transformation
from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, Map, map_of, open_map, script_of
from tests.ui.driver import LEFT, NONE, Drive, running, window_test
from ui.widgets.labels import Elided


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The sample project, in a folder of its own."""
    folder = tmp_path / "orders-to-erp"
    create(folder, sample="orders")
    return folder


@window_test
async def test_a_field_is_unmapped_dragged_undone_and_redone(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Del")
        assert map_of(drive).mapping.get(f"{INVOICE}/issueDate") is None
        await drive.until(lambda: map.state(TARGET, f"{INVOICE}/issueDate") == "mandatory, no rule")
        await map.drag(f"{ORDER}/placed", f"{INVOICE}/issueDate")
        assert map_of(drive).mapping.by_path[f"{INVOICE}/issueDate"].script == "[placed]"
        drive.key("Ctrl+Z")
        await drive.rest()
        assert map_of(drive).mapping.get(f"{INVOICE}/issueDate") is None
        drive.key("Ctrl+Shift+Z")
        await drive.rest()
        assert map_of(drive).mapping.by_path[f"{INVOICE}/issueDate"].script == "[placed]"


@window_test
async def test_esc_cancels_a_drag_even_when_links_are_in_focus(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        before = map_of(drive)
        await map.click(SOURCE, f"{ORDER}/placed")
        start, goal = map.point(SOURCE, f"{ORDER}/@id"), map.point(TARGET, f"{INVOICE}/issueDate")
        view = map.tree(SOURCE).viewport()
        end = view.mapFromGlobal(map.tree(TARGET).viewport().mapToGlobal(goal))
        QTest.mousePress(view, LEFT, NONE, start)
        for step in range(1, 5):
            QTest.mouseMove(view, start + (end - start) * step / 4)
            await drive.rest(0.01)
        drive.key("Escape", map.tree(SOURCE))
        await drive.rest()
        QTest.mouseRelease(view, LEFT, NONE, end)
        await drive.rest()
        assert map_of(drive) == before


@window_test
async def test_select_left_select_right_enter(small: Path) -> None:
    """The keyboard's twin of a drag."""
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(SOURCE, f"{ORDER}/@status")
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "Return")
        assert list(map.entries(map.menu("What the drop does"))) == [
            "Replace the rule", "Append", "Insert into the script",
        ]  # fmt: skip
        drive.key("Down", map.menu("What the drop does"))
        drive.key("Return", map.menu("What the drop does"))
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/@number") == '[@id] + " " + [@status]'


@window_test
async def test_the_first_field_makes_the_loop_and_a_node_offers_a_menu(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        assert len(map_of(drive).mapping) == 0
        await map.drag(ORDER, INVOICE)
        await map.choose("What the drop does", "Loop here")
        assert map_of(drive).mapping.by_path[INVOICE].loop == ORDER
        drive.key("Ctrl+Z")
        await drive.rest()
        await map.drag(f"{ORDER}/@id", f"{INVOICE}/@number")
        assert map_of(drive).mapping.by_path[INVOICE].loop == ORDER
        assert script_of(drive, f"{INVOICE}/@number") == "[@id]"


@window_test
async def test_l_makes_a_loop_of_what_is_selected(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        await map.click(SOURCE, ORDER)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "L")
        assert map_of(drive).mapping.by_path[INVOICE].loop == ORDER
        await map.key(TARGET, "L")
        assert drive.focus().accessibleName() == "Script of the rule"
        drive.key("Ctrl+A")
        drive.type("orders/order[[@id] > 10249]")
        drive.key("Return")
        await drive.rest()
        assert map_of(drive).mapping.by_path[INVOICE].loop == "orders/order[[@id] > 10249]"


@window_test
async def test_a_script_is_written_with_f4_and_taken_with_enter(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "F4")
        drive.key("Ctrl+A")
        drive.type("'N-' + [@id]")
        drive.key("Return")
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/@number") == "'N-' + [@id]"
        assert drive.focus() is map.tree(TARGET)
        assert drive.window.session.workspace.history.undo_label == "Script of @number"


@window_test
async def test_esc_gives_up_what_was_written(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "F4")
        drive.type(" + 1")
        await drive.rest()
        drive.key("Escape")
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/@number") == "[@id]"
        assert not drive.window.session.workspace.dirty


@window_test
async def test_a_mistake_is_said_with_its_place(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "F4")
        drive.key("Ctrl+A")
        drive.type("Length([@nothing])")
        await drive.until(lambda: any("no field [@nothing]" in text for text in _elided(drive)))
        drive.key("Ctrl+A")
        drive.type("Length(")
        await drive.until(lambda: any("line 1, column" in text for text in _elided(drive)))
        # Once more in full, where the result stands; the signature covers neither.
        assert drive.shows("line 1, column")
        signature, edit = drive.find("Signature"), drive.find("Script of the rule")
        top = signature.mapToGlobal(QPoint(0, 0)).y()
        assert top >= edit.mapToGlobal(QPoint(0, 0)).y()


@window_test
async def test_c_writes_the_condition(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "C")
        drive.type("[@status] == 'open'")
        drive.key("Return")
        await drive.rest()
        assert map_of(drive).mapping.by_path[f"{INVOICE}/issueDate"].when == "[@status] == 'open'"
        assert map.state(TARGET, f"{INVOICE}/issueDate") == "conditional"


@window_test
async def test_a_field_dropped_on_the_script_is_inserted(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        edit = drive.find("Script of the rule")
        start = map.point(SOURCE, f"{ORDER}/@status")
        await drive.drag(map.tree(SOURCE).viewport(), start, edit, QPoint(edit.width() - 30, 20))
        await drive.rest()
        drive.key("Return")
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/@number") == "[@id][@status]"


@window_test
async def test_the_table_lists_every_rule_and_leads_back(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        drive.key("Ctrl+T")
        await drive.rest()
        table = drive.find("Rules", QTableView)
        assert drive.rows(table) == [INVOICE, f"{INVOICE}/@number", f"{INVOICE}/issueDate"]
        assert table.currentIndex().row() == 1
        said = QAccessible.queryAccessibleInterface(table)
        # Children come row by row, with a row and a column of heads: 1 + 7 in each row.
        cells = [said.child(2 * 8 + 1 + column).text(QAccessible.Text.Name) for column in (0, 1, 4)]
        assert cells == [f"{INVOICE}/@number", "[@id]", "mapped"]
        drive.key("Down", table)
        drive.key("Return", table)
        await drive.rest()
        assert map.tree(TARGET).isVisible()
        assert drive.focus() is map.tree(TARGET)
        assert map.tree(TARGET).selection.paths() == (f"{INVOICE}/issueDate",)


@window_test
async def test_live_values_follow_edits_and_records(orders: Path) -> None:
    async with running(orders, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        await drive.until(lambda: map.value(TARGET, f"{INVOICE}/@number") == "10248")
        assert map.value(SOURCE, f"{ORDER}/placed") == "2026-03-06"
        await map.click(TARGET, f"{INVOICE}/@number")
        await drive.until(lambda: "Result for record 1" in _elided(drive))
        await map.key(TARGET, "F4")
        drive.key("Ctrl+A")
        drive.type("'N' + [@id]")
        await drive.until(lambda: "N10248" in _elided(drive))
        drive.key("Return")
        await drive.until(lambda: map.value(TARGET, f"{INVOICE}/@number") == "N10248")
        drive.click("Next record")
        await drive.until(lambda: map.value(TARGET, f"{INVOICE}/@number") == "N10249")
        drive.write("Record", "830")
        drive.key("Return")
        await drive.until(lambda: map.value(SOURCE, ORDER) == "830 of 830")
        await map.click(TARGET, f"{INVOICE}/@number")
        drive.key("Ctrl+Z")
        await drive.until(lambda: not map.value(TARGET, f"{INVOICE}/@number").startswith("N"))


@window_test
async def test_where_everything_stood_comes_back(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.fold(SOURCE, f"{ORDER}/customer")
        await map.click(TARGET, f"{INVOICE}/dueDate")
        before = map.shown(SOURCE)
        drive.window.keep_layout()
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        assert map.shown(SOURCE) == before
        assert map.tree(TARGET).selection.paths() == (f"{INVOICE}/dueDate",)


@window_test
async def test_a_schema_changed_outside_parks_and_brings_back(small: Path) -> None:
    file = small / "schemas" / "invoices.xsd"
    whole = file.read_text("utf-8")
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        file.write_text(whole.replace('<xs:element name="issueDate" type="xs:date"/>', ""), "utf-8")
        drive.window.session.check_outside()
        await drive.rest()
        assert map.state(TARGET, f"{INVOICE}/issueDate") == "parked"
        assert [rule.path for rule in map_of(drive).mapping.parked] == []
        await map.drag_target(f"{INVOICE}/issueDate", f"{INVOICE}/@number")
        assert script_of(drive, f"{INVOICE}/@number") == "[placed]"
        drive.key("Ctrl+Z")
        file.write_text(whole, "utf-8")
        drive.window.session.check_outside()
        await drive.rest()
        assert map.state(TARGET, f"{INVOICE}/issueDate") == "mapped"


@window_test
async def test_a_schema_that_cannot_be_read_is_said_and_nothing_is_lost(small: Path) -> None:
    (small / "schemas" / "invoices.xsd").write_text("<xs:schema", "utf-8")
    async with running(small, size="1600x1000") as drive:
        map = Map(drive)
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.rest()
        assert drive.shows("invoices.xsd")
        assert len(map_of(drive).mapping) == 3
        assert map.shown(TARGET) == []
        assert not drive.window.session.workspace.dirty


@window_test
async def test_problems_lead_to_their_node(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        drive.window.open_object("transformations/orders-to-invoices", f"{INVOICE}/issueDate")
        await drive.rest()
        assert map.tree(TARGET).selection.paths() == (f"{INVOICE}/issueDate",)
        assert drive.focus() is map.tree(TARGET)


@window_test
async def test_undo_all_is_the_beginning_and_redo_all_the_end(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        workspace = drive.window.session.workspace
        start = write_transformation(map_of(drive))
        rng = random.Random(6)
        edits = 0
        for _ in range(12):
            source = rng.choice([f"{ORDER}/@id", f"{ORDER}/placed", f"{ORDER}/@status"])
            target = rng.choice([f"{INVOICE}/@number", f"{INVOICE}/issueDate"])
            if rng.random() < 0.4:
                await map.click(TARGET, target)
                await map.key(TARGET, "Del")
            else:
                await map.click(SOURCE, source)
                await map.click(TARGET, target)
                await map.key(TARGET, "Shift+Return")
            edits += 1
        end = write_transformation(map_of(drive))
        assert end != start
        for _ in range(edits):
            drive.key("Ctrl+Z")
            await drive.rest(0.01)
        assert write_transformation(map_of(drive)) == start
        assert not workspace.dirty
        for _ in range(edits):
            drive.key("Ctrl+Shift+Z")
            await drive.rest(0.01)
        assert write_transformation(map_of(drive)) == end


def _elided(drive: Drive) -> list[str]:
    return [label.text() for label in drive.window.findChildren(Elided) if label.isVisible()]


@window_test
async def test_a_map_made_by_hand_gets_its_sample_from_its_source(small: Path) -> None:
    (small / "samples" / "people.csv").write_text("id,name\n7,Ana\n8,Rui\n")
    async with running(small, agent=True, size="1280x800") as drive:
        drive.window.table.action("add.transformation").trigger()
        await drive.until(lambda: drive.all("Name", QLineEdit))
        drive.write("Name", "People")
        drive.pick("Source", "people.csv")
        drive.pick("Target", "invoices.xsd")
        drive.click("Create")
        map = Map(drive)
        await drive.until(lambda: drive.all(TARGET))
        await drive.until(lambda: map.value(SOURCE, "row/name") == "Ana")
        assert drive.window.session.workspace.project.get("transformations/people").samples == (
            "samples/people.csv",
        )
        assert not [p for p in drive.window.session.workspace.problems if p.object == "transformations/people"
                    and "sample" in p.message]  # fmt: skip


@window_test
async def test_the_sample_is_chosen_by_keyboard_and_by_mouse(small: Path) -> None:
    (small / "samples" / "others.xml").write_text(
        '<orders><order id="77"><placed>2026-01-01</placed></order></orders>'
    )
    file = small / "transformations" / "orders-to-invoices.yaml"
    file.write_text(file.read_text().replace("samples: [samples/orders.xml]\n", ""))
    async with running(small, agent=True, size="1280x800") as drive:
        map = await open_map(drive)
        drive.click("Choose a sample…")
        assert map.entries(map.menu("Sample")) == ["orders.xml", "others.xml", "Add a sample file…"]
        await map.choose("Sample", "others.xml")
        await drive.until(lambda: map.value(SOURCE, f"{ORDER}/@id") == "77")
        assert not drive.all("Choose a sample…")
        assert map_of(drive).samples == ("samples/others.xml",)
        drive.key("Alt+Down", map.tree(TARGET))
        drive.key("Return", map.menu("Sample"))
        await drive.until(lambda: map.value(SOURCE, f"{ORDER}/@id") == "10248")
        assert map_of(drive).samples == ("samples/orders.xml", "samples/others.xml")
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: map.value(SOURCE, f"{ORDER}/@id") == "77")
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: bool(drive.all("Choose a sample…")))
        assert map.value(SOURCE, f"{ORDER}/@id") == ""


@window_test
async def test_a_suggestion_is_taken_by_keyboard_and_by_mouse(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        path = f"{INVOICE}/currency"
        await map.click(TARGET, path)
        await map.key(TARGET, "Del")
        await map.key(TARGET, "Ctrl+Space")
        shown = drive.find("Suggestions", QTreeView)
        assert drive.focus() is shown
        assert drive.rows(shown)[0].split() == ["1", "currency"]
        drive.key("Return", shown)
        await drive.rest()
        assert script_of(drive, path) == "[currency]"
        assert drive.focus() is map.tree(TARGET)
        await map.click(TARGET, f"{INVOICE}/line/unitPrice")
        await map.key(TARGET, "Del")
        await drive.until(lambda: drive.all("Suggestions", QTreeView))
        shown = drive.find("Suggestions", QTreeView)
        row = next(at for at, text in enumerate(drive.rows(shown)) if text.split()[1] == "price")
        drive.click_row(shown, shown.model().index(row, 0))
        await drive.rest()
        assert script_of(drive, f"{INVOICE}/line/unitPrice") == "[price]"


@window_test
async def test_automap_offers_what_it_would_do(orders: Path) -> None:
    async with running(orders, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, INVOICE)
        await map.key(TARGET, "Shift+Del")
        await map.key(TARGET, "Ctrl+Shift+A")
        await drive.until(lambda: drive.all("What would be done"))
        shown = drive.find("What would be done", QTreeView)
        row = drive.rows(shown, 1).index(f"{INVOICE}/currency")
        assert drive.rows(shown, 2)[row] == f"{ORDER}/currency"
        drive.key("Return", shown)
        await drive.rest()
        assert map_of(drive).mapping.by_path[INVOICE].loop == ORDER
        assert script_of(drive, f"{INVOICE}/currency") == "[currency]"
        assert drive.window.session.workspace.history.undo_label.startswith("Automap")
        drive.key("Ctrl+Z")
        await drive.rest()
        assert len(map_of(drive).mapping) == 0
