"""The staged copy: the same rows, block by block, cut into parts that lose and double none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, Cancelled
from studio.base.progress import Progress
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.rows import encode
from studio.moves.rows import stage as staging
from studio.moves.rows.stage import Block, read_raw, read_rows, read_texts, slices, stage

VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
ROWS = st.lists(st.lists(VALUES, min_size=2, max_size=2), min_size=0, max_size=40)


def source(
    folder: Path, rows: Sequence[Sequence[str]], header: tuple[str, ...] = ("Name", "City")
) -> DelimitedFile:
    path = folder / "source.csv"
    path.write_bytes(b"\xef\xbb\xbf" + b"".join(encode(header, rows)))
    return DelimitedFile.open(path, encoding="utf-8", delimiter=",")


@given(ROWS, st.integers(1, 9), st.integers(1, 20), st.integers(20, 400))
def test_every_row_is_in_one_part_at_its_place(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    block: int,
    most_rows: int,
    most_bytes: int,
) -> None:
    folder = tmp_path_factory.mktemp("s")
    fingerprint, blocks, _nulls = stage(
        source(folder, rows), folder, block_rows=block, block_bytes=most_bytes // 4
    )
    parts = list(slices(blocks, most_rows=max(most_rows, block), most_bytes=most_bytes))
    assert fingerprint.rows == len(rows) == sum(part.rows for part in parts)
    got: list[list[str]] = []
    for part in parts:
        assert part.first == len(got) + 1
        assert part.rows <= max(most_rows, block)
        assert part.bytes <= most_bytes or part.rows == 1
        texts = list(read_texts(folder, part))
        assert [row for _text, row in texts] == list(read_rows(folder, part))
        assert "".join(text for text, _row in texts).encode() == b"".join(read_raw(folder, part, 7))
        got += [row for _text, row in texts]
    assert got == rows


def test_the_fingerprint_is_of_the_whole_file(tmp_path: Path) -> None:
    file = source(tmp_path, [["a", "b"]])
    fingerprint, _blocks, _nulls = stage(file, tmp_path)
    data = file.path.read_bytes()
    assert fingerprint.sha256 == hashlib.sha256(data).hexdigest()
    assert fingerprint.size == len(data)
    assert fingerprint.header == ("Name", "City")


def test_rows_of_another_width_keep_the_columns_in_place(tmp_path: Path) -> None:
    path = tmp_path / "source.csv"
    path.write_text("a,b,c\n1,2,3\n4\n5,6,7,8\n9,10,11\n")
    seen: list[tuple[int, list[list[str]]]] = []

    class Watching:
        def rows(self, first: int, rows: Sequence[list[str]]) -> None:
            seen.append((first, list(rows)))

    _fingerprint, blocks, _nulls = stage(DelimitedFile.open(path), tmp_path, [Watching()])
    (part,) = slices(blocks, most_rows=100, most_bytes=10_000)
    assert list(read_rows(tmp_path, part)) == [
        ["1", "2", "3"], ["4", "", ""], ["5", "6", "7"], ["9", "10", "11"],
    ]  # fmt: skip
    assert seen == [(1, [["1", "2", "3"], ["4"], ["5", "6", "7", "8"], ["9", "10", "11"]])]


def test_a_zero_character_is_named(tmp_path: Path) -> None:
    path = tmp_path / "source.csv"
    path.write_bytes(b"a,b\n1,2\n3,x\0y\n")
    with pytest.raises(BadInput, match="Row 2, column b holds a zero"):
        stage(DelimitedFile.open(path), tmp_path)


def test_wide_rows_make_small_blocks(tmp_path: Path) -> None:
    _fingerprint, blocks, _nulls = stage(source(tmp_path, [["x" * 90_000, "y"]] * 60), tmp_path)
    assert max(block.bytes for block in blocks) <= 1_000_000
    assert sum(block.rows for block in blocks) == 60


def test_growth_counts_against_the_limit() -> None:
    blocks = [Block(10, 100)] * 6
    assert [part.rows for part in slices(blocks, most_rows=1000, most_bytes=300)] == [30, 30]
    assert [part.rows for part in slices(blocks, most_rows=1000, most_bytes=300, growth=5)] == [20, 20, 20]


def test_staging_can_be_stopped(tmp_path: Path) -> None:
    progress = Progress()
    progress.stop()
    with pytest.raises(Cancelled):
        stage(source(tmp_path, [["a", "b"]]), tmp_path, progress=progress)


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(staging.os, "fsync", full)
    with pytest.raises(BadInput, match="disk is full"):
        stage(source(tmp_path, [["a", "b"]]), tmp_path)


def test_a_cut_copy_is_noticed(tmp_path: Path) -> None:
    _fingerprint, blocks, _nulls = stage(source(tmp_path, [["a", "b"]] * 50), tmp_path)
    (part,) = slices(blocks, most_rows=100, most_bytes=10_000)
    (tmp_path / staging.FILE).write_bytes(b'"a","b"\n')
    with pytest.raises(BadInput, match="changed or cut"):
        list(read_rows(tmp_path, part))
    with pytest.raises(BadInput, match="changed or cut"):
        list(read_raw(tmp_path, part))
