"""The tests of the open map in the window: run, listed with what differs, taken as expected, made from the sample."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import INVOICE, TARGET, open_map
from tests.ui.driver import Drive, running, window_test
from ui.widgets.trees import Rows

MAP = "transformations/orders-to-invoices"
EXPECTED = """<invoices><invoice number="10248"><issueDate>2026-03-01</issueDate></invoice>
<invoice number="10250"><issueDate>2026-03-09</issueDate></invoice></invoices>"""


def with_test(small: Path) -> None:
    folder = small / "tests" / "orders-to-invoices"
    folder.mkdir(parents=True)
    (folder / "all.xml").write_text(EXPECTED)
    expected = "tests/orders-to-invoices/all.xml"
    (folder / "all.yaml").write_text(
        f"weft: test/1\nname: All\ninput: samples/orders.xml\nexpected: {expected}\n"
    )


def lines(drive: Drive) -> list[tuple[str, ...]]:
    """The rows of the list of results."""
    view = drive.find("Results of the tests", Rows)
    model = view.model()
    return [
        tuple(str(model.index(row, column).data() or "") for column in range(2))
        for row in range(model.rowCount())
    ]


async def results_of(drive: Drive) -> list[tuple[str, ...]]:
    drive.key("Shift+F6", drive.window)
    await drive.until(lambda: drive.all("Results of the tests", Rows) and lines(drive))
    return lines(drive)


@window_test
async def test_what_differs_is_listed_and_leads_to_its_rule(small: Path) -> None:
    with_test(small)
    async with running(small, agent=True, size="1600x1000") as drive:
        drive.window.open_object(MAP)
        await drive.rest()
        found = await results_of(drive)
        assert found[:2] == [
            ("All", "differs"),
            ("    record 2 ▸ invoices/invoice[2]/issueDate", "expected 2026-03-09, found 2026-03-08"),
        ]
        assert found[2][1] == "rules 3/3, sides of conditions 2/2, branches 0/0, target nodes 3/3"
        assert drive.shows("0 of 1 tests passed.")
        view = drive.find("Results of the tests", Rows)
        drive.click_row(view, view.model().index(1, 0), double=True)
        await drive.until(lambda: drive.all("1 link of issueDate"))


@window_test
async def test_results_are_taken_as_expected(small: Path) -> None:
    with_test(small)
    async with running(small, agent=True, size="1600x1000") as drive:
        drive.window.open_object(MAP)
        await drive.rest()
        await results_of(drive)
        drive.choose("Map", "Kept results", "Take the results as expected")
        await drive.until(lambda: lines(drive)[0] == ("All", "taken as expected"))
        assert "2026-03-08" in (small / "tests/orders-to-invoices/all.xml").read_text()
        drive.key("Shift+F6", drive.window)
        await drive.until(lambda: lines(drive)[0] == ("All", "passed"))
        assert drive.shows("1 of 1 tests passed.")
        drive.key("Ctrl+Shift+F6", drive.window)
        await drive.until(lambda: drive.all("Test All"))
        assert drive.shows("No line differs.")
        drive.click("Close")


@window_test
async def test_results_before_a_change_say_so(small: Path) -> None:
    with_test(small)
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        found = await results_of(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        drive.key("Delete", map.tree(TARGET))
        note = ("Before the last change of the map", "Run the tests again (Shift+F6).")
        await drive.until(lambda: lines(drive)[0] == note)
        assert lines(drive)[1:] == found
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: lines(drive) == found)


@window_test
async def test_a_test_of_the_sample(small: Path) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        drive.window.open_object(MAP)
        await drive.rest()
        assert drive.window.table.reason("map.run_tests") == "the map has no tests"
        drive.choose("Map", "Kept results", "New test from the sample")
        await drive.until(lambda: drive.all("Results of the tests", Rows) and lines(drive))
        workspace = drive.studio.session.workspace
        data = workspace.project.get("tests/orders-to-invoices/orders")
        assert data == {
            "weft": "test/1", "name": "orders", "input": "samples/orders.xml",
            "expected": "tests/orders-to-invoices/orders.xml",
        }  # fmt: skip
        assert "10250" in (small / "tests/orders-to-invoices/orders.xml").read_text()
        await drive.rest()
        drive.key("Shift+F6", drive.window)
        await drive.until(lambda: lines(drive)[0] == ("orders", "passed"))
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: (small / "tests/orders-to-invoices/orders.yaml").is_file())
