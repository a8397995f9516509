"""The move window beside an open project: its database connections are offered as source and as an export's target."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton

from studio.practice.shared import practice_org
from studio.project.create import create
from tests.ui.driver import running, window_test
from tests.ui.move_hands import Wizard, kept
from tests.ui.test_move_export import query, to_export
from ui.widgets.trees import Rows

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("practice")]


@pytest.fixture
def project(tmp_path: Path, own_home: Path) -> Path:
    folder = tmp_path / "shop"
    create(folder)
    connections = folder / "connections"
    connections.mkdir(exist_ok=True)
    lines = "weft: connection/1\nname: {name}\nkind: {kind}\n{more}\n"
    erp = lines.format(name="ERP", kind="database", more="address: erp.db")
    (connections / "erp.yaml").write_text(erp, encoding="utf-8")
    files = lines.format(name="Inbox", kind="files", more="folder: in")
    (connections / "inbox.yaml").write_text(files, encoding="utf-8")
    with closing(sqlite3.connect(folder / "erp.db")) as made, made:
        made.execute("CREATE TABLE customers (ERP_Id__c TEXT, Name TEXT)")
        made.execute("INSERT INTO customers VALUES ('ZW-1', 'One'), ('ZW-2', 'Two')")
    return folder


@window_test
async def test_a_connection_is_chosen_as_source(project: Path) -> None:
    with practice_org():
        async with running(project) as drive:
            wizard = Wizard(drive)
            await wizard.open()
            await wizard.to_object()
            await wizard.choose_object()
            await wizard.choose_file("connection:crm")  # type: ignore[arg-type]
            await drive.until(lambda: wizard.shows("There are: erp, inbox"))
            offered = wizard.find("Connection", QComboBox)
            assert [offered.itemText(at) for at in range(offered.count())] == ["Connection…", "ERP"]
            drive.pick("Connection", "ERP")
            await drive.until(lambda: wizard.shows("table customers"))
            assert wizard.find("File", QLineEdit).text() == str(project / "connections" / "erp")
            assert drive.rows(wizard.find("First rows", Rows)) == ["ZW-1", "ZW-2"]
            wizard.picture("move-source-connection")
            await wizard.to_map()
            await wizard.to_preflight()
            await wizard.send()
            assert wizard.figure("Succeeded") == "2"
            await wizard.close()
        assert [one["Name"] for one in kept("ERP_Id__c LIKE 'ZW-%'")] == ["One", "Two"]


@window_test
async def test_a_connection_is_chosen_as_target(project: Path) -> None:
    with practice_org():
        async with running(project) as drive:
            wizard = Wizard(drive)
            await to_export(wizard)
            objects = wizard.find("Objects to export", Rows)
            drive.click_row(objects, drive.index(objects, "Account"))
            await drive.until(lambda: query(wizard).startswith("SELECT Id"))
            drive.pick("Connection", "ERP")
            await drive.until(
                lambda: wizard.find("Write to", QLineEdit).text() == str(project / "connections" / "erp")
            )
            wizard.picture("move-export-connection")
            await drive.until(lambda: wizard.find("Export", QPushButton).isEnabled())
            wizard.click("Export")
            await drive.until(lambda: wizard.shows("records written"), 60)
            await wizard.close()
    with closing(sqlite3.connect(project / "erp.db")) as made:
        assert made.execute("SELECT count(*) > 0 FROM Account").fetchone() == (1,)
        assert made.execute("SELECT count(*) FROM customers").fetchone() == (2,)
