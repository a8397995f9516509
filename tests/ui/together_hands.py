"""Hands and eyes on what the window shows of the repository, on a real server in a thread of this process."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from studio.base.secrets import open_store
from studio.repository import accounts
from studio.repository.link import Link, keep_link
from tests.cheap_vault import cheap_vault
from tests.repository.conftest import cheap_passwords, secure_site, server_tables, site
from tests.repository.console_browser import browser_command
from tests.repository.running_server import Site, give_password
from tests.ui.driver import Drive

__all__ = ["cheap_passwords", "computer", "secure_site", "server_tables", "site"]


@contextlib.contextmanager
def garbage_kept() -> Iterator[None]:
    """No search for garbage while a server's threads run in this process: they would take widgets down in one of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.fixture
def computer(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A computer of the test's own: a key store that costs nothing."""
    cheap_vault(tmp_path, monkeypatch)
    with garbage_kept():
        yield tmp_path


def browser(folder: Path, site: Site, monkeypatch: pytest.MonkeyPatch, answer: str = "allow") -> None:
    """A browser in which `ana` signs in and lets the program in, or does not."""
    monkeypatch.setenv("BROWSER", browser_command(folder, give_password(site), answer, site.certificate))


def signed_in(site: Site, who: str = "ana") -> None:
    """Somebody has signed in before the window is opened."""
    accounts.keep(site.account(who), site.token(who), open_store())


def linked(folder: Path, site: Site, project: str, *, samples: bool = False) -> None:
    """A folder belongs to a project of the server."""
    keep_link(folder, Link(site.url, site.organization.id, project, samples))


class Together:
    """Hands and eyes."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive

    @property
    def repository(self) -> Any:
        return self.drive.studio.session.repository

    def bar(self, item: str) -> str:
        """What the status bar says of `Environment`, `User` or `Repository`."""
        found = [name for name in self.drive.names() if name.startswith(f"{item}: ")]
        return found[0].removeprefix(f"{item}: ") if found else ""

    def item(self, item: str) -> QWidget:
        """The item of the status bar."""
        return self.drive.find(f"{item}: {self.bar(item)}")

    def press(self, name: str, within: QWidget | None = None) -> None:
        """Click a button."""
        self.drive.click(self.drive.find(name, QAbstractButton, within))

    def write(self, name: str, text: str) -> None:
        """Write into a field of the dialog in front."""
        field = self.drive.find(name, QLineEdit)
        self.drive.click(field)
        self.drive.key("Ctrl+A", field)
        self.drive.type(text, field)

    async def dialog(self, name: str) -> QWidget:
        """A dialog, once it is there."""
        await self.drive.until(lambda: self.drive.all(name))
        await self.drive.rest()
        return self.drive.find(name)

    async def says(self, text: str) -> None:
        """Until something visible says this."""
        await self.drive.until(lambda: self.drive.shows(text), 60)

    async def stands(self, text: str) -> None:
        """Until the status bar says this of the repository."""
        await self.drive.until(lambda: text in self.bar("Repository"), 60)

    async def free(self) -> None:
        """Until nothing is going on."""
        await self.drive.until(lambda: not self.repository.doing, 60)
        await self.drive.rest()

    def picture(self, name: str, widget: QWidget | None = None) -> None:
        if os.environ.get("WEFT_SHOTS"):
            (widget or self.drive.window).grab().save(str(Path(os.environ["WEFT_SHOTS"]) / f"{name}.png"))


async def in_thread(work: Any) -> Any:
    """Something that waits for the server, beside the window's loop."""
    return await asyncio.to_thread(work)
