"""The frame as a person uses it: tree, tabs, undo, save, what comes back after a restart or a crash."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLineEdit, QTreeView

from tests.ui.driver import Drive, running, window_test
from ui.widgets.code import CodeEdit
from ui.widgets.trees import Rows


def tree(drive: Drive) -> QTreeView:
    found: QTreeView = drive.find("Project", QTreeView)
    return found


async def open_object(drive: Drive, kind: str, name: str) -> None:
    view = tree(drive)
    index = drive.index(view, kind, name)
    assert view.isExpanded(index.parent()), f"{kind} is not open"
    drive.click_row(view, index, double=True)
    await drive.rest()


@window_test
async def test_a_project_shows_its_objects_and_opens_one(small: Path) -> None:
    async with running(small) as drive:
        view = tree(drive)
        assert drive.rows(view)[:4] == ["Operations", "Transformations", "Connections", "Schemas"]
        await open_object(drive, "Operations", "Send invoices")
        assert drive.window.windowTitle() == "Send invoices – Orders to ERP – Weft Studio"
        assert drive.rows(drive.find("Activities", Rows)) == ["Read a document", "Transform it", "Write it"]


@window_test
async def test_a_click_on_a_kind_opens_and_closes_it(small: Path) -> None:
    async with running(small) as drive:
        view = tree(drive)
        samples = drive.index(view, "Samples")
        drive.click_row(view, samples)
        assert view.isExpanded(samples)
        drive.click_row(view, samples)
        assert not view.isExpanded(samples)


@window_test
async def test_the_filter_narrows_the_tree_and_gives_it_back(small: Path) -> None:
    async with running(small) as drive:
        view = tree(drive)
        before = drive.rows(view)
        drive.write("Filter the project", "invo")
        assert drive.rows(view) == ["Operations", "Transformations", "Schemas"]
        assert drive.index(view, "Schemas", "invoices.xsd").isValid()
        drive.key("Escape")
        assert drive.rows(view) == before
        assert view.isExpanded(drive.index(view, "Operations"))
        assert not view.isExpanded(drive.index(view, "Samples"))


@window_test
async def test_an_edit_can_be_undone_redone_and_saved(small: Path) -> None:
    file = small / "operations" / "send-invoices.yaml"
    async with running(small) as drive:
        await open_object(drive, "Operations", "Send invoices")
        drive.write("Name", "Send all invoices")
        drive.key("Return")
        await drive.rest()
        assert drive.index(tree(drive), "Operations", "Send all invoices").isValid()
        assert "name: Send invoices\n" in file.read_text()
        drive.key("Ctrl+Z", drive.window)
        await drive.rest()
        assert drive.index(tree(drive), "Operations", "Send invoices").isValid()
        drive.choose("Edit", "Redo “Edit Send invoices”")
        await drive.rest()
        assert drive.shows("1 object has unsaved changes")
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: drive.shows("1 file was saved."))
        assert "name: Send all invoices\n" in file.read_text()
        assert drive.shows("Everything is saved")


@window_test
async def test_history_goes_back_to_any_step(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Operations", "Send invoices")
        for name in ("One", "Two", "Three"):
            drive.write("Name", name)
            drive.key("Return")
            await drive.rest()
        drive.click_tab(drive.find("Panel at the bottom"), "History")
        history = drive.find("History", Rows)
        assert drive.rows(history) == ["Edit Two", "Edit One", "Edit Send invoices", "Opened"]
        drive.click_row(history, drive.index(history, "Edit Send invoices"), double=True)
        await drive.rest()
        assert drive.index(tree(drive), "Operations", "One").isValid()


@window_test
async def test_activities_are_added_moved_and_removed(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Operations", "Nothing yet")
        assert drive.shows("No activity yet")
        adder = drive.find("Add an activity")
        for name in ("Read a document", "Run a script"):
            _choose_in(adder.menu(), name)
            await drive.rest()
        activities = drive.find("Activities", Rows)
        assert drive.rows(activities) == ["Read a document", "Run a script"]
        drive.click("Move the activity up")
        await drive.rest()
        assert drive.rows(activities) == ["Run a script", "Read a document"]
        drive.click("Remove the activity")
        await drive.rest()
        assert drive.rows(activities) == ["Read a document"]
        drive.pick("Connection", "ERP")
        drive.key("Return")
        await drive.rest()


@window_test
async def test_a_connection_is_edited_by_its_form(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Connections", "CRM")
        drive.write("Address", "https://test.example.com")
        drive.key("Return")
        await drive.rest()
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: drive.shows("1 file was saved."))
        saved = (small / "connections" / "crm.yaml").read_text()
        assert "https://test.example.com" in saved
        assert "keyring:small001/crm/client_secret" in saved


@window_test
async def test_a_script_is_taken_over_and_its_mistake_shown(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Scripts", "clean-phone")
        code: CodeEdit = drive.find("Script clean-phone", CodeEdit)
        drive.click(code.viewport(), QPoint(80, 60))
        drive.key("Ctrl+End", code)
        drive.type("+ (1", code)
        await drive.until(lambda: any(text.startswith("Line ") for text in drive.texts()))
        await drive.until(lambda: drive.shows("1 object has unsaved changes"))
        drive.type(")", code)
        await drive.until(lambda: not any(text.startswith("Line ") for text in drive.texts()))


@window_test
async def test_tabs_and_open_kinds_come_back(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Operations", "Send invoices")
        await open_object(drive, "Scripts", "clean-phone")
        drive.click_row(tree(drive), drive.index(tree(drive), "Samples"))
        drive.click_row(tree(drive), drive.index(tree(drive), "Schemas"))
        drive.click_tab(drive.find("Open objects"), "Send invoices")
        drive.choose("File", "Quit")
        await drive.until(drive.studio.ended.is_set)
    async with running(small) as drive:
        bar = drive.find("Open objects")
        assert [bar.tabText(index) for index in range(bar.count())][-2:] == ["Send invoices", "clean-phone"]
        assert bar.tabText(bar.currentIndex()) == "Send invoices"
        assert tree(drive).isExpanded(drive.index(tree(drive), "Samples"))
        assert not tree(drive).isExpanded(drive.index(tree(drive), "Schemas"))


@window_test
async def test_unsaved_work_of_a_crash_is_back_and_said(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Operations", "Send invoices")
        drive.write("Name", "Not saved yet")
        drive.key("Return")
        await drive.rest()
    async with running(small) as drive:
        assert drive.index(tree(drive), "Operations", "Not saved yet").isValid()
        assert drive.shows("Your unsaved changes are back: Not saved yet.")
        drive.click("Close the message")
        assert not drive.shows("Your unsaved changes are back")


@window_test
async def test_a_change_made_outside_is_taken_in(small: Path) -> None:
    async with running(small) as drive:
        file = small / "operations" / "send-invoices.yaml"
        file.write_text(file.read_text().replace("name: Send invoices", "name: From outside"))
        await drive.until(lambda: "From outside" in _names(drive, "Operations"))


@window_test
async def test_closing_with_unsaved_work_asks(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Operations", "Send invoices")
        drive.write("Name", "Renamed")
        drive.key("Return")
        drive.choose("File", "Close the project")
        await drive.until(lambda: drive.shows("Save before closing?"))
        drive.click("Stay")
        await drive.rest()
        assert "Renamed" in _names(drive, "Operations")
        drive.choose("File", "Close the project")
        await drive.until(lambda: drive.shows("Save before closing?"))
        drive.click("Save")
        await drive.until(lambda: drive.window.windowTitle() == "Weft Studio")
        assert "name: Renamed" in (small / "operations" / "send-invoices.yaml").read_text()


@window_test
async def test_unsaved_work_can_be_discarded_and_the_history_has_it(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Operations", "Send invoices")
        drive.write("Name", "Renamed")
        drive.key("Return")
        drive.choose("File", "Close the project")
        await drive.until(lambda: drive.shows("Save before closing?"))
        assert any(text.startswith("1 object has unsaved changes.") for text in drive.texts())
        drive.click("Discard")
        await drive.until(lambda: drive.window.windowTitle() == "Weft Studio")
    assert "Renamed" not in (small / "operations" / "send-invoices.yaml").read_text()
    async with running(small) as drive:
        assert "Renamed" not in _names(drive, "Operations")
        drive.choose("Edit", "Undo “Unsaved work discarded”")
        await drive.until(lambda: "Renamed" in _names(drive, "Operations"))


@window_test
async def test_renaming_an_object_rewrites_its_references(small: Path) -> None:
    async with running(small) as drive:
        await open_object(drive, "Scripts", "clean-phone")
        drive.choose("Edit", "Rename…")
        await drive.until(lambda: drive.shows("New name"))
        drive.write("New name", "tidy-phone")
        drive.click("OK")
        await drive.until(lambda: "tidy-phone" in _names(drive, "Scripts"))
        assert drive.window.windowTitle().startswith("tidy-phone –")


@window_test
async def test_problems_are_counted_marked_and_opened(small: Path) -> None:
    text = "weft: operation/1\nname: Broken\nactivities:\n  - transform: no-such-map\n"
    (small / "operations" / "broken.yaml").write_text(text)
    async with running(small) as drive:
        problems = drive.window.problems.list
        await drive.until(lambda: any("no-such-map" in row for row in drive.rows(problems)))
        row = next(text for text in drive.rows(problems) if "no-such-map" in text)
        drive.click_row(problems, drive.index(problems, row), double=True)
        await drive.rest()
        assert drive.window.windowTitle().startswith("Broken –")


@window_test
async def test_a_folder_that_is_no_project_is_explained(tmp_path: Path) -> None:
    async with running() as drive:
        drive.studio.session.tasks.spawn(drive.studio.start(tmp_path))
        await drive.until(lambda: drive.all("Close"))
        assert any(str(tmp_path) in text for text in drive.texts())
        drive.click("Close")


@window_test
async def test_a_new_project_is_made_from_the_start_page(tmp_path: Path) -> None:
    async with running() as drive:
        drive.click("New project…")
        await drive.until(lambda: drive.all("Folder", QLineEdit))
        drive.write("Name", "My first")
        drive.write("Folder", str(tmp_path / "my-first"))
        drive.click("Create")
        await drive.until(lambda: drive.window.windowTitle() == "My first – Weft Studio")
        assert (tmp_path / "my-first" / "project.yaml").is_file()


def _names(drive: Drive, kind: str) -> list[str]:
    model = tree(drive).model()
    parent = drive.index(tree(drive), kind)
    return [str(model.index(row, 0, parent).data()) for row in range(model.rowCount(parent))]


def _choose_in(menu: object, text: str) -> None:
    action = next(action for action in menu.actions() if action.text() == text)  # type: ignore[attr-defined]
    action.trigger()


@window_test
async def test_a_project_opened_for_the_first_time_shows_its_map(small: Path) -> None:
    async with running(small, first_time=True) as drive:
        assert drive.window.windowTitle() == "Orders to invoices – Orders to ERP – Weft Studio"


@window_test
async def test_what_was_changed_here_and_outside_is_said_where_no_editor_shows_it(small: Path) -> None:
    file = small / "operations" / "send-invoices.yaml"
    async with running(small) as drive:
        await open_object(drive, "Operations", "Send invoices")
        drive.write("Name", "Mine")
        drive.key("Return")
        await drive.rest()
        drive.key("Ctrl+W", drive.window)
        await drive.rest()
        file.write_text(file.read_text().replace("name: Send invoices", "name: Theirs"))
        said = "Changed here and outside at the same time: Mine. Open each to choose a version."
        await drive.until(lambda: drive.shows(said))
        assert "Mine" in _names(drive, "Operations")


@window_test
async def test_a_second_window_may_only_read_or_is_told(small: Path) -> None:
    async with running(small) as drive, running() as other:
        other.studio.session.tasks.spawn(other.studio.start(small))
        await other.until(lambda: other.all("Close"))
        assert any("open" in text for text in other.texts())
        other.click("Close")
        assert drive.window.windowTitle().endswith("Orders to ERP – Weft Studio")
