"""Whether the records that rows name are there: the org is asked, many at a time, before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.salesforce import retrieve
from studio.connectors.salesforce.describe import Field, ObjectFacts, describe
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.query import quoted
from studio.connectors.salesforce.rows import NULL
from studio.connectors.salesforce.session import Org
from studio.moves.judging.preflight import Finding, Report, show, with_finding
from studio.moves.judging.rights import one_way
from studio.moves.judging.values import PREFIXES
from studio.moves.model import Action, Move
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import Slice, read_rows
from studio.moves.undoing.before import KeyRule, text_of

# Different values that are remembered, of all columns together.
MOST = 200_000
_ID = "Id"


@dataclass(frozen=True)
class Question:
    """Whether records of an object have the values of one field that rows send (`place`), looked for by the field `key`.

    `objects` are the objects an id may be of. `missing` is what is wrong with a row whose record is not there, `there`
    with one whose record is; empty where nothing is. `only` is the place of a field without whose value nothing is.
    """

    place: int
    objects: tuple[str, ...]
    key: str
    missing: str = ""
    there: str = ""
    only: int | None = None
    # Where the source itself may make the record, in an earlier row: the place of the field that holds its key.
    own: int | None = None


@dataclass(frozen=True)
class Cost:
    """What asking takes: so many different values, about so many calls; `more` values than are asked for at once."""

    values: int
    calls: int
    more: bool = False

    @property
    def said(self) -> str:
        """For a person, before it is done."""
        return _(
            "The org is asked whether the records that rows name are there (different values: {values:,}, API calls: about {calls:,})."
        ).format(values=self.values, calls=self.calls)

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return {"values": self.values, "calls": self.calls}


class Wanted:
    """Gathers the values that the org can be asked for while rows are staged; a watcher of the staging."""

    def __init__(self, move: Move, facts: ObjectFacts, shaper: Shaper) -> None:
        self.questions = tuple(_questions(move, facts, shaper))
        self.shaper = shaper
        self.facts = facts
        places = (place for one in self.questions for place in (one.place, one.own) if place is not None)
        self._values: dict[int, set[str]] = {place: set() for place in places}
        self._full = False

    @property
    def needed(self) -> bool:
        """There is something to ask for."""
        return bool(self.questions)

    def rows(self, _first: int, rows: Sequence[list[str]]) -> None:
        """Take the values of rows; those of another width than the header are not sent."""
        width = self.shaper.width
        fitting = rows if all(len(row) == width for row in rows) else [r for r in rows if len(r) == width]
        for place, values in self._values.items():
            if not self._full:
                values.update(self.shaper.values(place, fitting))
        self._full = self._full or sum(map(len, self._values.values())) >= MOST

    def values(self, place: int) -> list[str]:
        """The different values that rows send of a field, in the order of their letters."""
        return sorted(self._values[place] - {"", NULL})

    def cost(self) -> Cost:
        """What asking takes."""
        values = {one.place: self.values(one.place) for one in self.questions}
        calls = sum(_calls(one, values[one.place], self.facts.name) for one in self.questions)
        asked = sum(len(values[place]) for place in values)
        return Cost(asked, calls, self._full)


@dataclass(frozen=True)
class Answered:
    """The report with what asking found, the rows it holds back besides, and sentences for a person."""

    report: Report
    held: Mapping[int, str]
    told: tuple[str, ...] = field(default=())


def _questions(move: Move, facts: ObjectFacts, shaper: Shaper) -> Iterator[Question]:
    changes = move.action in (Action.UPDATE, Action.DELETE, Action.HARD_DELETE)
    for place, name in enumerate(shaper.fields):
        fact = facts.field(name)
        if fact is None:
            continue
        if "." in name:
            yield from _by_key(place, name, fact, move, [one.lower() for one in shaper.fields])
        elif fact.type == "id" and (changes or (move.action is Action.UPSERT and move.key.lower() == "id")):
            text = _("there is no record with this Id, or it is in the recycle bin")
            yield Question(place, (facts.name,), _ID, missing=text)
        elif move.action.id_only:
            continue
        elif fact.type == "reference" and fact.reference_to and not fact.values:
            text = _("no such record of {objects}, or the user may not see it").format(
                objects=", ".join(fact.reference_to[:3])
            )
            yield Question(place, fact.reference_to, _ID, missing=text)
        elif move.action is Action.INSERT and fact.unique:
            text = _("a record with this unique value is there already")
            yield Question(place, (facts.name,), fact.name, there=text)
    if move.action is Action.UPSERT:
        yield from _one_way(move, facts, shaper)


def _by_key(place: int, name: str, fact: Field, move: Move, fields: Sequence[str]) -> Iterator[Question]:
    """A parent named by a key of its own: `Parent.ERP_Id__c`, or `Type:Parent.Key__c` where it may be of several kinds."""
    before, _dot, key = name.rpartition(".")
    kind = before.rpartition(":")[0]
    objects = (kind,) if kind else fact.reference_to
    if len(objects) == 1 and not move.action.id_only:
        text = _("no record of {objects} has this {key}, or the user may not see it").format(
            objects=objects[0], key=key
        )
        creates = move.action in (Action.INSERT, Action.UPSERT) and objects[0].lower() == move.object.lower()
        own = fields.index(key.lower()) if creates and key.lower() in fields else None
        yield Question(place, objects, key, missing=text, own=own)


def _one_way(move: Move, facts: ObjectFacts, shaper: Shaper) -> Iterator[Question]:
    """Fields that an upsert may write only where it creates a record, or only where it finds one."""
    names = [name.lower() for name in shaper.fields]
    key = facts.by_name.get(move.key.lower())
    if key is None or move.key.lower() not in names:
        return
    for place, name in enumerate(shaper.fields):
        fact = facts.by_name.get(name.lower())
        if fact is None or not one_way(fact, name, move.action, move.key):
            continue
        at = names.index(move.key.lower())
        if fact.createable:
            text = _("the record is there already, and the field is taken of new ones only")
            yield Question(at, (facts.name,), key.name, there=text, only=place)
        else:
            text = _("the record would be new, and the field is taken of those only that are there already")
            yield Question(at, (facts.name,), key.name, missing=text, only=place)


def _calls(question: Question, values: Sequence[str], own: str) -> int:
    if not values:
        return 0
    if question.key == _ID:
        return -(-len(values) // retrieve.MOST)
    asked = sum(1 for _ in retrieve.asking(question.objects[0], question.key, list(map(quoted, values)), ()))
    # What kind of field the key is has to be asked for too.
    return asked + (question.objects[0] != own)


async def look_up(
    wanted: Wanted,
    report: Report,
    held: Mapping[int, str],
    folder: Path,
    part: Slice,
    org: Org,
    progress: Progress | None = None,
) -> Answered:
    """Ask the org, and judge every staged row by the answers; rows in `held` keep their reason.

    Nothing is written to the org. A question it does not answer is told and judges no row. Raises NotReachable.
    """
    told: list[str] = []
    wrong: dict[Question, dict[str, str]] = {}
    if wanted.cost().more:
        told.append(
            _(
                "The first {n:,} different values were asked for; rows with others are not judged by them."
            ).format(n=MOST)
        )
    answers: dict[tuple[int, str], _There] = {}
    for question in wanted.questions:
        (progress or Progress()).check()
        known = question.place, question.key
        try:
            if known not in answers:
                answers[known] = await _ask(question, wanted, org)
        except SalesforceError as error:
            name = wanted.shaper.fields[question.place]
            told.append(
                _("{field} could not be looked up: {reason}").format(field=name, reason=error.message)
            )
            continue
        wrong[question] = answers[known].wrong(question, wanted.values(question.place))
    wrong = {question: values for question, values in wrong.items() if values}
    if not wrong:
        return Answered(report, held, tuple(told))
    report, more = _judge(wrong, wanted, report, held, _staged(folder, part))
    return Answered(report, {**held, **more}, tuple(told))


@dataclass(frozen=True)
class _There:
    """The forms of the values that records have; `several` where more than one record has it."""

    form: Callable[[str], str]
    there: frozenset[str]
    several: frozenset[str] = frozenset()

    def wrong(self, question: Question, values: Iterable[str]) -> dict[str, str]:
        """The values that are trouble, with the reason. What is no value of the key at all is judged elsewhere."""
        found: dict[str, str] = {}
        for value in values:
            form = self.form(value)
            reason = question.there if form in self.there else question.missing
            if form in self.several and question.missing:
                reason = _("more than one record has this value")
            if form and reason:
                found[value] = reason
        return found


async def _ask(question: Question, wanted: Wanted, org: Org) -> _There:
    values = wanted.values(question.place)
    if question.key == _ID:
        return await _ids(question, values, wanted.facts, org)
    facts = wanted.facts
    if question.objects[0].lower() != facts.name.lower():
        facts = await describe(org, question.objects[0])
    key = facts.by_name.get(question.key.lower())
    rule = KeyRule.by(key, facts) if key is not None else KeyRule(question.key, False, fold=True)
    literals = {rule.form(value): rule.literal(value) for value in values if rule.form(value)}
    seen = Counter(
        [
            rule.form(text_of(record.get(rule.field), ""))
            async for record in retrieve.by_keys(org, facts.name, rule.field, list(literals.values()), ())
        ]
    )
    several = frozenset(form for form, count in seen.items() if count > 1)
    return _There(rule.form, frozenset(seen), several)


async def _ids(question: Question, values: Sequence[str], facts: ObjectFacts, org: Org) -> _There:
    """Ids of several kinds of objects are told apart by what they begin with."""
    known = {**PREFIXES, **dict(facts.prefixes), facts.name: facts.key_prefix}
    kinds = {known[name]: name for name in question.objects if known.get(name)}
    only = question.objects[0] if len(question.objects) == 1 else ""
    asked: dict[str, list[str]] = {}
    # What an id of the only kind begins with may not be known.
    for value in values:
        name = kinds.get(value[:3], "") if kinds else only
        if name and _id_form(value):
            asked.setdefault(name, []).append(value)
    there: set[str] = set()
    unasked = {_id_form(value) for value in values} - {
        _id_form(value) for group in asked.values() for value in group
    }
    for name, group in asked.items():
        for start in range(0, len(group), retrieve.MOST):
            there |= set(await retrieve.by_ids(org, name, group[start : start + retrieve.MOST], [_ID]))
    # Of what cannot be asked for nothing is said: the check of the values tells ids of other objects.
    return _There(lambda value: "" if _id_form(value) in unasked else _id_form(value), frozenset(there))


def _id_form(value: str) -> str:
    return value[:15] if len(value) in (15, 18) and value.isascii() and value.isalnum() else ""


def _staged(folder: Path, part: Slice) -> Iterator[tuple[int, list[str]]]:
    return enumerate(read_rows(folder, part), part.first)


def _judge(
    wrong: Mapping[Question, Mapping[str, str]],
    wanted: Wanted,
    report: Report,
    held: Mapping[int, str],
    rows: Iterator[tuple[int, list[str]]],
) -> tuple[Report, dict[int, str]]:
    shaper = wanted.shaper
    made = {
        question: {value.casefold() for value in wanted.values(question.own)}
        for question in wrong
        if question.own is not None
    }
    more: dict[int, str] = {}
    findings: dict[tuple[str, str], Finding] = {}
    for number, row in rows:
        sent = shaper.one(row)
        for question, values in wrong.items():
            value = sent[question.place]
            if value not in values or (question.only is not None and not sent[question.only]):
                continue
            place = question.place if question.only is None else question.only
            name, text = shaper.fields[place], values[value]
            own = text == question.missing and value.casefold() in made.get(question, ())
            if own:
                text = _("not there yet: its own row must be sent before this one")
            finding = findings.setdefault((name, text), Finding(text, fails=not own))
            finding.rows += 1
            show(finding, value)
            if not own and number not in held:
                more.setdefault(number, f"{name}: {text}")
    for (name, _text), finding in findings.items():
        report = with_finding(report, name, finding, finding.rows if finding.fails else 0)
    return replace(report, failing=len(held) + len(more)), more
