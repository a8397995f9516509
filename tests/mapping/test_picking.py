"""Picks and drawn nodes as edits of a transformation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.mapping import drawing, edits, picking
from studio.mapping.further import SOURCE, TARGET, MoreSchemas, trees_of
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.mapping.tree import Tree, Trees
from studio.schema.drawn import Drawn
from studio.schema.model import Schema
from tests.engine.build import json_object, xml
from tests.mapping.test_exclusive import typed

IN = xml({"in": {"a": "text", "b": "text"}})


def given_map(*rules: tuple[str, str], picks: tuple[str, ...] = ()) -> Transformation:
    made = Mapping(tuple(Rule(path, script) for path, script in rules))
    return Transformation(
        "m", SchemaUse("in"), SchemaUse("out"), made, picks={TARGET: picks} if picks else {}
    )


def trees(target: Schema) -> Trees:
    return Trees(Tree(IN.root()), Tree(target.root()))


def paths(found: Transformation) -> list[str]:
    return [rule.path for rule in found.mapping.rules]


COMPANY, PERSON = "out/party~Company", "out/party~Person"


def choose(
    found: Transformation, taken: list[str], dropped: list[str], *, repeats: bool = True
) -> Transformation:
    both = trees(typed(repeats))
    place = both.target.find("out/party")
    assert place is not None
    return picking.choose(found, both, TARGET, place, taken, dropped)


def test_what_may_stand_at_a_node_is_told_with_how_often_it_does() -> None:
    place = trees(typed(True)).target.find("out/party")
    assert place is not None
    used = ["out/party~Company[1]", "out/party~Company[2]", "out/party~Company[1]/name"]
    found = list(picking.alternatives(place, used, used[:1]))
    assert [(each.path, each.how, each.taken, each.ruled) for each in found] == [
        ("out/party", "declared", 0, False), (COMPANY, "type", 2, True), (PERSON, "type", 0, False),
    ]  # fmt: skip


def test_each_kind_becomes_an_instance_and_the_first_takes_the_rules() -> None:
    found = choose(given_map(("out/party/name", "'1'")), [COMPANY, PERSON], ["out/party"])
    assert paths(found) == ["out/party~Company[1]/name"]
    assert found.picks == {TARGET: ("out/party~Company[1]", "out/party~Person[2]")}


def test_a_node_that_occurs_once_has_its_kinds_without_numbers() -> None:
    found = choose(given_map(), [COMPANY, PERSON], [], repeats=False)
    assert found.picks == {TARGET: (COMPANY, PERSON)}


def test_a_further_kind_is_an_instance_behind_the_others() -> None:
    found = choose(given_map((f"{COMPANY}/name", "'1'"), picks=(COMPANY,)), [PERSON], [])
    assert paths(found) == ["out/party~Company[1]/name"]
    assert found.picks == {TARGET: ("out/party~Company[1]", "out/party~Person[2]")}


def test_what_is_no_longer_picked_keeps_its_rules() -> None:
    before = given_map((f"{COMPANY}[1]/name", "'1'"), picks=(f"{COMPANY}[1]", f"{PERSON}[2]"))
    found = choose(before, [], [COMPANY, PERSON])
    assert found.picks == {}
    assert found.mapping == before.mapping


@given(st.lists(st.sampled_from(["out/party", COMPANY, PERSON]), min_size=1, max_size=6))
def test_one_more_instance_always_has_a_number_of_its_own(kinds: list[str]) -> None:
    both = trees(typed(True))
    place = both.target.find("out/party")
    assert place is not None
    found = given_map((f"{kinds[0]}/name" if kinds[0] != "out/party" else "out/party", "'1'"))
    for kind in kinds:
        found, made = picking.add_instance(found, both, place, kind)
        assert made in found.picks[TARGET]
        assert not found.mapping.numbering.clashes(made)
    numbers = sorted(int(path.rpartition("[")[2][:-1]) for path in found.picks[TARGET] if path.endswith("]"))
    assert numbers == sorted(set(numbers))
    assert all(both.target.find(path) is not None for path in found.picks[TARGET])


def test_picks_move_up_with_the_instances_behind_a_removed_one() -> None:
    both = trees(typed(True))
    before = given_map(
        (f"{COMPANY}[1]/name", "'1'"), ("out/party[2]", "'2'"), (f"{PERSON}[3]/name", "'3'"),
        picks=(f"{COMPANY}[1]", f"{PERSON}[3]"),
    )  # fmt: skip
    mapping = edits.remove(before.mapping, ["out/party[2]"], both.target)
    found = picking.removed(before, TARGET, "out/party[2]")
    assert found.picks == {TARGET: (f"{COMPANY}[1]", f"{PERSON}[2]")}
    assert mapping != before.mapping


def test_picks_and_drawn_nodes_follow_a_renamed_node() -> None:
    before = given_map(picks=("out/party~Company[2]/name", "out/x"))
    before = drawing.draw(before, TARGET, "out/party/Stamp", Drawn("text"))
    found = picking.followed(before, TARGET, "out/party", "out/partner")
    assert found.picks == {TARGET: ("out/partner~Company[2]/name", "out/x")}
    assert list(found.drawn[TARGET]) == ["out/partner/Stamp"]


def test_a_drawn_node_is_renamed_with_its_rules_and_what_reads_it() -> None:
    before = given_map(("out/Stamp[2]/n", "[/in/Seal/n]"))
    for path in ("out/Stamp", "out/Stamp/n"):
        before = drawing.draw(before, TARGET, path, Drawn())
    for path in ("in/Seal", "in/Seal/n"):
        before = drawing.draw(before, SOURCE, path, Drawn())
    both = trees_of(before, IN, typed(True), MoreSchemas())
    found = drawing.redraw(before, both, TARGET, "out/Stamp", "out/Mark", Drawn("text"))
    assert paths(found) == ["out/Mark[2]/n"]
    assert list(found.drawn[TARGET]) == ["out/Mark", "out/Mark/n"]
    assert found.drawn[TARGET]["out/Mark"] == Drawn("text")
    assert drawing.undraw(found, both, TARGET, "out/Mark[1]").mapping.rules == ()
    with pytest.raises(BadInput):
        drawing.draw(found, TARGET, "out/Mark", Drawn())


def test_a_snippet_of_json_is_drawn() -> None:
    found = drawing.sampled('{"a": 1, "lines": [{"x": true}, {"x": false, "y": "t"}]}', "/extra", json=True)
    assert list(found) == [
        "/extra/a",
        "/extra/lines",
        "/extra/lines/item",
        "/extra/lines/item/x",
        "/extra/lines/item/y",
    ]
    assert found["/extra/a"] == Drawn("integer", occurs="1")
    assert found["/extra/lines/item"].occurs == "0..n"
    assert json_object({"a": "text"}).kind.startswith("json")


@pytest.mark.parametrize("text", ["<a><b></a>", "nothing", "", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"])
def test_a_snippet_that_is_none_is_told(text: str) -> None:
    with pytest.raises(BadInput) as error:
        drawing.sampled(text, "out/extra", json=False)
    assert error.value.file is None


@pytest.mark.parametrize("name", ["", "a b", "1a", "@", "a/b", "a:b:c", "<a>"])
def test_names_that_xml_has_not_are_refused(name: str) -> None:
    with pytest.raises(BadInput):
        drawing.check_name(name)
