"""What all answers share: the repository a folder or the account leads to, kept open between two of them, and Stop."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from studio.base.errors import NotAllowed, NotReachable
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.secrets import Locked, SecretStore, open_store
from studio.base.stopping import unless_stopped
from studio.network import settings
from studio.network.refusals import ProxyRefused
from studio.protocol.access import Environment
from studio.protocol.projects import Revision
from studio.repository import accounts
from studio.repository.accounts import Account
from studio.repository.client import Repository
from studio.repository.link import Link, require_link
from studio.repository.opened import account_for, opened
from studio.repository.refusals import Refused, SignedOut

Message = Mapping[str, Any]
Result = TypeVar("Result")
# What environments are called in which people work with what runs.
_PRODUCTION = ("prod", "produ", "live")


class Tell(Protocol):
    """Sends an event about the request being answered."""

    def __call__(self, event: str, **values: Any) -> None:
        """Send it."""


Answer = Callable[[Message, Tell, asyncio.Event, Progress], Awaitable[Any]]


class Counter:
    """One open repository at a time: another account, token or certificate opens another one."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = AsyncExitStack()
        stack.push_async_callback(self.close)
        self._store: SecretStore | None = None
        self._open: tuple[object, Repository] | None = None

    def secrets(self) -> SecretStore:
        """The key store, opened when first needed."""
        if self._store is None:
            self._store = open_store()
        return self._store

    async def of_folder(self, folder: Path) -> tuple[Repository, Link]:
        """The repository a project's folder belongs to; raises BadInput, NotAllowed."""
        link = require_link(folder)
        with _window_words():
            account = account_for(link.server, link.organization)
        return await self.of(account), link

    async def current(self) -> Repository:
        """The repository of the account used last; raises NotAllowed where nobody is signed in."""
        with _window_words():
            account = account_for()
        return await self.of(account)

    async def of(self, account: Account) -> Repository:
        """The repository an account sees."""
        with _window_words():
            token = accounts.token_of(account, self.secrets)
        wanted = (account.server, account.user, account.organization, token, settings.current())
        if self._open is None or self._open[0] != wanted:
            await self.close()
            self._open = (wanted, await self._stack.enter_async_context(opened(account, self.secrets)))
        return self._open[1]

    async def close(self) -> None:
        """Close what is open."""
        self._open = None
        await self._stack.aclose()


async def stoppable(work: Awaitable[Result], stop: asyncio.Event) -> Result:
    """Await `work` unless somebody stops it."""
    try:
        with _window_words():
            return await unless_stopped(work, stop, _("Stopped."))
    except NotReachable as error:
        raise with_code(error) from error


@contextlib.contextmanager
def _window_words() -> Iterator[None]:
    """Whoever is not signed in is sent to the menu, not to the command line."""
    try:
        yield
    except NotAllowed as error:
        if isinstance(error, SignedOut) or not isinstance(error, Refused | ProxyRefused | Locked):
            error.next_step = _("Sign in: Repository ▸ Sign in.")
        raise


def with_code(error: NotReachable) -> NotReachable:
    """The error, named `certificate` where the server's certificate is what is not trusted."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            error.code = "certificate"  # type: ignore[attr-defined]
        cause = cause.__cause__ or cause.__context__
    return error


def account_data(account: Account) -> dict[str, Any]:
    """An account as the window knows it."""
    return asdict(account)


def environment_data(one: Environment, there: tuple[Environment, ...]) -> dict[str, Any]:
    """An environment as the window lists it; people work with what runs in the last one, or in one called so."""
    named = one.slug.casefold().startswith(_PRODUCTION) or one.name.casefold().startswith(_PRODUCTION)
    last = all(one.position >= other.position for other in there)
    return {
        "id": one.id,
        "slug": one.slug,
        "name": one.name,
        "rights": list(one.rights),
        "production": named or last,
    }


def revision_data(revision: Revision) -> dict[str, Any]:
    """A version as the window lists it."""
    return {
        "id": revision.id,
        "number": revision.number,
        "parent": revision.parent,
        "author_name": revision.author_name,
        "message": revision.message,
        "at": seconds(revision.time),
        "added": revision.added,
        "changed": revision.changed,
        "removed": revision.removed,
    }


def seconds(time: str) -> float:
    """A moment of the protocol in seconds since 1970."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()
