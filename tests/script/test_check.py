"""Problems of scripts: what is found, where, and how to mend it."""

from __future__ import annotations

import pytest

from studio.base.errors import Severity
from studio.schema.model import Base
from studio.script import tree
from studio.script.check import check_text
from studio.script.scope import Field, Scope

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
            "1; [customr/name]",
            "error",
            4,
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
        "[lines/line/price] * 2 - 1",
        "If([customer/name] == 'a', 1, 'b') - 1",
        "ArgumentList(a, b); a + b",
        "[qty] > 5 && [customer/name] < 'b'",
        "",
    ],
)
def test_nothing_to_complain_about(text: str) -> None:
    assert check_text(text, SCOPE) == ()


def test_problems_are_found_in_conditions_of_paths_and_sorted() -> None:
    problems = check_text("Upper(1);\n[qty[Lower(1)]]", SCOPE)
    assert [(problem.line, problem.column) for problem in problems] == [(1, 1), (2, 6)]


def test_functions_of_the_surroundings_may_be_offered() -> None:
    assert check_text("RecordCount()", Scope(offered=frozenset({"recordcount"}))) == ()
    assert check_text("RecordCount()")[0].severity is Severity.WARNING


def test_long_chains_are_checked_quickly() -> None:
    assert check_text(" + ".join(["[qty]"] * 5000), SCOPE) == ()
