"""What documents say is shown, and does nothing to the terminal it is shown on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.cli.main import run
from studio.cli.printable import printable, printable_line

MAP = """weft: transformation/1
name: m
source: {schema: s.jsonl}
target: {schema: t.csv}
map:
  row: {loop: item}
  row/a: "[a]"
  row/b: "If([b] == 'x', RaiseError('bad ' + [a]), [b])"
"""
RED = "\x1b[31mred\x07\r\x9b2J\u202egnp"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A map over JSON lines that fails by what they say."""
    (tmp_path / "m.yaml").write_text(MAP, encoding="utf-8")
    (tmp_path / "s.jsonl").write_text('{"a":"one","b":"1"}\n' * 2, encoding="utf-8")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_controls_are_escapes() -> None:
    assert printable(f"a\tb\n{RED}\ud800é") == "a\tb\n\\x1b[31mred\\x07\\x0d\\x9b2J\\u202egnp\\ud800é"
    assert printable_line("a\n\tb") == "a\\n\\tb"
    assert len(printable_line("y" * 1_000_000)) < 2_100


def test_records_that_fail_do_not_reach_the_terminal_as_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [{"a": RED, "b": "x"}, {"a": "y" * 300_000 + "\nRecord 9", "b": "x"}, {"a": "ok", "b": "3"}]
    (folder / "in.jsonl").write_text("".join(json.dumps(one) + "\n" for one in given), encoding="utf-8")
    for output in ("out.csv", "-"):
        assert run(["transform", "m.yaml", "in.jsonl", "-o", output]) == 1
        told = capsys.readouterr().err
        assert "bad \\x1b[31mred\\x07" in told
        assert not any(mark in told for mark in "\x1b\x07\x9b\u202e")
        assert max(map(len, told.splitlines())) < 2_500
    assert run(["transform", "m.yaml", "in.jsonl", "-o", "out.csv", "--strict"]) == 2
    assert "\\x1b[31mred" in capsys.readouterr().err
    # The list has it whole.
    assert RED in (folder / "out.csv.failures.csv").read_bytes().decode()


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_half_characters_and_small_encodings_end_no_command(more: list[str], folder: Path) -> None:
    (folder / "in.jsonl").write_text('{"a":"\\ud800 é €","b":"1"}\n', encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "studio",
        "transform",
        "m.yaml",
        "in.jsonl",
        "--trace",
        "row/a",
        *more,
    ]
    root = str(Path(__file__).resolve().parents[2])
    for encoding in ("utf-8", "ascii", "cp1252"):
        env = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": root}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False)
        assert b"Traceback" not in done.stderr
        assert b"\\ud800" in done.stdout
