"""Records as they are now, many at a time: by their ids, or by the values of a key field."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.connectors.salesforce.session import Org

# What the org takes in one call, and how many values one answer should hold.
MOST = 2000
_VALUES = 60_000
# An address longer than this (bytes, as it is encoded) is refused by the org or by a proxy on the way.
_ADDRESS = 12_000

Record = Mapping[str, Any]


def at_once(fields: int) -> int:
    """How many records of so many fields are asked for in one call."""
    return max(200, min(MOST, _VALUES // max(fields, 1)))


async def by_ids(org: Org, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Record]:
    """The records with these ids (at most MOST), by the first 15 characters; those deleted or unknown are left out.

    Numbers are text with the digits the org wrote. Raises NotReachable, SalesforceError.
    """
    if not ids:
        return {}
    answer = await org.request(
        "POST",
        f"{org.data}/composite/sobjects/{quote(object_name)}",
        body={"ids": list(ids), "fields": list(fields)},
        repeatable=True,
    )
    found = _read(answer.body)
    if not isinstance(found, list):
        raise _unreadable()
    return {
        str(record["Id"])[:15]: record for record in found if isinstance(record, dict) and record.get("Id")
    }


async def by_keys(
    org: Org, object_name: str, key: str, literals: Sequence[str], fields: Sequence[str]
) -> AsyncIterator[Record]:
    """The records whose key is one of the values, which are SOQL literals; in as many calls as they need."""
    for soql in asking(object_name, key, literals, fields):
        path: str | None = f"{org.data}/query"
        params: dict[str, str] | None = {"q": soql}
        while path:
            answer = _read((await org.get(path, params)).body)
            if not isinstance(answer, dict) or not isinstance(answer.get("records"), list):
                raise _unreadable()
            for record in answer["records"]:
                yield record
            path = None if answer.get("done", True) else answer.get("nextRecordsUrl")
            params = None


def asking(object_name: str, key: str, literals: Sequence[str], fields: Sequence[str]) -> Iterator[str]:
    """The queries for the records whose key is one of the values (SOQL literals), each short enough for an address."""
    names = {name.lower(): name for name in ("Id", key, *fields)}
    start = f"SELECT {', '.join(names.values())} FROM {object_name} WHERE {key} IN ("
    for group in _groups(literals, _ADDRESS - len(quote(start))):
        yield start + ",".join(group) + ")"


def _groups(literals: Sequence[str], room: int) -> Iterator[list[str]]:
    group: list[str] = []
    taken = 0
    for literal in literals:
        size = len(quote(literal)) + 3
        if group and taken + size > room:
            yield group
            group, taken = [], 0
        group.append(literal)
        taken += size
    if group:
        yield group


def _read(body: bytes) -> Any:
    try:
        return json.loads(body, parse_float=plain_number, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error


def plain_number(text: str) -> str:
    """A number of JSON without its exponent: `1.5E3` is `1500`."""
    return format(Decimal(text), "f") if "e" in text.lower() else text


def _unreadable() -> NotReachable:
    return NotReachable(
        _("The org's answer does not hold the records that were asked for."),
        next_step=_("Check that no proxy answers in its place."),
    )
