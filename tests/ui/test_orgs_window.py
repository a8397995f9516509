"""The window of the orgs by mouse and key, against the practice org: added, tested, marked, renamed, signed out, removed."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QWidget

from studio.base.secrets import open_store
from studio.moves.access import orgs
from studio.practice.ready import Ready
from studio.practice.sign_in.sessions import PUBLIC_APP
from tests.cheap_vault import cheap_vault
from tests.fake_browser import browser_command, visited
from tests.practice_beside import org_beside
from tests.ui.driver import Drive, controls, running, window_test
from ui.dialogs.orgs.window import OrgsDialog
from ui.widgets.trees import Rows

pytestmark = pytest.mark.network
WINDOW = "Salesforce orgs"


@pytest.fixture(scope="module")
def org() -> Iterator[Ready]:
    with org_beside(seed=False) as ready:
        yield ready


@pytest.fixture(autouse=True)
def home(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Secrets in a vault of the test's own, and a browser that says yes."""
    cheap_vault(tmp_path, monkeypatch)
    monkeypatch.setenv("BROWSER", browser_command(tmp_path))
    return tmp_path


async def secret(name: str) -> str | None:
    """A secret in the vault."""
    return await asyncio.to_thread(lambda: open_store().get(name))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Hands:
    """Hands and eyes on the window of the orgs."""

    def __init__(self, drive: Drive) -> None:
        self.drive = drive

    async def open(self) -> None:
        self.drive.key("Ctrl+Alt+O", self.drive.window)
        await self.drive.until(lambda: self.drive.all(WINDOW, OrgsDialog))
        await self.free()

    @property
    def window(self) -> OrgsDialog:
        return self.drive.find(WINDOW, OrgsDialog)

    def find(self, name: str, kind: type = QWidget) -> QWidget:
        found: QWidget = self.drive.find(name, kind, self.window)
        return found

    def click(self, name: str) -> None:
        self.drive.click(self.find(name, QAbstractButton))

    def write(self, name: str, text: str) -> None:
        field = self.find(name, QLineEdit)
        self.drive.click(field)
        self.drive.key("Ctrl+A", field)
        self.drive.type(text, field)

    async def free(self) -> None:
        """Until nothing is going on."""

        def at_rest() -> bool:
            found = [*self.drive.all("Add an org…", QWidget), *self.drive.all("Back", QWidget, self.window)]
            return any(one.isEnabled() for one in found)

        await self.drive.until(at_rest, 60)

    async def says(self, text: str) -> None:
        await self.drive.until(lambda: self.drive.shows(text, self.window), 60)

    def names(self) -> list[str]:
        view = self.find("Orgs", Rows)
        assert isinstance(view, Rows)
        return self.drive.rows(view)

    def stand_on(self, name: str) -> None:
        view = self.find("Orgs", Rows)
        assert isinstance(view, Rows)
        self.drive.click_row(view, self.drive.index(view, name))

    async def add(self, org: Ready, name: str, key: str = PUBLIC_APP) -> None:
        self.click("Add an org…")
        self.write("Call it", name)
        self.write("Address", org.url)
        self.write("Consumer key", key)
        self.write("Callback port", str(free_port()))

    def picture(self, name: str) -> None:
        if os.environ.get("WEFT_SHOTS"):
            self.window.grab().save(str(Path(os.environ["WEFT_SHOTS"]) / f"{name}.png"))


@window_test
async def test_an_org_from_added_to_removed(org: Ready, home: Path) -> None:
    async with running() as drive:
        hands = Hands(drive)
        await hands.open()
        assert hands.names() == ["Practice org"]
        assert not hands.find("Remove…").isEnabled()
        await hands.add(org, "uat")
        callback = hands.find("Callback URL", QLineEdit)
        assert isinstance(callback, QLineEdit)
        assert callback.text().startswith("http://localhost:")
        hands.picture("orgs-add")
        drive.key("Return", hands.find("Consumer key"))
        await hands.says("Signed in to uat: Weft Practice, practice, API v")
        await hands.free()
        hands.picture("orgs-list")
        assert hands.names() == ["Practice org", "uat"]
        assert len(visited(home)) == 1
        assert await secret("orgs/uat/refresh_token")
        hands.click("Test")
        await hands.says("Signed in to uat")
        await hands.free()
        assert len(visited(home)) == 1
        drive.pick("Mark", "Indigo")
        drive.key("Return", hands.find("Mark", QComboBox))
        await hands.free()
        hands.click("Rename…")
        await drive.until(lambda: drive.all("New name", QLineEdit))
        drive.write("New name", "acceptance")
        drive.key("Return", drive.find("New name", QLineEdit))
        await drive.until(lambda: "acceptance" in hands.names())
        await hands.free()
        assert await secret("orgs/acceptance/refresh_token")
        assert await secret("orgs/uat/refresh_token") is None
        hands.click("Sign out")
        await hands.says("its token is worthless now")
        await hands.free()
        hands.click("Test")
        await hands.says("Nobody is signed in.")
        await hands.free()
        drive.click(drive.all("Sign in again", QAbstractButton, hands.window)[-1])
        await hands.says("Signed in to acceptance")
        await hands.free()
        assert len(visited(home)) == 2
        hands.click("Remove…")
        await drive.until(lambda: drive.all("Remove acceptance?"))
        drive.click("Remove")
        await drive.until(lambda: hands.names() == ["Practice org"])
        await hands.free()
        assert orgs.known() == ()
        drive.key("Escape", hands.window)
        await drive.until(lambda: not drive.studio.session.ends, 30)


