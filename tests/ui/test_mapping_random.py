"""Random hands on the mapping editor: nothing fails, undoing everything gives the map of the beginning, redoing all the end's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.mapping.model import Transformation
from studio.project.create import create
from studio.project.history import MAX_STEPS
from studio.project.objects import write_transformation
from tests.ui.canvas_hands import TARGET, open_map
from tests.ui.driver import Drive, running, window_test
from tests.ui.random_hands import Hands

# In pieces, so that a full run can go on where it stopped: 20,000 actions in all.
PIECES = 20
EACH = 1_000
SEED = 20261122


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The sample project, in a folder of its own."""
    folder = tmp_path / "orders-to-erp"
    create(folder, sample="orders")
    return folder


def _maps(drive: Drive) -> dict[str, str]:
    """Every map of the project as its file would be."""
    project = drive.window.session.workspace.project
    return {
        ref: write_transformation(each)
        for ref in project.objects()
        if isinstance(each := project.get(ref), Transformation)
    }


async def _there_and_back(drive: Drive, hands: Hands, start: dict[str, str]) -> None:
    """Undo everything by its key, redo it, undo it again: the bytes of the beginning, of the end, of the beginning."""
    workspace = drive.window.session.workspace
    await hands.leave()
    end, steps = _maps(drive), workspace.history.index
    assert workspace.history.dropped == 0
    drive.window.area.current.show_canvas()
    tree = drive.find(TARGET)
    for keys, wanted in (("Ctrl+Z", start), ("Ctrl+Shift+Z", end), ("Ctrl+Z", start)):
        for _ in range(steps):
            drive.key(keys, tree)
        assert _maps(drive) == wanted, (keys, hands.said)


@pytest.mark.parametrize("piece", [0, *(pytest.param(n, marks=pytest.mark.full) for n in range(1, PIECES))])
@window_test
async def test_random_hands_break_nothing(orders: Path, share: Callable[[int], int], piece: int) -> None:
    # The preview, the debugger and what all records show come from the agent; its absence is tried too.
    # A long run stands beside other work: how long a handler takes is watched in the first piece only.
    async with running(orders, agent=piece % 4 != 3, size="1400x900", watched=piece == 0) as drive:
        await open_map(drive)
        history = drive.window.session.workspace.history
        assert history.index == 0
        start = _maps(drive)
        hands = Hands(drive, SEED + piece)
        edits = 0
        for _ in range(min(EACH, share(5 * EACH))):
            before = drive.window.session.workspace.history.index
            await hands.act()
            edits += max(0, drive.window.session.workspace.history.index - before)
            if drive.window.session.workspace.history.index > MAX_STEPS - 20:
                await _there_and_back(drive, hands, start)
        assert edits >= hands.done // 80, "random hands should have edited more"
        await _there_and_back(drive, hands, start)
