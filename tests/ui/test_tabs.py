"""Tabs by mouse and keyboard: closing by cross, middle button and keys, going round, changed marks; panels shown and hidden."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTabBar

from tests.ui.driver import Drive, running, window_test
from ui.widgets.tabs import TabBar

OBJECTS = ("operations/send-invoices", "scripts/clean-phone", "connections/erp")


async def with_tabs(drive: Drive) -> QTabBar:
    for id in OBJECTS:
        drive.window.open_object(id)
        await drive.rest()
    found: QTabBar = drive.find("Open objects", QTabBar)
    return found


def texts(bar: QTabBar) -> list[str]:
    return [bar.tabText(index) for index in range(bar.count())]


def cross(bar: QTabBar, index: int) -> QPoint:
    rect = bar.tabRect(index)
    return QPoint(rect.right() - 16, rect.center().y())


@window_test
async def test_the_cross_of_the_tab_in_front_closes_it(small: Path) -> None:
    async with running(small) as drive:
        bar = await with_tabs(drive)
        assert texts(bar) == ["Send invoices", "clean-phone", "ERP"]
        drive.click(bar, cross(bar, 2))
        await drive.rest()
        assert texts(bar) == ["Send invoices", "clean-phone"]
        # Where the cross would be, a tab that is not in front has none: the click brings it to the front.
        drive.click(bar, cross(bar, 0))
        await drive.rest()
        assert texts(bar) == ["Send invoices", "clean-phone"]
        assert bar.currentIndex() == 0


@window_test
async def test_the_middle_button_closes_any_tab_and_keys_the_one_in_front(small: Path) -> None:
    async with running(small) as drive:
        bar = await with_tabs(drive)
        QTest.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(0).center())
        await drive.rest()
        assert texts(bar) == ["clean-phone", "ERP"]
        drive.key("Ctrl+W", drive.window)
        await drive.rest()
        assert texts(bar) == ["clean-phone"]
        drive.key("Ctrl+W", drive.window)
        await drive.rest()
        assert drive.shows("No object is open")
        assert drive.window.windowTitle() == "Orders to ERP – Weft Studio"


@window_test
async def test_keys_go_round_the_tabs(small: Path) -> None:
    async with running(small) as drive:
        bar = await with_tabs(drive)
        seen = []
        for _step in range(4):
            drive.key("Ctrl+PgDown", drive.window)
            await drive.rest()
            seen.append(bar.tabText(bar.currentIndex()))
        assert seen == ["Send invoices", "clean-phone", "ERP", "Send invoices"]


@window_test
async def test_opening_what_is_open_brings_it_to_the_front(small: Path) -> None:
    async with running(small) as drive:
        bar = await with_tabs(drive)
        drive.window.open_object("scripts/clean-phone")
        assert texts(bar) == ["Send invoices", "clean-phone", "ERP"]
        assert bar.currentIndex() == 1


@window_test
async def test_the_tab_of_what_has_changed_is_marked_when_it_is_opened_again(small: Path) -> None:
    async with running(small) as drive:
        drive.window.open_object("operations/send-invoices")
        drive.write("Name", "Renamed")
        drive.key("Return")
        drive.key("Ctrl+W", drive.window)
        await drive.until(lambda: not drive.all("Name", QLineEdit))
        drive.window.open_object("operations/send-invoices")
        bar = drive.find("Open objects", TabBar)
        assert bar.face(bar.currentIndex()).changed
        drive.key("Ctrl+S", drive.window)
        await drive.until(lambda: not bar.face(bar.currentIndex()).changed)


@window_test
async def test_the_tab_of_a_deleted_object_goes(small: Path) -> None:
    async with running(small) as drive:
        bar = await with_tabs(drive)
        drive.choose("Edit", "Delete…")
        await drive.until(lambda: drive.shows("Delete ERP?"))
        drive.click("Delete")
        await drive.until(lambda: texts(bar) == ["Send invoices", "clean-phone"])
        await drive.rest()
        drive.key("Ctrl+Z", drive.window)
        await drive.rest()
        assert drive.window.session.workspace.project.get("connections/erp") is not None


@window_test
async def test_panels_are_hidden_shown_and_remembered(small: Path) -> None:
    async with running(small) as drive:
        assert drive.window.inspector.isVisible()
        drive.choose("View", "Inspector")
        await drive.rest()
        assert not drive.window.inspector.isVisible()
        drive.choose("File", "Quit")
        await drive.until(drive.studio.ended.is_set)
    async with running(small) as drive:
        assert not drive.window.inspector.isVisible()
        drive.key("Ctrl+2", drive.window)
        await drive.rest()
        assert drive.window.inspector.isVisible()


@window_test
async def test_sizes_come_back(small: Path) -> None:
    async with running(small, size="1500x900") as drive:
        drive.window.across.setSizes([300, 800, 398])
        await drive.rest()
        wanted = drive.window.across.sizes()
        drive.choose("File", "Quit")
        await drive.until(drive.studio.ended.is_set)
    async with running(small) as drive:
        assert (drive.window.width(), drive.window.height()) == (1500, 900)
        assert drive.window.across.sizes() == wanted


def of_records(drive: Drive) -> str:
    """The record in hand and of how many, as the script bar of the map in front says."""
    field: QLineEdit = drive.find("Record", QLineEdit)
    texts = drive.texts(field.parentWidget())
    return " ".join([field.text(), *(text for text in texts if text.startswith("of "))])


@window_test
async def test_every_map_that_comes_back_has_its_values(small: Path) -> None:
    maps = ["orders-to-invoices", "second", "third"]
    text = (small / "transformations/orders-to-invoices.yaml").read_text(encoding="utf-8")
    for name in maps[1:]:
        file = small / f"transformations/{name}.yaml"
        file.write_text(text.replace("Orders to invoices", name.title()), encoding="utf-8")
    async with running(small, agent=True) as drive:
        for name in maps:
            drive.window.open_object(f"transformations/{name}")
            await drive.until(lambda: of_records(drive) == "1 of 3")
        # The record a map was left at comes back too, with an older map in front.
        drive.click("Next record")
        await drive.until(lambda: of_records(drive) == "2 of 3")
        drive.click_tab(drive.find("Open objects", QTabBar), "Second")
        await drive.rest()
        drive.choose("File", "Quit")
        await drive.until(drive.studio.ended.is_set)
    async with running(small, agent=True) as drive:
        bar: QTabBar = drive.find("Open objects", QTabBar)
        assert texts(bar) == ["Orders to invoices", "Second", "Third"]
        assert bar.currentIndex() == 1
        await drive.until(lambda: of_records(drive) == "1 of 3")
        drive.click_tab(bar, "Orders to invoices")
        await drive.until(lambda: of_records(drive) == "1 of 3")
        drive.click_tab(bar, "Third")
        await drive.until(lambda: of_records(drive) == "2 of 3")


@window_test
async def test_maps_turned_to_in_haste_all_get_their_values(small: Path) -> None:
    text = (small / "transformations/orders-to-invoices.yaml").read_text(encoding="utf-8")
    (small / "transformations/second.yaml").write_text(text, encoding="utf-8")
    async with running(small, agent=True) as drive:
        for name in ("orders-to-invoices", "second"):
            drive.window.open_object(f"transformations/{name}")
            await drive.rest()
        first, second = drive.window.area
        await drive.until(lambda: first.preview.records == 3 and second.preview.records == 3)
