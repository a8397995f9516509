"""What the org offers: versions, resources, objects and their descriptions, limits."""

from __future__ import annotations

import json
import zlib
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from studio.practice import describe
from studio.practice.catalog import SObject
from studio.practice.http.message import Response, json_response
from studio.practice.org import FIRST_VERSION, LAST_VERSION
from studio.practice.router import Call, Route, route
from studio.practice.store import quoted

_SEASONS = ("Spring", "Summer", "Winter")
# Version 60 came out in spring 2024; three follow each other every year, winter named after the next one.
_SPRING_2024 = 60

_RESOURCES = ("sobjects", "query", "queryAll", "composite", "jobs", "limits", "recent", "search", "tooling")


def version_label(number: int) -> str:
    """The release an API version came with, as `Spring '24`."""
    years, season = divmod(number - _SPRING_2024, 3)
    return f"{_SEASONS[season]} '{24 + years + (season == 2):02d}"


async def versions(_call: Call) -> Response:
    """The API versions, open to everyone."""
    return json_response(
        [
            {"label": version_label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in range(FIRST_VERSION, LAST_VERSION + 1)
        ]
    )


async def resources(call: Call) -> Response:
    """The resources of one version."""
    answer = {name: f"{call.data}/{name}" for name in _RESOURCES}
    answer["identity"] = f"{call.request.base}/id/{call.org.org_id}/{call.org.user_id}"
    return json_response(answer)


async def objects(call: Call) -> Response:
    """The list of objects."""
    return _since(call, describe.listing(call.org.catalog, call.data))


async def object_info(call: Call) -> Response:
    """What one object is, and the records of it last used (none here)."""
    return json_response({"objectDescribe": describe.summary(call.sobject(), call.data), "recentItems": []})


async def object_describe(call: Call) -> Response:
    """One object in full."""
    return _since(call, await described(call, call.sobject()))


def _since(call: Call, answer: dict[str, Any]) -> Response:
    """A description, or 304 for who has seen it since it changed; to the second, as HTTP tells time."""
    changed = call.org.catalog_changed.replace(microsecond=0)
    headers = [
        ("Last-Modified", format_datetime(changed, usegmt=True)),
        ("ETag", f'"{zlib.crc32(json.dumps(answer, sort_keys=True).encode()):08x}"'),
    ]
    try:
        known = parsedate_to_datetime(call.request.headers.get("if-modified-since"))
    except ValueError:
        return json_response(answer, 200, headers)
    if known.tzinfo is not None and known >= changed:
        return Response(304, b"", headers)
    return json_response(answer, 200, headers)


async def described(call: Call, sobject: SObject) -> dict[str, Any]:
    """The description of an object."""

    def record_types() -> list[tuple[str, str, str]]:
        sql = 'SELECT "Id", "DeveloperName", "Name" FROM "RecordType" WHERE "SobjectType" = ? ORDER BY "seq"'
        return call.org.store.connection().execute(sql, (sobject.name,)).fetchall()

    types = await call.org.run(record_types)
    answer: dict[str, Any] = describe.describe(call.org.catalog, sobject, call.data, call.request.base, types)
    return answer


async def limits(call: Call) -> Response:
    """What a day allows and what is left of it."""

    def allowance(most: int, used: int = 0) -> dict[str, int]:
        return {"Max": most, "Remaining": max(0, most - used)}

    org = call.org
    answer: dict[str, Any] = {
        "DailyApiRequests": allowance(org.call_limit, org.calls_today),
        "DailyBulkApiBatches": allowance(15_000),
        "DailyBulkV2QueryFileStorageMB": allowance(976_562),
        "DailyBulkV2QueryJobs": allowance(10_000),
        "DailyAsyncApexExecutions": allowance(250_000),
        "DataStorageMB": allowance(1024),
        "FileStorageMB": allowance(1024),
        "HourlyODataCallout": allowance(1000),
        "SingleEmail": allowance(5000),
    }
    return json_response(answer)


async def record_counts(call: Call) -> Response:
    """How many records each object has, roughly in a real org, exactly here; objects without any are left out."""
    asked = call.request.query.get("sObjects", "")
    names = [name.strip() for name in asked.split(",") if name.strip()]
    found = [call.org.catalog.get(name) for name in names] if names else list(call.org.catalog)

    def count() -> list[dict[str, Any]]:
        counts = []
        for sobject in found:
            if sobject is not None:
                sql = f'SELECT count(*) FROM {quoted(sobject.name)} WHERE "IsDeleted" = 0'
                number = call.org.store.connection().execute(sql).fetchone()[0]
                if number:
                    counts.append({"count": number, "name": sobject.name})
        return counts

    return json_response({"sObjects": await call.org.run(count)})


def routes() -> list[Route]:
    """The routes of this module."""
    data = "/services/data/v{version}"
    return [
        route("GET", "/services/data", versions, open=True),
        route("GET", data, resources),
        route("GET", data + "/sobjects", objects),
        route("GET", data + "/sobjects/{object}", object_info),
        route("GET", data + "/sobjects/{object}/describe", object_describe),
        route("GET", data + "/limits", limits),
        route("GET", data + "/limits/recordCount", record_counts),
    ]
