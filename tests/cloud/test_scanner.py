"""Shared files pass the scanner that is set up: what is not clean is not kept, nor what could not be looked at."""

from __future__ import annotations

import shlex
import sys

import pytest

from cloud.files.scanner import Scanner
from studio.base.errors import BadInput
from tests.cloud.conftest import Running
from tests.cloud.test_files import bring, name

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
# What scanners are tried with, in two halves so that none stops at this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LOOK = "import sys; data = sys.stdin.buffer.read(); sys.exit(1 if b'EICAR' in data else 3 if b'odd' in data else 0)"


def test_what_is_not_clean_is_not_kept(server: Running) -> None:
    server.server.parts["scanner"] = Scanner(shlex.join([sys.executable, "-c", LOOK]))
    here = server.organization(people={"ana": {"test": {"read", "write"}}})
    path = f"{here.path}/environments/test"
    expected = {
        b"clean " * 30_000: (200, ""),
        b"before " * 30_000 + EICAR: (422, "not_clean"),
        b"odd " * 100: (503, "scanner_failed"),
    }
    for number, (data, (status, code)) in enumerate(expected.items()):
        bring(here, path, data)
        answer = name(here.ana, path, data, f"{number}.0")
        assert (answer.status_code, answer.json().get("code", "")) == (status, code)
    kept = here.ana.get(f"{path}/files").json()["items"]
    assert [each["version"] for each in kept] == ["0.0"]
    server.expected_errors = 1


def test_a_scanner_that_is_not_there_lets_nothing_pass(server: Running) -> None:
    server.server.parts["scanner"] = Scanner("/no/such/scanner -")
    here = server.organization(people={"ana": {"test": {"read", "write"}}})
    path = f"{here.path}/environments/test"
    bring(here, path, b"clean")
    assert name(here.ana, path, b"clean").json()["code"] == "scanner_failed"
    server.expected_errors = -1
    with pytest.raises(BadInput, match="command line"):
        Scanner('"half')
