"""What the move window asks for: orgs, objects, a source's first rows, a map, a check, the move itself, its failed rows."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.progress import Progress
from studio.base.secrets import SecretStore, open_store
from studio.connectors.files.delimited import DelimitedFile
from studio.connectors.salesforce.describe import Field, ObjectFacts, ObjectName, describe, list_objects
from studio.connectors.salesforce.errors import row_error
from studio.connectors.salesforce.session import Org
from studio.moves import load as loading
from studio.moves import store
from studio.moves.access import guard, orgs
from studio.moves.access.opened import opened
from studio.moves.carrying.api import choose
from studio.moves.carrying.parts import OUR_COLUMNS
from studio.moves.desks import desk_fixes, desk_map, desk_saved, desk_undo, desk_values, memory
from studio.moves.desks.carried import Answer, Message, Tell, carried
from studio.moves.desks.desk_export import ExportDesk
from studio.moves.desks.desk_fix import FixDesk
from studio.moves.desks.desk_history import HistoryDesk
from studio.moves.desks.desk_orgs import OrgDesk, identity_data, open_browser, unless_stopped
from studio.moves.desks.desk_several import SeveralDesk
from studio.moves.desks.type_names import type_text
from studio.moves.judging.dry_run import dry_run
from studio.moves.maps.automap import automap, may_send
from studio.moves.maps.meant import column_of
from studio.moves.model import (
    Action,
    Api,
    Before,
    Blank,
    Duplicates,
    Entry,
    FieldMap,
    Move,
    Options,
)
from studio.moves.places import place_of
from studio.moves.rows.recognise import Formats
from studio.moves.sources.bring import preview
from studio.moves.sources.kept import Kept
from studio.moves.sources.kinds import Pick

if TYPE_CHECKING:
    from studio.moves.maps import expressions
else:
    # They bring the whole engine, which most moves do without.
    expressions = Lazily("studio.moves.maps.expressions")

_PREVIEW_ROWS = 20
_SHOWN_ROWS = 500


class Desk:
    """One window's moves: the org it is signed in to and what was read of it."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._org: Org | None = None
        self._name = ""
        self._store: SecretStore | None = None
        self._facts: dict[str, ObjectFacts] = {}
        self._kept = Kept()
        stack.callback(self._kept.forget)
        self.answers: dict[str, Answer] = {
            **OrgDesk(self._secrets).answers,
            "open": self._open,
            "objects": self._objects,
            "describe": self._describe,
            "preview": self._preview,
            "automap": self._automap,
            "check": self._check,
            "run": self._run,
            "resume": self._resume,
            # After a trial: the same move with the rest of its rows.
            "continue": self._resume,
            "dry_run": self._dry_run,
            "failed": self._failed,
            **desk_undo.answers(self._signed_in),
        }
        # Answers of other modules, each about a thing of its own.
        self.answers |= FixDesk(stack, lambda: (self._signed_in(), self._name)).answers
        self.answers |= HistoryDesk().answers
        self.answers |= memory.ANSWERS
        self.answers |= desk_map.answers(self._object)
        self.answers |= ExportDesk(lambda: (self._signed_in(), self._name)).answers
        self.answers |= SeveralDesk(stack, lambda: (self._signed_in(), self._name), self._secrets).answers
        self.answers |= desk_fixes.answers(_request, self._kept)
        self.answers |= desk_saved.answers(_request, lambda: (self._signed_in(), self._name), self._kept)
        self.answers |= desk_values.answers(_request, self._signed_in, self._kept)

    async def _open(self, message: Message, tell: Tell, stop: asyncio.Event, *_more: object) -> Any:
        name = str(message["org"])
        near = Path(message["near"]) if message.get("near") else None

        def show(address: str, code: str) -> None:
            tell("browser", address=address, code=code)
            open_browser(address)

        login = orgs.find(name, near)
        entering = self._stack.enter_async_context(opened(login, self._secrets, show=show))
        org = await unless_stopped(entering, stop)
        self._org, self._name = org, name
        self._facts.clear()
        identity = await org.identify()
        told = orgs.remember(login, identity)
        return {
            **identity_data(identity),
            "color": told.color,
            "practice": login.flow == orgs.PRACTICE,
            "version": org.version,
            "used": org.usage.used,
            "allowed": org.usage.allowed,
        }

    def _secrets(self) -> SecretStore:
        if self._store is None:
            self._store = open_store()
        return self._store

    def _signed_in(self) -> Org:
        if self._org is None:
            raise BadInput(_("No org is open yet."), next_step=_("Choose an org first."))
        return self._org

    async def _objects(self, message: Message, *_more: object) -> Any:
        action = Action(message.get("action", "upsert"))
        found = await list_objects(self._signed_in())
        return [
            {"name": item.name, "label": item.label, "custom": item.custom}
            for item in found
            if _able(item, action)
        ]

    async def _describe(self, message: Message, *_more: object) -> Any:
        facts = await self._object(str(message["object"]))
        action, key = Action(message.get("action", "upsert")), str(message.get("key", ""))
        return {
            "name": facts.name,
            "label": facts.label,
            "keys": [{"name": field.name, "label": field.label} for field in facts.keys],
            "fields": [
                _field_data(field, action, key) for field in facts.fields if may_send(field, action, key)
            ],
        }

    async def _object(self, name: str) -> ObjectFacts:
        if name not in self._facts:
            self._facts[name] = await describe(self._signed_in(), name)
        return self._facts[name]

    async def _preview(self, message: Message, *_more: object) -> Any:
        found = preview(
            place_of(str(message["source"])),
            replace(_pick(message), first=True),
            _PREVIEW_ROWS,
            encoding=str(message.get("encoding") or ""),
            delimiter=str(message.get("delimiter") or ""),
        )
        return {
            "kind": found.kind.value,
            "header": list(found.header),
            "rows": [list(row) for row in found.rows],
            "shown": found.shown,
            "encoding": found.encoding,
            "delimiter": found.delimiter,
            "choices": list(found.choices),
            "chosen": found.chosen,
            "header_row": found.header_row,
            "doubt": found.doubt,
        }

    async def _automap(self, message: Message, *_more: object) -> Any:
        facts = await self._object(str(message["object"]))
        action = Action(message["action"])
        header, rows = list(message["header"]), message.get("rows", ())
        samples = {name: column_of(rows, at) for at, name in enumerate(header)}
        found = automap(header, facts, action, str(message.get("key", "")), samples)
        return [
            *({"column": m.column, "field": m.field, "why": m.why.shown} for m in found.matches),
            *(
                {"column": m.column, "field": "", "why": m.why.shown, "maybe": m.field}
                for m in found.proposed
            ),
        ]

    async def _check(self, message: Message, tell: Tell, _stop: asyncio.Event, progress: Progress) -> Any:
        progress.listener = lambda step: tell("read", rows=step.done)
        request = _request(message)
        # A table may have changed since it was read; what is checked now is what will be sent.
        self._kept.forget()
        checked = await loading.check(request, self._signed_in(), bringer=self._kept.bring, progress=progress)
        report, held = checked.report, checked.held
        always = len(checked.read.planned.held) - checked.read.planned.judged
        source = self._kept.bring(request, store.folder(), progress).file
        facts = await self._object(request.object)
        left = replace(request.options, api=Api.AUTO)
        move = Move(request.action, facts.name, "", request.key, request.map or FieldMap(), "", left)
        return {
            "rows": report.rows,
            "held": len(held),
            # Without a key, with one of another row, of another width: these stay here whatever is chosen.
            "held_always": always,
            "api": choose(move, report.rows - always, facts).value,
            "api_held": choose(move, report.rows - len(held), facts).value,
            "fields": desk_fixes.fields_data(checked, facts, request),
            "told": [*checked.read.told, *checked.told],
            # What asking the org for the records that rows name takes, and whether it was done.
            "look_up": {**checked.cost.to_data(), "asked": request.look_up},
            "refused": list(_refused(source, held)),
        }

    async def _run(self, message: Message, tell: Tell, stop: asyncio.Event, progress: Progress) -> Any:
        progress.listener = lambda step: tell("read", rows=step.done)
        request = replace(_request(message), org=self._name)
        return await carried(
            tell,
            lambda listener: loading.load(
                request,
                self._signed_in(),
                bringer=self._kept.bring,
                listener=listener,
                note=lambda text: tell("note", text=text),
                confirm=guard.confirmed(self._name, str(message.get("confirmed") or "")),
                stop=stop,
                progress=progress,
            ),
        )

    async def _dry_run(self, message: Message, tell: Tell, _stop: asyncio.Event, progress: Progress) -> Any:
        """What the run would do (dry_run.Outlook as data)."""
        progress.listener = lambda step: tell("read", rows=step.done)
        self._kept.forget()
        found = await dry_run(
            _request(message), self._signed_in(), bringer=self._kept.bring, progress=progress
        )
        return found.to_data()

    async def _resume(self, message: Message, tell: Tell, stop: asyncio.Event, _progress: Progress) -> Any:
        name = str(message["run"])
        return await carried(
            tell, lambda listener: loading.resume(name, self._signed_in(), listener=listener, stop=stop)
        )

    async def _failed(self, message: Message, *_more: object) -> Any:
        """The first rows of a result file: number, source values, the answer in parts."""
        found: list[dict[str, Any]] = []
        with Path(message["file"]).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if len(found) == _SHOWN_ROWS:
                    break
                number, record_id, answer = (row.pop(name) for name in OUR_COLUMNS)
                said = row_error(answer)
                found.append(
                    {
                        "row": int(number),
                        "id": record_id,
                        "values": list(row.values()),
                        "code": said.code,
                        "answer": said.message,
                        "fields": list(said.fields),
                    }
                )
        return found


