"""A schema that changes under an open map, in the real window: told, reviewed, followed in one step, taken back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QComboBox

from studio.mapping.model import Transformation
from tests.ui.canvas_hands import INVOICE, SOURCE, TARGET, map_of, open_map, script_of
from tests.ui.driver import Drive, running, window_test
from tests.ui.open_project import write_open

GONE = "node that rules use is no longer there"


async def rename(drive: Drive, small: Path, file: str, old: str, new: str) -> None:
    """Change a schema as another program would, then come back to the window."""
    await drive.until(lambda: list((small / ".weft" / "shapes").glob("*.json")))
    path = small / "schemas" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    drive.window.activateWindow()
    drive.studio.session.workspace.check_outside()
    await drive.rest(0.1)


@window_test
async def test_a_renamed_field_is_told_reviewed_and_followed(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        assert not drive.shows(GONE)
        await rename(drive, small, "orders.xsd", 'name="placed"', 'name="placedOn"')
        await drive.until(lambda: drive.shows(GONE))
        before = map_of(drive).mapping
        drive.click("Review the changes")
        await drive.rest(0.05)
        places = drive.find("Where placed is now", QComboBox)
        assert places.hasFocus()
        assert places.currentText().startswith("orders/order/placedOn ")
        assert drive.shows("New here.")
        drive.click("Follow the chosen ones")
        await drive.until(lambda: not drive.shows(GONE))
        assert script_of(drive, f"{INVOICE}/issueDate") == "[placedOn]"
        drive.key("Ctrl+Z", drive.window)
        await drive.rest(0.05)
        assert map_of(drive).mapping == before
        await drive.until(lambda: drive.shows(GONE))


@window_test
async def test_a_lost_target_keeps_its_rule_and_another_place_can_be_chosen(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)
        await rename(drive, small, "invoices.xsd", 'name="issueDate"', 'name="madeOn"')
        await drive.until(lambda: drive.shows(GONE))
        drive.key("Ctrl+Alt+R", drive.window)
        await drive.rest(0.05)
        places = drive.find("Where issueDate is now", QComboBox)
        offered = [places.itemText(at) for at in range(places.count())]
        wanted = next(at for at, text in enumerate(offered) if text.startswith(f"{INVOICE}/madeOn "))
        drive.key("Home", places)
        assert places.currentText() == "leave as it is"
        for _step in range(wanted):
            drive.key("Down", places)
        drive.click("Follow the chosen ones")
        await drive.until(lambda: not drive.shows(GONE))
        assert script_of(drive, f"{INVOICE}/madeOn") == "[placed]"
        assert not map_of(drive).mapping.parked


@window_test
async def test_a_mistake_in_a_rule_is_no_change_of_the_schema(small: Path) -> None:
    file = small / "transformations/orders-to-invoices.yaml"
    file.write_text(file.read_text().replace("[placed]", "[plcaed]"))
    async with running(small, size="1600x1000") as drive:
        await open_map(drive)

        def asked() -> list[QComboBox]:
            if not drive.shows("Changes of the schemas"):
                drive.key("Ctrl+Alt+R", drive.window)
            return drive.all("Where plcaed is now", QComboBox)

        # Asked for it is listed, unasked it is not told.
        await drive.until(asked)
        assert not drive.shows(GONE)
        assert drive.find("Where plcaed is now", QComboBox).itemText(1).startswith("orders/order/placed ")


MISFIT = "The sample does not fit the schema"


@window_test
async def test_a_sample_that_no_longer_fits_its_schema_is_told_and_another_one_taken(small: Path) -> None:
    older = (small / "samples/orders.xml").read_text()
    (small / "samples/newer.xml").write_text(older.replace("placed>", "placedOn>"))
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        await drive.until(lambda: map.value(SOURCE, "orders/order/placed") == "2026-03-01")
        assert not drive.shows(MISFIT)
        await rename(drive, small, "orders.xsd", 'name="placed"', 'name="placedOn"')
        await drive.until(lambda: drive.shows(MISFIT))
        assert drive.shows("placedOn must be there and is not; placed is there and not in the schema")
        drive.click("Take another sample")
        await map.choose("Sample", "newer.xml")
        await drive.until(lambda: not drive.shows(MISFIT))
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: drive.shows(MISFIT))


@window_test
async def test_a_rule_tells_where_its_lost_field_may_be_and_follows_it(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await rename(drive, small, "orders.xsd", 'name="placed"', 'name="placedOn"')
        await drive.until(lambda: drive.shows(GONE))
        await map.click(TARGET, f"{INVOICE}/issueDate")
        inspector = drive.window.panel("inspector")
        await drive.until(lambda: drive.all("placed is orders/order/placedOn now"))
        assert not drive.shows("No source field is alike.", inspector)
        drive.click("placed is orders/order/placedOn now")
        await drive.until(lambda: not drive.shows(GONE))
        assert script_of(drive, f"{INVOICE}/issueDate") == "[placedOn]"
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: drive.shows(GONE))
        assert script_of(drive, f"{INVOICE}/issueDate") == "[placed]"


@window_test
async def test_drawn_nodes_and_picked_types_follow_the_nodes_they_stand_in(tmp_path: Path) -> None:
    folder = write_open(tmp_path)
    rules = """\
