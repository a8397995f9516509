"""What the org would certainly refuse, found before it is asked: per field with counts, per row with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from studio.base.i18n import _
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.connectors.salesforce.rows import NULL
from studio.moves.model import Action
from studio.moves.shape import Shaper
from studio.moves.values import value_test

_TEXT_TYPES = frozenset(
    {"string", "textarea", "phone", "url", "email", "encryptedstring", "picklist", "combobox"}
)
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
        for place, (check, values) in enumerate(zip(self._checks, columns, strict=True)):
            for at, reason in check.take(values, self._unfit(place, fitting)):
                if len(rows[at]) == width:
                    wrong.setdefault(at, []).append(f"{check.name}: {reason}")
        for at in sorted(wrong):
            self._refused(first + at, "; ".join(wrong[at]))
        self._rows += len(rows)
        self._failing += len(wrong)

    def _unfit(self, place: int, rows: Sequence[Sequence[str]]) -> Mapping[int, str]:
        """Why values of a field are none in its column's format, by their place among the rows."""
        change = self._shaper.changes.get(place)
        if change is None:
            return {}
        values = [row[self._shaper.picks[place]] for row in rows]
        told = change.told(values)
        if not any(outcome.reason for outcome in told.values()):
            return {}
        return {
            at: told[value].reason for at, value in enumerate(values) if value in told and told[value].reason
        }

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
        self._test = value_test(fact) if fact is not None and direct else None
        self._longest = _longest(fact) if fact is not None and direct else 0
        required = fact is not None and direct and not fact.nillable and fact.type != "boolean"
        self._required = required and not action.id_only and fact is not None and not fact.defaulted
        # An empty cell leaves an existing record as it is; only an explicit null would empty the field.
        self._empties = (NULL,) if action is Action.UPDATE else ("", NULL)

    def take(self, values: Sequence[str], unfit: Mapping[int, str]) -> Iterable[tuple[int, str]]:
        self._filled += len(values) - values.count("") - values.count(NULL)
        empty = sum(values.count(text) for text in self._empties)
        # The common case, a column in which nothing is wrong, is settled without looking at single values in Python.
        usual = not (self._required and empty) and not self._too_long(values)
        if usual and not unfit and not self._wrong(values):
            return ()
        return self._each(values, unfit)

    def _too_long(self, values: Sequence[str]) -> bool:
        return bool(self._longest) and max(map(len, values), default=0) > self._longest

    def _wrong(self, values: Sequence[str]) -> set[str]:
        if self._test is None:
            return set()
        test = self._test
        return {value for value in set(values) if value and value != NULL and test(value)}

    def _each(self, values: Sequence[str], unfit: Mapping[int, str]) -> list[tuple[int, str]]:
        wrong = self._wrong(values)
        found: list[tuple[int, str]] = []
        for at, value in enumerate(values):
            reason = unfit.get(at, "")
            if reason:
                pass
            elif value in ("", NULL):
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


def too_long(fact: Field, value: str) -> str:
    """The reason where a value has more characters than its field; else empty."""
    limit = _longest(fact)
    return _("longer than {limit} characters").format(limit=limit) if 0 < limit < len(value) else ""


def _longest(fact: Field) -> int:
    return fact.length if fact.type in _TEXT_TYPES or fact.type == "id" else 0
