"""Records of another org as sources of a set: picked by conditions, only related ones where asked; owners and record types by name."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from studio.base.atomic import discard, make_folder, told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.connectors.salesforce.describe import Field, ObjectFacts, describe
from studio.connectors.salesforce.errors import SalesforceError
from studio.connectors.salesforce.query import query, quoted
from studio.connectors.salesforce.rows import encode_header
from studio.connectors.salesforce.session import Org
from studio.moves.exports import export
from studio.moves.load import Note
from studio.moves.maps.automap import may_send
from studio.moves.model import Action, Entry
from studio.moves.several.bind import ROWS, Known, Taken, kept_file
from studio.moves.several.model import Asked, Fold, Part, Target
from studio.moves.several.names import Entry as Name
from studio.moves.several.names import Fate, Named, Names, folded

_ANSWER = "answer.csv"
# So many ids fit into a condition of a query (100,000 characters).
_MOST_IDS = 3000
_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Whose records are found again in the other org by a name of theirs.
_BY_NAME = {"User": "Username", "Group": "DeveloperName", "RecordType": "DeveloperName"}


@dataclass(frozen=True)
class Fetched:
    """The parts with their rows here, and the objects whose records were found again by name."""

    known: tuple[Known, ...]
    extra: Mapping[str, Target]


async def fetch(
    asked: Asked, facts: Sequence[ObjectFacts], org: Org, source: Org, folder: Path, names: Names, note: Note
) -> Fetched:
    """Read the picked records of `source`; each object is an export of its own in `folder`, gone on with when cut off.

    Raises BadInput, NotReachable, SalesforceError.
    """
    theirs = [await describe(source, part.object) for part in asked.parts]
    extra = await _found_again(org, source, names, theirs)
    parts = list(zip(asked.parts, facts, theirs, strict=True))
    place = {fact.name.lower(): at for at, fact in enumerate(facts)}
    done: dict[int, Known] = {}
    while len(done) < len(parts):
        ready = [at for at in range(len(parts)) if at not in done and _may_go(parts[at][0], place, done)]
        if not ready:
            raise BadInput(
                _("The objects are each related to another one of them, and none is picked by itself."),
                next_step=_("Take the related condition from one of them."),
            )
        at = ready[0]
        part, fact, other = parts[at]
        fields = _fields(part, fact, other, {one.name for one in facts} | set(extra), note)
        related = done[place[part.related.lower()]] if part.related else None
        here = folder / f"{at + 1}-{fact.name}"
        taken = await _rows(part, fact, other, fields, related, source, here)
        done[at] = Known(part, fact, taken, tuple(Entry(name, name) for name in fields if name != "Id"))
    return Fetched(tuple(done[at] for at in range(len(parts))), extra)


def _may_go(part: Part, place: Mapping[str, int], done: Mapping[int, Known]) -> bool:
    if not part.related:
        return True
    at = place.get(part.related.lower())
    if at is None:
        raise BadInput(
            _("{object} is to be related to {other}, which is not in the move.").format(
                object=part.object, other=part.related
            ),
            next_step=_("Add {other} to the move.").format(other=part.related),
        )
    return at in done


def _fields(part: Part, facts: ObjectFacts, theirs: ObjectFacts, known: set[str], note: Note) -> list[str]:
    """The fields both orgs have and this one takes; Id first, which names the rows."""
    wanted = {name.lower() for name in part.fields}
    found = ["Id"]
    lost: list[str] = []
    for field in facts.fields:
        if wanted and field.name.lower() not in wanted:
            continue
        if field.type == "id" or field.name.lower() not in theirs.by_name:
            continue
        if not _taken(field, part):
            continue
        if field.reference_to and not set(field.reference_to) & known:
            lost.append(f"{field.name} ({', '.join(field.reference_to[:3])})")
            continue
        found.append(field.name)
    # A parent's key is carried as it stands: `Campaign.Key__c`.
    found += [name for name in part.fields if "." in name]
    missing = [name for name in wanted if "." not in name and name not in {one.lower() for one in found}]
    if missing:
        raise BadInput(
            _("{object} has no field that could be carried called {names}.").format(
                object=facts.name, names=", ".join(sorted(missing))
            ),
            next_step=_("Correct the fields; both orgs must have them, and this one must take them."),
        )
    if lost:
        note(
            _("{object}: lookups to objects that are not in the move are left out: {fields}.").format(
                object=facts.name, fields=", ".join(lost)
            )
        )
    return found


def _taken(field: Field, part: Part) -> bool:
    """The org takes the field from every row: an upsert makes records and changes others."""
    if part.action is not Action.UPSERT or field.name.lower() == part.key.lower():
        return may_send(field, part.action, part.key)
    both = field.createable and (field.updateable or field.required_on_create)
    return both and may_send(field, part.action, part.key)


async def _rows(
    part: Part,
    facts: ObjectFacts,
    theirs: ObjectFacts,
    fields: Sequence[str],
    related: Known | None,
    source: Org,
    folder: Path,
) -> Taken:
    make_folder(folder)
    path, answer = folder / ROWS, folder / _ANSWER
    column, ids = _relation(theirs, related, fields) if related is not None else ("", set())
    if not path.exists():
        if not export.is_export(folder):
            soql = _soql(part, theirs, fields, column, ids)
            identity = await source.identify()
            export.save(folder, export.Export(soql, str(answer), org_id=identity.id))
        await export.run(folder, source)
        if not answer.stat().st_size:
            # Some orgs say nothing at all where there is no record.
            answer.write_bytes(encode_header(fields))
        _keep(answer, path, column, ids)
    file = kept_file(path)
    with file.rows() as rows:
        count = sum(1 for _row in rows)
    discard(answer)
    return Taken(path, file.header, count, _("{object} of the other org").format(object=facts.name), {})


def _soql(part: Part, theirs: ObjectFacts, fields: Sequence[str], column: str, ids: set[str]) -> str:
    if not _OBJECT.fullmatch(theirs.name):
        raise BadInput(_("{name} is no name of an object.").format(name=theirs.name))
    conditions = [f"({part.where})"] if part.where else []
    if column and 0 < len(ids) <= _MOST_IDS:
        conditions.append(f"{column} IN ({', '.join(quoted(one) for one in sorted(ids))})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(fields)} FROM {theirs.name}{where}"


def _relation(theirs: ObjectFacts, related: Known, fields: Sequence[str]) -> tuple[str, set[str]]:
    """The column by which rows belong to the picked ones of another object, and the values that do.

    Children are found by their lookup to the parent, parents by the lookups of the picked children.
    """
    parent = related.facts.name
    for name in fields:
        field = theirs.field(name)
        if field is not None and "." not in name and parent in field.reference_to:
            return name, _values(related.taken, "Id")
    for field in related.facts.fields:
        if theirs.name in field.reference_to and field.name in related.taken.header:
            return "Id", _values(related.taken, field.name)
    raise BadInput(
        _("No lookup leads from {object} to {other}, nor the other way.").format(
            object=theirs.name, other=parent
        ),
        next_step=_("Take the related condition from {object}.").format(object=theirs.name),
    )


def _values(taken: Taken, column: str) -> set[str]:
    at = taken.header.index(column)
    with kept_file(taken.file).rows() as rows:
        return {row[at] for row in rows if row[at]}


def _keep(answer: Path, path: Path, column: str, ids: set[str]) -> None:
    """The rows that belong; all of them where nothing was asked."""
    if not column:
        with told(path):
            answer.replace(path)
        return
    part = path.with_suffix(".part")
    file = kept_file(answer)
    at = [name.lower() for name in file.header].index(column.lower())
    with told(part), part.open("w", encoding="utf-8", newline="") as out, file.rows() as rows:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(file.header)
        writer.writerows(row for row in rows if row[at] in ids)
    with told(path):
        part.replace(path)


async def _found_again(
    org: Org, source: Org, names: Names, theirs: Sequence[ObjectFacts]
) -> dict[str, Target]:
    """Learn which user, queue and record type of this org each of the other's is: those with the same name."""
    wanted = {name for facts in theirs for field in facts.fields for name in field.reference_to}
    extra: dict[str, Target] = {}
    for object_name in _BY_NAME:
        if object_name not in wanted:
            continue
        here = {key: id_ async for key, id_ in _by_name(org, object_name)}
        there = [(id_, key) async for key, id_ in _by_name(source, object_name)]
        names.learn(object_name, object_name, _pairs(there, here))
        extra[object_name] = Target(object_name, "Id", Fold.ID)
    return extra


def _pairs(there: Sequence[tuple[str, str]], here: Mapping[str, str]) -> list[Name]:
    """The other org's ids with ours; a sandbox adds its name to those of users, on either side."""
    longer = {key.rpartition(".")[0]: id_ for key, id_ in here.items()}
    found: list[Name] = []
    for id_, key in there:
        same = here.get(key) or here.get(key.rpartition(".")[0]) or longer.get(key)
        if same is not None:
            found.append(("Id", folded(id_, Fold.ID), Named(same, Fate.THERE)))
    return found


async def _by_name(org: Org, object_name: str) -> AsyncIterator[tuple[str, str]]:
    """Name, capitals set aside, and id of the records; nothing where the org has no such object."""
    field = _BY_NAME[object_name]
    more = ", SobjectType" if object_name == "RecordType" else ""
    with suppress(SalesforceError):
        async for record in query(org, f"SELECT Id, {field}{more} FROM {object_name}"):
            key = f"{record.get('SobjectType', '')}.{record[field]}".lower()
            yield key, str(record["Id"])
