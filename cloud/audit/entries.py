"""Adding to an organization's chain of entries: each holds the hash of the one before."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, true

from cloud.store.database import Transaction
from cloud.store.envelope import Envelope
from cloud.store.tables_audit import audit_details, audit_entries, audit_heads

START = bytes(32)
SALT_BYTES = 16
PURPOSE = "audit_details.content"


@dataclass(frozen=True)
class Entry:
    """Who did what to what, from where; `before` and `after` are JSON values without secrets."""

    action: str
    target: str
    actor: str
    via: str
    address: str
    request_id: str
    before: Any = None
    after: Any = None


def append(transaction: Transaction, envelope: Envelope, entry: Entry) -> int:
    """Add an entry to the chain of the transaction's organization; returns its number."""
    head = transaction.one(select(audit_heads).with_for_update())
    if head is None:
        # Two first entries at once: the second waits here for the first one's row.
        transaction.insert_new(audit_heads, number=0, hash=START)
        head = transaction.one(select(audit_heads).with_for_update())
        assert head is not None
    number, at = int(head.number) + 1, transaction.now()
    details = detail_bytes(entry.before, entry.after)
    details_hash = hashlib.sha256(details).digest()
    fields = (entry.action, entry.target, entry.actor, entry.via, entry.address, entry.request_id)
    new = chained(bytes(head.hash), number, at, fields, details_hash)
    transaction.insert(
        audit_entries,
        number=number,
        at=at,
        action=entry.action,
        target=entry.target,
        actor=entry.actor,
        via=entry.via,
        address=entry.address,
        request_id=entry.request_id,
        details_hash=details_hash,
        hash=new,
    )
    content = envelope.seal(transaction.org, PURPOSE, str(number), details)
    transaction.insert(audit_details, number=number, content=content)
    transaction.update(audit_heads, true(), number=number, hash=new)
    return number


def detail_bytes(before: Any, after: Any) -> bytes:
    """What is sealed: a salt, so that nobody finds a value out by trying hashes, and the values as JSON."""
    said = json.dumps({"before": before, "after": after}, sort_keys=True, ensure_ascii=False, default=str)
    return os.urandom(SALT_BYTES) + said.encode()


def chained(
    previous: bytes, number: int, at: datetime, fields: tuple[str, ...], details_hash: bytes
) -> bytes:
    """The hash of an entry: SHA-256 over the one before and every field, each with its length in front."""
    parts = (previous, str(number).encode(), at.isoformat().encode(), *(field.encode() for field in fields))
    digest = hashlib.sha256()
    for part in (*parts, details_hash):
        digest.update(struct.pack(">I", len(part)) + part)
    return digest.digest()
