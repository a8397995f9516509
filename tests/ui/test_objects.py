"""Objects and files by the menu over the project tree: opened, run, renamed, copied, deleted, shown in their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLineEdit, QMenu

from studio.project.folder import load
from tests.ui.driver import Drive, running, window_test
from ui.widgets.trees import Tree

OBJECT = ["Open", "Rename…", "Duplicate", "Delete…", "Show the file"]


def menu(drive: Drive, *path: str) -> QMenu:
    tree = drive.find("Project", Tree)
    index = drive.index(tree, path[0])
    if not tree.isExpanded(index):
        tree.expand(index)
    return drive.context_menu(tree, drive.index(tree, *path))


def entries(shown: QMenu) -> list[str]:
    return [action.text() for action in shown.actions()]


def closed(shown: QMenu) -> list[str]:
    texts = entries(shown)
    shown.close()
    return texts


async def answer_name(drive: Drive, name: str) -> None:
    await drive.until(lambda: "New name" in drive.names())
    drive.write("New name", name)
    drive.click("OK")
    await drive.rest()


@window_test
async def test_what_a_row_offers(small: Path) -> None:
    async with running(small) as drive:
        assert closed(menu(drive, "Scripts", "clean-phone")) == OBJECT
        assert closed(menu(drive, "Schemas", "orders.xsd")) == [*OBJECT, "Export schema…"]
        assert closed(menu(drive, "Operations", "Send invoices")) == [OBJECT[0], "Run", *OBJECT[1:]]
        assert closed(menu(drive, "Schemas")) == [
            "Import schemas…",
            "Import a folder of schemas…",
            "Schema from an address…",
            "New schema…",
        ]
        assert closed(menu(drive, "Operations")) == ["New operation…"]
        assert closed(menu(drive, "Variables")) == ["Project and variables"]
        in_menu = {action.text() for action in drive.window.table._actions.values()}
        assert set(OBJECT) <= in_menu


@window_test
async def test_kinds_nothing_can_be_made_of_are_listed_only_where_there_are_some(small: Path) -> None:
    async with running(small) as drive:
        kinds = drive.rows(drive.find("Project", Tree))
        assert kinds == [
            "Operations", "Transformations", "Connections", "Schemas", "Samples", "Scripts", "Tables", "Variables",
        ]  # fmt: skip
        (small / "schedules").mkdir()
        (small / "schedules" / "nightly.yaml").write_text("weft: schedule/1\nname: Nightly\nevery: day\n")
        await drive.until(lambda: "Schedules" in drive.rows(drive.find("Project", Tree)))
        tree = drive.find("Project", Tree)
        assert tree.isExpanded(drive.index(tree, "Operations"))
        drive.choose_in(menu(drive, "Schedules", "Nightly"), "Open")
        await drive.until(lambda: "Text of nightly" in drive.names())


@window_test
async def test_an_object_is_opened_and_run(small: Path) -> None:
    async with running(small, agent=True) as drive:
        drive.choose_in(menu(drive, "Scripts", "clean-phone"), "Open")
        await drive.until(lambda: drive.window.area.refs() == ["scripts/clean-phone"])
        drive.choose_in(menu(drive, "Operations", "Send invoices"), "Run")
        await drive.until(lambda: drive.window.book.runs() and not drive.window.book.going(), 60)
        assert drive.window.book.runs()[0].operation == "send-invoices"
        assert (small / "samples" / "invoices.xml").is_file()


@window_test
async def test_a_copy_has_a_name_of_its_own(small: Path) -> None:
    async with running(small) as drive:
        drive.choose_in(menu(drive, "Operations", "Send invoices"), "Duplicate")
        await drive.until(lambda: drive.window.windowTitle().startswith("Send invoices copy –"))
        drive.choose_in(menu(drive, "Scripts", "clean-phone"), "Duplicate")
        drive.choose_in(menu(drive, "Scripts", "clean-phone"), "Duplicate")
        await drive.rest()
        project = drive.window.session.workspace.project
        assert set(project.scripts) == {"clean-phone", "clean-phone-copy", "clean-phone-copy-2"}
        copy = project.operations["send-invoices-copy"]
        assert copy.activities == project.operations["send-invoices"].activities
        drive.choose_in(menu(drive, "Samples", "orders.xml"), "Duplicate")
        await drive.until(lambda: drive.window.windowTitle().startswith("orders-copy.xml –"))
        drive.key("Ctrl+S")
        await drive.rest()
    copied = (small / "samples" / "orders-copy.xml").read_bytes()
    assert copied == (small / "samples" / "orders.xml").read_bytes()
    assert load(small).project.operations["send-invoices-copy"].name == "Send invoices copy"


@window_test
async def test_a_schema_is_renamed_with_what_names_it(small: Path) -> None:
    async with running(small) as drive:
        drive.choose_in(menu(drive, "Schemas", "orders.xsd"), "Rename…")
        await answer_name(drive, "sales.xsd")
        tree = drive.find("Project", Tree)
        await drive.until(lambda: drive.window.model.rowCount(drive.index(tree, "Schemas")) == 2)
        assert drive.index(tree, "Schemas", "sales.xsd").isValid()
        made = drive.window.session.workspace.project.transformations["orders-to-invoices"]
        assert made.source.schema == "schemas/sales.xsd"
        assert (small / "schemas" / "sales.xsd").is_file()
        assert not (small / "schemas" / "orders.xsd").exists()
        drive.choose_in(menu(drive, "Schemas", "sales.xsd"), "Rename…")
        await answer_name(drive, "invoices.xsd")
        await drive.until(lambda: drive.shows("The project already has a file of this name."))
        drive.click("Close")
        assert "inv" in (small / "schemas" / "invoices.xsd").read_text()


@window_test
async def test_deleting_asks_and_a_file_goes_to_the_trash(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    async with running(small) as drive:
        drive.choose_in(menu(drive, "Samples", "orders.xml"), "Delete…")
        await drive.until(lambda: drive.shows("The file goes to the trash."))
        drive.click("Cancel")
        await drive.rest()
        assert (small / "samples" / "orders.xml").is_file()
        drive.choose_in(menu(drive, "Samples", "orders.xml"), "Delete…")
        await drive.until(lambda: drive.all("Delete"))
        drive.click("Delete")
        await drive.until(lambda: not (small / "samples" / "orders.xml").exists())
        await drive.until(lambda: not drive.window.session.workspace.project.samples)
        assert (tmp_path / "data" / "Trash" / "files" / "orders.xml").is_file()
        (tmp_path / "data" / "Trash").rename(tmp_path / "gone")
        (tmp_path / "data").rmdir()
        drive.choose_in(menu(drive, "Schemas", "invoices.xsd"), "Delete…")
        await drive.until(lambda: drive.all("Delete"))
        drive.click("Delete")
        await drive.until(lambda: drive.shows("This system has no trash"))
        assert (small / ".weft" / "deleted" / "schemas" / "invoices.xsd").is_file()
        drive.choose_in(menu(drive, "Scripts", "clean-phone"), "Delete…")
        await drive.until(lambda: drive.all("Delete"))
        drive.click("Delete")
        await drive.until(lambda: not drive.window.session.workspace.project.scripts)


class Desktop(QObject):
    """Takes what would be shown by the file manager."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Path] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        self.shown.append(Path(url.toLocalFile()))