drawn:
  target:
    out/extra/Stamp: {type: text, namespace: "urn:s"}
map:
  out/party~Company/name: "'Ann'"
  out/party~Company/tax: "[in/row/party~Company/tax]"
  out/extra/Stamp: "'paid'"
"""
    file = folder / "transformations" / "open.yaml"
    file.write_text(file.read_text().partition("map:")[0] + rules)
    async with running(folder, size="1600x1000") as drive:
        drive.window.open_object("transformations/open")
        await drive.rest()

        def made() -> Transformation:
            found = drive.window.session.workspace.project.get("transformations/open")
            assert isinstance(found, Transformation)
            return found

        await drive.until(lambda: drive.all("Target tree"))
        before = made()
        assert [rule.path for rule in before.mapping.rules][-1] == "out/extra/Stamp"
        assert not before.mapping.parked
        await rename(drive, folder, "out.xsd", 'name="extra"', 'name="annex"')
        await drive.until(lambda: drive.shows(GONE))
        drive.click("Review the changes")
        await drive.rest(0.05)
        places = drive.find("Where extra is now", QComboBox)
        offered = [places.itemText(at) for at in range(places.count())]
        wanted = next(at for at, text in enumerate(offered) if text.startswith("out/annex "))
        drive.key("Home", places)
        for _step in range(wanted):
            drive.key("Down", places)
        drive.click("Follow the chosen ones")
        await drive.until(lambda: not drive.shows(GONE))
        assert list(made().drawn["target"]) == ["out/annex/Stamp"]
        assert [rule.path for rule in made().mapping.rules] == [
            "out/party~Company/name", "out/party~Company/tax", "out/annex/Stamp",
        ]  # fmt: skip
        assert not made().mapping.parked
        # The type that was picked is called otherwise from now on, in both documents.
        await rename(drive, folder, "out.xsd", 'name="party"', 'name="firm"')
        await drive.until(lambda: drive.shows(GONE))
        drive.key("Ctrl+Alt+R", drive.window)
        await drive.rest(0.05)
        places = drive.find("Where party is now", QComboBox)
        offered = [places.itemText(at) for at in range(places.count())]
        wanted = next(at for at, text in enumerate(offered) if text.startswith("out/firm "))
        drive.key("Home", places)
        for _step in range(wanted):
            drive.key("Down", places)
        drive.click("Follow the chosen ones")
        await drive.until(lambda: not drive.shows(GONE))
        assert [rule.path for rule in made().mapping.rules][:2] == [
            "out/firm~Company/name", "out/firm~Company/tax",
        ]  # fmt: skip
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: drive.shows(GONE))
        assert list(made().drawn["target"]) == ["out/annex/Stamp"]
