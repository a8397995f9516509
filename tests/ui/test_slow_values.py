"""Values that take long: it is said, they may be stopped, and the map goes on."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import INVOICE, ORDER, SOURCE, TARGET, open_map
from tests.ui.driver import running, window_test

ENDLESS = "$jitterbit.scripting.while.max_iterations = 1000000000; While(true, $n = $n + 1); 'x'"


@window_test
async def test_values_that_take_long_can_be_stopped(small: Path) -> None:
    file = small / "transformations" / "orders-to-invoices.yaml"
    file.write_text(file.read_text().replace('"[placed]"', f'"{ENDLESS}"'))
    async with running(small, agent=True, size="1600x1000") as drive:
        map = await open_map(drive)
        await drive.until(lambda: drive.shows("The values of this record are still being worked out…"), 180)
        drive.click("Stop")
        await drive.until(lambda: drive.shows("Stopped: the values were not worked out."), 180)
        await drive.until(lambda: not drive.shows("The values of this record are still being worked out…"))
        await map.click(TARGET, f"{INVOICE}/issueDate")
        await map.key(TARGET, "Del")
        await drive.until(lambda: map.value(SOURCE, ORDER) == "1 of 3", 180)
