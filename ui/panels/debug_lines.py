"""What the Debug panel lists, as plain rows: loops and source, variables and watches, breakpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.mapping.held import At, Breakpoint, Stop, Watch, Why
from ui.bridge import numbers
from ui.widgets.cells import Cell


@dataclass(frozen=True)
class DebugLine:
    """A row: a name with its value; a `head` is the title of those below; `path` is shown by a double click."""

    name: str
    value: str = ""
    icon: str = ""
    tone: str = "text"
    head: bool = False
    path: str = ""
    hint: str = ""


def line_cells(line: DebugLine) -> Sequence[Cell]:
    """Name and value."""
    if line.head:
        return Cell(line.name, tone="text2", small=True, weight=600), Cell("")
    hint = line.hint or line.name
    return (
        Cell(line.name, icon=line.icon, mono=not line.icon, small=True, hint=hint, ends=True),
        Cell(line.value, tone=line.tone, mono=True, small=True, hint=line.value),
    )


def where_lines(stop: Stop) -> list[DebugLine]:
    """The loops around the place, what the script at hand reads, what the rules have given so far."""
    rows: list[DebugLine] = []
    if stop.turns:
        rows.append(DebugLine(_("Loops"), head=True))
    for turn in stop.turns:
        number = _("turn {n}").format(n=numbers.count(turn.number))
        node = turn.nodes[0] if len(turn.nodes) == 1 else ""
        if len(turn.nodes) > 1:
            node = ngettext("{n} node", "{n} nodes", len(turn.nodes)).format(n=numbers.count(len(turn.nodes)))
        at = turn.entry if turn.entry is not None else node
        hint = "\n".join((turn.path, *turn.nodes[:20]))
        rows.append(
            DebugLine(address.name(turn.path), f"{number}  {at}", "repeat", path=turn.path, hint=hint)
        )
    if stop.sources:
        rows.append(DebugLine(_("Source"), head=True))
    for came in stop.sources:
        value = came.text if came.text is not None else _("null")
        hint = f"{came.path}\n{came.read}".strip()
        rows.append(DebugLine(_tail(came.path), value, "arrow-right", path=address_of(came.path), hint=hint))
    if stop.target:
        rows.append(DebugLine(_("Given so far"), head=True))
    rows += [
        DebugLine(_tail(path), text, "equals", path=path, hint=path) for path, text in reversed(stop.target)
    ]
    return rows


def variable_lines(stop: Stop | None, watches: Sequence[str], looked: Sequence[Watch]) -> list[DebugLine]:
    """The watches with their values, then the script's own variables and those of the run."""
    rows: list[DebugLine] = []
    if watches:
        rows.append(DebugLine(_("Watches"), head=True))
    known = {watch.script: watch for watch in looked}
    for script in watches:
        watch = known.get(script, Watch(script, ""))
        tone = "red_text" if watch.problem else "text"
        rows.append(DebugLine(script, watch.problem or watch.value or "", "eye", tone, hint=script))
    if stop is None:
        return rows
    for title, found, sign in (
        (_("Variables of the script"), stop.locals, ""), (_("Global variables"), stop.globals, "$"),
    ):  # fmt: skip
        if found:
            rows.append(DebugLine(title, head=True))
        rows += [DebugLine(sign + name, value) for name, value in found]
    return rows


def point_cells(point: Breakpoint) -> Sequence[Cell]:
    """A breakpoint: where, and when it holds."""
    icon = "circle" if point.off else "record-fill" if point.when or point.number else "circle-fill"
    said = []
    if point.at:
        said.append(place_words()[point.at])
    if point.number:
        said.append(_("turn {n}").format(n=point.number))
    if point.when:
        said.append(point.when)
    tone = "text3" if point.off else "text"
    return (
        Cell(_tail(point.path), tone, icon, "text3" if point.off else "accent", small=True, hint=point.path),
        Cell(" · ".join(said), tone="text2", mono=bool(point.when), small=True, hint=point.when),
    )


def place_words() -> dict[str, str]:
    """What a breakpoint may be before."""
    return {
        "": _("rule"),
        At.RULE: _("value"),
        At.CONDITION: _("condition"),
        At.TURN: _("each turn"),
    }


def title_of(stop: Stop) -> str:
    """Where the run is held, in a few words."""
    name = address.name(stop.path) if stop.path else _("the document")
    if stop.record:
        return _("Held at {name}, record {n}").format(name=name, n=numbers.count(stop.record))
    return _("Held at {name}").format(name=name)


def reason_of(stop: Stop) -> str:
    """Why, and before what."""
    whys = {
        Why.BREAKPOINT: _("breakpoint, met {n} times").format(n=numbers.count(stop.met)) if stop.met != 1 else _("breakpoint"),
        Why.STEP: _("step"),
        Why.PAUSE: _("paused"),
        Why.FAILURE: _("the rule has failed"),
        Why.BREAK: _("DebugBreak"),
    }  # fmt: skip
    befores = {
        At.TURN: _("before this turn of the loop"),
        At.RULE: _("before its value"),
        At.CONDITION: _("before its condition"),
        At.LINE: _("line {n} of its script").format(n=stop.line),
        At.BREAK: _("line {n} of its script").format(n=stop.line),
        At.FAILURE: "",
    }
    parts = (whys.get(Why(stop.why), ""), befores.get(At(stop.at), ""), stop.message)
    return " · ".join(part for part in parts if part)


def address_of(path: str) -> str:
    """A source address as the trees have it, without numbers."""
    return "/".join(step.partition("[")[0] for step in path.split("/"))


def _tail(path: str) -> str:
    steps = address.split(path)
    return "/".join(steps[-2:]) if len(steps) > 2 else path
