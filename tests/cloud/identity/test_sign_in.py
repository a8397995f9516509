"""Signing in by password and second factor: one answer to everything wrong, no code twice, locks without a word."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from cloud.identity import passwords
from cloud.store.tables import users
from cloud.store.tables_identity import proofs, sign_in_failures
from tests.cloud.conftest import FULL, Person, Running
from tests.cloud.identity.conftest import SECRET, App, People, give_rules


@pytest.fixture
def ana(server: Running, people: People) -> Person:
    return people.give_password(server.organization(people={"ana": {}}).ana)


def test_a_password_opens_a_session(server: Running, people: People, ana: Person) -> None:
    said = people.try_password(f"  {ana.email.upper()} ".strip()).json()
    assert said.get("next") == "", said
    assert said["token"].startswith("weft_ses_")
    me = people.with_token(ana, said["token"]).get("/me").json()
    assert (me["id"], me["email"], me["way"]) == (ana.id, ana.email, "session")
    assert len(me["organizations"]) == 1


def test_everything_wrong_gets_the_same_answer(server: Running, people: People, ana: Person) -> None:
    none = server.person("none")
    gone = people.give_password(server.person("gone"))
    with server.database.common(write=True) as common:
        common.update(users, users.c.id == gone.id, disabled_at=common.now())
    answers = [
        people.try_password(ana.email, "wrong"),
        people.try_password("nobody@example.com", "wrong"),
        people.try_password("nobody@example.com", SECRET),
        people.try_password(none.email, SECRET),
        people.try_password(gone.email, SECRET),
    ]
    said = [{name: value for name, value in each.json().items() if name != "request_id"} for each in answers]
    assert {each.status_code for each in answers} == {401}
    assert all(each == said[0] for each in said)
    varying = {"x-request-id", "date"}
    headers = [
        {name: value for name, value in each.headers.items() if name not in varying} for each in answers
    ]
    assert all(each == headers[0] for each in headers)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_wrong_user_and_wrong_password_cost_one_hash_each(
    server: Running, people: People, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    real = passwords._verified
    monkeypatch.setattr(passwords, "_verified", lambda kept, text: calls.append(kept) or real(kept, text))
    for email in (ana.email, "nobody@example.com"):
        calls.clear()
        assert people.try_password(email, "wrong").status_code == 401
        assert len(calls) == 1


def median(call: Callable[[], object], times: int) -> float:
    took = []
    for _n in range(times):
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_wrong_user_and_wrong_password_take_as_long(
    server: Running, people: People, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Dear enough to be seen beside everything else in a request, if one of the two left it out.
    monkeypatch.setattr(
        passwords, "_hasher", PasswordHasher(time_cost=3, memory_cost=16 * 1024, parallelism=1)
    )
    people.give_password(ana)
    wrong_user, wrong_password = [], []
    for n in range(5 if FULL else 3):
        wrong_user.append(median(lambda: people.try_password(f"nobody{n}@example.com", "wrong"), 1))  # noqa: B023
        wrong_password.append(median(lambda: people.try_password(ana.email, "wrong"), 1))
        with server.database.common(write=True) as common:
            common.delete(sign_in_failures, sign_in_failures.c.failures > 0)
    ratio = statistics.median(wrong_user) / statistics.median(wrong_password)
    assert 1 / 4 < ratio < 4


def test_too_many_wrong_passwords_lock_without_a_word(server: Running, people: People) -> None:
    organization = server.organization(people={"ana": {}})
    give_rules(server, organization, lock_after=4, lock_minutes=10)
    ana = people.give_password(organization.ana)
    answers = [people.try_password(ana.email, "wrong") for _n in range(4)]
    locked = people.try_password(ana.email)
    answers.append(locked)
    assert {(each.status_code, each.json()["code"]) for each in answers} == {(401, "sign_in_refused")}
    server.clock.move(minutes=9)
    assert people.try_password(ana.email).status_code == 401
    server.clock.move(minutes=1)
    # One more wrong one locks again; a right one begins the count anew.
    assert people.try_password(ana.email, "wrong").status_code == 401
    assert people.try_password(ana.email).status_code == 401
    server.clock.move(minutes=10)
    assert people.try_password(ana.email).status_code == 200
    for _n in range(3):
        people.try_password(ana.email, "wrong")
    assert people.try_password(ana.email).status_code == 200


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_trying_while_locked_does_not_prolong_the_lock(server: Running, people: People, ana: Person) -> None:
    for _n in range(10):
        people.try_password(ana.email, "wrong")
    for _n in range(3):
        server.clock.move(minutes=5)
        last = people.try_password(ana.email)
    assert last.status_code == 200


def test_addresses_of_nobody_are_counted_alike(server: Running, people: People) -> None:
    for _n in range(12):
        people.try_password("nobody@example.com", "wrong")
    with server.database.common() as common:
        (row,) = common.rows(select(sign_in_failures))
    assert row.failures == 10
    assert "nobody" not in row.id
    server.clock.move(days=2)
    people.try_password("another@example.com", "wrong")
    with server.database.common() as common:
        (row,) = common.rows(select(sign_in_failures))
    assert row.failures == 1


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_hash_of_yesterdays_strength_is_made_anew_at_sign_in(
    server: Running, people: People, ana: Person
) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=16).hash(SECRET)
    with server.database.common(write=True) as common:
        common.update(proofs, proofs.c.id == ana.id, password=weak)
    assert people.try_password(ana.email).status_code == 200
    with server.database.common() as common:
        kept = common.value(select(proofs.c.password).where(proofs.c.id == ana.id))
    assert kept != weak
    assert not passwords.outdated(kept)
    assert people.try_password(ana.email).status_code == 200


def test_second_factor_and_recovery_code(server: Running, people: People, ana: Person) -> None:
    app, codes = people.app(people.signed_in(ana))
    step = people.try_password(ana.email).json()
    assert (step["next"], step["ways"], step["token"]) == ("second_factor", ["totp", "recovery"], "")
    done = server.stranger.post(
        "/sign-in/second-factor", json={"ticket": step["ticket"], "code": app.code()}
    ).json()
    assert people.with_token(ana, done["token"]).get("/me").json()["totp"] is True
    step = people.try_password(ana.email).json()
    body = {"ticket": step["ticket"], "code": codes[3].lower().replace("-", " ")}
    done = server.stranger.post("/sign-in/second-factor", json=body).json()
    assert people.with_token(ana, done["token"]).get("/me").json()["recovery_codes_left"] == 9
    step = people.try_password(ana.email).json()
    again = server.stranger.post("/sign-in/second-factor", json=body | {"ticket": step["ticket"]})
    assert (again.status_code, again.json()["code"]) == (401, "code_refused")


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_code_of_the_app_is_taken_once(server: Running, people: People, ana: Person) -> None:
    app, _codes = people.app(people.signed_in(ana))
    first, second = (people.try_password(ana.email).json()["ticket"] for _n in range(2))
    seen = app.code()
    server.clock.move(seconds=-30)
    assert (
        server.stranger.post("/sign-in/second-factor", json={"ticket": first, "code": seen}).status_code
        == 200
    )
    again = server.stranger.post("/sign-in/second-factor", json={"ticket": second, "code": seen})
    # The first success ended everything begun; a new attempt with the same code fails for the code.
    assert again.json()["code"] == "ticket_over"
    third = people.try_password(ana.email).json()["ticket"]
    again = server.stranger.post("/sign-in/second-factor", json={"ticket": third, "code": seen})
    assert (again.status_code, again.json()["code"]) == (401, "code_refused")


def test_of_two_who_bring_one_code_at_once_one_gets_in(server: Running, people: People, ana: Person) -> None:
    app, _codes = people.app(people.signed_in(ana))
    tickets = [people.try_password(ana.email).json()["ticket"] for _n in range(4)]
    code, answers = app.code(), []
    server.clock.move(seconds=-30)

    def bring(ticket: str) -> None:
        answers.append(
            server.stranger.post("/sign-in/second-factor", json={"ticket": ticket, "code": code}).status_code
        )

    threads = [threading.Thread(target=bring, args=(ticket,)) for ticket in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] == 200
    assert sorted(answers)[1] >= 400


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_ticket_has_five_tries_and_five_minutes(server: Running, people: People, ana: Person) -> None:
    app, _codes = people.app(people.signed_in(ana))
    ticket = people.try_password(ana.email).json()["ticket"]
    wrong = [
        server.stranger.post("/sign-in/second-factor", json={"ticket": ticket, "code": "000000"})
        for _n in range(5)
    ]
    assert {each.json()["code"] for each in wrong} == {"code_refused"}
    over = server.stranger.post("/sign-in/second-factor", json={"ticket": ticket, "code": app.code()})
    assert (over.status_code, over.json()["code"]) == (400, "ticket_over")
    ticket = people.try_password(ana.email).json()["ticket"]
    server.clock.move(minutes=5)
    late = server.stranger.post("/sign-in/second-factor", json={"ticket": ticket, "code": app.code()})
    assert late.json()["code"] == "ticket_over"


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_ticket_of_one_kind_is_none_of_another(server: Running, people: People, ana: Person) -> None:
    people.app(people.signed_in(ana))
    ticket = people.try_password(ana.email).json()["ticket"]
    for path, body in (
        ("/sign-in/new-password", {"password": "a new long secret of mine"}),
        ("/sign-in/enrol", {}),
        ("/sign-in/enrol/confirm", {"code": "123456"}),
        ("/sign-in/passkey", {"credential": {}}),
    ):
        answer = server.stranger.post(path, json={"ticket": ticket, **body})
        assert answer.status_code in (400, 401), path
        assert "token" not in answer.json()


def test_where_a_second_factor_is_demanded_it_is_enrolled_at_sign_in(server: Running, people: People) -> None:
    organization = server.organization(people={"ana": {}})
    give_rules(server, organization, second_factor=True)
    ana = people.give_password(organization.ana)
    step = people.try_password(ana.email).json()
    assert (step["next"], step["token"]) == ("enrol", "")
    offered = server.stranger.post("/sign-in/enrol", json={"ticket": step["ticket"]}).json()
    assert offered["picture"].startswith("<svg")
    app = App(server, offered["secret"])
    wrong = server.stranger.post("/sign-in/enrol/confirm", json={"ticket": step["ticket"], "code": "000000"})
    assert wrong.json()["code"] == "code_refused"
    done = server.stranger.post(
        "/sign-in/enrol/confirm", json={"ticket": step["ticket"], "code": app.code()}
    ).json()
    assert len(done["codes"]) == 10
    session = people.with_token(ana, done["step"]["token"])
    assert session.get("/me").json()["totp"] is True
    assert people.try_password(ana.email).json()["next"] == "second_factor"
    # And it stays: nobody turns it off while it is demanded.
    assert session.delete("/me/totp").json()["code"] == "second_factor_demanded"


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_an_expired_password_is_replaced_before_anything_else(server: Running, people: People) -> None:
    organization = server.organization(people={"ana": {}})
    give_rules(server, organization, expires_days=30, history=2)
    ana = people.give_password(organization.ana)
    server.clock.move(days=29)
    assert people.try_password(ana.email).json()["next"] == ""
    server.clock.move(days=1)
    step = people.try_password(ana.email).json()
    assert step["next"] == "new_password"
    same = server.stranger.post("/sign-in/new-password", json={"ticket": step["ticket"], "password": SECRET})
    assert same.json()["faults"] == ["used_before"]
    new = {"ticket": step["ticket"], "password": "o rato roeu a rolha"}
    assert server.stranger.post("/sign-in/new-password", json=new).json()["token"]
    assert server.stranger.post("/sign-in/new-password", json=new).json()["code"] == "ticket_over"
    assert people.try_password(ana.email).status_code == 401
    assert people.try_password(ana.email, "o rato roeu a rolha").json()["next"] == ""


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_the_strictest_organization_decides(server: Running, people: People) -> None:
    lax, strict = (server.organization(people={"admin": "admin"}) for _n in range(2))
    ana = people.give_password(server.person("ana"))
    server.join(lax, ana, "ana", {})
    assert people.try_password(ana.email).json()["next"] == ""
    server.join(strict, ana, "ana", {})
    give_rules(server, strict, second_factor=True)
    assert people.try_password(ana.email).json()["next"] == "enrol"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"email": "a@b"}, {"email": "a@b", "password": ""}, {"email": "a\u0000@b", "password": "x"},
        {"email": ["a@b"], "password": "x"}, {"email": "a@b", "password": "x", "more": 1}, {"email": "a@b", "password": "x" * 2000},
    ],
)  # fmt: skip
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_bad_requests_are_refused_without_repeating_them(server: Running, body: dict[str, object]) -> None:
    answer = server.stranger.post("/sign-in", json=body)
    assert answer.status_code == 422
    assert "xxxx" not in answer.text


def test_odd_letters_are_only_wrong(server: Running) -> None:
    for password in ("\\u0000", "\\ud800", "ﬁ", "\\uffff"):
        text = f'{{"email": "a@b.example", "password": "{password}"}}'
        answer = server.stranger.post(
            "/sign-in", content=text.encode(), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (401, 422), password
