"""The visible rows of a tree: lazy, filtered over types nobody expanded, shaped by the map."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping import address, edits
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree
from studio.schema.model import Kind, Node, Occurs, Place, Type, ValueType
from tests.mapping.orders import INVOICES, ORDERS, invoices_map, tree_of
from ui.canvas.rows import Rows
from ui.canvas.shape import RowKind, Shape, shape_of

TEXT = Type("string", value=ValueType())


def _paths(rows: Rows) -> list[str]:
    return [row.path for row in rows]


def _unfold(rows: Rows, *paths: str) -> None:
    for path in paths:
        rows.set_expanded([rows[rows.at(path)]], True)


def _find(rows: Rows, text: str) -> Rows:
    search = rows.start_filter(text)
    assert search is not None
    for _ in search.work():
        pass
    rows.finish_filter(search)
    return rows


def _endless() -> tuple[Tree, list[int]]:
    """A folder holds files and folders; how often a type's children were made is counted."""
    made: list[int] = []

    def children() -> tuple[Node, ...]:
        made.append(1)
        return (
            Node("file", Kind.ELEMENT, TEXT, Occurs(0, None)),
            Node("folder", Kind.ELEMENT, kind, Occurs(0, None)),
        )

    kind = Type("Folder", children=children)
    return Tree(Place.root(Node("disk", Kind.ELEMENT, kind))), made


def test_a_tree_opens_folded_and_unfolds_where_asked() -> None:
    rows = Rows(tree_of(ORDERS))
    assert _paths(rows) == ["orders"]
    _unfold(rows, "orders", "orders/order")
    assert rows.at("orders/order/placed") > 0
    assert rows.at("orders/order/customer/name") == -1
    rows.set_expanded([rows[rows.at("orders/order")]], False)
    assert _paths(rows) == ["orders", "orders/order", "orders/rate"]


def test_a_choice_is_a_row_without_a_step() -> None:
    rows = Rows(tree_of(ORDERS))
    _unfold(rows, "orders", "orders/order")
    choice = next(row for row in rows if row.kind is RowKind.CHOICE)
    assert choice.path == "orders/order"
    assert rows.nearest("orders/order/shipTo/city") == (rows.index(choice.key), False)
    rows.set_expanded([choice], True)
    assert rows[rows.at("orders/order/shipTo")].depth == choice.depth + 1
    assert rows.nearest("orders/order/shipTo/city") == (rows.at("orders/order/shipTo"), False)
    assert rows.nearest("orders/order/placed") == (rows.at("orders/order/placed"), True)


def test_a_type_inside_itself_is_expanded_only_by_hand() -> None:
    tree, made = _endless()
    rows = Rows(tree)
    rows.expand_first(40)
    assert _paths(rows) == ["disk", "disk/file", "disk/folder"]
    for depth in range(1, 20):
        _unfold(rows, "disk" + "/folder" * depth)
    assert rows.at("disk" + "/folder" * 20) > 0
    assert len(made) == 1


def test_a_filter_finds_below_types_nobody_expanded() -> None:
    rows = _find(Rows(tree_of(ORDERS)), "taxn")
    assert _paths(rows) == ["orders"]
    rows = _find(Rows(tree_of(ORDERS)), "SKU")
    assert _paths(rows) == [
        "orders", "orders/order", "orders/order/lines", "orders/order/lines/line", "orders/order/lines/line/product",
        "orders/order/lines/line/product/@sku",
    ]  # fmt: skip


def test_a_filter_with_a_slash_names_parents_too() -> None:
    rows = _find(Rows(tree_of(ORDERS)), "product/name")
    assert [path for path in _paths(rows) if path.endswith("/name")] == [
        "orders/order/lines/line/product/name"
    ]


def test_a_filter_ends_in_an_endless_schema() -> None:
    tree, made = _endless()
    rows = _find(Rows(tree), "file")
    assert _paths(rows) == ["disk", "disk/file"]
    assert len(made) == 1
    rows = _find(Rows(tree), "fold")
    assert _paths(rows) == ["disk", "disk/folder"]


def test_leaving_a_filter_brings_back_what_was_unfolded() -> None:
    rows = Rows(tree_of(ORDERS))
    _unfold(rows, "orders", "orders/order")
    before = _paths(rows)
    _find(rows, "sku")
    rows.set_expanded([rows[rows.at("orders/order/lines/line/product")]], False)
    assert rows.at("orders/order/lines/line/product/@sku") == -1
    assert rows.start_filter("  ") is None
    assert _paths(rows) == before


