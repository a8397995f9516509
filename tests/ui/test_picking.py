"""What schemas leave open, picked and drawn in the map by mouse and keyboard."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.mapping.model import Transformation
from studio.schema.drawn import Drawn
from tests.ui.canvas_hands import SOURCE, TARGET, Map
from tests.ui.driver import LEFT, NONE, Drive, running, window_test
from tests.ui.open_project import write_open
from ui.widgets.trees import Rows

REF = "transformations/open"
LIST = "What would be done"


def made(drive: Drive) -> Transformation:
    """The map as it is now."""
    found = drive.window.session.workspace.project.get(REF)
    assert isinstance(found, Transformation)
    return found


async def opened(drive: Drive, ref: str = REF) -> Map:
    """The map, in front."""
    drive.window.open_object(ref)
    await drive.rest()
    map = Map(drive)
    await drive.until(lambda: map.tree(TARGET).isVisible())
    return map


async def click_chip(map: Map, tree: str, key: str) -> None:
    """A click on the chip of a row, found by its key."""
    view = map.tree(tree)
    row = view.rows.index(key)
    assert row >= 0, [each.key for each in view.rows]
    rect = view.painter.picker(view.look(row), view.rows[row].depth, view.row_rect(row).top())
    assert not rect.isEmpty(), view.look(row)
    QTest.mouseClick(view.viewport(), LEFT, NONE, rect.center())
    await map.drive.rest()


def listed(drive: Drive) -> list[str]:
    """The names in the picker."""
    return drive.rows(drive.find(LIST, Rows), 1)


async def tick(drive: Drive, *names: str) -> None:
    """Tick alternatives with the keyboard, then take them."""
    view = drive.find(LIST, Rows)
    for name in names:
        view.setCurrentIndex(drive.index(view, name, column=1))
        drive.key("Space", view)
    drive.key("Return", view)
    await drive.rest()


MANY = 700
FILES = {
    "schemas/many.xsd": '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="top"><xs:complexType>'
    '<xs:sequence><xs:any processContents="lax" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>'
    + "".join(f'<xs:element name="known{number}" type="xs:string"/>' for number in range(MANY - 1))
    + "</xs:schema>",
    "transformations/many.yaml": "weft: transformation/1\nname: Many\nsource: {schema: schemas/in.xsd, root: in}\n"
    "target: {schema: schemas/many.xsd, root: top}\nmap: {}\n",
}
STAMPS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:stamps" elementFormDefault="qualified">
  <xs:element name="Stamp"><xs:complexType><xs:sequence>
    <xs:element name="n" type="xs:decimal" maxOccurs="unbounded"/></xs:sequence><xs:attribute name="kind"/></xs:complexType></xs:element>
  <xs:element name="Seal" type="xs:string"/>
</xs:schema>"""


@window_test
async def test_what_a_wildcard_lets_in_is_listed_bit_by_bit(tmp_path: Path) -> None:
    """More than is listed at once: ticked and taken before the list is whole, and found in it when it is."""
    folder = write_open(tmp_path)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    async with running(folder, size="1600x1000") as drive:
        map = await opened(drive, "transformations/many")
        await click_chip(map, TARGET, "top/*")
        await tick(drive, "known1")
        many = drive.window.session.workspace.project.get("transformations/many")
        assert many.picks == {"target": ("top/known1",)}
        await click_chip(map, TARGET, "top/*")
        assert drive.find(LIST, Rows).currentIndex().row() == 0
        drive.key("Down", drive.find(LIST, Rows))
        await drive.until(lambda: drive.shows(f"{MANY} to choose from"))
        assert drive.find(LIST, Rows).currentIndex().row() == 1
        assert listed(drive)[:2] == ["known1", "top"]
        drive.write("Find an alternative", f"known{MANY - 2}")
        await drive.until(lambda: listed(drive) == [f"known{MANY - 2}"])


@window_test
async def test_alternatives_are_picked_by_the_chip(tmp_path: Path) -> None:
    """Types become instances, several alternatives of a choice are shown, types of the source are read."""
    async with running(write_open(tmp_path), size="1600x1000") as drive:
        map = await opened(drive)
        await _searched(map)
        await _types_become_instances(map)
        await _a_choice(map)
        await _the_source(map)


async def _searched(map: Map) -> None:
    drive = map.drive
    await click_chip(map, TARGET, "out/party")
    drive.write("Find an alternative", "tax number")
    await drive.until(lambda: listed(drive) == ["Company"])
    drive.key("Escape", drive.find("Find an alternative"))
    await drive.until(lambda: len(listed(drive)) == 3)
    drive.key("Escape", drive.find(LIST, Rows))
    await drive.rest()
    assert made(drive).picks == {}
    assert drive.focus() is map.tree(TARGET)


