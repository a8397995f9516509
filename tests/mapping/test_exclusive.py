"""Alternatives that are both written; mandatory nodes of what is picked."""

from __future__ import annotations

import pytest

from studio.mapping.check import problems
from studio.mapping.model import Mapping, Rule
from studio.mapping.tree import Tree, Trees
from studio.schema.model import Kind, Node, Occurs, Place, Schema, Type
from tests.engine.build import xml
from tests.mapping.orders import tree_of

SOURCE = xml({"in": {"a": "text", "b?": "text", "kind": "text", "row*": {"c": "text"}}})
CHOICE = xml(
    {
        "out": {
            "|": {"card": {"number": "text", "note?": "text"}, "cash": "text", "bill": "text"},
            "x?": "text",
        }
    }
)
SAID = "{one} and {other} exclude each other, and both are always written."


def told(rules: dict[str, str | Rule], target: Schema = CHOICE) -> list[str]:
    """The problems of a map that speak of alternatives."""
    made = tuple(each if isinstance(each, Rule) else Rule(path, each) for path, each in rules.items())
    trees = Trees(Tree(SOURCE.root()), Tree(target.root()))
    return [each.message for each in problems(Mapping(made), trees) if "exclude" in each.message]


@pytest.mark.parametrize("first", ["'x'", "[/in/a]", "[/in/a] + [/in/kind]"])
def test_two_alternatives_that_are_always_written_are_told(first: str) -> None:
    found = told({"out/card/number": first, "out/cash": "'2'"})
    assert found == [SAID.format(one="card", other="cash")]


@pytest.mark.parametrize(
    "rules",
    [
        {"out/card/number": "'1'"},
        {"out/card/number": "'1'", "out/card/note": "'2'", "out/x": "'3'"},
        {"out/card/number": "[/in/b]", "out/cash": "'2'"},
        {"out/card/number": "If([/in/kind] == 'card', [/in/a])", "out/cash": "'2'"},
        {"out/cash": "'2'", "out/bill": Rule("out/bill", "'3'", when="[/in/kind] == 'bill'")},
        {"out/card": Rule("out/card", when="[/in/kind] == 'card'"), "out/card/number": "'1'", "out/cash": "'2'"},
    ],
)  # fmt: skip
def test_what_a_condition_or_the_record_decides_is_no_problem(rules: dict[str, str | Rule]) -> None:
    assert told(rules) == []


def test_a_choice_that_repeats_may_hold_several() -> None:
    target = xml({"out": {"|*": {"card": "text", "cash": "text"}}})
    assert told({"out/card": "'1'", "out/cash": "'2'"}, target) == []


def typed(repeats: bool) -> Schema:
    """`out` holds a party, which may be a company or a person."""

    def inside() -> tuple[Node, ...]:
        kinds = [
            Type(name, children=lambda: xml({"x": {"name": "text"}}).roots[0].type.children)
            for name in ("Company", "Person")
        ]
        party = Type("Party", children=lambda: (), derived=lambda: tuple(kinds), abstract=True)
        return (Node("party", Kind.ELEMENT, party, Occurs(1, None if repeats else 1)),)

    return Schema("xsd", (Node("out", Kind.ELEMENT, Type("Out", children=inside)),), files=("t.xsd",))


def test_two_types_of_one_node_are_told_and_instances_of_several_types_are_not() -> None:
    found = told({"out/party~Company/name": "'1'", "out/party~Person/name": "'2'"}, typed(False))
    assert found == [SAID.format(one="party~Company", other="party~Person")]
    assert told({"out/party~Company[1]/name": "'1'", "out/party~Person[2]/name": "'2'"}, typed(True)) == []


def test_what_is_mandatory_in_a_picked_type_is_told_missing() -> None:
    trees = Trees(Tree(SOURCE.root()), Tree(typed(True).root()))
    rules = (Rule("out/party~Company[1]", when="[/in/kind] == 'x'"), Rule("out/party~Person[2]/name", "'2'"))
    assert [each.path for each in problems(Mapping(rules), trees)] == ["out/party~Company[1]/name"]
    assert Place.root(typed(True).roots[0]).path == "out"


def test_a_loop_without_a_number_beside_numbered_ones_is_told() -> None:
    trees = Trees(Tree(SOURCE.root()), Tree(xml({"out": {"line*": {"n?": "text"}}}).root()))
    rules = (Rule("out/line", loop="/in/row"), Rule("out/line/n", "[c]"), Rule("out/line[2]/n", "'last'"))
    found = problems(Mapping(rules), trees)
    assert [(each.path, each.severity.name) for each in found] == [("out/line", "WARNING")]
    assert "line[2]" in found[0].message
    told_apart = (Rule("out/line[1]", loop="/in/row"), Rule("out/line[1]/n", "[c]"), rules[2])
    assert problems(Mapping(told_apart), trees) == ()


def test_instances_beyond_what_the_schema_admits_are_told() -> None:
    trees = Trees(tree_of("in\n  kind"), tree_of("out\n  party 2..2\n    name\n  many 0..n\n    name"))
    rules = [Rule(f"out/{node}[{n}]/name", "'x'") for node in ("party", "many") for n in (1, 2)]
    assert not problems(Mapping(tuple(rules)), trees)
    rules += [Rule(f"out/{node}[3]/name", "'x'") for node in ("party", "many")]
    found = problems(Mapping(tuple(rules)), trees)
    assert [(each.path, each.message) for each in found] == [
        ("out/party[3]", "party[3] is one too many: there may be at most 2.")
    ]
