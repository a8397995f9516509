"""The links of a map, and where they end when parents hide them."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping import edits
from studio.mapping.lines import LineKind, bundles, draw, nearest, operands
from studio.mapping.model import Group, Mapping, Rule, Sort
from tests.mapping.orders import invoices_map, orders_and_invoices

TREES = orders_and_invoices()
INVOICE = "invoices/invoice"
DRAWING = draw(invoices_map(), TREES)


def _of(mapping: Mapping, path: str) -> list[tuple[str, LineKind]]:
    return [(line.source.rpartition("/")[2], line.kind) for line in operands(mapping, TREES, path)]


def test_every_operand_has_a_line() -> None:
    assert _of(invoices_map(), f"{INVOICE}/dueDate") == [
        ("terms", LineKind.VALUE), ("placed", LineKind.VALUE),
    ]  # fmt: skip
    assert all(line.computed for line in operands(invoices_map(), TREES, f"{INVOICE}/dueDate"))
    assert not any(line.computed for line in operands(invoices_map(), TREES, f"{INVOICE}/@number"))


def test_conditions_draw_lines_of_their_own() -> None:
    assert _of(invoices_map(), INVOICE) == [("order", LineKind.LOOP), ("@status", LineKind.CONDITION)]


def test_filters_sorting_and_grouping_are_conditions() -> None:
    rule = Rule(
        INVOICE,
        loop="orders/order[[freight] > 0]",
        sort=(Sort("[placed]"),),
        group=Group(("[customer/name]",)),
    )
    assert _of(Mapping((rule,)), INVOICE) == [
        ("order", LineKind.LOOP), ("placed", LineKind.CONDITION), ("name", LineKind.CONDITION),
        ("freight", LineKind.CONDITION),
    ]  # fmt: skip
    filtered = Rule("invoices/invoice/note", script="[orders/order[[currency] == 'BRL'][1]/@id]")
    assert _of(Mapping((filtered,)), "invoices/invoice/note") == [
        ("@id", LineKind.VALUE), ("currency", LineKind.CONDITION),
    ]  # fmt: skip


def test_loops_are_numbered_as_they_appear_and_colour_what_is_inside() -> None:
    assert [(loop.index, loop.source, loop.depth) for loop in DRAWING.loops] == [
        (0, "orders/order", 0), (1, "orders/order/lines/line", 1),
    ]  # fmt: skip
    by_target = {line.target: line.loop for line in DRAWING.lines}
    assert by_target[f"{INVOICE}/@number"] == 0
    assert by_target[f"{INVOICE}/line/quantity"] == 1
    assert by_target[f"{INVOICE}/total"] == 0


def test_a_line_to_nowhere_says_so() -> None:
    line = operands(
        Mapping((Rule("invoices/invoice/note", script="[orders/gone]"),)), TREES, f"{INVOICE}/note"
    )[0]
    assert not line.known


def test_a_parked_rule_keeps_its_line() -> None:
    mapping = Mapping(
        (Rule(INVOICE, loop="orders/order"),), parked=(Rule(f"{INVOICE}/freightCharge", script="[freight]"),)
    )
    line = draw(mapping, TREES).lines[-1]
    assert (line.source, line.kind) == ("orders/order/freight", LineKind.PARKED)


def test_lines_into_a_collapsed_node_become_one_bundle() -> None:
    source = {path: row for row, path in enumerate(
        ["orders", "orders/order", "orders/order/@id", "orders/order/@status", "orders/order/placed",
         "orders/order/customer"])}  # fmt: skip
    target = {path: row for row, path in enumerate(
        ["invoices", INVOICE, f"{INVOICE}/@number", f"{INVOICE}/issueDate", f"{INVOICE}/dueDate", f"{INVOICE}/buyer"])
    }  # fmt: skip
    found = bundles(DRAWING.lines, partial(nearest, rows=source), partial(nearest, rows=target))
    into_buyer = [b for b in found if (b.source_row, b.target_row) == (5, 5)]
    assert [(len(b.lines), b.bundled, b.exact) for b in into_buyer] == [(2, True, (False, False))]
    due = [b for b in found if (b.source_row, b.target_row) == (5, 4)]
    assert [(len(b.lines), b.bundled, b.exact) for b in due] == [(1, False, (False, True))]
    loop = next(b for b in found if (b.source_row, b.target_row) == (1, 1) and b.kind is LineKind.LOOP)
    assert loop.exact == (True, True)


@given(st.data())
def test_no_line_is_lost_whatever_is_visible(data: st.DataObject) -> None:
    """Any set of rows that holds the roots shows every line exactly once."""
    sources = sorted(
        {line.source for line in DRAWING.lines} | {"orders/order/customer", "orders/order/lines"}
    )
    targets = sorted({line.target for line in DRAWING.lines} | {f"{INVOICE}/buyer"})
    source = ["orders", *data.draw(st.lists(st.sampled_from(sources), unique=True))]
    target = ["invoices", *data.draw(st.lists(st.sampled_from(targets), unique=True))]
    rows = {path: row for row, path in enumerate(source)}, {path: row for row, path in enumerate(target)}
    found = bundles(DRAWING.lines, partial(nearest, rows=rows[0]), partial(nearest, rows=rows[1]))
    shown = [line for bundle in found for line in bundle.lines]
    assert len(shown) == len(set(shown)) == len(DRAWING.lines)
    assert set(shown) == set(DRAWING.lines)
    for bundle in found:
        for line in bundle.lines:
            assert f"{line.source}/".startswith(f"{source[bundle.source_row]}/")
            assert f"{line.target}/".startswith(f"{target[bundle.target_row]}/")


def test_lines_follow_an_edit() -> None:
    mapping = edits.set_loop(invoices_map(), INVOICE, None, TREES)
    drawing = draw(mapping, TREES)
    assert [loop.target for loop in drawing.loops] == [f"{INVOICE}/line"]
    assert {line.source for line in drawing.lines} == {line.source for line in DRAWING.lines} - {
        "orders/order"
    }
