"""The command table: one action per command, reasons, editors that bind and let go."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from ui.commands import Command, CommandTable, never


def _table() -> tuple[CommandTable, list[Coroutine[Any, Any, object]]]:
    spawned: list[Coroutine[Any, Any, object]] = []
    return CommandTable(spawned.append), spawned


def test_runs_only_what_can_be_done(qapp: object) -> None:
    table, _spawned = _table()
    done: list[str] = []
    table.bind(
        [
            Command("file.save", "Save", "File", lambda: done.append("save")),
            Command(
                "file.close", "Close", "File", lambda: done.append("close"), when=never("no project is open")
            ),
        ]
    )
    assert table.run("file.save")
    assert not table.run("file.close")
    assert done == ["save"]
    assert table.reason("file.close") == "no project is open"


def test_an_editor_takes_a_command_over_and_gives_it_back(qapp: object) -> None:
    table, _spawned = _table()
    done: list[str] = []
    table.bind(
        [Command("map.loop", "Loop here", "Map", lambda: None, keys=("L",), when=never("no map is open"))]
    )
    action = table.action("map.loop")
    assert not action.isEnabled()
    unbind = table.bind([Command("map.loop", "Loop here", "Map", lambda: done.append("loop"), keys=("L",))])
    table.refresh()
    assert action.isEnabled()
    action.trigger()
    unbind()
    table.refresh()
    assert done == ["loop"]
    assert not action.isEnabled()
    assert [command.id for command in table] == ["map.loop"]


def test_tooltip_says_name_keys_and_reason(qapp: object) -> None:
    table, _spawned = _table()
    table.bind(
        [Command("file.new", "New project…", "File", lambda: None, keys=("Ctrl+N",), when=never("not now"))]
    )
    assert table.action("file.new").toolTip() == "New project (Ctrl+N)\nnot now"


def test_a_coroutine_goes_to_the_loop(qapp: object) -> None:
    table, spawned = _table()

    async def work() -> None:
        return None

    table.bind([Command("run.start", "Run", "Run", work)])
    assert table.run("run.start")
    assert len(spawned) == 1
    spawned[0].close()


def test_text_and_check_follow_the_moment(qapp: object) -> None:
    table, _spawned = _table()
    state = {"on": False}
    table.bind(
        [
            Command(
                "view.inspector",
                "Inspector",
                "View",
                lambda: state.update(on=not state["on"]),
                label=lambda: "Hide the inspector" if state["on"] else "Show the inspector",
                checked=lambda: state["on"],
            )
        ]
    )
    action = table.action("view.inspector")
    assert (action.text(), action.isChecked()) == ("Show the inspector", False)
    action.trigger()
    table.refresh()
    assert (action.text(), action.isChecked()) == ("Hide the inspector", True)
