"""The result files: written chunk by chunk, joined at the end; every source column, the row's number, id and answer."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from studio.base import atomic
from studio.base.i18n import _
from studio.connectors.salesforce.rows import encode_header
from studio.moves.journal import Chunk, ChunkState, Journal
from studio.moves.model import Counts
from studio.moves.rows.stage import read_texts

ROW, ID, ANSWER = "weft__row", "weft__id", "weft__answer"
OUR_COLUMNS = (ROW, ID, ANSWER)
# Our own reasons name the fields at fault, each at its beginning.
_AT_FAULT = re.compile(r"(?:^|; )([\w.:]+)")


class Kind(StrEnum):
    """The four ends of a row."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNPROCESSED = "unprocessed"
    NOT_SENT = "not_sent"

    @property
    def file(self) -> str:
        """The result file's name."""
        return self.value.replace("_", "-") + ".csv"


def line(number: int, record_id: str, answer: str, text: str) -> str:
    """One result row: `text` is the source row as it stands in the stage, line end included."""
    said = answer.replace('"', '""') if '"' in answer else answer
    return f'"{number}","{record_id}","{said}",{text}'


def fields_named(reason: str) -> list[str]:
    """The fields that a reason of ours for keeping a row back may name."""
    return [name.rstrip(":") for name in _AT_FAULT.findall(reason)]


def source_columns(header: Sequence[str]) -> list[str]:
    """The source's columns as result files name them: a result file sent again has ours already, which stay apart."""
    taken = {*OUR_COLUMNS, *header}
    names: list[str] = []
    for name in header:
        shown, number = name, 0
        while name in OUR_COLUMNS and shown in taken:
            number += 1
            shown = f"{name}_{number}"
        taken.add(shown)
        names.append(shown)
    return names


def part_path(folder: Path, chunk: int, kind: Kind) -> Path:
    """Where a chunk's rows of one kind are until the result file is joined."""
    return folder / "parts" / f"{chunk:06d}-{kind.value}.csv"


def write_part(folder: Path, chunk: int, kind: Kind, lines: list[str]) -> None:
    """Write a chunk's rows of one kind, whole or not at all; without rows there is no file."""
    path = part_path(folder, chunk, kind)
    if lines:
        atomic.write_bytes(path, "".join(lines).encode("utf-8"))
    else:
        with atomic.told(path):
            path.unlink(missing_ok=True)


def join(journal: Journal, results: Path) -> tuple[dict[str, str], Counts]:
    """Write the four result files into `results` and count every row of the move exactly once.

    Rows of chunks that were never handed over count as not sent, those of chunks the org has not answered as
    unprocessed. Returns the files by the name of their count, and the counts.
    """
    chunks = journal.chunks()
    open_lines = {
        chunk.number: _open_chunk(journal, chunk) for chunk in chunks if chunk.state is not ChunkState.DONE
    }
    files: dict[str, str] = {}
    counts = _sum(chunk.counts for chunk in chunks if chunk.state is ChunkState.DONE)
    for kind in Kind:
        path = results / kind.file
        with atomic.writing(path) as file:
            file.write(encode_header((*OUR_COLUMNS, *source_columns(journal.fingerprint.header))))
            for chunk in chunks:
                if chunk.number in open_lines:
                    found = open_lines[chunk.number][kind]
                    added = 0
                    for text in found:
                        file.write(text.encode("utf-8"))
                        added += 1
                    counts = counts + Counts(**{kind.value: added})
                elif getattr(chunk.counts, kind.value):
                    with part_path(journal.folder, chunk.number, kind).open("rb") as part:
                        shutil.copyfileobj(part, file, 1 << 20)
        files[kind.value] = str(path)
    return files, counts


def _open_chunk(journal: Journal, chunk: Chunk) -> Mapping[Kind, Iterable[str]]:
    sent = chunk.state.in_the_org
    answer = _("not sent")
    if sent:
        answer = (
            _("sent in job {job}, no answer yet").format(job=chunk.job)
            if chunk.job
            else _("sent, no answer yet")
        )
    held = journal.held(chunk.part)
    only = rows_of(journal.folder, chunk)

    def lines(kind: Kind) -> Iterator[str]:
        for number, (text, _row) in enumerate(read_texts(journal.folder, chunk.part), chunk.part.first):
            if only is not None and number not in only:
                continue
            reason = held.get(number)
            if (Kind.UNPROCESSED if sent and reason is None else Kind.NOT_SENT) is kind:
                yield line(number, "", answer if reason is None else reason, text)

    return {kind: lines(kind) if kind in (Kind.UNPROCESSED, Kind.NOT_SENT) else () for kind in Kind}


def rows_of(folder: Path, chunk: Chunk) -> frozenset[int] | None:
    """The rows a chunk sends again for its parent; None when it sends all rows of its part that are not held."""
    if chunk.parent is None:
        return None
    return frozenset(int(row) for row in row_numbers(part_path(folder, chunk.parent, Kind.UNPROCESSED)))


def row_numbers(path: Path) -> Iterator[str]:
    """The row numbers in a part, from the start of each record."""
    inside = False
    with path.open(encoding="utf-8", newline="\n") as file:
        for text in file:
            if not inside:
                yield text[1 : text.index('"', 1)]
            inside ^= text.count('"') % 2 == 1


def record_ids(path: Path) -> Iterator[str]:
    """The record ids in a part, which stand after the row numbers."""
    inside = False
    with path.open(encoding="utf-8", newline="\n") as file:
        for text in file:
            if not inside:
                yield text.split('"', 4)[3]
            inside ^= text.count('"') % 2 == 1


def _sum(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in counts:
        total = total + one
    return total


def clear(folder: Path) -> None:
    """Remove the parts once the result files are joined for good."""
    shutil.rmtree(folder / "parts", ignore_errors=True)
