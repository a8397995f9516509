"""From an object as asked for to one that can be moved: its rows kept, its columns mapped, its lookups into the set found."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from studio.base.atomic import discard, make_folder, told
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import Field, ObjectFacts
from studio.moves.maps.automap import automap, may_send
from studio.moves.maps.sdl import read_sdl
from studio.moves.model import Action, Entry, FieldMap
from studio.moves.places import place_of
from studio.moves.several.model import Bound, Fold, Link, Missing, Part, Relation, Target
from studio.moves.sources.bring import FILE as BROUGHT
from studio.moves.sources.bring import bring

ROWS = "rows.csv"
_AT_ONCE = 500
ACTIONS = (Action.INSERT, Action.UPDATE, Action.UPSERT)


@dataclass(frozen=True)
class Taken:
    """The rows of a part, kept as they were when the set began."""

    file: Path
    header: tuple[str, ...]
    rows: int
    shown: str
    held: Mapping[int, str]


def take(part: Part, folder: Path, progress: Progress | None = None) -> Taken:
    """Copy a part's rows into `folder`: every pass, a resumed one too, reads the same rows. Raises as `bring` does."""
    make_folder(folder)
    brought = bring(
        place_of(part.source),
        part.pick,
        folder,
        encoding=part.encoding,
        delimiter=part.delimiter,
        progress=progress,
    )
    path = folder / ROWS
    if brought.file.path == folder / BROUGHT:
        brought.file.path.replace(path)
        file = replace(brought.file, path=path)
        with file.rows() as rows:
            return Taken(path, file.header, sum(1 for _row in rows), brought.shown, brought.held)
    count = 0
    with told(path), path.open("w", encoding="utf-8", newline="") as out, brought.file.rows() as rows:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(brought.file.header)
        while batch := list(islice(rows, _AT_ONCE)):
            if progress is not None:
                progress.check()
            writer.writerows(batch)
            count += len(batch)
    if brought.file.path.parent == folder:
        discard(brought.file.path)
    return Taken(path, brought.file.header, count, Path(part.source).name, brought.held)


def kept_file(path: str | Path) -> DelimitedFile:
    """Rows that were kept, as a source."""
    return DelimitedFile.open(Path(path), encoding="utf-8", delimiter=",")


@dataclass(frozen=True)
class Known:
    """What relations are found by: the parts' objects, their columns, and their field maps before relations."""

    part: Part
    facts: ObjectFacts
    taken: Taken
    entries: tuple[Entry, ...]

    def column(self, name: str) -> str:
        """The column called so, or the one that fills the field called so; "" without one."""
        for column in self.taken.header:
            if column.lower() == name.lower():
                return column
        return next((e.column for e in self.entries if e.field.lower() == name.lower()), "")


def known(part: Part, facts: ObjectFacts, taken: Taken) -> Known:
    """A part with its field map: given by columns, by a .sdl file, or found from the columns' names.

    Raises BadInput for an action that makes no records, and for a map that cannot be read.
    """
    if part.action not in ACTIONS:
        raise BadInput(
            _("Several objects are inserted, updated or upserted together, not {action}.").format(
                action=part.action.value
            ),
            next_step=_("Run a move of its own for it."),
        )
    header = taken.header
    if part.fields:
        entries = tuple(Entry(name, column) for name, column in part.fields.items())
    elif part.map_file:
        entries = read_sdl(Path(part.map_file), header, facts).entries
    else:
        entries = automap(header, facts, part.action, part.key).map.entries
    for one in part.relations:
        if one.column and not any(entry.field.lower() == one.field.lower() for entry in entries):
            entries = (*entries, Entry(one.field, one.column))
    return Known(part, facts, taken, entries)


def bind(one: Known, all_: Sequence[Known], extra: Mapping[str, Target] | None = None) -> Bound:
    """The part with its lookups. `extra` are objects whose records are known already, by name (User, RecordType)."""
    relations = {asked.field.lower(): asked for asked in one.part.relations}
    links: list[Link] = []
    plain: list[tuple[str, str, str | None]] = []
    for entry in one.entries:
        asked = relations.pop(entry.field.lower(), None)
        column = (asked.column if asked else "") or entry.column
        link = None
        if entry.constant is None:
            link = _link(one, replace(entry, column=column), asked, all_, extra or {})
        if link is not None:
            links.append(link)
        else:
            plain.append((entry.field, column, entry.constant))
    for asked in relations.values():
        raise BadInput(
            _("No column fills {field} of {object}.").format(field=asked.field, object=one.facts.name),
            next_step=_("Write it like this: {example}").format(
                example=f"relations: {{{asked.field}: {{column: …}}}}"
            ),
        )
    key = one.facts.field(one.part.key) if one.part.key and "." not in one.part.key else None
    taken = one.taken
    return Bound(
        one.part, one.facts.name or one.part.object, str(taken.file), taken.header, taken.rows, taken.shown,
        key.name if key else one.part.key, tuple(plain), tuple(links), taken.held,
    )  # fmt: skip


