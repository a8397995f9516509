"""Where the schema names a value, it is offered first, as a constant."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QTreeView

from studio.project.create import create
from tests.ui.canvas_hands import INVOICE, TARGET, open_map, script_of
from tests.ui.driver import running, window_test


@window_test
async def test_the_value_a_schema_names_is_the_first_suggestion(tmp_path: Path) -> None:
    folder = tmp_path / "orders-to-erp"
    create(folder, sample="orders")
    path = f"{INVOICE}/typeCode"
    async with running(folder, size="1600x1000") as drive:
        map = await open_map(drive)
        await map.click(TARGET, path)
        await map.key(TARGET, "Del")
        assert script_of(drive, path) is None
        await map.key(TARGET, "Ctrl+Space")
        await drive.until(lambda: drive.all("Suggestions", QTreeView))
        shown = drive.find("Suggestions", QTreeView)
        await drive.until(lambda: drive.rows(shown) and drive.rows(shown)[0] == '1  "380"')
        await drive.until(shown.hasFocus)
        drive.key("Return", shown)
        await drive.until(lambda: script_of(drive, path) == '"380"')
        assert drive.window.session.workspace.history.undo_label == "Give typeCode the constant 380"
