"""Many records at once, always the same ones: customers with their people, opportunities and tasks, for trying volume.

Written past the loader, in steps that bound the memory; every value follows from the record's number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from studio.practice.catalog import SObject
from studio.practice.ids import record_ids
from studio.practice.org_state import OrgState
from studio.practice.store import quoted

MOST_RECORDS = 10_000_000
_STEP = 20_000
# How many of ten records are of each object; what is left over are accounts.
_SHARES = {"Contact": 5, "Opportunity": 2, "Task": 1}
_DAYS = [str(date(2025, 1, 1) + timedelta(days=day)) for day in range(365)]
_FIRST = (
    "Ana",
    "Bruno",
    "Chloé",
    "Dirk",
    "Élise",
    "Fumiko",
    "Gülşen",
    "Hugo",
    "Inês",
    "João",
    "Kasia",
    "Luís",
    "Mónica",
)
_LAST = (
    "Silva",
    "Müller",
    "Nowak",
    "Rossi",
    "García",
    "Øster",
    "Tanaka",
    "Weber",
    "Costa",
    "Dupont",
    "Kovács",
)
_PLACES = (
    ("Porto", "Portugal"),
    ("Blumenau", "Brasil"),
    ("Köln", "Deutschland"),
    ("Lyon", "France"),
    ("Łódź", "Polska"),
)
_TRADES = ("Apparel", "Manufacturing", "Retail", "Consulting", "Technology", "Agriculture")
_STAGES = (
    "Prospecting",
    "Qualification",
    "Proposal/Price Quote",
    "Negotiation/Review",
    "Closed Won",
    "Closed Lost",
)

Values = tuple[Any, ...]
Make = Callable[[int, list[str], list[str]], Values]
_NAMES = {
    "Account": ("Name", "ERP_Id__c", "Industry", "BillingCity", "BillingCountry", "Phone", "NumberOfEmployees",
                "AnnualRevenue"),
    "Contact": ("FirstName", "LastName", "AccountId", "Email", "Phone", "Title", "Birthdate"),
    "Opportunity": ("Name", "AccountId", "StageName", "CloseDate", "Amount", "Probability"),
    "Task": ("Subject", "WhoId", "WhatId", "ActivityDate", "Status"),
}  # fmt: skip
_ALWAYS = {
    "Account": {"CleanStatus": "Pending"},
    "Opportunity": {"ForecastCategoryName": "Pipeline"},
    "Task": {"Priority": "Normal", "TaskSubtype": "Task"},
}
_USERS = ("OwnerId", "CreatedById", "LastModifiedById")
_MOMENTS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


def fill(org: OrgState, count: int) -> None:
    """Put `count` records into the org, once: one that has been filled before is left alone."""
    if count <= 0 or org.store.read_meta("filled"):
        return
    parts = {name: count * share // 10 for name, share in _SHARES.items()}
    accounts = _insert(org, "Account", count - sum(parts.values()), _account, [], [])
    contacts = _insert(org, "Contact", parts["Contact"], _contact, accounts, [])
    _insert(org, "Opportunity", parts["Opportunity"], _opportunity, accounts, contacts)
    _insert(org, "Task", parts["Task"], _task, accounts, contacts)
    org.store.write_meta("filled", str(count))


def _insert(
    org: OrgState, name: str, count: int, make: Make, accounts: list[str], contacts: list[str]
) -> list[str]:
    """Write the records of one object, step by step; some of their ids, for others to refer to."""
    sobject = org.everything.get(name)
    assert sobject is not None
    known: list[str] = []
    for begin in range(0, count, _STEP):
        numbers = range(begin, min(count, begin + _STEP))
        with org.store.writing() as connection:
            first = org.store.take_numbers(connection, name, len(numbers))
            ids = record_ids(sobject.prefix, org.first_number + first, len(numbers))
            _write(org, connection, sobject, zip(range(first, first + len(ids)), ids, map(_moment, numbers),
                   (make(n, accounts, contacts) for n in numbers), strict=True))  # fmt: skip
        if len(known) < _STEP:
            known += ids
    return known


def _moment(number: int) -> str:
    """When a record was made: one a minute, a year long."""
    day, minute = divmod(number % 525_600, 1440)
    return f"{_DAYS[day]}T{minute // 60:02d}:{minute % 60:02d}:00.000Z"


def _write(
    org: OrgState,
    connection: sqlite3.Connection,
    sobject: SObject,
    rows: Iterator[tuple[int, str, str, Values]],
) -> None:
    """Write rows of number, id, moment and values; what is the same in all of them stands in the statement."""
    names = _NAMES[sobject.name]
    always = _ALWAYS.get(sobject.name, {}) | dict.fromkeys(_USERS, org.admin_id)
    folded = [field for field in sobject.keys if field.name in names and field.key_column != field.name]
    places = [names.index(field.name) for field in folded]
    listed = ["seq", "Id", *names, *(field.key_column for field in folded), *_MOMENTS, *always]
    marks = [f"?{place}" for place in range(4, 4 + len(names) + len(folded))]
    values = ["?1", "?2", *marks, *["?3"] * len(_MOMENTS), *(f"'{value}'" for value in always.values())]
    sql = (
        f"INSERT INTO {quoted(sobject.name)} ({', '.join(map(quoted, listed))}) VALUES ({', '.join(values)})"
    )
    connection.executemany(
        sql,
        (
            (seq, id_, moment, *row, *(row[place].lower() for place in places))
            for seq, id_, moment, row in rows
        ),
    )


def _of(values: tuple[Any, ...] | list[Any], number: int) -> Any:
    return values[number % len(values)] if values else None


def _account(number: int, _accounts: list[str], _contacts: list[str]) -> Values:
    city, country = _PLACES[number % 5]
    return (
        f"{_LAST[number % 11]} & {_FIRST[number // 3 % 13]} {number:07d}", f"V-{number:07d}", _TRADES[number % 6],
        city, country, f"+351 22 {number:07d}", number % 5000 + 1, float(number * 37 % 100_000_000),
    )  # fmt: skip


def _contact(number: int, accounts: list[str], _contacts: list[str]) -> Values:
    return (
        _FIRST[number % 13], f"{_LAST[number // 2 % 11]} {number:07d}", _of(accounts, number // 3),
        f"person.{number:07d}@volume.example", f"+55 47 {number:07d}", "Buyer" if number % 3 else None,
        _DAYS[number % 365],
    )  # fmt: skip


def _opportunity(number: int, accounts: list[str], _contacts: list[str]) -> Values:
    return (
        f"Deal {number:07d}", _of(accounts, number // 3), _STAGES[number % 6], _DAYS[number % 365],
        number % 100_000 + 0.5, float(number % 11 * 10),
    )  # fmt: skip


def _task(number: int, accounts: list[str], contacts: list[str]) -> Values:
    return (
        "Call" if number % 2 else "Email", _of(contacts, number // 3), _of(accounts, number // 5),
        _DAYS[number % 365], "Not Started" if number % 4 else "Completed",
    )  # fmt: skip
