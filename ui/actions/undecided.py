"""What a pull could not decide: shown side by side, decided in the window of conflicts, carried out in the project's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from studio.base.errors import WeftError
from studio.base.i18n import _, ngettext
from studio.workspace import Workspace
from ui.actions.deciding import close_finished, my_steps, open_window
from ui.actions.frame import Frame, workspace_of
from ui.bridge import numbers
from ui.bridge.asking import Asked
from ui.bridge.session import Session
from ui.commands import Command
from ui.dialogs.conflicts.matters import Alone, Choice, FileVersion, Matter, Subject

ID = "repository.conflicts"
_SOURCE = "repository"
_LARGE = 4 * 1024 * 1024
# How many conflicts a list holds, by the list's file as it was.
_counted: dict[Path, tuple[tuple[int, int], int]] = {}


def commands(frame: Frame) -> list[Command]:
    """The command that opens the window of conflicts."""
    return [
        Command(
            ID, _("Conflicts…"), _("Repository"), lambda: decide(frame), "git-merge", (), lambda: _reason(frame),
            hint=_("What you and others changed differently: see every version, choose, join or write a third"),
        )
    ]  # fmt: skip


def _reason(frame: Frame) -> str:
    workspace = frame.session.workspace
    if workspace is None:
        return _("no project is open")
    return "" if undecided(workspace.folder) else _("there is nothing to decide")


def undecided(folder: Path) -> int:
    """How many conflicts the last pulls left; cheap, asked again and again."""
    file = folder / ".weft" / "repository" / "undecided.json"
    try:
        found = file.stat()
        stamp = found.st_mtime_ns, found.st_size
        if _counted.get(file, ((0, 0), 0))[0] != stamp:
            # Of a list too large to be read here it is only known that there is one.
            count = 1 if found.st_size > _LARGE else len(json.loads(file.read_bytes())["open"])
            _counted[file] = stamp, count
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return _counted[file][1]


async def decide(frame: Frame) -> None:
    """Show all of them; what is not saved yet is saved first, since the files are what is decided about."""
    workspace = workspace_of(frame)
    if workspace.dirty:
        workspace.save(initiator="conflicts")
    clerk = _clerk(frame)
    told = await frame.session.tasks.felt(clerk.ask("conflicts", folder=str(workspace.folder)))
    matters = tuple(matter_of(each) for each in told["conflicts"])
    if frame.session.workspace is not workspace:
        return
    if not matters:
        frame.tell(_("There is nothing to decide any more."))
        return
    subject = Subject(
        title=_("Pull – {name}").format(name=workspace.project.name or workspace.folder.name),
        folder=workspace.folder,
        project=lambda: workspace.project,
        matters=matters,
        finish=lambda choices: _finish(frame, workspace, clerk, choices),
        alone=tuple(Alone(each["object"], each["place"], each["mine"]) for each in told["alone"]),
        mine_said=my_steps(workspace, (matter.object for matter in matters)),
        base_revision=int(told["base"]),
    )
    open_window(frame, subject, _SOURCE)


def matter_of(told: Mapping[str, Any]) -> Matter:
    """A conflict as the process tells it."""
    sides = [told[name] for name in ("base", "mine", "theirs")]
    base, mine, theirs = _whole_sides(sides) if told["whole"] else sides
    return Matter(
        int(told["number"]),
        str(told["object"]),
        str(told["path"]),
        tuple(told["keys"]),
        base,
        mine,
        theirs,
        joined=told["joined"],
        revision=int(told["revision"]),
        author=str(told["author"]),
        time=float(told["time"]),
        message=str(told["message"]),
    )


def _whole_sides(sides: list[Any]) -> list[Any]:
    """Whole files: as text or data where every version can be read, else as what is known of them."""
    there = [side for side in sides if side is not None]
    if all("text" in side or "data" in side for side in there):
        return [None if side is None else side.get("text", side.get("data")) for side in sides]
    return [_facts(side) for side in sides]


def _facts(side: Mapping[str, Any] | None) -> FileVersion | None:
    if side is None:
        return None
    if "size" not in side:
        text = side.get("text") or json.dumps(side.get("data"))
        return FileVersion(len(str(text).encode("utf-8", "replace")))
    return FileVersion(int(side["size"]), float(side["changed"]), str(side["hash"]))


async def _finish(frame: Frame, workspace: Workspace, clerk: Asked, choices: Mapping[int, Choice]) -> None:
    """Carry the decisions out in the files; the open project then takes them in as it does all that comes from outside."""
    if workspace.dirty:
        workspace.save(initiator="conflicts")
    decisions = [[number, choice.kind.value, choice.value] for number, choice in choices.items()]
    await frame.session.tasks.felt(clerk.ask("decide", folder=str(workspace.folder), decisions=decisions))
    if frame.session.workspace is not workspace:
        return
    close_finished(frame, _SOURCE)
    frame.session.check_outside()
    said = ngettext("{n} conflict is decided.", "{n} conflicts are decided.", len(decisions))
    frame.tell(said.format(n=numbers.count(len(decisions))))
    frame.table.refresh_soon()


_clerks: WeakKeyDictionary[Session, Asked] = WeakKeyDictionary()


def _clerk(frame: Frame) -> Asked:
    """One process for the session, started with the first question."""
    session = frame.session
    if session not in _clerks:
        _clerks[session] = clerk = Asked("studio.repository.desks.conflict_worker", _died)
        session.ends.append(clerk.close)
    return _clerks[session]


def _died() -> WeftError:
    return WeftError(
        _("The process that reads the conflicts ended unexpectedly."),
        next_step=_("Nothing is lost: every version is kept. Open the conflicts again."),
    )
