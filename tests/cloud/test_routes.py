"""No route without a need: what each kind of need lets through, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from cloud.access.context import Ctx
from cloud.access.rights import Need, Right
from cloud.access.routes import Routes
from cloud.app import _refuse_unguarded, add, create_app
from cloud.store.keys import LocalMaster
from cloud.store.tables import environments
from cloud.store.tables_audit import audit_entries
from studio import __version__
from studio.protocol import limits
from tests.cloud.conftest import Running, TestClient


def example() -> Routes:
    routes = Routes("/organizations/{org}/things", "things")

    @routes.get("", need=Need.member())
    def names(ctx: Ctx) -> list[str]:
        with ctx.tenant() as tenant:
            return [row.slug for row in tenant.rows(select(environments).order_by(environments.c.position))]

    @routes.post("", need=Need.admin(), audit="thing.create", status_code=201)
    def create(ctx: Ctx, body: dict[str, str]) -> dict[str, Any]:
        with ctx.tenant(write=True) as tenant:
            changed = tenant.update(environments, environments.c.slug == "test", name=body["name"])
            ctx.audit("environment/test", {"name": "Test"}, {"name": body["name"]})
        return {"changed": changed}

    @routes.get("/in/{environment}", need=Need.in_environment(Right.READ))
    def read(ctx: Ctx, environment: str) -> dict[str, str | None]:
        return {"asked": environment, "environment": ctx.environment}

    @routes.post("/loose", need=Need.in_environment(Right.WRITE, by_handler=True), audit="thing.loose")
    def loose(ctx: Ctx, body: dict[str, str]) -> None:
        with ctx.tenant(write=True):
            if "environment" in body:
                ctx.require(Right.WRITE, body["environment"])

    return routes


def test_who_gets_in(server: Running) -> None:
    add(server.app, example())
    here = server.organization(
        people={
            "admin": "admin",
            "reader": {"test": {Right.READ}, "production": {Right.EXECUTE}},
            "guest": {},
        }
    )
    there = server.organization(people={"admin": "admin"})
    path = f"{here.path}/things"
    assert here.guest.get(path).json() == ["development", "test", "production"]
    assert server.stranger.get(path).status_code == 401
    foreign, missing = there.admin.get(path), there.admin.get("/organizations/nobody/things")
    assert foreign.status_code == missing.status_code == 404
    same = {"type", "title", "status", "code"}
    assert {k: foreign.json()[k] for k in same} == {k: missing.json()[k] for k in same}
    assert here.guest.post(path, json={"name": "x"}).json()["code"] == "forbidden"
    assert here.admin.post(path, json={"name": "x"}).status_code == 201
    assert here.reader.get(f"{path}/in/test").json() == {
        "asked": "test",
        "environment": here.environments["test"],
    }
    assert here.reader.get(f"{path}/in/production").status_code == 403
    assert here.reader.get(f"{path}/in/development").status_code == 404
    assert here.reader.get(f"{path}/in/{there.environments['test']}").status_code == 404


def test_a_write_leaves_one_entry_and_a_refused_one_none(server: Running) -> None:
    add(server.app, example())
    here = server.organization(people={"admin": "admin", "guest": {}})
    here.admin.post(f"{here.path}/things", json={"name": "x"})
    here.guest.post(f"{here.path}/things", json={"name": "y"})
    with server.database.tenant(here.id) as tenant:
        entry = tenant.one(select(audit_entries))
        assert entry is not None
        assert tenant.value(select(func.count()).select_from(audit_entries)) == 1
    assert (entry.action, entry.target, entry.actor) == ("thing.create", "environment/test", here.admin.id)


def test_a_handler_that_writes_without_asking_for_its_right_fails(server: Running) -> None:
    add(server.app, example())
    server.expected_errors = 1
    here = server.organization(people={"writer": {"test": {Right.WRITE}}})
    path = f"{here.path}/things/loose"
    assert here.writer.post(path, json={"environment": here.environments["test"]}).status_code == 200
    assert here.writer.post(path, json={"environment": here.environments["production"]}).status_code == 404
    assert here.writer.post(path, json={}).status_code == 500


def test_the_body_is_not_read_before_the_caller_is_known(server: Running) -> None:
    add(server.app, example())
    here = server.organization()
    answer = server.stranger.post(f"{here.path}/things", content=b"{ not json")
    assert answer.status_code == 401


def test_a_route_without_a_need_is_refused() -> None:
    with pytest.raises(TypeError, match="need"):
        Routes("/x", "x").get("")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="names no organization"):
        Routes("/x", "x").get("", need=Need.member())
    app = FastAPI(openapi_url=None)
    app.get("/open")(lambda: None)
    with pytest.raises(TypeError, match="does not say what it needs"):
        _refuse_unguarded(app.router.routes)


def test_another_master_key_is_not_ready(server: Running) -> None:
    config, other = server.server.config, LocalMaster(bytes(32))
    with TestClient(create_app(config, database=server.database, master=other)) as client:
        answer = client.get("/ready")
        assert client.get("/health").status_code == 200
    assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    assert "master key" in answer.json()["title"]
    assert server.client.get("/ready").status_code == 200


def test_alive_and_ready(server: Running) -> None:
    assert server.client.get("/health").json() == {"status": "ok", "version": __version__}
    assert server.client.get("/ready").json() == {"status": "ready"}
    answer = server.client.get("/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_name_in_the_query_nobody_knows_is_refused(server: Running) -> None:
    """A filter that was mistyped must not mean everything."""
    here = server.organization()
    refused = here.admin.get(f"{here.path}/audit", params={"actro": here.admin.id, "limit": "5"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [each["where"] for each in refused.json()["problems"]] == ["query/actro"]
    assert here.admin.get(f"{here.path}/audit", params={"limit": "5"}).status_code == 200
    # Nobody learns by it what a route takes without being let in.
    assert server.stranger.get(f"{here.path}/audit", params={"actro": "x"}).status_code == 401


def test_the_description_says_what_names_a_map_may_have(server: Running) -> None:
    kinds = server.client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    for kind, name in (("NewRole", "rights"), ("NewVariables", "values")):
        assert kinds[kind]["properties"][name]["additionalProperties"] is False


def test_bounds_of_numbers_are_described(server: Running) -> None:
    kinds = server.client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    size = kinds["NewUpload"]["properties"]["size"]
    assert (size["type"], size["minimum"], size["maximum"]) == ("integer", 0, limits.UPLOAD_BYTES)
