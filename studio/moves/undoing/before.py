"""The before-image: records as they were, kept in the move's folder before a row that changes them is sent."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce import retrieve
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.query import quoted
from studio.connectors.salesforce.retrieve import Record
from studio.connectors.salesforce.rows import NULL
from studio.connectors.salesforce.session import Org
from studio.moves.carrying.api import unique_field
from studio.moves.journal import Chunk, Journal
from studio.moves.judging.values import NUMBER_TYPES
from studio.moves.model import Action, Before, Move
from studio.moves.rows.shape import Shaper
from studio.moves.rows.stage import read_rows

# Left to us, up to so many records are kept.
AUTO_LIMIT = 200_000
_FOLDER = "before"
# So many calls' worth of records are asked for at a time.
_SIDE_BY_SIDE = 4
# Neither can be sent back as a text in a row.
_NOT_KEPT = frozenset({"base64", "address", "location", "id"})
_KEEPS = frozenset({Action.UPDATE, Action.UPSERT, Action.DELETE, Action.HARD_DELETE})


@dataclass(frozen=True)
class KeyRule:
    """How rows find their records: by Id, or by a field whose capitals may not count or that holds a number."""

    field: str
    by_id: bool
    fold: bool = False
    number: bool = False
    prefix: str = ""

    @staticmethod
    def of(move: Move, facts: ObjectFacts) -> KeyRule:
        """The rule of a move that finds records."""
        field = facts.field("Id" if move.action is not Action.UPSERT else move.key)
        return KeyRule.by(field, facts)

    @staticmethod
    def by(field: Field | None, facts: ObjectFacts) -> KeyRule:
        """The rule of a field by which records are found; by their Id where there is none."""
        if field is None or field.type == "id":
            return KeyRule("Id", True, prefix=facts.key_prefix)
        number = field.type in NUMBER_TYPES
        return KeyRule(field.name, False, not (field.case_sensitive or number), number)

    def form(self, value: str) -> str:
        """A value as values of this key compare; empty for one that names no record."""
        if value in ("", NULL):
            return ""
        if self.by_id:
            wrong = not value.isalnum() or not value.isascii() or len(value) not in (15, 18)
            return "" if wrong or not value.startswith(self.prefix) else value[:15]
        if self.number:
            try:
                return format(Decimal(value).normalize(), "f") if len(value) < 40 else ""
            except InvalidOperation:
                return ""
        return value.casefold() if self.fold else value

    def literal(self, value: str) -> str:
        """A value as SOQL writes it; of a form that is not empty."""
        return self.form(value) if self.number else quoted(value)


@dataclass(frozen=True)
class Plan:
    """What is kept of each record. `sent` are the places in a sent row whose fields are kept, none for a deletion.

    `fields` are the names in the image; a value of a change is kept only where the row sends one.
    """

    object: str
    key: KeyRule
    fields: tuple[str, ...]
    sent: tuple[int, ...] = ()
    # Those of the fields, and the key, that hold numbers.
    numbers: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Plan:
        """The plan of JSON data written by `to_data`."""
        key = KeyRule(**data["key"])
        numbers = tuple(data.get("numbers", ()))
        return Plan(data["object"], key, tuple(data["fields"]), tuple(data["sent"]), numbers)


def wanted(move: Move, rows: int) -> bool | None:
    """Whether an image is kept of a move that sends so many rows; None where an undo needs none."""
    if move.action not in _KEEPS:
        return None
    if move.options.before is Before.AUTO:
        return rows <= AUTO_LIMIT
    return move.options.before is Before.ON


def make_plan(move: Move, facts: ObjectFacts) -> Plan:
    """What is kept for a move of KEEPS."""
    key = KeyRule.of(move, facts)
    numbers = tuple(f.name for f in facts.fields if f.type in NUMBER_TYPES)
    if move.action.id_only:
        kept = [f.name for f in facts.fields if f.createable and f.type not in _NOT_KEPT]
        return Plan(facts.name, key, tuple(kept), numbers=numbers)
    fields: dict[str, int] = {}
    for place, entry in enumerate(move.map.entries):
        field = facts.field(entry.field)
        if field is not None and field.updateable and field.type not in _NOT_KEPT:
            fields.setdefault(field.name, place)
    return Plan(facts.name, key, tuple(fields), tuple(fields.values()), numbers)


def rule_of(move: Move, facts: ObjectFacts) -> dict[str, Any] | None:
    """How rows of the move find their records once they are applied, as JSON data; None where they cannot."""
    if move.action is not Action.INSERT:
        return asdict(KeyRule.of(move, facts))
    unique = unique_field(move, facts)
    return asdict(KeyRule.of(replace(move, action=Action.UPSERT, key=unique), facts)) if unique else None


def said(move: Move, kept: bool | None) -> str:
    """What was decided, for a person; nothing where nothing had to be."""
    if kept is None:
        return ""
    if kept:
        return _("The records are kept as they were, so that the move can be undone (--before-image).")
    if move.options.before is Before.OFF:
        return _("No before-image: what the move changes cannot be put back (--before-image).")
    return _(
        "No before-image, as there are more than {limit:,} rows: what the move changes cannot be put back; "
        "--before-image on keeps the records."
    ).format(limit=AUTO_LIMIT)


class Keeper:
    """Keeps the image of each chunk before it is sent; one that is kept already stays, whoever was killed meanwhile."""

    def __init__(self, org: Org, journal: Journal, shaper: Shaper) -> None:
        self._org = org
        self._journal = journal
        self._shaper = shaper
        data = journal.facts.get("before")
        self._plan = Plan.from_data(data) if data else None
        self._deletes = journal.move.action.id_only
        # Whether many records may be asked for by a job.
        self._by_job = True

    async def keep(self, chunk: Chunk) -> None:
        """Write the chunk's image unless it is there; raises NotReachable, SalesforceError, NotWritten."""
        if self._plan is None or chunk.parent is not None or chunk.state.in_the_org:
            return
        path = image_path(self._journal.folder, chunk.number)
        if path.exists():
            return
        with atomic.writing(path) as file:
            async with aclosing(self._images(chunk, self._plan)) as images:
                async for lines in images:
                    file.write(lines)

    async def _images(self, chunk: Chunk, plan: Plan) -> AsyncGenerator[bytes, None]:
        """The image batch by batch, in the order of the rows; several batches are asked for at a time."""
        batches = self._batches(chunk, plan)
        while group := list(islice(batches, _SIDE_BY_SIDE)):
            tasks = [asyncio.create_task(self._image(batch, plan)) for batch in group]
            try:
                for task in tasks:
                    yield await task
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _batches(self, chunk: Chunk, plan: Plan) -> Iterator[list[tuple[int, tuple[str, ...]]]]:
        """The rows that are sent and name a record, with their numbers; as many as one call asks for."""
        held = self._journal.held(chunk.part)
        at = _key_place(self._shaper, plan.key)
        rows = (
            (number, self._shaper.one(row))
            for number, row in enumerate(read_rows(self._journal.folder, chunk.part), chunk.part.first)
            if number not in held
        )
        named = ((number, row) for number, row in rows if plan.key.form(row[at]))
        size = self._by_job and retrieve.job_at_once(len(plan.fields))
        size = size or retrieve.at_once(len(plan.fields))
        while batch := list(islice(named, size)):
            yield batch

    async def _image(self, batch: Sequence[tuple[int, tuple[str, ...]]], plan: Plan) -> bytes:
        at = _key_place(self._shaper, plan.key)
        records = await self._find(plan, [row[at] for _number, row in batch])
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, row in batch:
            record = records.get(plan.key.form(row[at]))
            if record is not None:
                writer.writerow([number, record["Id"], *self._values(record, row, plan)])
        return text.getvalue().encode("utf-8")

    async def _find(self, plan: Plan, keys: Sequence[str]) -> dict[str, Record]:
        """The records: many by a job, unless the org does not answer one for this object, few by calls."""
        if self._by_job and len(keys) >= retrieve.JOB_LEAST:
            found = await find_many(self._org, plan, keys)
            if found is not None:
                return found
            self._by_job = False
        size = retrieve.at_once(len(plan.fields))
        records: dict[str, Record] = {}
        for start in range(0, len(keys), size):
            records |= await find(self._org, plan, keys[start : start + size])
        return records

    def _values(self, record: Record, row: Sequence[str], plan: Plan) -> Iterator[str]:
        if self._deletes:
            yield from (text_of(record.get(name), "") for name in plan.fields)
            return
        for name, place in zip(plan.fields, plan.sent, strict=True):
            yield text_of(record.get(name), NULL) if row[place] != "" else ""


