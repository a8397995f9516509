"""A project shared from the window, pushed, pulled, its versions looked at and one restored: on a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit

from studio.base.progress import Progress
from studio.protocol.projects import Project
from studio.repository import pull as pulling
from studio.repository.push import push
from tests.repository.running_server import Site
from tests.ui.driver import running, window_test
from tests.ui.together_hands import Together, computer, linked, server_tables, signed_in, site
from ui.widgets.trees import Rows

__all__ = ["computer", "server_tables", "site"]
pytestmark = pytest.mark.network
MAP = "transformations/orders-to-invoices.yaml"
SCRIPT = "scripts/clean-phone.jb"


def others(site: Site, project: str, folder: Path, changes: dict[str, str], message: str) -> None:
    """Ben copies the project, changes files, pushes; beside the window's loop."""

    async def work() -> None:
        async with site.repository("ben") as repository:
            if not folder.exists():
                await pulling.copy(repository, project, folder, progress=Progress())
            else:
                await pulling.pull(folder, repository)
            for path, text in changes.items():
                (folder / path).write_text(text, "utf-8")
            await push(folder, repository, message)

    asyncio.run(work())


def pushed(site: Site, folder: Path, name: str = "Orders to ERP") -> str:
    """The folder is a project of the server already, pushed by `ana`; its id."""

    async def work() -> Project:
        made = await site.new_project(name)
        linked(folder, site, made.id)
        async with site.repository() as repository:
            await push(folder, repository, "first")
        return made

    return asyncio.run(work()).id


@window_test
async def test_a_project_is_shared_and_pushed(site: Site, computer: Path, small: Path) -> None:
    signed_in(site)
    async with running(small) as drive:
        hands = Together(drive)
        await drive.until(lambda: hands.bar("User") == "Ana Silva")
        drive.click(hands.item("Repository"))
        drive.click("Share this project…")
        dialog = await hands.dialog("Share this project")
        assert drive.find("Name", QLineEdit, dialog).text() == "Orders to ERP"
        hands.picture("share", dialog)
        hands.press("Share", dialog)
        dialog = await hands.dialog("Push to the repository")
        drive.type("the first version", drive.find("What did you change?", QPlainTextEdit))
        hands.picture("push", dialog)
        hands.press("Push", dialog)
        await hands.says("Version 1 is in the repository.")
        await hands.stands("Everything here is in the repository")
        hands.picture("panel-level")
    async with site.repository() as repository:
        (made,) = await repository.projects()
        page = await repository.revisions(made.id)
        assert made.name == "Orders to ERP"
        assert [one.message for one in page.items] == ["the first version"]
        there = {one.path for one in await repository.manifest(made.id, page.items[0].id)}
    assert MAP in there
    assert not any(path.startswith("samples/") for path in there)


@window_test
async def test_what_others_pushed_is_pulled_and_joined(site: Site, computer: Path, small: Path) -> None:
    signed_in(site)
    project = await asyncio.to_thread(pushed, site, small)
    bens = computer / "bens"
    script = (small / SCRIPT).read_text() + "// by Ben\n"
    described = (small / "project.yaml").read_text().replace("A small project", "A project")
    changes = {SCRIPT: script, "project.yaml": described}
    await asyncio.to_thread(others, site, project, bens, changes, "phones are cleaned")
    # Mine, saved and not pushed, in the same object: another member.
    mine = described.replace("A project", "A small project").replace("currency: BRL", "currency: EUR")
    (small / "project.yaml").write_text(mine)
    async with running(small) as drive:
        hands = Together(drive)
        await hands.stands("1 to push · 2 to pull")
        drive.click(hands.item("Repository"))
        view = drive.find("Changes since the last pull", Rows)
        assert drive.rows(view) == ["Orders to ERP", "clean-phone"]
        assert drive.rows(view, 3) == ["Pull joins the two", "Pull brings it here"]
        hands.picture("panel")
        drive.key("Ctrl+Alt+G", drive.window)
        await hands.says("1 object came from Ben Silva. 1 object of Ben Silva was joined with yours.")
        await hands.stands("1 to push")
        assert (small / SCRIPT).read_text() == script
        joined = (small / "project.yaml").read_text()
        assert "A project for tests" in joined
        assert "EUR" in joined
        workspace = drive.studio.session.workspace
        assert workspace is not None
        assert workspace.project.description == "A project for tests"
        hands.picture("panel-pulled")
        await hands.free()
        drive.key("Ctrl+Alt+U", drive.window)
        dialog = await hands.dialog("Push to the repository")
        hands.press("Push", dialog)
        await hands.says("Version 3 is in the repository.")
        await hands.stands("Everything here is in the repository")
    await asyncio.to_thread(others, site, project, bens, {SCRIPT: script + "// again\n"}, "")
    assert "EUR" in (bens / "project.yaml").read_text()


@window_test
async def test_versions_are_looked_at_and_one_is_the_newest_again(
    site: Site, computer: Path, small: Path
) -> None:
    signed_in(site)
    project = await asyncio.to_thread(pushed, site, small)
    text = (small / MAP).read_text().replace('"[@id]"', '"[@id] + 1"')
    await asyncio.to_thread(others, site, project, computer / "bens", {MAP: text}, "numbers begin at one")
    async with running(small) as drive:
        hands = Together(drive)
        await hands.stands("1 to pull")
        drive.choose("Repository", "Versions…")
        dialog = await hands.dialog("Versions in the repository")
        versions = drive.find("Versions", Rows, dialog)
        await drive.until(lambda: drive.rows(versions) == ["numbers begin at one", "first"])
        assert drive.rows(versions, 1) == ["Ben Silva", "Ana Silva"]
        await drive.until(lambda: drive.all("What differs in the object", Rows, dialog))
        places = drive.find("What differs in the object", Rows, dialog)
        await drive.until(lambda: drive.rows(places) == ["invoices/invoice/@number"])
        assert (drive.rows(places, 1), drive.rows(places, 2)) == (["[@id]"], ["[@id] + 1"])
        hands.picture("versions", dialog)
        assert not drive.find("Make it the newest again…").isEnabled()
        drive.click_row(versions, drive.index(versions, "first"))
        await drive.until(lambda: len(drive.rows(drive.find("Objects that differ", Rows, dialog))) > 5)
        hands.press("Make it the newest again…", dialog)
        await drive.until(lambda: drive.all("Make it the newest", QAbstractButton))
        hands.press("Make it the newest")
        await hands.says("Version 3 is equal to version 1.")
        await drive.until(lambda: len(drive.rows(versions)) == 3)
        assert drive.rows(versions)[0].startswith("Equal to version 1")
        drive.key("Escape", dialog)
        await drive.until(lambda: not drive.studio.session.ends)


@window_test
async def test_a_first_copy_from_the_start_page(site: Site, computer: Path, small: Path) -> None:
    signed_in(site)
    await asyncio.to_thread(pushed, site, small)
    async with running() as drive:
        hands = Together(drive)
        hands.picture("start")
        drive.click("Open from the repository…")
        dialog = await hands.dialog("Open a project of the repository")
        assert drive.rows(drive.find("Projects of the repository", Rows, dialog)) == ["Orders to ERP"]
        hands.write("Folder", str(computer / "copied"))
        hands.picture("copy", dialog)
        hands.press("Copy and open", dialog)
        await drive.until(lambda: drive.studio.session.workspace is not None)
        await hands.stands("Everything here is in the repository")
        await drive.rest()
    assert (computer / "copied" / MAP).read_bytes() == (small / MAP).read_bytes()
