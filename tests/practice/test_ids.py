from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.practice.ids import checksum, full_id, number_of, record_id, record_ids

# Ids of real orgs, from recorded traffic.
REAL = ["0015500001QdQWaAAN", "0035500001H9cakAAB", "0035500001H9ka0AAB", "0065500000KQ12XAAT", "750P0000006HoSQIA0",
        "005P000000AyPpYIAV", "0125j000000RqVkAAK", "012000000000000AAA"]  # fmt: skip


@pytest.mark.parametrize("real", REAL)
def test_the_checksum_of_real_ids(real: str) -> None:
    assert checksum(real[:15]) == real[15:]
    assert full_id(real[:15]) == real
    assert full_id(real) == real


def test_a_wrong_checksum_or_shape_is_no_id() -> None:
    assert full_id("0015500001QdQWaAAM") is None
    assert full_id("0015500001QdQWa-") is None
    assert full_id("00155é0001QdQWa") is None
    assert full_id("") is None


def test_a_checksum_in_lower_case_is_put_right() -> None:
    assert full_id("0015500001QdQWaaan") == "0015500001QdQWaAAN"


@given(st.integers(0, 62**9 - 5000), st.integers(0, 5000))
def test_ids_in_a_row_are_what_single_ids_are(first: int, count: int) -> None:
    ids = record_ids("001", first, count)
    assert len(ids) == len(set(ids)) == count
    assert ids[:3] == [record_id("001", first + n) for n in range(min(3, count))]
    assert ids == sorted(ids)
    if ids:
        assert number_of(ids[-1]) == first + count - 1
        assert full_id(ids[-1][:15]) == ids[-1]
