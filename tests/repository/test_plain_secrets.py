"""Secrets in files about to be pushed are named by what they are, and what only looks a little like one is not."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.identity.secrets_shown import Prefix, new_token
from studio.repository.looking_secret import looking_secret
from studio.repository.plain_secrets import LARGEST, shapes_in

PEM = "-----BEGIN {}PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (PEM.format(""), "a private key"),
        (PEM.format("RSA "), "a private key"),
        (PEM.format("ENCRYPTED "), "a private key"),
        ("$s = '00D5g000004Abcd!" + "AQ8AQ" * 20 + "'", "a Salesforce session"),
        ("key: AKIA" + "ABCD1234" * 2, "an access key of Amazon Web Services"),
        ("ghp_" + "a1B2" * 9, "a token of GitHub"),
        ("address: postgresql+psycopg://ana:hunter2@db.example/erp", "an address with a password"),
        ('url: "https://:geheim@proxy.corp.test:3128"', "an address with a password"),
    ],
)
def test_shapes(text: str, kind: str) -> None:
    assert list(shapes_in(f"first: line\n{text}\n".encode())) == [(2, kind)]


@pytest.mark.parametrize("prefix", [Prefix.PERSONAL, Prefix.SESSION])
def test_tokens_of_our_own_server(prefix: Prefix) -> None:
    for text in (f"token: {new_token(prefix)}", f"'{new_token(prefix)}'"):
        assert [kind for _line, kind in shapes_in(text.encode())] == ["a token of a repository server"]


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ana@db.example/erp", "postgresql://ana:$password@db.example/erp", "https://x.test:8080/a@b",
        "-----BEGIN CERTIFICATE-----", "weft_pat_short", "mailto:ana@x.test", "00D5g000004Abcd", "xmlns:a='urn:x:y@z'",
        "http://{user}:{password}@host", "see https://example.com/a: b@c", "AKIAlowercase1234567",
    ],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert list(shapes_in(text.encode())) == []


def test_binary_and_large_files_are_left() -> None:
    secret = PEM.format("").encode()
    assert list(shapes_in(secret + b"\0")) == []
    assert list(shapes_in(secret + b"x" * LARGEST)) == []


@given(st.binary(max_size=2000) | st.text(alphabet="a:/@$-=_!0DweftAKI\n ", max_size=2000).map(str.encode))
def test_any_bytes(data: bytes) -> None:
    assert all(line >= 1 and kind for line, kind in shapes_in(data))


def test_a_long_line_takes_no_time() -> None:
    for unit in (b"a://b:", b"00D", b"-----BEGIN ", b"a:", b"weft_pat_", b"a://"):
        list(shapes_in(unit * (LARGEST // len(unit))))
    list(shapes_in(base64.b64encode(os.urandom(LARGEST // 2))))


def test_a_push_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "a.jb").write_text(f"$a = 1;\n$key = '{PEM.format('')}';\n")
    (tmp_path / "connections").mkdir()
    (tmp_path / "connections" / "b.yaml").write_text("weft: connection/1\nlogin: {password: hunter2}\n")
    found = list(looking_secret(tmp_path, ["scripts/a.jb", "connections/b.yaml", "scripts/gone.jb"]))
    assert [(each.file, each.line, each.path) for each in found] == [
        ("connections/b.yaml", None, "login/password"), ("scripts/a.jb", 2, None),
    ]  # fmt: skip
    assert "a private key" in found[1].message
    assert all("hunter2" not in each.message for each in found)
