"""Queries against records, judged by plain Python over the same records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.practice import removal
from studio.practice.failures import ApiError
from studio.practice.load import Batch
from studio.practice.org import Org
from studio.practice.seed import insert
from studio.practice.soql import render
from studio.practice.soql.plan import compile_query
from tests.practice.driver import Api

Row = dict[str, Any]
ROWS: list[Row] = [
    {"Name": "Loom", "ERP_Id__c": "A1", "Phone": None, "NumberOfEmployees": 5, "AnnualRevenue": 1.0},
    {"Name": "loom", "ERP_Id__c": "a2", "Phone": "1_2", "NumberOfEmployees": None, "AnnualRevenue": 20.0},
    {"Name": "São João", "ERP_Id__c": "B1", "Phone": "12", "NumberOfEmployees": 5, "AnnualRevenue": None},
    {"Name": "100% wool", "ERP_Id__c": None, "Phone": "", "NumberOfEmployees": 0, "AnnualRevenue": 0.0},
    {"Name": "O'Hara", "ERP_Id__c": "Z9", "Phone": "1x2", "NumberOfEmployees": -3, "AnnualRevenue": 1e7},
]
for row in ROWS:
    row["Phone"] = row["Phone"] or None


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    made = Org.open(None, seed=False)
    insert(made, "Account", ROWS)
    yield made
    made.close()


def ask(org: Org, text: str, *, deleted: bool = False) -> list[Row]:
    plan = compile_query(org.catalog, text, date(2026, 3, 18), deleted=deleted)
    connection = org.store.connection()
    if plan.grouped:
        return [
            {k: v for k, v in row.items() if k != "attributes"} for row in render.totals(connection, plan)
        ]
    found = render.records(connection, plan, plan.numbers(connection), "/d")
    return [{k: v for k, v in row.items() if k != "attributes"} for row in found]


def names(org: Org, where: str) -> list[str]:
    return [row["Name"] for row in ask(org, f"SELECT Name FROM Account WHERE {where}")]


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a is not None and a < b,
    ">=": lambda a, b: a is not None and a >= b,
}
TEXTS = st.sampled_from(["loom", "LOOM", "são joão", "o'hara", "none", "12", "a1"])
NUMBERS = st.sampled_from([-3, 0, 5, 20])


def quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@st.composite
def conditions(draw: st.DrawFn, depth: int = 0) -> tuple[str, Callable[[Row], bool]]:
    """A condition as text, and what it means."""
    if depth < 3 and draw(st.booleans()):
        kind = draw(st.sampled_from(["and", "or", "not"]))
        text, meaning = draw(conditions(depth + 1))
        if kind == "not":
            return f"(NOT {text})", lambda row: not meaning(row)
        text2, meaning2 = draw(conditions(depth + 1))
        if kind == "and":
            return f"({text} AND {text2})", lambda row: meaning(row) and meaning2(row)
        return f"({text} OR {text2})", lambda row: meaning(row) or meaning2(row)
    if draw(st.booleans()):
        field, value, shown = (
            draw(st.sampled_from(["NumberOfEmployees", "AnnualRevenue"])),
            draw(NUMBERS),
            None,
        )
        shown = str(value)
    else:
        field, value = draw(st.sampled_from(["Name", "ERP_Id__c", "Phone"])), draw(TEXTS)
        shown = quote(value)
    if draw(st.integers(0, 4)) == 0:
        negated = draw(st.booleans())
        return f"{field} {'!=' if negated else '='} null", lambda row: (row[field] is None) != negated
    if draw(st.integers(0, 3)) == 0:
        negated = draw(st.booleans())
        word = "NOT IN" if negated else "IN"
        return f"{field} {word} ({shown}, {shown})", lambda row: (fold(row[field]) == fold(value)) != negated
    sign = draw(st.sampled_from(sorted(OPERATORS)))
    return f"{field} {sign} {shown}", lambda row: OPERATORS[sign](fold(row[field]), fold(value))


@given(conditions())
def test_conditions_mean_what_they_say(org: Org, condition: tuple[str, Callable[[Row], bool]]) -> None:
    text, meaning = condition
    assert names(org, text) == [row["Name"] for row in ROWS if meaning(row)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("lo%", ["Loom", "loom"]),
        ("%OOM", ["Loom", "loom"]),
        ("são%", ["São João"]),
        ("SÃO JOÃO", ["São João"]),
        ("100\\\\%%", ["100% wool"]),
        ("_oom", ["Loom", "loom"]),
        ("%'%", ["O'Hara"]),
    ],
)
def test_like(org: Org, pattern: str, expected: list[str]) -> None:
    assert names(org, "Name LIKE '" + pattern.replace("'", "\\'").replace("\\\\", "\\") + "'") == expected


def test_order_puts_nulls_first_unless_told_otherwise(org: Org) -> None:
    def ordered(more: str) -> list[Any]:
        return [
            r["AnnualRevenue"]
            for r in ask(org, f"SELECT AnnualRevenue FROM Account ORDER BY AnnualRevenue {more}")
        ]

    assert ordered("") == [None, 0.0, 1.0, 20.0, 1e7]
    assert ordered("DESC") == [None, 1e7, 20.0, 1.0, 0.0]
    assert ordered("ASC NULLS LAST LIMIT 2 OFFSET 3") == [1e7, None]


def test_totals(org: Org) -> None:
    assert ask(org, "SELECT COUNT(Id) CNT FROM Account") == [{"CNT": 5}]
    assert ask(
        org, "SELECT COUNT(ERP_Id__c), SUM(NumberOfEmployees) s, AVG(AnnualRevenue), MIN(Name) FROM Account"
    ) == [{"expr0": 4, "s": 7, "expr1": (1 + 20 + 0 + 1e7) / 4, "expr2": "100% wool"}]
    grouped = ask(
        org,
        "SELECT NumberOfEmployees, COUNT(Id) FROM Account GROUP BY NumberOfEmployees HAVING COUNT(Id) > 1 "
        "ORDER BY COUNT(Id) DESC",
    )
    assert grouped == [{"NumberOfEmployees": 5, "expr0": 2}]


def test_parents_children_and_queries_inside_conditions(org: Org) -> None:
    (parent,) = insert(org, "Account", [{"Name": "Parent", "ERP_Id__c": "P"}])
    insert(org, "Contact", [{"LastName": "Reis", "AccountId": parent}, {"LastName": "Solo"}])
    try:
        found = ask(org, "SELECT LastName, Account.Name, Account.Owner.Name FROM Contact ORDER BY LastName")
        assert found[0]["Account"]["Name"] == "Parent"
        assert found[0]["Account"]["Owner"]["Name"] == "Ada Admin"
        assert found[0]["Account"]["attributes"] == {
            "type": "Account",
            "url": f"/d/sobjects/Account/{parent}",
        }
        assert found[1]["Account"] is None
        assert [
            row["LastName"] for row in ask(org, "SELECT LastName FROM Contact WHERE Account.ERP_Id__c = 'p'")
        ] == ["Reis"]
        inner = (
            "SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'R%')"
        )
        assert [row["Name"] for row in ask(org, inner)] == ["Parent"]
        outer = ask(org, "SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)")
        assert "Parent" not in [row["Name"] for row in outer]
        assert len(outer) == len(ROWS)
        nested = ask(
            org,
            "SELECT Name, (SELECT LastName FROM Contacts LIMIT 1) FROM Account WHERE Name IN ('Parent', 'Loom')",
        )
        assert {"Name": "Loom", "Contacts": None} in nested
        by_name = {row["Name"]: row["Contacts"] for row in nested}
        assert by_name["Parent"]["totalSize"] == 1
        assert by_name["Parent"]["records"][0]["LastName"] == "Reis"
    finally:
        with org.store.writing() as connection:
            account = org.catalog.get("Account")
            assert account is not None
            removal.delete(org, connection, account, [parent], Batch(), hard=True)


def test_names_do_not_tell_upper_from_lower_case_and_answers_spell_them_right(org: Org) -> None:
    (first, *_rest) = ask(
        org, "select id, NAME, account.erp_id__c from ACCOUNT where account.name = 'Loom' order by id limit 1"
    )
    assert set(first) == {"Id", "Name", "ERP_Id__c"}


def test_ids_may_have_15_characters(org: Org) -> None:
    record = ask(org, "SELECT Id FROM Account LIMIT 1")[0]["Id"]
    assert len(ask(org, f"SELECT Id FROM Account WHERE Id = '{record[:15]}'")) == 1
    assert len(ask(org, f"SELECT Id FROM Account WHERE Id IN ('{record[:15]}', '{record}')")) == 1


def test_moments_and_days(org: Org) -> None:
    def count(where: str) -> int:
        return len(ask(org, f"SELECT Id FROM Account WHERE {where}"))

    assert count("CreatedDate > 2020-01-01T00:00:00Z") == len(ROWS)
    assert count("CreatedDate > 2020-01-01T00:00:00+02:00") == len(ROWS)
    assert count("CreatedDate < LAST_N_YEARS:3") == 0
    insert(
        org,
        "Opportunity",
        [
            {
                "Name": "O",
                "StageName": "Closed Won",
                "CloseDate": "2026-03-18",
                "Amount": 10,
                "Probability": 50,
            }
        ],
    )
    found = ask(
        org,
        "SELECT CloseDate, IsWon, IsClosed, ExpectedRevenue, Fiscal FROM Opportunity WHERE CloseDate = TODAY",
    )
    assert found == [
        {
            "CloseDate": "2026-03-18",
            "IsWon": True,
            "IsClosed": True,
            "ExpectedRevenue": 5.0,
            "Fiscal": "2026 1",
        }
    ]
    assert ask(org, "SELECT Id FROM Opportunity WHERE CloseDate > THIS_MONTH") == []


def test_several_picklist_values(org: Org) -> None:
    insert(
        org,
        "Invoice__c",
        [{"Name": "I1", "Channels__c": "Mail;EDI"}, {"Name": "I2", "Channels__c": "Portal"}, {"Name": "I3"}],
    )

    def found(where: str) -> list[str]:
        return [row["Name"] for row in ask(org, f"SELECT Name FROM Invoice__c WHERE Channels__c {where}")]

    assert found("INCLUDES ('EDI')") == ["I1"]
    assert found("INCLUDES ('Mail;EDI', 'Portal')") == ["I1", "I2"]
    assert found("EXCLUDES ('EDI')") == ["I2", "I3"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("SELECT Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'"),
        ("SELECT Foo.Name FROM Account", "INVALID_FIELD", "relationship 'Foo'"),
        ("SELECT Id FROM Foo", "INVALID_TYPE", "sObject type 'Foo' is not supported"),
        ("SELECT Id, (SELECT Id FROM Foos) FROM Account", "INVALID_TYPE", "relationship 'Foos'"),
        (
            "SELECT Id FROM Account WHERE Name = 5",
            "INVALID_FIELD",
            "must be of type string and should be enclosed",
        ),
        (
            "SELECT Id FROM Account WHERE AnnualRevenue = '5'",
            "INVALID_FIELD",
            "of type double and should not be",
        ),
        (
            "SELECT Id FROM Account WHERE CreatedDate = 2026-01-01",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        ("SELECT Id FROM Account WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Account ORDER BY Description", "MALFORMED_QUERY", "can not be sorted"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "must be grouped or aggregated: Name"),
        ("SELECT COUNT(Id) FROM Account GROUP BY AnnualRevenue", "MALFORMED_QUERY", "can not be grouped"),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "LIMIT of at most 200"),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_YEARS:99999", "MALFORMED_QUERY", "out of range"),
        (
            "SELECT Id FROM Account WHERE CreatedDate > 2026-13-01T00:00:00Z",
            "MALFORMED_QUERY",
            "Invalid date",
        ),
    ],
)
def test_what_a_query_may_not_ask(org: Org, text: str, code: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        ask(org, text)
    assert caught.value.code == code
    assert words in caught.value.message


def test_fields_of_a_kind(org: Org) -> None:
    assert list(ask(org, "SELECT FIELDS(CUSTOM) FROM Account LIMIT 1")[0]) == ["ERP_Id__c"]
    everything = ask(org, "SELECT FIELDS(ALL) FROM Account LIMIT 1")[0]
    account = org.catalog.get("Account")
    assert account is not None
    assert list(everything) == [field.name for field in account.fields]


async def test_a_reference_to_several_kinds_is_followed_by_name(api: Api) -> None:
    account = (await api.post("/sobjects/Account", {"Name": "Looms"})).json()["id"]
    contact = (await api.post("/sobjects/Contact", {"LastName": "Reis", "FirstName": "Marta"})).json()["id"]
    lead = (await api.post("/sobjects/Lead", {"LastName": "Lopes", "Company": "C"})).json()["id"]
    await api.post("/sobjects/Task", {"Subject": "A", "WhoId": contact, "WhatId": account})
    await api.post("/sobjects/Task", {"Subject": "B", "WhoId": lead, "Status": "Completed"})
    refused = await api.post("/sobjects/Task", {"Subject": "C", "WhoId": account})
    assert refused.json()[0]["errorCode"] == "MALFORMED_ID"
    text = "SELECT Subject, IsClosed, Who.Name, Who.Type, What.Name FROM Task WHERE Who.Type IN ('Lead','Contact') ORDER BY Subject"
    records = (await api.get("/query", params={"q": text})).json()["records"]
    assert [record["Who"]["Name"] for record in records] == ["Marta Reis", "Lopes"]
    assert records[0]["Who"]["attributes"] == {
        "type": "Name",
        "url": f"/services/data/v62.0/sobjects/Contact/{contact}",
    }
    assert (records[0]["What"]["Name"], records[1]["What"]) == ("Looms", None)
    assert [record["IsClosed"] for record in records] == [False, True]
    found = await api.query(f"SELECT Id, (SELECT Subject FROM Tasks) FROM Account WHERE Id = '{account}'")
    assert [row["Subject"] for row in found[0]["Tasks"]["records"]] == ["A"]
