"""Pages of what an environment keeps: variables to read and set, secrets by name only, files of each kind."""

from __future__ import annotations

import base64
import html
import re

import pytest

from studio.protocol import sealed
from tests.cloud.conftest import Organization, Running
from tests.cloud.console.test_forms import MARK, PAGE, sign_in
from tests.cloud.pushes import new_project
from tests.cloud.test_files import DRIVER, bring, name

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
RIGHTS = {"test": {"read", "write", "execute"}}


@pytest.fixture
def here(server: Running) -> Organization:
    made = server.organization(people={"admin": "admin", "ana": RIGHTS, "rui": {"test": {"read"}}})
    sign_in(server, made.ana)
    return made


def at(here: Organization, server: Running) -> tuple[str, str]:
    """A project's page of variables in the environment test, and the API's address of the same."""
    clone = new_project(here, here.ana, "Orders", "test")
    project = clone.path.rpartition("/")[2]
    api = f"{here.path}/projects/{project}/environments/{here.environments['test']}"
    return f"/console{api}", api


def send(server: Running, path: str, page: str, **fields: object) -> str:
    shown = server.client.get(page, headers=PAGE)
    assert shown.status_code == 200, shown.text
    version = re.findall(r'name="version" value="([^"]*)"', shown.text)
    data = {"csrf": MARK.findall(shown.text)[-1], "version": html.unescape(version[0]) if version else ""}
    answer = server.client.post(path, data=data | fields, headers=PAGE)
    return html.unescape(answer.text)


def test_variables_are_set_and_read(server: Running, here: Organization) -> None:
    page, api = at(here, server)
    said = send(server, page, page, variable=["host", "", "motd"], value=["db.example", "", "one\r\ntwo"])
    assert "The variables were set." in said
    kept = here.ana.get(f"{api}/variables")
    assert kept.json()["values"] == {"host": "db.example", "motd": "one\ntwo"}
    # A row emptied is a variable removed; what is wrong is told and what was typed stays.
    wrong = send(server, page, page, variable=["host", "9x"], value=["other", "1"])
    assert 'value="9x"' in wrong
    assert "A letter or _ first" in wrong
    assert "stands here twice" in send(server, page, page, variable=["a", "a"], value=["1", "2"])
    assert "A value has no name." in send(server, page, page, variable=[""], value=["1"])
    send(server, page, page, variable=["host", ""], value=["other", ""])
    assert here.ana.get(f"{api}/variables").json()["values"] == {"host": "other"}


def test_of_two_who_set_variables_at_once_the_second_is_told(server: Running, here: Organization) -> None:
    page, api = at(here, server)
    shown = server.client.get(page, headers=PAGE).text
    old = {"csrf": MARK.findall(shown)[-1], "version": html.unescape(re.findall(r'name="version" value="([^"]*)"', shown)[0])}  # fmt: skip
    send(server, page, page, variable=["a"], value=["1"])
    answer = server.client.post(page, data=old | {"variable": "b", "value": "2"}, headers=PAGE)
    assert answer.status_code == 412
    assert "changed this meanwhile" in answer.text
    assert here.ana.get(f"{api}/variables").json()["values"] == {"a": "1"}


def test_secrets_are_told_by_name_only(server: Running, here: Organization) -> None:
    page, api = at(here, server)
    private = sealed.new_key()
    public = sealed.public_text(private.public_key())
    assert here.admin.put(f"{here.path}/sealing-key", json={"public": public}).status_code == 200
    content = base64.b64encode(bytes(range(200))).decode()
    body = {"key": sealed.key_id(public), "sealed": content}
    assert here.ana.put(f"{api}/credentials/db.password", json=body).status_code == 200
    text = server.client.get(page, headers=PAGE).text
    assert "db.password" in text
    assert content not in text
    remove = f"{page}/secrets/remove"
    assert "This is not the name" in send(server, remove, page, secret="db.password", confirm="db")
    assert "The secret was removed." in send(
        server, remove, page, secret="db.password", confirm="db.password"
    )
    assert here.ana.get(f"{api}/credentials").json()["items"] == []


def test_files_are_listed_and_removed(server: Running, here: Organization) -> None:
    page = f"/console{here.path}/environments/{here.environments['test']}/files"
    assert "There is no file here." in server.client.get(page, headers=PAGE).text
    path = f"{here.path}/environments/test"
    bring(here, path, DRIVER)
    assert name(here.ana, path, DRIVER).status_code == 200
    text = server.client.get(page, headers=PAGE).text
    assert "postgresql.jar" in text
    [link] = re.findall(r'href="(/api/v1/[^"]+)"', text)
    assert server.client.get(link, headers={"sec-fetch-site": "same-origin"}).content == DRIVER
    chosen = "driver/postgresql.jar/42.7.3"
    assert "This is not the name" in send(server, f"{page}/remove", page, file=chosen, confirm="no")
    assert "version was removed" in send(server, f"{page}/remove", page, file=chosen, confirm=chosen)


def test_who_may_only_read_is_offered_nothing_else(server: Running, here: Organization) -> None:
    page, _api = at(here, server)
    send(server, page, page, variable=["host"], value=["db.example"])
    sign_in(server, here.rui)
    text = server.client.get(page, headers=PAGE).text
    assert "db.example" in text
    assert "<textarea" not in text
    mark = {"csrf": MARK.findall(text)[-1]}
    refused = server.client.post(page, data=mark | {"variable": "x", "value": "1"}, headers=PAGE)
    assert refused.status_code == 403
