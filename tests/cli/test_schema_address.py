"""weft schema on an address, an archive and a folder: the same tree as the files themselves."""

from __future__ import annotations

import base64
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studio.cli.main import run

_MAIN = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="part.xsd?v=1"/>
<xs:element name="order" type="Order"/></xs:schema>"""
_PART = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:complexType name="Order"><xs:sequence>
<xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType></xs:schema>"""
_TREE = ["order  1  Order", "  id  1  int"]


class _Server(ThreadingHTTPServer):
    """Serves two schemas to those who know the password, and notes what it was asked."""

    asked: list[tuple[str, str]]


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        login = self.headers.get("Authorization", "")
        self.server.asked.append((self.path, login))
        known = login in ("Basic " + base64.b64encode(b"me:p w").decode(), "Bearer tok")
        body = {"/main.xsd": _MAIN, "/part.xsd?v=1": _PART}.get(self.path, "").encode()
        self.send_response(200 if known and body else 401)
        self.send_header("Content-Length", str(len(body) if known else 0))
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(body if known else b"")

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Answers)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_with_a_password_is_read_with_what_it_includes(
    server: _Server, capsys: pytest.CaptureFixture[str]
) -> None:
    port = server.server_address[1]
    assert run(["schema", f"http://me:p%20w@127.0.0.1:{port}/main.xsd"]) == 0
    out = capsys.readouterr()
    assert out.out.splitlines() == _TREE
    assert [path for path, _login in server.asked] == ["/main.xsd", "/part.xsd?v=1"]
    assert "p%20w" not in out.err + out.out


def test_a_token_comes_from_the_environment_and_a_refusal_is_told(
    server: _Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{server.server_address[1]}/main.xsd"
    assert run(["schema", url]) == 3
    assert "answered 401" in capsys.readouterr().err
    monkeypatch.setenv("WEFT_FETCH_TOKEN", "tok")
    assert run(["schema", url, "--root", "order"]) == 0
    assert capsys.readouterr().out.splitlines() == _TREE


def test_a_folder_and_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "main.xsd").write_text(_MAIN.replace("?v=1", ""))
    (folder / "part.xsd").write_text(_PART)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"in/{file.name}")
    for place in (folder, tmp_path / "set.zip"):
        assert run(["schema", str(place)]) == 0
        assert capsys.readouterr().out.splitlines() == _TREE
