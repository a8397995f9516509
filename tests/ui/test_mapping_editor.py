"""The mapping editor in the real window, driven with mouse and keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.mapping.model import Transformation
from studio.project.create import create
from tests.ui.canvas_hands import TARGET, Map
from tests.ui.driver import Drive, running, window_test

INVOICE = "invoices/invoice"
ORDER = "orders/order"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The sample project, in a folder of its own."""
    folder = tmp_path / "orders-to-erp"
    create(folder, sample="orders")
    return folder


def _map(drive: Drive) -> Transformation:
    found = drive.window.session.workspace.project.get("transformations/orders-to-invoices")
    assert isinstance(found, Transformation)
    return found


async def _open(drive: Drive) -> Map:
    drive.window.open_object("transformations/orders-to-invoices")
    await drive.rest()
    map = Map(drive)
    await drive.until(lambda: map.tree(TARGET).isVisible())
    return map


@window_test
async def test_a_field_is_unmapped_dragged_undone_and_redone(small: Path) -> None:
    async with running(small, size="1600x1000") as drive:
        map = await _open(drive)
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Del")
        assert _map(drive).mapping.get(f"{INVOICE}/issueDate") is None
        assert map.state(TARGET, f"{INVOICE}/issueDate") == "mandatory, no rule"
        await map.drag(f"{ORDER}/placed", f"{INVOICE}/issueDate")
        assert _map(drive).mapping.by_path[f"{INVOICE}/issueDate"].script == "[placed]"
        drive.key("Ctrl+Z")
        await drive.rest()
        assert _map(drive).mapping.get(f"{INVOICE}/issueDate") is None
        drive.key("Ctrl+Shift+Z")
        await drive.rest()
        assert _map(drive).mapping.by_path[f"{INVOICE}/issueDate"].script == "[placed]"
