"""The keys of the command table: none is given to two commands that can be done at once, whatever is in front."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtGui import QKeySequence

from tests.ui.driver import Drive, running, window_test
from ui.commands import Command, never

FRONTS = (
    "project", "operations/send-invoices", "scripts/clean-phone", "connections/erp",
    "transformations/orders-to-invoices", "schemas/orders.xsd",
)  # fmt: skip


def alive(drive: Drive) -> Iterator[Command]:
    """The commands that may be enabled with this editor in front, now or after some other choice in it."""
    declared = never("").__qualname__
    for command in drive.window.table:
        if command.when.__qualname__ != declared and not command.local:
            yield command


@window_test
async def test_no_key_belongs_to_two_commands(small: Path) -> None:
    async with running(small, size="1600x1000", watched=False) as drive:
        for front in FRONTS:
            drive.window.open_object(front)
            await drive.rest()
            given: dict[str, list[str]] = defaultdict(list)
            for command in alive(drive):
                for keys in command.keys:
                    given[QKeySequence(keys).toString()].append(command.id)
            assert len(given) > 20
            assert {keys: ids for keys, ids in given.items() if len(ids) > 1} == {}, front
