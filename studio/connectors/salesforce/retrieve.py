"""Records as they are now, many at a time: by their ids, or by the values of a key field, or thousands by a job."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.connectors.salesforce import bulk_query, jobs
from studio.connectors.salesforce.jobs import JobState
from studio.connectors.salesforce.session import Org

# What the org takes in one call, and how many values one answer should hold.
MOST = 2000
_VALUES = 60_000
# An address longer than this (bytes, as it is encoded) is refused by the org or by a proxy on the way.
_ADDRESS = 12_000
# A query of a job may have 100,000 characters; it is no address, so nothing is encoded.
_QUERY = 95_000
# What a job is worth making for, and asked for at most; so many values of a usual length fit into one query.
JOB_LEAST = 2000
_JOB_MOST = 5000
_JOB_VALUES = 120_000

Record = Mapping[str, Any]


def at_once(fields: int) -> int:
    """How many records of so many fields are asked for in one call."""
    return max(200, min(MOST, _VALUES // max(fields, 1)))


def job_at_once(fields: int) -> int:
    """How many records of so many fields a job is asked for; 0 where they are so wide that none should be."""
    size = min(_JOB_MOST, _JOB_VALUES // max(fields, 1))
    return size if size >= JOB_LEAST else 0


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


async def by_job(
    org: Org,
    object_name: str,
    key: str,
    literals: Sequence[str],
    fields: Sequence[str],
    numbers: frozenset[str],
) -> list[Record] | None:
    """What `by_keys` finds, by a query job, whose answer is a table: a tenth of the work per record.

    An empty value is None; those of the fields `numbers` are without an exponent. None where the job failed: ask by
    `by_keys`. Raises NotReachable, SalesforceError (400 too, where the object cannot be asked for by jobs).
    """
    found: list[Record] = []
    for soql in asking(object_name, key, literals, fields, _QUERY, len):
        job = await bulk_query.create(org, soql)
        job = await jobs.until_final(org, bulk_query.KIND, job.id)
        if job.state is not JobState.COMPLETE:
            return None
        place = ""
        while True:
            page, place = await org.patiently(partial(_page, org, job.id, place))
            found += _records(page, numbers)
            if not place:
                break
    return found


async def _page(org: Org, job_id: str, locator: str) -> tuple[bytes, str]:
    blocks: list[bytes] = []
    page = await bulk_query.read_page(org, job_id, locator, blocks.append, header=True)
    return b"".join(blocks), page.locator


def _records(page: bytes, numbers: frozenset[str]) -> Iterator[Record]:
    try:
        rows = csv.reader(io.StringIO(page.decode("utf-8-sig"), newline=""), strict=True)
        header = next(rows, [])
        plain = [name for name in header if name in numbers]
        for row in rows:
            record = dict(zip(header, [value or None for value in row], strict=True))
            for name in plain:
                record[name] = plain_number(record[name] or "") or None
            yield record
    except (ValueError, csv.Error, ArithmeticError) as error:
        raise _unreadable() from error


def asking(
    object_name: str,
    key: str,
    literals: Sequence[str],
    fields: Sequence[str],
    most: int = _ADDRESS,
    length: Callable[[str], int] | None = None,
) -> Iterator[str]:
    """The queries for the records whose key is one of the values (SOQL literals), each at most `most` by `length`.

    Left out, they are the limit and the length of what goes into an address.
    """
    length = length or _encoded
    names = {name.lower(): name for name in ("Id", key, *fields)}
    start = f"SELECT {', '.join(names.values())} FROM {object_name} WHERE {key} IN ("
    for group in _groups(literals, most - length(start), length):
        yield start + ",".join(group) + ")"


def _encoded(text: str) -> int:
    return len(quote(text))


def _groups(literals: Sequence[str], room: int, length: Callable[[str], int]) -> Iterator[list[str]]:
    group: list[str] = []
    taken = 0
    for literal in literals:
        size = length(literal) + 3
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
