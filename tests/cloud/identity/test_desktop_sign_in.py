"""Sign-in of a desktop program through the browser: a code for loopback, once, within a minute, for who has the verifier."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlsplit

import pytest

from cloud.identity.desktop import challenge_of
from tests.cloud.conftest import Person, Running
from tests.cloud.identity.conftest import People

REDIRECT = "http://127.0.0.1:49152/signed-in"
STATE = "of-this-attempt-only"


class Program:
    """A program on the desktop."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.verifier = secrets.token_urlsafe(48)

    def request(self, **other: str) -> dict[str, str]:
        return {
            "redirect_uri": REDIRECT, "code_challenge": challenge_of(self.verifier), "code_challenge_method": "S256",
            "state": STATE, "device": "Weft Studio on ana-laptop",
        } | other  # fmt: skip

    def code(self, browser: Person) -> str:
        """The code the browser brings to loopback."""
        where = urlsplit(browser.post("/desktop/code", json=self.request()).json()["address"])
        assert f"{where.scheme}://{where.netloc}{where.path}" == REDIRECT
        said = parse_qs(where.query)
        assert said["state"] == [STATE]
        return said["code"][0]

    def trade(self, code: str, **other: str) -> tuple[int, dict[str, str]]:
        body = {"code": code, "verifier": self.verifier, "redirect_uri": REDIRECT} | other
        answer = self.running.stranger.post("/sign-in/desktop", json=body)
        return answer.status_code, answer.json()


@pytest.fixture
def ana(server: Running, people: People) -> Person:
    return people.signed_in(people.give_password(server.organization(people={"ana": {}}).ana))


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_the_program_gets_a_session_of_its_own(server: Running, people: People, ana: Person) -> None:
    program = Program(server)
    status, said = program.trade(program.code(ana))
    assert status == 200
    desktop = people.with_token(ana, said["token"])
    assert desktop.get("/me").json()["id"] == ana.id
    kinds = [(each["kind"], each["device"]) for each in desktop.get("/me/sessions").json()]
    assert kinds[0] == ("desktop", "Weft Studio on ana-laptop")
    # Each ends by itself.
    assert ana.delete("/sign-in").status_code == 204
    assert desktop.get("/me").status_code == 200


def test_a_code_is_good_once_and_twice_ends_what_it_gave(
    server: Running, people: People, ana: Person
) -> None:
    program = Program(server)
    code = program.code(ana)
    status, said = program.trade(code)
    assert status == 200
    desktop = people.with_token(ana, said["token"])
    assert desktop.get("/me").status_code == 200
    assert program.trade(code)[1]["code"] == "code_over"
    assert (desktop.get("/me").status_code, ana.get("/me").status_code) == (401, 200)


@pytest.mark.parametrize("other", [{"verifier": "x" * 43}, {"redirect_uri": "http://127.0.0.1:49152/other"}])
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_code_in_strange_hands_is_used_up(server: Running, ana: Person, other: dict[str, str]) -> None:
    program = Program(server)
    code = program.code(ana)
    assert program.trade(code, **other)[1]["code"] == "code_over"
    status, said = program.trade(code)
    assert (status, said["code"]) == (400, "code_over")


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_code_lives_a_minute(server: Running, ana: Person) -> None:
    program = Program(server)
    code = program.code(ana)
    server.clock.move(seconds=60)
    assert program.trade(code)[1]["code"] == "code_over"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"redirect_uri": "http://localhost:9/x"}, "not_loopback"),
        ({"redirect_uri": "https://evil.example/"}, "not_loopback"),
        ({"code_challenge_method": "plain"}, "no_challenge"),
        ({"code_challenge": ""}, "no_challenge"),
        ({"state": "short"}, "no_state"),
    ],
)
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_other_requests_get_no_code(server: Running, ana: Person, other: dict[str, str], code: str) -> None:
    answer = ana.post("/desktop/code", json=Program(server).request(**other))
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_token_lets_no_program_in(server: Running, people: People, ana: Person) -> None:
    token = people.with_token(ana, ana.post("/me/tokens", json={"name": "x"}).json()["token"])
    assert token.post("/desktop/code", json=Program(server).request()).json()["code"] == "session_needed"
    assert server.stranger.post("/desktop/code", json=Program(server).request()).status_code == 401
