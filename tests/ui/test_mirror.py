"""The target of a map is made like its source, as one step that can be taken back."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import map_of, open_map
from tests.ui.driver import running, window_test


@window_test
async def test_a_target_like_the_source_carries_its_fields_over(small: Path) -> None:
    async with running(small, agent=True) as drive:
        await open_map(drive)
        before = map_of(drive)
        drive.choose("Map", "Make the target like the source")
        await drive.until(lambda: map_of(drive).target.schema == "schemas/orders.xsd")
        mapping = map_of(drive).mapping
        assert {"orders/order", "orders/order/@id", "orders/order/placed"} <= set(mapping.by_path)
        assert "invoices/invoice/@number" in [rule.path for rule in mapping.parked]
        await drive.rest(0.3)
        drive.key("Ctrl+Z", drive.window)
        assert map_of(drive) == before
