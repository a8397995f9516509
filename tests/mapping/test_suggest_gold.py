"""Against mappings made by people: the right source comes first or is among five, far more often than by equal names."""

from __future__ import annotations

import pytest

from tests.bench.bench_automap import distance, run_pairs
from tests.bench.gold_maps import CORPORA, HERE, gold


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not here")
def test_related_names_are_found() -> None:
    names = ("hr-pt", "contacts-csv", "products-csv", "lead-to-account", "shopify-to-woocommerce")
    totals = run_pairs(names)
    ours, equal, near = totals["ours"], totals["equal names"], totals["edit distance"]
    assert ours.links == 134
    assert ours.precision >= 0.8
    assert ours.recall_five >= 0.9
    assert ours.recall >= 1.5 * equal.recall
    assert ours.recall >= 1.5 * near.recall


def test_gold_mappings_name_fields_that_there_are() -> None:
    found = 0
    for pair in gold(lambda name: name not in ("ubl-to-cii", "cii-to-ubl", "ubl-to-pain001")):
        found += len(list(pair.targets()))
    assert found >= (300 if CORPORA.is_dir() else 80)
    assert len(list((HERE / "gold").glob("*.txt"))) >= 5


def test_the_edit_distance_beside_us_is_one() -> None:
    assert distance("kitten", "sitting") == 3
    assert distance("", "abc") == 3
    assert distance("same", "same") == 0
