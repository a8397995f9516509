"""Rows that name the same record: all found, none besides, also when the keys have gone to disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.connectors.salesforce.describe import Field
from studio.moves.rows import keys
from studio.moves.rows.keys import KeyCheck

TEXT_KEY = Field("ERP_Id__c", "Key", "string", external_id=True)
EXACT_KEY = Field("ERP_Id__c", "Key", "string", external_id=True, case_sensitive=True)
ID = Field("Id", "Id", "id")


def groups(check: KeyCheck) -> list[tuple[int, ...]]:
    return sorted(same.rows for same in check.same())


@given(st.lists(st.text(alphabet="aAbB1ü", max_size=3), max_size=60), st.integers(1, 100))
def test_groups_are_those_of_a_plain_count(
    tmp_path_factory: pytest.TempPathFactory, values: list[str], in_memory: int
) -> None:
    check = KeyCheck(tmp_path_factory.mktemp("k"), TEXT_KEY)
    before, keys._IN_MEMORY = keys._IN_MEMORY, in_memory
    try:
        check.add(range(1, len(values) + 1), values)
        found = groups(check)
    finally:
        keys._IN_MEMORY = before
    expected: dict[str, list[int]] = {}
    for row, value in enumerate(values, 1):
        expected.setdefault(value.lower(), []).append(row)
    assert found == sorted(tuple(rows) for rows in expected.values() if len(rows) > 1)


def test_capitals_count_only_where_the_org_says_so(tmp_path: Path) -> None:
    for field, same in ((TEXT_KEY, [(1, 2)]), (EXACT_KEY, [])):
        check = KeyCheck(tmp_path, field)
        check.add([1, 2], ["a-1", "A-1"])
        assert groups(check) == same


def test_ids_of_15_and_18_characters_are_the_same(tmp_path: Path) -> None:
    check = KeyCheck(tmp_path, ID)
    check.add(
        range(1, len(["001000000000ABC", "001000000000ABCAA2", "001000000000abc"]) + 1),
        ["001000000000ABC", "001000000000ABCAA2", "001000000000abc"],
    )
    assert groups(check) == [(1, 2)]


def test_nothing_stays_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_IN_MEMORY", 10)
    check = KeyCheck(tmp_path, TEXT_KEY)
    for row in range(1, 26):
        check.add([row], [str(row % 20)])
    assert list(tmp_path.iterdir())
    assert groups(check) == [(row, row + 20) for row in range(1, 6)]
    assert list(tmp_path.iterdir()) == []
