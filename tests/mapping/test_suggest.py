"""Suggestions find what a person would, say why, and leave alone what is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.paths import resource
from studio.mapping.suggest import automap, suggest
from studio.schema.model import Place
from studio.schema.read import read_schema

SCHEMAS = resource("samples") / "orders" / "schemas"


def root(name: str, root: str) -> Place:
    place = read_schema(SCHEMAS / name).root(root)
    assert place is not None
    return place


@pytest.fixture(scope="module")
def customers() -> Place:
    return root("customers.yaml", "row")


@pytest.fixture(scope="module")
def account() -> Place:
    return root("account.yaml", "row")


def at(place: Place, path: str) -> Place:
    found = next((child for child in place.flat_children() if child.path == path), None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("target", "source"),
    [
        ("row/Phone", "row/phone"),
        ("row/Website", "row/website"),
        ("row/BillingPostalCode", "row/postal_code"),
        ("row/BillingCity", "row/city"),
        ("row/NumberOfEmployees", "row/employees"),
    ],
)
def test_the_first_suggestion_is_the_one_a_person_means(
    customers: Place, account: Place, target: str, source: str
) -> None:
    found = suggest(customers, at(account, target))
    assert found[0].source == source
    assert found[0].reason
    assert all(0 <= each.score <= 1 for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_automap_maps_each_target_once_and_leaves_taken_ones(customers: Place, account: Place) -> None:
    found = automap(customers, account)
    targets = [each.target for each in found]
    assert len(targets) == len(set(targets)) >= 5
    assert ("row/phone", "row/Phone") in [(each.source, each.target) for each in found]
    again = automap(customers, account, taken=["row/Phone"])
    assert "row/Phone" not in [each.target for each in again]


def test_automap_of_a_tree_pairs_what_repeats_with_what_repeats() -> None:
    found = automap(root("orders.xsd", "orders"), root("invoices.xsd", "invoices"))
    pairs = {each.target: each.source for each in found}
    assert pairs["invoices/invoice/currency"] == "orders/order/currency"
    assert pairs["invoices/invoice/line/@no"] == "orders/order/lines/line/@no"


def test_a_schema_without_fields_suggests_nothing(tmp_path: Path, account: Place) -> None:
    sample = tmp_path / "a.csv"
    sample.write_text("zzz\n1\n", encoding="utf-8")
    place = read_schema(sample).root("row")
    assert place is not None
    assert all(each.score < 0.9 for each in automap(place, account))
