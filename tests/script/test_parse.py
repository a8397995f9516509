"""Reading scripts: precedence, paths, the vendor's notation, errors with their place, no text that crashes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.script import tree
from studio.script.errors import ScriptError
from studio.script.parse import MAX_NESTING, parse, parse_path
from studio.script.tree import Binary, Literal, Path, PathStep, Unary
from tests.script.scripts import scripts


def bare(node: object) -> object:
    """A tree without offsets, as nested tuples."""
    match node:
        case Literal():
            return node.value
        case tree.Local() | tree.Global():
            return node.name
        case Binary():
            return (node.operator, bare(node.left), bare(node.right))
        case Unary():
            return (node.operator, bare(node.operand))
        case tree.Assign():
            return (node.operator, bare(node.target), bare(node.value))
        case tree.Increment():
            return (node.operator, bare(node.target), node.postfix)
        case tree.Call():
            return (node.name, *map(bare, node.arguments))
        case tree.Block():
            return ("block", *map(bare, node.statements))
        case tree.Index():
            return ("index", bare(node.target), bare(node.key))
        case tree.Array():
            return ("array", *map(bare, node.items))
    return node


def only(text: str) -> object:
    (statement,) = parse(text).statements
    return bare(statement)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", ("+", 1, ("*", 2, 3))),
        ("2^3^2", ("^", ("^", 2, 3), 2)),
        ("-2^2", ("^", ("-", 2), 2)),
        ("5 > 3 > 1", (">", (">", 5, 3), 1)),
        ("true || false && false", ("&&", ("||", True, False), False)),
        ("a & b | c", ("||", ("&&", "a", "b"), "c")),
        ("!a == b && c", ("!", ("&&", ("==", "a", "b"), "c"))),
        ("x = y = 3", ("=", "x", ("=", "y", 3))),
        ("x++ + ++x", ("+", ("++", "x", True), ("++", "x", False))),
        ("a[1][2]", ("index", ("index", "a", 1), 2)),
        ("{1,{2}}[0]", ("index", ("array", 1, ("array", 2)), 0)),
        ("If(a, b; c, d;)", ("If", "a", ("block", "b", "c"), "d")),
        ("$jitterbit.x.y += 1", ("+=", "jitterbit.x.y", 1)),
        ("10 - 2 - 3", ("-", ("-", 10, 2), 3)),
        (".5 + 5.", ("+", 0.5, 5.0)),
        ("'a\\'b' + \"c\\q\\n\"", ("+", "a'b", "c\\q\n")),
        ("<trans>1 // one\n/* two */</trans>", 1),
        ("'a\nb\rc' + \"a\nb\"", ("+", "ab c", "a\nb")),
    ],
)
def test_trees(text: str, expected: object) -> None:
    assert only(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("1 +", 1, 4),
        ("1 + * 2", 1, 5),
        ("a b", 1, 3),
        ("x = 5\ny = 6", 2, 1),
        ("(1 + 2", 1, 1),
        ("{1, 2", 1, 1),
        ("f(1, )", 1, 6),
        ("If(true, , 3)", 1, 10),
        ("'abc", 1, 1),
        ("5345bnj435", 1, 1),
        ("\n  #x", 2, 3),
        ("1 = 2", 1, 1),
        ("5--3", 1, 2),
        ("- -5", 1, 3),
        ("a[0]++", 1, 5),
        ("<trans>1", 1, 1),
        ("1</trans>", 1, 2),
        ("/* open", 1, 1),
        ("[a/", 1, 4),
        ("[]", 1, 2),
        ("[a[]]", 1, 4),
        ("[a/../b]", 1, 4),
        ("[a[1][2]]", 1, 6),
        ("[a", 1, 1),
        ("[`a]", 1, 2),
        ("$ = 1", 1, 1),
        (";1", 1, 1),
    ],
)
def test_mistakes_are_placed(text: str, line: int, column: int) -> None:
    with pytest.raises(ScriptError) as caught:
        parse(text, file="rule.jb")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.file == "rule.jb"
    assert caught.value.message


def path(text: str) -> Path:
    (statement,) = parse(text).statements
    assert isinstance(statement, Path)
    return statement


def names(found: Path) -> list[str]:
    return [("@" if step.attribute else "") + step.name for step in found.steps]


def test_a_path_with_a_condition_and_a_number() -> None:
    found = path("[customer/address[[@type] == 'shipping'][1]/street]")
    assert names(found) == ["customer", "address", "street"]
    step = found.steps[1]
    assert step.index == 1
    assert step.filter is not None
    (condition,) = step.filter.statements
    assert isinstance(condition, Binary)
    assert isinstance(condition.left, Path)
    assert step.filter.source(condition) == "[@type] == 'shipping'"


def test_forms_of_paths() -> None:
    assert path("[.]").whole
    assert not path("[.]").steps
    assert (path("[../../a]").up, names(path("[../../a]"))) == (2, ["a"])
    assert path("[..]").up == 1
    assert path("[/orders/order]").absolute
    assert path("[prices::/row/price]").source == "prices"
    assert path("[prices::/row/price]").absolute
    assert not path("[prices::row]").absolute
    assert path("[a/text()]").steps[1].call == "text"
    assert path("[members()/qty]").steps[0].call == "members"
    assert path("[a/b[*]/c]").steps[1].every
    assert path("[ns:a~ns:T]").steps[0] == PathStep("a", prefix="ns", type="ns:T", start=1, end=10)
    assert path("[`a/[b]``c`/d]").steps[0].name == "a/[b]`c"
    assert names(path("[order date/unit-price]")) == ["order date", "unit-price"]
    assert path("[`text()`]").steps[0].name == "text()"


def test_a_bracket_after_an_operand_is_an_index() -> None:
    assert isinstance(parse("[a][0]").only, tree.Index)
    assert isinstance(parse("x[[a]]").only, tree.Index)
    assert isinstance(parse("f()[0]").only, tree.Index)


def test_the_vendors_notation() -> None:
    found = path("Orders$Order.Customer$Name$")
    assert names(found) == ["Orders", "Order", "Customer", "Name"]
    assert found.absolute
    assert found.vendor
    assert names(path("Orders$Order.Customer$externalId")) == ["Orders", "Order", "Customer", "@externalId"]
    assert path("Result#.status$ok").steps[0].every
    assert path("Result#2.status$").steps[0].index == 2
    assert names(path("a$baseRef$1$RecordRef$id$")) == ["a", "baseRef", "RecordRef", "id"]


def test_paths_of_loops_stand_without_brackets() -> None:
    found = parse_path("orders/order[[@id] > 5]/line")
    assert names(found) == ["orders", "order", "line"]
    with pytest.raises(ScriptError):
        parse_path("a]")


def test_places_count_from_one() -> None:
    script = parse("x = 1;\n  y = 2")
    assert script.place(script.statements[1].start) == (2, 3)
    assert script.source(script.statements[1]) == "y = 2"


def test_nesting_is_bounded() -> None:
    for opened, closed in (("(", ")"), ("{", "}"), ("If(true,", ")"), ("[a[", "]]"), ("-(", ")"), ("!", "")):
        with pytest.raises(ScriptError):
            parse(opened * 5000 + "1" + closed * 5000)
    assert parse("(" * (MAX_NESTING - 2) + "1" + ")" * (MAX_NESTING - 2)).only is not None
    assert len(parse(" + ".join(["'a'"] * 20_000)).statements) == 1


def read(text: str) -> tuple[tree.Script | None, ScriptError | None]:
    """The script, or why it cannot be read."""
    try:
        return parse(text), None
    except ScriptError as error:
        return None, error


@given(st.text(alphabet=st.sampled_from(list("ab1.$[](){}<>=!&|+-*/^,;:@~`'\"\\ \n#?_é")), max_size=60))
def test_no_text_crashes_the_parser(text: str) -> None:
    script, error = read(text)
    if error is not None:
        assert error.offset is not None
        assert 0 <= error.offset <= len(text)
        assert error.line == text.count("\n", 0, error.offset) + 1
    if script is not None:
        assert all(0 <= node.start <= node.end <= len(text) for node in tree.walk(script))


@given(scripts, st.data())
def test_a_damaged_script_is_read_or_refused(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    damaged = text[:at] + data.draw(st.sampled_from(["", "(", "]", "'", ",", "[", "}"])) + text[at + 1 :]
    script, error = read(damaged)
    if error is not None:
        assert error.offset is not None
        assert 0 <= error.offset <= len(damaged)
    if script is not None:
        for node in tree.walk(script):
            inside = [child for child in tree.children(node) if not isinstance(node, tree.Script)]
            assert all(node.start <= child.start and child.end <= node.end for child in inside)
