"""Many records at once, always the same ones: customers with their people, opportunities and tasks, for trying volume.

Written past the loader, in steps that bound the memory; every value follows from the record's number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from studio.practice import lookups
from studio.practice.catalog import SObject
from studio.practice.clock import stored
from studio.practice.ids import record_ids
from studio.practice.org_state import OrgState
from studio.practice.store import quoted

MOST_RECORDS = 10_000_000
_STEP = 20_000
# How many of ten records are of each object; what is left over are accounts.
_SHARES = {"Contact": 5, "Opportunity": 2, "Task": 1}
_FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
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

Values = dict[str, Any]
Make = Callable[[int, list[str], list[str]], Values]


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
            rows = (make(n, accounts, contacts) | _frame(org, n) for n in numbers)
            _write(connection, sobject, first, ids, rows)
        if len(known) < _STEP:
            known += ids
    return known


def _frame(org: OrgState, number: int) -> Values:
    moment = stored(_FIRST_DAY + timedelta(minutes=number % 525_600))
    user = org.admin_id
    return {
        "OwnerId": user, "CreatedById": user, "LastModifiedById": user, "CreatedDate": moment,
        "LastModifiedDate": moment, "SystemModstamp": moment,
    }  # fmt: skip


def _write(
    connection: sqlite3.Connection, sobject: SObject, first: int, ids: list[str], rows: Iterator[Values]
) -> None:
    given = list(rows)
    names = list(given[0])
    folded = [field for field in sobject.keys if field.name in names and field.key_column != field.name]
    listed = ["seq", "Id", *names, *(field.key_column for field in folded)]
    keys = [lookups.all_folded(field, [row[field.name] for row in given]) for field in folded]
    values = zip(range(first, first + len(ids)), ids, (row.values() for row in given), zip(*keys, strict=True) if keys else
                 [()] * len(ids), strict=True)  # fmt: skip
    marks = ", ".join("?" * len(listed))
    sql = f"INSERT INTO {quoted(sobject.name)} ({', '.join(map(quoted, listed))}) VALUES ({marks})"
    connection.executemany(sql, ((seq, id_, *row, *more) for seq, id_, row, more in values))


def _of(values: tuple[Any, ...] | list[Any], number: int) -> Any:
    return values[number * 7919 % len(values)] if values else None


def _account(number: int, _accounts: list[str], _contacts: list[str]) -> Values:
    city, country = _of(_PLACES, number)
    return {
        "Name": f"{_of(_LAST, number)} & {_of(_FIRST, number // 3)} {number:07d}", "ERP_Id__c": f"V-{number:07d}",
        "Industry": _of(_TRADES, number), "BillingCity": city, "BillingCountry": country,
        "Phone": f"+351 22 {number % 10_000_000:07d}", "NumberOfEmployees": number % 5000 + 1,
        "AnnualRevenue": float(number * 37 % 100_000_000), "CleanStatus": "Pending",
    }  # fmt: skip


def _contact(number: int, accounts: list[str], _contacts: list[str]) -> Values:
    first, last = _of(_FIRST, number), _of(_LAST, number // 2)
    return {
        "FirstName": first, "LastName": f"{last} {number:07d}", "AccountId": _of(accounts, number),
        "Email": f"person.{number:07d}@volume.example", "Phone": f"+55 47 {number % 10_000_000:07d}",
        "Title": "Buyer" if number % 3 else None, "Birthdate": str(date(1960, 1, 1) + timedelta(days=number % 15_000)),
    }  # fmt: skip


def _opportunity(number: int, accounts: list[str], _contacts: list[str]) -> Values:
    return {
        "Name": f"Deal {number:07d}", "AccountId": _of(accounts, number), "StageName": _of(_STAGES, number),
        "CloseDate": str(date(2026, 1, 1) + timedelta(days=number % 365)), "Amount": number % 100_000 + 0.5,
        "Probability": float(number % 11 * 10), "ForecastCategoryName": "Pipeline",
    }  # fmt: skip


def _task(number: int, accounts: list[str], contacts: list[str]) -> Values:
    return {
        "Subject": "Call" if number % 2 else "Email", "WhoId": _of(contacts, number), "WhatId": _of(accounts, number),
        "ActivityDate": str(date(2026, 1, 1) + timedelta(days=number % 365)),
        "Status": "Completed" if number % 4 == 0 else "Not Started", "Priority": "Normal", "TaskSubtype": "Task",
    }  # fmt: skip
