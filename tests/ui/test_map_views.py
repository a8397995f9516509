"""Views and sizes of the rows in the real window: from the head's menu, the menu bar's keys, and again after a restart."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QMenu, QToolButton

from tests.ui.canvas_hands import INVOICE, SOURCE, TARGET, open_map
from tests.ui.driver import running, window_test


@window_test
async def test_a_view_is_chosen_in_the_head_and_comes_back(small: Path) -> None:
    async with running(small, size="1400x900") as drive:
        map = await open_map(drive)
        assert "orders/order/@status" in map.shown(SOURCE)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Del")
        drive.click(drive.find("View of the target", QToolButton))
        await drive.rest(0.05)
        menu = drive.find("View of the target", QMenu)
        texts = map.entries(menu)
        assert [text.partition(": ")[2] for text in texts] == [
            "everything", "hide unmapped", "mapped only", "problems only", "mandatory only", "data only",
        ]  # fmt: skip
        assert not menu.actions()[-1].isEnabled()
        await map.choose("View of the target", "Target: mapped only")
        assert map.shown(TARGET) == ["invoices", INVOICE, f"{INVOICE}/@number"]
        assert drive.shows("Mapped only")
        await map.key(TARGET, "Ctrl++")
        await map.key(TARGET, "Ctrl++")
        height = map.tree(TARGET).row_height
        assert height > 24
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: drive.shows("Everything is saved"))
        drive.window.keep_layout()
    async with running(small, size="1400x900") as drive:
        map = await open_map(drive)
        assert map.shown(TARGET) == ["invoices", INVOICE, f"{INVOICE}/@number"]
        assert map.tree(TARGET).row_height == height
        await map.key(TARGET, "Ctrl+0")
        assert map.tree(TARGET).row_height < height
        await map.key(TARGET, "Ctrl+-")
        assert map.tree(TARGET).row_height < 24
