"""What was chosen so far, and which steps that makes ready: plain data, no widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.base.i18n import _, ngettext
from studio.moves.model import Action, Api
from studio.moves.rows.value_fix import Fix, FixKind
from ui.bridge import numbers


class Step(IntEnum):
    """The eight steps, in order."""

    ACTION = 0
    ORG = 1
    OBJECT = 2
    SOURCE = 3
    MAP = 4
    PREFLIGHT = 5
    RUN = 6
    RESULTS = 7


@dataclass(frozen=True)
class OpenOrg:
    """An org we are signed in to."""

    name: str
    title: str
    url: str
    version: str
    production: bool
    practice: bool
    used: int = 0
    allowed: int = 0
    sort: str = ""
    id: str = ""
    color: str = ""

    @staticmethod
    def found(name: str, answer: Mapping[str, Any]) -> OpenOrg:
        """The org of the mover's answer to having opened it."""
        keys = ("url", "version", "production", "practice", "used", "allowed", "sort", "id", "color")
        return OpenOrg(name=name, title=answer["name"], **{key: answer[key] for key in keys})

    @property
    def host(self) -> str:
        """The address without its scheme."""
        return self.url.partition("://")[2]


@dataclass(frozen=True)
class SourceFile:
    """A file or database as recognised: its columns and first rows; `place` as asked for, `part` which sheet or table."""

    path: Path
    encoding: str
    delimiter: str
    shown: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    place: str = ""
    part: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True)
class TargetField:
    """A field a value may be sent to."""

    name: str
    label: str
    type: str
    required: bool
    key: bool
    kind: str = ""


@dataclass(frozen=True)
class Mapped:
    """Where a field's value comes from: a column, a constant or an expression (`script`), and why we think so.

    `maybe` is a field that was only proposed: nothing is sent there until somebody says so.
    """

    field: str
    column: str = ""
    constant: str | None = None
    why: str = ""
    fixes: tuple[Fix, ...] = ()
    script: str | None = None
    maybe: str = ""

    @property
    def of_column(self) -> bool:
        """It stands for a column of the source."""
        return self.constant is None and self.script is None


@dataclass(frozen=True)
class Choices:
    """Everything the steps decide. `target` is the object's API name, `keys` what its records can be found by."""

    action: Action = Action.UPSERT
    org: OpenOrg | None = None
    target: str = ""
    target_label: str = ""
    key: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    fields: tuple[TargetField, ...] = ()
    source: SourceFile | None = None
    mapped: tuple[Mapped, ...] = ()
    blank_leaves: bool = True
    hold: bool = True
    duplicates: str = "hold"
    api: str = Api.AUTO.value
    zone: str = ""
    # So many rows are sent first, the rest when that went well; 0: all of them at once.
    first: int = 0
    checked: Mapping[str, Any] | None = field(default=None, hash=False)
    summary: Mapping[str, Any] | None = field(default=None, hash=False)

    def with_map(self, mapped: tuple[Mapped, ...]) -> Choices:
        """The same with another field map; an earlier check no longer counts."""
        return replace(self, mapped=mapped, checked=None)

    def with_zone(self, zone: str) -> Choices:
        """The same with another zone of times, also in the fixes chosen before."""
        mapped = tuple(
            replace(m, fixes=tuple(replace(f, zone=zone) if f.kind is FixKind.MOMENT else f for f in m.fixes))
            for m in self.mapped
        )
        return replace(self.with_map(mapped), zone=zone)

    @property
    def request(self) -> dict[str, Any]:
        """What the mover is asked with."""
        assert self.source is not None
        return {
            "action": self.action.value,
            "object": self.target,
            "key": self.key if self.action is Action.UPSERT else "",
            "source": self.source.place or str(self.source.path),
            **dict(self.source.part),
            "encoding": self.source.encoding,
            "delimiter": self.source.delimiter,
            "map": [
                {
                    "field": m.field,
                    "column": m.column,
                    "constant": m.constant,
                    "fixes": [fix.to_data() for fix in m.fixes],
                }
                for m in self.mapped
                if m.field and m.script is None
            ],
            "scripts": {m.field: m.script for m in self.mapped if m.field and m.script is not None},
            "zone": self.zone,
            "blank": "leave" if self.blank_leaves else "null",
            "duplicates": self.duplicates,
            "hold": self.hold,
            "api": self.api,
            "first": self.first,
        }

    @property
    def carried_by(self) -> Api:
        """What carries the rows: as chosen, else as the check found best."""
        if self.api == Api.AUTO and self.checked is not None:
            return Api(self.checked["api_held" if self.hold else "api"])
        return Api(self.api)

    @property
    def held(self) -> int:
        """The rows of the check that would not be sent as things are chosen."""
        checked = self.checked or {}
        return int(checked.get("held" if self.hold else "held_always", 0))

    @property
    def noted(self) -> tuple[str, ...]:
        """What the check found that no row fails by, a sentence each."""
        labels = {f.name: f.label for f in self.fields}
        return tuple(
            _("{field}: {finding} ({n})").format(
                field=labels.get(one["field"], one["field"]),
                finding=found["text"],
                n=numbers.count(found["rows"]),
            )
            for one in (self.checked or {}).get("fields", ())
            for found in one["findings"]
            if not found["fails"]
        )

    @property
    def missing(self) -> tuple[TargetField, ...]:
        """Fields that must be mapped and are not."""
        sent = {m.field for m in self.mapped}
        return tuple(f for f in self.fields if (f.required or f.key) and f.name not in sent)

    def hint(self, step: Step) -> str:
        """Why one cannot go on from a step; "" when one can."""
        return _HINTS[step](self)

    def reachable(self, step: Step) -> bool:
        """All steps before it are settled."""
        return all(not self.hint(Step(before)) for before in range(step))

    def said(self, step: Step) -> str:
        """What was chosen, in a few words, for the list of steps; "" where nothing was."""
        return _SAID[step](self) if step <= self.furthest else ""

    @cached_property
    def furthest(self) -> Step:
        """The last step that can be opened."""
        return max(step for step in Step if self.reachable(step))


