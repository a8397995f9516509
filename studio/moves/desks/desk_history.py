"""What the window asks of earlier moves: all of them with their figures, one opened again, one deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from studio.connectors.files.delimited import DelimitedFile
from studio.engine.address import is_address
from studio.moves import clearing, store
from studio.moves.desks.carried import Answer, Message
from studio.moves.exports import export as exporting
from studio.moves.journal import Journal
from studio.moves.mending import family
from studio.moves.model import Counts
from studio.moves.several import kept
from studio.moves.several.model import Set
from studio.moves.store import MoveRecord
from studio.moves.targets import delimited
from studio.moves.targets.columns import object_of
from studio.moves.targets.kinds import Answer as Answer_
from studio.moves.targets.kinds import Column


class HistoryDesk:
    """Answers from the journals alone: no org is asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {
            "moves": self._moves,
            "old_export": self._old_export,
            "move": self._move,
            "together": self._together,
            "delete_move": self._delete,
            "result_copy": self._copy,
        }

    async def _moves(self, *_more: object) -> Any:
        records = list(store.records())
        found = [_line(record) | _with_others(record, records) for record in records]
        names = {line["org"]: line["org_name"] for line in found}
        found += [_export_line(run, export, names) for run, export in exporting.all_exports(store.folder())]
        found += [_set_line(one) for one in kept.all_sets()]
        return sorted(found, key=lambda line: (-line["created"], line["run"]))

    async def _move(self, message: Message, *_more: object) -> Any:
        """A move as it was chosen, to be shown or done again, and its end as it is now."""
        record = store.record(str(message["run"]))
        move = record.move
        return {
            **_line(record),
            "key": move.key,
            "map": [asdict(entry) for entry in move.map.entries],
            "part": dict(record.facts.get("part", {})),
            "scripts": dict(record.facts.get("scripts", {})),
            "zone": str(record.facts.get("zone", "")),
            "api": move.options.api.value,
            "first": move.options.first,
            "header": family.own_columns(record),
            "blank": move.options.blank.value,
            "duplicates": move.options.duplicates.value,
            "hold": move.options.hold,
            "summary": _summary(record),
        }

    async def _old_export(self, message: Message, *_more: object) -> Any:
        """An export as it was chosen, and how far it is."""
        run = str(message["run"])
        export = exporting.load(store.move_folder(run))
        return {
            "run": run,
            "state": "done" if export.finished else "stopped",
            "trouble": None,
            "rows": export.rows,
            "seconds": export.seconds,
            "calls": export.calls,
            "target": export.final or export.target,
            "soql": export.soql,
            "org": export.org,
        }

    async def _together(self, message: Message, *_more: object) -> Any:
        found = family.together(store.record(str(message["run"])))
        if found is None:
            return None
        return {"runs": list(found.runs), "read": found.read, **_counts(found.counts, found.read)}

    async def _copy(self, message: Message, *_more: object) -> Any:
        """A result file once more, beside it, as the CSV a spreadsheet reads; the file's place."""
        file, text = Path(message["file"]), str(message["style"])
        header = DelimitedFile.open(file, encoding="utf-8", delimiter=",").header
        place = file.with_name(f"{file.stem}-{text.replace(',', '-')}.csv")
        delimited.write(Answer_(file, tuple(map(Column, header)), 0), place, delimited.Style.read(text))
        return str(place)

    async def _delete(self, message: Message, *_more: object) -> Any:
        """Remove a move's folder; raises BadInput while somebody works on it."""
        clearing.remove(str(message["run"]), sure=bool(message.get("sure")))
        return None


def _shown(place: str) -> str:
    """A file by its name, a database by its address."""
    return place if is_address(place) else Path(place).name


def _counts(counts: Counts, read: int) -> dict[str, int]:
    return {
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "unprocessed": counts.unprocessed,
        # What is in no chunk's count yet waits to be sent.
        "not_sent": max(read - counts.succeeded - counts.failed - counts.unprocessed, 0),
    }


def _line(record: MoveRecord) -> dict[str, Any]:
    return {
        "run": record.run,
        "kind": "load",
        "action": record.move.action.value,
        "object": record.move.object,
        "org": record.move.org,
        "org_name": record.facts.get("org_name") or record.move.org,
        "source": record.move.source,
        "shown": _shown(record.move.source),
        "state": record.state.value,
        "created": record.created,
        "read": record.rows,
        "parent": family.parent(record),
        # A step of a move of several objects goes on with its set.
        "set": source.name if kept.is_set((source := Path(record.move.source).parent).name) else "",
        "undone": bool(record.facts.get("undo")),
        "undoes": str(record.facts.get("undo_of") or ""),
        **_counts(record.counts, record.rows),
    }


def _summary(record: MoveRecord) -> dict[str, Any]:
    with Journal.open(store.move_folder(record.run)) as journal:
        seconds, calls = journal.spent
        lost = sum(chunk.unreconciled for chunk in journal.chunks())
    files = {name: path for name, path in record.facts.get("files", {}).items() if Path(path).is_file()}
    return {
        "run": record.run,
        "state": record.state.value,
        "read": record.rows,
        **_counts(record.counts, record.rows),
        "unreconciled": lost,
        "first": int(record.facts.get("first", 0)),
        "before_image": record.facts.get("before_image"),
        "seconds": seconds,
        "api_calls": calls,
        "api": str(record.facts.get("api", "bulk")),
        "files": files,
        "warnings": list(record.facts.get("warnings", [])),
        "trouble": None,
    }


def _set_line(found: Set) -> dict[str, Any]:
    names = ", ".join(dict.fromkeys(one.object for one in found.asked.parts))
    sources = ", ".join(one.shown for one in found.bound)
    read = sum(step.read for step in found.steps)
    return {
        "run": found.run,
        "kind": "several",
        "action": "several",
        "object": names,
        "org": found.asked.org,
        "org_name": found.asked.org,
        "source": sources,
        "shown": sources,
        "state": kept.seen(found).value,
        "created": found.created,
        "read": read,
        "parent": "",
        **_counts(found.counts, read),
    }


def _with_others(record: MoveRecord, records: Sequence[MoveRecord]) -> dict[str, Any]:
    """The source of the rows a move sends again; of a move whose rows were sent again, where all of them are now."""
    if family.parent(record):
        by_run = {each.run: each for each in records}
        first = record
        while (name := family.parent(first)) in by_run:
            first = by_run[name]
        return {"shown": _shown(first.move.source)}
    found = family.together(record, records)
    return {} if found is None else {"with": list(found.runs[1:]), "now": _counts(found.counts, found.read)}


def _export_line(run: str, export: exporting.Export, names: Mapping[str, str]) -> dict[str, Any]:
    target = export.final or export.target
    return {
        "run": run,
        "kind": "export",
        "action": "export",
        "object": object_of(export.soql),
        "org": export.org,
        "org_name": names.get(export.org, export.org),
        "source": target,
        "shown": _shown(target),
        "state": "done" if export.finished else "interrupted",
        "created": export.created,
        "read": export.rows,
        "parent": "",
        **_counts(Counts(succeeded=export.rows), export.rows),
        "soql": export.soql,
        "deleted_too": export.deleted_too,
    }
