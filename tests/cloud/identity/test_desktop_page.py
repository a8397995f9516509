"""The page on which a user lets a program in: it says who asks, and nothing happens without the user."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from cloud.identity.sessions import COOKIE
from tests.cloud.conftest import Person, Running
from tests.cloud.identity.conftest import People
from tests.cloud.identity.test_desktop_sign_in import REDIRECT, STATE, Program

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


class Browser:
    """A browser in which somebody is signed in, or nobody."""

    def __init__(self, server: Running, person: Person | None) -> None:
        self.server = server
        token = person.headers["Authorization"].removeprefix("Bearer ") if person else ""
        self.headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Cookie": f"{COOKIE}={token}"}

    def get(self, **query: str) -> httpx.Response:
        return self.send("GET", f"/desktop/authorize?{urlencode(query)}")

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        return self.server.client.request(method, path, headers=headers, follow_redirects=False, **more)


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(
        r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.partition("/desktop/authorize")[2]
    )
    return {name: html.unescape(value) for name, value in found}


@pytest.fixture
def ana(server: Running, people: People) -> Person:
    return people.signed_in(people.give_password(server.organization(people={"ana": {}}).ana))


def test_the_user_lets_a_program_in(server: Running, people: People, ana: Person) -> None:
    program, browser = Program(server), Browser(server, ana)
    page = browser.get(**program.request())
    assert page.status_code == 200
    assert "Weft Studio on ana-laptop" in page.text
    assert "127.0.0.1:49152" in page.text
    assert ana.email in page.text
    done = browser.send("POST", "/desktop/authorize", data=fields_of(page.text))
    assert done.status_code == 200
    address = done.headers["refresh"].removeprefix("0; url=")
    assert address.startswith(REDIRECT)
    assert f'href="{html.escape(address)}"' in done.text
    said = parse_qs(urlsplit(address).query)
    assert said["state"] == [STATE]
    status, step = program.trade(said["code"][0])
    assert status == 200
    assert people.with_token(ana, step["token"]).get("/me").json()["id"] == ana.id


def test_refusing_tells_the_program_and_gives_no_code(server: Running, ana: Person) -> None:
    page = Browser(server, ana).get(**Program(server).request())
    refuse = html.unescape(re.findall(r'href="(http://127[^"]*)"', page.text)[0])
    assert parse_qs(urlsplit(refuse).query) == {"error": ["access_denied"], "state": [STATE]}


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(server: Running, ana: Person) -> None:
    asked = Program(server).request()
    led = Browser(server, None).get(**asked)
    assert led.status_code == 303
    where = urlsplit(led.headers["location"])
    assert where.path == "/sign-in"
    (back,) = parse_qs(where.query)["next"]
    assert Browser(server, ana).send("GET", back).status_code == 200
    assert parse_qs(urlsplit(back).query)["code_challenge"] == [asked["code_challenge"]]


@pytest.mark.parametrize(
    "other", [{"redirect_uri": "https://evil.example/"}, {"code_challenge_method": "plain"}, {"state": ""}]
)
def test_other_requests_are_offered_nothing(server: Running, ana: Person, other: dict[str, str]) -> None:
    page = Browser(server, ana).get(**Program(server).request(**other))
    assert page.status_code == 400
    assert '/desktop/authorize"' not in page.text
    assert "evil.example" not in page.headers.get("location", "") + page.headers.get("refresh", "")


def test_no_other_site_lets_a_program_in(server: Running, ana: Person) -> None:
    browser = Browser(server, ana)
    fields = fields_of(browser.get(**Program(server).request()).text)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        refused = browser.send("POST", "/desktop/authorize", data=fields, headers=headers)
        assert refused.status_code in (401, 403)
        assert "refresh" not in refused.headers
    without_mark = {name: value for name, value in fields.items() if name in Program(server).request()}
    assert browser.send("POST", "/desktop/authorize", data=without_mark).status_code == 403


def test_a_programs_name_is_only_text(server: Running, ana: Person) -> None:
    page = Browser(server, ana).get(**Program(server).request(device='<script>alert(1)</script>"\u202e'))
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text.partition("<form")[2].partition("<p>")[2]
