"""The field map as people meet it: a weak match looked at again, an expression with its live value, the map of last time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit

from tests.ui.driver import running, window_test
from tests.ui.move_hands import kept, source
from tests.ui.test_move_map import at_the_map, goes_to
from ui.dialogs.move.choices import Step
from ui.widgets.trees import Rows

__all__ = ["source"]
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]
HEADER = ["Código ERP", "Nome da conta", "Cidade", "Observações"]
ROWS = [["Z-1", "Padaria um", "São Paulo", "a"], ["Z-2", "Padaria dois", "Recife", "b"]]


@window_test
async def test_a_weak_match_an_expression_and_the_map_of_last_time(
    source: Callable[..., Path], tmp_path: Path
) -> None:
    async with running() as drive:
        wizard = await at_the_map(drive, source(ROWS, HEADER))
        view = wizard.find("Field map", Rows)
        # Only hinted at, it is not sent before somebody has looked at its values and ticked it.
        assert drive.rows(view, 3)[0] == "perhaps ERP Id?"
        assert goes_to(wizard)["Código ERP"] == ""
        wizard.click("Look at 1 proposal…")
        await drive.until(lambda: drive.all("Proposals", Rows))
        proposals = drive.find("Proposals", Rows)
        assert drive.rows(proposals, 1) == ["Z-1 · Z-2"]
        assert not drive.find("Take the ticked ones").isEnabled()
        drive.key("Space", proposals)
        drive.click("Take the ticked ones")
        await drive.until(lambda: goes_to(wizard)["Código ERP"] == "ERP_Id__c")
        # An expression begins as the column in hand and takes over its field.
        await drive.until(lambda: not drive.all("Proposals", Rows))
        drive.click_row(view, drive.index(view, "Nome da conta"))
        wizard.click("Add an expression")
        text = wizard.find("Expression", QPlainTextEdit)
        await drive.until(lambda: wizard.shows("Row 1 gives: Padaria um"))
        drive.click(text)
        drive.key("Ctrl+A", text)
        drive.type("ToUpper([Nome da conta]) + ' - ' + [Cid", text)
        drive.key("Escape", text)
        drive.type("ade]", text)
        await drive.until(lambda: wizard.shows("Row 1 gives: PADARIA UM - São Paulo"))
        held = wizard.find("What Salesforce will hold", Rows)
        await drive.until(
            lambda: (
                held.model() is not None
                and "PADARIA DOIS - Recife" in drive.rows(held, held.model().columnCount() - 1)
            )
        )
        drive.click_row(held, held.model().index(1, 0))
        await drive.until(lambda: wizard.shows("Row 2 gives: PADARIA DOIS - Recife"))
        await wizard.to_preflight()
        await wizard.send()
        assert wizard.figure("Succeeded") == "2"
        # The same columns another time: the map is there.
        wizard.click("Another move")
        objects = wizard.find("Objects", Rows)
        drive.click_row(objects, drive.index(objects, "Account"))
        await wizard.ready()
        await wizard.choose_file(source([["Z-3", "Padaria três", "Natal", ""]], HEADER))
        await wizard.to_map()
        await drive.until(lambda: goes_to(wizard)["Código ERP"] == "ERP_Id__c")
        view = wizard.find("Field map", Rows)
        assert drive.rows(view)[-1] == "expression 1"
        assert drive.rows(view, 5)[-1] == "as last time"
        # It is written for Data Loader, and taken from there: expressions stay behind.
        sdl = tmp_path / "map.sdl"
        for name, do in (("Save the field map", "Save as .sdl…"), ("Open a field map", "Open a .sdl…")):
            wizard.click(do)
            await drive.until(lambda name=name: drive.all(name, QFileDialog))
            dialog = drive.find(name, QFileDialog)
            field = dialog.findChildren(QLineEdit)[0]
            drive.type(str(sdl), field)
            drive.key("Return", field)
            await drive.until(lambda name=name: not drive.all(name, QFileDialog))
            await drive.until(sdl.exists)
        await drive.until(lambda: drive.rows(view)[-1] != "expression 1")
        assert goes_to(wizard) == {
            "Código ERP": "ERP_Id__c", "Nome da conta": "", "Cidade": "BillingCity", "Observações": "",
        }  # fmt: skip
        assert "ERP_Id__c" in sdl.read_text("ascii")
        # A move of another day is run again with its expression.
        wizard.click("Earlier moves")
        await drive.until(lambda: drive.rows(wizard.find("Earlier moves", Rows)) == ["M-0001"])
        wizard.click("Run again…")
        await wizard.at(Step.MAP)
        assert drive.rows(view)[-1] == "expression 1"
        assert drive.rows(view, 5)[-1] == "as in M-0001"
        await wizard.close()
    assert {record["Name"] for record in kept("ERP_Id__c LIKE 'Z-%'")} == {
        "PADARIA UM - São Paulo",
        "PADARIA DOIS - Recife",
    }
