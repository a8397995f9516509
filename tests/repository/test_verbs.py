"""weft sign-in, sign-out, projects, deploy, promote, history, restore and credentials on a real server."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import NotReachable
from studio.base.secrets import open_store
from studio.cli import signed_in
from studio.cli.main import run
from studio.network import settings as preferences
from studio.project.create import create
from studio.repository import accounts
from studio.repository.client import Repository
from tests.cheap_vault import cheap_vault
from tests.repository.console_browser import browser_command
from tests.repository.running_server import Site, give_password

ORDERS = "transformations/orders-to-invoices.yaml"


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_vault(tmp_path, monkeypatch)
    monkeypatch.setattr("studio.base.secrets._COST", {"iterations": 1, "memory_kib": 64, "lanes": 1})
    monkeypatch.setattr(signed_in, "_stores", [])
    monkeypatch.delenv(accounts.TOKEN_VARIABLE, raising=False)


def out(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    found = run([str(word) for word in words])
    said = capsys.readouterr()
    assert found == code, said
    return said.out + said.err


class Typing(io.StringIO):
    """A terminal somebody types on."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def entered(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    """A server somebody signed in to with a token from a file."""
    file = tmp_path / "token"
    file.write_text(site.token() + "\n")
    said = out(capsys, "sign-in", site.url, "--token-file", file)
    assert f"Signed in to {site.url} as {site.account().email}" in said
    return site


@pytest.fixture
def pushed(
    entered: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The sample project in the repository, the folder one works in."""
    folder = tmp_path / "orders"
    create(folder, sample="orders")
    (folder / "connections").mkdir(exist_ok=True)
    (folder / "connections" / "erp.yaml").write_text(
        'weft: connection/1\nname: ERP\nkind: database\naddress: sqlite:///x.db\nsecrets: {password: "keyring:p/erp/password"}\n'
    )
    out(
        capsys,
        "push",
        folder,
        "--new",
        "Orders",
        "--environment",
        "development",
        "--no-samples",
        "-m",
        "first",
    )
    monkeypatch.chdir(folder)
    return folder


