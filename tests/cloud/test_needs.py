"""Every route as everybody: role × right × endpoint × own and foreign organization and environment; nobody gets what is
not theirs. And the walk itself: it complains when a need is taken away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from cloud.access.context import Context
from cloud.access.rights import Need, Right
from cloud.app import guarded_routes
from cloud.store.tables_audit import audit_entries
from tests.cloud.conftest import FULL, Running
from tests.cloud.walk import NEEDS, Walk, World, lines, make_world, written_needs


def test_what_every_route_needs_is_written_down(server: Running) -> None:
    written = [line for line in NEEDS.read_text().splitlines() if line and not line.startswith("#")]
    assert written == lines(server), "needs.txt is not what the program says: decide which is right"


def entries(server: Running, world: World) -> list[int]:
    found = []
    for organization in (world.here, world.there):
        with server.database.tenant(organization.id) as tenant:
            found.append(tenant.value(select(func.count()).select_from(audit_entries)))
    return found


def test_nobody_gets_what_is_not_theirs(server: Running) -> None:
    world = make_world(server)
    routes = sorted(written_needs())
    if not FULL and server.kind == "postgresql":
        # The same code in front of another database: every third route in the quick run.
        routes = routes[::3]
    walk = Walk(server, world, routes, thin=not FULL)
    found = list(walk.complaints())
    assert found == [], "\n".join(found)
    assert walk.asked > 3 * len(routes)


def mutants(server: Running) -> Iterator[tuple[str, str, Need]]:
    """For each kind of need the routes that have it, with what would be too little."""
    too_little = {
        "signed_in": Need.public(),
        "member": Need.signed_in(),
        "admin": Need.member(),
        "server_admin": Need.signed_in(),
        "environment": Need.member(),
    }
    for (method, path), need in sorted(written_needs().items()):
        if need.who in too_little and not need.by_handler:
            yield method, path, too_little[need.who]
            if need.right is not None:
                yield method, path, Need.in_environment(next(right for right in Right if right != need.right))


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_the_walk_notices_every_need_that_is_taken_away(server: Running) -> None:
    """A route that asks for less than is written down is complained of."""
    world = make_world(server)
    server.expected_errors = -1  # a handler without its organization may fail
    chosen = list(mutants(server))
    for method, path, need in chosen if FULL else chosen[::9]:
        [route] = [
            each for each in guarded_routes(server.app) if each.path == path and method in each.methods
        ]
        right = route.spec.need
        object.__setattr__(route.spec, "need", need)
        try:
            assert any(Walk(server, world, [(method, path)]).complaints()), f"{method} {path} with {need}"
        finally:
            object.__setattr__(route.spec, "need", right)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_the_walk_notices_a_handler_that_lets_everybody(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(server)
    server.expected_errors = -1

    def lets(context: Context, _right: Right, _environment: str) -> None:
        context._required = True

    monkeypatch.setattr(Context, "require", lets)
    # Lists leave out what somebody may not see; what writes asks first.
    routes = [
        where for where, need in sorted(written_needs().items()) if need.by_handler and where[0] != "GET"
    ]
    assert routes
    for where in routes:
        assert any(Walk(server, world, [where]).complaints()), where


def test_a_refused_write_changes_nothing(server: Running) -> None:
    world = make_world(server)
    before = entries(server, world)
    writes = [where for where in sorted(written_needs()) if where[0] != "GET"]
    walk = Walk(server, world, writes if FULL else writes[::4], thin=not FULL)
    for method, path in walk.routes:
        list(walk._stranger(method, path))
        if "{org}" in path:
            list(walk._outsiders(method, path))
    assert entries(server, world) == before
