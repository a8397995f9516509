"""Two people, two computers, one repository behind a proxy that asks for a password: both change one rule, one of them
offline; what clashes is decided in the window, and in the end both have the same."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit, QTreeView

from cloud.certificate import make_certificate
from studio.base import secrets
from studio.base.secrets import open_store
from studio.network import settings
from studio.network.settings import NetworkPreferences, Way, secret_of_proxy
from studio.repository import accounts
from tests.cheap_vault import cheap_vault
from tests.network.own_proxy import PASSWORD, USER, OwnProxy
from tests.repository import running_server
from tests.repository.conftest import server_tables
from tests.repository.running_server import Site
from tests.ui.canvas_hands import TARGET, Map
from tests.ui.driver import Drive, running, window_test
from tests.ui.relay import Relay, relayed
from tests.ui.small_project import write_small_project
from tests.ui.together_hands import Together, garbage_kept

__all__ = ["server_tables"]
pytestmark = pytest.mark.network
NAME = "weft.corp.test"
RULE = "invoices/invoice/issueDate"
MAP = "transformations/orders-to-invoices.yaml"


@contextlib.contextmanager
def proxy_in_a_thread() -> Iterator[OwnProxy]:
    """A proxy that lets nobody through without a password."""
    proxy, ready = OwnProxy("basic"), threading.Event()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def serve() -> None:
        async with proxy.running():
            ready.set()
            await end.wait()

    def run() -> None:
        with contextlib.closing(loop):
            loop.run_until_complete(serve())

    thread = threading.Thread(target=run, name="proxy")
    thread.start()
    assert ready.wait(30)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(30)


@pytest.fixture
def named_site(server_tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server known by a name that only the proxy knows where to find."""

    def named(certificate: Path, key: Path, names: list[str]) -> None:
        make_certificate(certificate, key, [*names, NAME])

    monkeypatch.setattr(running_server, "make_certificate", named)
    with running_server.serving(tmp_path / "server", server_tables, tls=True) as running_site:
        yield running_site


@pytest.fixture
def proxy(named_site: Site) -> Iterator[OwnProxy]:
    with proxy_in_a_thread() as running_proxy:
        port = named_site.url.rpartition(":")[2]
        running_proxy.elsewhere = int(port)
        named_site.url = f"https://{NAME}:{port}"
        yield running_proxy


@pytest.fixture
def cable(proxy: OwnProxy) -> Iterator[Relay]:
    """What leads to the proxy; pulled out, one is offline."""
    with relayed(proxy.port) as relay:
        yield relay


@pytest.fixture
def sit_at(
    tmp_path: Path, named_site: Site, cable: Relay, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Path]]:
    """Sit down at somebody's computer: its folder; they are signed in and know the proxy's password."""
    site = named_site

    def sit(who: str) -> Path:
        place = tmp_path / who
        fresh = not place.exists()
        place.mkdir(exist_ok=True)
        monkeypatch.setenv("WEFT_HOME", str(place / "home"))
        if not fresh:
            monkeypatch.setenv(secrets.PASSPHRASE_FILE, str(place / "phrase"))
            return place
        cheap_vault(place, monkeypatch)
        address = f"127.0.0.1:{cable.port}"
        open_store().put(secret_of_proxy(address), PASSWORD)
        accounts.keep(site.account(who), site.token(who), open_store())
        settings.save(
            NetworkPreferences(
                way=Way.EXPLICIT,
                proxy=f"http://{address}",
                users={address: USER},
                extra_ca=(str(site.certificate),),
            )
        )
        return place

    with garbage_kept():
        yield sit


async def rule_changed(drive: Drive, script: str) -> None:
    """Open the map, write another script into the rule, save."""
    tree = drive.find("Project", QTreeView)
    drive.click_row(tree, drive.index(tree, "Transformations", "Orders to invoices"), double=True)
    await drive.until(lambda: drive.all(TARGET))
    await drive.rest(0.2)
    map = Map(drive)
    await map.click(TARGET, RULE)
    drive.key("F4")
    drive.key("Ctrl+A")
    drive.type(script)
    drive.key("Return")
    await drive.rest(0.2)
    drive.key("Ctrl+S", drive.window)
    workspace = drive.studio.session.workspace
    assert workspace is not None
    await drive.until(lambda: not workspace.dirty)
    assert script in (workspace.folder / MAP).read_text()


