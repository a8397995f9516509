"""What the window asks about moves of several objects: sources and their objects, lookups, a check, the run, an earlier one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.progress import Progress
from studio.base.secrets import SecretStore
from studio.connectors.salesforce.describe import Field, ObjectFacts, describe, list_objects
from studio.connectors.salesforce.session import Org
from studio.moves.access import guard, orgs
from studio.moves.access.opened import opened
from studio.moves.desks.carried import Answer, Message, Tell
from studio.moves.desks.desk_orgs import open_browser, unless_stopped
from studio.moves.maps.automap import automap, may_send
from studio.moves.model import Action, Options, Standing
from studio.moves.places import place_of
from studio.moves.several import kept
from studio.moves.several.check import Judged, judge
from studio.moves.several.file import in_folder, object_of
from studio.moves.several.model import Asked, Bound, Link, Part, Relation, Set, Target
from studio.moves.several.plan import shown_link
from studio.moves.several.run import SetInterrupted, make, run
from studio.moves.sources.bring import preview
from studio.moves.sources.kinds import Pick

_SHOWN_ROWS = 500


class SeveralDesk:
    """Answers about sets: the org they go to is the window's, the one they come from is opened here."""

    def __init__(
        self,
        stack: AsyncExitStack,
        signed_in: Callable[[], tuple[Org, str]],
        secrets: Callable[[], SecretStore],
    ) -> None:
        self._stack = stack
        self._signed_in = signed_in
        self._secrets = secrets
        self._source: tuple[str, Org] | None = None
        self.answers: dict[str, Answer] = {
            "several_files": self._files,
            "several_object": self._one,
            "several_source": self._open_source,
            "several_check": self._check,
            "several_run": self._run,
            "several_resume": self._resume,
            "several_old": self._old,
        }

    # The objects and where their rows are.

    async def _files(self, message: Message, *_more: object) -> Any:
        """The files given, or those of a folder, each with the object it is called after; "" where none is."""
        org, _name = self._signed_in()
        paths = [Path(text) for text in message["paths"]]
        if len(paths) == 1 and paths[0].is_dir():
            paths = in_folder(paths[0])
        objects = await list_objects(org)
        found = []
        for path in paths:
            called = ""
            with suppress(BadInput):
                called = object_of(path, objects)
            found.append(await self._described(str(path), called, org))
        return found

    async def _one(self, message: Message, *_more: object) -> Any:
        """A file with an object that was chosen for it, or an object of the other org."""
        org, _name = self._signed_in()
        return await self._described(str(message.get("source") or ""), str(message["object"]), org)

    async def _described(self, source: str, object_name: str, org: Org) -> dict[str, Any]:
        """A part as the window lists it, upserted where a column fills an external id."""
        header = _header(source) if source else ()
        made: dict[str, Any] = {
            "source": source,
            "shown": Path(source).name,
            "object": object_name,
            "action": Action.INSERT.value,
            "key": "",
            "keys": [],
        }
        if not object_name:
            return made
        facts = await describe(org, object_name)
        keys = [field for field in facts.keys if field.type != "id"]
        filled = {
            match.field for match in automap(header, facts, Action.UPSERT).matches if "." not in match.field
        }
        key = next((field.name for field in keys if field.external_id and field.name in filled), "")
        if key:
            made |= {"action": Action.UPSERT.value, "key": key}
        return made | {"object": facts.name, "keys": [field.name for field in keys]}

    async def _open_source(self, message: Message, tell: Tell, stop: asyncio.Event, *_more: object) -> Any:
        """Sign in to the org records come from; its objects."""
        source = await self._from(str(message["org"]), tell, stop)
        found = await list_objects(source)
        return [{"name": one.name, "label": one.label} for one in found if one.createable]

    async def _from(self, name: str, tell: Tell, stop: asyncio.Event) -> Org:
        if self._source is None or self._source[0] != name:

            def show(address: str, code: str) -> None:
                tell("browser", address=address, code=code)
                open_browser(address)

            entering = self._stack.enter_async_context(opened(orgs.find(name), self._secrets, show=show))
            self._source = (name, await unless_stopped(entering, stop))
        return self._source[1]

    async def _asked(self, message: Message, org: Org) -> Asked:
        parts = tuple([await _part(data, org) for data in message["parts"]])
        _org, name = self._signed_in()
        hold = Options(hold=bool(message.get("hold", True)))
        return Asked(parts, name, str(message.get("from") or ""), hold, again=bool(message.get("again")))

    # Checked, run, gone on with.

    async def _check(self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress) -> Any:
        """The order, the lookups and every row judged; nothing is sent."""
        progress.listener = lambda step: tell("read", rows=step.done)
        org, _name = self._signed_in()
        asked = await self._asked(message, org)
        source = await self._from(asked.source_org, tell, stop) if asked.source_org else None
        notes: list[str] = []
        verdict = await judge(asked, org, source, note=notes.append, progress=progress)
        found = verdict.found
        facts = {one.object: await describe(org, one.object) for one in found.bound}
        return {
            "steps": _plan(found, verdict.parts),
            "relations": [row for at in range(len(found.bound)) for row in _relations(found, at, facts)],
            "refused": list(_refused(verdict.parts))[:_SHOWN_ROWS],
            "held": sum(len(one.held) for one in verdict.parts),
            "notes": notes,
        }

    async def _run(self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress) -> Any:
        progress.listener = lambda step: tell("read", rows=step.done)
        org, name = self._signed_in()
        asked = await self._asked(message, org)
        source = await self._from(asked.source_org, tell, stop) if asked.source_org else None
        confirm = guard.confirmed(name, str(message.get("confirmed") or ""))
        made = await make(asked, org, source, confirm=confirm, progress=progress)
        return await self._carried(made.run, org, source, tell, stop, progress)

    async def _resume(self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress) -> Any:
        org, _name = self._signed_in()
        asked = kept.load(str(message["run"])).asked
        source = await self._from(asked.source_org, tell, stop) if asked.source_org else None
        return await self._carried(str(message["run"]), org, source, tell, stop, progress)

    async def _carried(
        self, name: str, org: Org, source: Org | None, tell: Tell, stop: asyncio.Event, progress: Progress
    ) -> Any:
        def listener(found: Set, at: int, standing: Standing) -> None:
            tell("several", **_standing(found, at, standing))

        try:
            found = await run(name, org, source, listener=listener, stop=stop, progress=progress)
        except SetInterrupted as error:
            return {**_summary(error.found), "trouble": [error.message, error.next_step]}
        return {**_summary(found), "trouble": None}

    async def _old(self, message: Message, *_more: object) -> Any:
        found = kept.load(str(message["run"]))
        seen = replace(found, state=kept.seen(found))
        return {**_summary(seen), "org": found.asked.org, "trouble": None}


