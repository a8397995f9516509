"""Short scripts at the edges of the language, one a line: judge and compiler agree, and so does the npm package.

Where the package does something else, the reason is given here: a fault that the language's reference names, or a choice
of ours that the reference leaves open.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.script.differences import compiled, difference, judged, outcome
from tests.script.peer import Peer, PeerAbsent, peer_folder, running
from tests.script.programs import GLOBALS

SCRIPTS = tuple((Path(__file__).parent / "edge_scripts.txt").read_text("utf-8").splitlines())
KNOWN = {
    "1 /*/ + 2": "/*/ makes the rest a comment",
    "1 /*/ */ + 2": "/*/ makes the rest a comment",
    "_1a": "only _1, _2 … are arguments",
    "If(true, 1;, 2)": "an argument may end with a semicolon, as a script may",
    "Eval(1/0, GetLastError())": "what Eval catches is the last error",
    "GetLastError()": "no error is empty text",
    "$undefinedvar -= {1}": "null - 1 is -1",
    "a=5; - a--": "a minus may stand before a counted variable",
    "a=5; -a++": "a minus may stand before a counted variable",
    'Date("20240102")': "the digits are read as a date",
    'Date("2024-02-30")': "there is no such day",
    'Replace("a.b.c", ".", "$&")': "the new text is taken as it is",
    "String(0.0000001)": "numbers are written without exponent",
    'RegExMatch("abc", "(b)(c)", "p", "q")': "the whole match is no group",
    "$": "a name must follow",
    "5 && ": "the right side is missing",
    "5 *": "the right side is missing",
    "a = ": "the value is missing",
    "i=0; a={1,2,3}; a[i++] = 9; i": "an index is evaluated once",
    "i=0; a={1,2,3}; a[i++] += 9; i": "an index is evaluated once",
}
"""Scripts that end otherwise in the package, and why."""


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    try:
        folder = peer_folder(install=False)
    except PeerAbsent as reason:
        pytest.skip(f"compares with an npm package: {reason}")
    with running(folder, mended=True) as process:
        yield process


def test_judge_and_compiler_agree() -> None:
    assert len(SCRIPTS) > 500
    for script in SCRIPTS:
        assert repr(outcome(script, judged)) == repr(outcome(script, compiled)), script


def test_the_package_agrees(peer: Peer) -> None:
    peer.begin([(script, GLOBALS) for script in SCRIPTS])
    pairs = zip(SCRIPTS, peer.results(), strict=True)
    differing = {
        script for script, they in pairs if difference(script, outcome(script, judged), they) is not None
    }
    assert differing == KNOWN.keys()
