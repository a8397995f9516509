"""JSON arrays and packed files as sources: the same rows as without, and one clear word for what is broken."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput, TooLarge
from studio.moves.sources import packed
from studio.moves.sources.bring import bring, preview
from studio.moves.sources.kinds import Kind, Pick, kind_of


def rows(place: Path, folder: Path) -> list[list[str]]:
    folder.mkdir(exist_ok=True)
    file = bring(place, Pick(), folder).file
    with file.rows() as found:
        return [list(file.header), *found]


def value(order: random.Random) -> Any:
    kind = order.randrange(6)
    if kind == 0:
        return order.choice(["a]b", 'q"[', "\\\\", '\\"', "{,}", "\u2028é", "x" * order.randrange(300)])
    if kind == 1:
        return [order.randrange(9), {"deep": ["]", {"er": '"'}]}]
    if kind == 2:
        return {"inner": order.choice(["}", ",", None, True])}
    return order.choice([1, 2.50, None, False, ""])


def test_an_array_is_read_as_its_lines_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = random.Random(4)
    for turn in range(40):
        # Pieces as small as can be cut strings, escapes and marks in every place.
        monkeypatch.setattr("studio.moves.sources.json_array._PIECE", order.choice([7, 16, 61, 1 << 16]))
        records = [
            {f"f{n}": value(order) for n in range(order.randrange(1, 5))}
            for _r in range(order.randrange(1, 9))
        ]
        records.append({"f0": "last"})
        array, lines = tmp_path / f"{turn}.json", tmp_path / f"{turn}.jsonl"
        text = json.dumps(records, indent=order.choice([None, 1, 3]), ensure_ascii=order.random() < 0.5)
        array.write_bytes(
            order.choice([b"", b"\xef\xbb\xbf"]) + b" \n" * order.randrange(2) + text.encode() + b"\n "
        )
        lines.write_text("".join(json.dumps(record) + "\n" for record in records))
        assert rows(array, tmp_path / "a") == rows(lines, tmp_path / "b"), text


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ('[{"a": 1}\n {"a": 2}]', "it is no JSON", 1),
        ('[{"a": 1},\n{"a": 2}', "the array is cut", 2),
        ('[{"a": "x', "the array is cut", 1),
        ('[{"a": 1},\n\n 5]', "it is no object", 3),
        ('[{"a": 1}] {}', "something follows the end", 1),
        ('[{"a": 1},]', "it is no JSON", 1),
        ("[", "the array is cut", 1),
    ],
)
def test_arrays_that_cannot_be_read(tmp_path: Path, text: str, said: str, line: int) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=said) as caught:
        rows(path, tmp_path / "m")
    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_packed_files(tmp_path: Path) -> None:
    plain = tmp_path / "a.csv"
    plain.write_text("Name;Ort\n" + "Ämter;x\n" * 50, encoding="utf-8")
    folded = tmp_path / "a.csv.gz"
    folded.write_bytes(gzip.compress(plain.read_bytes()))
    array = tmp_path / "b.json.gz"
    array.write_bytes(gzip.compress(b'[{"Name": "One"}]'))
    assert kind_of(folded) is Kind.PACKED
    assert rows(folded, tmp_path / "m") == [["Name", "Ort"], *[["Ämter", "x"]] * 50]
    assert rows(array, tmp_path / "n") == [["Name"], ["One"]]
    assert [path.name for path in (tmp_path / "n").iterdir()] == ["brought.csv"]
    found = preview(folded, Pick(), 3)
    assert (found.kind, found.delimiter, len(found.rows)) == (Kind.DELIMITED, ";", 3)


def test_packed_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv.gz"
    whole = gzip.compress(b"Name\n" + random.Random(1).randbytes(2000).hex().encode())
    path.write_bytes(whole[:-20])
    with pytest.raises(BadInput, match="The packed file cannot be read"):
        rows(path, tmp_path / "m")
    path.write_bytes(gzip.compress(b"Name\n" + b"x" * 2_000_000))
    monkeypatch.setattr(packed, "_ALWAYS", 1000)
    with pytest.raises(TooLarge, match="far more than rows would"):
        rows(path, tmp_path / "m")
    path.write_bytes(gzip.compress(b"Name,Name\n1,2\n"))
    with pytest.raises(BadInput, match="have the same name") as caught:
        rows(path, tmp_path / "m")
    assert caught.value.file == str(path)
