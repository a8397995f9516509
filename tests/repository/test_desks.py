"""What the window's process tells: differences in plain words, what was last seen of the environments, requests it answers."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.line_worker import Worker
from studio.repository.desks import places_kept
from studio.repository.desks.desk import Desk
from studio.repository.desks.plainly import places

MAP = "transformations/orders.yaml"


def told(path: str, before: str | None, after: str | None) -> list[tuple[str, str | None, str | None]]:
    sides = [None if text is None else text.encode() for text in (before, after)]
    return [(one["place"], one["before"], one["after"]) for one in places(path, *sides)]


def test_rules_are_told_by_their_place() -> None:
    before = "weft: transformation/1\nname: O\nmap:\n  a/b: '[c]'\n  a/d: {loop: x, when: '1'}\n  a/e: '2'\n"
    after = (
        "weft: transformation/1\nname: O\nmap:\n  a/b: '[c] + 1'\n  a/d: {loop: x, when: '0'}\n  a/f: '3'\n"
    )
    assert told(MAP, before, after) == [
        ("a/b", "[c]", "[c] + 1"),
        ("a/d", "loop: x\nwhen: 1", "loop: x\nwhen: 0"),
        ("a/f", None, "3"),
        ("a/e", "2", None),
    ]


def test_lists_are_told_item_by_item_and_scripts_line_by_line() -> None:
    before = "weft: operation/1\nname: S\nactivities:\n  - read: {connection: a}\n  - transform: t\n"
    after = before + "  - write: {connection: b}\n"
    assert told("operations/s.yaml", before, after) == [("activities ▸ 3", None, "write: connection: b")]
    assert told("scripts/s.jb", "a = 1;\nb = 2;\n", "a = 1;\nb = 3;\n") == [("line 2", "b = 2;", "b = 3;")]
    assert told("scripts/s.jb", None, "a = 1;\n") == [("line 1", None, "a = 1;")]


def test_credentials_and_what_nobody_can_read_are_not_shown() -> None:
    before = 'weft: connection/1\nname: C\nkind: http\nurl: "https://a.test"\npassword: hunter2\n'
    found = str(
        told("connections/c.yaml", before, before.replace("hunter2", "hunter3").replace("a.test", "b.test"))
    )
    assert "b.test" in found
    assert "hunter" not in found
    broken = told("connections/c.yaml", before, "password: {hunter3")
    assert "hunter" not in str(broken)
    assert told("samples/l.png", "\0a", "\0bb") == [("the whole file", "2 bytes", "3 bytes")]


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_two_files_are_told(before: bytes, after: bytes) -> None:
    for path in ("scripts/s.jb", MAP, "schemas/s.xsd"):
        found = places(path, before, after)
        assert len(found) <= 401
        assert json.loads(json.dumps(found)) == found
    same = before.decode("utf-8", "replace").splitlines() == after.decode("utf-8", "replace").splitlines()
    assert same or places("scripts/s.jb", before, after)


def test_what_was_seen_of_the_environments_is_kept(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text("weft: project/1\nname: P\n")
    rows = [
        {"id": "e1", "slug": "test", "name": "Test", "rights": ["write"], "production": False},
        {"id": "e2", "slug": "prod", "name": "Production", "rights": [], "production": True},
    ]
    assert places_kept.kept(tmp_path) == []
    places_kept.keep(tmp_path, rows)
    places_kept.saw(tmp_path, "e1", None)
    places_kept.saw(tmp_path, "e2", "f" * 64)
    # Seen again, what is deployed there is still known.
    places_kept.keep(tmp_path, [rows[0]])
    assert places_kept.kept(tmp_path) == [{**rows[0], "tree": None}]
    (tmp_path / ".weft" / "repository" / places_kept.FILE).write_text("{broken")
    assert places_kept.kept(tmp_path) == []


async def test_the_process_answers_and_says_what_it_cannot(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "studio.repository.desks.worker",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    asked = [
        {"id": 1, "do": "account"},
        {"id": 2, "do": "projects"},
        {"id": 3, "do": "pull", "folder": str(tmp_path)},
        {"id": 4, "do": "nonsense"},
    ]
    out, _none = await process.communicate(b"".join(json.dumps(one).encode() + b"\n" for one in asked))
    answers = [json.loads(line) for line in out.splitlines()]
    assert [one["id"] for one in answers] == [1, 2, 3, 4]
    assert answers[0]["result"] is None
    assert answers[1]["error"]["next_step"] == "Sign in: Repository ▸ Sign in."
    assert all(one["error"]["message"] for one in answers[1:])


async def test_stop_is_for_what_has_come_before_it() -> None:
    """Stop right behind a request is not lost, however soon it comes."""
    began: list[str] = []

    class Waits:
        answers: ClassVar[dict[str, Any]] = {}

    async def wait(message: Any, _tell: Any, stop: asyncio.Event, progress: Any) -> str:
        began.append(message["id"])
        await stop.wait()
        return "stopped" if progress.stopped else "stopped without its progress"

    async def answer(*_asked: Any) -> str:
        return "done"

    Waits.answers.update(wait=wait, answer=answer)
    lines = [
        {"id": "a", "do": "wait"},
        {"do": "stop"},
        {"id": "b", "do": "answer"},
        {"id": "c", "do": "wait"},
        {"do": "stop"},
    ]
    told: list[dict[str, Any]] = []
    read = io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    await asyncio.wait_for(Worker(read, told.append, lambda _stack: Waits()).serve(), 30)
    assert began == ["a", "c"]
    assert [(one["id"], one["result"]) for one in told] == [("a", "stopped"), ("b", "done"), ("c", "stopped")]


async def test_every_request_of_the_window_has_an_answer(own_home: Path) -> None:
    root = Path(__file__).resolve().parents[2] / "ui"
    text = "".join(
        file.read_text("utf-8")
        for folder in (
            "bridge/repository.py",
            "actions/repository.py",
            "actions/sharing.py",
            "dialogs/repository",
        )
        for file in ([root / folder] if folder.endswith(".py") else sorted((root / folder).glob("*.py")))
    )
    async with AsyncExitStack() as stack:
        names = set(Desk(stack).answers)
    unasked = {name for name in names if f'"{name}"' not in text}
    assert unasked <= {"credentials", "unqueue"}


pytestmark = pytest.mark.usefixtures("own_home")
