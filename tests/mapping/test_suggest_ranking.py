"""Suggestions and automap: names in every spelling and two languages, context, types, samples, loops."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.paths import resource
from studio.mapping.suggest import MOST_PLACES, Suggester, Suggestion, automap, suggest
from studio.mapping.words import folded, likeness, split, words_of
from studio.schema.model import Base, Kind, Node, Occurs, Place, Schema, Type, ValueType
from studio.schema.read import read_schema

_ONCE = Occurs(1, 1)
_MANY = Occurs(0, None)


def _leaf(name: str, base: Base = Base.TEXT, **facts: str) -> Node:
    return Node(name, Kind.ELEMENT, Type(base.value, value=ValueType(base.value, base)), facts=facts)


def _node(name: str, *inside: Node, occurs: Occurs = _ONCE) -> Node:
    return Node(name, Kind.ELEMENT, Type(name + "Type", children=lambda: inside), occurs)


def _root(*inside: Node) -> Place:
    return Place.root(_node("r", *inside))


def _at(root: Place, path: str) -> Place:
    place = Schema("xml", (root.node,)).find(path)
    assert place is not None
    return place


def _pairs(found: tuple[Suggestion, ...]) -> dict[str, str]:
    return {one.target: one.source for one in found if not one.loop}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CustomerName", ("customer", "name")),
        ("customer_name", ("customer", "name")),
        ("XMLHttpID", ("xml", "http", "id")),
        ("qtdItens", ("quantity", "line")),
        ("Endereço de Cobrança", ("address", "billing")),
        ("CEP", ("postal", "code")),
        ("zipCode", ("postal", "code")),
        ("ERP_Id__c", ("erp", "id")),
        ("categories", ("category",)),
        ("address", ("address",)),
        ("addr2", ("address", "2")),
        ("***", ()),
    ],
)
def test_names_become_common_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_symmetric_share(left: str, right: str) -> None:
    one, other = words_of(left), words_of(right)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == (1.0 if one else 0.0)
    assert folded(left) == "".join(split(left))


@given(
    st.lists(
        st.sampled_from(["Customer", "Order", "City", "Total", "Date"]), min_size=1, max_size=4, unique=True
    )
)
def test_spelling_never_matters(parts: list[str]) -> None:
    camel, snake, spaced = "".join(parts), "_".join(parts).lower(), " ".join(parts)
    assert words_of(camel) == words_of(snake) == words_of(spaced)
    assert folded(camel) == folded(snake) == folded(spaced)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("billing_city", "BillingCity", "Same name."),
        ("Telefone", "Phone", "Names with the same meaning: phone."),
        ("qty", "quantity", "Names with the same meaning: quantity."),
        ("lastName", "sobrenome", "Names with the same meaning: last, name."),
        ("customerCity", "cityOfCustomer", "Same words: city, customer."),
    ],
)
def test_the_right_source_comes_first_with_its_reason(source: str, target: str, reason: str) -> None:
    left = _root(_leaf("colour"), _leaf(source), _leaf("height"))
    right = _root(_leaf(target))
    best, *_rest = suggest(left, _at(right, f"r/{target}"))
    assert best.source.endswith(source)
    assert best.reason == reason
    assert best.score > 0.7


def test_what_stands_around_tells_common_names_apart() -> None:
    source = _root(
        _node("customer", _leaf("name"), _leaf("id")), _node("product", _leaf("name"), _leaf("id"))
    )
    target = _root(_leaf("ProductName"), _node("customer", _leaf("id")))
    assert suggest(source, _at(target, "r/ProductName"))[0].source == "r/product/name"
    assert suggest(source, _at(target, "r/customer/id"))[0].source == "r/customer/id"


def test_labels_types_and_samples_count() -> None:
    target = _root(
        _leaf("X1", label="Due date"),
        _leaf("total", Base.DECIMAL),
        _leaf("region", examples="North\nSouth\nEast"),
    )
    source = _root(
        _leaf("due_date", Base.DATE),
        _node("p", _leaf("total", Base.BOOLEAN)),
        _node("q", _leaf("total", Base.INTEGER)),
        _leaf("zone", examples="south\nNORTH"),
    )
    assert suggest(source, _at(target, "r/X1"))[0].reason == "Same label."
    first, second = suggest(source, _at(target, "r/total"))
    assert (first.source, second.source) == ("r/q/total", "r/p/total")
    assert "The types differ." in second.reason
    zone = suggest(source, _at(target, "r/region"))[0]
    assert (zone.source, zone.reason) == ("r/zone", "The sample values are alike.")
    given = suggest(
        _root(_leaf("one"), _leaf("two")),
        _at(_root(_leaf("state")), "r/state"),
        source_values=lambda path: ("Bahia", "Goiás") if path == "r/two" else ("7",),
        target_values=lambda _path: ("Goiás", "Bahia", "Acre"),
    )
    assert [one.source for one in given] == ["r/two"]


def test_automap_uses_each_source_and_target_once_and_leaves_draws_alone() -> None:
    source = _root(_leaf("city"), _leaf("name"), _leaf("phone"))
    target = _root(_leaf("BillingCity"), _leaf("ShippingCity"), _leaf("Name"), _leaf("Phone"), _leaf("Fone"))
    found = automap(source, target)
    assert _pairs(found) == {"r/Name": "r/name", "r/Phone": "r/phone"}
    assert [one.source for one in suggest(source, _at(target, "r/ShippingCity"))] == ["r/city"]
    assert _pairs(automap(source, target, taken={"r/Phone"})) == {"r/Name": "r/name", "r/Fone": "r/phone"}


def test_automap_pairs_loops_before_what_stands_in_them() -> None:
    lines = _node("line", _leaf("sku"), _leaf("qty", Base.INTEGER), occurs=_MANY)
    notes = _node("note", _leaf("text"), occurs=_MANY)
    source = _root(_node("order", _leaf("no"), lines, notes, occurs=_MANY))
    rows = _node("item", _leaf("code"), _leaf("sku"), _leaf("quantity", Base.DECIMAL), occurs=_MANY)
    target = _root(_node("invoice", _leaf("number"), rows, occurs=_MANY))
    found = automap(source, target)
    assert [(one.source, one.target) for one in found if one.loop] == [
        ("r/order", "r/invoice"),
        ("r/order/line", "r/invoice/item"),
    ]
    assert _pairs(found) == {
        "r/invoice/number": "r/order/no",
        "r/invoice/item/sku": "r/order/line/sku",
        "r/invoice/item/quantity": "r/order/line/qty",
    }
    assert [one.loop for one in found] == [True, True, False, False, False]


def test_columns_find_the_fields_of_a_salesforce_object(shared: Path, tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(
        "Account Name;Telefone;Billing City;BillingPostalCode;Receita Anual;Funcionários;Tipo;Site;Id;CreatedDate;Cor\n"
        "Silva;11;Rio;01310;10.5;3;Prospect;x.com;001;2026-03-01;azul\n",
        "utf-8",
    )
    rows, account = (
        read_schema(file).root(),
        read_schema(shared / "corpora/salesforce/describe/Account.json").root(),
    )
    assert rows is not None
    assert account is not None
    assert _pairs(automap(rows, account)) == {
        "row/Id": "row/Id",
        "row/Name": "row/`Account Name`",
        "row/Type": "row/Tipo",
        "row/BillingCity": "row/`Billing City`",
        "row/BillingPostalCode": "row/BillingPostalCode",
        "row/Phone": "row/Telefone",
        "row/Website": "row/Site",
        "row/AnnualRevenue": "row/`Receita Anual`",
        "row/NumberOfEmployees": "row/Funcionários",
    }


def test_the_sample_project_maps_itself_for_the_most_part() -> None:
    schemas = resource("samples") / "orders" / "schemas"
    source, target = read_schema(schemas / "orders.xsd").root(), read_schema(schemas / "invoices.xsd").root()
    assert source is not None
    assert target is not None
    found = automap(source, target)
    pairs = _pairs(found)
    assert pairs["invoices/invoice/party/name"] == "orders/order/customer/name"
    assert pairs["invoices/invoice/line/quantity"] == "orders/order/lines/line/qty"
    assert pairs["invoices/invoice/delivery/city"] == "orders/order/shipTo/city"
    assert pairs["invoices/invoice/line/item/@sku"] == "orders/order/lines/line/product/@sku"
    assert {one.target: one.source for one in found if one.loop} == {
        "invoices/invoice": "orders/order",
        "invoices/invoice/line": "orders/order/lines/line",
    }
    assert all(one.reason and 0.6 <= one.score <= 1 for one in found)


@pytest.mark.parametrize(
    "name", ["docbook-5-4.5/docbook/schemas/5.0/xsd/docbook.xsd", "mathml4/xsd/mathml4.xsd"]
)
def test_explosive_schemas_are_taken_in_as_far_as_is_sensible(
    shared: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.mapping.suggest.MOST_GOALS", 100)
    monkeypatch.setattr("studio.mapping.fields.MOST_PLACES", 4_000)
    root = read_schema(shared / "corpora" / "xsd" / name).root()
    assert root is not None
    suggester = Suggester(root)
    target = _at(_root(_leaf("href")), "r/href")
    found = suggester.suggest(target)
    assert len(found) <= 8
    assert len({one.source for one in found}) == len(found)
    mapped = _pairs(automap(root, root))
    assert 0 < len(mapped) <= MOST_PLACES
    assert len(set(mapped.values())) == len(mapped)
