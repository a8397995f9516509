"""weft org: added, listed, tested, removed; secrets only in the store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.cli import signed_in
from studio.cli.main import run
from studio.practice.ready import Ready
from studio.practice.sign_in.sessions import PUBLIC_APP
from tests.cheap_vault import cheap_vault
from tests.fake_browser import browser_command, visited
from tests.practice_beside import org_beside

pytestmark = pytest.mark.network


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = cheap_vault(tmp_path, monkeypatch)
    signed_in._stores.clear()
    yield made
    signed_in._stores.clear()


@pytest.fixture(scope="module")
def org() -> Iterator[Ready]:
    with org_beside(seed=False) as ready:
        yield ready


@pytest.fixture
def weft(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*words: object) -> tuple[int, str, str]:
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


Weft = Callable[..., tuple[int, str, str]]


def add_by_password(weft: Weft, org: Ready, tmp_path: Path, *more: str) -> tuple[int, str, str]:
    secret = tmp_path / "secret"
    secret.write_text(org.password + "\n")
    return weft(
        "org", "add", "test org", "--url", org.url, "--flow", "password", "--client-id", PUBLIC_APP,
        "--username", org.username, "--secret-file", secret, *more,
    )  # fmt: skip


def test_added_tested_used_and_removed(
    weft: Weft, org: Ready, tmp_path: Path, own_home: Path, vault: Path
) -> None:
    code, _out, err = add_by_password(weft, org, tmp_path)
    assert code == 0
    assert "Signed in to test org: Weft Practice" in err
    file = own_home / "config" / "orgs" / "test org.yaml"
    text = file.read_text()
    assert org.password not in text
    assert "weft: connection/1" in text
    assert "kind: salesforce" in text
    assert 'password: "keyring:orgs/test org/password"' in text or "keyring:orgs/test org/password" in text
    assert org.password.encode() not in vault.read_bytes()
    assert weft("org", "list")[1].splitlines()[1] == f"test org\tpassword\t{org.url}\tteal\tpractice"
    listed = json.loads(weft("org", "list", "--json")[1])
    assert [entry["name"] for entry in listed] == ["practice", "test org"]
    code, out, _err = weft("org", "test", "test org", "--json")
    data: dict[str, Any] = json.loads(out)
    assert (code, data["name"], data["production"]) == (0, "Weft Practice", False)
    source = tmp_path / "rows.csv"
    source.write_text("Name\nOne\n")
    assert weft("move", "insert", "Account", source, "--org", "test org", "--json")[0] == 0
    assert weft("org", "remove", "test org")[0] == 0
    assert not file.exists()
    assert signed_in.secret_store().get("orgs/test org/password") is None
    assert weft("org", "test", "test org")[0] == 2


def test_an_org_that_does_not_work_is_not_kept(
    weft: Weft, org: Ready, tmp_path: Path, own_home: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    code, _out, err = weft(
        "org", "add", "x", "--url", org.url, "--flow", "password", "--client-id", PUBLIC_APP,
        "--username", org.username, "--secret-file", secret,
    )  # fmt: skip
    assert code == 2
    assert "invalid_grant" in err
    assert list((own_home / "config" / "orgs").iterdir()) == []
    assert signed_in.secret_store().get("orgs/x/password") is None


def test_a_projects_own_org_comes_first(weft: Weft, org: Ready, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "connections").mkdir(parents=True)
    (project / "project.yaml").write_text("weft: project/1\nname: P\nid: p1\n")
    (project / "connections" / "crm.yaml").write_text(
        f"weft: connection/1\nname: CRM\nkind: salesforce\n"
        f'login: {{flow: password, url: "{org.url}", client_id: {PUBLIC_APP}, username: {org.username}}}\n'
        'secrets: {password: "keyring:p1/crm/password"}\n'
    )
    signed_in.secret_store().put("p1/crm/password", org.password)
    source = project / "rows.csv"
    source.write_text("Name\nOne\n")
    assert weft("move", "insert", "Account", source, "--org", "crm", "--json")[0] == 0


def test_a_session_token_is_kept_or_given(weft: Weft, org: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEFT_ACCESS_TOKEN", org.access_token)
    assert weft("org", "add", "given", "--url", org.url, "--flow", "token")[0] == 0
    monkeypatch.delenv("WEFT_ACCESS_TOKEN")
    assert weft("org", "test", "given")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "practice", "--url", "https://a.test", "--client-id", "x"], "cannot be the name"),
        (["add", "../x", "--url", "https://a.test", "--client-id", "x"], "cannot be the name"),
        (["add", "x", "--url", "http://a.test", "--client-id", "x"], "not the https address"),
        (["add", "x", "--url", "https://a.test"], "needs the client id"),
        (["add", "x", "--url", "https://a.test", "--flow", "magic"], "no sign-in called magic"),
        (["remove", "x"], "no org called x"),
        (["remove", "practice"], "not one of your own orgs"),
        (["test", "x"], "no org called x"),
        (["test", "http://example.test"], "not the https address"),
    ],
)
def test_what_is_wrong_is_said(weft: Weft, words: list[str], said: str) -> None:
    code, _out, err = weft("org", *words)
    assert code == 2
    assert said in err


def test_a_name_is_taken_once(weft: Weft, org: Ready, tmp_path: Path) -> None:
    add_by_password(weft, org, tmp_path, "--no-sign-in")
    code, _out, err = add_by_password(weft, org, tmp_path)
    assert code == 2
    assert "already an org" in err
    assert weft("org", "test", "test org")[0] == 0


def test_a_file_that_is_no_org(weft: Weft, own_home: Path) -> None:
    folder = own_home / "config" / "orgs"
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text("weft: connection/1\nkind: files\n")
    code, _out, err = weft("org", "list")
    assert code == 2
    assert "x.yaml" in err


def test_no_window_is_loaded_for_a_move() -> None:
    code = "import sys, studio.cli.move; print([m for m in sys.modules if m.startswith(('PySide6', 'keyring', 'ui'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_api_version_is_kept(weft: Weft, org: Ready, tmp_path: Path, own_home: Path) -> None:
    code, _out, err = add_by_password(weft, org, tmp_path, "--version", "sixty")
    assert (code, err) == (2, "sixty is no API version. Write it as 62.0.\n")
    assert not list((own_home / "config").rglob("*.yaml"))
    assert add_by_password(weft, org, tmp_path, "--version", "62")[0] == 0
    assert "version: 62.0}" in (own_home / "config" / "orgs" / "test org.yaml").read_text()
    assert json.loads(weft("org", "test", "test org", "--json")[1])["version"] == "62.0"
    assert [found["version"] for found in json.loads(weft("org", "list", "--json")[1])] == ["", "62.0"]


def test_an_api_version_the_org_does_not_have_is_not_kept(weft: Weft, org: Ready, tmp_path: Path) -> None:
    code, _out, err = add_by_password(weft, org, tmp_path, "--version", "12")
    assert code == 2
    assert "no API version" in err
    assert len(json.loads(weft("org", "list", "--json")[1])) == 1


def test_marked_renamed_taken_by_default_and_signed_out(
    weft: Weft, org: Ready, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert add_by_password(weft, org, tmp_path)[0] == 0
    source = tmp_path / "rows.csv"
    source.write_text("Name\nOne\n")
    assert weft("move", "insert", "Account", source)[0] == 2
    assert weft("org", "use", "test org")[0] == 0
    code, _out, err = weft("move", "insert", "Account", source, "--json")
    assert (code, "Org: test org, chosen with weft org use." in err) == (0, True)
    assert weft("org", "color", "test org", "indigo")[0] == 0
    code, _out, err = weft("org", "color", "test org", "magenta")
    assert (code, "no mark in the colour magenta" in err) == (2, True)
    assert weft("org", "rename", "test org", "crm")[0] == 0
    row = json.loads(weft("org", "list", "--json")[1])[1]
    assert {key: row[key] for key in ("name", "color", "sort", "title", "default")} == {
        "name": "crm", "color": "indigo", "sort": "practice", "title": "Weft Practice", "default": True,
    }  # fmt: skip
    assert signed_in.secret_store().get("orgs/crm/password") == org.password
    assert signed_in.secret_store().get("orgs/test org/password") is None
    assert weft("org", "sign-out", "crm")[0] == 0
    assert weft("org", "sign-in", "crm")[0] == 0
    assert weft("org", "use")[0] == 0
    assert weft("move", "insert", "Account", source, "--again")[0] == 2
    assert weft("org", "remove", "crm")[0] == 0


def test_a_browser_sign_in_from_the_command_line(org: Ready, tmp_path: Path) -> None:
    environment = dict(os.environ, BROWSER=browser_command(tmp_path))

    def weft(*words: object) -> tuple[int, str]:
        command = [sys.executable, "-m", "studio", *(str(word) for word in words)]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=240, check=False, stdin=subprocess.DEVNULL
        )  # fmt: skip
        return done.returncode, done.stderr

    code, err = weft("org", "add", "crm", "--url", org.url, "--client-id", PUBLIC_APP, "--port", "0")
    assert (code, "Signed in to crm" in err) == (0, True), err
    assert len(visited(tmp_path)) == 1
    assert weft("org", "sign-out", "crm")[0] == 0
    # A job of the night does not wait for a browser.
    code, err = weft("move", "export", "SELECT Id FROM Account", tmp_path / "a.csv", "--org", "crm")
    assert code == 3
    assert "weft org sign-in crm" in err
    assert weft("org", "sign-in", "crm")[0] == 0
    assert len(visited(tmp_path)) == 2


def test_the_guide_names_what_has_to_be_entered(weft: Weft) -> None:
    _code, out, _err = weft("org", "setup", "--url", "acme--uat", "--port", "7171")
    assert "http://localhost:7171/OauthRedirect" in out
    assert "https://acme--uat.sandbox.my.salesforce.com/lightning/setup/" in out
    assert "api refresh_token" in out
    assert "JWT" in weft("org", "setup", "--flow", "jwt")[1]