def test_in_and_out_by_token(entered: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no project you may read" in out(capsys, "projects")
    file = tmp_path / "token"
    told = json.loads(out(capsys, "sign-in", "--token-file", file, "--environment", "test", "--json"))
    assert told["environment"] == entered.environment("test")
    assert entered.token() not in json.dumps(told)
    assert "There are: development, test, production" in out(
        capsys, "sign-in", "--token-file", file, "--environment", "nowhere", code=2
    )
    assert "no organization called nobody" in out(
        capsys, "sign-in", "--token-file", file, "--organization", "nobody", code=2
    )
    out(capsys, "sign-out")
    assert "weft sign-in SERVER" in out(capsys, "projects", code=3)
    # The token was a session's: it ended there, too.
    assert "not signed in" in out(capsys, "sign-in", entered.url, "--token-file", file, code=3)


def test_signing_in_needs_somebody(site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.delenv("BROWSER", raising=False)
    assert "--token-file FILE" in out(capsys, "sign-in", site.url, code=3)
    assert "not the address" in out(capsys, "sign-in", "http://a b", code=2)
    assert "without encryption" in out(capsys, "sign-in", "http://weft.example.com", code=2)
    assert "weft sign-in SERVER" in out(capsys, "sign-in", code=3)


def test_through_the_browser_to_a_server_of_ones_own(
    secure_site: Site,
    cheap_passwords: None,
    tmp_path: Path,
) -> None:
    """The real command, the real page, TLS under the server's own certificate, which is trusted from then on."""
    email = give_password(secure_site)
    assert secure_site.certificate is not None
    seen = tmp_path / "seen"
    seen.mkdir()
    browser = browser_command(seen, email, certificate=secure_site.certificate)
    environment = os.environ | {"BROWSER": browser}
    weft = [sys.executable, "-m", "studio"]

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*weft, *words], env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    refused = call("sign-in", secure_site.url)
    assert (refused.returncode, "not trusted" in refused.stderr) == (3, True)
    done = call("sign-in", secure_site.url, "--ca", str(secure_site.certificate), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["email"] == email
    # Which certificate is trusted is one of the network preferences now.
    assert preferences.load()[0].extra_ca == (str(secure_site.certificate),)
    listed = call("projects", "--json")
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
    assert call("sign-out").returncode == 0
    assert accounts.accounts() == ()


def test_deploying_asks_first(
    pushed: Path, entered: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = out(capsys, "deploy", "test", "--dry-run")
    assert "Revision 1 into Test:" in said
    assert f"added  {ORDERS}" in said
    assert "--yes" in out(capsys, "deploy", "test", code=3)
    monkeypatch.setattr(sys, "stdin", Typing("no\n"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert "not confirmed" in out(capsys, "deploy", "test", code=130)
    monkeypatch.setattr(sys, "stdin", Typing("yes\n"))
    assert "Test holds revision 1 now." in out(capsys, "deploy", "test", "-m", "go")
    assert "holds exactly this already" in out(capsys, "deploy", "test", "--yes")
    file = pushed / ORDERS
    file.write_text(file.read_text().replace('"[@id]"', '"[number]"'))
    out(capsys, "push", ".", "-m", "second")
    said = out(capsys, "deploy", "test", "--object", "transformations/orders-to-invoices", "--yes")
    assert "→ [number]" in said
    assert "There are: development, test, production" in out(capsys, "deploy", "nowhere", "--yes", code=2)
    told = json.loads(out(capsys, "deploy", "development", "--yes", "--json"))
    assert (told["revision"], told["deployment"]["number"]) == (2, 2)
    assert "not both" in out(capsys, "deploy", "test", "--variables", "--object", "x", code=2)
    # The last environment is confirmed by its name only.
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert "--yes-production production" in out(capsys, "promote", "test", "production", "--yes", code=3)
    monkeypatch.setattr(sys, "stdin", Typing("yes\n"))
    assert "not confirmed" in out(capsys, "promote", "test", "production", code=130)
    wrong = out(capsys, "promote", "test", "production", "--yes-production", "test", code=3)
    assert "is not the name of this environment" in wrong
    monkeypatch.setattr(sys, "stdin", Typing("production\n"))
    assert "Production holds revision 2 now." in out(capsys, "promote", "test", "production")


def test_history_and_restore(pushed: Path, entered: Site, capsys: pytest.CaptureFixture[str]) -> None:
    file = pushed / ORDERS
    before = file.read_text()
    file.write_text(before.replace('"[@id]"', '"[number]"'))
    out(capsys, "push", ".", "-m", "second")
    lines = out(capsys, "history").splitlines()
    assert [line.split("\t")[0] for line in lines] == ["2", "1"]
    assert lines[0].split("\t")[2:] == ["Ana Silva", "+0 ~1 -0", "second"]
    assert [each["number"] for each in json.loads(out(capsys, "history", "--limit", "1", "--json"))] == [2]
    assert "[number] → [@id]" in out(capsys, "restore", "1", "--dry-run")
    assert "--yes" in out(capsys, "restore", "1", code=3)
    assert "Revision 3 is made." in out(capsys, "restore", "1", "--yes")
    assert "equal to it already" in out(capsys, "restore", "1", "--yes")
    assert "no revision 9" in out(capsys, "restore", "9", "--yes", code=2)
    out(capsys, "pull", ".")
    assert file.read_text() == before


def test_credentials(pushed: Path, entered: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = tmp_path / "root"
    token.write_text(entered.token("root"))
    assert "no key for secrets yet" in out(capsys, "credentials", "seal", "test", "--yes", code=2)
    assert "missing" in out(capsys, "credentials", "list", "test", code=1)
    # Administrators make the key: from their account on this computer.
    out(capsys, "sign-in", entered.url, "--token-file", token)
    key = out(capsys, "credentials", "make-key").splitlines()[0]
    assert "compared" in out(capsys, "credentials", "key")
    phrase, file = tmp_path / "phrase-of-key", tmp_path / "key.weft-key"
    phrase.write_text("a long passphrase")
    out(capsys, "credentials", "export-key", file, "--passphrase-file", phrase)
    assert out(capsys, "credentials", "import-key", file, "--passphrase-file", phrase).strip() == key
    token.write_text(entered.token())
    out(capsys, "sign-in", entered.url, "--token-file", token)
    assert "not on this computer" in out(capsys, "credentials", "seal", "test", "--yes", code=1)
    open_store().put("p/erp/password", "hunter2")
    assert "1 secret is sealed for Test." in out(capsys, "deploy", "test", "--with-credentials", "--yes")
    assert "--yes-production production" in out(capsys, "credentials", "seal", "production", "--yes", code=3)
    [row] = json.loads(out(capsys, "credentials", "list", "test", "--json"))
    assert (row["name"], row["needed"], row["stale"]) == ("erp.password", True, False)
    assert out(capsys, "credentials", "open", "test", "erp.password", "--print") == "hunter2\n"
    open_store().put("p/erp/password", "another")
    out(capsys, "credentials", "open", "test", "erp.password")
    assert open_store().get("p/erp/password") == "hunter2"
    out(capsys, "credentials", "remove", "test", "erp.password")
    assert "nothing you may see" in out(capsys, "credentials", "open", "test", "erp.password", code=3)
    assert "not the organization's key" in out(capsys, "credentials", "trust", "0" * 64, code=2)
    out(capsys, "credentials", "trust", key)


def test_what_was_confirmed_waits_for_the_repository(
    pushed: Path, entered: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy = Repository.deploy

    async def gone(*_all: object) -> None:
        raise NotReachable("The line was cut.")

    monkeypatch.setattr(Repository, "deploy", gone)
    assert "weft deploy --waiting" in out(capsys, "deploy", "test", "--yes", "-m", "kept", code=3)
    assert "1 deployment waits" in out(capsys, "status", "--offline")
    out(capsys, "deploy", "--waiting", code=3)
    monkeypatch.setattr(Repository, "deploy", deploy)
    assert "test holds revision 1 now." in out(capsys, "deploy", "--waiting")
    assert out(capsys, "deploy", "--waiting") == ""
    # One that does not fit any more is told, and stays until it is taken off.
    file = pushed / ORDERS
    file.write_text(file.read_text().replace('"[@id]"', '"[number]"'))
    out(capsys, "push", ".", "-m", "second")
    monkeypatch.setattr(Repository, "deploy", gone)
    out(capsys, "deploy", "test", "--yes", code=3)
    monkeypatch.setattr(Repository, "deploy", deploy)
    out(capsys, "deploy", "test", "--yes")
    assert "weft deploy --forget 1" in out(capsys, "deploy", "--waiting", code=1)
    out(capsys, "deploy", "--forget", "1")
    assert out(capsys, "deploy", "--waiting") == ""
    assert "Say which environment" in out(capsys, "deploy", code=2)


def test_one_of_several_organizations_is_chosen_by_number(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = site.running.organization("others", {})
    site.running.join(other, site.organization.ana, "ana", "admin")
    file = tmp_path / "token"
    file.write_text(site.token())
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    for typed, chosen in (("2\n", other.id), (f"{site.organization.slug}\n", site.organization.id)):
        monkeypatch.setattr(sys, "stdin", Typing(typed))
        said = out(capsys, "sign-in", site.url, "--token-file", file)
        assert f"2  {other.slug}" in said
        account = accounts.current()
        assert account is not None
        assert account.organization == chosen
    monkeypatch.setattr(sys, "stdin", Typing("3\n"))
    assert "no organization called 3" in out(capsys, "sign-in", site.url, "--token-file", file, code=2)
