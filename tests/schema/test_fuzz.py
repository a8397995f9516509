"""Whatever is fed to any reader ends in a schema or in one error that names the file, soon, and opens nothing else."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.schema.kinds import TABLE
from tests.schema import fuzz
from tests.schema.mutations import mutated, seeds_of, workbook

SEED = 4


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cases, with the home and the folder for passing files inside."""
    monkeypatch.setenv("WEFT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("kind", TABLE)
def test_damaged_real_files_end_in_a_schema_or_a_located_error(
    kind: str, place: Path, shared: Path, share: Callable[[int], int]
) -> None:
    TABLE[kind].reader()
    assert seeds_of(kind, shared / "corpora")
    number = max(5, int(share(1500) * fuzz.SHARES.get(kind, 1)))
    counts, failures = fuzz.run_here(kind, SEED, range(number), place)
    assert not failures
    assert sum(counts.values()) == number


_CELL = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="str">'
    '<v>a</v></c></row><row{}><c r="{}" t="b"><v>1</v></c></row></sheetData></worksheet>'
)
# The core of cases of earlier runs that ended otherwise, each mended since.
_FOUND = {
    "a section of a DTD cut short": ("dtd", b'<!ENTITY % m "INCLUDE"><![%m;'),
    "the name of a type longer than a file's": ("avro", b'["%s"]' % (b"x" * 300)),
    "the name of an import longer than a file's": (
        "protobuf",
        b'syntax="proto3"; import "%s";' % (b"x" * 300),
    ),
    "a row beyond all numbers": ("excel", workbook(_CELL.format(' r="2147483648"', "XFD1048576").encode())),
    "a cell far from its row": ("excel", workbook(_CELL.format("", "XFD1048576").encode())),
    "a column beyond all letters": ("excel", workbook(_CELL.format("", "ZZZZZZ1").encode())),
}


@pytest.mark.parametrize("name", _FOUND)
def test_what_was_found_before_stays_mended(name: str, place: Path) -> None:
    kind, data = _FOUND[name]
    assert fuzz.run_case(kind, data, place, door=fuzz.watch()) in ("schema", "refused")


_TEXT = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(str.encode),
    st.lists(st.sampled_from(list("<>[]{}\"'&;:,-+*?/!%#\n\t ab01")), max_size=80).map(
        lambda c: "".join(c).encode()
    ),
)


@given(data=_TEXT)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=15)
@pytest.mark.parametrize("kind", [kind for kind in TABLE if kind != "parquet"])
def test_any_bytes_end_in_a_schema_or_a_located_error(kind: str, data: bytes, place: Path) -> None:
    said = fuzz.run_case(kind, data, place, door=fuzz.watch())
    assert said in ("schema", "refused")


def test_cases_are_the_same_each_time_and_differ_from_each_other(shared: Path) -> None:
    first = [data for _number, data in fuzz.cases("xsd", SEED, range(30), shared / "corpora")]
    again = [data for _number, data in fuzz.cases("xsd", SEED, range(10, 30), shared / "corpora")]
    assert first[10:] == again
    assert len(set(first)) > 25


def test_the_watch_sees_what_is_opened_elsewhere(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.xsd"
    outside.write_text("<x/>")
    door = fuzz.watch()
    door.seen.clear()
    door.folder = str(place)
    try:
        outside.read_text()
    finally:
        door.folder = None
    assert door.seen == [f"open {outside}"]


def test_a_chunk_runs_in_a_child_and_a_finished_one_is_not_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state.jsonl"
    assert fuzz.main(["--kind", "weft", "--cases", "30", "--state", str(state)]) == 0
    rows = [json.loads(line) for line in state.read_text().splitlines()]
    assert [(row["kind"], row["start"], row["count"], row["seed"]) for row in rows] == [("weft", 0, 30, 4)]
    assert sum(rows[0]["counts"].values()) == 30
    assert fuzz.main(["--kind", "weft", "--cases", "30", "--state", str(state)]) == 0
    assert len(state.read_text().splitlines()) == 1
    assert "peak MB" in capsys.readouterr().out


@pytest.mark.full
def test_a_million_cases(tmp_path: Path) -> None:
    assert fuzz.main(["--cases", "1000000", "--state", str(tmp_path / "state.jsonl")]) == 0


def test_mutations_reach_the_readers_content(shared: Path) -> None:
    seeds = seeds_of("json", shared / "corpora")
    ends = [mutated(random.Random(n), "json", seeds) for n in range(200)]
    assert sum(_is_json(data) for data in ends) > 20


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
