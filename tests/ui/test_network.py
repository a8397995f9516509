"""The way out in the window: the doctor, the network preferences and signing in with a proxy, through real proxies."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from studio.base.secrets import open_store
from studio.network import settings
from studio.network.settings import NetworkPreferences, Way, load, save, secret_of_proxy
from tests.cheap_vault import cheap_vault
from tests.network.proxies_run import PASSWORD, USER, squid
from tests.ui.driver import Drive, running, window_test
from tests.ui.network_hands import SALESFORCE, certificate, company
from tests.ui.test_files import answer
from ui.widgets.trees import Rows

pytestmark = pytest.mark.network
URL = f"https://{SALESFORCE}"


@pytest.fixture(autouse=True)
def way_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this computer's settings; a key store that costs nothing."""
    for name in (
        "https_proxy",
        "http_proxy",
        "all_proxy",
        "no_proxy",
        "XDG_CURRENT_DESKTOP",
        "WEFT_EXTRA_CA",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    cheap_vault(tmp_path, monkeypatch)


def press(drive: Drive, name: str, within: QWidget | None = None) -> None:
    drive.click(drive.find(name, QAbstractButton, within))


def ask_for(drive: Drive, window: QWidget, address: str) -> None:
    """Write an address into the doctor's field and press Enter there."""
    field = drive.find("Address", QLineEdit, window)
    drive.click(field)
    drive.key("Ctrl+A", field)
    drive.type(address, field)
    drive.key("Return", field)


async def doctor(drive: Drive) -> QWidget:
    drive.choose("Tools", "Proxy doctor…")
    await drive.until(lambda: drive.all("Proxy doctor"))
    found: QWidget = drive.find("Proxy doctor")
    await drive.until(lambda: drive.all("Ask again"))
    return found


@window_test
async def test_the_doctor_says_what_fails_and_a_trusted_file_mends_it(tmp_path: Path, small: Path) -> None:
    with company(tmp_path) as corp:
        async with running(small) as drive:
            window = await doctor(drive)
            assert drive.find("Address", QLineEdit, window).text() == URL
            await drive.until(lambda: drive.shows("not trusted", window))
            steps = drive.find("Steps", Rows, window)
            assert drive.rows(steps) == [
                "Setting",
                "Name",
                "Connection",
                "Scheme",
                "Certificate",
                "Salesforce",
            ]
            assert corp.address in drive.rows(steps, 1)[0]
            assert "issued by" in drive.rows(steps, 1)[4] or "Corp Inspection CA 2" in " ".join(
                drive.texts(window)
            )
            assert drive.rows(steps, 1)[5] == "not reached"
            assert drive.shows(f"Certificate shown for {SALESFORCE}", window)
            assert drive.shows("Corp Inspection CA 2", window)
            press(drive, "Copy", window)
            said = QApplication.clipboard().text()
            assert SALESFORCE in said
            assert "Corp Inspection CA 2" in said
            press(drive, "Trust a certificate file for this studio…", window)
            await answer(drive, certificate(tmp_path))
            await drive.until(lambda: not drive.shows("not trusted", window) and drive.all("Ask again"))
            assert "answered 302" in drive.rows(steps, 1)[-1]
            assert load()[0].extra_ca == (str(tmp_path / "corp.pem"),)
            # Another address: asked with Enter in the field.
            ask_for(drive, window, "https://other.example")
            await drive.until(lambda: drive.shows("other.example", window) and drive.all("Ask again"))
            press(drive, "Save report…", window)
            report = tmp_path / "report.txt"
            await answer(drive, report)
            await drive.until(report.exists)
            assert "other.example" in report.read_text()
            press(drive, "Close", window)
            await drive.until(lambda: not drive.all("Proxy doctor"))


@window_test
async def test_everything_the_project_talks_to_is_examined_and_an_examination_can_be_stopped(
    tmp_path: Path, small: Path
) -> None:
    with company(tmp_path):
        async with running(small) as drive:
            # From the status bar.
            drive.click(
                next(
                    each
                    for each in drive.window.status.findChildren(QWidget)
                    if each.accessibleName().startswith("Proxy: ")
                )
            )
            await drive.until(lambda: drive.all("Addresses of the project"))
            window = drive.find("Proxy doctor")
            rows = drive.find("Addresses of the project", Rows, window)
            assert drive.rows(rows) == [SALESFORCE]
            await drive.until(lambda: drive.rows(rows, 4) == ["not trusted"])
            await drive.until(lambda: drive.all("Ask again"))
            # An address that swallows what is sent: nothing but Stop ends the wait.
            ask_for(drive, window, "https://10.255.255.1")
            await drive.until(lambda: drive.all("Stop", QAbstractButton, window))
            press(drive, "Stop", window)
            await drive.until(lambda: drive.all("Ask again"))
            drive.key("Escape", window)
            await drive.until(lambda: not drive.all("Proxy doctor"))


@window_test
async def test_network_preferences_are_tried_before_they_are_kept(tmp_path: Path, small: Path) -> None:
    with company(tmp_path) as corp:
        save(NetworkPreferences(Way.NONE))
        async with running(small) as drive:
            assert "Proxy: No proxy" in drive.names()
            drive.choose("Tools", "Network preferences…")
            await drive.until(lambda: drive.all("This proxy"))
            page = drive.find("Preferences")
            await drive.until(lambda: drive.shows("System: no proxy", page))
            press(drive, "This proxy")
            drive.write("Address of the proxy", f"http://{corp.address}")
            drive.write("Reached without a proxy", "*.corp.example")
            press(drive, "Basic")
            press(drive, "Add a file…")
            await answer(drive, certificate(tmp_path))
            await drive.until(lambda: drive.all("Trusted certificate files", Rows, page))
            authorities = drive.find("Trusted certificate files", Rows, page)
            await drive.until(lambda: drive.rows(authorities) == ["Corp Inspection CA 2"])
            assert load()[0].way is Way.NONE
            press(drive, "Test")
            await drive.until(lambda: drive.all("Details…"))
            assert corp.asked
            assert load()[0].way is Way.NONE
            press(drive, "OK")
            await drive.until(lambda: not drive.all("Preferences"))
            kept, problem = load()
            assert problem is None
            assert (kept.way, kept.proxy, kept.bypass) == (
                Way.EXPLICIT,
                f"http://{corp.address}",
                "*.corp.example",
            )
            assert kept.schemes == ("negotiate", "ntlm", "digest")
            assert kept.extra_ca == (str(tmp_path / "corp.pem"),)
            await drive.until(lambda: f"Proxy: Proxy: http://{corp.address}" in drive.names())


@window_test
async def test_what_makes_no_sense_is_said_and_nothing_is_kept(tmp_path: Path, small: Path) -> None:
    async with running(small) as drive:
        drive.choose("Tools", "Network preferences…")
        await drive.until(lambda: drive.all("This proxy"))
        page = drive.find("Preferences")
        await drive.until(lambda: drive.find("This proxy").isEnabled())
        press(drive, "This proxy")
        drive.write("Address of the proxy", "http://ana:secret@proxy.example:8080")
        press(drive, "OK")
        await drive.until(lambda: drive.shows("A proxy's address holds no user and no password here.", page))
        press(drive, "Cancel")
        await drive.until(lambda: not drive.all("Preferences"))
    assert not settings.preferences_file().exists()


@window_test
async def test_a_proxy_that_asks_is_answered_once_and_a_new_password_counts_at_once(small: Path) -> None:
    with squid("basic") as proxy:
        save(NetworkPreferences(Way.EXPLICIT, proxy.address))
        async with running(small) as drive:
            drive.choose("Repository", "Sign in…")
            title = "Sign in to your organization"
            await drive.until(lambda: drive.all(title))
            drive.write("Server", "https://weft.corp.test")
            drive.key("Return", drive.find("Server", QLineEdit))
            asks = "Sign in with the proxy"
            await drive.until(lambda: drive.all(asks))
            dialog = drive.find(asks)
            assert drive.shows("asks for a sign-in (407; it offers Basic)", dialog)
            assert drive.find("Proxy", QLineEdit, dialog).text() == proxy.place
            paste(drive, "User", USER)
            paste(drive, "Password", "wrong")
            press(drive, "Sign in", dialog)
            await drive.until(lambda: not drive.all(asks))
            await sign_in_again(drive)
            await drive.until(lambda: drive.all(asks))
            dialog = drive.find(asks)
            assert drive.shows(f"refused the user {USER}", dialog)
            paste(drive, "Password", PASSWORD)
            press(drive, "Sign in", dialog)
            await drive.until(lambda: not drive.all(asks))
            await sign_in_again(drive)
            # The proxy lets us through now: what fails is another thing.
            await drive.until(lambda: proxy.seen("CONNECT weft.corp.test:443", 3) and drive.all("Stop") == [])
            await drive.rest()
            assert not drive.all(asks)
            assert sum(f" {USER} " in line for line in proxy.logged()) <= 4
            press(drive, "Cancel", drive.find(title))
            await drive.until(lambda: not drive.all(title))
        assert load()[0].users == {proxy.place: USER}
        assert open_store().get(secret_of_proxy(proxy.place)) == PASSWORD
        assert PASSWORD not in settings.preferences_file().read_text()


def paste(drive: Drive, name: str, text: str) -> None:
    """Replace what is in a field from the clipboard: the test's keyboard has no accents."""
    field = drive.find(name, QLineEdit)
    drive.click(field)
    QApplication.clipboard().setText(text)
    drive.key("Ctrl+A", field)
    drive.key("Ctrl+V", field)


async def sign_in_again(drive: Drive) -> None:
    """Press the dialog's button once more, as soon as it can be."""
    name = "Sign in with the browser"
    await drive.until(lambda: drive.all(name) and drive.find(name).isEnabled())
    press(drive, name)
