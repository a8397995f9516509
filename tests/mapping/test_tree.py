"""Schema trees asked by address."""

from __future__ import annotations

import pytest

from studio.mapping.lines import draw
from studio.mapping.model import Mapping, Rule
from studio.mapping.remap import fit
from studio.mapping.tree import Tree, Trees
from studio.schema.model import ANYTHING, Kind, Node, Occurs, Place, Type, ValueType
from studio.schema.path import Step
from tests.mapping.orders import INVOICES, orders_and_invoices, tree_of

TEXT = Type("string", value=ValueType())


def _element(name: str, *inside: Node, **more: object) -> Node:
    kind = Type(name + "Type", children=lambda: inside) if inside else TEXT
    return Node(name, Kind.ELEMENT, kind, **more)  # type: ignore[arg-type]


def test_instances_keep_their_number_and_order() -> None:
    tree = tree_of(INVOICES)
    place = tree.find("invoices/invoice/party[2]/name")
    assert place is not None
    assert place.path == "invoices/invoice/party[2]/name"
    assert place.parent is not None
    assert place.parent.path == "invoices/invoice/party[2]"
    wanted = [
        "invoices/invoice/@number", "invoices/invoice/line", "invoices/invoice/line/@no", "invoices/invoice/total",
        "invoices/invoice/party[1]/name", "invoices/invoice/party[2]", "invoices/invoice/party[2]/name",
        "invoices/invoice/party[10]", "invoices/invoice/unknown", "nowhere",
    ]  # fmt: skip
    mixed = [*wanted[5:], *wanted[:5]]
    assert sorted(mixed, key=tree.order) == wanted


def test_choices_are_looked_through() -> None:
    place = tree_of(INVOICES).find("invoices/invoice/delivery/city")
    assert place is not None
    assert place.parent is not None
    assert place.parent.parent is not None
    assert place.parent.parent.node.kind is Kind.CHOICE


@pytest.mark.parametrize(
    "path", ["invoices/nothing", "orders", "", "invoices/invoice/@issueDate", "a[", "invoices/"]
)
def test_what_is_not_there(path: str) -> None:
    assert tree_of(INVOICES).find(path) is None


def test_a_picked_type_shows_its_own_children() -> None:
    company = Type("Company", children=lambda: (_element("vat"),))
    party = Node(
        "party", Kind.ELEMENT, Type("Party", children=lambda: (_element("name"),), derived=lambda: (company,))
    )
    tree = Tree(Place.root(_element("root", party)))
    assert tree.find("root/party~Company/vat") is not None
    assert tree.find("root/party/vat") is None
    assert tree.find("root/party~Company[2]/vat") is not None
    assert tree.find("root/party~Stranger") is None


def test_prefixes_are_needed_only_where_names_collide() -> None:
    one = Node("code", Kind.ELEMENT, TEXT, namespace="urn:a", prefix="a")
    two = Node("code", Kind.ELEMENT, TEXT, namespace="urn:b", prefix="b")
    tree = Tree(Place.root(_element("root", one, two, _element("name"))))
    found = tree.find("root/b:code")
    assert found is not None
    assert found.node is two
    assert tree.canonical("x:root/x:name") == "root/name"
    trees = Trees(tree, tree)
    mapping = Mapping((Rule("x:root/x:name", script="[x:root/x:name]"),))
    line = draw(mapping, trees).lines[0]
    assert line.source == "root/name"
    assert [rule.path for rule in fit(mapping, trees).rules] == ["root/name"]


def test_where_anything_is_admitted_every_name_is_found() -> None:
    tree = Tree(Place.root(Node("root", Kind.ELEMENT, ANYTHING, Occurs())))
    assert tree.find("root/whatever/you/@like") is not None


def test_an_unnamed_root_is_the_empty_address() -> None:
    root = Node("", Kind.ELEMENT, Type("object", children=lambda: (_element("a"), _element("b"))))
    tree = Tree(Place.root(root))
    assert tree.lead == "/"
    assert tree.find("") is tree.root
    place = tree.find("/b")
    assert place is not None
    assert place.path == "/b"
    assert tree.order("/a") < tree.order("/b")


def test_only_what_is_asked_for_is_expanded() -> None:
    def deep(level: int) -> Type:
        return Type(f"t{level}", children=lambda: tuple(
            Node(f"n{number}", Kind.ELEMENT, deep(level + 1)) for number in range(100)))  # fmt: skip

    tree = Tree(Place.root(Node("root", Kind.ELEMENT, deep(0))))
    assert tree.find("root/" + "/".join(f"n{number}" for number in range(30))) is not None


def test_lines_are_the_same_through_other_prefixes() -> None:
    trees = orders_and_invoices()
    mapping = Mapping((Rule("invoices/invoice", loop="o:orders/o:order"),
                       Rule("invoices/invoice/@number", script="[@id]")))  # fmt: skip
    assert [line.source for line in draw(mapping, trees).lines] == ["orders/order", "orders/order/@id"]


def test_an_elements_own_text() -> None:
    price = Node(
        "price",
        Kind.ELEMENT,
        Type("p", value=ValueType(), children=lambda: (_element("note"),)),
        Occurs(0, None),
    )
    tree = Tree(Place.root(_element("root", price, _element("box", _element("v")))))
    place = tree.find("root/price[2]/text()")
    assert place is not None
    assert (place.path, place.repeats, place.node.value) == ("root/price[2]/text()", False, ValueType())
    assert tree.find("root/box/text()") is None
    assert tree.find("root/price/text()/note") is None
    assert tree.order("root/price") < tree.order("root/price/text()") < tree.order("root/price/note")


def test_the_way_below_a_place_leads_where_its_address_does() -> None:
    """In a schema with numbers, picked types, prefixes, choices and names that are not there."""
    steps = [
        Step(name, attribute=attribute, prefix=prefix, type=picked, index=index)
        for name in ("invoices", "invoice", "party", "delivery", "city", "name", "number", "none", "text()")
        for attribute in (False, True)
        for prefix in (None, "x")
        for picked in (None, "Company")
        for index in (None, 2)
    ]
    found = 0
    for start in ("invoices", "invoices/invoice", "invoices/invoice/party[2]", "invoices/invoice/delivery"):
        for step in steps:
            one, other = tree_of(INVOICES), tree_of(INVOICES)
            above = one.find(start)
            assert above is not None
            below, asked = one.below(above, step), other.find(f"{start}/{step}")
            assert (below and (below.path, below.node.name)) == (asked and (asked.path, asked.node.name))
            assert below is one.below(above, step) is one.find(f"{start}/{step}")
            found += below is not None
    assert found >= 10
