"""One's own account: sessions that end, passwords that change, tokens that reach only so far, proofs that grow old."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cloud.identity.secrets_shown import Prefix, kept, new_token
from cloud.identity.sessions import COOKIE
from cloud.store.tables import members
from cloud.store.tables_identity import personal_tokens, proofs, recovery_codes, sessions, tickets
from tests.cloud.conftest import Organization, Person, Running
from tests.cloud.identity.conftest import SECRET, People, give_rules

NEW = "o rato roeu a rolha"


@pytest.fixture
def organization(server: Running) -> Organization:
    return server.organization(people={"ana": {}, "bia": {}})


@pytest.fixture
def ana(organization: Organization, people: People) -> Person:
    return people.signed_in(people.give_password(organization.ana))


def test_no_secret_is_kept_as_it_is(server: Running, people: People, ana: Person) -> None:
    app, codes = people.app(ana)
    token = ana.post("/me/tokens", json={"name": "build"}).json()["token"]
    step = people.try_password(ana.email).json()
    with server.database.common() as common:
        stored = [
            common.rows(select(table))
            for table in (proofs, sessions, personal_tokens, recovery_codes, tickets)
        ]
    text = repr(stored)
    session = ana.headers["Authorization"].removeprefix("Bearer ")
    for secret in (SECRET, app.secret, *codes, token, session, step["ticket"]):
        assert secret not in text
        assert secret.replace("-", "") not in text
    assert all(secret not in repr(server.log) for secret in (SECRET, app.secret, token, session, *codes))


def test_a_session_ends_when_it_idles_and_in_any_case_in_the_end(
    server: Running, people: People, ana: Person, organization: Organization
) -> None:
    for _n in range(3):
        server.clock.move(hours=11)
        assert ana.get("/me").status_code == 200
    server.clock.move(hours=12)
    assert ana.get("/me").json()["code"] == "token_not_valid"
    give_rules(server, organization, session_hours=24)
    again = people.signed_in(ana)
    for hours in (11, 11, 1):
        server.clock.move(hours=hours)
        assert again.get("/me").status_code == 200
    server.clock.move(hours=1)
    assert again.get("/me").status_code == 401


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_signing_out_ends_this_session_only(people: People, ana: Person) -> None:
    other = people.signed_in(ana)
    assert ana.delete("/sign-in").status_code == 204
    assert ana.get("/me").status_code == 401
    assert other.get("/me").status_code == 200


def test_sessions_are_listed_and_ended(people: People, ana: Person, organization: Organization) -> None:
    other = people.signed_in(ana)
    listed = ana.get("/me/sessions").json()
    assert [each["present"] for each in listed] == [False, True]
    assert {each["way"] for each in listed} == {"password"}
    assert ana.delete(f"/me/sessions/{listed[0]['id']}").status_code == 204
    assert other.get("/me").status_code == 401
    # Nobody ends, or sees, the session of somebody else.
    bia = people.signed_in(people.give_password(organization.bia))
    assert bia.delete(f"/me/sessions/{listed[1]['id']}").status_code == 404
    assert [each["present"] for each in bia.get("/me/sessions").json()] == [True]
    more = [people.signed_in(ana) for _n in range(2)]
    assert ana.delete("/me/sessions").status_code == 204
    assert [each.get("/me").status_code for each in (ana, *more)] == [200, 401, 401]


def test_a_changed_password_ends_every_other_session(people: People, ana: Person) -> None:
    other = people.signed_in(ana)
    body = {"present": SECRET, "new": NEW}
    changed = ana.put("/me/password", json=body)
    assert changed.status_code == 200
    ana = people.with_token(ana, changed.json()["token"])
    assert (ana.get("/me").status_code, other.get("/me").status_code) == (200, 401)
    assert people.try_password(ana.email).status_code == 401
    assert people.try_password(ana.email, NEW).status_code == 200
    assert ana.put("/me/password", json=body).json()["code"] == "password_wrong"
    assert ana.put("/me/password", json={"present": NEW, "new": SECRET}).json()["faults"] == ["used_before"]
    assert ana.put("/me/password", json={"present": NEW, "new": "password1234"}).json()["faults"] == [
        "too_common"
    ]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_the_present_password_cannot_be_guessed_from_a_session(people: People, ana: Person) -> None:
    for _n in range(10):
        assert (
            ana.put("/me/password", json={"present": "wrong", "new": NEW}).json()["code"] == "password_wrong"
        )
    assert ana.put("/me/password", json={"present": SECRET, "new": NEW}).json()["code"] == "password_wrong"
    assert people.try_password(ana.email).status_code == 401


@pytest.mark.parametrize("path", ["/me/totp", "/me/recovery-codes", "/me/passkeys/options", "/me/tokens"])
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_what_is_dangerous_asks_for_a_fresh_proof(
    server: Running, people: People, ana: Person, path: str
) -> None:
    body = {"json": {"name": "build"}} if path == "/me/tokens" else {}
    assert ana.post(path, **body).status_code < 300
    server.clock.move(minutes=11)
    assert ana.post(path, **body).json()["code"] == "proof_needed"
    assert ana.delete("/me/sessions").json()["code"] == "proof_needed"
    assert ana.post("/me/proof", json={"password": "wrong"}).json()["code"] == "password_wrong"
    assert ana.post(path, **body).json()["code"] == "proof_needed"
    proven = ana.post("/me/proof", json={"password": SECRET})
    assert proven.status_code == 200
    # The session goes on under a new token; whoever has the one before has nothing.
    assert ana.post(path, **body).json()["code"] == "token_not_valid"
    assert people.with_token(ana, proven.json()["token"]).post(path, **body).status_code < 300


def test_a_proof_wants_the_second_factor_too(server: Running, people: People, ana: Person) -> None:
    app, codes = people.app(ana)
    server.clock.move(minutes=11)
    assert ana.post("/me/proof", json={"password": SECRET}).json()["code"] == "code_refused"
    assert ana.delete("/me/totp").json()["code"] == "proof_needed"
    proven = ana.post("/me/proof", json={"password": SECRET, "code": app.code()})
    ana = people.with_token(ana, proven.json()["token"])
    assert ana.delete("/me/totp").status_code == 204
    assert people.try_password(ana.email).json()["next"] == ""
    # The codes went with the app.
    assert ana.get("/me").json()["recovery_codes_left"] == 0
    assert codes


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_new_set_of_recovery_codes_replaces_the_old(server: Running, people: People, ana: Person) -> None:
    _app, old = people.app(ana)
    new = ana.post("/me/recovery-codes").json()["codes"]
    assert not set(old) & set(new)
    ticket = people.try_password(ana.email).json()["ticket"]
    assert (
        server.stranger.post("/sign-in/second-factor", json={"ticket": ticket, "code": old[0]}).status_code
        == 401
    )
    assert (
        server.stranger.post("/sign-in/second-factor", json={"ticket": ticket, "code": new[0]}).status_code
        == 200
    )


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_an_app_offered_is_worth_nothing_until_its_code_comes(
    server: Running, people: People, ana: Person
) -> None:
    ana.post("/me/totp")
    assert ana.post("/me/totp/confirm", json={"code": "000000"}).json()["code"] == "code_refused"
    assert people.try_password(ana.email).json()["next"] == ""
    assert ana.get("/me").json()["totp"] is False


def test_a_personal_token_reaches_its_organizations_only(
    server: Running, people: People, ana: Person
) -> None:
    here, there = (server.organization(people={}) for _n in range(2))
    for each in (here, there):
        server.join(each, ana, "ana", "admin")
    made = ana.post("/me/tokens", json={"name": "build", "organizations": [here.slug], "days": 30}).json()
    assert made["organizations"] == [here.id]
    assert made["token"].endswith(made["ending"])
    token = people.with_token(ana, made["token"])
    assert token.get(f"{here.path}/policies/password").status_code == 200
    assert token.get(f"{there.path}/policies/password").status_code == 404
    assert [each["id"] for each in token.get("/me").json()["organizations"]] == [here.id]
    everywhere = people.with_token(ana, ana.post("/me/tokens", json={"name": "all"}).json()["token"])
    assert everywhere.get(f"{there.path}/policies/password").status_code == 200
    strange = server.organization(people={"x": {}})
    refused = ana.post("/me/tokens", json={"name": "x", "organizations": [strange.id]})
    assert refused.json()["code"] == "unknown_organization"


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_personal_token_ends(
    server: Running, people: People, ana: Person, organization: Organization
) -> None:
    made = [ana.post("/me/tokens", json={"name": f"t{n}", "days": 10}).json() for n in range(2)]
    first, second = (people.with_token(ana, each["token"]) for each in made)
    assert first.get("/me").status_code == 200
    listed = ana.get("/me/tokens").json()
    assert [(each["name"], each["token"], each["used_at"] is not None) for each in listed] == [
        ("t0", "", True), ("t1", "", False)
    ]  # fmt: skip
    bia = people.signed_in(people.give_password(organization.bia))
    assert bia.delete(f"/me/tokens/{made[0]['id']}").status_code == 404
    assert ana.delete(f"/me/tokens/{made[0]['id']}").status_code == 204
    assert first.get("/me").json()["code"] == "token_not_valid"
    server.clock.move(days=10)
    assert second.get("/me").status_code == 401


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_token_changes_nothing_of_the_account(people: People, ana: Person) -> None:
    token = people.with_token(ana, ana.post("/me/tokens", json={"name": "build"}).json()["token"])
    tries = [
        ("POST", "/me/tokens", {"name": "more"}), ("PUT", "/me/password", {"present": SECRET, "new": NEW}),
        ("POST", "/me/totp", None), ("DELETE", "/me/totp", None), ("POST", "/me/recovery-codes", None),
        ("POST", "/me/passkeys/options", None), ("GET", "/me/sessions", None), ("DELETE", "/me/sessions", None),
        ("POST", "/me/proof", {"password": SECRET}), ("PATCH", "/me", {"first_name": "Eva"}),
    ]  # fmt: skip
    for method, path, body in tries:
        answer = token.ask(method, path, **({"json": body} if body else {}))
        assert (answer.status_code, answer.json()["code"]) == (403, "session_needed"), path


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_what_looks_like_a_token_and_is_none_is_refused(server: Running, people: People, ana: Person) -> None:
    for token in (new_token(Prefix.SESSION), new_token(Prefix.PERSONAL), "weft_ses_x", "weft_", kept("x")):
        answer = people.with_token(ana, token).get("/me")
        assert answer.status_code == 401, token
    # A session's token is none in the place of another kind: not as a ticket, not as an invitation.
    own = ana.headers["Authorization"].removeprefix("Bearer ")
    assert (
        server.stranger.post("/sign-in/second-factor", json={"ticket": own, "code": "1"}).json()["code"]
        == "ticket_over"
    )


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_cookie_serves_our_own_pages_only(server: Running, ana: Person) -> None:
    own = ana.headers["Authorization"].removeprefix("Bearer ")
    cookie = {"Cookie": f"{COOKIE}={own}"}

    def change(**headers: str) -> int:
        return server.stranger.patch("/me", json={"first_name": "Eva"}, headers=cookie | headers).status_code

    assert server.stranger.get("/me", headers=cookie).status_code == 200
    assert change() == 401
    assert change(**{"Sec-Fetch-Site": "cross-site"}) == 401
    assert change(**{"Sec-Fetch-Site": "same-site"}) == 401
    assert change(**{"Sec-Fetch-Site": "cross-site", "Origin": "https://weft.example"}) == 401
    assert change(Origin="https://evil.example") == 401
    assert change(Origin="null") == 401
    assert change(Origin="https://weft.example") == 200
    assert change(**{"Sec-Fetch-Site": "same-origin"}) == 200
    # A personal token is none in a cookie.
    personal = ana.post("/me/tokens", json={"name": "x"}).json()["token"]
    assert server.stranger.get("/me", headers={"Cookie": f"{COOKIE}={personal}"}).status_code == 401


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_disabled_member_and_a_disabled_user_are_out_at_once(
    server: Running, people: People, ana: Person, organization: Organization
) -> None:
    token = people.with_token(ana, ana.post("/me/tokens", json={"name": "x"}).json()["token"])
    with server.database.tenant(organization.id, write=True) as tenant:
        tenant.update(members, members.c.user_id == ana.id, disabled_at=tenant.now())
    for each in (ana, token):
        assert each.get(f"{organization.path}/policies/password").status_code == 404
        assert each.get("/me").json()["organizations"] == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_names_and_language_are_changed_and_audited(server: Running, ana: Person) -> None:
    body = {"first_name": "Ana Clara", "phone": "", "language": "pt_BR"}
    said = ana.patch("/me", json=body).json()
    assert (said["first_name"], said["surname"], said["phone"], said["language"]) == (
        "Ana Clara",
        "Silva",
        "",
        "pt_BR",
    )
    assert ana.patch("/me", json={"language": "tlh"}).status_code == 422
    assert ana.patch("/me", json={"server_admin": True}).status_code == 422
    assert ana.patch("/me", json={"first_name": ""}).status_code == 422


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_there_is_a_most_of_sessions_and_the_idlest_goes(
    server: Running, people: People, ana: Person
) -> None:
    from cloud.identity import sessions as room

    made = [people.signed_in(ana) for _n in range(room.MOST)]
    assert ana.get("/me").status_code == 401
    assert made[0].get("/me").status_code == 200
