"""The routes of identity, asked by somebody signed in with a session and by strangers with all the description allows and forbids.

The quick run asks these routes too, with tokens: tests/cloud/test_contract.py.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from cloud.identity.passwords import Policy
from cloud.identity.sessions import open_session
from tests.cloud.conftest import Running
from tests.cloud.identity.conftest import People
from tests.cloud.test_contract import MODES, World, one, operations

OURS = (
    "/sign-in",
    "/me",
    "/set-password",
    "/invitations",
    "/desktop",
    "/users",
    "/policies",
    "/single-sign-on",
)


@pytest.mark.full
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_no_request_to_identity_breaks_the_contract(server: Running, people: People) -> None:
    here = server.organization(people={"admin": "admin"})
    world = World(server, here, {"stranger": server.stranger}, {"org": [here.id, here.slug]})
    real, broken = random.Random(4), []
    found = [each for each in operations(server.app) if any(part in each.path for part in OURS)]
    assert len(found) > 30
    for operation in found:
        # Whatever was asked before may have ended the session, or changed the password.
        admin = people.with_token(here.admin, _session(server, people, here.admin.id))
        asking = replace(
            world, people={"admin": replace(admin, email=here.admin.email), "stranger": server.stranger}
        )
        for mode in MODES if operation.body or operation.query else MODES[:1]:
            strategy = operation.as_strategy(generation_mode=mode)
            for who in ("admin", "stranger"):
                broken += one(asking, strategy, who, mode, 20, real)
    assert not broken, "\n\n".join([f"{len(broken)} broken", *broken[:40]])


def _session(server: Running, people: People, user: str) -> str:
    with server.database.common(write=True) as common:
        opened = open_session(common, user, "password", Policy(), kind="web", device="", address="127.0.0.1")
    return opened.token
