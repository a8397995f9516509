"""The audit as people read it: names beside every id, sign-ins told apart, everybody to choose from."""

from __future__ import annotations

import html
import re

import pytest

from cloud.store.metadata import new_id
from cloud.store.tables import members, users
from tests.cloud.conftest import Running
from tests.cloud.console.test_forms import PAGE, sign_in

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def rows(text: str) -> list[str]:
    """What each row of the list says before its details."""
    found = re.findall(r'<th scope="row">(.*?)<details>', text, re.S)
    return [" ".join(html.unescape(re.sub("<[^>]+>", " ", each)).split()) for each in found]


def test_what_was_done_to_whom_is_told_by_name(server: Running) -> None:
    here = server.organization(people={"admin": "admin", "ana": {}})
    body = {"name": "Tester", "admin": False, "rights": {}}
    role = here.admin.post(f"{here.path}/roles", json=body).json()
    here.admin.patch(f"{here.path}/members/{here.ana.id}", json={"roles": [role["id"]]})
    made = here.admin.post(
        f"{here.path}/environments", json={"name": "Quality", "slug": "quality", "position": 9}
    ).json()
    here.admin.delete(f"{here.path}/environments/{made['id']}")
    sign_in(server, here.admin)
    text = server.client.get(f"/console{here.path}/audit", headers=PAGE).text
    assert rows(text) == [
        "Signed in password",
        "Environment removed Quality",
        "Environment made Quality",
        "Member changed Ana Silva",
        "Role made Tester",
    ]
    shown = re.sub(r"<details>.*?</details>|<option.*?</option>", "", text, flags=re.S)
    for id in (here.ana.id, role["id"], made["id"]):
        assert id not in shown
        assert id in text


def test_a_sign_in_that_failed_says_why(server: Running) -> None:
    here = server.organization(people={"admin": "admin", "ana": {}})
    server.stranger.post("/sign-in", json={"email": here.ana.email, "password": "x"})
    sign_in(server, here.admin)
    path = f"/console{here.path}/audit?actor={here.ana.id}&action=sign_in."
    text = server.client.get(path, headers=PAGE).text
    assert rows(text) == ["Sign-in failed Ana Silva The password was wrong."]


def test_everybody_can_be_chosen(server: Running) -> None:
    here = server.organization()
    with server.database.common(write=True) as common:
        now = common.now()
        ids = [new_id() for _n in range(205)]
        common.insert_many(
            users,
            [
                {
                    "id": id, "email": f"{id}@example.com", "first_name": f"N{n}", "surname": "",
                    "phone": "", "server_admin": False, "created_at": now,
                }
                for n, id in enumerate(ids)
            ],
        )  # fmt: skip
    with server.database.tenant(here.id, write=True) as tenant:
        tenant.insert_many(members, [{"user_id": id, "joined_at": now} for id in ids])
    sign_in(server, here.admin)
    text = server.client.get(f"/console{here.path}/audit", headers=PAGE).text
    for n, id in enumerate(ids):
        assert f'<option value="{id}">N{n}</option>' in text
