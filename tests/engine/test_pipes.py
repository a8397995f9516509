"""Input through a pipe: read as it comes, again where the map or a failure needs it, and never kept without need."""

from __future__ import annotations

import io
import os
import tempfile
import threading
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from studio.engine.pipes import Piped
from studio.engine.run import transform
from tests.engine.build import json_items, plan, rows, xml

ROWS = rows({"id": "text", "n": "integer"})
RULES = {"row": {"loop": "row"}, "row/id": "[id]", "row/n": "10 / [n]"}


class Pipe(io.RawIOBase):
    """Gives its bytes a few at a time and cannot go back."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: Any) -> int:
        data = self._data.read(min(len(buffer), 7000))
        buffer[: len(data)] = data
        return len(data)


def through(data: bytes) -> BinaryIO:
    return io.BufferedReader(Pipe(data))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The temporary files that are made."""
    made: list[Any] = []
    real = tempfile.TemporaryFile

    def noted(*arguments: Any, **more: Any) -> Any:
        made.append(real(*arguments, **more))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    return made


LINES = json_items({"id": "text", "n": "integer"}, form="lines")
ARRAY = json_items({"id": "text", "n": "integer"})
TAGS = xml({"rows": {"row*": {"id": "text", "n": "integer"}, "end?": "text"}})
ITEM_RULES = {"row": {"loop": "item"}, "row/id": "[id]", "row/n": "10 / [n]"}
TAG_RULES = {"row": {"loop": "rows/row"}, "row/id": "[id]", "row/n": "10 / [n]"}
MANY = range(5000)
INPUTS = {
    "rows": (RULES, ROWS, "id,n\n" + "".join(f"é{n},{n % 9}\n" for n in MANY)),
    "lines": (ITEM_RULES, LINES, "".join(f'{{"id": "é{n}", "n": {n % 9}}}\n' for n in MANY)),
    "array": (ITEM_RULES, ARRAY, "[" + ",".join(f'{{"id": "é{n}", "n": {n % 9}}}' for n in MANY) + "]"),
    "xml": (
        TAG_RULES,
        TAGS,
        "<rows>" + "".join(f"<row><id>é{n}</id><n>{n % 9}</n></row>" for n in MANY) + "</rows>",
    ),
    "late": (
        TAG_RULES | {"row/id": "[/rows/end]"},
        TAGS,
        "<rows>" + "".join(f"<row><n>{n % 9}</n></row>" for n in MANY) + "<end>é</end></rows>",
    ),
}


@pytest.mark.parametrize("name", INPUTS)
def test_a_pipe_gives_what_a_file_gives(name: str, kept: list[Any], tmp_path: Path) -> None:
    """S38: bytes and failures; a list of failures looks into the input again."""
    rules, source, text = INPUTS[name]
    made = plan(rules, source, ROWS)
    found = []
    for given in (io.BytesIO(text.encode()), through(text.encode())):
        out, failures = io.BytesIO(), list[object]()
        stats = transform(made, given, out, failures=failures.append)
        found.append((out.getvalue(), failures, stats.records_in, stats.mb_in))
    assert found[1] == found[0]
    assert len(found[0][1]) == 556
    assert len(kept) == (0 if name in ("rows", "lines", "array") else 1)
    lists = []
    for number, given in enumerate((io.BytesIO(text.encode()), through(text.encode()))):
        listed = tmp_path / f"failures{number}.csv"
        transform(made, given, io.BytesIO(), failures=listed)
        lists.append(listed.read_bytes())
    assert lists[1] == lists[0]


def test_a_late_node_in_a_pipe(tmp_path: Path) -> None:
    """S38: a value that belongs before the records stands after the first of them."""
    source = xml({"rows": {"by?": "text", "row*": {"id": "text", "n": "integer"}}})
    made = plan(TAG_RULES | {"row/id": "[/rows/by]"}, source, ROWS)
    assert made.passes == "head"
    row = "<row><id>1</id><n>2</n></row>"
    given = f"<rows>{row}<by>é</by>{row}</rows>".encode()
    transform(made, through(given), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "id,n\né,5\né,5\n"


def test_records_come_out_before_the_pipe_ends() -> None:
    """Whoever waits for the first records does not wait for the last."""
    read, write = os.pipe()
    came = threading.Event()

    class Out(io.BytesIO):
        def write(self, data: Any) -> int:
            came.set()
            return len(data)

    def send() -> None:
        with os.fdopen(write, "wb") as pipe:
            pipe.write(b"id,n\n")
            for _n in range(200):
                pipe.write(b"some text that is long enough,1\n" * 500)
                pipe.flush()
            early.append(came.wait(60))

    early: list[bool] = []
    sender = threading.Thread(target=send)
    sender.start()
    with os.fdopen(read, "rb") as given:
        stats = transform(plan(RULES, ROWS, ROWS), given, Out(), strict=True)
    sender.join()
    assert early == [True]
    assert stats.records_out == 100_000


def test_what_was_not_kept_is_not_read_again() -> None:
    data = os.urandom(200_000)
    stream = Piped(through(data), None)
    assert stream.read(1000) == data[:1000]
    assert stream.seek(0) == 0
    assert io.BufferedReader(stream).read() == data
    with pytest.raises(OSError, match="seek"):
        stream.seek(0)
    again = Piped(through(data), io.BytesIO())
    assert io.BufferedReader(again).read() == data
    again = Piped(through(data), io.BytesIO())
    assert again.read(1 << 20)
    again.seek(3)
    assert io.BufferedReader(again).read() == data[3:]
    # What is read from its end, as workbooks are, is waited for.
    again = Piped(through(data), io.BytesIO())
    assert again.seek(-5, 2) == len(data) - 5
    assert again.read() == data[-5:]
    assert again.seek(300_000) == len(data)
    again = Piped(through(data), io.BytesIO())
    assert again.seek(150_000) == 150_000
    assert io.BufferedReader(again).read() == data[150_000:]
    with pytest.raises(OSError, match="seek"):
        Piped(through(data), None).seek(0, 2)