async def _types_become_instances(map: Map) -> None:
    drive, view = map.drive, map.tree(TARGET)
    before = made(drive)
    assert view.look(view.rows.at("out/party")).picker == "2 kinds"
    await click_chip(map, TARGET, "out/party")
    assert listed(drive) == ["party", "Company", "Person"]
    await tick(drive, "Company", "Person")
    now = made(drive)
    assert now.picks == {"target": ("out/party~Company[2]", "out/party~Person[3]")}
    assert [(rule.path, rule.script) for rule in now.mapping.rules] == [("out/party[1]/name", "'Ann'")]
    assert [path for path in map.shown(TARGET) if path.startswith("out/party")][:2] == [
        "out/party",
        "out/party[1]",
    ]
    assert view.look(view.rows.index("out/party[*]")).picker == "any kind, Company +1"
    drive.key("Ctrl+Z")
    await drive.rest()
    assert made(drive) == before


async def _a_choice(map: Map) -> None:
    drive = map.drive
    choice = next(row for row in map.tree(TARGET).rows if row.key.startswith("out#"))
    await click_chip(map, TARGET, choice.key)
    assert listed(drive) == ["card", "cash", "bill"]
    await tick(drive, "cash", "bill")
    assert made(drive).picks == {"target": ("out/cash", "out/bill")}
    map.tree(TARGET).rows.set_expanded([choice], True)
    shown = map.shown(TARGET)
    assert "out/cash" in shown
    assert "out/bill" in shown
    assert "out/card" not in shown


async def _the_source(map: Map) -> None:
    drive = map.drive
    await click_chip(map, SOURCE, "in/row/party")
    await tick(drive, "Company")
    assert made(drive).picks["source"] == ("in/row/party~Company",)
    await map.drag("in/row/party~Company/tax", "out/party/name")
    await map.choose("What the drop does", "Replace")
    rule = made(drive).mapping.get("out/party/name")
    assert rule is not None
    assert rule.script is not None
    assert rule.script.endswith("party~Company/tax]")


@window_test
async def test_rules_go_along_with_the_one_kind_that_is_picked(tmp_path: Path) -> None:
    async with running(write_open(tmp_path), size="1600x1000") as drive:
        map = await opened(drive)
        before = made(drive)
        await map.click(TARGET, "out/party")
        await map.key(TARGET, "P")
        drive.key("Space", drive.find(LIST, Rows))  # no longer as declared
        await tick(drive, "Company")
        now = made(drive)
        assert [rule.path for rule in now.mapping.rules] == ["out/party~Company/name"]
        assert now.picks == {"target": ("out/party~Company",)}
        assert "out/party~Company/tax" in map.shown(TARGET)
        await map.click(TARGET, "out/party~Company")
        await map.key(TARGET, "Shift+P")
        now = made(drive)
        assert now.picks == {"target": ("out/party~Company[1]", "out/party~Company[2]")}
        assert [rule.path for rule in now.mapping.rules] == ["out/party~Company[1]/name"]
        for _step in range(2):
            drive.key("Ctrl+Z")
            await drive.rest()
        assert made(drive) == before
        await _a_drop_asks_for_an_instance(map)


async def _a_drop_asks_for_an_instance(map: Map) -> None:
    drive = map.drive
    await map.click(TARGET, "out/party")
    await map.key(TARGET, "Shift+P")
    assert "out/party[2]/name" in map.shown(TARGET)
    view = map.tree(TARGET)
    row = view.rows.index("out/party[*]")
    goal = view.row_rect(row).center()
    start = map.point(SOURCE, "in/row/party")
    await drive.drag(map.tree(SOURCE).viewport(), start, view.viewport(), goal)
    await drive.rest()
    assert list(map.entries(map.menu("Which instance"))) == [
        "Into instance 1", "Into instance 2", "As a new instance [3]",
    ]  # fmt: skip
    await map.choose("Which instance", "As a new")
    await map.choose("What the drop does", "Map same-named")
    drive.key("Return", drive.find(LIST, Rows))
    await drive.rest()
    paths = [rule.path for rule in made(drive).mapping.rules]
    assert "out/party[3]/name" in paths
    assert "out/party/name" not in paths


