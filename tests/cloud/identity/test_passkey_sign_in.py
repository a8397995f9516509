"""Passkeys through the server: registered by their user, both factors at once, refused from anybody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cloud.conftest import Person, Running
from tests.cloud.identity.authenticator import PRESENT, Authenticator
from tests.cloud.identity.conftest import SECRET, People, give_rules


@pytest.fixture
def ana(server: Running, people: People) -> Person:
    return people.signed_in(people.give_password(server.organization(people={"ana": {}}).ana))


def register(person: Person, device: Authenticator | None = None) -> Authenticator:
    """A new passkey of the person."""
    device = device or Authenticator("https://weft.example", "weft.example")
    asked = person.post("/me/passkeys/options").json()
    answer = device.register(asked["options"])
    kept = person.post(
        "/me/passkeys", json={"ticket": asked["ticket"], "credential": answer, "name": "Telefone"}
    )
    assert kept.status_code == 201, kept.text
    return device


def answered(server: Running, device: Authenticator) -> dict[str, Any]:
    asked = server.stranger.post("/sign-in/passkey/options").json()
    return {"ticket": asked["ticket"], "credential": device.sign(asked["options"]), "device": "telefone"}


def test_a_passkey_signs_in_without_a_password_and_without_a_code(
    server: Running, people: People, ana: Person
) -> None:
    device = register(ana)
    people.app(ana)
    done = server.stranger.post("/sign-in/passkey", json=answered(server, device)).json()
    me = people.with_token(ana, done["token"])
    assert me.get("/me").json()["passkeys"] == 1
    assert me.get("/me/sessions").json()[0]["way"] == "passkey"
    (kept,) = me.get("/me/passkeys").json()
    assert (kept["name"], kept["used_at"] is not None) == ("Telefone", True)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_an_answer_serves_once_and_soon(server: Running, ana: Person) -> None:
    device = register(ana)
    body = answered(server, device)
    assert server.stranger.post("/sign-in/passkey", json=body).status_code == 200
    again = server.stranger.post("/sign-in/passkey", json=body)
    assert (again.status_code, again.json()["code"]) == (401, "passkey_refused")
    fresh = server.stranger.post("/sign-in/passkey/options").json()["ticket"]
    assert server.stranger.post("/sign-in/passkey", json=body | {"ticket": fresh}).status_code == 401
    late = answered(server, device)
    server.clock.move(minutes=5)
    assert server.stranger.post("/sign-in/passkey", json=late).status_code == 401


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_copies_strangers_and_other_sites_are_refused(server: Running, ana: Person) -> None:
    device = register(ana)
    assert server.stranger.post("/sign-in/passkey", json=answered(server, device)).status_code == 200
    copied = Authenticator(
        device.origin, device.site, count=0, key=device.key, id=device.id, user=device.user
    )
    unknown = Authenticator(device.origin, device.site, user=device.user)
    phished = Authenticator("https://weft.example.evil.test", device.site, 9, key=device.key, id=device.id)
    unproven = Authenticator(device.origin, device.site, 9, PRESENT, device.key, device.id)
    for each in (copied, unknown, phished, unproven):
        refused = server.stranger.post("/sign-in/passkey", json=answered(server, each))
        assert (refused.status_code, refused.json()["code"]) == (401, "passkey_refused")


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_nobody_registers_one_for_somebody_else(server: Running, people: People, ana: Person) -> None:
    bia = people.signed_in(people.give_password(server.person("bia")))
    asked = ana.post("/me/passkeys/options").json()
    device = Authenticator("https://weft.example", "weft.example")
    body = {"ticket": asked["ticket"], "credential": device.register(asked["options"])}
    assert bia.post("/me/passkeys", json=body).json()["code"] == "passkey_refused"
    register(ana, device)
    # The same credential again, by anybody.
    asked = bia.post("/me/passkeys/options").json()
    body = {"ticket": asked["ticket"], "credential": device.register(asked["options"])}
    assert bia.post("/me/passkeys", json=body).json()["code"] == "passkey_refused"
    (kept,) = ana.get("/me/passkeys").json()
    assert bia.delete(f"/me/passkeys/{kept['id']}").status_code == 404
    assert ana.delete(f"/me/passkeys/{kept['id']}").status_code == 204
    assert server.stranger.post("/sign-in/passkey", json=answered(server, device)).status_code == 401


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_where_a_second_factor_is_demanded_a_password_enrols_none_beside_a_passkey(
    server: Running, people: People
) -> None:
    organization = server.organization(people={"ana": {}})
    ana = people.signed_in(people.give_password(organization.ana))
    device = register(ana)
    give_rules(server, organization, second_factor=True)
    step = people.try_password(ana.email, SECRET).json()
    assert (step["next"], step["ways"]) == ("second_factor", ["passkey"])
    assert (
        server.stranger.post("/sign-in/enrol", json={"ticket": step["ticket"]}).json()["code"]
        == "ticket_over"
    )
    assert server.stranger.post("/sign-in/passkey", json=answered(server, device)).json()["next"] == ""


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "credential", [{}, {"rawId": 1}, {"rawId": "x", "id": "x", "type": "public-key", "response": {}}]
)
def test_broken_answers_are_refused(server: Running, credential: dict[str, Any]) -> None:
    ticket = server.stranger.post("/sign-in/passkey/options").json()["ticket"]
    refused = server.stranger.post("/sign-in/passkey", json={"ticket": ticket, "credential": credential})
    assert refused.json()["code"] == "passkey_refused"
