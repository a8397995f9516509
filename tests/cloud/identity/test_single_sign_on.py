"""Single sign-on through the server: OpenID against the provider on npm, SAML against the tests' own, and what neither may do."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import select

from cloud.identity.fetched import Fetch
from cloud.identity.sessions import COOKIE
from cloud.store.tables import members, users
from cloud.store.tables_identity import single_sign_on_links
from tests.cloud.conftest import Organization, Person, Running
from tests.cloud.identity.conftest import People
from tests.cloud.identity.test_oidc import KEY, Idp, signed
from tests.practice.clients import install

PROGRAM = Path(__file__).with_name("oidc_provider.cjs")
OURS = "https://weft.example/sign-in/"
ISSUER = "https://idp.example"


class Browser:
    """Follows redirects by hand and keeps each site's cookies."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.cookies: dict[str, dict[str, str]] = {"weft.example": {}}

    def go(self, address: str, **more: Any) -> httpx.Response:
        parts = urlsplit(address)
        jar = self.cookies.setdefault(parts.netloc, {})
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        method = "POST" if "data" in more else "GET"
        if parts.netloc == "weft.example":
            self.running.client.cookies.clear()
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            answer = self.running.client.request(
                method, path, headers=headers, follow_redirects=False, **more
            )
            self.running.client.cookies.clear()
        else:
            answer = httpx.request(method, address, headers=headers, trust_env=False, timeout=30, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _equals, rest = line.partition("=")
            value = rest.partition(";")[0]
            if value.strip('"') and "max-age=0" not in line.lower():
                jar[name] = value
            else:
                jar.pop(name, None)
        return answer

    def follow(self, address: str, stop: str) -> str:
        """Go where one is sent until an address begins with `stop`; returns that address."""
        for _hop in range(10):
            if address.startswith(stop):
                return address
            answer = self.go(address)
            assert answer.status_code in (302, 303), answer.text
            parts = urlsplit(address)
            address = answer.headers["location"]
            if address.startswith("/"):
                address = f"{parts.scheme}://{parts.netloc}{address}"
        raise AssertionError("too many redirects")

    @property
    def person(self) -> Person:
        """Whoever is signed in in this browser."""
        token = self.cookies["weft.example"].get(COOKIE, "")
        return Person("", "", self.running.client, {"Authorization": f"Bearer {token}"})


@pytest.fixture
def organization(server: Running) -> Organization:
    return server.organization(people={"admin": "admin"})


def member(server: Running, organization: Organization, email: str) -> Person:
    person = server.person("ana")
    with server.database.common(write=True) as common:
        common.update(users, users.c.id == person.id, email=email)
    return server.join(organization, Person(person.id, email, person.client, person.headers), "ana", {})


def agree(server: Running, organization: Organization, issuer: str, **more: Any) -> dict[str, Any]:
    """Set OpenID up."""
    body = {
        "name": "Example",
        "issuer": issuer,
        "client_id": "weft",
        "secret": "a secret the two share",
    } | more
    answer = organization.admin.put(f"{organization.path}/single-sign-on/oidc", json=body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


def done_at(organization: Organization, kind: str = "oidc") -> str:
    """Where the organization's provider answers to."""
    return f"{OURS}{kind}/{organization.id}/done"


def start(organization: Organization, **query: str) -> str:
    return f"https://weft.example/sign-in/sso/{organization.slug}" + (f"?{urlencode(query)}" if query else "")


@pytest.fixture(scope="module")
def real_provider() -> Iterator[str]:
    """oidc-provider from npm on loopback; its issuer."""
    place = install.folder()
    node = shutil.which("node")
    if node is None or not install.installed(place):
        pytest.skip(
            "NO OIDC-PROVIDER HERE: nothing is proven against a foreign provider; python3 dev.py test installs it"
        )
    program = subprocess.Popen(
        [node, str(PROGRAM), str(place / "node_modules"), f"{OURS}oidc/"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        issuer = next((line.strip() for line in program.stdout if line.startswith("http")), "")
        assert issuer, "the provider did not start"
        yield issuer
    finally:
        program.stdin.close()
        program.wait(30)
        program.stdout.close()


@pytest.mark.parametrize("server", ["sqlite", "postgresql"], indirect=True)
def test_sign_in_by_the_provider_on_npm(
    server: Running, organization: Organization, real_provider: str
) -> None:
    server.server.parts["fetch"] = Fetch(inside=True)
    server.clock.at = datetime.now(UTC)
    ana = member(server, organization, "ana@example.com")
    agree(server, organization, real_provider)
    browser = Browser(server)
    back = browser.follow(start(organization, next="/console/x"), done_at(organization))
    assert {"code", "state", "iss"} <= parse_qs(urlsplit(back).query).keys()
    done = browser.go(back)
    assert (done.status_code, done.headers["location"]) == (303, "/console/x")
    me = browser.person.get("/me").json()
    assert (me["id"], me["way"], [each["id"] for each in me["organizations"]]) == (
        ana.id,
        "sso",
        [organization.id],
    )
    # The answer once more, in the same browser and in another: the attempt is over.
    for again in (browser, Browser(server)):
        assert again.go(back).json()["code"] == "ticket_over"
    # The code by itself is worth nothing either: a second attempt with its answer fails at the state.
    other = Browser(server)
    other.follow(start(organization), real_provider)
    assert other.go(back).json()["code"] == "single_sign_on_refused"


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("bend", ["code", "client", "issuer", "secret"])
def test_the_provider_on_npm_refuses_what_was_bent(
    server: Running, organization: Organization, real_provider: str, bend: str
) -> None:
    server.server.parts["fetch"] = Fetch(inside=True)
    server.clock.at = datetime.now(UTC)
    member(server, organization, "ana@example.com")
    agree(server, organization, real_provider, **({"secret": "another"} if bend == "secret" else {}))
    browser = Browser(server)
    back = browser.follow(start(organization), done_at(organization))
    if bend == "code":
        back = back.replace("code=", "code=x")
    if bend == "issuer":
        back = back.replace("iss=", "iss=https%3A%2F%2Fevil.example%2F")
    if bend == "client":
        agree(server, organization, real_provider, client_id="another")
    refused = browser.go(back)
    assert refused.status_code in (401, 502)
    assert COOKIE not in browser.cookies["weft.example"]


@pytest.fixture
def idp(server: Running) -> Idp:
    """The provider of test_oidc.py, asked through the server."""
    made = Idp()
    fetch = Fetch(transport=httpx.MockTransport(made.answer))
    fetch.inside = True
    server.server.parts["fetch"] = fetch
    return made


def come_back(
    server: Running, organization: Organization, idp: Idp, browser: Browser | None = None, **claims: Any
) -> httpx.Response:
    """The whole way with an ID token of these claims."""
    browser = browser or Browser(server)
    asked = dict(parse_qsl(urlsplit(browser.go(start(organization)).headers["location"]).query))
    now = int(server.clock.at.timestamp())
    said = {
        "iss": ISSUER, "aud": "weft", "sub": "s-1", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        "email": "ana@example.com", "email_verified": True,
    }  # fmt: skip
    idp.token = signed(said | claims, KEY)
    return browser.go(
        f"{done_at(organization)}?{urlencode({'code': 'c', 'state': asked['state'], 'iss': ISSUER})}"
    )


@pytest.mark.parametrize(
    "bent",
    [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"nonce": "another"}, {"sub": ""}],
)
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_what_proves_nothing_opens_nothing(
    server: Running, organization: Organization, idp: Idp, bent: dict[str, Any]
) -> None:
    member(server, organization, "ana@example.com")
    agree(server, organization, ISSUER)
    browser = Browser(server)
    refused = come_back(server, organization, idp, browser, **bent)
    assert (refused.status_code, refused.json()["code"]) == (401, "single_sign_on_refused")
    assert COOKIE not in browser.cookies["weft.example"]
    assert come_back(server, organization, idp).status_code == 303


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_provider_speaks_for_its_own_organization_only(
    server: Running, people: People, organization: Organization, idp: Idp
) -> None:
    ana = people.give_password(member(server, organization, "ana@example.com"))
    other = server.organization(people={"admin": "admin"})
    server.join(other, ana, "ana", "admin")
    stranger = people.give_password(server.person("bia"))
    agree(server, organization, ISSUER)
    browser = Browser(server)
    assert come_back(server, organization, idp, browser).status_code == 303
    me = browser.person
    assert me.get(f"{organization.path}/members").status_code == 200
    assert me.get(f"{other.path}/members").status_code == 404
    assert me.get(other.path).status_code == 404
    # It changes nothing of the account, and makes tokens for its organization only.
    assert me.put("/me/password", json={"present": "x", "new": "y"}).json()["code"] == "own_sign_in_needed"
    assert me.post("/me/totp").json()["code"] == "own_sign_in_needed"
    made = me.post("/me/tokens", json={"name": "build"}).json()
    assert made["organizations"] == [organization.id]
    assert (
        me.post("/me/tokens", json={"name": "x", "organizations": [other.id]}).json()["code"]
        == "unknown_organization"
    )
    # An account that is no member is not found, nor told about, nor invited behind its back.
    for email in (stranger.email, "nobody@example.com"):
        refused = come_back(server, organization, idp, sub=f"of {email}", email=email)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_invited")
    body = {"email": stranger.email, "first_name": "B", "surname": "B"}
    assert organization.admin.post(f"{organization.path}/invitations", json=body).status_code == 201
    assert (
        come_back(server, organization, idp, sub="of bia", email=stranger.email).json()["code"]
        == "account_there"
    )


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_an_answer_of_another_organizations_provider_is_refused(
    server: Running, organization: Organization, idp: Idp
) -> None:
    other = server.organization(people={"admin": "admin"})
    member(server, organization, "ana@example.com")
    for each in (organization, other):
        agree(server, each, ISSUER)
    browser = Browser(server)
    asked = dict(parse_qsl(urlsplit(browser.go(start(organization)).headers["location"]).query))
    query = urlencode({"code": "c", "state": asked["state"], "iss": ISSUER})
    assert browser.go(f"{done_at(other)}?{query}").json()["code"] == "ticket_over"
    assert [one.url.path for one in idp.asked if one.url.path == "/token"] == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_an_unverified_address_links_nobody(server: Running, organization: Organization, idp: Idp) -> None:
    member(server, organization, "ana@example.com")
    agree(server, organization, ISSUER)
    refused = come_back(server, organization, idp, email_verified=False)
    assert refused.json()["code"] == "not_invited"


def test_whoever_is_linked_stays_linked_by_subject(
    server: Running, organization: Organization, idp: Idp
) -> None:
    ana = member(server, organization, "ana@example.com")
    agree(server, organization, ISSUER)
    come_back(server, organization, idp)
    browser = Browser(server)
    come_back(server, organization, idp, browser, email="renamed@example.com")
    assert browser.person.get("/me").json()["id"] == ana.id
    with server.database.tenant(organization.id, write=True) as tenant:
        assert len(tenant.rows(select(single_sign_on_links))) == 1
        tenant.update(members, members.c.user_id == ana.id, disabled_at=tenant.now())
    assert come_back(server, organization, idp).json()["code"] == "not_invited"
    found = organization.admin.get(f"{organization.path}/audit").json()["items"]
    told = [(each["action"], each["target"], each["after"]) for each in reversed(found)]
    who = f"user/{ana.id}"
    assert [each for each in told if not each[0].startswith("single_sign_on")] == [
        ("member.link", who, {"kind": "oidc", "subject": "s-1"}),
        ("sign_in.done", who, {"way": "oidc"}),
        ("sign_in.done", who, {"way": "oidc"}),
        ("sign_in.failed", "", {"why": "not_invited", "subject": "s-1"}),
    ]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_one_invited_comes_in_without_a_password(
    server: Running, people: People, organization: Organization, idp: Idp
) -> None:
    agree(server, organization, ISSUER)
    body = {"email": "new@example.com", "first_name": "Nova", "surname": "Pessoa"}
    organization.admin.post(f"{organization.path}/invitations", json=body)
    browser = Browser(server)
    assert (
        come_back(server, organization, idp, browser, sub="new", email="New@example.com").status_code == 303
    )
    me = browser.person.get("/me").json()
    assert (me["first_name"], me["email"], me["password_set_at"]) == ("Nova", "new@example.com", None)
    assert people.try_password("new@example.com", "").status_code == 422
    assert people.try_password("new@example.com", "x").status_code == 401


def test_enforced_single_sign_on_shuts_passwords_passkeys_and_tokens_out(
    server: Running, people: People, organization: Organization, idp: Idp
) -> None:
    ana = people.give_password(member(server, organization, "ana@example.com"))
    with server.database.tenant(organization.id, write=True) as tenant:
        from cloud.store.tables import member_roles

        tenant.insert(member_roles, user_id=ana.id, role_id=organization.roles["admin"])
    before = people.signed_in(ana)
    token = people.with_token(ana, before.post("/me/tokens", json={"name": "old"}).json()["token"])
    path = f"{organization.path}/single-sign-on/oidc"
    agree(server, organization, ISSUER)
    asked = {"name": "Example", "issuer": ISSUER, "client_id": "weft", "enforced": True}
    # Nobody enforces what is not known to work, nor who has not come in by it.
    assert before.put(path, json=asked).json()["code"] == "not_proven_to_work"
    browser = Browser(server)
    come_back(server, organization, idp, browser)
    assert before.put(path, json=asked).json()["code"] == "not_proven_to_work"
    assert browser.person.put(path, json=asked).json()["enforced"] is True
    for shut in (before, token):
        refused = shut.get(f"{organization.path}/members")
        assert (refused.status_code, refused.json()["code"]) == (403, "single_sign_on_needed")
    step = people.try_password(ana.email).json()
    assert (step["next"], step["token"]) == ("single_sign_on", "")
    assert step["address"] == start(organization)
    assert browser.person.get(f"{organization.path}/members").status_code == 200
    own = browser.person.post("/me/tokens", json={"name": "own"}).json()["token"]
    assert people.with_token(ana, own).get(f"{organization.path}/members").status_code == 200
    # Other settings are not known to work: they cannot be enforced in one go.
    changed = asked | {"client_id": "another"}
    assert browser.person.put(path, json=changed).json()["code"] == "not_proven_to_work"
    # Who belongs to another organization too signs in for that one.
    server.join(server.organization(people={}), ana, "ana", {})
    mixed = people.signed_in(ana)
    assert mixed.get(f"{organization.path}/members").json()["code"] == "single_sign_on_needed"


def test_the_secret_is_sealed_and_never_shown(server: Running, organization: Organization) -> None:
    shown = agree(server, organization, ISSUER)
    assert shown["has_secret"] is True
    assert shown["answer_to"] == done_at(organization)
    listed = organization.admin.get(f"{organization.path}/single-sign-on")
    assert "a secret the two share" not in listed.text + repr(server.log)
    with server.database.tenant(organization.id) as tenant:
        from cloud.store.tables_identity import single_sign_on

        row = tenant.one(select(single_sign_on))
    assert row is not None
    assert b"a secret" not in bytes(row.secret)
    assert (
        server.envelope.open(organization.id, "single_sign_on.secret", "oidc", bytes(row.secret))
        == b"a secret the two share"
    )


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("oidc", {"issuer": "http://idp.example", "client_id": "w"}, "bad_address"),
        ("oidc", {"issuer": "https://u:p@idp.example", "client_id": "w"}, "bad_address"),
        ("oidc", {"issuer": ISSUER}, "no_client_id"),
        ("saml", {"issuer": "x", "sign_in": "javascript:alert(1)"}, "bad_address"),
        ("saml", {"issuer": "x", "sign_in": ISSUER, "certificate": "none"}, "bad_certificate"),
        ("ldap", {"issuer": "x"}, "not_found"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    server: Running, organization: Organization, kind: str, body: dict[str, Any], code: str
) -> None:
    path = f"{organization.path}/single-sign-on/{kind}"
    assert organization.admin.put(path, json={"name": "x", **body}).json()["code"] == code


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_the_name_of_the_organization_may_be_typed(server: Running, organization: Organization) -> None:
    browser = Browser(server)
    led = browser.go(f"{OURS}sso?organization=%20{organization.slug.upper()}&next=/console/x")
    assert led.headers["location"] == f"/sign-in/sso/{organization.slug}?next=%2Fconsole%2Fx"
    away = browser.go(f"{OURS}sso?organization=//evil.example/..")
    assert away.headers["location"] == "/sign-in/sso/%2F%2Fevil.example%2F.."
    assert browser.go(f"https://weft.example{away.headers['location']}").status_code == 404


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "then", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "x", "/a\nb"]
)
def test_nobody_is_led_away_afterwards(
    server: Running, organization: Organization, idp: Idp, then: str
) -> None:
    member(server, organization, "ana@example.com")
    agree(server, organization, ISSUER)
    browser = Browser(server)
    asked = dict(parse_qsl(urlsplit(browser.go(start(organization, next=then)).headers["location"]).query))
    now = int(server.clock.at.timestamp())
    idp.token = signed(
        {"iss": ISSUER, "aud": "weft", "sub": "s", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
         "email": "ana@example.com", "email_verified": True}, KEY,
    )  # fmt: skip
    done = browser.go(
        f"{done_at(organization)}?{urlencode({'code': 'c', 'state': asked['state'], 'iss': ISSUER})}"
    )
    assert done.headers["location"] == "/console"


def test_sign_in_by_saml_once(server: Running, organization: Organization) -> None:
    pytest.importorskip("onelogin.saml2.response", reason="the extra `saml` (python3-saml) is not installed")
    from tests.cloud.identity import saml_idp

    ana = member(server, organization, "ana@example.com")
    answer, name = done_at(organization, "saml"), f"https://weft.example/saml/{organization.id}"
    idp = saml_idp.Idp(recipient=answer, destination=answer, audience=name)
    body = {
        "name": "SAML", "issuer": idp.issuer, "sign_in": "https://idp.example/sso", "certificate": saml_idp.certificate(idp.key),
    }  # fmt: skip
    shown = organization.admin.put(f"{organization.path}/single-sign-on/saml", json=body).json()
    assert (shown["our_name"], shown["answer_to"]) == (name, answer)
    browser = Browser(server)
    idp.asked(browser.go(start(organization)).headers["location"])
    form = {"SAMLResponse": idp.signed()}
    # Another browser has not begun it.
    assert Browser(server).go(answer, data=form).json()["code"] == "ticket_over"
    done = browser.go(answer, data=form)
    assert done.status_code == 303, done.text
    assert browser.person.get("/me").json()["id"] == ana.id
    # Replayed: the attempt is over; in a new attempt it answers another request.
    assert browser.go(answer, data=form).json()["code"] == "ticket_over"
    browser.go(start(organization))
    assert browser.go(answer, data=form).json()["code"] == "single_sign_on_refused"
    browser.go(start(organization))
    junk = {"SAMLResponse": base64.b64encode(b"<x/>").decode()}
    assert browser.go(answer, data=junk).json()["code"] == "single_sign_on_refused"
    described = server.client.get(f"/sign-in/saml/{organization.slug}/metadata")
    assert answer.encode() in described.content
