"""Problems of scripts: what is found, where, and how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given

from studio.base.errors import Severity
from studio.schema.model import Base
from studio.script import tree
from studio.script.check import check_text
from studio.script.scope import Field, Scope
from tests.script.scripts import FIELDS as FIELD_TYPES
from tests.script.scripts import scripts

FIELDS = [
    Field("customer/name"),
    Field("@id", Base.INTEGER),
    Field("qty", Base.DECIMAL),
    Field("placed", Base.DATE),
    Field("lines/line/price", Base.DECIMAL, many=True),
]


def find(path: tree.Path) -> Field | None:
    steps = "/".join(("@" if step.attribute else "") + step.name for step in path.steps)
    return next((field for field in FIELDS if field.path == steps), None)


SCOPE = Scope(field=find, fields=FIELDS, object="transformations/a", path="invoices/total")


@pytest.mark.parametrize(
    ("text", "severity", "column", "message", "mend"),
    [
        (
            "x = 1; [customr/name]",
            "error",
            8,
            "The source has no field [customr/name].",
            "Did you mean [customer/name]?",
        ),
        ("Upper([@id])", "error", 1, "There is no function Upper.", "Did you mean ToUpper?"),
        ("ToUpper()", "error", 1, "ToUpper takes 1 argument, not 0.", "ToUpper(str)"),
        ("Left('a')", "error", 1, "Left takes 2 arguments, not 1.", "Left(str, n)"),
        (
            "x + 1",
            "error",
            1,
            "The variable x is never set.",
            "Set it first, or write $x for a global variable.",
        ),
        (
            "a = b; b = 1",
            "warning",
            5,
            "The variable b is set only further down.",
            "Set it before it is read.",
        ),
        ("[customer/name] * 2", "warning", 1, "* cannot be used between string and number.", None),
        ("1 + (true - 2)", "warning", 5, "- cannot be used between bool and number.", None),
        ("[placed] * 2", "warning", 1, "* cannot be used between date and number.", None),
        ("[qty] == Null()", "warning", 1, "Null is never equal to anything.", "Write IsNull(…)."),
        ("a = 1; If(a = 2, 3)", "warning", 11, "This condition sets a variable.", "To compare, write ==."),
        ("1 /*/ 2", "warning", 3, "/*/ makes the whole rest of the script a comment.", None),
        ("Case(true, 1, false)", "error", 1, "Case needs a value after every condition.", None),
        ("InitCounter(5)", "error", 1, "InitCounter needs the name of a variable.", None),
        ("SfLookup('a', 'b')", "warning", 1, "SfLookup is not available here.", None),
        ("1 +", "error", 4, "The script ends too early.", None),
    ],
)
def test_problems(text: str, severity: str, column: int, message: str, mend: str | None) -> None:
    (problem,) = check_text(text, SCOPE, file="a.yaml")
    assert (problem.severity.value, problem.line, problem.column, problem.message) == (
        severity,
        1,
        column,
        message,
    )
    assert mend is None or problem.mend == mend
    assert (problem.file, problem.object, problem.path) == ("a.yaml", "transformations/a", "invoices/total")


@pytest.mark.parametrize(
    "text",
    [
        "[qty] * 2 + Sum([lines/line/price])",
        "[placed] + 86400",
        "'/*/' + \"//\" // fine",
        "i = 0; While(i < 3, If(i > 0, s); s = 1; i++)",
        "x = 1; x += 2; $g = x; $h",
        "If([customer/name] == 'a', 1, 'b') - 1",
        "ArgumentList(a, b); a + b",
        "[qty] > 5 && [customer/name] < 'b'",
        "",
    ],
)
def test_nothing_to_complain_about(text: str) -> None:
    assert check_text(text, SCOPE) == ()


def said(text: str, scope: Scope = SCOPE) -> list[tuple[int, str, str]]:
    return [
        (problem.column or 0, problem.severity.value, problem.message) for problem in check_text(text, scope)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 5; x == 'abc'", [(8, "warning", "This compares a number with text.")]),
        ("[customer/name] == 5", [(1, "note", "This compares text with a number.")]),
        ("[qty] == 5 && [placed] == [qty]", [(15, "warning", "This compares a date with a number.")]),
        ("If([qty] > 1, x = 1, x = 'a'); x == 2", []),
        ("If([qty] > 1, x = 1, x = 2); x == 'a'", [(30, "warning", "This compares a number with text.")]),
        ("ToUpper('a') == 1", [(1, "warning", "This compares text with a number.")]),
        (
            "x = [customer/name]; x < '10'",
            [(22, "warning", 'This compares two texts letter by letter: "10" comes before "9".')],
        ),
        ("x = 'a'; x = 5; x + 1 == 6", []),
        ("$n = 3; $n == 'a'", [(9, "warning", "This compares a number with text.")]),
        ("$n = 3; RunScript('x'); $n == 'a'", [
            (9, "warning", "RunScript is not available here."),
        ]),
        ("x = 3; While(x == 'a', x = 'b')", []),
        (
            "[lines/line/price] == 2",
            [(1, "warning", "This compares every entry of the array and gives an array.")],
        ),
        ("'all: ' + {1, 2}", [(1, "warning", "This joins the text to every entry of the array.")]),
        (
            "[lines/line/price] * 2",
            [(1, "note", "This is done with every entry of the array and gives an array.")],
        ),
        ("[lines/line/price] * [lines/line/price]", []),
        ("If({1}, 2)", [(4, "warning", "array cannot be converted to true or false.")]),
        ("{1} && true", [(1, "warning", "As a condition an array is always false.")]),
        ("'a' & 'b'", [(1, "warning", "This joins two conditions, not two texts.")]),
        ("x = 5; x[0]", [(8, "warning", "[ ] is for arrays and dictionaries, not for number.")]),
        ("x = {1}; x['a']", [(12, "warning", "An array has no entry of this name.")]),
        ("x = {1}; x[-1]", [(12, "warning", "An index is never negative.")]),
        ("x = Date('2026-03-01'); x++; 1", [(25, "warning", "date cannot be counted up or down.")]),
        ("-'5'", [(1, "warning", "This makes a number of the text, and a text of the number again.")]),
        ("x = HexToBinary('00'); x -= 1", None),
        ("x = Null(); x == 5", [(13, "warning", "Null is never equal to anything.")]),
        ("x = Null(); x + 5", [(13, "note", "This is always null here.")]),
        ("x = Null(); x[0]", [(13, "warning", "[ ] is for arrays and dictionaries, not for null.")]),
        ("[qty] > 1 && Null()", [(14, "warning", "As a condition null is always false.")]),
        ("[qty] > 1 && ToUpper('a')", [
            (14, "note", "As a condition a text is true when it begins with a number other than 0, or is true."),
        ]),
        ("x = {1}; x['1']", [(12, "warning", "An array has no entry of this name.")]),
        ("x = {1}; x[true]", [(12, "note", "This index is made a number.")]),
        ("d = Dict(); d[{1}]", [(15, "warning", "This key is made a text.")]),
        ("d = Dict(); d['a'] = 1; d[2]", []),
        ("x = '9'; x++; 1", [(10, "warning", "This counts the number in a text and gives text again.")]),
        ("x = true; --x", [(11, "warning", "Counting true or false up gives true, down the opposite.")]),
        ("x = {1}; ++x", [(10, "note", "This counts every entry of the array.")]),
        ("-{1}", [(1, "note", "This is done with every entry of the array and gives an array.")]),
    ],
)  # fmt: skip
def test_types(text: str, expected: list[tuple[int, str, str]] | None) -> None:
    if expected is None:
        (only,) = said(text)
        assert only[:2] == (24, "warning")
    else:
        assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Left('abc', 'x')", [(13, "warning", "Left wants a number here, not text.")]),
        ("Left('abc', '2')", []),
        ("SortArray(5)", [(11, "warning", "SortArray wants an array here, not a number.")]),
        ("GetKeys({1})", [(9, "warning", "GetKeys wants a dictionary here, not an array.")]),
        ("ToUpper(5)", []),
        ("CVTDate(20260301, 'yyyymmdd', 'dd/mm/yyyy')", []),
        ("Date('2026-03-01')", []),
        ("IsValid(Date('tomorrow'))", []),
        ("HexToString(25)", [(13, "warning", "HexToString wants text here, not a number.")]),
        ("ToUpper({1})", [(9, "note", "ToUpper makes a text of an array here.")]),
        ("ToUpper([qty])", []),
        ("Sqrt(-1)", None),
        ("Int({})", None),
        ("Date({})", None),
    ],
)
def test_arguments(text: str, expected: list[tuple[int, str, str]] | None) -> None:
    if expected is None:
        (only,) = said(text)
        assert only[2].startswith("This always fails: ")
    else:
        assert said(text) == expected


UNREACHED = "This is never evaluated."
IDLE = "This statement has no effect."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("If(true, 1, 2)", [(13, "warning", UNREACHED)]),
        ("If(0, 1, 2)", [(7, "warning", UNREACHED)]),
        ("Case([qty] > 1, 2, true, 3, [qty] > 0, 4)", [(29, "warning", UNREACHED)]),
        ("true || [qty] > 1", [(9, "warning", UNREACHED)]),
        ("IfNull('a', 1)", [(13, "warning", UNREACHED)]),
        ("IfNull([customer/name], 1)", []),
        ("RaiseError('x'); 5", [(18, "warning", UNREACHED)]),
        ("[qty] + 1; 5", [(1, "warning", IDLE)]),
        ("x = 1; x == 2; 3", [(8, "warning", IDLE)]),
        ("If([qty] > 1, 'text'; 2, 3)", [(15, "warning", IDLE)]),
        ("If([qty] > 1, x = 1); x", [(23, "warning", "The variable x is set only where a condition holds.")]),
        ("x = 0; If([qty] > 1, x = 1); x", []),
        ("If([qty] > 1, x = 1, x = 2); x", []),
        ("Case([qty] > 1, x = 1, true, x = 2); x", []),
        ("If([qty] > 1, x = 1); If([qty] > 1, x)", []),
        ("null", [(1, "error", "The variable null is never set.")]),
        ("i = 0; While(i < 5, x = i)", [(14, "warning", "Nothing in this loop changes its condition.")]),
        ("i = 0; While(i < 5, i += 1)", []),
        ("While(true, $x += 1)", [
            (7, "warning", "This loop never ends by itself; after 50000 turns it fails."),
        ]),
        ("i = 0; While(i < 60000, i++)", [
            (8, "warning", "This loop takes 60000 turns; after 50000 it fails."),
        ]),
        ("i = 0; While(i < 96000, i = i + 2)", [
            (8, "warning", "This loop takes 48000 turns, near the limit of 50000."),
        ]),
        ("$jitterbit.scripting.while.max_iterations = 99999; i = 0; While(i < 60000, i++)", []),
        ("i = 40000; While(i <= 60000, i++)", []),
    ],
)  # fmt: skip
def test_order_and_reach(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "mend"),
    [
        ("len('a')", "There is no function len.", "Did you mean Length?"),
        ("$totl; $total = 1", "Nothing here sets the variable $totl.", "Did you mean $total?"),
        ("x = NULL; 1", "The variable NULL is never set.", "Write Null()."),
        ("x = Now", "The variable Now is never set.", "To call the function, write Now(…)."),
        ('RunScript("<TAG>Scripts/sent</TAG>")', "There is no script called 'sent'.", "Did you mean send?"),
        ('x = "<TAG>Scripts/send"', "This reference has no end.", "Close it with </TAG>."),
        ("InitializeDiff('a')", "InitializeDiff works on a single agent only.", None),
    ],
)
def test_names(text: str, message: str, mend: str | None) -> None:
    scope = Scope(objects={"scripts": ["send", "mail"]}, offered=frozenset({"runscript", "initializediff"}))
    problem = next(problem for problem in check_text(text, scope) if problem.message == message)
    assert mend is None or problem.mend == mend


def test_a_variable_nothing_sets_is_noted_where_the_script_stands_alone() -> None:
    assert said("$a + 1", Scope()) == []
    assert said("$a + 1", Scope(alone=True)) == [(1, "note", "Nothing here sets the variable $a.")]
    assert said("Set('a', 2); $a + 1", Scope(alone=True)) == []
    assert said("$a + 1", Scope(variables=["a"], alone=True)) == []


def test_what_can_be_read_of_a_broken_script_is_checked() -> None:
    problems = check_text("x = Uper('a');\ny = (1 + ;\nz = q", SCOPE)
    assert [(problem.line, problem.column) for problem in problems] == [(1, 5), (2, 10), (3, 5)]


def test_scripts_that_run_have_no_errors(shared: Path) -> None:
    lines = (shared / "conformance" / "script" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    for case in map(json.loads, lines):
        if not case.get("error"):
            errors = [each for each in check_text(case["script"]) if each.severity is Severity.ERROR]
            assert errors == [], case["script"]


def test_what_a_peer_finds_is_found(shared: Path) -> None:
    """Where the peer's checker finds something wrong, so does this one, on one of the same lines or the next."""
    lines = (shared / "conformance" / "script" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    count = 0
    for case in map(json.loads, lines):
        theirs = {
            line for each in case.get("peer_diagnostics", ()) for line in (each["line"], each["line"] + 1)
        }
        if theirs:
            count += 1
            ours = {each.line for each in check_text(case["script"]) if each.severity is Severity.ERROR}
            # The peer counts two lines for the line end after a text of several lines.
            assert ours & (theirs | {line - 1 for line in theirs}), case["script"]
    assert count > 20


@given(scripts)
def test_any_script_is_checked(text: str) -> None:
    fields = [Field(name, base, many) for name, (base, many) in FIELD_TYPES.items()]
    known = {field.path: field for field in fields}
    scope = Scope(field=lambda path: known.get(path.steps[0].name), fields=fields)
    problems = check_text(text, scope)
    assert all(problem.message and problem.line == 1 for problem in problems)


def test_problems_are_found_in_conditions_of_paths_and_sorted() -> None:
    problems = check_text("Upper(1);\n[qty[Lower(1)]]", SCOPE)
    assert [(problem.line, problem.column) for problem in problems] == [(1, 1), (2, 6)]


def test_functions_of_the_surroundings_may_be_offered() -> None:
    assert check_text("RecordCount()", Scope(offered=frozenset({"recordcount"}))) == ()
    assert check_text("RecordCount()")[0].severity is Severity.WARNING


def test_long_chains_are_checked_quickly() -> None:
    assert check_text(" + ".join(["[qty]"] * 5000), SCOPE) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("d = Dict(); AddToDict(d, Null(), 1)", "AddToDict refuses null here."),
        ("d = Dict(); RemoveKey(d, Null())", "A dictionary has no entry without a key."),
        ("x = Null(); SortArray(x)", "SortArray refuses null here."),
        ("d = Dict(); e = Dict(); x = d < e; x", "Dictionaries have no order"),
        ("x = !Null(); x", "This is always true: null counts as false."),
        ("x = !ToUpper('a'); x", "A text counts as true when"),
    ],
)
def test_null_arguments_negated_texts_and_ordered_dictionaries_are_noticed(text: str, message: str) -> None:
    (problem,) = check_text(text)
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    "text", ["x = Left(Null(), 2); x", "x = IsNull(Null()); x", "d = Dict(); x = d == d; x", "x = !$a; x"]
)
def test_null_that_is_taken_is_not_noticed(text: str) -> None:
    assert check_text(text) == ()


@pytest.mark.parametrize(
    ("text", "columns", "value"),
    [
        ("a = true; b = 0; !a || !b", [18], "a"),
        ("a = true; b = 0; b && !IsNull(a) && b", [23], "IsNull(a)"),
        ("a = true; b = 0; ! a == 1 || b", [18], "a == 1"),
        ("a = true; b = 0; If(!a & b, 1, 2)", [21], "a"),
        ("a = true; b = 0; (!a) || (!b)", [], ""),
        ("a = true; b = 0; !(a || b)", [], ""),
        ("a = true; b = 0; !(a) || b", [18], "a"),
        ("a = true; b = 0; !a == b", [], ""),
        ("a = true; b = 0; b || !a", [], ""),
    ],
)
def test_not_takes_all_that_follows(text: str, columns: list[int], value: str) -> None:
    """The language binds ! so; who comes from another one means the value behind it."""
    found = [problem for problem in check_text(text) if problem.message.startswith("! takes")]
    assert [problem.column for problem in found] == columns
    assert all(problem.severity is Severity.WARNING and f"(!{value})" in problem.mend for problem in found)
