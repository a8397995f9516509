"""weft proxy: preferences from the command line, passwords only in the store, and the doctor's words and exit codes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.agent.talks_to import Talk, talks_to
from studio.cli import signed_in
from studio.cli.main import run
from studio.network.guard import GUARD
from studio.network.settings import Way, current, preferences_file, secret_of_certificate, secret_of_proxy
from studio.repository.link import Link, keep_link
from tests.cheap_vault import cheap_vault
from tests.network.authorities import root
from tests.network.bare_environment import bare_environment
from tests.network.corporation import Corporation

pytestmark = pytest.mark.network
CANARY = "geheim-canary"
CORP = root("Corp Inspection CA 2")
Weft = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def vault(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    bare_environment(monkeypatch)
    monkeypatch.chdir(tmp_path)
    GUARD.forget()
    made = cheap_vault(tmp_path, monkeypatch)
    signed_in._stores.clear()
    yield made
    signed_in._stores.clear()


@pytest.fixture
def weft(capsys: pytest.CaptureFixture[str]) -> Weft:
    def call(*words: object) -> tuple[int, str, str]:
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        assert CANARY not in out + err
        return code, out, err

    return call


def secret(folder: Path, text: str = CANARY) -> Path:
    file = folder / "secret"
    file.write_text(text + "\n")
    return file


def test_the_way_is_set_and_shown(weft: Weft, tmp_path: Path) -> None:
    code, _out, err = weft(
        "proxy", "set", "proxy.corp.test:8080", "--bypass", "*.in.test;<local>", "--schemes", "NTLM, basic"
    )
    assert (code, err) == (0, "Own setting: http://proxy.corp.test:8080\n")
    (tmp_path / "corp.pem").write_bytes(CORP.pem)
    assert weft("proxy", "set", "--trust", tmp_path / "corp.pem")[0] == 0
    found = current()
    assert (found.way, found.proxy, found.schemes) == (
        Way.EXPLICIT,
        "http://proxy.corp.test:8080",
        ("ntlm", "basic"),
    )
    assert found.extra_ca == (str(tmp_path / "corp.pem"),)
    code, out, _err = weft("proxy", "show", "--json")
    assert code == 0
    assert json.loads(out)["hops"] == ["http://proxy.corp.test:8080"]
    assert weft("proxy", "set", "system", "--distrust", tmp_path / "corp.pem")[0] == 0
    assert (current().way, current().extra_ca, current().bypass) == (Way.SYSTEM, (), "*.in.test;<local>")
    code, out, _err = weft("proxy", "show")
    assert "rule\tSystem: no proxy\n" in out
    assert weft("proxy", "set", "--script", tmp_path / "gone.pac")[0] == 0
    assert "cannot be had: No such file" in weft("proxy", "show")[1]
    assert weft("proxy", "set", "none")[0] == 0
    assert current().way is Way.NONE


@pytest.mark.parametrize(
    "words",
    [
        ["set", f"http://ana:{CANARY}@proxy.test:8080"],
        ["set", "ftp://proxy.test"],
        ["set", "--schemes", "kerberos5"],
        ["set", "--trust", "gone.pem"],
        ["password", "proxy.test:8080"],
        ["certificate", "*.test"],
        ["certificate", "*.test", "gone.pem"],
        ["doctor", "https://[", "--json"],
        ["doctor", "--project", "gone"],
    ],
)
def test_what_makes_no_sense_changes_nothing(weft: Weft, words: list[str]) -> None:
    code, out, err = weft("proxy", *words)
    assert code == 2
    assert out == ""
    assert err.strip()
    assert not preferences_file().exists()


def test_a_spoiled_file_is_told(weft: Weft) -> None:
    preferences_file().write_text("{")
    code, _out, err = weft("proxy", "show")
    assert code == 1
    assert "network.json" in err


def test_passwords_are_in_the_store_only(weft: Weft, tmp_path: Path, vault: Path) -> None:
    words = ["proxy", "password", "Proxy.corp.test:8080", "--secret-file", secret(tmp_path)]
    assert weft(*words, "--user", "CORP\\ana")[0] == 0
    assert current().users == {"proxy.corp.test:8080": "CORP\\ana"}
    store = signed_in.secret_store()
    assert store.get(secret_of_proxy("proxy.corp.test:8080")) == CANARY
    assert weft(*words)[0] == 0  # the user is known
    assert CANARY.encode() not in preferences_file().read_bytes() + vault.read_bytes()
    assert "CORP\\ana" in weft("proxy", "show")[1]
    assert weft("proxy", "password", "proxy.corp.test:8080", "--logged-in")[0] == 0
    assert current().users == {"proxy.corp.test:8080": ""}
    assert store.get(secret_of_proxy("proxy.corp.test:8080")) is None
    assert weft("proxy", "password", "proxy.corp.test:8080", "--forget")[0] == 0
    assert current().users == {}


def test_a_client_certificate_is_tried_before_it_is_kept(weft: Weft, tmp_path: Path) -> None:
    me = CORP.below("ana")
    (tmp_path / "me.pem").write_bytes(me.pem + me.key_pem(CANARY))
    words = ["proxy", "certificate", "*.corp.test", "me.pem", "--passphrase-file"]
    assert weft(*words, secret(tmp_path, "wrong"))[0] == 2
    assert current().client_certificates == {}
    assert weft(*words, secret(tmp_path))[0] == 0
    assert current().client_certificates["*.corp.test"].file == str(tmp_path / "me.pem")
    assert signed_in.secret_store().get(secret_of_certificate("*.corp.test")) == CANARY
    assert weft("proxy", "certificate", "*.corp.test", "--forget")[0] == 0
    assert current().client_certificates == {}
    assert signed_in.secret_store().get(secret_of_certificate("*.corp.test")) is None


def a_project(folder: Path, *hosts: str) -> Path:
    assert run(["new", str(folder)]) == 0
    (folder / "connections").mkdir(exist_ok=True)
    for number, host in enumerate(hosts):
        text = f"weft: connection/1\nname: C{number}\nkind: http\nurl: https://ana:{CANARY}@{host}/path?token={CANARY}\n"
        (folder / "connections" / f"c{number}.yaml").write_text(text)
    return folder


async def test_the_doctors_words_and_codes(
    weft: Weft, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = a_project(tmp_path / "p", "a.test", "aurora.my.salesforce.com")
    tls = CORP.below("a.test", ("a.test",)).server(tmp_path)
    (tmp_path / "corp.pem").write_bytes(CORP.pem)
    capsys.readouterr()
    async with Corporation(tls, login=f"ana:{CANARY}") as corp:

        async def ask(*words: object) -> tuple[int, str, str]:
            return await asyncio.to_thread(weft, "proxy", *words)

        await ask("set", corp.address)
        await ask("password", corp.address, "--user", "ana", "--secret-file", secret(tmp_path))
        code, out, _err = await ask("doctor", "a.test")
        assert code == 3
        assert "The proxy lets you through, but its certificate is not trusted here" in out
        assert "✗ Certificate" in out
        assert "· a.test       not reached" in out
        assert "weft proxy set --trust FILE" in out
        assert "Please exclude a.test from TLS inspection" in out
        assert "✗ Corp Inspection CA 2" in out

        await ask("set", "--trust", "corp.pem")
        code, out, _err = await ask("doctor", "a.test")
        assert code == 0
        assert "✓ Sign-in      ana with the password kept here → 200" in out
        code, out, _err = await ask("doctor", "a.test", "--project", project, "--json")
        assert code == 1
        told = json.loads(out)
        assert told["ok"]
        assert [(one["what"], one["address"], one["ok"]) for one in told["project"]] == [
            ("connection C0", "https://a.test", True),
            ("connection C1", "https://aurora.my.salesforce.com", False),
        ]
        assert told["project"][1]["certificate"]["reason"] == "it is for a.test"
        code, out, _err = await ask("doctor", "--project", project)
        assert code == 1
        assert "Everything this project talks to" in out
        assert "aurora.my.salesforce.com" in out


def test_everything_a_project_talks_to(tmp_path: Path) -> None:
    project = a_project(tmp_path / "p", "b.test", "B.test:443")
    (project / "connections" / "s.yaml").write_text(
        "weft: connection/1\nname: Partner\nkind: sftp\nhost: sftp.partner.test\nport: 2222\n"
    )
    (project / "connections" / "d.yaml").write_text(
        "weft: connection/1\nname: ERP\nkind: database\naddress: postgresql+psycopg://ana@db.test/erp\n"
    )
    (project / "connections" / "f.yaml").write_text(
        "weft: connection/1\nname: Files\nkind: files\nfolder: c:/data\n"
    )
    (project / "schemas").mkdir(exist_ok=True)
    (project / "schemas" / "orders.wsdl").write_text(
        '<definitions><port><soap:address location="https://soap.test:8443/x"/></port></definitions>'
    )
    keep_link(project, Link("https://weft.aurora.test", "o", "p"))
    assert talks_to(project) == (
        Talk("https://b.test", "connection C0"),
        Talk("db.test:5432", "connection ERP"),
        Talk("sftp://sftp.partner.test:2222", "connection Partner"),
        Talk("https://weft.aurora.test", "repository"),
        Talk("https://soap.test:8443", "schema orders.wsdl"),
    )
