"""The audit of an organization as client and server tell each other about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from studio.protocol.fields import STRICT, Time


@dataclass(frozen=True)
class AuditPolicy:
    """What is recorded besides every change: `values` before and after it, `reads` of what is secret, `sign_ins`, and
    what members tried and were `refused`."""

    __pydantic_config__: ClassVar = STRICT

    values: bool = True
    reads: bool = True
    sign_ins: bool = True
    refused: bool = False


@dataclass(frozen=True)
class AuditEntry:
    """Who did what to what, from where; `hash` holds the whole chain up to here. `actor` is a user's id or a command."""

    number: int
    at: Time
    action: str
    target: str
    actor: str
    via: str
    address: str
    request_id: str
    hash: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class AuditPage:
    """Entries, newest first; `before` asks for the next page, None when this is the last."""

    items: tuple[AuditEntry, ...]
    before: int | None = None


@dataclass(frozen=True)
class AuditVerdict:
    """Whether the chain is whole; if not, the first entry that is wrong, and why."""

    whole: bool
    entries: int
    first_wrong: int | None = None
    why: str = ""


@dataclass(frozen=True)
class SignedHead:
    """The end of the chain on a day, signed by the server (Ed25519 over `organization|day|number|hash`)."""

    day: str
    number: int
    hash: str
    signature: str


@dataclass(frozen=True)
class SignedHeads:
    """The signed heads, newest first, and the public key that proves them (hexadecimal)."""

    public_key: str
    items: tuple[SignedHead, ...]
