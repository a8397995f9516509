"""Every back end gives the same bytes, failures and counts as the judge, on random maps over random, also broken data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.engine.differential import compared


def test_back_ends_agree(share: Callable[[int], int]) -> None:
    told: Counter[str] = Counter()
    # A fiftieth is more than the quick run has time for.
    cases = 100_000 if share(100_000) == 100_000 else 400
    for seed in range(cases):
        found = compared(seed)
        assert not found.wrong, f"seed {seed}: {found.wrong}"
        told += found.told
    # What is compared must be worth comparing.
    assert told["rows declined"] < cases * 0.3
    assert told["nested"] > cases * 0.3
    assert told["failures"] > cases * 0.1
    assert told["records"] > cases * 0.7
    assert told["raised"] > cases * 0.01
    assert told["logged"] > cases * 0.01


def test_what_once_differed_agrees() -> None:
    # 500896: rules of the same text in loops of two depths.
    for seed in (500_896,):
        found = compared(seed)
        assert not found.wrong, f"seed {seed}: {found.wrong}"
