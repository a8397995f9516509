"""Bulk API 2.0 query: a job whose result comes in pages, each with its own header."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from studio.base.errors import NotReachable
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce import jobs
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.jobs import Job
from studio.connectors.salesforce.rows import HeaderStrip, RecordCounter
from studio.connectors.salesforce.session import Org

KIND = "query"
PAGE_ROWS = 50_000
_PLACES_SINCE = 58.0


@dataclass(frozen=True)
class Page:
    """One page that was read: its records, and where the next one begins (empty at the end)."""

    records: int
    locator: str


async def create(org: Org, soql: str, *, deleted_too: bool = False) -> Job:
    """A new query job; the org starts it at once."""
    operation = "queryAll" if deleted_too else "query"
    return await jobs.create(
        org,
        KIND,
        {
            "operation": operation,
            "query": soql,
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        },
    )


async def read_page(
    org: Org,
    job_id: str,
    locator: str,
    write: Callable[[bytes], object],
    *,
    header: bool = False,
    rows: int = PAGE_ROWS,
) -> Page:
    """Hand the page's bytes to `write`, once, as they come; without its header line unless `header`.

    Raises NotReachable when the page is cut or does not hold the number of records it announces: what was written then
    must be thrown away and the same locator asked for again.
    """
    params = {"maxRecords": str(rows)} | ({"locator": locator} if locator else {})
    strip, counter = HeaderStrip(), RecordCounter()
    for wait in org.pace.waits():
        async with org.streaming(
            "GET", f"{org.data}/jobs/{KIND}/{job_id}/results", params=params
        ) as response:
            if response.status_code == 204:  # not ready yet
                await response.aread()
                await asyncio.sleep(wait)
                continue
            async for block in response.aiter_bytes(1 << 18):
                counter.feed(block)
                write(block if header else strip.feed(block))
            announced = response.headers.get("Sforce-NumberOfRecords", "")
            following = response.headers.get("Sforce-Locator", "")
        break
    records = max(counter.records - 1, 0)
    if counter.cut or (announced.isdigit() and int(announced) != records):
        raise NotReachable(
            _("A page of the answer came incomplete: {records} of {announced} records.").format(
                records=records, announced=announced or "?"
            ),
            next_step=_("Resume the export: the page is fetched again."),
        )
    return Page(records, "" if following in ("", "null") else following)


@dataclass(frozen=True)
class Places:
    """Where the next pages begin, up to five that may be fetched side by side, and the page after them (empty: none)."""

    locators: tuple[str, ...]
    following: str


async def places(org: Org, job_id: str, locator: str, rows: int = PAGE_ROWS) -> Places | None:
    """The places of the pages from `locator` on; None where the org does not tell them (before version 58)."""
    if float(org.version) < _PLACES_SINCE:
        return None
    params = {"maxRecords": str(rows), "locator": locator}
    try:
        data = (await org.get(f"{org.data}/jobs/{KIND}/{job_id}/resultPages", params)).json()
    except SalesforceError as error:
        if error.status not in (400, 404):
            raise
        return None
    try:
        links = [str(page["resultUrl"]) for page in data["resultPages"]]
        # The pages of the vendor's own guide spell the link in two ways.
        further = str(data.get("nextRecordsUrl") or data.get("nextRecordUrl") or "")
    except (KeyError, TypeError, AttributeError) as error:
        raise NotReachable(_("The org's answer does not tell where the pages are.")) from error
    found = tuple(_locator(link) for link in links)
    if not found or found[0] != locator or not all(found):
        return None
    return Places(found, _locator(further))


def _locator(link: str) -> str:
    return "".join(parse_qs(urlsplit(link).query).get("locator", ())[:1])
