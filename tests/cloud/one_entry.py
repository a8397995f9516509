"""What every test of the server proves beside its own point: each write left exactly one entry in the audit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cloud.app import guarded_routes
from cloud.identity.noted import BEGUN, DONE, FAILED, LINKED
from cloud.store.metadata import SERVER
from cloud.store.tables import organizations
from cloud.store.tables_audit import audit_entries

if TYPE_CHECKING:
    from tests.cloud.conftest import Running


# A large content whose last piece shows that it is not what it said: what came of it is removed, and that is told.
CHANGES_THOUGH_REFUSED = "/uploads/{upload}"


def each_write_left_one_entry(running: Running) -> None:
    """Compare the requests in the log with the entries in all chains, by request id.

    A write that was carried out has one, one that was refused has none; one that tried a secret (a sign-in) may leave
    one when refused. What organizations want to know about refusals and sign-ins, and reads of secrets, are extra.
    """
    entries = _entries(running)
    specs = {
        (method, route.path): route.spec.does or route.spec
        for route in guarded_routes(running.app)
        for method in route.methods
    }
    for facts in running.log:
        spec = specs.get((facts.get("method", ""), facts.get("route", "")))
        if facts.get("event") != "request" or spec is None or facts["method"] == "GET":
            continue
        left = entries[facts["request_id"]]
        where = f"{facts['method']} {facts['route']} answered {facts['status']} and left {left} entries"
        may = spec.tries or facts["route"].endswith(CHANGES_THOUGH_REFUSED)
        if spec.audit is None or (facts["status"] >= 400 and not may):
            assert left == 0, where
        elif facts["status"] < 400:
            assert left == 1, where
        else:
            assert left <= 1, where


def _entries(running: Running) -> Counter[str]:
    found: Counter[str] = Counter()
    extra = ("refused", DONE, BEGUN, FAILED, LINKED)
    query: Any = select(audit_entries.c.request_id).where(audit_entries.c.action.not_in(extra))
    with running.database.whole() as whole:
        for org in [SERVER, *(row.id for row in whole.rows(select(organizations.c.id)))]:
            whole.enter(org)
            found.update(row.request_id for row in whole.rows(query))
    return found
