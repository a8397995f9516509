"""A set made ready: sources kept, fields and lookups found, the order worked out; nothing has been sent yet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress
from studio.connectors.salesforce.describe import ObjectFacts, describe
from studio.connectors.salesforce.session import Org, OrgIdentity
from studio.moves import store
from studio.moves.access.guard import Confirm, danger
from studio.moves.judging.checks import check_move
from studio.moves.load import Note
from studio.moves.model import Action, Move
from studio.moves.places import place_of
from studio.moves.several.bind import Known, bind, field_map, kept_file, known, take
from studio.moves.several.fetch import Fetched, fetch
from studio.moves.several.model import Bound, Link, Rows, Set
from studio.moves.several.names import Names
from studio.moves.several.order import ordered


async def planned(
    begun: Set,
    org: Org,
    source: Org | None,
    folder: Path,
    *,
    note: Note = lambda _text: None,
    confirm: Confirm | None = None,
    progress: Progress | None = None,
) -> Set:
    """The set with its parts bound and its steps in order; `source` is the org the records come from, if one does.

    Raises BadInput for anything that would make the org refuse all rows of an object, before a row is sent, and what
    `confirm` raises, which is asked before records of a production org are changed.
    """
    asked = begun.asked
    if not asked.parts:
        raise BadInput(_("No object was named."), next_step=_("Name at least one object with its source."))
    facts = [await describe(org, part.object) for part in asked.parts]
    fetched = Fetched((), {})
    names = Names(folder)
    try:
        if source is not None:
            names.clear()
            fetched = await fetch(asked, facts, org, source, folder, names, note)
            ready = list(fetched.known)
        else:
            ready = []
            for number, (part, fact) in enumerate(zip(asked.parts, facts, strict=True), 1):
                taken = take(part, folder / f"{number}-{fact.name}", progress)
                shown = replace(part, source=str(_shown(part.source)))
                ready.append(known(shown, fact, taken))
    finally:
        names.close()
    bound, steps = ordered([bind(one, ready, fetched.extra) for one in ready])
    if asked.options.first:
        steps = tuple(replace(step, rows=Rows.FIRST) for step in steps)
    for made, fact in zip(bound, facts, strict=True):
        _check(made, fact)
    identity = await org.identify()
    if not asked.again:
        _refuse_repeats(bound, identity.id)
    for one in ready:
        _note_unmapped(one, note)
    if confirm is not None:
        await _confirm(bound, identity, confirm)
    clean = replace(asked, parts=tuple(made.part for made in bound))
    return replace(begun, asked=clean, bound=bound, steps=steps, org_id=identity.id, version=org.version)


async def _confirm(bound: Sequence[Bound], identity: OrgIdentity, confirm: Confirm) -> None:
    """Ask before the first row is sent about every object whose records would be changed."""
    for one in bound:
        found = danger(
            one.part.action, one.object, one.rows, identity, source=kept_file(one.file), held=one.held
        )
        if found is not None:
            await confirm(found)


def _shown(source: str) -> object:
    place = place_of(source)
    return place.absolute() if isinstance(place, Path) else place


def _check(bound: Bound, facts: ObjectFacts) -> None:
    added = [link.filled for link in bound.links if link.learned]
    part = bound.part
    deferred = any(link.deferred for link in bound.links)
    check_move(
        Move(part.action, facts.name, part.source, bound.key, field_map(bound)),
        (*bound.header, *added),
        facts,
    )
    if deferred:
        header = ("Id", *(link.column for link in bound.links), *added)
        check_move(
            Move(Action.UPDATE, facts.name, part.source, "", field_map(bound, second=True)), header, facts
        )


def _refuse_repeats(bound: Sequence[Bound], org_id: str) -> None:
    for one in bound:
        if one.part.action is not Action.INSERT or any(link.learned for link in one.links):
            continue
        with Path(one.file).open("rb") as file:
            sha = hashlib.file_digest(file, "sha256").hexdigest()
        before = store.same_insert(org_id, one.object, sha)
        if before is not None:
            raise BadInput(
                _("These very rows were already inserted into {object} by {run}.").format(
                    object=one.object, run=before.run
                ),
                file=one.part.source or None,
                next_step=_("To insert them once more, say so with --again."),
            )


def _note_unmapped(one: Known, note: Note) -> None:
    sent = {entry.column for entry in one.entries} | {
        relation.column for relation in one.part.relations if relation.column
    }
    left = [column for column in one.taken.header if column not in sent and column.lower() != "id"]
    if left:
        text = ngettext(
            "{object}: {n} column is not sent: {columns}.",
            "{object}: {n} columns are not sent: {columns}.",
            len(left),
        )
        note(text.format(object=one.facts.name, n=len(left), columns=", ".join(left)))


def lines(found: Set) -> list[str]:
    """The plan in words, a step a line: what goes when, how many rows, and how lookups are filled."""
    said = []
    for number, step in enumerate(found.steps, 1):
        bound = found.bound[step.part]
        links = [link for link in bound.links if link.deferred is step.second]
        told = "; ".join(in_words(link) for link in links)
        if step.second:
            text = _("{n}. {object}: fill what had to wait, by the ids of the records").format(
                n=number, object=bound.object
            )
        else:
            action = bound.part.action.value + (
                _(" by {key}").format(key=bound.key) if bound.part.action is Action.UPSERT else ""
            )
            text = _("{n}. {object}: {action}, {rows:,} rows of {source}").format(
                n=number, object=bound.object, action=action, rows=bound.rows, source=bound.shown
            )
        said.append(f"{text}; {told}" if told else text)
    return said


def in_words(link: Link) -> str:
    """A lookup in words."""
    parents = ", ".join(dict.fromkeys(target.object for target in link.targets))
    if not link.learned:
        return _("{field} by {header}, which the org finds").format(field=link.field, header=link.header)
    bys = ", ".join(dict.fromkeys(target.by for target in link.targets))
    return _("{field} = the new id of the {parents} whose {by} is in {column}").format(
        field=link.field, parents=parents, by=bys, column=link.column
    )


def shown_link(bound: Bound, link: Link) -> str:
    """A lookup as a sentence: `contacts.csv: Company → Account, by the external id ERP_Id__c`."""
    parents = ", ".join(dict.fromkeys(target.object for target in link.targets))
    values = {"source": bound.shown, "column": link.column, "parents": parents, "by": ""}
    if not link.learned:
        values["by"] = link.header.partition(".")[2]
        return _("{source}: {column} → {parents}, by the external id {by}").format(**values)
    values["by"] = ", ".join(dict.fromkeys(target.by for target in link.targets))
    if link.deferred:
        return _("{source}: {column} → {parents} whose {by} it is, in a second pass").format(**values)
    return _("{source}: {column} → {parents} whose {by} it is").format(**values)
