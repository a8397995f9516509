"""Looking through an organization's chain: the first entry that was altered, taken out or put elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from cloud.audit.entries import PURPOSE, START, chained
from cloud.store.database import Transaction
from cloud.store.envelope import Envelope, KeyGone, Tampered
from cloud.store.tables_audit import audit_details, audit_entries, audit_heads
from studio.base.i18n import _

_BATCH = 500


@dataclass(frozen=True)
class Finding:
    """What is wrong, and with which entry first."""

    number: int
    what: str


def verify(
    transaction: Transaction, envelope: Envelope, heads: Mapping[int, bytes] | None = None
) -> Finding | None:
    """The first thing wrong with the chain of the transaction's organization; None when nothing is.

    `heads` are hashes signed earlier, by entry number: they find a chain that was rewritten as a whole.
    """
    wanted = dict(heads or {})
    previous, last = START, 0
    for row, content in _entries(transaction):
        number = last + 1
        if row.number != number:
            return Finding(number, _("It is not there: the next entry is number {n}.").format(n=row.number))
        fields = (row.action, row.target, row.actor, row.via, row.address, row.request_id)
        expected = chained(previous, number, row.at, fields, bytes(row.details_hash))
        if bytes(row.hash) != expected:
            return Finding(number, _("It is not what was written."))
        if number in wanted and wanted.pop(number) != expected:
            return Finding(number, _("It is not what was there when this day's head was signed."))
        wrong = _wrong_details(transaction.org, envelope, row, content)
        if wrong:
            return Finding(number, wrong)
        previous, last = expected, number
    return _wrong_end(transaction, previous, last, wanted)


def _wrong_end(transaction: Transaction, end: bytes, last: int, wanted: dict[int, bytes]) -> Finding | None:
    head = transaction.one(select(audit_heads))
    told = 0 if head is None else int(head.number)
    missing = max([told, *wanted])
    if missing > last:
        return Finding(
            last + 1, _("It is not there: entries up to number {n} were written.").format(n=missing)
        )
    if head is not None and (told != last or bytes(head.hash) != end):
        return Finding(last, _("It is not the one the chain ended with."))
    return None


def _wrong_details(org: str, envelope: Envelope, row: Row[Any], content: bytes | None) -> str:
    if content is None:
        return _("What it says about before and after is not there.")
    try:
        details = envelope.open(org, PURPOSE, str(row.number), content)
    except KeyGone:
        return ""  # shredded: the chain holds without them
    except Tampered:
        details = b""
    if hashlib.sha256(details).digest() != bytes(row.details_hash):
        return _("What it says about before and after is not what was written.")
    return ""


def _entries(transaction: Transaction) -> Iterator[tuple[Row[Any], bytes | None]]:
    after: int | None = None
    while True:
        query = select(audit_entries).order_by(audit_entries.c.number).limit(_BATCH)
        if after is not None:
            query = query.where(audit_entries.c.number > after)
        rows = transaction.rows(query)
        if not rows:
            return
        numbers = [row.number for row in rows]
        within = audit_details.c.number.between(numbers[0], numbers[-1])
        found = {
            row.number: bytes(row.content) for row in transaction.rows(select(audit_details).where(within))
        }
        for row in rows:
            yield row, found.get(row.number)
        after = numbers[-1]
