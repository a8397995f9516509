"""Projects and files through the file dialogs: open, import, export, a schema added."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from tests.ui.driver import Drive, running, window_test


async def answer(drive: Drive, path: Path) -> None:
    """Type a path into the file dialog that is open, and press Enter."""
    await drive.until(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setFocus()
    drive.key("Ctrl+A", field)
    drive.type(str(path), field)
    # The list of completions would take the first Enter.
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.hide()
    drive.key("Return", field)
    await drive.until(lambda: QApplication.activeModalWidget() is not dialog)


@window_test
async def test_a_project_is_opened(small: Path) -> None:
    async with running() as drive:
        drive.key("Ctrl+O", drive.window)
        await answer(drive, small)
        await drive.until(lambda: drive.window.windowTitle().endswith("Orders to ERP – Weft Studio"))


@window_test
async def test_a_package_goes_out_and_in(small: Path, tmp_path: Path) -> None:
    file = tmp_path / "out" / "sent.weft"
    file.parent.mkdir()
    async with running(small) as drive:
        drive.choose("File", "Export a package…")
        await answer(drive, file)
        await drive.until(lambda: drive.shows("sent.weft was written, without credentials."))
        drive.choose("File", "Import a package…")
        await answer(drive, file)
        await answer(drive, tmp_path / "out")
        inner = tmp_path / "out" / "sent"
        await drive.until(lambda: drive.window.project_panel.head.toolTip() == str(inner))
    assert (tmp_path / "out" / "sent" / "operations" / "send-invoices.yaml").is_file()


@window_test
async def test_a_package_that_is_none_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "wrong.weft"
    file.write_text("this is no package")
    async with running() as drive:
        drive.click("Import a package…")
        await answer(drive, file)
        await answer(drive, tmp_path)
        await drive.until(lambda: bool(drive.all("Close")))
        assert any("wrong.weft" in text for text in drive.texts())
        assert not (tmp_path / "wrong").exists()
        drive.click("Close")


@window_test
async def test_a_schema_file_is_taken_into_the_project(small: Path, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,quantity\nA-1,5\n")
    async with running(small, agent=True) as drive:
        drive.choose("Edit", "Add a schema file…")
        await answer(drive, file)
        await drive.until(lambda: drive.window.windowTitle().startswith("stock.csv –"))
        assert (small / "schemas" / "stock.csv").read_text() == file.read_text()
        file.write_text("sku,price\nA-1,5\n")
        drive.choose("Edit", "Add a schema file…")
        await answer(drive, file)
        await drive.until(lambda: drive.all("Keep both"))
        assert drive.shows("The project already has another file of this name")
        drive.click("Keep both")
        await drive.until(lambda: (small / "schemas" / "stock-2" / "stock.csv").is_file())
        assert "quantity" in (small / "schemas" / "stock.csv").read_text()


@window_test
async def test_a_transformation_is_made_of_two_schemas(small: Path) -> None:
    async with running(small) as drive:
        drive.choose("Edit", "New transformation…")
        await drive.until(lambda: drive.all("Name", QLineEdit))
        drive.write("Name", "Orders back to orders")
        drive.pick("Source", "invoices.xsd")
        drive.pick("Target", "orders.xsd")
        drive.click("Create")
        await drive.until(lambda: drive.window.windowTitle().startswith("Orders back to orders –"))
        made = drive.window.session.workspace.project.transformations["orders-back-to-orders"]
        assert (made.source.schema, made.target.schema) == ("schemas/invoices.xsd", "schemas/orders.xsd")
