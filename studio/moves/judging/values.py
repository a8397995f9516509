"""What an org takes as a value of a field, judged by the very text that is sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from studio.base.i18n import _
from studio.connectors.salesforce.describe import Field

NUMBER_TYPES = frozenset({"double", "currency", "percent", "int", "long"})
_WHOLE_TYPES = frozenset({"int", "long"})
# Digits are 0 to 9 only: those of other scripts are no numbers to the org.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]+(?:\.0*)?")
_LONGEST_NUMBER = {True: 30, False: 60}
_OFFSET = r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})" + _OFFSET)
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?" + _OFFSET + ")?"
)
_TIME = re.compile(r"([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?)Z?")
_BOOLEANS = frozenset({"true", "false", "1", "0", "yes", "no", "y", "n", "on", "off"})
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_WORD = r"[^@\s,;<>()\[\]\\\"]"
_EMAIL = re.compile(rf"{_WORD}+@{_WORD}+\.(?:(?!\.){_WORD})+")

Test = Callable[[str], str]
_NAMED = 6

# What the ids of standard objects begin with, in every org.
PREFIXES = {
    "Account": "001", "Contact": "003", "Opportunity": "006", "Lead": "00Q", "User": "005", "Case": "500",
    "Campaign": "701", "Product2": "01t", "Pricebook2": "01s", "PricebookEntry": "01u", "Asset": "02i", "Contract": "800",
    "Order": "801", "RecordType": "012", "Group": "00G", "Profile": "00e", "UserRole": "00E", "Task": "00T", "Event": "00U",
}  # fmt: skip


# What may be cut without becoming another thing: no addresses, no picklist values.
_CUT_TYPES = frozenset({"string", "textarea", "phone"})


def may_be_cut(fact: Field) -> bool:
    """Values of the field may be cut to its length, where that is asked for."""
    return fact.type in _CUT_TYPES and fact.length > 0 and not (fact.external_id or fact.unique)


def value_test(fact: Field) -> Test | None:
    """The test of a single value: the reason it would be refused, empty when it would not; None where all is taken."""
    test = _test(fact)
    if test is None:
        return None

    def judge(value: str) -> str:
        reason = test(value)
        bare = value.strip()
        if reason and bare != value and bare and not test(bare):
            return _("a blank before or after the value")
        return reason

    return judge


def _test(fact: Field) -> Test | None:
    if fact.type in NUMBER_TYPES:
        return lambda value: _number(value, fact)
    if fact.type in ("picklist", "multipicklist") and fact.restricted and fact.values:
        return _restricted(fact)
    if fact.type == "reference" and fact.values:
        return _record_type(fact)
    if fact.type in ("id", "reference"):
        return lambda value: "" if _valid_id(value) else _("not a record id")
    return _TESTS.get(fact.type)


def plain(fact: Field) -> str:
    """A pattern of texts that the field takes for certain, so that whole columns pass at once; empty where there is none."""
    if fact.type in NUMBER_TYPES:
        digits = fact.digits or (fact.precision - fact.scale if fact.precision else 0)
        part = "" if fact.type in _WHOLE_TYPES else r"(?:\.[0-9]{1,20})?"
        return rf"-?[0-9]{{1,{min(digits or 18, 18)}}}{part}" if digits >= 0 else ""
    return _PLAIN.get(fact.type, "")


def listed(fact: Field) -> Callable[[str], bool]:
    """Tells whether a picklist's value, or each of several, is one of its list; capitals do not count."""
    allowed = {value.lower() for value in fact.values}
    several = fact.type == "multipicklist"

    def known(value: str) -> bool:
        parts = [part for part in value.lower().split(";") if part] if several else [value.lower()]
        return all(part in allowed for part in parts)

    return known


def _restricted(fact: Field) -> Test:
    known = listed(fact)
    return lambda value: "" if known(value) else _("not in the field's list of values")


def _record_type(fact: Field) -> Test:
    allowed = {value[:15] for value in fact.values}
    first = {id_: label for label, id_ in reversed(fact.labels)}
    names = ", ".join(list(first.values())[-_NAMED:][::-1])
    refused = _("a record type that the user may not choose; there are {names}").format(names=names)
    if not names:
        refused = _("a record type that the user may not choose")

    def test(value: str) -> str:
        if not _valid_id(value):
            return _("not a record id")
        return "" if value[:15] in allowed else refused

    return test


def _number(value: str, fact: Field) -> str:
    whole = fact.type in _WHOLE_TYPES
    if not _NUMBER.fullmatch(value) or len(value) > _LONGEST_NUMBER[whole]:
        return _("not a number with a decimal point")
    if whole and not _WHOLE.fullmatch(value):
        return _("not a whole number")
    most = fact.digits or (fact.precision - fact.scale if fact.precision else 0)
    if most and max(Decimal(value).adjusted() + 1, 1) > most:
        return _("more than {digits} digits before the decimal point").format(digits=most)
    return ""


def _boolean(value: str) -> str:
    return "" if value.lower() in _BOOLEANS else _("not true or false")


def _email(value: str) -> str:
    return "" if _EMAIL.fullmatch(value) else _("not an e-mail address")


def _date(value: str) -> str:
    match = _DATE.fullmatch(value)
    if match is None:
        return _("not a date as year-month-day")
    return _real(date.fromisoformat, match[1])


def _datetime(value: str) -> str:
    if not _DATETIME.fullmatch(value):
        return _("not an ISO date and time")
    return _real(datetime.fromisoformat, value)


def _time(value: str) -> str:
    match = _TIME.fullmatch(value)
    if match is None:
        return _("not a time as hours:minutes:seconds")
    try:
        time.fromisoformat(match[1])
    except ValueError:
        return _("a time that does not exist")
    return ""


def _real(read: Callable[[str], object], text: str) -> str:
    try:
        read(text)
    except ValueError:
        return _("a date that does not exist")
    return ""


def _valid_id(value: str) -> bool:
    """15 characters, or 18 whose last three are the checksum over the capitals of the first 15."""
    if not _ID.fullmatch(value):
        return False
    return len(value) == 15 or value[15:].upper() == id_checksum(value[:15])


def id_checksum(short: str) -> str:
    """The three characters that make a 15-character id safe where capitals do not count."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    return "".join(
        alphabet[sum(1 << at for at, letter in enumerate(short[start : start + 5]) if "A" <= letter <= "Z")]
        for start in (0, 5, 10)
    )


# Days that are in every year.
_DAYS = (
    r"(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)"
)
_PLAIN = {
    "date": _DAYS,
    "datetime": rf"{_DAYS}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,6}})?Z",
    "boolean": "true|false|0|1",
}
_TESTS: dict[str, Test] = {
    "boolean": _boolean,
    "email": _email,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
}
