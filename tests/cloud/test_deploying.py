"""Deploying and promoting: the difference first, rights on both sides, nothing put over what was not seen."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from cloud.access.rights import Right
from studio.protocol.manifests import hash_of
from tests.cloud.conftest import Organization, Person, Running
from tests.cloud.pushes import BOTH_WHEN_FULL, SOME, Clone, Files, new_project, unpacked

READ, WRITE = Right.READ, Right.WRITE
PEOPLE = {
    "admin": "admin",
    "ana": {"development": {READ, WRITE}, "test": {READ, WRITE}},
    "operator": {"test": {READ}, "production": {READ, WRITE}},
    "onlooker": {"production": {READ}},
    "blind": {"test": {WRITE}, "production": {WRITE}},
}
NEW: Files = {
    **SOME,
    "project.yaml": b"weft: project/1\nname: Orders 2\n",
    "environments/test.yaml": b"variables: {host: other}\n",
    "transformations/orders.yaml": b"map: {a: '[c]'}\n",
}


@pytest.fixture
def here(server: Running) -> Organization:
    return server.organization(people=PEOPLE)


@pytest.fixture
def clone(here: Organization) -> Clone:
    return new_project(here, here.ana, environment="development")


def deploy(
    who: Person,
    clone: Clone,
    revision: str,
    environment: str = "test",
    *,
    seen: str | None = None,
    **more: Any,
) -> httpx.Response:
    body = {"environment": environment, "revision": revision, "scope": "whole", "seen": seen} | more
    return who.post(f"{clone.path}/deployments", json=body)


def held(who: Person, clone: Clone, environment: str = "test") -> tuple[str | None, Files]:
    """The tree and the contents an environment holds."""
    told = who.get(f"{clone.path}/deployed/{environment}")
    assert told.status_code == 200, told.text
    wanted = sorted({entry["hash"] for entry in told.json()["entries"]})
    pack = who.post(f"{clone.path}/deployed/{environment}/pack", json={"hashes": wanted})
    found = unpacked(pack.content)
    return told.json()["tree"], {
        entry["path"]: found[entry["hash"]] or b"" for entry in told.json()["entries"]
    }


def test_a_revision_whole_then_one_object_then_variables_only(here: Organization, clone: Clone) -> None:
    first, second = clone.push(SOME)["id"], clone.push(NEW)["id"]
    assert held(here.ana, clone) == (None, {})
    made = deploy(here.ana, clone, first)
    assert (made.status_code, made.json()["added"], made.json()["number"]) == (201, 4, 1)
    tree, files = held(here.ana, clone)
    assert (tree, files) == (made.json()["tree"], SOME)

    one = deploy(here.ana, clone, second, scope="object", path="transformations/orders.yaml", seen=tree)
    assert (one.json()["changed"], one.json()["path"]) == (1, "transformations/orders.yaml")
    expected = {**SOME, "transformations/orders.yaml": NEW["transformations/orders.yaml"]}
    tree, files = held(here.ana, clone)
    assert files == expected

    values = deploy(here.ana, clone, second, scope="variables", seen=tree)
    assert values.json()["changed"] == 2
    tree, files = held(here.ana, clone)
    assert files == NEW
    back = deploy(here.ana, clone, first, seen=tree)
    assert held(here.ana, clone) == (back.json()["tree"], SOME)
    history = here.ana.get(f"{clone.path}/deployments?environment=test&limit=3").json()
    assert [item["scope"] for item in history["items"]] == ["whole", "variables", "object"]
    rest = here.ana.get(f"{clone.path}/deployments?environment=test&after={history['after']}").json()
    assert [item["id"] for item in rest["items"]] == [made.json()["id"]]


@BOTH_WHEN_FULL
def test_one_object_that_the_revision_lacks_is_removed(here: Organization, clone: Clone) -> None:
    first = clone.push(SOME)["id"]
    less = {path: data for path, data in SOME.items() if path != "schemas/orders.xsd"}
    second = clone.push(less)["id"]
    tree = deploy(here.ana, clone, first).json()["tree"]
    deploy(here.ana, clone, second, scope="object", path="schemas/orders.xsd", seen=tree)
    tree, files = held(here.ana, clone)
    assert files == less
    for more in ({"scope": "object"}, {"scope": "object", "path": "not/there"}, {"path": "project.yaml"}):
        refused = deploy(here.ana, clone, second, seen=tree, **more)
        assert (refused.status_code, refused.json()["code"]) == (422, "scope")


@BOTH_WHEN_FULL
def test_the_difference_is_shown_before_and_must_still_be_true(here: Organization, clone: Clone) -> None:
    first, second = clone.push(SOME)["id"], clone.push(NEW)["id"]
    tree = deploy(here.ana, clone, first).json()["tree"]
    plan = here.ana.get(f"{clone.path}/deployment-plan?environment=test&revision={second}").json()
    assert [entry["path"] for entry in plan["difference"]["changed"]] == [
        "environments/test.yaml", "project.yaml", "transformations/orders.yaml",
    ]  # fmt: skip
    assert plan["target_tree"] == tree
    same = deploy(here.ana, clone, first, seen=tree)
    assert (same.status_code, same.json()["code"]) == (409, "nothing_changed")
    deploy(here.ana, clone, second, seen=tree)
    late = deploy(here.ana, clone, second, seen=tree)
    assert (late.status_code, late.json()["code"]) == (412, "deployed_meanwhile")
    assert late.json()["tree"] == plan["source_tree"]
    never_seen = deploy(here.ana, clone, first)
    assert never_seen.json()["code"] == "deployed_meanwhile"


@BOTH_WHEN_FULL
def test_a_deployment_asked_for_twice_is_made_once(here: Organization, clone: Clone) -> None:
    body = {"environment": "test", "revision": clone.push(SOME)["id"], "scope": "whole", "seen": None}
    answers = [
        here.ana.post(f"{clone.path}/deployments", json=body, headers={"idempotency-key": "deploy-once"})
        for _turn in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(here.ana.get(f"{clone.path}/deployments").json()["items"]) == 1


def test_a_promotion_shows_its_difference_and_the_variables_that_differ(
    here: Organization, clone: Clone
) -> None:
    first, second = clone.push(SOME)["id"], clone.push(NEW)["id"]
    deploy(here.ana, clone, first)
    plan_url = f"{clone.path}/promotion-plan?source=test&target=production"
    variables = f"{clone.path}/environments/{{}}/variables"
    here.ana.put(
        variables.format("test"), json={"values": {"host": "a", "same": "x"}}, headers={"if-match": '"0"'}
    )
    url = variables.format("production")
    assert here.operator.put(url, json={"values": {}}, headers={"if-match": '"0"'}).status_code == 404

    def promote(plan: dict[str, Any]) -> httpx.Response:
        trees = {"source_tree": plan["source_tree"], "target_tree": plan["target_tree"]}
        body = {"source": "test", "target": "production", **trees}
        return here.operator.post(f"{clone.path}/promotions", json=body)

    plan = here.operator.get(plan_url).json()
    assert (len(plan["difference"]["added"]), plan["target_tree"]) == (4, None)
    made = promote(plan)
    assert (made.status_code, made.json()["promoted_from"]) == (201, here.environments["test"])
    here.operator.put(url, json={"values": {"host": "b", "same": "x"}}, headers={"if-match": '"0"'})
    assert held(here.onlooker, clone, "production") == (made.json()["tree"], SOME)

    deploy(here.ana, clone, second, scope="object", path="project.yaml", seen=plan["source_tree"])
    refused = promote(plan)
    assert (refused.status_code, refused.json()["code"]) == (412, "deployed_meanwhile")
    plan = here.operator.get(plan_url).json()
    assert [entry["path"] for entry in plan["difference"]["changed"]] == ["project.yaml"]
    assert plan["variables"] == ["host"]
    assert promote(plan).status_code == 201
    assert held(here.onlooker, clone, "production")[1] == {**SOME, "project.yaml": NEW["project.yaml"]}


@BOTH_WHEN_FULL
def test_rights_are_needed_on_both_sides(here: Organization, clone: Clone) -> None:
    revision = clone.push(SOME)["id"]
    assert deploy(here.ana, clone, revision, "production").status_code == 404
    # May write to production, and may not read where the project is at home.
    assert deploy(here.operator, clone, revision, "production").status_code == 404
    tree = deploy(here.ana, clone, revision).json()["tree"]
    body = {"source": "test", "target": "production", "source_tree": tree, "target_tree": None}
    url = f"{clone.path}/promotions"
    assert [here.people[who].post(url, json=body).status_code for who in ("ana", "onlooker", "blind")] == [
        404,
        404,
        403,
    ]
    plan = f"{clone.path}/promotion-plan?source=test&target=production"
    assert [here.people[who].get(plan).status_code for who in ("ana", "onlooker", "blind")] == [404, 404, 403]
    assert here.operator.post(url, json={**body, "source": "development"}).status_code == 404
    assert here.onlooker.get(f"{clone.path}/deployed/production").status_code == 404
    assert here.operator.post(url, json=body).status_code == 201
    assert here.onlooker.get(f"{clone.path}/deployed/production").status_code == 200
    for path in ("", "/pull", f"/revisions/{revision}"):
        assert here.onlooker.get(clone.path + path).status_code == 404
    assert [
        item["environment"] for item in here.onlooker.get(f"{clone.path}/deployments").json()["items"]
    ] == [here.environments["production"]]


@BOTH_WHEN_FULL
def test_only_what_is_deployed_is_given_to_those_who_read_the_environment(
    here: Organization, clone: Clone
) -> None:
    clone.push({**SOME, "secret-plan": b"not deployed"})
    revision = clone.push(SOME)["id"]
    deploy(here.ana, clone, revision)
    url = f"{clone.path}/deployed/test/pack"
    assert here.operator.post(url, json={"hashes": [hash_of(b"not deployed")]}).status_code == 404
    assert here.operator.post(url, json={"hashes": [hash_of(SOME["project.yaml"])]}).status_code == 200