@window_test
async def test_what_is_refused_is_said_in_place_and_can_be_put_right(
    org: Ready, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(theme="dark") as drive:
        hands = Hands(drive)
        await hands.open()
        await hands.add(org, "uat", "3MVG9nobody")
        hands.click("Sign in and test")
        await hands.says("does not know this consumer key")
        await hands.free()
        assert visited(home) == []
        assert orgs.known() == ()
        # Everything entered is still there.
        hands.write("Consumer key", PUBLIC_APP)
        hands.write("Address", "ada@acme.example")
        assert drive.shows("is the name of a user", hands.window)
        assert not hands.find("Sign in and test").isEnabled()
        hands.write("Address", org.url)
        drive.key("Tab", hands.find("Address"))
        await hands.says("Signs in at http://127.0.0.1")
        hands.click("Sign in and test")
        await hands.says("Signed in to uat")
        await hands.free()
        drive.key("Escape", hands.window)
        await drive.until(lambda: not drive.studio.session.ends, 30)


@window_test
async def test_a_browser_that_never_comes_back_is_stopped(
    org: Ready, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", browser_command(home, "close"))
    async with running() as drive:
        hands = Hands(drive)
        await hands.open()
        await hands.add(org, "uat")
        hands.click("Sign in and test")
        await hands.says("Your browser is open")
        hands.picture("orgs-browser")
        hands.click("Copy the address")
        assert "/services/oauth2/authorize?" in QGuiApplication.clipboard().text()
        hands.click("Stop")
        await hands.says("The sign-in was stopped.")
        await hands.free()
        assert orgs.known() == ()
        assert hands.find("Sign in and test").isEnabled()
        # Closed in the middle of another attempt, nothing is left behind.
        hands.click("Sign in and test")
        await hands.says("Your browser is open")
        hands.window.close()
        await drive.until(lambda: not drive.studio.session.ends, 30)
    assert orgs.known() == ()


@window_test
async def test_each_way_of_signing_in_shows_what_it_needs() -> None:
    needs = {
        "In the browser": {"Consumer key", "Secret, if the app has one", "Callback port"},
        "With a code on another screen": {"Consumer key"},
        "With a certificate": {"Consumer key", "User", "Key file"},
        "As the app itself": {"Consumer key", "Consumer secret"},
        "With a session id": {"Session id"},
        "With user and password": {"User", "Password and token"},
    }
    async with running() as drive:
        hands = Hands(drive)
        await hands.open()
        hands.click("Add an org…")
        for way, fields in needs.items():
            drive.pick("Sign-in", way)
            shown = {one.accessibleName() for one in hands.window.findChildren(QLineEdit) if one.isVisible()}
            guide = {"Page in Setup", "App name", "Callback URL", "Scopes"}
            assert shown - guide == {"Call it", "Address", *fields}, way
        nameless = [
            one for one in controls(hands.window)
            if isinstance(one, QAbstractButton | QLineEdit | QComboBox | QAbstractItemView) and not one.accessibleName()
        ]  # fmt: skip
        assert nameless == []
        drive.pick("Sign-in", "In the browser")
        hands.write("Callback port", "7171")
        hands.click("Copy: Callback URL")
        assert QGuiApplication.clipboard().text() == "http://localhost:7171/OauthRedirect"
        # Back to the list by key, then out.
        drive.key("Escape", hands.window)
        assert hands.find("Add an org…").isVisible()
        drive.key("Escape", hands.window)
        await drive.until(lambda: not drive.studio.session.ends, 30)
