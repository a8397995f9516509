"""Rules carried, constants taken and functions looked up in the mapping editor, by keyboard."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, loop_of, open_map, script_of
from tests.ui.driver import running, window_test
from ui.widgets.code import CodeEdit


@window_test
async def test_a_rule_is_carried_to_another_node_by_keyboard(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Ctrl+C")
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "Ctrl+V")
        assert script_of(drive, f"{INVOICE}/@number") == "[placed]"
        assert script_of(drive, f"{INVOICE}/issueDate") == "[placed]"
        drive.key("Ctrl+Z")
        await drive.rest()
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Ctrl+X")
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "Ctrl+V")
        assert script_of(drive, f"{INVOICE}/@number") == "[placed]"
        assert script_of(drive, f"{INVOICE}/issueDate") is None


@window_test
async def test_the_loop_that_a_rule_misses_is_added_by_mouse_and_keyboard(small: Path) -> None:
    file = small / "transformations" / "orders-to-invoices.yaml"
    head = file.read_text().partition("map:")[0]
    file.write_text(head + 'map:\n  invoices/invoice/@number: "ToUpper([/orders/order/@id])"\n')
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        inspector = drive.window.panel("inspector")
        await drive.until(lambda: drive.shows("@id gives several values at once", inspector))
        drive.click("Add the missing loop")
        await drive.rest()
        assert loop_of(drive, INVOICE) == "orders/order"
        await drive.until(lambda: not drive.shows("several values", inspector))
        assert drive.window.table.reason("map.add_loops") == "its rule misses no loop"
        drive.key("Ctrl+Z")
        await drive.rest()
        assert loop_of(drive, INVOICE) is None
        drive.key("Ctrl+Alt+L")
        await drive.rest()
        assert loop_of(drive, INVOICE) == "orders/order"
        assert script_of(drive, f"{INVOICE}/@number") == "ToUpper([/orders/order/@id])"


@window_test
async def test_a_sample_value_becomes_a_constant_by_keyboard(small: Path) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        await drive.until(lambda: map.value(SOURCE, f"{ORDER}/@id") == "10248")
        await map.click(SOURCE, f"{ORDER}/@id")
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "Alt+Return")
        assert script_of(drive, f"{INVOICE}/@number") == '"10248"'
        assert map.state(TARGET, f"{INVOICE}/@number") == "constant"


@window_test
async def test_f1_shows_the_function_reference_and_what_a_completion_is(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "F4")
        drive.key("Ctrl+A")
        drive.type("DateAd")
        drive.key("F1")
        await drive.rest()
        assert drive.shows("DateAdd", drive.window.panel("inspector"))
        drive.type("d(")
        signature = drive.find("Signature")
        assert signature.accessibleDescription().startswith("DateAdd(")
        drive.key("F1")
        await drive.rest()
        reference = drive.find("Function reference")
        # What the unfinished script leads to (a draft, the map shown anew) comes while the reference is in front.
        await drive.rest(0.5)
        assert str(drive.find("Functions", within=reference).currentIndex().data()) == "DateAdd"
        drive.write("Search the functions", "now_")
        drive.click("Insert")
        await drive.rest()
        assert drive.find("Script of the rule", CodeEdit).toPlainText() == "DateAdd(Now_()"
        reference.close()
