"""Projects: made where one may write, seen where one may read, renamed without undoing anybody, put to rest."""

from __future__ import annotations

import pytest

from cloud.access.rights import Right
from tests.cloud.conftest import Organization, Running
from tests.cloud.pushes import BOTH_WHEN_FULL, SOME, Clone, change_of, manifest_of, new_project

PEOPLE = {
    "admin": "admin",
    "ana": {"test": {Right.READ, Right.WRITE}, "production": {Right.READ}},
    "eve": {"test": {Right.READ}},
    "writer": {"test": {Right.WRITE}},
}


@pytest.fixture
def here(server: Running) -> Organization:
    return server.organization(people=PEOPLE)


@BOTH_WHEN_FULL
def test_a_project_is_made_where_one_may_write(here: Organization) -> None:
    url = f"{here.path}/projects"
    body = {"name": "Orders", "environment": "test", "description": "What comes in\nand goes out"}
    made = here.ana.post(url, json=body)
    assert made.status_code == 201
    told = made.json()
    assert (told["name"], told["description"], told["head"], told["archived"]) == (
        "Orders", body["description"], None, False,
    )  # fmt: skip
    assert told["environment"] == here.environments["test"]
    assert here.eve.get(f"{url}/{told['id']}").json() == told
    assert here.writer.get(f"{url}/{told['id']}").status_code == 403
    assert here.admin.get(f"{url}/{told['id']}").status_code == 403
    for who, where, expected in (
        ("eve", "test", 403),
        ("ana", "production", 403),
        ("eve", "production", 404),
    ):
        refused = here.people[who].post(url, json={"name": "x", "environment": where})
        assert refused.status_code == expected


