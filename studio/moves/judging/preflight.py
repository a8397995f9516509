"""What the org would certainly refuse, found before it is asked: per field with counts, per row with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.connectors.salesforce.rows import NULL
from studio.moves.formats.swift import block_of, lines
from studio.moves.judging.dependent import dependents
from studio.moves.judging.rights import may_write, one_way, why_shut
from studio.moves.judging.values import PREFIXES, listed, plain, value_test
from studio.moves.model import Action
from studio.moves.rows.shape import Shaper

_TEXT_TYPES = frozenset(
    {"string", "textarea", "phone", "url", "email", "encryptedstring", "picklist", "combobox"}
)
_EXAMPLES = 3
_SAMPLES = 100
_CREATES = (Action.INSERT, Action.UPSERT)


@dataclass
class Finding:
    """One kind of trouble in one field: how many rows, the first few values shown, and more of them to try fixes on.

    What does not fail is only worth a word. Of a `shut` column no value is taken: only leaving it out helps.
    """

    text: str
    rows: int = 0
    examples: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)
    fails: bool = True
    shut: bool = False


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
        self,
        facts: ObjectFacts,
        shaper: Shaper,
        action: Action,
        refused: Callable[[int, str], object],
        *,
        key: str = "",
    ) -> None:
        self._shaper = shaper
        self._refused = refused
        self._checks = [_Column(name, facts, action, key) for name in shaper.fields]
        self._dependents = dependents(shaper.fields, facts)
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
        for one in self._dependents:
            strange = one.strange(columns[one.place], columns[one.above])
            self._checks[one.place].remark(one.text, strange)
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
        if not told:
            return {}
        return {
            at: told[value].reason for at, value in enumerate(values) if value in told and told[value].reason
        }

    def report(self) -> Report:
        """What was found so far."""
        return Report(self._rows, self._failing, tuple(check.report() for check in self._checks))


class _Column:
    def __init__(self, name: str, facts: ObjectFacts, action: Action, key: str) -> None:
        fact = facts.field(name)
        self.name = name
        self._shut = ""
        if fact is not None and not may_write(fact, name, action, key):
            self._shut = why_shut(fact, action)
        self._one_way = one_way(fact, name, action, key) if fact is not None else ""
        self._fact = fact
        self._filled = 0
        self._failing = 0
        self._findings: dict[str, Finding] = {}
        # A relationship column (Parent.ERP_Id__c) holds a key of another object: only emptiness could be judged here.
        direct = fact is not None and fact.name.lower() == name.lower()
        self._test = value_test(fact) if fact is not None and direct else None
        text = plain(fact) if fact is not None and direct else ""
        self._plain = re.compile(text) if text else None
        self._plain_block = block_of(rf"(?:{text}|{NULL}|)(?=\n)") if text else None
        self._longest = _longest(fact) if fact is not None and direct else 0
        self._prefixes = _prefixes(fact, facts) if fact is not None and direct else frozenset()
        self._scale = _scale(fact) if fact is not None and direct else None
        self._listed = listed(fact) if fact is not None and direct and _open_list(fact) else None
        self._empty_as = fact.empty_as if fact is not None and direct and action in _CREATES else ""
        self._objects = (facts.label,) if fact is None or fact.type == "id" else fact.reference_to
        required = fact is not None and direct and not fact.nillable and fact.type != "boolean"
        self._required = required and not action.id_only and fact is not None and not fact.defaulted
        # An empty cell leaves an existing record as it is; only an explicit null would empty the field.
        self._empties = (NULL,) if action is Action.UPDATE else ("", NULL)

    def take(self, values: Sequence[str], unfit: Mapping[int, str]) -> Iterable[tuple[int, str]]:
        self._filled += len(values) - values.count("") - values.count(NULL)
        if self._shut:
            return self._all(values)
        self._remarks(values)
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
        if self._plain_block is not None and self._plain_block.fullmatch(lines(values)):
            return set()
        test, sure = self._judged, self._plain
        left = {value for value in set(values) if sure is None or not sure.fullmatch(value)} - {"", NULL}
        return {value for value in left if test(value)}

    def _judged(self, value: str) -> str:
        """Why the org would refuse a value; what it would take with less in it is noted elsewhere."""
        reason = self._test(value) if self._test is not None else ""
        if not reason and self._prefixes and value[:3] not in self._prefixes:
            return _("an id of another object, not of {objects}").format(objects=", ".join(self._objects))
        return reason

    def _remarks(self, values: Sequence[str]) -> None:
        """Count what the org takes, but not as it was perhaps meant."""
        if self._one_way:
            self.remark(self._one_way, [value for value in values if value])
        scale, known = self._scale, self._listed
        if scale is not None and self._fact is not None and scale.search("\n".join(values)):
            text = _("more than {n} decimals, which the org cuts off").format(n=self._fact.scale)
            self.remark(text, [value for value in values if scale.search(value)])
        if known is not None:
            strange = {value for value in set(values) - {"", NULL} if not known(value)}
            text = _("not in the field's list of values, which takes others too")
            self.remark(text, [value for value in values if value in strange] if strange else ())
        if self._empty_as:
            text = _("empty: a new record gets the type {name}").format(name=self._empty_as)
            self.remark(text, [value for value in values if value == ""])

    def remark(self, text: str, values: Sequence[str]) -> None:
        """Count values that are worth a word and refuse nothing."""
        if not values:
            return
        finding = self._findings.setdefault(text, Finding(text, fails=False))
        finding.rows += len(values)
        for value in dict.fromkeys(values):
            show(finding, value)

    def _all(self, values: Sequence[str]) -> list[tuple[int, str]]:
        """The rows that give the column a value, where no value of it is taken."""
        reason = self._shut
        found = [(at, reason) for at, value in enumerate(values) if value]
        for at, _reason in found:
            self._note(reason, values[at])
        if found:
            self._findings[reason].shut = True
        return found

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
                reason = self._judged(value)
            if reason:
                self._note(reason, value)
                found.append((at, reason))
        return found

    def _note(self, reason: str, value: str) -> None:
        self._failing += 1
        finding = self._findings.setdefault(reason, Finding(reason))
        finding.rows += 1
        show(finding, value)

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


def show(finding: Finding, value: str) -> None:
    """Keep a value of a finding's rows to show and to try fixes on, up to a number of them."""
    if value and value != NULL and len(finding.samples) < _SAMPLES and value not in finding.samples:
        finding.samples.append(value)
        if len(finding.examples) < _EXAMPLES:
            finding.examples.append(value[:80])


