"""A column's format is told by all its values; what cannot be told is asked, never guessed."""

from __future__ import annotations

import pytest

from studio.base.errors import BadInput
from studio.moves.formats import numbers
from studio.moves.formats.numbers import Mark
from studio.moves.model import Entry, FieldMap
from studio.moves.rows.recognise import Formats, Known, Recogniser
from studio.moves.rows.value_fix import Fix, FixKind
from tests.moves.facts import ACCOUNT


def told(field: str, values: list[str], formats: Formats | None = None) -> Known:
    recogniser = Recogniser(("c",), FieldMap((Entry(field, "c"),)), ACCOUNT, formats)
    half = len(values) // 2
    recogniser.rows(1, [[value] for value in values[:half]])
    recogniser.rows(half + 1, [[value] for value in values[half:]])
    (known,) = recogniser.known()
    fixes = recogniser.map().entries[0].fixes
    assert fixes == ((known.fix,) if known.fix else ())
    return known


@pytest.mark.parametrize(
    ("field", "values", "fix", "pattern"),
    [
        ("Founded__c", ["2024-01-31", "", "#N/A"], None, ""),
        ("Founded__c", ["01/02/2024", "31/01/2024"], Fix(FixKind.DATE, "DMY"), "DD/MM/YYYY"),
        ("Founded__c", ["01/02/2024", "01/31/2024", "2024-01-01"], Fix(FixKind.DATE, "MDY"), "MM/DD/YYYY"),
        ("Founded__c", ["01.02.2024", "03.04.24"], Fix(FixKind.DATE, "DMY"), "DD.MM.YYYY"),
        ("Founded__c", ["31/12/26", "05/12/24"], Fix(FixKind.DATE, "DMY"), "DD/MM/YY"),
        ("Founded__c", ["46387", "45000"], Fix(FixKind.DATE, "EXCEL"), "Excel"),
        ("Founded__c", ["31 dez 2024", "1 Feb 2024"], Fix(FixKind.DATE, "YMD"), "DD MMM YYYY"),
        ("Founded__c", ["2024-01-31T00:00:00Z"], Fix(FixKind.DATE, "YMD"), "YYYY-MM-DD hh:mm:ss"),
        ("Founded__c", ["31/01/2024", "n/a", "?"], Fix(FixKind.DATE, "DMY"), "DD/MM/YYYY"),
        ("Founded__c", ["n/a", "?"], None, ""),
        ("Seen__c", ["2024-01-01T10:00:00Z", ""], None, ""),
        ("Seen__c", ["2024-01-01T10:00:00"], Fix(FixKind.MOMENT, "YMD"), "YYYY-MM-DD hh:mm:ss"),
        ("Seen__c", ["31/01/2024 2:05 PM"], Fix(FixKind.MOMENT, "DMY"), "DD/MM/YYYY hh:mm AM/PM"),
        ("AnnualRevenue", ["1", "-1.5", "1e3", ""], None, ""),
        ("AnnualRevenue", ["1.234,56", "12"], Fix(FixKind.NUMBER, ","), "1.234,56"),
        ("AnnualRevenue", ["1.234", "1.234", "5,5"], Fix(FixKind.NUMBER, ","), "1.234,56"),
        ("AnnualRevenue", ["1,234.5", "1,234"], Fix(FixKind.NUMBER, "."), "1,234.56"),
        ("AnnualRevenue", ["R$ 10", "12"], Fix(FixKind.NUMBER, "."), "1,234.56"),
        ("NumberOfEmployees", ["1.234", "7"], Fix(FixKind.NUMBER, ",int"), "1.234,56"),
        ("NumberOfEmployees", ["300.0", "7"], None, ""),
        ("Active__c", ["true", "0", ""], None, ""),
        ("Active__c", ["sim", "não"], Fix(FixKind.YES_NO), "sim"),
        ("Active__c", ["x", ""], Fix(FixKind.YES_NO), "x"),
    ],
)  # fmt: skip
def test_recognised(field: str, values: list[str], fix: Fix | None, pattern: str) -> None:
    known = told(field, values)
    assert (known.fix, known.pattern, known.question) == (fix, pattern, "")


@pytest.mark.parametrize(
    ("field", "values", "said", "answers"),
    [
        ("Founded__c", ["01/02/2024", "03/04/2024"], "cannot be told", {"DMY", "MDY"}),
        ("Founded__c", ["31/12/2024", "12/31/2024"], "some dates can only be day first", {"DMY", "MDY"}),
        ("Founded__c", ["31/12/2024", "30/12/2024", "12/31/2024"], "some dates can only be day first", {"DMY", "MDY"}),
        ("Founded__c", ["26-12-31"], "cannot be told", {"YMD", "DMY"}),
        ("Founded__c", ["2024-01-31T10:00:00Z"], "time of day", {"YMD"}),
        ("AnnualRevenue", ["1.234", "12"], "thousands or decimals", {".", ","}),
        ("AnnualRevenue", ["1,234"], "thousands or decimals", {".", ","}),
        ("AnnualRevenue", ["1.5", "1,5"], "some numbers have a decimal point, others", {".", ","}),
    ],
)  # fmt: skip
def test_asked(field: str, values: list[str], said: str, answers: set[str]) -> None:
    known = told(field, values)
    assert known.fix is None
    assert said in known.question
    assert {answer.value for answer in known.answers} == answers
    assert values[0] in known.question or "time of day" in said


def test_a_format_that_is_named_is_not_recognised_anew() -> None:
    given = Formats("America/Sao_Paulo", {"C": "MM/DD/YYYY"})
    recogniser = Recogniser(("c",), FieldMap((Entry("Seen__c", "c"),)), ACCOUNT, given)
    recogniser.rows(1, [["31/12/2024 10:00"]])
    assert recogniser.map().entries[0].fixes == (Fix(FixKind.MOMENT, "MDY", "America/Sao_Paulo"),)
    for name, text in (("Nothing", "DMY"), ("c", "weekly")):
        with pytest.raises(BadInput):
            Recogniser(("c",), FieldMap((Entry("Seen__c", "c"),)), ACCOUNT, Formats("", {name: text}))
    with pytest.raises(BadInput, match="neither a date nor a number"):
        Recogniser(("c",), FieldMap((Entry("Name", "c"),)), ACCOUNT, Formats("", {"c": "DMY"}))


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1.234,56", None, "1234.56"), ("1,234.56", "1234.56", None), ("R$ 1.234", "1.234", "1234"), ("(1.234,5)", None, "-1234.5"),
        ("0.123", "0.123", None), ("5-", "-5", "-5"), ("1 234,5", None, "1234.5"), ("1'234.5", "1234.5", None), ("1.2.3", None, None),
        ("-(5)", None, None), ("12%", None, None), ("1e3", "1e3", "1e3"), ("", None, None), ("1,23,456", None, None),
    ],
)  # fmt: skip
def test_numbers(text: str, point: str | None, comma: str | None) -> None:
    assert (numbers.read(text, Mark.POINT), numbers.read(text, Mark.COMMA)) == (point, comma)
    assert numbers.read("12,5 %", Mark.COMMA, percent=True) == "12.5"
