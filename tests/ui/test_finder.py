"""Palette and quick open by keyboard; preferences, theme and language."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QListView

from tests.ui.driver import Drive, running, window_test
from ui import theme
from ui.actions import debug as debug_actions
from ui.actions import map as map_actions


def listed(drive: Drive) -> list[str]:
    return drive.rows(drive.find("Find", QListView))


@window_test
async def test_the_palette_lists_what_cannot_be_done_with_its_reason(small: Path) -> None:
    async with running() as drive:
        drive.key("Ctrl+Shift+P", drive.window)
        await drive.rest()
        drive.type("save")
        assert listed(drive)[0] == "File Save no project is open"
        drive.key("Return")
        await drive.rest()
        assert drive.window.finder.isVisible()
        drive.key("Escape")
        await drive.rest()
        assert not drive.window.finder.isVisible()


@window_test
async def test_a_command_runs_from_the_palette_by_keyboard(small: Path) -> None:
    async with running(small) as drive:
        before = drive.focus()
        drive.click("Find a command, object, field")
        await drive.rest()
        drive.type("hist")
        assert drive.shows("1 of ")
        drive.key("Return")
        await drive.rest()
        bar = drive.find("Panel at the bottom")
        assert bar.tabText(bar.currentIndex()) == "History"
        assert drive.focus() is not before or drive.focus().isVisible()


@window_test
async def test_arrows_choose_and_go_round(small: Path) -> None:
    async with running(small) as drive:
        drive.key("Ctrl+Shift+P", drive.window)
        await drive.rest()
        drive.type("theme")
        view = drive.find("Find", QListView)
        assert [text.replace("View ", "") for text in listed(drive)] == [
            "Theme of the system", "Light theme", "Dark theme",
        ]  # fmt: skip
        drive.key("Up")
        assert view.currentIndex().row() == 2
        drive.key("Down")
        drive.key("Down")
        assert view.currentIndex().row() == 1


@window_test
async def test_quick_open_finds_objects(small: Path) -> None:
    async with running(small) as drive:
        drive.key("Ctrl+P", drive.window)
        await drive.rest()
        drive.type("send inv")
        assert listed(drive)[0].startswith("Operations Send invoices")
        drive.key("Return")
        await drive.rest()
        assert drive.window.windowTitle().startswith("Send invoices –")


@window_test
async def test_quick_open_finds_the_nodes_of_the_schema_in_front(small: Path) -> None:
    async with running(small) as drive:
        drive.window.open_object("schemas/invoices.xsd")
        await drive.until(lambda: drive.all("Tree of invoices.xsd"))
        drive.key("Ctrl+P", drive.window)
        await drive.rest()
        drive.type("issueDate")
        assert listed(drive)[0] == "Field issueDate invoices/invoice/issueDate"
        drive.type("nowhere")
        assert drive.shows("Nothing here has that name.")
        drive.key("Escape")
        await drive.rest()


@window_test
async def test_a_theme_is_chosen_and_kept(small: Path) -> None:
    async with running(small, theme="") as drive:
        drive.key("Ctrl+,", drive.window)
        await drive.until(lambda: drive.all("Theme"))
        drive.pick("Theme", "Dark")
        drive.click("OK")
        await drive.until(theme.is_dark)
        assert drive.window.palette().window().color() == theme.color("window")
    async with running(small, theme="") as drive:
        assert theme.is_dark()


@window_test
async def test_another_language_builds_the_window_anew(small: Path) -> None:
    async with running(small, language="") as drive:
        first = drive.window
        drive.key("Ctrl+,", drive.window)
        await drive.until(lambda: drive.all("Language"))
        drive.pick("Language", "Português (Brasil)")
        drive.click("OK")
        await drive.until(lambda: drive.window is not first)
        await drive.rest()
        assert drive.window.isVisible()
        assert drive.window.windowTitle().endswith("Orders to ERP – Weft Studio")


@window_test
async def test_every_command_of_a_map_is_declared_and_has_its_place_in_the_menu(small: Path) -> None:
    async with running(small) as drive:
        declared = {
            command.id: command for command in drive.window.table if command.id.startswith(("map.", "debug."))
        }
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.rest()
        bound = {command.id: command for command in drive.window.area.current.commands()}
        below = {id for _title, ids in map_actions.submenus().values() for id in ids}
        assert bound.keys() <= declared.keys() <= {*map_actions.IDS, *debug_actions.IDS, *below}
        for id, command in bound.items():
            before = declared[id]
            assert (before.text, before.keys, before.local) == (command.text, command.keys, command.local), id
            assert (before.checked is None) == (command.checked is None), id


@window_test
async def test_no_two_commands_share_keys_in_one_place(small: Path) -> None:
    async with running(small) as drive:
        drive.window.open_object("transformations/orders-to-invoices")
        await drive.rest()
        taken: dict[str, str] = {}
        for command in drive.window.table:
            for keys in command.keys:
                other = taken.get(keys, "")
                # A map and a schema are never in front together.
                apart = other and (command.when() or drive.window.table.reason(other))
                assert not other or apart, f"{keys}: {command.id} and {other}"
                taken[keys] = command.id
