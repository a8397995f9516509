"""Invitations and links that set a password: good once, for a while, for one address, and silent about who has an account."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from cloud.config import Config
from cloud.identity import links
from cloud.identity.mail import mailer
from cloud.store.tables import users
from cloud.store.tables_audit import audit_entries
from cloud.store.tables_identity import invitations
from studio.base.errors import BadInput
from tests.cloud.conftest import Organization, Running
from tests.cloud.identity.conftest import SECRET, People, give_rules

NEW = "o rato roeu a rolha"
ASKED = {
    "email": "Nova.Pessoa@Example.com", "first_name": "Nova", "surname": "Pessoa", "phone": "+55 11 5555 0199",
    "company": {"name": "Tecelagem", "position": "Analista"}, "roles": ["role of reader"],
}  # fmt: skip
MADE = {"password": SECRET, "first_name": "Nova", "surname": "da Silva", "language": "pt_BR"}


@pytest.fixture
def organization(server: Running) -> Organization:
    return server.organization(people={"admin": "admin", "reader": {}})


def invite(organization: Organization, **other: Any) -> str:
    """The token of a new invitation."""
    answer = organization.admin.post(f"{organization.path}/invitations", json=ASKED | other)
    assert answer.status_code == 201, answer.text
    assert answer.json()["mailed"] is False
    token: str = answer.json()["link"].removeprefix("https://weft.example/invitation/")
    return token


def test_one_invited_makes_an_account_and_is_in(
    server: Running, people: People, organization: Organization
) -> None:
    token = invite(organization)
    seen = server.stranger.post("/invitations/look", json={"token": token}).json()
    assert (seen["email"], seen["first_name"], seen["has_account"]) == (
        "nova.pessoa@example.com",
        "Nova",
        False,
    )
    weak = server.stranger.post(
        "/invitations/accept", json=MADE | {"token": token, "password": "nova.pessoa1"}
    )
    assert weak.json()["faults"] == ["about_you"]
    done = server.stranger.post("/invitations/accept", json=MADE | {"token": token}).json()
    assert done["next"] == ""
    nova = people.with_token(server.stranger, done["token"])
    me = nova.get("/me").json()
    assert (me["surname"], me["language"], [each["id"] for each in me["organizations"]]) == (
        "da Silva", "pt_BR", [organization.id]
    )  # fmt: skip
    assert people.try_password("nova.pessoa@example.com").json()["next"] == ""
    (member,) = [
        each
        for each in organization.admin.get(f"{organization.path}/members").json()["items"]
        if each["user"] == me["id"]
    ]
    assert member["roles"] == [organization.roles["reader"]]
    with server.database.common() as common:
        assert common.value(select(users.c.company).where(users.c.id == me["id"])) == ASKED["company"]
    with server.database.tenant(organization.id) as tenant:
        assert tenant.value(select(invitations.c.hash)) not in token
        actions = [row.action for row in tenant.rows(select(audit_entries).order_by(audit_entries.c.number))]
    assert actions == ["invitation.make", "invitation.accept", "sign_in.done"]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_link_is_good_once_and_for_its_days(server: Running, organization: Organization) -> None:
    token = invite(organization, days=2)
    server.clock.move(days=2)
    over = server.stranger.post("/invitations/accept", json=MADE | {"token": token})
    assert (over.status_code, over.json()["code"]) == (400, "link_over")
    token = invite(organization)
    assert server.stranger.post("/invitations/accept", json=MADE | {"token": token}).status_code == 200
    for path, body in (("accept", MADE), ("look", {})):
        assert (
            server.stranger.post(f"/invitations/{path}", json={**body, "token": token}).json()["code"]
            == "link_over"
        )


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_new_invitation_and_a_withdrawn_one_end_the_link(
    server: Running, organization: Organization
) -> None:
    first, second = invite(organization), invite(organization)
    assert server.stranger.post("/invitations/look", json={"token": first}).status_code == 400
    assert server.stranger.post("/invitations/look", json={"token": second}).status_code == 200
    (listed,) = organization.admin.get(f"{organization.path}/invitations").json()
    assert (listed["email"], listed["link"], listed["accepted_at"]) == ("nova.pessoa@example.com", "", None)
    assert organization.admin.delete(f"{organization.path}/invitations/{listed['id']}").status_code == 204
    assert server.stranger.post("/invitations/look", json={"token": second}).status_code == 400


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_links_that_were_never_made_are_over_like_any(server: Running, organization: Organization) -> None:
    token = invite(organization)
    org, _dot, secret = token.partition(".")
    other = server.organization(people={"admin": "admin"})
    for forged in (
        f"{other.id}.{secret}",
        secret,
        f"server.{secret}",
        f".{secret}",
        f"{org}.",
        token[:-1] + "x",
        "x",
    ):
        answer = server.stranger.post("/invitations/look", json={"token": forged})
        assert (answer.status_code, answer.json()["code"]) == (400, "link_over"), forged


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_only_the_one_invited_joins_with_an_account(
    server: Running, people: People, organization: Organization
) -> None:
    ana, bia = (people.signed_in(people.give_password(server.person(name))) for name in ("ana", "bia"))
    token = invite(organization, email=ana.email.upper())
    assert server.stranger.post("/invitations/look", json={"token": token}).json()["has_account"] is True
    # A stranger with the link makes no second account of the address, and sets no password of the first.
    taken = server.stranger.post("/invitations/accept", json=MADE | {"token": token})
    assert (taken.status_code, taken.json()["code"]) == (409, "account_there")
    assert bia.post("/invitations/join", json={"token": token}).json()["code"] == "not_invited"
    assert server.stranger.post("/invitations/join", json={"token": token}).status_code == 401
    personal = people.with_token(ana, ana.post("/me/tokens", json={"name": "x"}).json()["token"])
    assert personal.post("/invitations/join", json={"token": token}).json()["code"] == "session_needed"
    assert ana.post("/invitations/join", json={"token": token}).status_code == 204
    assert [each["id"] for each in ana.get("/me").json()["organizations"]] == [organization.id]
    again = organization.admin.post(f"{organization.path}/invitations", json=ASKED | {"email": ana.email})
    assert again.json()["code"] == "member_already"


def test_of_two_who_accept_at_once_one_is_in(server: Running, organization: Organization) -> None:
    token, answers = invite(organization), []

    def accept() -> None:
        answers.append(server.stranger.post("/invitations/accept", json=MADE | {"token": token}).status_code)

    threads = [threading.Thread(target=accept) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] == 200
    assert all(code in (400, 409) for code in sorted(answers)[1:]), answers


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_who_may_invite_and_whom(server: Running, organization: Organization) -> None:
    path = f"{organization.path}/invitations"
    assert organization.reader.post(path, json=ASKED).status_code == 403
    assert organization.reader.get(path).status_code == 403
    assert server.organization(people={"x": "admin"}).x.post(path, json=ASKED).status_code == 404
    assert organization.admin.post(path, json=ASKED | {"roles": ["no such"]}).json()["code"] == "unknown_role"
    for wrong in (
        {"email": "no address"},
        {"email": "a@b\n@c"},
        {"first_name": ""},
        {"days": 31},
        {"roles": ["a\u0000"]},
    ):
        assert organization.admin.post(path, json=ASKED | wrong).status_code == 422, wrong
    token = invite(organization, company={}, phone="", roles=[])
    assert server.stranger.post("/invitations/accept", json=MADE | {"token": token}).status_code == 200


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_second_factor_is_enrolled_before_the_first_session(
    server: Running, organization: Organization
) -> None:
    give_rules(server, organization, second_factor=True, least=20)
    token = invite(organization)
    assert server.stranger.post("/invitations/look", json={"token": token}).json()["least"] == 20
    step = server.stranger.post("/invitations/accept", json=MADE | {"token": token}).json()
    assert (step["next"], step["token"]) == ("enrol", "")


def ticket_of(link: str) -> str:
    return link.removeprefix("https://weft.example/set-password/")


def test_a_link_sets_a_password_once_and_ends_everything(server: Running, people: People) -> None:
    ana = people.signed_in(people.give_password(server.person("ana")))
    token = people.with_token(ana, ana.post("/me/tokens", json={"name": "x"}).json()["token"])
    _app, _codes = people.app(ana)
    first = ticket_of(links.password_link(server.server, ana.id))
    ticket = ticket_of(links.password_link(server.server, ana.id))
    assert server.stranger.post("/set-password/look", json={"ticket": first}).json()["code"] == "link_over"
    assert server.stranger.post("/set-password/look", json={"ticket": ticket}).json() == {
        "email": ana.email,
        "least": 12,
    }
    body = {"ticket": ticket, "password": NEW}
    assert server.stranger.post("/set-password", json=body | {"password": "short"}).json()["faults"] == [
        "too_short"
    ]
    assert server.stranger.post("/set-password", json=body).status_code == 204
    assert server.stranger.post("/set-password", json=body).json()["code"] == "link_over"
    assert (ana.get("/me").status_code, token.get("/me").status_code) == (401, 401)
    # A mailbox alone is not both factors.
    assert people.try_password(ana.email, NEW).json()["next"] == "second_factor"
    late = ticket_of(links.password_link(server.server, ana.id))
    server.clock.move(hours=24)
    assert (
        server.stranger.post("/set-password", json={"ticket": late, "password": SECRET}).json()["code"]
        == "link_over"
    )


def test_whoever_runs_the_server_hands_links_out(server: Running, people: People) -> None:
    root, ana = server.person("root", server_admin=True), server.person("ana")
    path = f"/users/{ana.id}/password-link"
    assert server.person("eva").post(path).status_code == 403
    assert root.post("/users/nobody/password-link").status_code == 404
    ticket = ticket_of(root.post(path).json()["link"])
    assert (
        server.stranger.post("/set-password", json={"ticket": ticket, "password": SECRET}).status_code == 204
    )
    session = people.signed_in(ana)
    people.app(session)
    links.reset_factors(server.server, ana.id)
    assert session.get("/me").status_code == 401
    assert people.try_password(ana.email).status_code == 401
    ticket = ticket_of(links.password_link(server.server, ana.id))
    server.stranger.post("/set-password", json={"ticket": ticket, "password": NEW})
    assert people.try_password(ana.email, NEW).json()["next"] == ""


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to be handed a message."""

    def handle(self) -> None:
        self.wfile.write(b"220 mail\r\n")
        body = False
        for line in self.rfile:
            if body:
                body = line != b".\r\n"
                self.server.got.append(line.decode())  # type: ignore[attr-defined]
            elif line[:4].upper() == b"DATA":
                body = True
                self.wfile.write(b"354 go on\r\n")
                continue
            if line[:4].upper() == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            if not body:
                self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def mailbox(server: Running) -> Iterator[list[str]]:
    """The lines of mail the server sent."""
    with socketserver.TCPServer(("127.0.0.1", 0), Mailbox) as box:
        box.got = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=box.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        where = f"smtp://127.0.0.1:{box.server_address[1]}"
        server.server.config = replace(
            server.server.config, mail={"server": where, "from": "weft@example.com"}
        )
        yield box.got  # type: ignore[attr-defined]
        box.shutdown()
        thread.join()


