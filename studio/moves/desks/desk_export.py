"""What the window asks about exports: which objects and fields there are, a query's first records, the export itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.connectors.salesforce.describe import Field, ObjectFacts, describe, list_objects
from studio.connectors.salesforce.session import Org
from studio.moves import store
from studio.moves.desks.carried import Answer, Message, Tell
from studio.moves.desks.type_names import type_text
from studio.moves.exports import export as exporting
from studio.moves.exports.soql_choice import Choice, Condition, from_soql, to_soql
from studio.moves.places import Connected, place_of
from studio.moves.rows.plan import discard, new_folder
from studio.moves.targets.delimited import Style
from studio.moves.targets.deliver import FILE as ANSWER
from studio.moves.targets.deliver import table_name
from studio.moves.targets.kinds import TABLES, Format, check_table, format_of

_FIRST = 20
# A spreadsheet takes no longer name for a sheet.
_LONGEST_SHEET = 31


class ExportDesk:
    """`signed_in` gives the org in use and the name it goes by."""

    def __init__(self, signed_in: Callable[[], tuple[Org, str]]) -> None:
        self._org = signed_in
        self._facts: dict[tuple[int, str], ObjectFacts] = {}
        self.answers: dict[str, Answer] = {
            "export_objects": self._objects,
            "export_fields": self._fields,
            "export_soql": self._soql,
            "export_choice": self._choice,
            "export_preview": self._preview,
            "export_run": self._run,
            "export_resume": self._resume,
        }

    async def _object(self, name: str) -> ObjectFacts:
        org, _name = self._org()
        key = (id(org), name.lower())
        if key not in self._facts:
            self._facts[key] = await describe(org, name)
        return self._facts[key]

    async def _objects(self, *_more: object) -> Any:
        org, _name = self._org()
        return [{"name": o.name, "label": o.label, "custom": o.custom} for o in await list_objects(org)]

    async def _fields(self, message: Message, *_more: object) -> Any:
        """An object's fields; with `through` those of the parent a relationship leads to, by their whole path."""
        facts = await self._object(str(message["object"]))
        through = str(message.get("through") or "")
        if not through:
            return [_field(field, "", "") for field in facts.fields]
        leading = next((f for f in facts.fields if f.relationship == through), None)
        if leading is None or not leading.reference_to:
            raise BadInput(
                _("{object} has no relationship {name}.").format(object=facts.name, name=through),
                next_step=_("Choose one of its lookup fields."),
            )
        parent = await self._object(leading.reference_to[0])
        return [_field(field, f"{through}.", f"{leading.label} › ") for field in parent.fields]

    async def _soql(self, message: Message, *_more: object) -> Any:
        """The query of what is ticked."""
        conditions = tuple(Condition(**given) for given in message["conditions"])
        choice = Choice(
            str(message["object"]), tuple(message["fields"]), conditions, int(message.get("limit") or 0)
        )
        types = {c.field: await self._type(choice.object, c.field) for c in conditions}
        return to_soql(choice, lambda name: types.get(name, "string"))

    async def _type(self, name: str, path: str) -> str:
        """The type of a field, looked for through its relationships; "string" for one nobody knows."""
        facts = await self._object(name)
        *through, last = path.split(".")
        for step in through:
            leading = next((f for f in facts.fields if f.relationship.lower() == step.lower()), None)
            if leading is None or not leading.reference_to:
                return "string"
            facts = await self._object(leading.reference_to[0])
        known = facts.field(last)
        return known.type if known is not None else "string"

    async def _choice(self, message: Message, *_more: object) -> Any:
        """What a query's text ticks; None where it is more than can be ticked."""
        found = from_soql(str(message["soql"]))
        return asdict(found) if found is not None else None

    async def _preview(self, message: Message, *_more: object) -> Any:
        """The first records of a query and how many there are; raises what the org says of a wrong one."""
        org, _name = self._org()
        soql = str(message["soql"]).strip().rstrip(";")
        call = "queryAll" if message.get("deleted_too") else "query"
        size = {"Sforce-Query-Options": "batchSize=200"}
        answer = (await org.get(f"{org.data}/{call}", {"q": soql}, headers=size)).json()
        rows = [_flat(record) for record in answer.get("records", [])[:_FIRST]]
        asked = from_soql(soql)
        header = (
            list(asked.fields)
            if asked is not None
            else list(dict.fromkeys(name for row in rows for name in row))
        )
        lower = [{name.lower(): value for name, value in row.items()} for row in rows]
        shown = [[row.get(name.lower(), "") for name in header] for row in lower]
        return {"header": header, "rows": shown, "count": int(answer.get("totalSize", len(rows)))}

    async def _run(self, message: Message, tell: Tell, stop: asyncio.Event, _progress: Progress) -> Any:
        org, name = self._org()
        asked, final = target_of(message, name)
        identity = await org.identify()
        folder = new_folder(store.folder())
        held = str(folder / ANSWER) if asked.final else asked.target
        try:
            exporting.save(
                folder,
                replace(asked, target=held, org_id=identity.id, created=time.time(), version=org.version),
            )
        except BaseException:
            discard(folder)
            raise
        return await _carried(folder, org, tell, stop, final)

    async def _resume(self, message: Message, tell: Tell, stop: asyncio.Event, _progress: Progress) -> Any:
        org, _name = self._org()
        folder = store.move_folder(str(message["run"]))
        return await _carried(folder, org, tell, stop, "")