@window_test
async def test_nodes_are_drawn_changed_and_removed(tmp_path: Path) -> None:
    async with running(write_open(tmp_path), agent=True, size="1600x1000") as drive:
        map = await opened(drive)
        before = made(drive)
        view = map.tree(TARGET)
        view.rows.set_expanded([view.rows[view.rows.at("out/extra")]], True)
        await drive.rest()
        await map.click(TARGET, "out/extra")
        await map.key(TARGET, "Shift+N")
        drive.write("Name of the drawn node", "Stamp")
        drive.write("Namespace of the drawn node", "urn:stamps")
        drive.key("Return", drive.find("Namespace of the drawn node"))
        await drive.rest()
        drive.click("Done")
        await drive.until(lambda: list(made(drive).drawn.get("target", {})) == ["out/extra/Stamp"])
        await drive.until(lambda: "out/extra/Stamp" in map.shown(TARGET))
        view = map.tree(TARGET)
        await map.click(TARGET, "out/extra/Stamp")
        await map.key(TARGET, "Shift+N")
        drive.write("Name of the drawn node", "@kind")
        drive.key("Return", drive.find("Name of the drawn node"))
        await drive.rest()
        drive.write("Name of the drawn node", "not a name")
        drive.click("Draw it")
        await drive.rest()
        await drive.until(lambda: drive.shows("XML has no names such as not a name."))
        drive.click("Done")
        await drive.rest()
        await drive.until(lambda: "out/extra/Stamp/@kind" in map.shown(TARGET))
        await map.drag("in/row/paid", "out/extra/Stamp/@kind")
        rule = made(drive).mapping.get("out/extra/Stamp/@kind")
        assert rule is not None
        await drive.until(lambda: map.value(TARGET, "out/extra/Stamp/@kind") == "12.50")
        await map.click(TARGET, "out/extra/Stamp")
        drive.choose("Map", "Nodes, instances and choices", "Change the drawn node…")
        drive.write("Name of the drawn node", "Seal")
        drive.click("Change it")
        await drive.rest()
        await drive.until(lambda: made(drive).mapping.get("out/extra/Seal/@kind") is not None)
        await drive.until(lambda: "out/extra/Seal" in map.shown(TARGET))
        assert list(made(drive).drawn["target"]) == ["out/extra/Seal", "out/extra/Seal/@kind"]
        await map.click(TARGET, "out/extra/Seal")
        drive.choose("Map", "Nodes, instances and choices", "Remove the drawn node")
        await drive.rest()
        await drive.until(lambda: made(drive).drawn == {})
        assert made(drive).mapping.get("out/extra/Seal/@kind") is None
        for _step in range(5):
            drive.key("Ctrl+Z")
            await drive.rest()
        assert made(drive) == before
        await _values_of_the_kinds_of_the_source(map)


async def _values_of_the_kinds_of_the_source(map: Map) -> None:
    drive = map.drive
    await click_chip(map, SOURCE, "in/row/party")
    await tick(drive, "Company", "Person")
    view = map.tree(SOURCE)
    for kind in ("Company", "Person"):
        row = view.rows[view.rows.at(f"in/row/party~{kind}")]
        view.rows.set_expanded([row], True)
    await drive.until(lambda: map.value(SOURCE, "in/row/party~Company/tax") == "BR-42")
    assert map.value(SOURCE, "in/row/party~Company/name") == "Weft"
    assert map.value(SOURCE, "in/row/party~Person") == "not in this record"


@window_test
async def test_a_copied_sample_is_drawn(tmp_path: Path) -> None:
    folder = write_open(tmp_path)
    (folder / "schemas/stamps.xsd").write_text(STAMPS)
    async with running(folder, size="1600x1000") as drive:
        map = await opened(drive)
        await map.click(TARGET, "out/extra")
        text = '<s:Seal xmlns:s="urn:s" kind="a"><s:n>1</s:n><s:n>2</s:n></s:Seal>'
        QApplication.clipboard().setText(text)
        drive.choose("Map", "Nodes, instances and choices", "Draw what the copied sample holds")
        await drive.rest()
        drawn = made(drive).drawn["target"]
        assert list(drawn) == ["out/extra/Seal", "out/extra/Seal/@kind", "out/extra/Seal/n"]
        assert drawn["out/extra/Seal"].namespace == "urn:s"
        assert drawn["out/extra/Seal/n"].occurs in ("1..n", "2..n")
        QApplication.clipboard().setText("nothing at all")
        drive.choose("Map", "Nodes, instances and choices", "Draw what the copied sample holds")
        await drive.rest()
        assert made(drive).drawn["target"] == drawn
        drive.key("Ctrl+Z")
        await drive.rest()
        assert made(drive).drawn == {}
        await _an_element_of_another_schema_is_drawn(map)
        await _the_chip_of_a_wildcard_draws(map)