async def pushes(hands: Together, message: str, unsent: str = "") -> None:
    """Push with a message; `unsent` is what was written before and did not come about, and stands there again."""
    hands.drive.key("Ctrl+Alt+U", hands.drive.window)
    await hands.dialog("Push to the repository")
    assert hands.drive.find("What did you change?", QPlainTextEdit).toPlainText() == unsent
    hands.drive.write("What did you change?", message)
    hands.press("Push")
    await hands.free()


def files(folder: Path) -> dict[str, bytes]:
    """What a project holds, without what belongs to one computer."""
    found = (file for file in folder.rglob("*") if file.is_file())
    named = {str(file.relative_to(folder)): file for file in found}
    return {
        name: file.read_bytes() for name, file in named.items() if not name.startswith((".weft", "samples"))
    }


@window_test
async def test_both_change_one_rule_and_end_with_the_same(
    sit_at: Callable[[str], Path], proxy: OwnProxy, cable: Relay
) -> None:
    anas = sit_at("ana") / "orders-to-erp"
    write_small_project(anas)
    async with running(anas, size="1600x1000") as drive:
        hands = Together(drive)
        await drive.until(lambda: hands.bar("User") == "Ana Silva")
        drive.choose("Repository", "Share this project…")
        await hands.dialog("Share this project")
        hands.press("Share")
        await hands.dialog("Push to the repository")
        hands.press("Push")
        await hands.says("Version 1 is in the repository.")
        await hands.free()
    assert proxy.taken
    bens = sit_at("ben") / "copied"
    async with running(size="1600x1000") as drive:
        hands = Together(drive)
        drive.click("Open from the repository…")
        await hands.dialog("Open a project of the repository")
        hands.write("Folder", str(bens))
        hands.press("Copy and open")
        await hands.stands("Everything here is in the repository")
        await rule_changed(drive, "[placed] + 45")
        await hands.stands("1 to push")
        await pushes(hands, "45 days")
        await hands.says("Version 2 is in the repository.")
    sit_at("ana")
    cable.unplug()
    async with running(anas, size="1600x1000") as drive:
        hands = Together(drive)
        await rule_changed(drive, "[placed] + 30")
        await hands.stands("1 to push")
        await pushes(hands, "30 days")
        # Offline is a sentence, and everything is still here.
        await drive.until(lambda: drive.all("Close the message"))
        await hands.stands("you can go on working")
        cable.plug()
        await pushes(hands, "30 days", "30 days")
        await hands.dialog("Somebody was faster")
        hands.press("Pull now")
        await drive.until(lambda: drive.all(f"Take theirs: {RULE}"), 60)
        await drive.rest(0.3)
        drive.write("Your own version", "[placed] + 40")
        hands.picture("flow-conflict", drive.find("Conflicts"))
        hands.press("Use this one")
        await drive.until(lambda: drive.find("Finish").isEnabled(), 20)
        hands.press("Finish")
        await drive.until(lambda: not drive.all("Conflicts"))
        await hands.stands("1 to push")
        await drive.until(lambda: not drive.window.table.reason("repository.push"))
        assert not drive.shows("for you to decide")
        await pushes(hands, "40 days, agreed", "30 days")
        await hands.says("Version 3 is in the repository.")
    sit_at("ben")
    async with running(bens, size="1600x1000") as drive:
        hands = Together(drive)
        await hands.stands("1 to pull")
        drive.key("Ctrl+Alt+G", drive.window)
        await hands.says("1 object came from Ana Silva.")
        await hands.free()
    assert "[placed] + 40" in (bens / MAP).read_text()
    assert files(anas) == files(bens)
    assert not proxy.refused
