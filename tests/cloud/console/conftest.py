"""A server browsers reach, and people who sit in front of Chromium."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cloud.identity import accounts, passwords
from cloud.identity.sessions import COOKIE
from tests.cloud.conftest import Person, Running

SECRET = "quatro cavalos no telhado"
# For slow machines; nothing waits so long where all is well.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is tested elsewhere."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)


def give_password(server: Running, person: Person, password: str = SECRET) -> None:
    """The person has a password from now on."""
    with server.database.common(write=True) as common:
        accounts.keep_password(common, person.id, passwords.hashed(password))


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that leaves a thread of its own behind fails. The browser all share has processes come and go."""
    before = set(threading.enumerate())
    yield
    left = {each for each in threading.enumerate() if not each.daemon} - before
    for thread in left:
        thread.join(10)
    browsing = "chromium" in request.fixturenames
    names = [
        each.name for each in left if each.is_alive() and not (browsing and each.name.startswith("asyncio_"))
    ]
    assert not names, f"left behind: {names}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module. It must be gone before another one's begin: playwright keeps an event loop
    running in the tests' own thread, beside which no window's loop of the same process can be relied on."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip(
            "NO CHROMIUM HERE: nothing is proven about the console; apt-get install chromium on Debian"
        )
    with sync_playwright() as playwright:
        # As root Chromium has no sandbox; it opens nothing but our own pages here.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Site:
    """The server as browsers reach it."""

    running: Running
    address: str
    browser: Browser

    def visitor(self, language: str = "en-GB", **more: Any) -> Page:
        """Somebody in front of a browser of their own, not signed in. What the page's scripts complain about fails."""
        context = self.browser.new_context(base_url=self.address, locale=language, **more)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        return page

    def signed_in(self, person: Person, language: str = "en-GB", **more: Any) -> Page:
        """A browser in which the person has a session, without the way through the form."""
        give_password(self.running, person)
        said = self.running.stranger.post("/sign-in", json={"email": person.email, "password": SECRET}).json()
        page = self.visitor(language, **more)
        page.context.add_cookies(
            [
                {
                    "name": COOKIE,
                    "value": said["token"],
                    "url": self.address.replace("http:", "https:"),
                    "secure": True,
                    "httpOnly": True,
                }
            ]
        )
        return page


@pytest.fixture
def site(server: Running, chromium: Browser) -> Iterator[Site]:
    """The server on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://localhost:{listening.getsockname()[1]}"
        server.server.config = replace(server.server.config, public_url=address)
        settings = uvicorn.Config(server.app, log_level="error", lifespan="off")
        serving = uvicorn.Server(settings)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]})
        thread.start()
        before = set(chromium.contexts)
        yield Site(server, address, chromium)
        for context in set(chromium.contexts) - before:
            context.close()
        serving.should_exit = True
        thread.join()
