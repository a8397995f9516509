"""What the org would certainly refuse, found before it is asked: per field with counts, per row with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from studio.base.i18n import _
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.connectors.salesforce.rows import NULL
from studio.moves.model import Action
from studio.moves.shape import Shaper

_TEXT_TYPES = frozenset(
    {"string", "textarea", "phone", "url", "email", "encryptedstring", "picklist", "combobox"}
)
_NUMBER_TYPES = frozenset({"double", "currency", "percent", "int", "long"})
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(r"[+-]?\d+")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T.*|Z)?")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_BOOLEANS = frozenset({"true", "false", "1", "0"})
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_EXAMPLES = 3


@dataclass
class Finding:
    """One kind of trouble in one field: how many rows, and the first few values."""

    text: str
    rows: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FieldReport:
    """What the check found in one field: rows with a value, rows that would fail, and why."""

    field: str
    label: str
    type: str
    filled: int
    failing: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole check. `failing` counts rows, each once."""

    rows: int
    failing: int
    fields: tuple[FieldReport, ...]


class Preflight:
    """Checks shaped rows field by field, whole columns at a time; a watcher of the staging.

    `refused` is told of each row that would fail, with the reason, in row order.
    """

    def __init__(
        self, facts: ObjectFacts, shaper: Shaper, action: Action, refused: Callable[[int, str], object]
    ) -> None:
        self._shaper = shaper
        self._refused = refused
        self._checks = [_Column(name, _fact(facts, name), action) for name in shaper.fields]
        self._rows = 0
        self._failing = 0

    def rows(self, first: int, rows: Sequence[list[str]]) -> None:
        """Check rows numbered from `first`; those of another width than the header are not ours to judge."""
        if not rows:
            return
        width = self._shaper.width
        fitting = [row if len(row) == width else [""] * width for row in rows]
        columns = list(zip(*self._shaper(fitting), strict=True))
        wrong: dict[int, list[str]] = {}
        for check, values in zip(self._checks, columns, strict=True):
            for at, reason in check.take(values):
                if len(rows[at]) == width:
                    wrong.setdefault(at, []).append(f"{check.name}: {reason}")
        for at in sorted(wrong):
            self._refused(first + at, "; ".join(wrong[at]))
        self._rows += len(rows)
        self._failing += len(wrong)

    def report(self) -> Report:
        """What was found so far."""
        return Report(self._rows, self._failing, tuple(check.report() for check in self._checks))


class _Column:
    def __init__(self, name: str, fact: Field | None, action: Action) -> None:
        self.name = name
        self._fact = fact
        self._filled = 0
        self._failing = 0
        self._findings: dict[str, Finding] = {}
        # A relationship column (Parent.ERP_Id__c) holds a key of another object: only emptiness could be judged here.
        direct = fact is not None and fact.name.lower() == name.lower()
        self._test = _value_test(fact) if fact is not None and direct else None
        self._longest = _longest(fact) if fact is not None and direct else 0
        required = fact is not None and direct and not fact.nillable and fact.type != "boolean"
        self._required = required and action is not Action.DELETE and fact is not None and not fact.defaulted
        # An empty cell leaves an existing record as it is; only an explicit null would empty the field.
        self._empties = (NULL,) if action is Action.UPDATE else ("", NULL)

    def take(self, values: Sequence[str]) -> Iterable[tuple[int, str]]:
        self._filled += len(values) - values.count("") - values.count(NULL)
        empty = sum(values.count(text) for text in self._empties)
        # The common case, a column in which nothing is wrong, is settled without looking at single values in Python.
        if not (self._required and empty) and not self._too_long(values) and not self._wrong(values):
            return ()
        return self._each(values)

    def _too_long(self, values: Sequence[str]) -> bool:
        return bool(self._longest) and max(map(len, values), default=0) > self._longest

    def _wrong(self, values: Sequence[str]) -> set[str]:
        if self._test is None:
            return set()
        test = self._test
        return {value for value in set(values) if value and value != NULL and test(value)}

    def _each(self, values: Sequence[str]) -> list[tuple[int, str]]:
        wrong = self._wrong(values)
        found: list[tuple[int, str]] = []
        for at, value in enumerate(values):
            reason = ""
            if value in ("", NULL):
                reason = _("empty, but required") if self._required and value in self._empties else ""
            elif self._longest and len(value) > self._longest:
                reason = _("longer than {limit} characters").format(limit=self._longest)
            elif value in wrong and self._test is not None:
                reason = self._test(value)
            if reason:
                self._note(reason, value)
                found.append((at, reason))
        return found

    def _note(self, reason: str, value: str) -> None:
        self._failing += 1
        finding = self._findings.setdefault(reason, Finding(reason))
        finding.rows += 1
        if value and value not in finding.examples and len(finding.examples) < _EXAMPLES:
            finding.examples.append(value[:80])

    def report(self) -> FieldReport:
        fact = self._fact
        findings = tuple(sorted(self._findings.values(), key=lambda finding: -finding.rows))
        return FieldReport(
            self.name,
            fact.label if fact else "",
            fact.type if fact else "",
            self._filled,
            self._failing,
            findings,
        )


def _fact(facts: ObjectFacts, name: str) -> Field | None:
    return facts.field(name)


def _longest(fact: Field) -> int:
    return fact.length if fact.type in _TEXT_TYPES or fact.type == "id" else 0


def _value_test(fact: Field) -> Callable[[str], str] | None:
    """The test of a single value: the reason it would be refused, empty when it would not."""
    if fact.type in _NUMBER_TYPES:
        return lambda value: _number(value, fact)
    if fact.type == "date":
        return _date
    if fact.type == "datetime":
        return lambda value: (
            "" if _DATETIME.fullmatch(value) and not _date(value) else _("not an ISO date and time")
        )
    if fact.type == "boolean":
        return lambda value: "" if value.lower() in _BOOLEANS else _("not true or false")
    if fact.type in ("id", "reference"):
        return lambda value: "" if _valid_id(value) else _("not a record id")
    if fact.type == "email":
        return lambda value: (
            "" if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value) else _("not an e-mail address")
        )
    if fact.type == "picklist" and fact.restricted and fact.values:
        allowed = {value.lower() for value in fact.values}
        return lambda value: "" if value.lower() in allowed else _("not in the field's list of values")
    return None


def _number(value: str, fact: Field) -> str:
    text = value.strip()
    if not _NUMBER.fullmatch(text):
        return _("not a number with a decimal point")
    if fact.type == "int" and not _WHOLE.fullmatch(text):
        return _("not a whole number")
    whole = max(Decimal(text).adjusted() + 1, 1)
    most = fact.digits or (fact.precision - fact.scale if fact.precision else 0)
    if most and whole > most:
        return _("more than {digits} digits before the decimal point").format(digits=most)
    return ""


def _date(value: str) -> str:
    match = _DATE.fullmatch(value)
    if match is None:
        return _("not a date as year-month-day")
    year, month, day = (int(part) for part in match.groups())
    days = (
        31,
        29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28,
        31,
        30,
        31,
        30,
        31,
        31,
        30,
    )
    longest = ((*days, 31, 30, 31)[month - 1]) if 1 <= month <= 12 else 0
    if not (1 <= day <= longest and year > 0):
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