def text_of(lines: list[str]) -> str:
    """The message's text, its soft line ends taken back."""
    return "".join(lines).replace("=\r\n", "").replace("=3D", "=").replace("\r\n", "\n")


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_with_mail_the_link_goes_to_the_one_invited_only(
    server: Running, organization: Organization, mailbox: list[str]
) -> None:
    answer = organization.admin.post(f"{organization.path}/invitations", json=ASKED).json()
    assert (answer["mailed"], answer["link"]) == (True, "")
    text = text_of(mailbox)
    assert "To: nova.pessoa@example.com" in text
    token = text.partition("https://weft.example/invitation/")[2].split()[0]
    assert server.stranger.post("/invitations/accept", json=MADE | {"token": token}).status_code == 200


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_forgotten_password_is_answered_alike_for_everybody(
    server: Running, people: People, mailbox: list[str]
) -> None:
    ana = people.give_password(server.person("ana"))
    answers = [
        server.stranger.post("/sign-in/forgotten", json={"email": each})
        for each in ("x@example.com", ana.email)
    ]
    assert {(each.status_code, each.text) for each in answers} == {(202, "null")}
    text = text_of(mailbox)
    assert text.count("To: ") == 1
    ticket = text.partition("https://weft.example/set-password/")[2].split()[0]
    assert server.stranger.post("/set-password", json={"ticket": ticket, "password": NEW}).status_code == 204
    assert people.try_password(ana.email, NEW).status_code == 200


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_without_a_mail_server_nothing_is_said_either(server: Running, people: People) -> None:
    ana = people.give_password(server.person("ana"))
    assert server.stranger.post("/sign-in/forgotten", json={"email": ana.email}).status_code == 202


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_mail_server_that_is_away_leaves_the_link(server: Running, organization: Organization) -> None:
    away = {"server": "smtp://127.0.0.1:1", "from": "weft@example.com"}
    server.server.config = replace(server.server.config, mail=away)
    answer = organization.admin.post(f"{organization.path}/invitations", json=ASKED).json()
    assert answer["mailed"] is False
    assert answer["link"].startswith("https://weft.example/invitation/")


@pytest.mark.parametrize(
    "said",
    [
        {"server": "smtps://mail.example"}, {"server": "ftp://mail.example", "from": "a@b"}, {"from": "a@b"},
        {"server": "smtps://u:p@mail.example", "from": "a@b"}, {"server": "smtps://m.example", "from": "a@b", "x": "y"},
    ],
)  # fmt: skip
def test_mail_settings_that_cannot_be_meant_are_told(said: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        mailer(Config(mail=said))


def test_mail_leaves_this_machine_only_under_tls() -> None:
    made = [
        mailer(Config(mail={"server": each, "from": "a@b"}))
        for each in ("smtp://mail.example", "smtps://mail.example")
    ]
    assert [(each.secure, each.port) for each in made if each] == [("starttls", 587), ("tls", 465)]
    assert mailer(Config()) is None
