"""A node has either instance numbers or none: nothing else is offered, and what the compiler refuses is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import Severity
from studio.base.paths import resource
from studio.engine.compile import compile_plan
from studio.mapping import check, connect, edits
from studio.mapping.connect import Pair
from studio.mapping.instances import Numbering
from studio.mapping.model import Mapping, Rule, SchemaUse, Transformation
from studio.mapping.suggest import Suggester
from studio.mapping.tree import Tree, Trees
from studio.project.folder import load_transformation
from studio.schema.model import Schema
from studio.schema.read import read_schema
from tests.mapping.orders import invoices_map, orders_and_invoices, tree_of

TREES = orders_and_invoices()
INVOICE = "invoices/invoice"
SAMPLE = resource("samples") / "orders"
SMALL = Trees(TREES.source, tree_of("r\n  a 0..n\n    b 0..n\n    c\n      d\n  e 0..n\n"))
NUMBERS = ("", "[1]", "[2]", "[3]")


def _schema(tree: Tree) -> Schema:
    assert tree.root is not None
    return Schema("xsd", (tree.root.node,), files=("t.xsd",))


def _refused(mapping: Mapping, trees: Trees) -> set[tuple[str, str, str]]:
    given = Transformation("t", SchemaUse("s.xsd"), SchemaUse("t.xsd"), mapping)
    plan = compile_plan(
        given,
        _schema(trees.source),
        _schema(trees.target),
        source_tree=trees.source,
        target_tree=trees.target,
    )
    return {(each.path or "", each.message, each.mend or "") for each in plan.errors}


def _told(mapping: Mapping, trees: Trees) -> set[tuple[str, str, str]]:
    found = check.problems(mapping, trees)
    return {(p.path or "", p.message, p.mend or "") for p in found if p.severity is Severity.ERROR}


@st.composite
def _paths(draw: st.DrawFn) -> str:
    path = draw(st.sampled_from(["r", "r", "r", "r[1]", "r[2]"]))
    for name in draw(st.sampled_from([("a", "b"), ("a", "c", "d"), ("a", "c"), ("a",), ("e",)])):
        path += f"/{name}{draw(st.sampled_from(NUMBERS))}"
    return path + draw(st.sampled_from(["", "", "", "/text()"]))


@st.composite
def _rules(draw: st.DrawFn) -> Rule:
    path = draw(_paths())
    script = "'x'" if path.removesuffix("/text()").rpartition("/")[2][0] in "bde" else None
    when = draw(st.sampled_from([None, "true"])) if script else "true"
    return Rule(path, script=script, when=when)


@given(st.lists(_rules(), max_size=8, unique_by=lambda rule: rule.path))
def test_what_the_compiler_refuses_is_told_in_its_words(rules: list[Rule]) -> None:
    mapping = edits.with_rules(Mapping(), rules, SMALL.target)
    assert _refused(mapping, SMALL) <= _told(mapping, SMALL)


def test_the_node_that_stands_in_both_ways_is_named() -> None:
    rules = [
        Rule(f"{INVOICE}/{each}", script="'x'") for each in ("party/name", "party[1]/name", "party[2]/name")
    ]
    mapping = edits.put_all(Mapping(), rules, TREES.target)
    problem = (
        f"{INVOICE}/party[1]/name",
        f"{INVOICE}/party[1]/name has two rules: {INVOICE}/party without a number is the same node as {INVOICE}/party[1].",
        f"Take the rules of {INVOICE}/party away, or give them a number that is free.",
    )  # fmt: skip
    assert _refused(mapping, TREES) == {problem}
    assert problem in _told(mapping, TREES)
    mended = edits.put_all(edits.remove(mapping, [f"{INVOICE}/party/name"], TREES.target), (), TREES.target)
    assert not _refused(mended, TREES)


@pytest.mark.parametrize(
    ("ruled", "path", "clashes"),
    [
        ("a/b[1]/c", "a/b", True),
        ("a/b[2]", "a/b/c/d", True),
        ("a/b/c", "a/b[2]/c", True),
        ("a/b~T[2]/c", "a/b/c", True),
        ("a/b[1]/c", "a/b[2]/c", False),
        ("a/b[1]/c", "a", False),
        ("a/b[1]/c", "a/bb/c", False),
        ("a/b/c[1]", "a/b/d", False),
        ("/b[1]/c", "/b/c", True),
    ],
)
def test_numbers_clash_on_the_way(ruled: str, path: str, clashes: bool) -> None:
    assert Numbering([ruled]).clashes(path) is clashes


@given(st.lists(_paths(), min_size=1, max_size=6), _paths())
def test_what_does_not_clash_adds_no_second_rule(ruled: list[str], path: str) -> None:
    """A rule that is offered names its node as the others do: the compiler finds no two rules."""
    numbering = Numbering(ruled)
    leaves = [each for each in (*ruled, path) if "text()" not in each and each[-1] != "2"]
    if numbering.clashes(path) or path not in leaves or path in ruled:
        return
    assert all(each.replace("[1]", "") != path.replace("[1]", "") for each in ruled)


def _sample() -> tuple[Mapping, Trees]:
    given = load_transformation(SAMPLE / "transformations" / "orders-to-invoices.yaml")
    sides = []
    for use in (given.source, given.target):
        sides.append(Tree(read_schema(SAMPLE / Path(use.schema)).root(use.root)))
    return given.mapping, Trees(*sides)


def test_the_finished_sample_is_offered_nothing_that_breaks_it() -> None:
    mapping, trees = _sample()
    assert trees.source.root is not None
    assert trees.target.root is not None
    taken = {rule.path for rule in mapping.rules if rule.script is not None or rule.loops}
    suggester = Suggester(trees.source.root, target=trees.target.root)
    without = suggester.automap(trees.target.root, taken=taken, numbering=Numbering(()))
    assert any(each.target.startswith(f"{INVOICE}/party/") for each in without)
    found = suggester.automap(trees.target.root, taken=taken, numbering=mapping.numbering)
    assert not [each for each in found if "party" in each.target]
    pairs = [Pair(each.source, each.target, each.loop) for each in found]
    assert not _refused(connect.apply_pairs(mapping, trees, pairs), trees)


def test_same_named_leaves_numbered_instances_alone() -> None:
    trees = Trees(TREES.source, tree_of("r\n  customer 0..n\n    name\n    terms\n"))
    rule = Rule("r/customer[1]/terms", script="1")
    mapping = edits.put(Mapping(), rule, trees.target)
    source = "orders/order/customer"
    assert connect.same_named(mapping, trees, source, "r/customer") == ()
    assert connect.subtree(mapping, trees, "orders/order", "r") == ()
    assert connect.same_named(mapping, trees, source, "r/customer[2]") != ()
    plain = edits.put(Mapping(), Rule("r/customer/terms", script="1"), trees.target)
    assert connect.same_named(plain, trees, source, "r/customer[2]") == ()
    assert connect.same_named(plain, trees, source, "r/customer") == (
        Pair(f"{source}/name", "r/customer/name"),
    )


def test_every_loop_that_comes_along_is_listed_once_before_its_fields() -> None:
    mapping = edits.set_loop(invoices_map(), f"{INVOICE}/line", None, TREES)
    line = "orders/order/lines/line"
    pairs = (
        Pair(f"{line}/qty", f"{INVOICE}/line/quantity"),
        Pair(f"{line}/price", f"{INVOICE}/line/unitPrice"),
    )
    listed = connect.with_loops(mapping, TREES, pairs)
    assert listed == (Pair(line, f"{INVOICE}/line", loop=True), *pairs)
    assert connect.with_loops(mapping, TREES, listed) == listed
    done = connect.apply_pairs(mapping, TREES, listed)
    assert done == connect.apply_pairs(mapping, TREES, pairs)
    loops = {rule.path for rule in done.rules if rule.loops} - {
        rule.path for rule in mapping.rules if rule.loops
    }
    assert loops == {pair.target for pair in listed if pair.loop}


def test_what_an_edit_adds_to_the_numbering_is_what_counting_anew_finds() -> None:
    paths = ["a/b", "a/c[1]/d", "a/c[2]/d", "e~T/f", "e~T[2]/f", "g"]
    for number in range(len(paths) + 1):
        before = Mapping(tuple(Rule(path, script="1") for path in paths[:number]))
        before.numbering.clashes("x")
        now = Mapping(tuple(Rule(path, script="2") for path in paths))
        now.take_over(before)
        fresh = Mapping(now.rules)
        for path in (*paths, "a/c/d", "a/c[3]/d", "e/f", "e[1]/f", "a[1]/b", "h"):
            assert now.numbering.clashes(path) == fresh.numbering.clashes(path), path
            assert not before.numbering.clashes("h")
