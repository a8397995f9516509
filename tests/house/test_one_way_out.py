"""All traffic goes the same way: nothing but the network's own modules makes HTTP clients or opens connections."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# What opens a connection, by the module that offers it.
OPENS = {
    "httpx": {
        "Client", "AsyncClient", "HTTPTransport", "AsyncHTTPTransport", "get", "post", "put", "patch", "delete", "head",
        "options", "request", "stream",
    },
    "httpcore": {"ConnectionPool", "AsyncConnectionPool", "AnyIOBackend", "HTTPProxy", "AsyncHTTPProxy", "request", "stream"},
    "urllib.request": {"urlopen", "urlretrieve", "build_opener", "OpenerDirector", "install_opener"},
    "http.client": {"HTTPConnection", "HTTPSConnection"},
    "socket": {"create_connection", "socket", "socketpair"},
    "asyncio": {"open_connection", "open_unix_connection"},
    "anyio": {"connect_tcp"},
    "smtplib": {"SMTP", "SMTP_SSL"},
    "ftplib": {"FTP", "FTP_TLS"},
}  # fmt: skip
METHODS = {"create_connection", "sock_connect"}  # of an event loop
FOREIGN = {"requests", "aiohttp", "urllib3", "asyncssh", "paramiko", "websockets", "pycurl"}
# Who may, and why.
ALLOWED = {
    ("studio/network/client.py", "httpx.AsyncClient"): "the one place",
    ("studio/network/transport.py", "httpcore.AsyncConnectionPool"): "its pools",
    ("studio/network/tunnel.py", "httpcore.AnyIOBackend"): "the connections themselves",
    (
        "studio/network/pac_source.py",
        "httpx.AsyncClient",
    ): "the script that says which proxy there is cannot be behind it",
    ("studio/network/pac.py", "socket.socket"): "asks the system for its own address; nothing is sent",
    ("studio/practice/shared.py", "http.client.HTTPConnection"): "the practice org of this computer",
}


# Most modules speak of none of it, and are not looked at further.
SPOKEN_OF = re.compile(
    "|".join(
        [
            *(OPENS.keys() - {"asyncio"}),
            *METHODS,
            *FOREIGN,
            "urllib import",
            "http import",
            "open_.*connection",
            "QtNetwork",
        ]
    )
)
NAMES = METHODS.union(*OPENS.values())


def opened(tree: ast.Module) -> Iterator[str]:
    """The names of what a module calls of OPENS, and foreign clients it imports."""
    nodes = list(ast.walk(tree))
    modules: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            modules |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    for name in modules.values():
        if name.split(".")[0] in FOREIGN or name.startswith("PySide6.QtNetwork"):
            yield name
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            module, _dot, called = modules.get(node.func.id, "").rpartition(".")
        elif isinstance(node.func, ast.Attribute) and node.func.attr in NAMES:
            holder, called = ast.unparse(node.func.value), node.func.attr
            module = modules.get(holder, holder)
        else:
            continue
        if called in OPENS.get(module, ()):
            yield f"{module}.{called}"
        elif called in METHODS:
            yield f"loop.{called}"


@pytest.mark.parametrize("package", ["studio", "ui"])
def test_nothing_else_opens_connections(package: str) -> None:
    found = set()
    for file in sorted((ROOT / package).rglob("*.py")):
        name, text = file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")
        if SPOKEN_OF.search(text):
            found |= {(name, what) for what in opened(ast.parse(text))}
    assert found - ALLOWED.keys() == set()
    assert {entry for entry in ALLOWED if entry[0].startswith(package)} - found == set()


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import httpx\nhttpx.get('x')", "httpx.get"),
        ("import httpx as h\nh.Client()", "httpx.Client"),
        ("from httpx import AsyncClient as C\nC()", "httpx.AsyncClient"),
        ("import urllib.request\nurllib.request.urlopen('x')", "urllib.request.urlopen"),
        ("from urllib import request\nrequest.urlopen('x')", "urllib.request.urlopen"),
        ("import socket\nsocket.create_connection(('h', 1))", "socket.create_connection"),
        ("import asyncio\nasyncio.open_connection('h', 1)", "asyncio.open_connection"),
        ("loop.create_connection(x, 'h', 1)", "loop.create_connection"),
        ("import asyncssh", "asyncssh"),
        ("from PySide6 import QtNetwork", "PySide6.QtNetwork"),
        ("from PySide6.QtNetwork import QNetworkAccessManager", "PySide6.QtNetwork.QNetworkAccessManager"),
    ],
)
def test_the_check_sees_them(source: str, what: str) -> None:
    assert what in set(opened(ast.parse(source)))
