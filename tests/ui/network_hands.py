"""A company's network for tests of the window: its proxy and server in a thread beside it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from studio.network.settings import NetworkPreferences, Way, save
from tests.network.authorities import root
from tests.network.corporation import Corporation

CORP = root("Corp Inspection CA 2")
GATEWAY = CORP.below("Corp Web Gateway 07", authority=True)
SALESFORCE = "login.salesforce.com"


@contextlib.contextmanager
def company(folder: Path, *, login: str = "") -> Iterator[Corporation]:
    """A gateway that opens and seals anew what goes to Salesforce, with a sign-in if wanted; everything goes through it."""
    loop = asyncio.new_event_loop()
    tls: ssl.SSLContext = GATEWAY.below(SALESFORCE, (SALESFORCE,)).server(folder)
    made = Corporation(tls, login=login)
    thread = threading.Thread(target=loop.run_forever, name="company")
    thread.start()

    def run(work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(20)  # type: ignore[arg-type]

    try:
        run(made.__aenter__())
        save(NetworkPreferences(Way.EXPLICIT, f"http://{made.address}"))
        yield made
    finally:
        run(made.__aexit__())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def certificate(folder: Path) -> Path:
    """The company's root as its network team gives it."""
    file = folder / "corp.pem"
    file.write_bytes(CORP.pem)
    return file
