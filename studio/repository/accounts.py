"""Who is signed in to which repository server from this computer; tokens are in the key store only."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from studio.base import atomic
from studio.base.errors import BadInput, NotAllowed
from studio.base.file_lock import waiting_turn
from studio.base.i18n import _
from studio.base.paths import config_folder
from studio.base.records import dataclass
from studio.base.secrets import SecretStore
from studio.repository.addresses import clean_server

# A personal token for services, before whatever is kept; and the server it is for: a project's folder may name any.
TOKEN_VARIABLE = "WEFT_REPOSITORY_TOKEN"
SERVER_VARIABLE = "WEFT_REPOSITORY_SERVER"
_TOKEN = re.compile(r"[\x21-\x7e]{8,500}")


@dataclass(frozen=True)
class Account:
    """A user of a server (`https://host:port`), with the organization and environment chosen there, by id."""

    server: str
    user: str
    email: str
    name: str
    organization: str
    organization_name: str
    environment: str = ""
    environment_name: str = ""

    @property
    def secret(self) -> str:
        """The name of the token in the key store."""
        return f"repository/{urlsplit(self.server).netloc}/{self.user}"


def accounts() -> tuple[Account, ...]:
    """All accounts, the one used last first; raises BadInput for a file that cannot be read."""
    file = _file()
    try:
        return msgspec.json.decode(file.read_bytes(), type=tuple[Account, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise BadInput(
            _("The list of repository accounts cannot be read."),
            file=file,
            next_step=_("Remove the file and sign in again: weft sign-in SERVER"),
        ) from error


def current(server: str = "") -> Account | None:
    """The account used last, of this server where one is named."""
    return next((each for each in accounts() if server in ("", each.server)), None)


def needed(server: str = "") -> Account:
    """As `current`; raises NotAllowed, with what to do, where nobody is signed in."""
    found = current(server)
    if found is None:
        raise _nobody(server)
    return found


def _nobody(server: str) -> NotAllowed:
    given = bool(os.environ.get(TOKEN_VARIABLE, "").strip())
    return NotAllowed(
        _("Nobody is signed in to {server}.").format(server=server)
        if server
        else _("Nobody is signed in to a repository server."),
        next_step=_("Name the server the token is for in WEFT_REPOSITORY_SERVER.")
        if given and not os.environ.get(SERVER_VARIABLE)
        else _("Sign in: weft sign-in {server}").format(server=server or "SERVER"),
    )


def keep(account: Account, token: str, store: SecretStore) -> None:
    """Keep an account and its token, as the one used last; the same user of the server is replaced."""
    store.put(account.secret, token)
    _change(lambda known: (account, *_others(known, account)))


def choose(account: Account) -> None:
    """Keep another organization or environment of an account that is there; its token stays."""
    _change(lambda known: (account, *_others(known, account)))


def forget(account: Account, store: SecretStore) -> None:
    """Forget an account and its token."""
    store.remove(account.secret)
    _change(lambda known: _others(known, account))


def token_of(account: Account, store: Callable[[], SecretStore]) -> str:
    """The token an account works with: that of WEFT_REPOSITORY_TOKEN where it is for this server, else the kept one.

    Raises NotAllowed.
    """
    token = token_given(account.server) or store().get(account.secret)
    if not token:
        raise _nobody(account.server)
    return token


def token_given(server: str) -> str:
    """The token of WEFT_REPOSITORY_TOKEN, empty where there is none for this server.

    It is for the server of WEFT_REPOSITORY_SERVER; without that for those somebody signed in to on this computer.
    """
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    named = os.environ.get(SERVER_VARIABLE, "").strip()
    if not given:
        return ""
    meant = clean_server(named) == server if named else current(server) is not None
    return fit_token(given) if meant else ""


def fit_token(text: str) -> str:
    """A token as it can travel in a header; raises BadInput for what cannot be one."""
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise BadInput(
            _("This is no token of a repository server."),
            next_step=_("Make one in the server's console, in your account, and copy it whole."),
        )
    return token


def in_environment(account: Account, environment: str, name: str) -> Account:
    """The account with another environment chosen."""
    return replace(account, environment=environment, environment_name=name)


def _others(known: tuple[Account, ...], account: Account) -> tuple[Account, ...]:
    return tuple(each for each in known if (each.server, each.user) != (account.server, account.user))


def _change(change: Callable[[tuple[Account, ...]], tuple[Account, ...]]) -> None:
    file = _file()
    with waiting_turn(file.with_suffix(".lock")):
        rows: list[dict[str, Any]] = [asdict(each) for each in change(accounts())]
        atomic.write_bytes(file, msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")


def _file() -> Path:
    return config_folder() / "accounts.json"
