"""The passkeys of users as they are kept, and the two steps of each use: asked, answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from cloud.config import Config
from cloud.identity import passkeys, tickets
from cloud.identity.passkeys import NotProven, Passkey, Site
from cloud.identity.tickets import Purpose
from cloud.store.database import Common
from cloud.store.tables_identity import passkeys as table

MOST = 20


def site(config: Config) -> Site:
    """Whom the passkeys of this server belong to."""
    parts = urlsplit(config.address)
    return Site(parts.hostname or "localhost", f"{parts.scheme}://{parts.netloc}")


def of(common: Common, user: str) -> Sequence[Row[Any]]:
    """The passkeys of a user, the oldest first."""
    return common.rows(select(table).where(table.c.user_id == user).order_by(table.c.created_at))


def ask_new(common: Common, config: Config, user: str, email: str, name: str) -> tuple[str, dict[str, Any]]:
    """A ticket and what the browser is asked for a new passkey."""
    present = [base64url_to_bytes(row.id) for row in of(common, user)]
    options, challenge = passkeys.registration(site(config), user, email, name, present)
    content = {"challenge": challenge.hex()}
    return tickets.issue(common, Purpose.PASSKEY_NEW, passkeys.SECONDS, user=user, content=content), options


def add(common: Common, config: Config, user: str, ticket: str, answer: dict[str, Any], name: str) -> str:
    """Keep the passkey a browser answered with; its id. Raises NotProven."""
    held = tickets.take(common, Purpose.PASSKEY_NEW, ticket)
    if held is None or held.user != user:
        raise NotProven("too late")
    if len(of(common, user)) >= MOST:
        raise NotProven("too many passkeys")
    made = passkeys.registered(site(config), bytes.fromhex(held.content["challenge"]), answer)
    id = bytes_to_base64url(made.id)
    fresh = common.insert_new(
        table,
        id=id,
        user_id=user,
        public_key=made.public_key,
        counter=made.count,
        name=name,
        synced=made.synced,
        created_at=common.now(),
    )
    if not fresh:
        raise NotProven("known already")
    return id


def ask(common: Common, config: Config) -> tuple[str, dict[str, Any]]:
    """A ticket and what the browser is asked at sign-in."""
    options, challenge = passkeys.sign_in(site(config))
    content = {"challenge": challenge.hex()}
    return tickets.issue(common, Purpose.PASSKEY_SIGN_IN, passkeys.SECONDS, content=content), options


def owner(common: Common, answer: dict[str, Any]) -> str:
    """Whose passkey an answer says it is of, proven or not; "" for nobody's."""
    try:
        id = bytes_to_base64url(passkeys.answered_id(answer))
    except NotProven:
        return ""
    return str(common.value(select(table.c.user_id).where(table.c.id == id)) or "")


def prove(common: Common, config: Config, ticket: str, answer: dict[str, Any]) -> str:
    """The user whose passkey answered. Raises NotProven."""
    held = tickets.take(common, Purpose.PASSKEY_SIGN_IN, ticket)
    if held is None:
        raise NotProven("too late")
    id = bytes_to_base64url(passkeys.answered_id(answer))
    row = common.one(select(table).where(table.c.id == id))
    if row is None:
        raise NotProven("unknown passkey")
    kept = Passkey(base64url_to_bytes(row.id), bytes(row.public_key), row.counter)
    count = passkeys.signed_in(site(config), bytes.fromhex(held.content["challenge"]), answer, kept)
    same = (table.c.id == id) & (table.c.counter == row.counter)
    if common.update(table, same, counter=count, used_at=common.now()) != 1:
        raise NotProven("used at the same time")
    return str(row.user_id)
