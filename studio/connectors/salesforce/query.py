"""REST query: small answers, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from studio.connectors.salesforce.session import Org


async def query(org: Org, soql: str, *, deleted_too: bool = False) -> AsyncIterator[dict[str, Any]]:
    """The records of a SOQL query, without their `attributes`; related records are nested dictionaries.

    Pages are asked for one after the other. A cursor the org has dropped raises SalesforceError (`INVALID_QUERY_LOCATOR`):
    start again, what came is not the whole answer.
    """
    call = "queryAll" if deleted_too else "query"
    answer = (await org.get(f"{org.data}/{call}", {"q": soql})).json()
    while True:
        for record in answer.get("records", []):
            yield _plain(record)
        following = answer.get("nextRecordsUrl")
        if answer.get("done", True) or not following:
            return
        answer = (await org.get(following)).json()


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _plain(value) if isinstance(value, dict) and "attributes" in value else value
        for name, value in record.items()
        if name != "attributes"
    }


async def count(org: Org, object_name: str, where: str = "") -> int:
    """How many records an object has, or those that fit a condition."""
    soql = f"SELECT COUNT() FROM {object_name}" + (f" WHERE {where}" if where else "")
    return int((await org.get(f"{org.data}/query", {"q": soql})).json().get("totalSize", 0))


def quoted(value: str) -> str:
    """A text as a SOQL literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r") + "'"
