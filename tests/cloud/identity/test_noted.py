"""What an organization finds in its audit about sign-ins: who came in, who only began, who failed, and whose sign-in it was."""

from __future__ import annotations

from typing import Any

import pytest

from cloud.store.tables import users
from tests.cloud.conftest import Organization, Person, Running
from tests.cloud.identity.conftest import People, give_rules

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


@pytest.fixture
def here(server: Running, people: People) -> Organization:
    made = server.organization(people={"admin": "admin", "ana": {}})
    people.give_password(made.ana)
    return made


def sign_ins(here: Organization, **query: str) -> list[tuple[str, str, Any]]:
    """Action, about whom and the details of each, oldest first."""
    answer = here.admin.get(f"{here.path}/audit", params={"action": "sign_in."} | query)
    return [(each["action"], each["target"], each["after"]) for each in reversed(answer.json()["items"])]


def test_in_failed_and_begun_are_told_apart(server: Running, people: People, here: Organization) -> None:
    ana = f"user/{here.ana.id}"
    people.try_password(here.ana.email, "wrong")
    session = people.signed_in(here.ana)
    app, _codes = people.app(session)
    step = people.try_password(here.ana.email).json()
    server.stranger.post("/sign-in/second-factor", json={"ticket": step["ticket"], "code": "000000"})
    code = {"ticket": step["ticket"], "code": app.code()}
    assert server.stranger.post("/sign-in/second-factor", json=code).json()["token"]
    assert sign_ins(here) == [
        ("sign_in.failed", ana, {"why": "password"}),
        ("sign_in.done", ana, {"way": "password"}),
        ("sign_in.begun", ana, {"missing": "second_factor"}),
        ("sign_in.failed", ana, {"why": "code"}),
        ("sign_in.done", ana, {"way": "password+totp"}),
    ]
    # Only who came in has done something; but all of it is found by the person.
    entries = here.admin.get(f"{here.path}/audit", params={"action": "sign_in."}).json()["items"]
    assert {(each["action"], each["actor"]) for each in entries} == {
        ("sign_in.done", here.ana.id),
        ("sign_in.failed", ""),
        ("sign_in.begun", ""),
    }
    assert len(sign_ins(here, actor=here.ana.id)) == 5
    assert sign_ins(here, actor=here.admin.id) == []


def test_locked_and_disabled_are_told(server: Running, people: People, here: Organization) -> None:
    give_rules(server, here, lock_after=3)
    for _n in range(4):
        people.try_password(here.ana.email, "wrong")
    server.clock.move(hours=1)
    with server.database.common(write=True) as common:
        common.update(users, users.c.id == here.ana.id, disabled_at=common.now())
    people.try_password(here.ana.email)
    assert [details["why"] for _action, _target, details in sign_ins(here)] == [
        *["password"] * 3,
        "locked",
        "disabled",
    ]


def test_each_organization_decides_for_itself(server: Running, people: People, here: Organization) -> None:
    other = server.organization(people={"admin": "admin"})
    server.join(other, Person(here.ana.id, here.ana.email, server.client, {}), "ana", {})
    policy = {"values": True, "reads": True, "sign_ins": False, "refused": False}
    assert other.admin.put(f"{other.path}/audit/policy", json=policy).status_code == 200
    people.try_password(here.ana.email, "wrong")
    people.signed_in(here.ana)
    assert [each[0] for each in sign_ins(here)] == ["sign_in.failed", "sign_in.done"]
    assert sign_ins(other) == []


def test_nobody_is_noted_for_an_address_nobody_has(
    server: Running, people: People, here: Organization
) -> None:
    people.try_password("nobody@example.com", "wrong")
    assert sign_ins(here) == []


def test_an_entry_that_cannot_be_written_changes_no_answer(
    server: Running, people: People, here: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_anything: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("cloud.identity.noted._write", fails)
    assert people.try_password(here.ana.email, "wrong").status_code == 401
    assert people.try_password(here.ana.email).status_code == 200
    assert [facts["event"] for facts in server.log if facts["level"] == "ERROR"] == ["later_failed"] * 2
    server.expected_errors = 2
