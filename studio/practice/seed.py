"""What a new org holds: its own record, three users, record types, and a few customers to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.practice.clock import stored
from studio.practice.columns import Column
from studio.practice.convert import from_json
from studio.practice.ids import record_id
from studio.practice.load import Batch, Load
from studio.practice.org_state import OrgState
from studio.practice.store import quoted


@dataclass(frozen=True)
class PracticeUser:
    """Who signs in to the practice org."""

    id: str
    username: str
    password: str
    security_token: str


_USERS = (
    ("Ada", "Admin", "admin", "admin@practice.example"),
    ("Ines", "Integration", "ines", "integration@practice.example"),
    ("Sam", "Sales", "sam", "sales@practice.example"),
)
_PROFILES = ("System Administrator", "Integration User", "Sales User")
_ACCOUNTS = (
    {"Name": "Northwind Looms", "ERP_Id__c": "C-1001", "Industry": "Manufacturing", "Type": "Customer - Direct",
     "BillingCity": "Porto", "BillingCountry": "Portugal", "AnnualRevenue": 4200000, "NumberOfEmployees": 85},
    {"Name": "Alpine Thread Co.", "ERP_Id__c": "C-1002", "Industry": "Apparel", "Type": "Customer - Channel",
     "BillingCity": "Innsbruck", "BillingCountry": "Austria", "AnnualRevenue": 980000, "NumberOfEmployees": 12},
    {"Name": "Tecelagem São João", "ERP_Id__c": "C-1003", "Industry": "Manufacturing", "Type": "Prospect",
     "BillingCity": "Blumenau", "BillingCountry": "Brasil", "NumberOfEmployees": 240},
)  # fmt: skip
_CONTACTS = (
    {"FirstName": "Marta", "LastName": "Reis", "Email": "marta.reis@northwind.example", "Title": "Buyer"},
    {"FirstName": "Jonas", "LastName": "Huber", "Email": "jonas@alpinethread.example"},
)


def seed_org(org: OrgState, user: PracticeUser, *, samples: bool) -> None:
    """Fill a new org; one that has been filled before is left alone."""
    if org.store.read_meta("seeded"):
        return
    now = stored(org.clock.now())
    audit = {
        "CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now,
        "CreatedById": user.id, "LastModifiedById": user.id,
    }  # fmt: skip
    _put(org, "Organization", org.org_id, audit | _organization())
    for place, (first, last, alias, username) in enumerate(_USERS):
        values = {
            "FirstName": first, "LastName": last, "Alias": alias, "CommunityNickname": alias,
            "Username": username, "Username~": username, "Email": username, "IsActive": 1,
            "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US",
            "EmailEncodingKey": "UTF-8", "UserType": "Standard",
            "ProfileId": record_id("00e", 14_776_001 + place),
        }  # fmt: skip
        _put(org, "User", record_id("005", 14_776_001 + place), audit | values)
    for place, name in enumerate(("Lead", "Case"), 1):
        values = {"Name": f"Practice {name.lower()} assignment", "SobjectType": name, "Active": 1}
        _put(org, "AssignmentRule", record_id("01Q", 14_776_000 + place), audit | values)
    for place, name in enumerate(_PROFILES, 1):
        _put(org, "Profile", record_id("00e", 14_776_000 + place), audit | {"Name": name})
    standard = {"Name": "Standard Price Book", "Name~": "standard price book", "IsActive": 1, "IsStandard": 1}
    _put(org, "Pricebook2", record_id("01s", 14_776_000), audit | standard)
    types = [(sobject.name, kind) for sobject in org.catalog for kind in sobject.record_types]
    for place, (name, kind) in enumerate(types, 1):
        values = {"Name": kind.label, "DeveloperName": kind.name, "SobjectType": name, "IsActive": 1}
        _put(org, "RecordType", record_id("012", 14_776_000 + place), audit | values)
    if samples:
        ids = insert(org, "Account", _ACCOUNTS)
        contacts = [values | {"AccountId": id_} for values, id_ in zip(_CONTACTS, ids, strict=False)]
        insert(org, "Contact", contacts)
        opportunity = {
            "Name": "Spring collection", "StageName": "Prospecting", "CloseDate": "2026-03-31",
            "Amount": 12500.5, "AccountId": ids[0],
        }  # fmt: skip
        insert(org, "Opportunity", [opportunity])
    org.store.write_meta("seeded", now)


def insert(org: OrgState, name: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Insert records the ordinary way; their ids. Raises ValueError naming the first refusal."""
    sobject = org.catalog.get(name)
    assert sobject is not None
    ids = []
    with org.store.writing() as connection:
        for record in records:
            columns = [Column(key, sobject.by_name[key.lower()]) for key in record]
            load = Load(org, sobject, "insert", columns, from_json)
            outcome = load.apply(connection, [tuple(record.values())], Batch())[0]
            if outcome.id is None:
                raise ValueError(outcome.failure)
            ids.append(outcome.id)
    return ids


def _organization() -> dict[str, Any]:
    return {
        "Name": "Weft Practice", "OrganizationType": "Developer Edition", "InstanceName": "PRAC1",
        "IsSandbox": 0, "DefaultLocaleSidKey": "en_US", "TimeZoneSidKey": "GMT", "LanguageLocaleKey": "en_US",
        "FiscalYearStartMonth": 1, "Country": "US",
    }  # fmt: skip


def _put(org: OrgState, name: str, record: str, values: dict[str, Any]) -> None:
    """Write a record of a kind nobody may create over the API."""
    with org.store.writing() as connection:
        number = org.store.take_numbers(connection, name, 1)
        columns = ", ".join(quoted(column) for column in ("seq", "Id", *values))
        marks = ", ".join("?" * (2 + len(values)))
        connection.execute(
            f"INSERT INTO {quoted(name)} ({columns}) VALUES ({marks})", (number, record, *values.values())
        )
