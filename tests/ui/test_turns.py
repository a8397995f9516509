"""The turns of a record's loops by keys and mouse: the trees, the script bar, failures, held runs, where values come from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, Map, open_map
from tests.ui.driver import LEFT, NONE, Drive, running, window_test

SIZE = "1600x1000"
IN, LINE = f"{INVOICE}/item", f"{ORDER}/line"
NAME, SKU = f"{IN}/name", f"{LINE}/sku"
_ITEM = """<xs:element name="{0}" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="{1}"/></xs:sequence></xs:complexType></xs:element></xs:sequence>
      <xs:attribute name="{2}\""""


def rewrite(small: Path, name: str = "[sku]") -> None:
    """Orders with lines, invoices with items: the first order has three of them."""
    for file, element, field, attribute in (
        ("orders.xsd", "line", "sku", "id"),
        ("invoices.xsd", "item", "name", "number"),
    ):
        path = small / "schemas" / file
        text = path.read_text()
        old = f'</xs:sequence>\n      <xs:attribute name="{attribute}"'
        assert old in text
        path.write_text(text.replace(old, _ITEM.format(element, field, attribute)))
    sample = small / "samples" / "orders.xml"
    lines = "".join(f"<line><sku>{sku}</sku></line>" for sku in ("ant", "bee", "cow"))
    text = sample.read_text().replace("2026-03-01</placed>", f"2026-03-01</placed>{lines}")
    sample.write_text(text.replace("2026-03-02</placed>", "2026-03-02</placed><line><sku>dog</sku></line>"))
    map = small / "transformations" / "orders-to-invoices.yaml"
    rules = {
        "invoices/invoice": "{loop: orders/order}",
        f"{INVOICE}/@number": '"[@id]"',
        IN: "{loop: line}",
        NAME: f'"{name}"',
    }
    head = map.read_text().partition("map:")[0]
    map.write_text(head + "map:\n" + "".join(f"  {path}: {rule}\n" for path, rule in rules.items()))


async def shown(drive: Drive) -> Map:
    """The map with the values of its first record, all unfolded."""
    map = await open_map(drive)
    await drive.until(lambda: map.value(SOURCE, ORDER) == "1 of 3", 180)
    return map


async def press(drive: Drive, keys: str, command: str) -> None:
    """A key, as soon as what it does may be done."""
    await drive.until(lambda: drive.window.table.action(command).isEnabled())
    drive.key(keys, drive.window)


def on_value(map: Map, tree: str, path: str) -> None:
    QTest.mouseClick(map.tree(tree).viewport(), LEFT, NONE, map.point(tree, path, on_value=True))


@window_test
async def test_turns_by_keys_by_clicks_and_by_number(small: Path) -> None:
    rewrite(small)
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        await drive.until(lambda: map.value(TARGET, IN) == "1 of 3")
        assert (map.value(SOURCE, LINE), map.value(SOURCE, SKU), map.value(TARGET, NAME)) == (
            "1 of 3",
            "ant",
            "ant",
        )
        await map.click(TARGET, NAME)
        await press(drive, "Alt+Shift+Right", "map.next_turn")
        await drive.until(lambda: map.value(TARGET, NAME) == "bee")
        assert (map.value(SOURCE, LINE), map.value(TARGET, IN), map.value(SOURCE, SKU)) == (
            "2 of 3",
            "2 of 3",
            "bee",
        )
        on_value(map, SOURCE, LINE)
        await drive.until(lambda: map.value(TARGET, NAME) == "cow")
        assert drive.window.table.reason("map.next_turn") == "this is the last turn"
        on_value(map, TARGET, IN)
        await drive.until(lambda: map.value(SOURCE, SKU) == "ant")
        await press(drive, "Alt+Shift+G", "map.go_to_turn")
        drive.type("3", drive.find("Turn", QLineEdit))
        drive.key("Return")
        await drive.until(lambda: map.value(TARGET, NAME) == "cow")
        drive.click("Previous turn")
        await drive.until(lambda: map.value(TARGET, NAME) == "bee")
        await press(drive, "Alt+Right", "map.next_record")
        await drive.until(lambda: map.value(TARGET, NAME) == "dog")
        await drive.until(lambda: drive.all("Turn") == [])
        drive.choose("Map", "Records of the sample", "Previous record")
        await drive.until(lambda: map.value(TARGET, NAME) == "ant")


@window_test
async def test_a_failure_shows_its_turn(small: Path) -> None:
    rewrite(small, "If([sku] == 'cow', RaiseError('no cows'), [sku])")
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        await drive.until(lambda: map.value(SOURCE, SKU) == "cow")
        assert map.value(TARGET, IN) == "3 of 3"
        assert map.state(TARGET, NAME) == "problem: no cows"
        await map.click(TARGET, NAME)
        await press(drive, "Alt+Shift+Left", "map.previous_turn")
        await drive.until(lambda: map.value(TARGET, NAME) == "bee")
        assert map.state(TARGET, NAME) == "problem: In turn 3 of item: no cows"
        await press(drive, "Alt+Shift+F", "map.failing_turn")
        await drive.until(lambda: map.value(SOURCE, SKU) == "cow")


@window_test
async def test_a_held_run_shows_its_turn_and_provenance_follows(small: Path) -> None:
    rewrite(small)
    async with running(small, agent=True, size=SIZE) as drive:
        map = await shown(drive)
        on_value(map, TARGET, NAME)
        await drive.until(lambda: drive.all("Provenance"), 180)
        section = drive.find("Provenance", QWidget)
        assert drive.shows("line[1]/sku", section) or drive.all("line[1]/sku", within=section)
        assert not drive.all("line[2]/sku", within=section)
        await press(drive, "Alt+Shift+Right", "map.next_turn")
        await drive.until(lambda: drive.all("line[2]/sku", within=drive.find("Provenance", QWidget)), 180)
        await press(drive, "F9", "debug.toggle")
        await press(drive, "Ctrl+F5", "debug.start")
        await drive.until(lambda: map.state(TARGET, NAME).endswith("the run is held here"), 180)
        await drive.until(lambda: map.value(TARGET, NAME) == "ant")
        for sku in ("bee", "cow"):
            await press(drive, "F8", "debug.continue")
            await drive.until(lambda sku=sku: map.value(SOURCE, SKU) == sku, 180)
        assert map.value(TARGET, IN) == "3 of 3"
        await press(drive, "Shift+F8", "debug.stop")
        await drive.until(lambda: "the run is held here" not in map.state(TARGET, NAME), 180)
