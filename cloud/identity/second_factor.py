"""The second factor of a user: the app's secret, sealed, and the recovery codes, hashed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from cloud.identity import totp
from cloud.identity.secrets_shown import kept_code, new_recovery_codes
from cloud.server import Server
from cloud.store.database import Common
from cloud.store.metadata import SERVER
from cloud.store.tables_identity import passkeys, proofs, recovery_codes

TOTP, OFFERED = "proofs.totp", "proofs.totp_offered"
ISSUER = "Weft"


def ways(common: Common, row: Any, *, demanded: bool) -> tuple[str, ...]:
    """How a user whose password was right goes on; () where there is no second factor, or none is asked for.

    Whoever has only a passkey is asked for it where a second factor is demanded: a password alone must not be enough
    to enrol another one.
    """
    has_passkey = common.one(select(passkeys.c.id).where(passkeys.c.user_id == row.id)) is not None
    if not row.totp and not (demanded and has_passkey):
        return ()
    recovery = ("recovery",) if codes_left(common, row.id) else ()
    return (*(("totp",) if row.totp else ()), *recovery, *(("passkey",) if has_passkey else ()))


def prove(server: Server, common: Common, user: str, code: str) -> str:
    """How a code proves the user: "totp", "recovery", or "" if it does not. What it used up is used up."""
    row = common.one(select(proofs.c.totp, proofs.c.totp_step).where(proofs.c.id == user))
    if row is not None and row.totp:
        secret = server.envelope.open(SERVER, TOTP, user, bytes(row.totp)).decode()
        step = totp.used_step(secret, code, common.now().timestamp(), row.totp_step)
        # The condition decides between two who bring the same code at once.
        newer = (proofs.c.id == user) & (proofs.c.totp_step < (step or 0))
        if step is not None and common.update(proofs, newer, totp_step=step) == 1:
            return "totp"
    unused = (recovery_codes.c.id == kept_code(user, code)) & recovery_codes.c.used_at.is_(None)
    if common.update(recovery_codes, unused, used_at=common.now()) == 1:
        return "recovery"
    return ""


def offer(server: Server, common: Common, user: str, email: str) -> tuple[str, str]:
    """A new secret, worth nothing until a code of it is given: the secret and its address for the app."""
    secret = totp.new_secret()
    sealed = server.envelope.seal(SERVER, OFFERED, user, secret.encode())
    if common.update(proofs, proofs.c.id == user, totp_offered=sealed) == 0:
        common.insert(proofs, id=user, totp_offered=sealed, totp_step=0)
    return secret, totp.address(secret, email, ISSUER)


def confirm(server: Server, common: Common, user: str, code: str) -> list[str] | None:
    """Take the secret offered if the code is of it; the new recovery codes, or None for a wrong code."""
    sealed = common.value(select(proofs.c.totp_offered).where(proofs.c.id == user))
    if not sealed:
        return None
    secret = server.envelope.open(SERVER, OFFERED, user, bytes(sealed))
    step = totp.used_step(secret.decode(), code, common.now().timestamp(), 0)
    if step is None:
        return None
    own = server.envelope.seal(SERVER, TOTP, user, secret)
    common.update(proofs, proofs.c.id == user, totp=own, totp_offered=None, totp_step=step)
    return new_codes(common, user)


def remove(common: Common, user: str) -> None:
    """No app and no recovery codes any more."""
    common.update(proofs, proofs.c.id == user, totp=None, totp_offered=None)
    common.delete(recovery_codes, recovery_codes.c.user_id == user)


def new_codes(common: Common, user: str) -> list[str]:
    """New recovery codes; the old ones are worth nothing from now on."""
    common.delete(recovery_codes, recovery_codes.c.user_id == user)
    codes = new_recovery_codes()
    common.insert_many(
        recovery_codes, [{"id": kept_code(user, code), "user_id": user, "used_at": None} for code in codes]
    )
    return codes


def codes_left(common: Common, user: str) -> int:
    """How many recovery codes were not used yet."""
    unused = select(func.count()).where(recovery_codes.c.user_id == user, recovery_codes.c.used_at.is_(None))
    return int(common.value(unused) or 0)