def state_of(source: SourceFile) -> tuple[int, int]:
    """When a file was changed, and its size; nothing of a database."""
    try:
        facts = source.path.stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


def changed_since(choices: Choices) -> bool:
    """The source is not what was checked."""
    checked, source = choices.checked, choices.source
    return (
        checked is not None
        and source is not None
        and checked.get("state", state_of(source)) != state_of(source)
    )


def action_name(action: Action) -> str:
    """The action, as a word."""
    return {
        Action.INSERT: _("Insert"),
        Action.UPDATE: _("Update"),
        Action.UPSERT: _("Upsert"),
        Action.DELETE: _("Delete"),
        Action.HARD_DELETE: _("Hard delete"),
        Action.UNDELETE: _("Undelete"),
    }[action]


def step_name(step: Step) -> str:
    """The step, as a title."""
    return {
        Step.ACTION: _("Action"),
        Step.ORG: _("Org"),
        Step.OBJECT: _("Object"),
        Step.SOURCE: _("Source"),
        Step.MAP: _("Field map"),
        Step.PREFLIGHT: _("Preflight"),
        Step.RUN: _("Run"),
        Step.RESULTS: _("Results"),
    }[step]


def _object_hint(choices: Choices) -> str:
    if not choices.target:
        return _("Choose an object.")
    if choices.action is Action.UPSERT and not choices.key:
        return _("Choose the field records are found by.")
    return ""


def _map_hint(choices: Choices) -> str:
    if not any(m.field for m in choices.mapped):
        return _("Map a column to a field.")
    needed = [f.name for f in choices.fields if f.key or (f.required and choices.action.by_id)]
    sent = {m.field for m in choices.mapped}
    left = [name for name in needed if name not in sent]
    if left:
        return _("Map a column to {field}.").format(field=left[0])
    unwritten = next(
        (m.field for m in choices.mapped if m.field and m.script is not None and not m.script.strip()), ""
    )
    if unwritten:
        return _("Write the expression of {field}.").format(field=unwritten)
    twice = _repeated([m.field for m in choices.mapped if m.field])
    return _("{field} is mapped twice.").format(field=twice) if twice else ""


def _repeated(names: list[str]) -> str:
    return next((name for at, name in enumerate(names) if name in names[:at]), "")


def _preflight_hint(choices: Choices) -> str:
    if choices.checked is None:
        return _("The rows are being checked.")
    if choices.checked["rows"] == choices.held:
        return _("Every row would be refused.")
    return ""


_HINTS: dict[Step, Callable[[Choices], str]] = {
    Step.ACTION: lambda _choices: "",
    Step.ORG: lambda choices: "" if choices.org else _("Choose an org."),
    Step.OBJECT: _object_hint,
    Step.SOURCE: lambda choices: "" if choices.source else _("Choose a file."),
    Step.MAP: _map_hint,
    Step.PREFLIGHT: _preflight_hint,
    Step.RUN: lambda choices: "" if choices.summary else _("Nothing has been sent."),
    Step.RESULTS: lambda _choices: "",
}


def _said_action(choices: Choices) -> str:
    undone = (choices.summary or {}).get("undo_of")
    return _("Undo of {run}").format(run=undone) if undone else action_name(choices.action)


def _said_object(choices: Choices) -> str:
    if not choices.target:
        return ""
    if choices.action is Action.UPSERT and choices.key:
        return _("{object} · key {key}").format(object=choices.target_label, key=choices.key)
    return choices.target_label


def _said_map(choices: Choices) -> str:
    if choices.source is None or not choices.mapped:
        return ""
    sent = len({m.column for m in choices.mapped if m.field and m.of_column})
    return _("{sent} of {count} columns").format(sent=sent, count=len(choices.source.header))


def _said_preflight(choices: Choices) -> str:
    if choices.checked is None:
        return ""
    held = choices.checked["held"]
    if not held:
        return _("nothing would be refused")
    return ngettext("{n} would be refused", "{n} would be refused", held).replace("{n}", numbers.count(held))


def _said_run(choices: Choices) -> str:
    if choices.summary is None:
        return ""
    return _("{count} succeeded").format(count=numbers.count(choices.summary["succeeded"]))


_SAID: dict[Step, Callable[[Choices], str]] = {
    Step.ACTION: _said_action,
    Step.ORG: lambda choices: choices.org.title if choices.org else "",
    Step.OBJECT: _said_object,
    Step.SOURCE: lambda choices: choices.source.path.name if choices.source else "",
    Step.MAP: _said_map,
    Step.PREFLIGHT: _said_preflight,
    Step.RUN: _said_run,
    Step.RESULTS: lambda choices: choices.summary["run"] if choices.summary else "",
}