def _link(
    one: Known, entry: Entry, asked: Relation | None, all_: Sequence[Known], extra: Mapping[str, Target]
) -> Link | None:
    field = one.facts.field(entry.field)
    if field is None or not field.reference_to or entry.column not in one.taken.header:
        return None
    if one.part.action is Action.UPSERT and entry.field.lower() == one.part.key.lower():
        return None
    if "." in entry.field:
        return _by_key(one, entry, field, all_)
    wanted = (asked.object,) if asked is not None and asked.object else field.reference_to
    targets: list[Target] = []
    weak = True
    for name in wanted:
        parent = next((each for each in all_ if each.facts.name.lower() == name.lower()), None)
        if parent is not None:
            targets.append(_target(one, entry, parent, asked))
            weak = False
        elif name in extra:
            targets.append(extra[name])
    if not targets:
        return None
    missing = asked.missing if asked is not None else None
    if missing is None:
        missing = Missing.EMPTY if weak and field.name != "RecordTypeId" else Missing.HOLD
    return Link(
        field.name, field.name, entry.column, tuple(targets), True, _firm(one, field), weak, False, missing
    )


def _by_key(one: Known, entry: Entry, field: Field, all_: Sequence[Known]) -> Link | None:
    """A lookup by a parent's key: the org finds the record; parents in the set only go first."""
    relation, _dot, key = entry.field.partition(".")
    kind = relation.partition(":")[0] if ":" in relation else ""
    targets = []
    for parent in all_:
        if parent.facts.name not in field.reference_to or (
            kind and parent.facts.name.lower() != kind.lower()
        ):
            continue
        found = parent.facts.field(key)
        column = next((e.column for e in parent.entries if e.field.lower() == key.lower()), "")
        if found is not None and column:
            fold = Fold.EXACT if found.case_sensitive else Fold.LOWER
            targets.append(Target(parent.facts.name, column, fold))
    if not targets:
        return None
    # The parent may be in the org from before: what the set does not know is for the org to find.
    return Link(
        field.name, entry.field, entry.column, tuple(targets), False, _firm(one, field), False, False,
        Missing.KEEP,
    )  # fmt: skip


def _target(one: Known, entry: Entry, parent: Known, asked: Relation | None) -> Target:
    by = parent.column(asked.by) if asked is not None and asked.by else ""
    if not by and (asked is None or not asked.by):
        by = parent.column("Id") or (parent.column(parent.part.key) if parent.part.key else "")
    if not by:
        raise BadInput(
            _("{object}.{field} names rows of {parent}, and no column of them says which.").format(
                object=one.facts.name, field=entry.field, parent=parent.facts.name
            ),
            file=parent.part.source or None,
            next_step=_("Give {parent} a column Id, or name the column: {example}").format(
                parent=parent.facts.name, example=f"relations: {{{entry.field}: {{by: …}}}}"
            ),
        )
    return Target(parent.facts.name, by, Fold.ID if by.lower() == "id" else Fold.EXACT)


def _firm(one: Known, field: Field) -> bool:
    """The lookup cannot be filled later: a record must be made with it, or it cannot be changed."""
    creates = one.part.action in (Action.INSERT, Action.UPSERT)
    return not field.updateable or (creates and field.required_on_create)


def field_map(bound: Bound, *, second: bool = False) -> FieldMap:
    """What a pass sends: in the first all but the lookups that wait, in the second these with the record's id."""
    if second:
        return FieldMap(
            (
                Entry("Id", "Id"),
                *(Entry(link.header, link.filled) for link in bound.links if link.deferred),
            )
        )
    plain = [Entry(name, column, constant) for name, column, constant in bound.plain]
    return FieldMap((*plain, *(Entry(link.header, link.filled) for link in bound.links if not link.deferred)))


def sendable(fields: Sequence[str], part: Part, facts: ObjectFacts) -> list[Field]:
    """The fields among those named that a part may send."""
    found = [facts.field(name) for name in fields]
    return [field for field in found if field is not None and may_send(field, part.action, part.key)]
