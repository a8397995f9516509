"""What a drop offers, without a window."""

from __future__ import annotations

import pytest

from studio.mapping.model import Mapping, Rule
from tests.mapping.orders import invoices_map, orders_and_invoices
from ui.editors.mapping.drops import Choice, Offer, offer

TREES = orders_and_invoices()
ORDER, INVOICE = "orders/order", "invoices/invoice"
LOOPED = Mapping((Rule(INVOICE, loop=ORDER),))


def _offer(mapping: Mapping, source: str, target: str, **more: object) -> Offer:
    return offer(mapping, TREES, (f"{ORDER}{source}",), f"{INVOICE}{target}", **more)  # type: ignore[arg-type]


def _do(mapping: Mapping, choice: Choice | None) -> Mapping:
    assert choice is not None
    assert choice.edit is not None
    return choice.edit(mapping)


def test_a_field_onto_an_unmapped_field_is_mapped_at_once() -> None:
    found = _offer(LOOPED, "/customer/name", "/buyer/name")
    assert _do(LOOPED, found.now).by_path[f"{INVOICE}/buyer/name"].script == "[customer/name]"
    assert found.now is not None
    assert found.now.label == "Map name to name"


def test_a_field_onto_a_mapped_field_asks() -> None:
    found = _offer(invoices_map(), "/customer/email", "/buyer/name")
    assert [choice.text for choice in found.choices] == [
        "Replace the rule",
        "Append",
        "Insert into the script",
    ]
    replace, append, insert = found.choices
    assert _do(invoices_map(), replace).by_path[f"{INVOICE}/buyer/name"].script == "[customer/email]"
    appended = _do(invoices_map(), append).by_path[f"{INVOICE}/buyer/name"].script
    assert appended == '[customer/name] + " " + [customer/email]'
    assert insert.insert == f"{ORDER}/customer/email"


def test_a_node_onto_a_node_offers_loop_children_and_subtree() -> None:
    found = _offer(Mapping(), "/lines/line", "/line")
    texts = [choice.text for choice in found.choices]
    assert texts == ["Loop here: one line per line", "Map same-named children (1)…", "Copy the subtree (1)…"]
    looped = _do(Mapping(), found.choices[0])
    assert (looped.by_path[INVOICE].loop, looped.by_path[f"{INVOICE}/line"].loop) == (ORDER, "lines/line")
    mapped = _do(Mapping(), found.choices[1])
    assert mapped.by_path[f"{INVOICE}/line/@no"].script == "[@no]"
    assert found.choices[1].preview == (
        f"{INVOICE}/line repeats per {ORDER}/lines/line",
        f"{INVOICE}/line/@no takes {ORDER}/lines/line/@no",
    )


def test_what_cannot_be_done_is_listed_with_its_reason() -> None:
    found = _offer(invoices_map(), "/lines/line", "/line")
    assert [bool(choice.reason) for choice in found.choices] == [False, True, True]


def test_nothing_in_common_is_refused_in_words() -> None:
    found = _offer(LOOPED, "/customer", "/seller/name")
    assert found.now is None
    assert "nothing in common" in found.refusal
    assert _offer(LOOPED, "/nowhere", "/seller/name").refusal


def test_a_value_becomes_a_constant_or_the_field_is_mapped() -> None:
    found = _offer(LOOPED, "/customer/terms", "/total", value="30")
    assert [choice.text for choice in found.choices] == ["Constant “30”", "Map terms"]
    assert _do(LOOPED, found.choices[0]).by_path[f"{INVOICE}/total"].script == "30"


def test_several_fields_go_in_order() -> None:
    sources = (f"{ORDER}/@id", f"{ORDER}/placed", f"{ORDER}/requiredBy")
    found = offer(LOOPED, TREES, sources, f"{INVOICE}/@number")
    mapped = _do(LOOPED, found.now)
    assert [rule.script for rule in mapped.rules if rule.script] == ["[@id]", "[placed]", "[requiredBy]"]
    assert mapped.by_path[f"{INVOICE}/dueDate"].script == "[requiredBy]"


def test_several_fields_go_onto_the_selected_ones() -> None:
    targets = (f"{INVOICE}/currency", f"{INVOICE}/note")
    found = offer(
        LOOPED, TREES, (f"{ORDER}/currency", f"{ORDER}/@status"), f"{INVOICE}/currency", None, targets
    )
    mapped = _do(LOOPED, found.now)
    assert [mapped.by_path[path].script for path in targets] == ["[currency]", "[@status]"]


def test_several_fields_over_mapped_ones_ask() -> None:
    found = offer(
        invoices_map(), TREES, (f"{ORDER}/@id", f"{ORDER}/placed", f"{ORDER}/currency"), f"{INVOICE}/typeCode"
    )
    assert [choice.text for choice in found.choices] == [
        "Map 3 fields in order, replacing 1 rule", "Map 2 fields without a rule",
    ]  # fmt: skip
    rest = _do(invoices_map(), found.choices[1])
    assert rest.by_path[f"{INVOICE}/typeCode"].script == "380"
    assert rest.by_path[f"{INVOICE}/currency"].script == "[placed]"


@pytest.mark.parametrize("target", ["", "/buyer"])
def test_fields_dropped_on_a_node_go_inside_it(target: str) -> None:
    sources = (f"{ORDER}/customer/name", f"{ORDER}/customer/email")
    found = offer(LOOPED, TREES, sources, f"{INVOICE}{target}")
    assert found.now is not None
    mapped = _do(LOOPED, found.now)
    assert len([rule for rule in mapped.rules if rule.script]) == 2


def test_a_cartesian_product_is_told_before_it_is_made_with_what_could_be_meant() -> None:
    found = offer(LOOPED, TREES, ("orders/rate",), f"{INVOICE}/line")
    texts = [choice.text for choice in found.choices]
    assert texts[0].startswith("Loop over ")
    told = next(choice for choice in found.choices if choice.text.startswith("Loop all the same."))
    assert "Cartesian product" in told.text
    assert _do(LOOPED, told).by_path[f"{INVOICE}/line"].loop == "../rate"
    instead = next(choice for choice in found.choices if choice.text.startswith("Loop over line instead"))
    assert _do(LOOPED, instead).by_path[f"{INVOICE}/line"].loop == "lines/line"
