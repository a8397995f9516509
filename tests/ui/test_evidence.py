"""What all records of the sample show of a map, by keys and mouse: failing, found, never tried; where values come from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, Map, open_map
from tests.ui.driver import LEFT, NONE, Drive, running, window_test
from ui.widgets.code import CodeEdit
from ui.widgets.trees import Rows

NUMBER = f"{INVOICE}/@number"
DATE = f"{INVOICE}/issueDate"
SIZE = "1600x1000"
SCRIPTS = {
    "invoices/invoice/@number": "If([@status] == 'lost', 'x', [@id])",
    "invoices/invoice/issueDate": "If([@id] == '10249', RaiseError('no date'), [placed])",
}


def rewrite(small: Path) -> None:
    """A map with a branch that nothing takes and a record that fails."""
    file = small / "transformations" / "orders-to-invoices.yaml"
    head = file.read_text().partition("map:")[0]
    rules = [
        "  invoices/invoice: {loop: orders/order}",
        *(f'  {path}: "{script}"' for path, script in SCRIPTS.items()),
    ]
    file.write_text(head + "map:\n" + "\n".join(rules) + "\n")


async def shown(drive: Drive) -> Map:
    """The map with the values of its first record."""
    map = await open_map(drive)
    await drive.until(lambda: map.value(SOURCE, ORDER) == "1 of 3", 180)
    return map


@window_test
async def test_only_failing_records_and_those_with_a_value(small: Path) -> None:
    rewrite(small)
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        drive.key("Ctrl+Alt+F", drive.window)
        await drive.until(lambda: drive.shows("1 of 3 records fail."), 180)
        await drive.until(lambda: map.value(SOURCE, ORDER) == "2 of 3")
        await drive.until(lambda: drive.shows("In this record issueDate fails: no date"))
        assert map.tree(TARGET).rows[map.tree(TARGET).selection.row].path == DATE
        assert drive.window.table.reason("map.next_record") == "this is the last record"
        drive.choose("Map", "Records of the sample", "Only records that fail")
        await drive.until(lambda: not drive.shows("1 of 3 records fail."))
        await map.click(SOURCE, f"{ORDER}/placed")
        drive.key("Ctrl+G", drive.window)
        drive.type("2026-03-0", drive.find("Text to find", QLineEdit))
        drive.key("Return")
        await drive.until(lambda: drive.shows("Found in 3 of 3 records."), 180)
        drive.key("F7", drive.window)
        await drive.until(lambda: map.value(SOURCE, ORDER) == "3 of 3")
        drive.write("Text to find", "03-08")
        drive.click("Find")
        await drive.until(lambda: drive.shows("Found in 1 of 3 records."), 180)
        drive.pick("Look in", "in any field")
        drive.write("Text to find", "10249")
        drive.click("Find")
        at = f"{ORDER}/@id"
        await drive.until(lambda: map.tree(SOURCE).rows[map.tree(SOURCE).selection.row].path == at, 180)
        assert map.value(SOURCE, at) == "10249"
        drive.click("Close what was found")
        await drive.rest()
        drive.key("Ctrl+Shift+G", drive.window)
        drive.type("1")
        drive.key("Return")
        await drive.until(lambda: map.value(SOURCE, ORDER) == "1 of 3")


@window_test
async def test_what_no_record_tries_is_marked(small: Path) -> None:
    rewrite(small)
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        drive.choose("Map", "Coverage over all records")
        said = "3 records: 0 fields never had a value, 1 rows have something that never ran."
        await drive.until(lambda: drive.shows(said), 180)
        assert map.state(TARGET, NUMBER) == "mapped, The branch was never taken: If [@status] == 'lost'."
        assert map.state(TARGET, DATE) == "mapped"
        drive.click("Next one found")
        await drive.until(lambda: drive.shows("Over all records", drive.window.panel("inspector")))
        drive.key("Ctrl+Alt+C", drive.window)
        await drive.until(lambda: map.state(TARGET, NUMBER) == "mapped")


@window_test
async def test_a_click_on_a_value_tells_where_it_comes_from(small: Path) -> None:
    rewrite(small)
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        QTest.mouseClick(map.tree(TARGET).viewport(), LEFT, NONE, map.point(TARGET, DATE, on_value=True))
        await drive.until(lambda: drive.all("Provenance"), 180)
        section = drive.find("Provenance", QWidget)
        assert drive.shows("Where issueDate comes from", section)
        assert drive.shows("orders/order[1]", section)
        drive.click(drive.find("order[1]/placed", within=section))
        await drive.until(lambda: map.tree(SOURCE).selection.row >= 0 and not drive.all("Provenance"))
        drive.key("Ctrl+Alt+W", drive.window)
        await drive.until(lambda: drive.all("Provenance") and drive.shows("What placed went into"), 180)
        assert drive.all("issueDate", within=drive.find("Provenance", QWidget))


@window_test
async def test_times_of_the_rules_are_sorted_and_lead_to_them(small: Path) -> None:
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        drive.key("F6", drive.window)
        await drive.until(lambda: drive.all("Durations of the rules", Rows), 180)
        view = drive.find("Durations of the rules", Rows)
        drive.pick("Sorted by", "by name")
        await drive.until(
            lambda: drive.rows(view) == ["invoices/invoice", "invoice/@number", "invoice/issueDate"]
        )
        assert drive.rows(view, 1) == ["3", "2", "2"]
        drive.pick("Sorted by", "by how often")
        await drive.until(lambda: drive.rows(view)[0] == "invoices/invoice")
        drive.click_row(view, drive.index(view, "invoice/issueDate"), double=True)
        await drive.until(lambda: map.tree(TARGET).rows[map.tree(TARGET).selection.row].path == DATE)


@window_test
async def test_expected_and_present_side_by_side(small: Path) -> None:
    folder = small / "tests" / "orders-to-invoices"
    folder.mkdir(parents=True)
    given = ('<invoice number="10248"><issueDate>2026-03-01</issueDate></invoice>', '<invoice number="9"><issueDate>2026-03-09</issueDate></invoice>')  # fmt: skip
    (folder / "all.xml").write_text("<invoices>" + "".join(given) + "</invoices>")
    expected = "tests/orders-to-invoices/all.xml"
    (folder / "all.yaml").write_text(
        f"weft: test/1\nname: All\ninput: samples/orders.xml\nexpected: {expected}\n"
    )
    async with running(small, agent=True, size=SIZE) as drive:
        await open_map(drive)
        assert drive.window.table.reason("map.compare_test") == "no test has run yet"
        drive.key("Shift+F6", drive.window)
        await drive.until(lambda: drive.all("Results of the tests", Rows), 180)
        drive.choose("Map", "Kept results", "Compare with what is expected")
        await drive.until(lambda: drive.all("Test All"))
        dialog = drive.find("Test All", QWidget)
        assert "2026-03-08" in drive.find("Made now", CodeEdit).toPlainText()
        assert "2026-03-09" in drive.find("Expected", CodeEdit).toPlainText()
        assert drive.shows("Difference 1 of", dialog)
        drive.key("Shift+F7", dialog)
        drive.click("Next difference")
        assert drive.shows("Difference 1 of", dialog)
        drive.click("Close")
        await drive.until(lambda: not drive.all("Test All"))


def _short_numbers(small: Path) -> None:
    file = small / "schemas" / "invoices.xsd"
    kind = '<xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="10248"/></xs:restriction></xs:simpleType>'
    old = '<xs:attribute name="number" use="required"/>'
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, old.replace("/>", f">{kind}</xs:attribute>")))


@window_test
async def test_a_test_whose_output_the_schema_refuses_is_not_all_green(small: Path) -> None:
    _short_numbers(small)
    async with running(small, agent=True, size=SIZE) as drive:
        await shown(drive)
        drive.key("F6", drive.window)
        await drive.until(lambda: drive.shows("2 written, 0 failed; 1 do not fit the target's schema."), 180)
        bar = drive.find("Records written, left out and failed")
        assert bar.accessibleDescription() == "2 1 0 1"
        assert drive.shows("What was written does not fit the target's schema")


@window_test
async def test_a_value_that_the_schema_does_not_list_is_marked(small: Path) -> None:
    _short_numbers(small)
    said = "'10250' is none of the values allowed: 10248."
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        assert map.tree(TARGET).look(map.tree(TARGET).rows.index(NUMBER)).name_role != "red_text"
        await map.key(TARGET, "Alt+Right")
        await map.key(TARGET, "Alt+Right")
        await drive.until(lambda: map.value(SOURCE, ORDER) == "3 of 3")
        await drive.until(
            lambda: map.tree(TARGET).look(map.tree(TARGET).rows.index(NUMBER)).name_role == "red_text"
        )
        await map.click(TARGET, NUMBER)
        await drive.until(lambda: drive.shows(said))