def _header(source: str) -> tuple[str, ...]:
    return preview(place_of(source), Pick(first=True), 1).header


async def _part(data: Mapping[str, Any], org: Org) -> Part:
    """A part as the window chose it, with the lookups that were changed there."""
    part = Part(
        str(data["object"]),
        str(data.get("source") or ""),
        Action(data["action"]),
        str(data.get("key") or "") if data["action"] == Action.UPSERT else "",
        where=str(data.get("where") or ""),
        related=str(data.get("related") or ""),
    )
    changed = data.get("relations") or []
    if not part.source or not changed:
        return part
    return _with_lookups(part, changed, await describe(org, part.object))


def _with_lookups(part: Part, changed: Sequence[Mapping[str, Any]], facts: ObjectFacts) -> Part:
    entries = automap(_header(part.source), facts, part.action, part.key).map.entries
    fields = {entry.field: entry.column for entry in entries}
    relations = []
    for one in changed:
        field = facts.field(str(one["field"]))
        if field is None:
            continue
        fields = {name: column for name, column in fields.items() if facts.field(name) is not field}
        if not one["column"]:
            continue
        if one["key"]:
            kind = f"{one['object']}:" if len(field.reference_to) > 1 else ""
            fields[f"{kind}{field.relationship}.{one['by']}"] = one["column"]
        else:
            fields[field.name] = one["column"]
            relations.append(Relation(field.name, one["column"], one["object"], one["by"]))
    return replace(part, fields=fields, relations=tuple(relations))


