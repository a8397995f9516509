"""Forms are taken only from our own pages, assets never change under their name, refusals are pages for people."""

from __future__ import annotations

import re

import pytest

from cloud.identity.sessions import COOKIE
from cloud.pages import assets, csrf
from cloud.pages.page import POLICY
from cloud.pages.refusals import own_path
from tests.cloud.conftest import Person, Running
from tests.cloud.console.conftest import SECRET, give_password

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
MARK = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
PAGE = {"accept": "text/html", "sec-fetch-site": "same-origin"}


def sign_in(server: Running, person: Person) -> None:
    """The person signs in by the form; the client keeps the cookies."""
    give_password(server, person)
    server.client.cookies.clear()
    page = server.client.get("/sign-in", headers=PAGE)
    fields = {
        "email": person.email,
        "password": SECRET,
        "csrf": MARK.findall(page.text)[0],
        "next": "/console",
    }
    answer = server.client.post("/sign-in", data=fields, headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console"), answer.text
    kept = answer.headers["set-cookie"]
    assert kept.startswith(f"{COOKIE}=weft_")
    assert all(word in kept for word in ("; Path=/;", "HttpOnly", "Secure", "SameSite=lax"))
    assert "Domain" not in kept


def test_a_form_without_the_mark_of_its_page_is_refused(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    path = f"/console{here.path}/environments/new"
    fields = {"name": "Quality", "slug": "quality", "position": "9"}
    page = server.client.get(path, headers=PAGE)
    mark = MARK.findall(page.text)[-1]
    for given in ({}, {"csrf": "0" * 64}, {"csrf": mark[::-1]}):
        refused = server.client.post(path, data=fields | given, headers=PAGE)
        assert refused.status_code == 403
        assert "another site" in refused.text
    for site in ("cross-site", "same-site", "none"):
        foreign = PAGE | {"sec-fetch-site": site}
        assert server.client.post(path, data=fields | {"csrf": mark}, headers=foreign).status_code in (
            401,
            403,
        )
    assert "quality" not in here.admin.get(f"{here.path}/environments").text
    done = server.client.post(path, data=fields | {"csrf": mark}, headers=PAGE, follow_redirects=False)
    assert done.status_code == 303
    assert "quality" in here.admin.get(f"{here.path}/environments").text


def test_the_mark_of_another_session_is_refused(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    mark = MARK.findall(server.client.get("/console/account", headers=PAGE).text)[0]
    sign_in(server, here.admin)
    answer = server.client.post("/console/account", data={"csrf": mark}, headers=PAGE)
    assert answer.status_code == 403


def test_signing_in_needs_the_cookie_of_the_form(server: Running) -> None:
    here = server.organization()
    give_password(server, here.admin)
    page = server.client.get("/sign-in", headers=PAGE)
    assert server.client.cookies[csrf.COOKIE]
    fields = {"email": here.admin.email, "password": SECRET, "csrf": MARK.findall(page.text)[0]}
    server.client.cookies.clear()
    assert server.client.post("/sign-in", data=fields, headers=PAGE).status_code == 403


def test_pages_run_nothing_but_our_own_files(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    for path in ("/sign-in", f"/console{here.path}/members", "/nothing"):
        page = server.client.get(path, headers=PAGE)
        assert page.headers["content-security-policy"] == POLICY
        assert not re.search(r"<style|style=|<script(?! src=)| on[a-z]+=|javascript:", page.text)
    assert "unsafe" not in POLICY


def test_assets_carry_their_hash_and_never_change(server: Running) -> None:
    page = server.client.get("/sign-in", headers=PAGE).text
    found = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)
    assert {re.sub(r"-[0-9a-f]{16}", "", name) for name in found} == {
        "/assets/mark.svg",
        "/assets/weft.css",
        "/assets/htmx.js",
        "/assets/pages.js",
        "/assets/passkeys.js",
    }
    for name in found:
        answer = server.client.get(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert server.client.get("/assets/htmx.js").status_code == 404
    assert server.client.get("/assets/..%2f..%2fserver.toml").status_code == 404
    assert assets.htmx().name == "htmx-2.min.js"


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(server: Running) -> None:
    answer = server.client.get("/console/account/tokens?x=1", headers=PAGE, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/sign-in?next=/console/account/tokens%3Fx%3D1",
    )
    smooth = server.client.get("/console", headers=PAGE | {"hx-request": "true"}, follow_redirects=False)
    assert (smooth.status_code, smooth.headers["hx-redirect"]) == (401, "/sign-in?next=/console")


def test_what_is_dangerous_asks_for_the_password_again_and_leads_back(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    server.clock.move(minutes=11)
    mark = MARK.findall(server.client.get("/console/account", headers=PAGE).text)[0]
    asked = {"csrf": mark, "token_name": "build", "days": "7"}
    for path, back in {
        "/console/account/tokens": "/console/account/tokens",
        "/console/account/second-factor/app": "/console/account/second-factor",
    }.items():
        answer = server.client.post(path, data=asked, headers=PAGE)
        assert answer.status_code == 403
        assert f'href="/console/account/prove?next={back}"' in answer.text
    proof = {"csrf": mark, "password": "wrong", "next": "/console/account/tokens"}
    again = server.client.post("/console/account/prove", data=proof, headers=PAGE)
    assert again.status_code == 403
    assert "This is not your password." in again.text
    proof["password"] = SECRET
    led = server.client.post("/console/account/prove", data=proof, headers=PAGE, follow_redirects=False)
    assert (led.status_code, led.headers["location"]) == (303, "/console/account/tokens?done=proven")
    made = server.client.post("/console/account/tokens", data=asked, headers=PAGE)
    assert made.status_code == 200
    assert "weft_" in made.text


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/a\nb",
        "x",
        "",
    ],
)
def test_nobody_is_led_to_another_site(server: Running, text: str) -> None:
    assert own_path(text) == "/console"
    assert own_path("/console/account?x=1") == "/console/account?x=1"


def test_programs_get_problems_and_people_get_pages(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    person = server.client.get("/console/organizations/nobody", headers=PAGE | {"accept-language": "en"})
    assert (person.status_code, person.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in person.text
    assert person.headers["x-request-id"] in person.text
    program = server.client.get("/console/organizations/nobody", headers={"accept": "application/json"})
    assert program.json()["code"] == "not_found"
    assert server.client.get("/api/v1/nothing", headers=PAGE).json()["code"] == "not_found"


def posted(server: Running, path: str, page: str = "", **fields: str) -> str:
    """What a form of a page answers, sent as a browser would."""
    mark = MARK.findall(server.client.get(page or path, headers=PAGE).text)[-1]
    return server.client.post(path, data=fields | {"csrf": mark}, headers=PAGE).text


def test_a_field_that_is_not_taken_says_what_is_wanted(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    path = f"/console{here.path}/environments/new"
    text = posted(server, path, name="Quality", slug="Very good", position="9")
    assert "Small letters, digits and hyphens only" in text
    assert "not taken here as it is written" not in text
    assert "A whole number is wanted here." in posted(server, path, name="Q", slug="q", position="x")
    body = {"email": "nobody", "first_name": "No", "surname": "Body", "days": "7"}
    invited = posted(server, f"/console{here.path}/invitations/new", **body)
    assert "An e-mail address is wanted here" in invited


def test_whether_a_provider_is_believed_about_addresses_is_a_tick(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    path = f"/console{here.path}/policies/single-sign-on/oidc"
    fields = {"name": "Entra", "issuer": "https://login.example.com", "client_id": "weft", "boxes": "1"}
    for ticked in (True, False):
        more = {"trust_email": "yes"} if ticked else {}
        posted(server, path, **fields, **more)
        [kept] = here.admin.get(f"{here.path}/single-sign-on").json()
        assert kept["trust_email"] is ticked
        shown = server.client.get(path, headers=PAGE).text
        assert bool(re.search(r'name="trust_email" value="yes" checked', shown)) is ticked


def test_the_browser_has_another_cookie_after_a_proof(server: Running) -> None:
    here = server.organization()
    sign_in(server, here.admin)
    before = server.client.cookies[COOKIE]
    assert "Thank you." in posted(
        server, "/console/account/prove", password=SECRET, next="/console/account/tokens"
    )
    after = server.client.cookies[COOKIE]
    assert after != before
    assert server.client.get("/console/account", headers=PAGE).status_code == 200
    server.client.cookies.clear()
    stolen = {"authorization": f"Bearer {before}"}
    assert server.client.get("/api/v1/me", headers=stolen).json()["code"] == "token_not_valid"


def test_browsers_say_where_our_own_forms_were_sent_from(server: Running) -> None:
    """A page that let them say nothing would have its forms posted from nowhere (`Origin: null`) by some of them."""
    here = server.organization()
    sign_in(server, here.admin)
    page = server.client.get(f"/console{here.path}/environments/new", headers=PAGE)
    assert page.headers["referrer-policy"] == "same-origin"
    assert server.client.get("/health").headers["referrer-policy"] == "no-referrer"
    fields = {"name": "Q", "slug": "q", "position": "9", "csrf": MARK.findall(page.text)[-1]}
    # Without Fetch Metadata the origin decides.
    path = f"/console{here.path}/environments/new"
    for origin, status in (("null", 401), ("https://evil.example", 401), ("https://weft.example", 303)):
        old = {"accept": "text/html", "origin": origin}
        answer = server.client.post(path, data=fields, headers=old, follow_redirects=False)
        assert answer.status_code == status, origin