def _able(item: ObjectName, action: Action) -> bool:
    """The user may do this to records of the object."""
    if action.id_only:
        return item.deletable
    creates, changes = action is not Action.UPDATE, action is not Action.INSERT
    return (item.createable or not creates) and (item.updateable or not changes)


def _field_data(field: Field, action: Action, key: str) -> dict[str, Any]:
    creates = action in (Action.INSERT, Action.UPSERT)
    return {
        "name": field.name,
        "label": field.label,
        "type": type_text(field),
        "kind": field.type,
        "required": (creates and field.required_on_create) or (action.by_id and field.type == "id"),
        "key": field.name.lower() == key.lower(),
        "related": field.relationship,
    }


def _pick(message: Message) -> Pick:
    return Pick(
        str(message.get("sheet") or ""),
        int(message.get("header_row") or 0),
        str(message.get("table") or ""),
        str(message.get("query") or ""),
        bare=bool(message.get("bare")),
    )


def _request(message: Message) -> loading.Request:
    entries = tuple(map(Entry.from_data, message["map"]))
    return loading.Request(
        Action(message["action"]),
        str(message["object"]),
        place_of(str(message["source"])),
        key=str(message.get("key") or ""),
        map=FieldMap(entries),
        encoding=str(message.get("encoding") or ""),
        delimiter=str(message.get("delimiter") or ""),
        pick=_pick(message),
        formats=Formats(str(message.get("zone") or ""), message.get("formats") or {}),
        options=Options(
            blank=Blank(message.get("blank", "leave")),
            duplicates=Duplicates(message.get("duplicates", "hold")),
            hold=bool(message.get("hold", True)),
            api=Api(message.get("api", Api.AUTO)),
            before=Before(message.get("before", Before.AUTO)),
            first=int(message.get("first") or 0),
        ),
        again=bool(message.get("again", False)),
        look_up=bool(message.get("look_up", False)),
        compute=expressions.computed(scripts) if (scripts := message.get("scripts")) else None,
    )


def _refused(source: DelimitedFile, held: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    """The first rows that would be held back, with their values and, where a check names one, the field at fault."""
    last = max(held, default=0)
    with source.rows() as rows:
        shown = 0
        for number, row in enumerate(rows, 1):
            if number > last or shown == _SHOWN_ROWS:
                return
            if number in held:
                shown += 1
                yield {"row": number, "values": row, "answer": held[number]}
