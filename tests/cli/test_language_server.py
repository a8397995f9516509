"""The language server, driven as an editor drives it: the real process, messages over its pipes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.cli.language_server import messages, send
from studio.script.language_server import Document, LanguageServer
from studio.script.scope import Scope

ROOT = Path(__file__).resolve().parent.parent.parent


class Client:
    """One running server."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio", "script", "--lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self.uri = (folder / "scripts" / "a.jb").as_uri()
        self._number = 0

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        send(self.process.stdin, {"jsonrpc": "2.0", **message})

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(next(messages(self.process.stdout)))
        return found

    def ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params})
        answer = self.receive()
        assert answer["id"] == self._number
        return answer["error"] if "error" in answer else answer["result"]

    def tell(self, method: str, **params: Any) -> None:
        self.send({"method": method, "params": params})

    def at(self, method: str, line: int, character: int, **more: Any) -> Any:
        position = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", textDocument={"uri": self.uri}, position=position, **more)

    def open(self, text: str) -> list[dict[str, Any]]:
        document = {"uri": self.uri, "languageId": "jitterbit", "version": 1, "text": text}
        self.tell("textDocument/didOpen", textDocument=document)
        return self.problems()

    def problems(self) -> list[dict[str, Any]]:
        message = self.receive()
        assert message["method"] == "textDocument/publishDiagnostics"
        assert message["params"]["uri"] == self.uri
        found: list[dict[str, Any]] = message["params"]["diagnostics"]
        return found


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "project.yaml").write_text(
        "weft: project/1\nid: abcdefgh\nname: P\nvariables:\n  since: '1'\n", "utf-8"
    )
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "send.jb").write_text("$sent = 1", "utf-8")
    client = Client(tmp_path)
    yield client
    client.process.kill()
    client.process.communicate(timeout=10)


def start(client: Client) -> None:
    found = client.ask("initialize", capabilities={})
    assert found["capabilities"]["renameProvider"] == {"prepareProvider": True}
    assert found["capabilities"]["positionEncoding"] == "utf-16"
    client.tell("initialized")


def test_a_session(client: Client) -> None:
    start(client)
    (mistake, unknown) = client.open("// 😀\nx = (1 + ;\n'😀' + Uper(x, $since)")
    assert mistake["range"] == {"start": {"line": 1, "character": 9}, "end": {"line": 1, "character": 10}}
    assert unknown["range"]["start"] == {"line": 2, "character": 7}
    assert unknown["message"] == "There is no function Uper. Did you mean ToUpper?"
    client.tell(
        "textDocument/didChange",
        textDocument={"uri": client.uri, "version": 2},
        contentChanges=[
            {
                "range": {"start": {"line": 1, "character": 9}, "end": {"line": 1, "character": 9}},
                "text": "2)",
            },
            {
                "range": {"start": {"line": 2, "character": 7}, "end": {"line": 2, "character": 22}},
                "text": "Left(x,1)",
            },
        ],
    )
    assert client.problems() == []
    hover = client.at("hover", 2, 9)
    assert "Left(str, n): string" in hover["contents"]["value"]
    assert hover["range"] == {"start": {"line": 2, "character": 7}, "end": {"line": 2, "character": 11}}
    assert "It holds a number." in client.at("hover", 1, 0)["contents"]["value"]
    signature = client.at("signatureHelp", 2, 14)
    assert (signature["signatures"][0]["label"], signature["activeParameter"]) == ("Left(str, n)", 1)
    assert client.at("definition", 2, 12)["range"]["start"] == {"line": 1, "character": 0}
    assert len(client.at("references", 1, 0, context={"includeDeclaration": True})) == 2
    assert [each["kind"] for each in client.at("documentHighlight", 1, 0)] == [3, 2]
    assert client.at("prepareRename", 2, 12)["end"] == {"line": 2, "character": 13}
    assert client.at("prepareRename", 2, 9) is None
    edits = client.at("rename", 1, 0, newName="amount")["changes"][client.uri]
    assert [(edit["newText"], edit["range"]["start"]["line"]) for edit in edits] == [
        ("amount", 1),
        ("amount", 2),
    ]
    assert "cannot be a name" in client.at("rename", 1, 0, newName="2x")["message"]
    (layout,) = client.ask("textDocument/formatting", textDocument={"uri": client.uri}, options={})
    assert layout["newText"] == "// 😀\nx = (1 + 2);\n'😀' + Left(x, 1)\n"
    assert client.ask("shutdown") is None
    client.tell("exit")
    assert client.process.wait(timeout=20) == 0


