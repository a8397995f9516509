"""After a lost answer: the org is asked what it did with the rows of a call, before anything is sent again."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from studio.connectors.salesforce.query import query
from studio.connectors.salesforce.rows import NULL
from studio.connectors.salesforce.session import Org
from studio.moves.carrying.parts import Kind, part_path, record_ids
from studio.moves.journal import Journal
from studio.moves.judging.values import id_checksum

_YES = frozenset({"true", "1", "yes", "y", "on"})


async def inserted(
    org: Org,
    object_name: str,
    fields: Sequence[str],
    rows: Mapping[int, Sequence[str]],
    *,
    since: float,
    unique: str,
    known: Collection[str],
) -> dict[int, str]:
    """The ids of the records that this user made of the rows since a moment of the org's clock, by row number.

    Rows are found by the field `unique` where one is named, else by all values sent; equal rows count. Records in
    `known` belong to other rows.
    """
    places = [at for at, name in enumerate(fields) if _can_be_asked(name) and (not unique or name == unique)]
    names = [fields[at] for at in places]
    waiting = {
        number: [values[at] for at in places]
        for number, values in rows.items()
        if any(values[at] not in ("", NULL) for at in places)
    }
    found: dict[int, str] = {}
    async for record in query(org, _soql(org, object_name, names, since)):
        if record["Id"] in known:
            continue
        held = [member(record, name) for name in names]
        number = next((n for n, sent in waiting.items() if all(map(same, sent, held))), None)
        if number is not None:
            del waiting[number]
            found[number] = record["Id"]
    return found


async def in_the_bin(org: Org, object_name: str, ids: Sequence[str]) -> dict[str, bool]:
    """Whether each record is in the recycle bin, by the first 15 characters of its id; those unknown are left out."""
    listed = ",".join(f"'{id_}'" for id_ in ids if id_.isalnum())
    if not listed:
        return {}
    soql = f"SELECT Id, IsDeleted FROM {object_name} WHERE Id IN ({listed})"
    return {
        record["Id"][:15]: bool(record["IsDeleted"]) async for record in query(org, soql, deleted_too=True)
    }


def known_ids(journal: Journal) -> set[str]:
    """The ids of all records whose rows are settled already."""
    found: set[str] = set()
    for chunk in journal.chunks():
        if chunk.counts.succeeded:
            found.update(record_ids(part_path(journal.folder, chunk.number, Kind.SUCCEEDED)))
    return found


def _soql(org: Org, object_name: str, names: Sequence[str], since: float) -> str:
    fields = ", ".join(["Id", *(name for name in names if name.lower() != "id")])
    begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since))
    user = org.grant.user_id
    mine = f" AND CreatedById = '{user}'" if user.isalnum() else ""
    return f"SELECT {fields} FROM {object_name} WHERE CreatedDate >= {begun}{mine}"


def _can_be_asked(name: str) -> bool:
    """A parent of one of several kinds cannot be looked through in a query."""
    return ":" not in name


def member(record: Mapping[str, Any], path: str) -> Any:
    """The value at `Name` or `Parent.Name` of a record, capitals aside; None where there is none."""
    value: Any = record
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        lower = {key.lower(): found for key, found in value.items()}
        value = lower.get(name.lower())
    return value


def same(sent: str, held: Any) -> bool:
    """The org holds what was sent, as its type writes it; what was left out it may have filled by itself."""
    if sent == "":
        return True
    if held is None or sent == NULL:
        return held is None and sent == NULL
    if isinstance(held, bool):
        return (sent.lower() in _YES) is held
    if isinstance(held, int | float):
        return _same_number(sent, Decimal(repr(held)))
    return _text(sent) == _text(str(held))


def _same_number(sent: str, held: Decimal) -> bool:
    """The org rounds to the digits the field has: half a unit of the last one kept may be gone."""
    exponent = held.normalize().as_tuple().exponent
    with suppress(InvalidOperation):
        return abs(Decimal(sent) - held) * 2 <= Decimal(1).scaleb(min(int(exponent), 0))
    return False


def _text(value: str) -> object:
    """A text as it compares: moments wherever they were written, ids by their first 15 characters, else its letters."""
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    with suppress(ValueError):
        if text[10:11] == "T" and text[4:5] == "-":
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    if len(text) == 18 and id_checksum(text[:15]) == text[15:]:
        return text[:15]
    return unicodedata.normalize("NFC", text).casefold()