def test_names_are_taken_once_an_environment_whatever_their_case(here: Organization, server: Running) -> None:
    new_project(here, here.ana, "Orders")
    other = new_project(here, here.ana, "Other")
    taken = here.ana.post(f"{here.path}/projects", json={"name": "ORDERS", "environment": "test"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    tag = {"if-match": here.ana.get(other.path).headers["etag"]}
    assert here.ana.patch(other.path, json={"name": "orders"}, headers=tag).json()["code"] == "name_taken"
    there = server.organization(people=PEOPLE)
    new_project(there, there.ana, "Orders")


@pytest.mark.parametrize("name", ["", " x", "x ", "a\nb", "a\0b", "x" * 121, 7, None])
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_names_are_one_line_without_anything_hidden(here: Organization, name: object) -> None:
    refused = here.ana.post(f"{here.path}/projects", json={"name": name, "environment": "test"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


@BOTH_WHEN_FULL
def test_a_change_is_based_on_what_was_read(here: Organization) -> None:
    clone = new_project(here, here.ana)
    first = here.ana.get(clone.path).headers["etag"]
    assert here.ana.patch(clone.path, json={"name": "New"}).json()["code"] == "if_match_needed"
    changed = here.ana.patch(clone.path, json={"name": "New"}, headers={"if-match": first})
    assert (changed.status_code, changed.json()["name"]) == (200, "New")
    late = here.ana.patch(clone.path, json={"description": "x"}, headers={"if-match": first})
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    clone.push(SOME)
    pushed_between = here.ana.patch(
        clone.path, json={"description": "x"}, headers={"if-match": changed.headers["etag"]}
    )
    assert pushed_between.status_code == 200
    assert pushed_between.json()["head"]["number"] == 1


@BOTH_WHEN_FULL
def test_an_archived_project_is_read_and_not_changed(here: Organization) -> None:
    clone = new_project(here, here.ana)
    clone.push(SOME)
    tag = here.ana.get(clone.path).headers["etag"]
    rest = here.ana.patch(clone.path, json={"archived": True}, headers={"if-match": tag})
    assert rest.json()["archived"] is True
    body = change_of(clone.manifest, {})
    refused = clone.post("missing", json=body, headers={"if-match": f'"{clone.head}"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "project_archived")
    assert Clone(here.eve, clone.path).pull() == SOME
    assert here.eve.get(f"{here.path}/projects").json()["items"] == []
    assert len(here.eve.get(f"{here.path}/projects?archived=true").json()["items"]) == 1
    back = here.ana.patch(clone.path, json={"archived": False}, headers={"if-match": rest.headers["etag"]})
    assert back.json()["archived"] is False
    clone.push({"a": b"1"})


def test_lists_come_in_pages_of_what_one_may_read(here: Organization) -> None:
    names = [f"Project {number}" for number in range(5)]
    for name in names:
        new_project(here, here.ana, name)
    found, after = [], ""
    while True:
        page = here.eve.get(f"{here.path}/projects?limit=2{after}").json()
        found += [item["name"] for item in page["items"]]
        if page["after"] is None:
            break
        after = f"&after={page['after']}"
    assert found == names
    assert here.writer.get(f"{here.path}/projects").json()["items"] == []
    assert here.eve.get(f"{here.path}/projects?environment=production").status_code == 404
    assert here.ana.get(f"{here.path}/projects?environment=production").json()["items"] == []
    assert len(here.ana.get(f"{here.path}/projects?environment=test").json()["items"]) == 5


def test_history_differences_and_restoring(here: Organization) -> None:
    clone = new_project(here, here.ana)
    made = [clone.push(SOME, "first")]
    for number in range(4):
        made.append(clone.push({**SOME, "counter": str(number).encode()}, f"counted {number}"))
    pages, after = [], ""
    while True:
        page = here.eve.get(f"{clone.path}/revisions?limit=2{after}").json()
        pages.append([item["message"] for item in page["items"]])
        if page["after"] is None:
            break
        after = f"&after={page['after']}"
    assert pages == [["counted 3", "counted 2"], ["counted 1", "counted 0"], ["first"]]
    told = here.eve.get(f"{clone.path}/difference?before={made[0]['id']}&after={made[4]['id']}").json()
    assert ([entry["path"] for entry in told["added"]], told["changed"], told["removed"]) == (
        ["counter"],
        [],
        [],
    )
    back = here.eve.get(f"{clone.path}/difference?before={made[4]['id']}&after={made[0]['id']}").json()
    assert back["removed"] == ["counter"]
    assert len(here.eve.get(f"{clone.path}/difference?after={made[0]['id']}").json()["added"]) == 4
    manifest = here.eve.get(f"{clone.path}/revisions/{made[0]['id']}/manifest").json()
    assert [entry["path"] for entry in manifest] == sorted(SOME)

    head = {"if-match": f'"{clone.head}"'}
    restored = here.ana.post(
        f"{clone.path}/restore", json={"revision": made[0]["id"], "message": "back"}, headers=head
    )
    assert restored.status_code == 201
    told = restored.json()
    assert (told["number"], told["tree"], told["restored"]) == (6, made[0]["tree"], made[0]["id"])
    assert Clone(here.eve, clone.path).pull() == SOME
    late = here.ana.post(f"{clone.path}/restore", json={"revision": made[1]["id"]}, headers=head)
    assert late.json()["code"] == "revision_conflict"
    now = {"if-match": restored.headers["etag"]}
    same = here.ana.post(f"{clone.path}/restore", json={"revision": made[0]["id"]}, headers=now)
    assert same.json()["code"] == "nothing_changed"
    assert (
        here.eve.post(f"{clone.path}/restore", json={"revision": made[1]["id"]}, headers=now).status_code
        == 403
    )


@BOTH_WHEN_FULL
def test_every_state_of_a_long_history_reads_back(here: Organization) -> None:
    clone = new_project(here, here.ana)
    files = {f"f/{number}": str(number).encode() for number in range(40)}
    states = {}
    everything = [str(number).encode() for number in range(40)] + [
        b"changed %d" % number for number in range(40)
    ]
    assert clone.upload(*everything).status_code == 200
    for number in range(40):
        files[f"f/{number}"] = b"changed %d" % number
        if number % 7 == 3:
            del files[f"f/{number - 1}"]
        made = clone.commit(files)
        assert made.status_code == 201
        clone.head, clone.manifest = made.json()["id"], manifest_of(files)
        states[clone.head] = dict(files)
    # The last whole manifest lies up to 32 changes back; the fortieth is behind the second one.
    for revision, expected in list(states.items())[::6]:
        told = here.eve.get(f"{clone.path}/revisions/{revision}/manifest").json()
        assert {entry["path"] for entry in told} == expected.keys()
    old = Clone(here.eve, clone.path)
    for revision in list(states)[::13]:
        have = here.eve.get(f"{clone.path}/revisions/{revision}/manifest").json()
        old.head = revision
        old.manifest = {entry["path"]: _content(entry) for entry in have}
        assert old.pull(states[revision]) == files


def _content(entry: dict[str, object]) -> object:
    from studio.protocol.manifests import Content

    return Content(str(entry["hash"]), int(str(entry["size"])))


@BOTH_WHEN_FULL
def test_projects_of_others_are_as_if_they_were_not_there(here: Organization, server: Running) -> None:
    clone = new_project(here, here.ana)
    made = clone.push(SOME)
    there = server.organization(people=PEOPLE)
    mine = new_project(there, there.ana)
    foreign = clone.path.replace(here.path, there.path)
    for path in ("", "/status", "/pull", "/revisions", f"/revisions/{made['id']}", "/deployments"):
        assert there.ana.get(foreign + path).json()["code"] == "not_found"
        assert there.ana.get(clone.path + path).json()["code"] == "not_found"
    assert there.ana.get(f"{mine.path}/revisions/{made['id']}").status_code == 404
    assert there.ana.get(f"{mine.path}/difference?after={made['id']}").status_code == 404
