"""A computer without a key store: the window asks for the passphrase of an encrypted file, and everything works with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton

from studio.base import secrets
from studio.repository import accounts
from tests.repository.running_server import Site
from tests.ui.driver import running, window_test
from tests.ui.together_hands import Together, cheap_passwords, garbage_kept, server_tables, site

__all__ = ["cheap_passwords", "server_tables", "site"]
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("cheap_passwords", "no_key_store")]
SIGN_IN = "Sign in to your organization"
NEW, KNOWN = "A passphrase for your secrets", "The passphrase of your secrets"


@pytest.fixture
def no_key_store(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """No key store of the system, no passphrase file named."""
    monkeypatch.delenv(secrets.PASSPHRASE_FILE, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with garbage_kept():
        yield


async def begin(hands: Together, site: Site) -> None:
    hands.drive.choose("Repository", "Sign in…")
    dialog = await hands.dialog(SIGN_IN)
    hands.write("Server", site.url)
    hands.press("With a personal token", dialog)
    hands.write("Personal token", site.token())
    hands.press("Sign in", dialog)


@window_test
async def test_one_is_set_at_the_first_sign_in_and_asked_for_after_a_start(site: Site, small: Path) -> None:
    async with running(small) as drive:
        hands = Together(drive)
        await begin(hands, site)
        dialog = await hands.dialog(NEW)
        use = drive.find("Use this passphrase", QAbstractButton, dialog)
        hands.write("Passphrase", "correct horse")
        hands.write("The same again", "correct hose")
        await hands.says("The two are not the same.")
        assert not use.isEnabled()
        hands.write("The same again", "correct horse")
        hands.picture("passphrase-new", dialog)
        drive.click(use)
        await drive.until(lambda: hands.bar("User") == "Ana Silva")
        await hands.free()
    account = accounts.current()
    assert account is not None
    store = secrets.open_store(lambda: "correct horse")
    assert accounts.token_of(account, lambda: store)
    assert b"correct horse" not in secrets.vault_file().read_bytes()
    async with running(small, theme="dark") as drive:
        hands = Together(drive)
        await drive.until(lambda: hands.bar("User") == "Ana Silva")
        drive.choose("Repository", "Open from the repository…")
        dialog = await hands.dialog(KNOWN)
        hands.write("Passphrase", "wrong")
        hands.press("Open the file", dialog)
        await hands.says("The passphrase does not open the file of secrets")
        hands.picture("passphrase-wrong", hands.drive.find(KNOWN))
        hands.write("Passphrase", "correct horse")
        hands.press("Open the file")
        await drive.until(lambda: not drive.all(KNOWN))


@window_test
async def test_without_one_nothing_is_kept_and_it_is_said_what_to_do(site: Site) -> None:
    async with running() as drive:
        hands = Together(drive)
        await begin(hands, site)
        hands.press("Cancel", await hands.dialog(NEW))
        await hands.says("This computer has no key store")
        dialog = drive.find(SIGN_IN)
        assert not drive.all("Examine the way there…", QAbstractButton, dialog)
        # Whoever thinks better of it is asked again.
        hands.press("Sign in", dialog)
        hands.press("Cancel", await hands.dialog(NEW))
        await hands.says("This computer has no key store")
    assert not secrets.vault_file().exists()
    assert accounts.accounts() == ()
