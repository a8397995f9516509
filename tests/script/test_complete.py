"""Completion, signature help and the function under the cursor; `|` marks the cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.schema.model import Base
from studio.script.complete import Completions, Sort, complete, function_at, signature
from studio.script.field_index import FieldIndex
from studio.script.scope import Field, Scope
from tests.script.scripts import scripts

SCOPE = Scope(
    fields=[
        Field("customer/name", value="Ada"),
        Field("@id"),
        Field("lines/line/qty", Base.DECIMAL, many=True),
    ],
    variables=["total", "since"],
)


def at(text: str) -> Completions:
    position = text.index("|")
    return complete(text.replace("|", ""), position, SCOPE)


def taken(text: str, name: str) -> str:
    """The script once the completion of that name is taken, with the cursor."""
    found = at(text)
    (item,) = [item for item in found.items if item.name == name]
    plain = text.replace("|", "")
    written = item.text[: len(item.text) - item.back] + "|" + item.text[len(item.text) - item.back :]
    return plain[: found.start] + written + plain[found.end :]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("ToU|", "ToUpper", "ToUpper(|)"),
        ("x + FD|", "FormatDate", "x + FormatDate(|)"),
        ("Ro|(1)", "Round", "Round|(1)"),
        ("Nul|", "Null", "Null()|"),
        ("cust|", "customer/name", "[customer/name]|"),
        ("Sum([q|", "lines/line/qty", "Sum([lines/line/qty]|"),
        ("[na|]", "customer/name", "[customer/name|]"),
        ("[lines/line[[@no] > 1]/q|]", "lines/line/qty", "[lines/line[[@no] > 1]/qty|]"),
        ("[@|", "@id", "[@id]|"),
        ("$to|", "total", "$total|"),
        ("$now = 1; $n|", "now", "$now = 1; $now|"),
        ("count = 1; cou|", "count", "count = 1; count|"),
        ("If([@id] > 1, tr|", "true", "If([@id] > 1, true|"),
        ("x[cust|", "customer/name", "x[[customer/name]|"),
    ],
)
def test_taking_a_completion(text: str, name: str, expected: str) -> None:
    assert taken(text, name) == expected


@pytest.mark.parametrize(
    "text", ["'cust|", '"a" + "cu|"', "// cust|", "/* cust| */", "12|", "[customer/name] cu|"]
)
def test_nothing_is_offered_where_nothing_may_stand(text: str) -> None:
    assert at(text).items == ()


def test_the_best_comes_first_and_says_what_it_is() -> None:
    first = at("le|").items[0]
    assert (first.name, first.sort, first.detail) == ("Left", Sort.FUNCTION, "Left(str, n)")
    assert first.note == "The first n characters."
    field = at("[cus|").items[0]
    assert (field.detail, field.value) == ("text", "Ada")
    assert at("[qty|").items[0].detail == "decimal[]"


def called(text: str) -> tuple[str, int] | None:
    position = text.index("|")
    found = signature(text.replace("|", ""), position)
    return (found.function.name, found.argument) if found else None


def test_signatures() -> None:
    assert called("Left(|") == ("Left", 0)
    assert called("left('a,b', |") == ("Left", 1)
    assert called("If(true, Left('a', 1), |") == ("If", 2)
    assert called("If(Mid([a], (1 + |") == ("Mid", 1)
    assert called("Sum([a[[b] > 1]/c|])") == ("Sum", 0)
    assert called("Case(a, b, c, d, |") == ("Case", 2)
    assert called("nothing(|") is None
    assert called("Left('a', 1)|") is None
    assert called("Left({1,2|") == ("Left", 0)


def test_the_function_under_the_cursor() -> None:
    found = function_at("1 + ToUpper('a')", 7)
    assert found is not None
    assert found.name == "ToUpper"
    around = function_at("Left('a', 12)", 11)
    assert around is not None
    assert around.name == "Left"
    assert function_at("1 + 2", 3) is None


@given(scripts, st.integers(0, 200))
def test_help_is_given_anywhere_in_any_script(text: str, position: int) -> None:
    found = complete(text[:position] + "$" * (position % 2), position, SCOPE)
    assert 0 <= found.start <= position + 1
    assert found.start <= found.end
    signature(text, position)
    function_at(text, position)


def test_fields_are_ranked_as_one_by_one() -> None:
    paths = ["a/name", "Name", "b/@name", "a/surname", "NaMe/x", "n/a/m/e", "CustomerName", "x/na", "other"]
    index = FieldIndex([Field(path) for path in paths])

    def ranked(typed: str, most: int = 99) -> list[str]:
        return [paths[number] for _rank, number in sorted(index.ranked(typed, most))]

    assert ranked("name") == [
        "Name", "a/name", "NaMe/x", "b/@name", "a/surname", "CustomerName", "n/a/m/e",
    ]  # fmt: skip
    assert ranked("name", 2) == ["Name", "a/name"]
    assert ranked("cn") == ["CustomerName"]
    assert ranked("", 3) == paths[:3]
    assert ranked("nothing like it") == []


@given(st.lists(st.text(alphabet="abAB/@", max_size=6), max_size=8), st.text(alphabet="ab/@", max_size=4))
def test_the_best_fields_are_those_of_all(paths: list[str], typed: str) -> None:
    index = FieldIndex([Field(path) for path in paths])
    whole = sorted(index.ranked(typed, 99))
    assert sorted(index.ranked(typed, 2)) == whole[:2]
    assert {number for _rank, number in whole} >= {
        number for number, path in enumerate(paths) if typed.strip().lower() in path.lower()
    }
