"""Organizations, members, roles and environments over HTTP."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from cloud.access.rights import Right
from cloud.store.tables_audit import audit_entries
from tests.cloud.conftest import Organization, Person, Running


def changed(person: Person, path: str, method: str = "PATCH", **body: Any) -> Any:
    tag = person.get(path).headers["etag"]
    return person.ask(method, path, json=body, headers={"If-Match": tag})


def actions(server: Running, organization: str) -> list[str]:
    with server.database.tenant(organization) as tenant:
        query = select(audit_entries.c.action).order_by(audit_entries.c.number)
        return [row.action for row in tenant.rows(query)]


def test_an_organization_is_made_with_what_most_begin_with(server: Running) -> None:
    keeper, other = server.person(server_admin=True), server.person()
    assert other.post("/organizations", json={"name": "Acme", "slug": "acme"}).status_code == 403
    made = keeper.post("/organizations", json={"name": "Acme", "slug": "acme"})
    assert made.status_code == 201, made.json()
    again = keeper.post("/organizations", json={"name": "Other", "slug": "acme"})
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")
    shown = keeper.get("/organizations/acme").json()
    assert shown["id"] == made.json()["id"]
    assert shown["admin"] is True
    assert {frozenset(rights) for rights in shown["rights"].values()} == {frozenset(map(str, Right))}
    assert [e["slug"] for e in keeper.get("/organizations/acme/environments").json()] == [
        "development",
        "test",
        "production",
    ]
    names = [role["name"] for role in keeper.get("/organizations/acme/roles").json()]
    assert names == ["Administrator", "Developer", "Operator", "Reader"]
    assert actions(server, shown["id"]) == ["organization.create"]
    sealed = server.envelope.seal(shown["id"], "a.b", "1", b"x")
    assert server.envelope.open(shown["id"], "a.b", "1", sealed) == b"x"
    assert other.get("/organizations").json() == {"items": [], "after": None}
    assert [o["slug"] for o in keeper.get("/organizations").json()["items"]] == ["acme"]


def test_my_organizations_come_in_pages(server: Running) -> None:
    ana = server.person("ana")
    made = []
    for n in range(5):
        organization = server.organization(f"o{n}")
        server.join(organization, ana, "ana", {})
        made.append(organization.slug)
    found, after = [], ""
    while after is not None:
        page = ana.get(f"/organizations?limit=2&after={after}").json()
        assert len(page["items"]) <= 2
        found += [each["slug"] for each in page["items"]]
        after = page["after"]
    assert found == made
    narrow = Person(ana.id, "", ana.client, {"Authorization": f"Bearer test:{ana.id}:{organization.id}"})
    assert [o["slug"] for o in narrow.get("/organizations").json()["items"]] == [organization.slug]
    assert narrow.get(f"/organizations/{organization.slug}").status_code == 200
    assert narrow.get(f"/organizations/{made[0]}").status_code == 404


def test_a_change_needs_the_version_it_is_based_on(server: Running) -> None:
    here = server.organization()
    path = here.path
    assert here.admin.patch(path, json={"name": "New"}).json()["code"] == "if_match_needed"
    old = here.admin.get(path).headers["etag"]
    assert here.admin.patch(path, json={"name": "New"}, headers={"If-Match": old}).json()["name"] == "New"
    late = here.admin.patch(path, json={"name": "Late"}, headers={"If-Match": old})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert late.json()["current"] == here.admin.get(path).headers["etag"]
    assert here.admin.patch(path, json={"name": "Any"}, headers={"If-Match": "*"}).status_code == 200


def two_admins(server: Running) -> Organization:
    return server.organization(people={"admin": "admin", "ana": {"test": {Right.READ}}})


def test_roles_and_their_matrix(server: Running) -> None:
    here = two_admins(server)
    test, production = here.environments["test"], here.environments["production"]
    made = here.admin.post(
        f"{here.path}/roles", json={"name": "Dev", "rights": {test: ["write", "read", "read"]}}
    )
    assert made.status_code == 201, made.json()
    role = made.json()["id"]
    assert made.json()["rights"] == {test: ["read", "write"]}
    assert here.admin.post(f"{here.path}/roles", json={"name": "Dev"}).json()["code"] == "name_taken"
    foreign = server.organization().environments["test"]
    refused = here.admin.post(f"{here.path}/roles", json={"name": "X", "rights": {foreign: ["read"]}})
    assert refused.json()["code"] == "unknown_environment"
    member = f"{here.path}/members/{here.ana.id}"
    assert here.admin.patch(member, json={"roles": [role]}).json()["roles"] == [role]
    assert here.ana.get(here.path).json()["rights"] == {test: ["read", "write"]}
    in_use = here.admin.delete(f"{here.path}/roles/{role}")
    assert (in_use.status_code, in_use.json()["code"]) == (409, "role_in_use")
    body = {"name": "Dev", "admin": False, "rights": {production: ["execute"]}}
    assert changed(here.admin, f"{here.path}/roles/{role}", "PUT", **body).status_code == 200
    assert here.ana.get(here.path).json()["rights"] == {production: ["execute"]}
    assert here.admin.patch(member, json={"roles": []}).status_code == 200
    assert here.admin.delete(f"{here.path}/roles/{role}").status_code == 204
    assert here.admin.get(f"{here.path}/roles/{role}").status_code == 404
    assert here.ana.get(here.path).json()["rights"] == {}
    unknown = here.admin.patch(member, json={"roles": ["nobody"]})
    assert unknown.json()["code"] == "unknown_role"


def test_somebody_is_always_left_to_administer(server: Running) -> None:
    here = two_admins(server)
    me, role = f"{here.path}/members/{here.admin.id}", here.roles["admin"]
    for answer in (
        here.admin.patch(me, json={"roles": []}),
        here.admin.patch(me, json={"disabled": True}),
        here.admin.delete(me),
        changed(here.admin, f"{here.path}/roles/{role}", "PUT", name="x", admin=False),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
    assert here.admin.get(me).json()["roles"] == [role]
    here.admin.patch(f"{here.path}/members/{here.ana.id}", json={"roles": [role]})
    assert here.admin.delete(me).status_code == 204
    assert here.admin.get(here.path).status_code == 404


def test_a_member_who_is_shut_out_sees_nothing_until_let_in_again(server: Running) -> None:
    here = two_admins(server)
    member = f"{here.path}/members/{here.ana.id}"
    assert here.ana.get(here.path).status_code == 200
    assert here.admin.patch(member, json={"disabled": True}).json()["disabled"] is True
    assert here.ana.get(here.path).status_code == 404
    assert here.ana.get("/organizations").json()["items"] == []
    here.admin.patch(member, json={"disabled": False})
    assert here.ana.get(here.path).status_code == 200


def test_members_are_seen_by_members_and_changed_by_administrators(server: Running) -> None:
    here, there = two_admins(server), server.organization()
    page = here.ana.get(f"{here.path}/members").json()
    assert {each["email"] for each in page["items"]} == {here.admin.email, here.ana.email}
    assert here.ana.patch(f"{here.path}/members/{here.admin.id}", json={"roles": []}).status_code == 403
    for path in (f"{here.path}/members/{there.admin.id}", f"{here.path}/members/nobody"):
        assert here.admin.get(path).status_code == 404
        assert here.admin.patch(path, json={"disabled": True}).status_code == 404
        assert here.admin.delete(path).status_code == 404


def test_environments(server: Running) -> None:
    here = two_admins(server)
    path = f"{here.path}/environments"
    assert [e["slug"] for e in here.ana.get(path).json()] == ["test"]
    assert here.ana.get(f"{path}/test").json()["rights"] == ["read"]
    assert here.ana.get(f"{path}/production").status_code == 404
    assert here.admin.get(f"{path}/production").json()["rights"] == []
    made = here.admin.post(path, json={"name": "Stage", "slug": "stage", "position": 5})
    assert made.status_code == 201, made.json()
    assert here.admin.post(path, json={"name": "S", "slug": "stage"}).json()["code"] == "slug_taken"
    assert changed(here.admin, f"{path}/stage", slug="staging").json()["slug"] == "staging"
    assert changed(here.admin, f"{path}/staging", slug="test").json()["code"] == "slug_taken"
    assert [e["slug"] for e in here.admin.get(path).json()] == [
        "development",
        "test",
        "production",
        "staging",
    ]
    assert here.admin.delete(f"{path}/test").status_code == 204
    assert here.ana.get(here.path).json()["rights"] == {}
    assert actions(server, here.id) == ["environment.create", "environment.change", "environment.remove"]


def test_a_disabled_account_is_nobody(server: Running) -> None:
    from cloud.store.tables import users

    here = two_admins(server)
    with server.database.common(write=True) as common:
        common.update(users, users.c.id == here.ana.id, disabled_at=common.now())
    answer = here.ana.get("/organizations")
    assert (answer.status_code, answer.json()["code"]) == (401, "account_disabled")


def test_what_is_refused_is_said_in_the_language_asked_for(server: Running) -> None:
    asked = {"Accept-Language": "pt-BR,pt;q=0.9"}
    english = server.stranger.get("/organizations").json()
    assert english["title"] == "This needs somebody signed in."
    assert server.stranger.get("/organizations", headers=asked).json()["code"] == english["code"]


def test_strange_values_are_refused_and_not_repeated(server: Running) -> None:
    here = two_admins(server)
    for value in ("", " x", "a\x00b", "x" * 121, 5, None, "\ud800"):
        import json

        content = json.dumps({"name": value, "slug": "x"}).encode()
        answer = here.admin.post(
            f"{here.path}/environments", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 422), value
    answer = here.admin.post(f"{here.path}/environments", json={"name": "secret-value\x00", "slug": "x"})
    assert "secret-value" not in answer.text
    assert here.admin.get(f"{here.path}/roles/a%00b").status_code in (400, 404)
    assert here.admin.get("/organizations/a%00b").status_code in (400, 404)
