"""A delimited file as DuckDB reads it: only one that all readers take alike, by a database that reaches nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.base.lazily import Lazily
from studio.engine.columns_sql import quoted
from studio.engine.formats.delimited_read import has_header
from studio.schema.delimited import column_names

if TYPE_CHECKING:
    import duckdb
else:
    duckdb = Lazily("duckdb")

MARK = "\x01"
"""No cell holds it: it stands before what is no finished line."""
_MEMORY_MB = 256
_THREADS = 2  # each wants memory of its own
_FRUGAL_MB = 90  # with what the process takes besides it stays within 200
_LONGEST = 500_000  # bytes of a line
_PIECE = 1 << 20
_BUFFER = 4_000_000  # as many bytes are read at once, by each thread
_UNLIKE = (b"\r", b"\x00", MARK.encode(), b"\n\n")
_FIRST, _LAST = itemgetter(0), itemgetter(-1)
_PACKED = frozenset({".gz", ".zst", ".gzip"})


class Odd(Exception):
    """The file might be read otherwise by SQL."""


def named(stream: BinaryIO, folder: Path, spooled: str = "input.csv") -> Path:
    """A file with a plain name that holds the stream."""
    name = getattr(stream, "name", None)
    if isinstance(name, str):
        file = Path(name).resolve()
        if file.is_file() and not set(str(file)) & set("*?[]{}\\'\"") and file.suffix.lower() not in _PACKED:
            return file
    stream.seek(0)
    file = folder / spooled
    with file.open("wb") as out:
        shutil.copyfileobj(stream, out, _PIECE)
    return file


def header(file: Path, facts: Mapping[str, str], columns: tuple[str, ...]) -> list[int]:
    """For every column of the file the place it has in the schema; all must be there and no others."""
    if not has_header(facts):
        return list(range(len(columns)))
    with file.open("rb") as stream:
        line = stream.readline(_LONGEST)
    if not line.endswith(b"\n") or b'"' in line or line.strip() == b"":
        raise Odd
    try:
        names = column_names(line[:-1].decode("utf-8").split(facts.get("delimiter") or ","))
    except UnicodeDecodeError as error:
        raise Odd from error
    if sorted(names) != sorted(columns):
        raise Odd
    return [columns.index(name) for name in names]


def look(file: Path, delimiter: str, check: Callable[[], object]) -> None:
    """Raise Odd for a file with anything that readers of delimited text take differently; `check` is called on the way.

    That are carriage returns, blank lines, zero bytes, a mark of the byte order, and quotes anywhere but around whole
    cells on one line, doubled within.
    """
    ends = frozenset({ord(delimiter), ord("\n")})
    before = b"\n"
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            check()
            piece += stream.readline(_LONGEST)
            if any(mark in piece for mark in _UNLIKE) or (before + piece[:1]) == b"\n\n":
                raise Odd
            if piece.startswith(b"\xef\xbb\xbf") or (b'"' in piece and not _is_quoted(piece, ends)):
                raise Odd
            before = piece[-1:]
            if before != b"\n" and stream.read(1):
                raise Odd


def _is_quoted(piece: bytes, ends: frozenset[int]) -> bool:
    """All quotes in whole lines stand around cells, or are doubled inside of them."""
    parts = piece.split(b'"')
    outside, inside = parts[::2], parts[1::2]
    if len(outside) == len(inside) or b"\n" in b"".join(inside):
        return False
    # What is empty between two quoted parts is a doubled quote.
    between = list(filter(None, outside[1:-1]))
    first, last = outside[0], outside[-1]
    return (
        ends.issuperset(map(_FIRST, between))
        and ends.issuperset(map(_LAST, between))
        and (not first or first[-1] in ends)
        and (not last or last[0] in ends)
    )


def reading(file: Path, names: list[int], facts: Mapping[str, str]) -> str:
    """The rows of the file as texts, empty ones for nothing."""
    kinds = ", ".join(f"'c{place}': 'VARCHAR'" for place in names)
    delimiter = quoted(facts.get("delimiter") or ",")
    header = "true" if has_header(facts) else "false"
    cells = ", ".join(f"c{place}" for place in sorted(names))
    never_null = ", ".join(f"'c{place}'" for place in names)
    return (
        f"(select {cells} from read_csv({quoted(str(file))}, columns = {{{kinds}}}, auto_detect = false, header = {header}, "
        f"delim = {delimiter}, quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true, "
        f"null_padding = false, force_not_null = [{never_null}], ignore_errors = false, max_line_size = {_LONGEST}, buffer_size = {_BUFFER}, comment = ''))"
    )


def connected(files: Sequence[Path], folder: Path, *, frugal: bool = False) -> duckdb.DuckDBPyConnection:
    """A database in memory that reads some files and its own folder, and nothing else in the world."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "memory_limit": f"{_FRUGAL_MB if frugal else _MEMORY_MB}MB",
            "temp_directory": str(folder),
            "preserve_insertion_order": True,
            "threads": 1 if frugal else _THREADS,
        },
    )
    connection.execute("set enable_progress_bar = true")
    connection.execute("set enable_progress_bar_print = false")
    connection.execute(f"set allowed_paths = [{', '.join(quoted(str(file)) for file in files)}]")
    connection.execute(f"set allowed_directories = [{quoted(str(folder))}]")
    connection.execute("set enable_external_access = false")
    return connection
