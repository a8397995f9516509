"""People who sign in: passwords that cost little, clients without cookies of others, apps with codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher

from cloud.identity import accounts, passwords
from cloud.identity.accounts import PASSWORD_RULES, policy_content
from cloud.identity.passwords import Policy
from cloud.store.tables import policies
from tests.cloud.conftest import Organization, Person, Running

SECRET = "quatro cavalos no telhado"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is tested once; elsewhere it costs next to nothing."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)


def give_rules(server: Running, organization: Organization, **rules: object) -> None:
    with server.database.tenant(organization.id, write=True) as tenant:
        content = policy_content(Policy(**rules))  # type: ignore[arg-type]
        tenant.insert(policies, subject=PASSWORD_RULES, content=content, changed_at=tenant.now())


@dataclass
class App:
    """An authenticator app set up with a secret; gives each step's code once."""

    running: Running
    secret: str

    def code(self) -> str:
        """The code of the server's time; the clock then moves on, so that the next is another."""
        made = pyotp.TOTP(self.secret).at(int(self.running.clock.at.timestamp()))
        self.running.clock.move(seconds=30)
        return made


class People:
    """Gives passwords, signs in."""

    def __init__(self, running: Running) -> None:
        self.running = running

    def give_password(self, person: Person, password: str = SECRET) -> Person:
        """The person has a password from now on."""
        with self.running.database.common(write=True) as common:
            accounts.keep_password(common, person.id, passwords.hashed(password))
        return person

    def try_password(self, email: str, password: str = SECRET, **more: Any) -> httpx.Response:
        """The answer to an address and a password."""
        return self.running.stranger.post("/sign-in", json={"email": email, "password": password}, **more)

    def signed_in(self, person: Person, password: str = SECRET) -> Person:
        """The person in a new session."""
        said = self.try_password(person.email, password).json()
        assert said["next"] == "", said
        return self.with_token(person, said["token"])

    def with_token(self, person: Person, token: str) -> Person:
        """The person with a token."""
        return Person(person.id, person.email, self.running.client, {"Authorization": f"Bearer {token}"})

    def app(self, person: Person) -> tuple[App, list[str]]:
        """Turn the second factor on: the app and the recovery codes."""
        offered = person.post("/me/totp").json()
        app = App(self.running, offered["secret"])
        answer = person.post("/me/totp/confirm", json={"code": app.code()})
        assert answer.status_code == 200, answer.text
        return app, answer.json()["codes"]


@pytest.fixture
def people(server: Running) -> Iterator[People]:
    return People(server)
