"""Find and replace: every text of a rule, only what is wanted, and what would not be understood is told."""

from __future__ import annotations

from dataclasses import replace as with_

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping.model import Group, Join, Mapping, Rule, SchemaUse, Sort, Transformation
from studio.mapping.replace import Change, Wanted, apply, changes, replacer
from studio.project import replace as in_project
from studio.project.model import Project
from tests.mapping.test_edits import mappings

EVERYWHERE = Mapping(
    (
        Rule("a", loop="orders/order[[qty] > 1]", when="[qty] == 2", group=Group(("[qty]", "[sku]")), sort=(Sort("[qty]"),),
             join={"p": Join("p::/row", {"sku": "[qty]"})}),
        Rule("a/b", script="[qty] * [Qty] + [qtys]"),
        Rule("a/c", each="[qty]"),
    )
)  # fmt: skip


def test_every_text_of_a_rule_is_looked_at() -> None:
    found = changes(EVERYWHERE, Wanted("qty", "amount"))
    assert [change.part for change in found] == [
        "loop",
        "when",
        "sort 1",
        "group 1",
        "join p sku",
        "script",
        "each",
    ]
    assert sum(change.count for change in found) == 9
    after = apply(EVERYWHERE, found)
    assert changes(after, Wanted("qty")) == ()
    assert after.by_path["a"].loop == "orders/order[[amount] > 1]"
    assert after.by_path["a"].group == Group(("[amount]", "[sku]"))
    assert after.by_path["a/b"].script == "[amount] * [amount] + [amounts]"


def test_capitals_and_whole_words() -> None:
    script = replacer(Wanted("qty", "n", case=True, words=True))
    assert script("[qty] * [Qty] + [qtys]") == ("[n] * [Qty] + [qtys]", 1)
    assert replacer(Wanted(""))("x") == ("x", 0)
    # What is put is put as it is written.
    assert replacer(Wanted("a.b", r"\1$0"))("a.b axb") == (r"\1$0 axb", 1)


def test_only_what_is_wanted_changes_and_what_went_meanwhile_is_left() -> None:
    found = changes(EVERYWHERE, Wanted("qty", "n"))
    after = apply(EVERYWHERE, [change for change in found if change.path == "a/c"])
    assert after.by_path["a/c"].each == "[n]"
    assert after.by_path["a"] is EVERYWHERE.by_path["a"]
    assert apply(after, [change for change in found if change.path == "a/c"]) is after
    assert apply(EVERYWHERE, []) is EVERYWHERE


def test_what_would_not_be_understood_is_told() -> None:
    (found,) = changes(Mapping((Rule("a", script="Trim([x])"),)), Wanted("[x])", "[x]"))
    assert found.problem
    (empty,) = changes(Mapping((Rule("a", when="x"),)), Wanted("x"))
    assert empty.problem


@given(mappings(), st.sampled_from(["order", "[", "] == 1", "placed", "1", "@"]), st.text(max_size=5))
def test_there_and_back_for_every_map(mapping: Mapping, find: str, put: str) -> None:
    found = changes(mapping, Wanted(find, put, case=True))
    after = apply(mapping, found)
    assert [rule.path for rule in after.rules] == [rule.path for rule in mapping.rules]
    back = [Change(c.path, c.part, c.new, c.old) for c in found]
    assert apply(after, back) == mapping


def test_maps_and_scripts_of_a_project() -> None:
    use = SchemaUse("schemas/a.xsd", "a")
    map = Transformation("M", use, use, EVERYWHERE)
    project = Project(id="x", name="X", transformations={"m": map}, scripts={"s": "qty = 1;\nqty"})
    found = in_project.changes(project, Wanted("qty", "n"))
    assert {each.object for each in found} == {"transformations/m", "scripts/s"}
    after = in_project.apply(project, found)
    assert after.scripts["s"] == "n = 1;\nn"
    assert in_project.changes(after, Wanted("qty")) == ()
    some = [each for each in found if each.object == "scripts/s"]
    assert in_project.apply(project, some).transformations["m"] == map
    assert in_project.apply(project, [with_(some[0], change=with_(some[0].change, old="other"))]) == project
