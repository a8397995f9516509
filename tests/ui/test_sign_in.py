"""Signing in from the window, on a real server: by the browser, by token, stopped, refused, out again."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from studio.repository import accounts
from tests.repository.running_server import Site
from tests.ui.driver import running, window_test
from tests.ui.together_hands import (
    Together,
    browser,
    cheap_passwords,
    computer,
    secure_site,
    server_tables,
    signed_in,
    site,
)
from ui.widgets.labels import Text

__all__ = ["cheap_passwords", "computer", "secure_site", "server_tables", "site"]
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("cheap_passwords")]
IN_BROWSER = "In the browser, as on the server's own page"
TITLE = "Sign in to your organization"


@window_test
async def test_in_the_browser_and_out_again(
    site: Site, computer: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(computer, site, monkeypatch)
    async with running(small) as drive:
        hands = Together(drive)
        assert hands.bar("User") == "Not signed in"
        drive.choose("Repository", "Sign in…")
        dialog = await hands.dialog(TITLE)
        assert not drive.find("Sign in with the browser", QAbstractButton, dialog).isEnabled()
        hands.write("Server", site.url)
        hands.picture("sign-in", dialog)
        drive.key("Return", drive.find("Server", QLineEdit))
        await drive.until(lambda: not drive.all(TITLE))
        await drive.until(lambda: hands.bar("User") == "Ana Silva")
        assert hands.bar("Environment") == "Environment: Development"
        assert drive.shows("You are signed in as Ana Silva")
        await hands.free()
        # The environment in the status bar leads to the others.
        drive.click(hands.item("Environment"))
        dialog = await hands.dialog("Organization and environment")
        drive.pick("Environment", "Production")
        hands.picture("places", dialog)
        hands.press("Work there")
        await drive.until(lambda: hands.bar("Environment") == "Environment: Production")
        await hands.free()
        drive.choose("Repository", "Sign out…")
        await drive.until(lambda: drive.all("Stay signed in"))
        hands.press("Sign out")
        await drive.until(lambda: hands.bar("User") == "Not signed in")
        await hands.free()
    assert accounts.accounts() == ()


@window_test
async def test_a_browser_that_never_comes_back_is_stopped(
    site: Site, computer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser(computer, site, monkeypatch, "close")
    async with running() as drive:
        hands = Together(drive)
        drive.click("Sign in…")
        dialog = await hands.dialog(TITLE)
        hands.write("Server", site.url)
        hands.press("Sign in with the browser")
        await hands.says("Your browser is open")
        hands.picture("sign-in-waits", dialog)
        hands.press("Stop", dialog)
        await hands.says("Stopped: nobody was signed in.")
        assert drive.find("Server", QLineEdit).text() == site.url
        # Closed in the middle of another attempt, nothing is left behind.
        hands.press("Sign in with the browser")
        await hands.says("Your browser is open")
        drive.key("Escape", dialog)
        await hands.says("Stopped: nobody was signed in.")
        drive.key("Escape", dialog)
        await drive.until(lambda: not drive.all(TITLE))
    assert accounts.accounts() == ()


@window_test
async def test_what_cannot_work_is_said_in_place(secure_site: Site, computer: Path) -> None:
    async with running(theme="dark") as drive:
        hands = Together(drive)
        drive.click("Sign in…")
        dialog = await hands.dialog(TITLE)
        hands.write("Server", "https://127.0.0.1:1")
        hands.press("Sign in with the browser")
        await drive.until(
            lambda: drive.shows("127.0.0.1", dialog) and not hands.drive.shows("Asking", dialog)
        )
        hands.write("Server", secure_site.url)
        hands.press("Sign in with the browser")
        await hands.says("ask for its file and trust it here")
        assert drive.all("Trust a certificate file…", QAbstractButton, dialog)
        await drive.rest()
        said = next(text for text in dialog.findChildren(Text) if "trust it here" in text.text())
        assert said.width() > 0.8 * dialog.width()
        assert said.height() >= said.heightForWidth(said.width())
        server, way = (drive.find(name, within=dialog) for name in ("Server", IN_BROWSER))
        assert server.geometry().bottom() < way.geometry().top()
        hands.picture("sign-in-certificate", dialog)
        hands.press("Cancel", dialog)
        await drive.until(lambda: not drive.all(TITLE))


@window_test
async def test_a_personal_token_does_it_too(site: Site, computer: Path) -> None:
    async with running() as drive:
        hands = Together(drive)
        drive.click("Sign in…")
        dialog = await hands.dialog(TITLE)
        hands.write("Server", site.url)
        hands.press("With a personal token", dialog)
        hands.write("Personal token", "weft_pat_nonsense")
        hands.press("Sign in", dialog)
        await hands.says("The server does not know this token")
        await drive.until(lambda: drive.find("Personal token", QLineEdit).isEnabled())
        hands.picture("sign-in-token", dialog)
        hands.write("Personal token", site.token("ben"))
        hands.press("Sign in", dialog)
        await drive.until(lambda: hands.bar("User") == "Ben Silva")


@window_test
async def test_who_was_signed_in_is_known_at_the_next_start(site: Site, computer: Path, small: Path) -> None:
    signed_in(site)
    async with running(small) as drive:
        hands = Together(drive)
        await drive.until(lambda: hands.bar("User") == "Ana Silva")
        assert hands.bar("Environment") == "Environment: Development"
        # The project is not shared: its panel says what that would be good for.
        drive.click(hands.item("Repository"))
        await hands.says("This project is on this computer only")
        hands.picture("panel-alone")