async def _carried(folder: Path, org: Org, tell: Tell, stop: asyncio.Event, final: str) -> Any:
    """Do an export to its end or to Stop; pages that came stay for going on."""

    def listener(rows: int, of: int) -> None:
        tell("exported", run=folder.name, rows=rows, of=of, used=org.usage.used, allowed=org.usage.allowed)

    work = asyncio.create_task(exporting.run(folder, org, listener=listener, final=final))
    stopping = asyncio.create_task(stop.wait())
    trouble: list[str] | None = None
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not work.done():
        work.cancel()
    try:
        await work
        state = "done"
    except asyncio.CancelledError:
        state = "stopped"
    except WeftError as error:
        state, trouble = "interrupted", [error.message, error.next_step]
    with suppress(asyncio.CancelledError):
        await stopping
    export = exporting.load(folder)
    return {
        "run": folder.name,
        "state": state,
        "trouble": trouble,
        "rows": export.rows,
        "seconds": export.seconds,
        "calls": export.calls,
        "target": export.final or export.target,
        "soql": export.soql,
        "org": export.org,
    }


def target_of(message: Mapping[str, Any], org: str) -> tuple[exporting.Export, str]:
    """The export a message asks for, and the address of its target with its password where that is a database.

    Raises BadInput for a target that cannot be written and for a table that is there, before the org is asked.
    """
    soql, text = str(message["soql"]).strip().rstrip(";"), str(message["target"]).strip()
    if not text:
        raise BadInput(
            _("No target was named."), next_step=_("Give a file to write, or the address of a database.")
        )
    place = place_of(text)
    kind = format_of(place)
    if isinstance(place, Path):
        place = place.expanduser().absolute()
        if place.is_dir():
            raise BadInput(_("The target is a folder."), file=place, next_step=_("Name a file in it."))
    made = exporting.Export(soql, str(place), org, deleted_too=bool(message.get("deleted_too")))
    style = str(message.get("style") or "")
    if style and kind is not Format.CSV:
        raise BadInput(_("Only a CSV file has a delimiter."), next_step=_("Leave the style of the CSV out."))
    if kind is Format.CSV:
        if Style.read(style).plain:
            return made, ""
        return replace(made, target="", final=str(place), style=style), str(place)
    table = table_name(str(message.get("table") or ""), soql)
    if kind is Format.EXCEL and not message.get("table"):
        table = table[:_LONGEST_SHEET]
    if kind in TABLES:
        check_table(place, table, bool(message.get("replace")))
    # A connection is looked up again, with its password, when the rows are there.
    final = str(place) if isinstance(place, (Path, Connected)) else text
    return replace(made, target="", final=str(place), table=table), final


def _field(field: Field, path: str, label: str) -> dict[str, Any]:
    return {
        "name": f"{path}{field.name}",
        "label": f"{label}{field.label}",
        "type": field.type,
        "shown": type_text(field),
        "related": field.relationship if not path else "",
        "to": list(field.reference_to),
    }


def _flat(record: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """A record's values by their paths, as text."""
    found: dict[str, str] = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, Mapping) and "records" not in value:
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = _text(value)
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _("{n} records").format(n=value.get("totalSize", 0))
    return str(value)