def test_a_match_unfolded_shows_everything_inside() -> None:
    rows = _find(Rows(tree_of(ORDERS)), "customer")
    _unfold(rows, "orders/order/customer")
    assert rows.at("orders/order/customer/email") > 0


@given(st.data())
def test_every_address_ends_on_a_row_whatever_is_folded(data: st.DataObject) -> None:
    rows = Rows(tree_of(ORDERS))
    rows.expand_first(1000)
    every = _paths(rows)
    for _ in range(data.draw(st.integers(0, 8))):
        row = data.draw(st.sampled_from(list(rows)))
        if row.expandable:
            rows.set_expanded([row], data.draw(st.booleans()))
    for path in every:
        at, exact = rows.nearest(path)
        shown = rows[at].path
        assert address.within(path, shown)
        assert exact == (rows.at(path) >= 0)
        assert rows.reveal(path) == rows.at(path) >= 0


def test_reveal_opens_the_way() -> None:
    rows = Rows(tree_of(ORDERS))
    row = rows.reveal("orders/order/shipTo/city")
    assert rows[row].path == "orders/order/shipTo/city"
    assert rows.reveal("orders/nowhere") == 0


def test_the_first_look_shows_loops_and_stays_small() -> None:
    rows = Rows(tree_of(ORDERS))
    rows.expand_first(20, ["orders/order/lines/line"])
    assert rows.at("orders/order/lines/line/qty") > 0
    assert rows.at("orders/order/customer/name") == -1


def _shape(mapping: Mapping, **more: object) -> Shape:
    return shape_of(mapping.rules, {}, more.get("picks", ()))  # type: ignore[arg-type]


def test_instances_stand_instead_of_their_node() -> None:
    tree = tree_of(INVOICES)
    rows = Rows(tree)
    _unfold(rows, "invoices", "invoices/invoice")
    assert rows.at("invoices/invoice/party") > 0
    mapping = edits.set_script(invoices_map(), "invoices/invoice/party/name", "'a'", tree)
    mapping = edits.duplicate(mapping, "invoices/invoice/party", tree)
    assert rows.reshape(_shape(mapping))
    assert rows.at("invoices/invoice/party") == -1
    assert rows.at("invoices/invoice/party[2]") == rows.at("invoices/invoice/party[1]") + 1
    _unfold(rows, "invoices/invoice/party[2]")
    assert rows.at("invoices/invoice/party[2]/name") > 0
    assert not rows.reshape(_shape(mapping))


def test_a_choice_of_the_target_shows_what_is_mapped_or_picked() -> None:
    tree = tree_of(INVOICES)
    rows = Rows(tree, _shape(invoices_map()))
    _unfold(rows, "invoices", "invoices/invoice")
    choice = next(row for row in rows if row.kind is RowKind.CHOICE)
    rows.set_expanded([choice], True)
    inside = ("invoices/invoice/delivery", "invoices/invoice/collection")
    assert [rows.at(path) > 0 for path in inside] == [True, False]
    mapping = edits.set_script(invoices_map(), "invoices/invoice/collection/shop", "'a'", tree)
    assert rows.reshape(_shape(mapping))
    assert [rows.at(path) > 0 for path in inside] == [False, True]
    assert rows.reshape(_shape(mapping, picks=("invoices/invoice/delivery",)))
    assert [rows.at(path) > 0 for path in inside] == [True, True]


def test_parked_rules_stand_below_the_node_that_is_left() -> None:
    lost = Rule("invoices/invoice/freightCharge", script="[freight]")
    rows = Rows(tree_of(INVOICES), Shape(parked={"invoices/invoice": (lost,)}))
    _unfold(rows, "invoices", "invoices/invoice")
    row = rows[len(rows) - 1]
    assert (row.kind, row.path, row.rule) == (RowKind.PARKED, lost.path, lost)


def test_a_node_with_very_many_children_unfolds() -> None:
    wide = "wide\n" + "\n".join(f"  f{number}" for number in range(20_000))
    rows = Rows(tree_of(wide))
    _unfold(rows, "wide")
    assert len(rows) == 20_001
    assert rows.at("wide/f19999") == 20_000