async def find(org: Org, plan: Plan, keys: Sequence[str]) -> dict[str, Record]:
    """The records that values of the key name, by the form in which keys compare."""
    rule = plan.key
    if rule.by_id:
        return await retrieve.by_ids(org, plan.object, keys, ["Id", *plan.fields])
    literals = {rule.form(key): rule.literal(key) for key in keys if rule.form(key)}
    found: dict[str, Record] = {}
    async for record in retrieve.by_keys(org, plan.object, rule.field, list(literals.values()), plan.fields):
        found.setdefault(rule.form(text_of(record.get(rule.field), "")), record)
    return found


async def find_many(org: Org, plan: Plan, keys: Sequence[str]) -> dict[str, Record] | None:
    """What `find` finds for thousands of values, by a query job; None where the org does not answer it for the object."""
    rule = plan.key
    forms = {form: key for key in keys if (form := rule.form(key))}
    # An id is told by its first 15 characters, whatever the others are.
    literals = [quoted(form) if rule.by_id else rule.literal(key) for form, key in forms.items()]
    try:
        records = await retrieve.by_job(
            org, plan.object, rule.field, literals, plan.fields, frozenset(plan.numbers)
        )
    except SalesforceError as error:
        if error.status != 400:
            raise
        return None
    if records is None:
        return None
    found: dict[str, Record] = {}
    for record in records:
        found.setdefault(rule.form(str(record.get(rule.field) or "")), record)
    return found


def _key_place(shaper: Shaper, key: KeyRule) -> int:
    return [name.lower() for name in shaper.fields].index(key.field.lower())


def text_of(value: Any, null: str) -> str:
    """A value of an answer as a row sends it."""
    if value is None:
        return null
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def image_path(folder: Path, chunk: int) -> Path:
    """Where a chunk's image is."""
    return folder / _FOLDER / f"{chunk:06d}.csv"


def images(folder: Path) -> Iterator[tuple[int, str, list[str]]]:
    """The kept records in the order of the chunks: row number, Id, values of the plan's fields."""
    for path in sorted((folder / _FOLDER).glob("[0-9]*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, id_, *values in csv.reader(file, strict=True):
                yield int(number), id_, values