async def _an_element_of_another_schema_is_drawn(map: Map) -> None:
    drive = map.drive
    await map.click(TARGET, "out/extra")
    drive.choose("Map", "Nodes, instances and choices", "Draw an element of another schema…")
    await drive.until(lambda: drive.shows("tick the schemas"))
    assert listed(drive) == ["in.xsd", "stamps.xsd"]
    await tick(drive, "stamps.xsd")
    await drive.until(lambda: drive.shows("to choose from"))
    assert listed(drive) == ["Stamp", "Seal"]
    await tick(drive, "Stamp", "Seal")
    drawn = made(drive).drawn["target"]
    assert drawn == {
        "out/extra/Stamp": Drawn("", "urn:stamps", "1"),
        "out/extra/Stamp/@kind": Drawn("text"),
        "out/extra/Stamp/n": Drawn("decimal", None, "1..n"),
        "out/extra/Seal": Drawn("text", "urn:stamps", "1"),
    }
    assert "out/extra/Stamp" in map.shown(TARGET)
    drive.key("Ctrl+Z")
    await drive.rest()
    assert made(drive).drawn == {}


async def _the_chip_of_a_wildcard_draws(map: Map) -> None:
    drive = map.drive
    view = map.tree(TARGET)
    view.rows.set_expanded([view.rows[view.rows.at("out/extra")]], True)
    await drive.rest()
    await click_chip(map, TARGET, "out/extra/*")
    drive.click("Draw a node…")
    await drive.rest()
    drive.write("Name of the drawn node", "a")
    drive.write("Namespace of the drawn node", "urn:a")
    drive.click("Draw it")
    await drive.rest()
    assert list(made(drive).drawn["target"]) == ["out/extra/a"]
    view = map.tree(TARGET)
    any_row = view.rows.index("out/extra/*")
    assert view.look(any_row).picker == "1 node"
    assert view.rows[view.rows.at("out/extra/a")].depth == view.rows[any_row].depth + 1


@window_test
async def test_enter_takes_the_row_in_hand_and_what_has_rules_says_why_it_stays(tmp_path: Path) -> None:
    async with running(write_open(tmp_path), size="1600x1000") as drive:
        map = await opened(drive)
        choice = next(row.key for row in map.tree(TARGET).rows if row.key.startswith("out#"))
        await click_chip(map, TARGET, choice)
        assert not drive.find("Take 0").isEnabled()
        view = drive.find(LIST, Rows)
        drive.key("Down", view)
        drive.key("Return", view)
        await drive.rest()
        assert made(drive).picks == {"target": ("out/cash",)}
        before = made(drive)
        await click_chip(map, TARGET, "out/party")
        drive.key("Space", drive.find(LIST, Rows))
        drive.key("Return", drive.find(LIST, Rows))
        await drive.rest()
        assert made(drive) == before
        assert drive.shows("party has rules and stays: remove the rules first.")


@window_test
async def test_a_field_onto_what_is_open_says_what_to_do_first(tmp_path: Path) -> None:
    async with running(write_open(tmp_path), size="1600x1000") as drive:
        map = await opened(drive)
        view = map.tree(TARGET)
        view.rows.set_expanded([view.rows[view.rows.at("out/extra")]], True)
        await drive.rest()
        await map.drag("in/row/paid", "out/extra/*")
        assert drive.shows("draw a node here first, then drop paid onto it")


@window_test
async def test_elements_of_a_large_schema_are_found_by_their_name(tmp_path: Path) -> None:
    folder = write_open(tmp_path)
    elements = "".join(f'<xs:element name="E{n:03}" type="xs:string"/>' for n in range(600))
    many = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:m">{elements}</xs:schema>'
    (folder / "schemas" / "many.xsd").write_text(many)
    async with running(folder, size="1600x1000") as drive:
        map = await opened(drive)
        await map.click(TARGET, "out/extra")
        drive.choose("Map", "Nodes, instances and choices", "Draw an element of another schema…")
        await drive.until(lambda: drive.shows("tick the schemas"))
        await tick(drive, "many.xsd")
        await drive.until(lambda: drive.shows("the first 500 of 600"))
        assert drive.focus().accessibleName() == "Find an element"
        drive.type("e59")
        await drive.rest()
        assert listed(drive) == [f"E{n}" for n in range(590, 600)]
        rows = drive.find("What would be done", Rows)
        drive.key("Return")
        drive.key("End", rows)
        drive.key("Space", rows)
        drive.write("Find an element", "E001")
        await drive.rest()
        # What was ticked before stays in sight.
        assert listed(drive) == ["E001", "E599"]
        drive.key("Return")
        drive.key("Home", rows)
        drive.key("Space", rows)
        drive.click("Draw 2")
        await drive.rest()
        assert list(made(drive).drawn["target"]) == ["out/extra/E001", "out/extra/E599"]
        # Another list has no field of this one.
        drive.key("Ctrl+H", drive.window)
        await drive.rest()
        assert not drive.all("Find an element")