@window_test
async def test_a_file_is_shown_in_its_folder(small: Path) -> None:
    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop, "show")
    try:
        async with running(small) as drive:
            drive.choose_in(menu(drive, "Connections", "CRM"), "Show the file")
            await drive.rest()
            assert desktop.shown == [small / "connections"]
            drive.choose_in(menu(drive, "Scripts", "clean-phone"), "Duplicate")
            await drive.rest()
            shown = menu(drive, "Scripts", "clean-phone-copy")
            entry = next(action for action in shown.actions() if action.text() == "Show the file")
            assert not entry.isEnabled()
            assert "it has not been saved yet" in entry.toolTip()
            shown.close()
    finally:
        QDesktopServices.unsetUrlHandler("file")


@window_test
async def test_the_project_and_its_variables_are_edited(small: Path) -> None:
    async with running(small) as drive:
        tree = drive.find("Project", Tree)
        tree.expand(drive.index(tree, "Variables"))
        drive.click_row(tree, drive.index(tree, "Variables", "currency"), double=True)
        await drive.until(lambda: "Value of currency" in drive.names())
        assert drive.focus() is drive.find("Value of currency", QLineEdit)
        drive.write("Value of currency", "EUR")
        drive.key("Return")
        drive.click("Add a variable")
        await drive.until(lambda: "Name of variable1" in drive.names())
        drive.write("Name of variable1", "plant")
        drive.key("Return")
        await drive.until(lambda: "Value of plant" in drive.names())
        drive.write("Value of plant", "BR01")
        drive.key("Return")
        drive.write("Description", "Invoices of all plants")
        drive.key("Ctrl+S")
        await drive.rest()
        drive.click("Remove currency")
        await drive.until(lambda: "Value of currency" not in drive.names())
        drive.write("Name of plant", "")
        drive.key("Return")
        await drive.until(lambda: drive.find("Name of plant", QLineEdit).text() == "plant")
        assert drive.window.session.workspace.project.variables == {"plant": "BR01"}
        drive.key("Ctrl+Z", drive.window)
        await drive.until(lambda: "Value of currency" in drive.names())
    saved = load(small).project
    assert (saved.variables, saved.description) == (
        {"currency": "EUR", "plant": "BR01"}, "Invoices of all plants",
    )  # fmt: skip
