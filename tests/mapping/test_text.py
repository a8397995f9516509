"""Rules as entries of a map: one line each, every option in its place, unknown ones kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.mapping.model import Group, Join, Rule, Sort
from studio.mapping.text import rule_text, rules_from_text, rules_text, write_rule
from studio.schema.path import quote

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).map(quote)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MAYBE = st.none() | TEXTS
EXTRA = st.dictionaries(
    st.sampled_from(["later", "x y", "zz"]), TEXTS | st.lists(TEXTS, max_size=2), max_size=2
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
JOINS = st.builds(
    Join, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2), st.sampled_from(["inner", "left"]), EXTRA
)
GROUPS = st.builds(Group, st.lists(TEXTS, min_size=1, max_size=2).map(tuple), st.booleans(), EXTRA)
SORTS = st.lists(st.builds(Sort, TEXTS, st.booleans(), EXTRA), max_size=2).map(tuple)
COUNTS = st.none() | st.integers(0, 10**6)
RULES = st.builds(
    Rule, PATHS, MAYBE, MAYBE, MAYBE, MAYBE, st.dictionaries(TEXTS, JOINS, max_size=2), st.none() | GROUPS, SORTS,
    COUNTS, COUNTS, TEXTS, EXTRA,
)  # fmt: skip


@given(st.lists(RULES, max_size=4, unique_by=lambda rule: rule.path))
def test_any_rules_come_back(rules: list[Rule]) -> None:
    assert rules_from_text(rules_text(rules)) == tuple(rules)


def test_a_rule_is_one_line() -> None:
    assert rule_text(Rule("invoices/invoice/@number", script="[@id]")) == 'invoices/invoice/@number: "[@id]"'
    loop = Rule("invoices/invoice", loop="orders/order", when="[status] == 'open'")
    assert rule_text(loop) == "invoices/invoice: {loop: orders/order, when: \"[status] == 'open'\"}"
    every = Rule(
        "a/b", script="[x]", loop="c", when="[w]", join={"p": Join("p::row", {"sku": "[sku]"}, "left")},
        group=Group(("[k]",), adjacent=True), sort=(Sort("[placed]", descending=True), Sort("[no]")), first=3,
        note="why", extra={"new": "1"},
    )  # fmt: skip
    assert rule_text(every) == (
        'a/b: {loop: c, join: {p: {loop: "p::row", match: {sku: "[sku]"}, kind: left}}, when: "[w]", '
        'group: {by: ["[k]"], adjacent: true}, sort: [{by: "[placed]", order: desc}, {by: "[no]"}], first: 3, '
        'script: "[x]", note: why, new: "1"}'
    ).replace('"1"', "1")


def test_a_rule_whose_script_has_several_lines_shows_them() -> None:
    text = rule_text(Rule("a/b", loop="c", script="$x = 1;\n$x + 1"))
    assert text == "a/b:\n  loop: c\n  script: |-\n    $x = 1;\n    $x + 1"


def test_short_forms_are_read() -> None:
    (rule,) = rules_from_text('a: {loop: b, sort: ["[x]"], group: {by: "[y]"}}\n')
    assert rule.sort == (Sort("[x]"),)
    assert rule.group == Group(("[y]",))


def test_an_entry_without_anything_is_an_empty_rule() -> None:
    (rule,) = rules_from_text("a/b: {}\n")
    assert rule.empty
    assert write_rule(rule) == {}
    assert rules_from_text('a/b: ""\n') == (Rule("a/b", script=""),)


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("a/b: [x]", 1),
        ("a//b: x", 1),
        ('"a/[": x', 1),
        ("a:\n  first: many", 2),
        ("a:\n  loop: [x]", 2),
        ("a:\n  join: {p: {loop: x}}", 2),
        ("a:\n  join: {p: {loop: x, match: {}, kind: outer}}", 2),
        ("a:\n  group: {adjacent: true}", 2),
        ("a:\n  sort: [{by: x, order: up}]", 2),
        ("a:\n  sort: [{order: asc}]", 2),
    ],
)
def test_a_wrong_entry_names_its_line(entry: str, line: int) -> None:
    with pytest.raises(BadInput) as caught:
        rules_from_text(f"x: y\n{entry}\n")
    assert caught.value.line == line + 1


def test_paths_of_further_documents_are_keys_too() -> None:
    (rule,) = rules_from_text("audit::log/entry: '[x]'\n")
    assert rule.path == "audit::log/entry"


@pytest.mark.parametrize(
    ("entry", "message", "form"),
    [
        ('group: "[customer/id]"', "group must hold keys and values.", 'group: {by: ["[customer/id]"]}'),
        ("group: {by: {a: b}}", "by must be a list.", 'group: {by: ["[customer/id]"]}'),
        ("group: {adjacent: true}", "A group needs by: the scripts", 'group: {by: ["[customer/id]"]}'),
        ('sort: "[placed]"', "sort must be a list.", 'sort: [{by: "[placed]", order: desc}]'),
        ('sort: {by: "[x]"}', "sort must be a list.", 'sort: [{by: "[placed]", order: desc}]'),
        ("sort: [{order: asc}]", "A sort key needs by", 'sort: [{by: "[placed]", order: desc}]'),
        ("join: prices", "join must hold", 'join: {prices: {loop: "prices::row", match: {sku: "[sku]"}, kind: left}}'),
        ("join: {p: {loop: x, match: sku}}", "match must hold", "match: {sku:"),
        ("join: {p: {loop: x}}", "A join needs loop and match.", "match: {sku:"),
        ("first: many", "first must be a whole number, not 'many'.", "first: 10"),
    ],
)  # fmt: skip
def test_a_wrong_form_is_shown_the_right_one(entry: str, message: str, form: str) -> None:
    with pytest.raises(BadInput) as caught:
        rules_from_text(f"a/b:\n  {entry}\n")
    assert caught.value.message.startswith(message)
    assert form in caught.value.next_step
    # What is shown is itself a right form.
    shown = caught.value.next_step.removeprefix("Write it like this: ")
    assert rules_from_text(f"a/b:\n  {shown}\n")[0].path == "a/b"
