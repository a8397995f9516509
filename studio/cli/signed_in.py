"""An org for the length of one command: signed in to, the practice org started on demand, Ctrl+C heard."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.errors import NotAllowed
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.progress import Progress
from studio.base.secrets import SecretStore, open_store
from studio.connectors.salesforce.session import Org
from studio.moves.access import orgs
from studio.moves.access.opened import opened

if TYPE_CHECKING:
    from studio.moves.desks import desk_orgs
else:
    desk_orgs = Lazily("studio.moves.desks.desk_orgs")

_stores: list[SecretStore] = []


def say(text: str) -> None:
    """A line for the person, on standard error."""
    print(text, file=sys.stderr)  # noqa: T201


def secret_store() -> SecretStore:
    """The store of secrets, opened once; asks for the vault's passphrase on a terminal."""
    if not _stores:
        _stores.append(open_store(_ask_passphrase))
    return _stores[0]


def _ask_passphrase() -> str:
    if not sys.stdin.isatty():
        raise NotAllowed(
            _("This computer has no key store, and no passphrase for the file of secrets was given."),
            next_step=_("Name a file that holds a passphrase in WEFT_VAULT_PASSPHRASE_FILE."),
        )
    return getpass.getpass(_("Passphrase of the file of secrets: "))


@contextlib.asynccontextmanager
async def signed_in(
    name: str, near: Path | None = None, version: str = "", *, person: bool = False
) -> AsyncIterator[Org]:
    """The org called `name`; raises BadInput, NotReachable, NotAllowed, SalesforceError.

    The browser is opened where a `person` is known to wait for it, or a terminal says so; a job of the night is told.
    """

    def show(address: str, code: str) -> None:
        if not (person or sys.stdin.isatty() or sys.stderr.isatty()):
            raise NotAllowed(
                _("Nobody is signed in to {name}, and no terminal is here to ask.").format(name=name),
                next_step=_("Sign in once with: weft org sign-in {name}").format(name=name),
            )
        _show(address, code)

    async with opened(orgs.find(name, near), secret_store, show=show, version=version) as org:
        yield org


def _show(address: str, code: str) -> None:
    if code:
        say(_("Open {address} and enter the code {code}.").format(address=address, code=code))
    else:
        say(_("Sign in in the browser: {address}").format(address=address))
    if not os.environ.get("WEFT_NO_BROWSER"):
        desk_orgs.open_browser(address)


@contextlib.contextmanager
def stoppable() -> Iterator[tuple[asyncio.Event, Progress]]:
    """Inside an event loop: the first Ctrl+C asks for a tidy end, the second one breaks off at once."""
    stop, progress = asyncio.Event(), Progress()
    loop = asyncio.get_running_loop()

    def ask(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        say(_("Stopping: what was sent is counted. Press Ctrl+C again to break off."))
        progress.stop()
        loop.call_soon_threadsafe(stop.set)

    before: list[tuple[signal.Signals, object]] = []
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before.append((number, signal.signal(number, ask)))
        yield stop, progress
    finally:
        for number, handler in before:
            signal.signal(number, handler)  # type: ignore[arg-type]