def _plan(found: Set, judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """The steps in order; a pass that turned out to have no rows has none."""
    by = {(one.object, one.second): one for one in judged}
    lines = []
    for step in found.steps:
        bound = found.bound[step.part]
        one = by.get((bound.object, step.second))
        links = [shown_link(bound, link) for link in bound.links if link.deferred is step.second]
        lines.append(
            {
                "object": bound.object,
                "second": step.second,
                "action": (Action.UPDATE if step.second else bound.part.action).value,
                "key": "" if step.second else bound.key,
                "shown": bound.shown,
                "rows": one.report.rows if one is not None else 0,
                "held": len(one.held) if one is not None else 0,
                "links": links,
            }
        )
    return lines


def _relations(found: Set, at: int, facts: Mapping[str, ObjectFacts]) -> list[dict[str, Any]]:
    """The lookups of a part to objects of the set, filled or not, and what each may be filled with."""
    bound = found.bound[at]
    part = bound.part
    rows = []
    for field in facts[bound.object].fields:
        parents = [one for one in found.bound if one.object in field.reference_to]
        if not parents or not may_send(field, part.action, part.key):
            continue
        link = _filling(bound, field, facts[bound.object])
        rows.append(
            {
                "part": at,
                "object": bound.object,
                "shown": bound.shown,
                "field": field.name,
                "column": link.column if link is not None else "",
                "said": shown_link(bound, link) if link is not None else "",
                "second": link is not None and link.deferred,
                "columns": list(bound.header) if part.source else [],
                "ways": _ways(parents, facts) if part.source else [],
                **_way_of(link, field),
            }
        )
    return rows


def _filling(bound: Bound, field: Field, facts: ObjectFacts) -> Link | None:
    """How a lookup is filled; one by a key no object of the set fills is the org's alone to find."""
    for link in bound.links:
        if link.field == field.name:
            return link
    for name, column, constant in bound.plain:
        if constant is None and "." in name and facts.field(name) is field:
            kind = name.partition(":")[0] if ":" in name else field.reference_to[0]
            return Link(field.name, name, column, (Target(kind, ""),), learned=False)
    return None


def _way_of(link: Link | None, field: Field) -> dict[str, Any]:
    if link is None or not link.targets:
        return {"parent": field.reference_to[0], "by": "", "key": False}
    target = link.targets[0]
    if link.learned:
        return {"parent": target.object, "by": target.by, "key": False}
    return {"parent": target.object, "by": link.header.partition(".")[2], "key": True}


def _ways(parents: Sequence[Bound], facts: Mapping[str, ObjectFacts]) -> list[dict[str, Any]]:
    """By what rows of the parents can be named, the likely first: keys they fill, columns of theirs, keys of the org."""
    keys = [
        (
            one.key == field.name or any(name == field.name for name, _column, _constant in one.plain),
            one,
            field.name,
        )
        for one in parents
        for field in facts[one.object].keys
        if field.external_id
    ]
    columns = [(one, column) for one in parents for column in one.header]
    return [
        *(_way(one, name, key=True) for filled, one, name in keys if filled),
        *(_way(one, column) for one, column in columns),
        *(_way(one, name, key=True) for filled, one, name in keys if not filled),
    ]


def _way(parent: Bound, by: str, *, key: bool = False) -> dict[str, Any]:
    return {"object": parent.object, "by": by, "key": key, "shown": parent.shown}


def _refused(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    return [
        {"object": one.object, "second": one.second, "row": row, "answer": one.held[row]}
        for one in judged
        for row in sorted(one.held)[:_SHOWN_ROWS]
    ]


def _standing(found: Set, at: int, standing: Standing) -> dict[str, Any]:
    steps = _summary(found)["steps"]
    counts = standing.counts
    steps[at] |= {"run": standing.run, "state": "running", "read": standing.read, **asdict(counts)}
    return {"run": found.run, "steps": steps, "calls": standing.calls, "used": standing.used, "allowed": standing.allowed}  # fmt: skip


def _summary(found: Set) -> dict[str, Any]:
    """The set's own summary; what has not begun yet has the rows its source has."""
    data = found.summary()
    for step, line in zip(found.steps, data["steps"], strict=True):
        if not step.run and not step.over and not step.second:
            line["read"] = found.bound[step.part].rows
    return data
