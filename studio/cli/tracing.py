"""`weft transform --trace` and `--timings`: where values come from and what rules take, as text or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.cli.printable import printable
from studio.engine.address import Address
from studio.engine.plan import Plan
from studio.engine.timings import Timings
from studio.engine.trace import Origin, Traced, TurnOf, trace

FIRST = "first"


def show_trace(
    plan: Plan, input: Path | Address, path: str, record: str | None, as_json: bool, **options: Any
) -> int:
    """Print what trace() tells; 1 where a rule failed. `record` is a number, FIRST, or None for all records."""
    if str(input) == "-":
        raise BadInput(_("A trace needs a file, not stdin."), next_step=_("Save the document first."))
    failed = False

    def told(found: Traced) -> None:
        nonlocal failed
        failed = failed or bool(found.problem)
        lines = [json.dumps(asdict(found), ensure_ascii=False)] if as_json else _lines(found)
        for line in lines:
            typer.echo(printable(line))

    number = None if record in (None, FIRST) else _number(record or "")
    trace(plan, input, path, told, record=number, first=record == FIRST, **options)
    return 1 if failed else 0


def _number(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise BadInput(
        _("{text} is not the number of a record.").format(text=text),
        next_step=_("Give a number from 1, or first."),
    )


def _lines(found: Traced) -> Iterator[str]:
    value = _("nothing") if found.value is None else repr(found.value)
    yield _("record {number}: {path} = {value}").format(number=found.record, path=found.path, value=value)
    if found.problem:
        yield "  " + _("failed: {reason}").format(reason=found.problem)
    if found.script:
        yield "  " + _("by {script}").format(script=found.script)
    yield from ("  " + _turn(turn) for turn in found.turns)
    yield from ("  " + _origin(origin) for origin in found.sources)


def _turn(turn: TurnOf) -> str:
    if turn.entry is not None:
        return _("turn {number} of {path}: the entry {entry}").format(
            number=turn.number, path=turn.path, entry=repr(turn.entry)
        )
    return _("turn {number} of {path}: {nodes}").format(
        number=turn.number, path=turn.path, nodes=", ".join(turn.nodes)
    )


def _origin(origin: Origin) -> str:
    text = _("nothing") if origin.text is None else repr(origin.text)
    line = f"{origin.path} = {text}"
    if origin.read:
        line += "  " + _("by {path} at {line}:{column}").format(
            path=origin.read, line=origin.line, column=origin.column
        )
    if origin.script:
        line += " " + _("of the condition {script}").format(script=origin.script)
    return line


def show_timings(timings: Timings, as_json: bool) -> None:
    """Print on stderr what every rule took, the longest first."""
    found = timings.found()
    if as_json:
        typer.echo(json.dumps([asdict(timing) for timing in found], ensure_ascii=False), err=True)
        return
    typer.echo(_("   seconds      times  rule"), err=True)
    for timing in found:
        kind = "" if timing.kind == "value" else f" ({timing.kind})"
        script = " ".join(timing.script.split())
        shown = script if len(script) <= 60 else script[:59] + "…"
        typer.echo(f"{timing.seconds:>10.4f} {timing.count:>10}  {timing.path}{kind} = {shown}", err=True)
