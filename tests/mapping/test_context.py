"""What a path in a rule means, and the path to write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.mapping.context import Contexts, absolute, rebased, rebased_path, reference, relative
from studio.mapping.model import Group, Mapping, Rule
from studio.mapping.tree import Tree
from studio.script import tree
from studio.script.parse import parse, parse_path

addresses = st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map("/".join)
contexts = st.just("") | addresses


@given(addresses, contexts)
def test_the_written_path_leads_to_the_node(source: str, context: str) -> None:
    assert absolute(parse_path(relative(source, context)), context) == source


@given(addresses, contexts, contexts)
def test_a_rewritten_script_reads_the_same_nodes(source: str, old: str, new: str) -> None:
    script = f"1 + {reference(source, old)} * Max({reference(source, old)}[0], 'x')"
    again = parse(rebased(script, old, new))
    assert [absolute(path, new) for path in tree.paths(again)] == [source, source]


@given(addresses, contexts, contexts)
def test_filters_and_numbers_survive_a_rewrite(source: str, old: str, new: str) -> None:
    script = f"[{relative(source + '/z', old)}[[k] == 'v'][2]/y]"
    path = tree.paths(parse(rebased(script, old, new)))[0]
    assert absolute(path, new) == f"{source}/z/y"
    assert path.steps[-2].index == 2
    assert path.steps[-2].filter is not None


@pytest.mark.parametrize(
    ("source", "context", "text"),
    [
        ("orders/order/customer/name", "orders/order", "customer/name"),
        ("orders/order/@id", "orders/order/lines/line", "../../@id"),
        ("orders/order", "orders/order", "."),
        ("orders/rate/value", "orders/order/lines/line", "/orders/rate/value"),
        ("orders/order", "", "orders/order"),
        ("/customer/name", "", "customer/name"),
        ("/lines/item/qty", "/lines/item", "qty"),
        ("other/x", "orders/order", "/other/x"),
    ],
)
def test_the_path_to_write(source: str, context: str, text: str) -> None:
    assert relative(source, context) == text


def test_addresses_below_an_unnamed_root_start_with_a_slash() -> None:
    assert absolute(parse_path("customer/name"), "", "/") == "/customer/name"
    assert absolute(parse_path("../name"), "/lines/item", "/") == "/lines/name"


def test_another_document_and_the_text_function_leave_no_address_of_ours() -> None:
    assert absolute(parse_path("prices::row/price"), "orders") is None
    assert absolute(parse_path("name/text()"), "orders") == "orders/name"


def test_loops_are_read_from_the_next_one_out() -> None:
    mapping = Mapping((
        Rule("i/x", loop="a/b"),
        Rule("i/x/y", loop="c/d[[e] > 1]"),
        Rule("i/x/y/z", each="{1,2}"),
    ))  # fmt: skip
    found = Contexts(mapping, Tree(None))
    assert found.of("i") == ""
    assert found.of("i/x/k") == "a/b"
    assert found.of("i/x/y/z/k") == "a/b/c/d"
    assert [rule.path for rule in found.enclosing("i/x/y/z/k")] == ["i/x/y/z", "i/x/y", "i/x"]


def test_members_of_a_group_are_the_nodes_the_group_visits() -> None:
    mapping = Mapping((
        Rule("i/x", loop="a/b", group=Group(("[c]",))),
        Rule("i/x/y", loop="members()"),
    ))  # fmt: skip
    assert Contexts(mapping, Tree(None)).of("i/x/y") == "a/b"
    assert rebased("[members()/q]", "a/b", "a") == "[members()/q]"


def test_a_script_that_cannot_be_read_stays() -> None:
    assert rebased("Sum([a", "x", "y") == "Sum([a"
    assert rebased_path("a/[", "x", "y") == "a/["


def test_a_numbered_step_does_not_become_the_current_instance() -> None:
    assert rebased("[orders/order[1]/@id]", "", "orders/order") == "[../order[1]/@id]"
