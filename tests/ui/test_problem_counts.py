"""What is wrong is counted alike wherever it is counted."""

from __future__ import annotations

from pathlib import Path

from tests.ui.canvas_hands import open_map
from tests.ui.driver import running, window_test
from ui.widgets.trees import Rows


@window_test
async def test_a_mistake_made_twice_in_a_rule_is_one_problem_for_the_map_and_for_the_project(
    small: Path,
) -> None:
    file = small / "transformations" / "orders-to-invoices.yaml"
    file.write_text(file.read_text().replace('"[placed]"', '"[nowhere] + [nowhere] + [elsewhere]"'))
    async with running(small, agent=False, size="1600x1000") as drive:
        await open_map(drive)
        drive.key("Ctrl+Shift+M", drive.window)
        await drive.until(lambda: drive.all("Problems", Rows), 180)
        model = drive.find("Problems", Rows).model()

        def of_the_map() -> int:
            places = [str(model.index(row, 1).data()) for row in range(model.rowCount())]
            return sum(place.startswith("Orders to invoices") for place in places)

        await drive.until(lambda: of_the_map() == 2)
        await drive.until(lambda: drive.shows("2 problems"))
        shown = drive.find("Problems", Rows)
        assert shown.columnWidth(0) >= 420, "the message has too little room"
        assert sum(shown.columnWidth(n) for n in range(3)) <= shown.viewport().width()