def test_completion_and_the_project_around(client: Client) -> None:
    start(client)
    assert client.open('$si; RunScript("<TAG>Scripts/sent</TAG>"); $sent + $nothing; Le')[:1] != []
    found = client.at("completion", 0, 3)["items"]
    assert found[0]["label"] == "since"
    last = client.at("completion", 0, 63)["items"][0]
    assert (last["label"], last["textEdit"]["newText"], last["insertTextFormat"]) == ("Left", "Left($0)", 2)
    client.tell("textDocument/didSave", textDocument={"uri": client.uri})
    said = [problem["message"] for problem in client.problems()]
    assert "There is no script called 'sent'. Did you mean send?" in said
    assert [each for each in said if "$sent" in each] == []
    assert [each for each in said if "$nothing" in each] != []


def test_wrong_messages_are_answered(client: Client) -> None:
    assert client.ask("textDocument/hover")["code"] == -32002
    start(client)
    assert client.ask("textDocument/unheardOf")["code"] == -32601
    assert client.at("hover", 0, 0)["code"] == -32602
    client.open("1")
    assert client.at("hover", -1, 0)["code"] == -32602
    assert client.ask("textDocument/hover", textDocument=5)["code"] == -32602
    assert client.at("hover", 99, 99) is None
    assert client.process.stdin is not None
    client.process.stdin.write(b"Content-Length: 5\r\n\r\n{oops")
    client.process.stdin.flush()
    assert client.receive()["error"]["code"] == -32700
    client.tell("exit")
    assert client.process.wait(timeout=20) == 1


def test_the_end_of_input_ends_the_server(client: Client) -> None:
    start(client)
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(timeout=20) == 0
    client.process.stdin = None


@pytest.mark.parametrize(
    "data", [b"\r\n\r\n", b"Content-Length: x\r\n\r\n{}", b"Content-Length: 99999999999\r\n\r\n"]
)
def test_broken_framing_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        list(messages(io.BytesIO(data)))


def test_a_cut_message_is_the_end() -> None:
    assert list(messages(io.BytesIO(b"Content-Length: 2\r\n\r\n{}Content-Length: 9\r\n\r\n{"))) == [b"{}"]
    assert list(messages(io.BytesIO(b""))) == []


@given(st.text(alphabet="a😀\n𝄞é", max_size=20), st.booleans())
def test_positions_there_and_back(text: str, wide: bool) -> None:
    document = Document(text, wide=wide)
    for offset in range(len(text) + 1):
        assert document.offset(document.position(offset)) == offset


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "method", "params", "textDocument", "uri", "position", "line", "character", "text",
                         "contentChanges", "range", "start", "end", "newName"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
METHODS = ["hover", "completion", "signatureHelp", "definition", "references", "rename", "formatting", "didChange",
           "didOpen", "didClose", "documentHighlight", "prepareRename"]  # fmt: skip


@given(st.sampled_from(METHODS), JSON, JSON)
def test_no_message_breaks_it(method: str, params: object, whole: object) -> None:
    server = LanguageServer(lambda _uri: Scope())
    server.handle({"id": 0, "method": "initialize", "params": {}})
    for message in (whole, {"id": 1, "method": f"textDocument/{method}", "params": params},
                    {"method": f"textDocument/{method}", "params": params}):  # fmt: skip
        for answer in server.handle(message):
            assert "result" in answer or answer["error"]["message"] or answer["method"]
    assert server.done is None


def test_a_global_variable_is_found_and_renamed_in_all_scripts_of_the_project(
    client: Client, tmp_path: Path
) -> None:
    start(client)
    client.open("$sent += 1; $since; $other = 2")
    found = client.at("references", 0, 2, context={"includeDeclaration": True})
    assert [each["uri"].rpartition("/")[2] for each in found] == ["a.jb", "send.jb"]
    changes = client.at("rename", 0, 2, newName="$count")["changes"]
    assert {
        uri.rpartition("/")[2]: [edit["newText"] for edit in edits] for uri, edits in changes.items()
    } == {
        "a.jb": ["count"],
        "send.jb": ["count"],
    }
    (tmp_path / "scripts" / "more.jb").write_text("$taken = 1", "utf-8")
    assert "$taken is used in other scripts" in client.at("rename", 0, 2, newName="taken")["message"]
    assert "project.yaml uses $since too" in client.at("rename", 0, 14, newName="from")["message"]
    rules = tmp_path / "transformations"
    rules.mkdir()
    (rules / "map.yaml").write_text("row/a: $other + 1\nrow/b: $others\n", "utf-8")
    message = client.at("rename", 0, 22, newName="another")["message"]
    assert message.startswith("transformations/map.yaml uses $other too")
    (rules / "map.yaml").write_text("row/b: $others\n", "utf-8")
    assert list(client.at("rename", 0, 22, newName="another")["changes"]) == [client.uri]
