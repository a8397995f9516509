"""What the org would refuse is counted per field and told per row, and nothing good is refused."""

from __future__ import annotations

import pytest

from studio.moves.judging.preflight import Preflight, Report
from studio.moves.judging.values import id_checksum
from studio.moves.model import Action, Blank, Entry, FieldMap
from studio.moves.rows.shape import Shaper
from tests.moves.facts import ACCOUNT


def check(
    field: str, values: list[str], action: Action = Action.INSERT, blank: Blank = Blank.LEAVE
) -> tuple[Report, dict[int, str]]:
    refused: dict[int, str] = {}
    shaper = Shaper(("c",), FieldMap((Entry(field, "c"),)), blank)
    preflight = Preflight(ACCOUNT, shaper, action, refused.__setitem__)
    half = len(values) // 2
    preflight.rows(1, [[value] for value in values[:half]])
    preflight.rows(half + 1, [[value] for value in values[half:]])
    return preflight.report(), refused


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("Name", ["A", "ü" * 255], ["", "x" * 256]),
        ("AnnualRevenue", ["1", "-1.5", "1e3", "", "999999999999999999"], ["1.250,50", "1,5", "R$ 3", "1" * 19, "1e400", "1 ", "١٢"]),
        ("NumberOfEmployees", ["0", "12345678", "300.0"], ["1.5", "123456789", "1e2", "300 ", "\u00a0300"]),
        ("Founded__c", ["2024-02-29", "2019-12-02", "2019-12-02Z"], ["2019-12-02T10:00:00Z", " 2019-12-02", "2023-02-29", "02/12/2019", "2019-13-01"]),
        ("Seen__c", ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00.000+0200", "2024-01-01"],
         ["2024-01-01 10:00", "2024-02-30T10:00:00Z", "10:00"]),
        ("Active__c", ["true", "FALSE", "1", "0", "", "Yes"], ["sim", "2", "true "]),
        ("Industry", ["Retail", "textile", ""], ["Retale", "Retail "]),
        ("ParentId", ["001000000000ABC", "001000000000ABC" + id_checksum("001000000000ABC"), ""],
         ["001", "001000000000ABCAAA", "0010000-0000ABC", "1E+12"]),
        ("Parent.ERP_Id__c", ["anything", ""], []),
        ("Phone", ["+55 11 5550-0188"], ["1" * 41]),
    ],
)  # fmt: skip
def test_values(field: str, good: list[str], bad: list[str]) -> None:
    report, refused = check(field, good)
    assert refused == {}
    assert report.failing == 0
    report, refused = check(field, [*good, *bad])
    assert sorted(refused) == list(range(len(good) + 1, len(good) + len(bad) + 1))
    assert report.failing == report.fields[0].failing == len(bad)
    assert all(reason.startswith(f"{field}: ") for reason in refused.values())


def test_the_report_counts_filled_values_and_names_examples() -> None:
    report, _refused = check("Industry", ["Retail", "", "Helthcare", "Helthcare", "Mining"])
    (field,) = report.fields
    assert (field.filled, field.failing, field.label, field.type) == (4, 3, "Industry", "picklist")
    assert [(f.rows, f.examples) for f in field.findings] == [(3, ["Helthcare", "Mining"])]


def test_an_empty_required_cell_matters_only_where_it_would_be_sent() -> None:
    assert check("Name", [""], Action.INSERT)[0].failing == 1
    assert check("Name", [""], Action.UPDATE)[0].failing == 0
    assert check("Name", [""], Action.UPDATE, Blank.NULL)[0].failing == 1
    assert check("Phone", [""], Action.UPDATE, Blank.NULL)[0].failing == 0


def test_a_row_counts_once_however_much_is_wrong() -> None:
    shaper = Shaper(("a", "b"), FieldMap((Entry("Founded__c", "a"), Entry("Industry", "b"))))
    refused: dict[int, str] = {}
    preflight = Preflight(ACCOUNT, shaper, Action.INSERT, refused.__setitem__)
    preflight.rows(5, [["x", "y"], ["2024-01-01", "Retail"], ["only one"]])
    assert preflight.report().failing == 1
    assert set(refused) == {5}
    assert "Founded__c: not a date" in refused[5]
    assert "Industry: not in" in refused[5]


def test_the_checksum_is_the_orgs() -> None:
    assert id_checksum("0055g00000AbCdE") == "AAV"
    assert id_checksum("001000000000000") == "AAA"


def test_an_id_of_another_object_is_told() -> None:
    report, refused = check("ParentId", ["001000000000ABC", "003000000000ABC"])
    assert list(refused) == [2]
    assert "an id of another object, not of Account" in refused[2]
    assert report.fields[0].findings[0].samples == ["003000000000ABC"]


def test_decimals_that_are_cut_off_are_told_and_refuse_nothing() -> None:
    report, refused = check("AnnualRevenue", ["1.50", "2", "3.0", "4.000"])
    assert refused == {}
    (finding,) = report.fields[0].findings
    assert (finding.rows, finding.fails, report.failing) == (1, False, 0)
    assert "more than 0 decimals" in finding.text
