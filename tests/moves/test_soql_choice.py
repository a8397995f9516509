"""What is ticked and what is written are the same query, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.moves.exports.soql_choice import Choice, Condition, from_soql, to_soql

NAMES = st.sampled_from(["Name", "Owner.Name", "ERP_Id__c", "Parent__r.Code__c"])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and text.lower() != "null")
CONDITIONS = st.builds(Condition, NAMES, st.sampled_from(["=", "!=", "<", ">=", "contains", "begins"]), TEXTS)


@given(
    st.lists(NAMES, min_size=1, max_size=4, unique=True),
    st.lists(CONDITIONS, max_size=3),
    st.integers(0, 5000),
)
def test_a_choice_comes_back_from_its_query(
    fields: list[str], conditions: list[Condition], limit: int
) -> None:
    choice = Choice("Account", tuple(fields), tuple(conditions), limit)
    assert from_soql(to_soql(choice)) == choice


def test_values_are_quoted_by_the_fields_type() -> None:
    types = {"Name": "string", "Revenue": "currency", "Made": "datetime", "Active": "boolean"}
    wanted = [("Name", "=", "O'Hara"), ("Revenue", ">", "10.5"), ("Made", "=", "LAST_N_DAYS:3"), ("Active", "=", "true"),
              ("Name", "!=", ""), ("Revenue", "<", "500.000,50"), ("Revenue", "<", "1,234.5"),
              ("Made", ">", "31/12/2026"), ("Active", "!=", "No")]  # fmt: skip
    said = to_soql(Choice("A", ("Id",), tuple(Condition(*one) for one in wanted)), types.__getitem__)
    assert said == (
        "SELECT Id FROM A WHERE Name = 'O\\'Hara' AND Revenue > 10.5 AND Made = LAST_N_DAYS:3 AND Active = true"
        " AND Name != null AND Revenue < 500000.50 AND Revenue < 1234.5 AND Made > 2026-12-31T00:00:00Z"
        " AND Active != false"
    )
    # What is none of its kind, may be read in two ways, or would say more than a value.
    for field, value in (("Revenue", "x' OR Name != '"), ("Revenue", "1,234"), ("Made", "01/02/2026"),
                         ("Made", "31/31/2026"), ("Active", "perhaps")):  # fmt: skip
        with pytest.raises(BadInput, match="is no value of"):
            to_soql(Choice("A", ("Id",), (Condition(field, "=", value),)), types.__getitem__)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT COUNT() FROM Account",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT Id FROM Account WHERE A = 1 OR B = 2",
        "SELECT Id FROM Account WHERE (A = 1)",
        "SELECT Id FROM Account WHERE A IN ('x')",
        "SELECT Id FROM Account WHERE A = 1 AND",
        "SELECT Id FROM Account WHERE Name LIKE 'a_b%'",
        "SELECT Id FROM Account ORDER BY Id",
        "SELECT Id",
        "",
    ],
)
def test_what_cannot_be_ticked_stays_text(text: str) -> None:
    assert from_soql(text) is None
