"""What is being typed stays, whatever happens around it: changes outside, new trees, late values."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit

from tests.ui.canvas_hands import INVOICE, TARGET, open_map, script_of
from tests.ui.driver import Drive, running, window_test
from tests.ui.small_project import FILES
from tests.ui.test_script_editor import written
from ui.editors.mapping.script_edit import ScriptEdit


def look_outside(drive: Drive) -> None:
    """What the window does when it comes to the front."""
    drive.studio.session.check_outside()


@window_test
async def test_a_script_keeps_its_last_letters_when_others_change_the_project(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "$a = 1;")
        await drive.until(lambda: drive.studio.session.workspace.project.scripts["clean-phone"] == "$a = 1;")
        drive.type(" $b = 2", code)
        # At once, before the pause that takes it over.
        (small / "scripts" / "other.jb").write_text("$c = 3;\n", "utf-8")
        look_outside(drive)
        assert "other" in drive.studio.session.workspace.project.scripts
        assert code.toPlainText() == "$a = 1; $b = 2"
        await drive.until(
            lambda: drive.studio.session.workspace.project.scripts["clean-phone"] == "$a = 1; $b = 2"
        )


@window_test
async def test_a_script_renamed_into_while_it_is_typed_keeps_both(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        code = await written(drive, "RunOperation('<TAG>Operations/send-invoices</TAG>');")
        drive.type(" x", code)
        drive.studio.session.workspace.undo(initiator="somebody")
        assert " x" in code.toPlainText()


@window_test
async def test_a_rule_being_typed_outlives_new_trees(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/@number")
        await map.key(TARGET, "Shift+F4")
        edit: ScriptEdit = drive.find("Script of the rule", ScriptEdit)
        drive.key("Ctrl+A", edit)
        drive.type("Left([@id], ", edit)
        schema = FILES["schemas/invoices.xsd"].replace(
            '<xs:element name="issueDate"', '<xs:element name="extra"/><xs:element name="issueDate"'
        )
        (small / "schemas" / "invoices.xsd").write_text(schema, "utf-8")
        look_outside(drive)
        await drive.until(lambda: f"{INVOICE}/extra" in map.shown(TARGET))
        kept = script_of(drive, f"{INVOICE}/@number")
        assert edit.toPlainText() == "Left([@id], " or kept == "Left([@id], "
        assert drive.find("Script of the rule", ScriptEdit).isVisible()


@window_test
async def test_a_rule_being_typed_is_kept_when_its_node_goes(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "F4")
        edit: ScriptEdit = drive.find("Script of the rule", ScriptEdit)
        drive.key("Ctrl+A", edit)
        drive.type("'typed'", edit)
        schema = FILES["schemas/invoices.xsd"].replace('name="issueDate"', 'name="issued"')
        (small / "schemas" / "invoices.xsd").write_text(schema, "utf-8")
        look_outside(drive)
        await drive.until(lambda: f"{INVOICE}/issued" in map.shown(TARGET))
        found = drive.studio.session.workspace.project.transformations["orders-to-invoices"].mapping
        texts = [rule.script for rule in (*found.rules, *found.parked)]
        assert "'typed'" in texts or edit.toPlainText() == "'typed'"


@window_test
async def test_a_record_number_being_typed_outlives_late_values(small: Path) -> None:
    async with running(small, agent=True, size="1600x1000") as drive:
        await open_map(drive)
        await drive.until(lambda: drive.shows("of 3"))
        drive.key("Ctrl+Shift+G", drive.window)
        field: QLineEdit = drive.find("Record", QLineEdit)
        drive.type("3", field)
        before = drive.window.area.current.map.evidence
        (small / "samples" / "orders.xml").write_text(
            FILES["samples/orders.xml"].replace("10250", "10251"), "utf-8"
        )
        drive.window.area.current.records.step_to(1)
        await drive.until(lambda: drive.window.area.current.map.evidence is not before)
        assert field.text() == "3"
        drive.key("Return", field)
        await drive.until(lambda: drive.window.area.current.map.evidence.record == 3)
        assert field.text() == "3"