def _open_list(fact: Field) -> bool:
    """The org offers values and takes others too."""
    return fact.type in ("picklist", "multipicklist") and not fact.restricted and bool(fact.values)


def _scale(fact: Field) -> re.Pattern[str] | None:
    """Finds a number with more decimals than the org keeps; whole numbers are judged already."""
    if fact.type not in ("double", "currency", "percent") or not fact.precision:
        return None
    return re.compile(rf"\.[0-9]{{{fact.scale}}}0*[1-9]")


def _prefixes(fact: Field, facts: ObjectFacts) -> frozenset[str]:
    """What ids of the field begin with; nothing where an object's ids are not known by their beginning."""
    if fact.type == "id":
        return frozenset({facts.key_prefix} - {""})
    known = {**PREFIXES, **dict(facts.prefixes), facts.name: facts.key_prefix}
    found = [known.get(name, "") for name in fact.reference_to]
    return frozenset(found) if found and all(found) and "" not in found else frozenset()


def too_long(fact: Field, value: str) -> str:
    """The reason where a value has more characters than its field; else empty."""
    limit = _longest(fact)
    return _("longer than {limit} characters").format(limit=limit) if 0 < limit < len(value) else ""


def unknown_prefixes(fields: Iterable[str], facts: ObjectFacts) -> bool:
    """Among the fields is a reference whose ids cannot be told from others before the org's list of objects is read."""
    known = {*PREFIXES, facts.name, *(name for name, _prefix in facts.prefixes)}
    sent = (facts.by_name.get(name.lower()) for name in fields)
    return any(not known.issuperset(field.reference_to) for field in sent if field is not None)


def with_finding(report: Report, name: str, found: Finding, failing: int) -> Report:
    """The report with one more finding of a field, by which so many more of its rows fail; the commonest stay first."""
    fields = tuple(
        replace(
            one,
            failing=one.failing + failing,
            findings=tuple(sorted((*one.findings, found), key=lambda finding: -finding.rows)),
        )
        if one.field == name
        else one
        for one in report.fields
    )
    return replace(report, fields=fields)


def _longest(fact: Field) -> int:
    return fact.length if fact.type in _TEXT_TYPES or fact.type == "id" else 0
