"""Putting history and unsaved work back when a project is opened, also after a crash and changes made outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.project.commit import digest
from studio.project.history import History, Lazy, Step
from studio.project.journal import Entry, Journal
from studio.project.merge import Conflict, merge
from studio.project.model import Project
from studio.project.texts import object_text, objects_differing, with_text


@dataclass(frozen=True)
class Recovered:
    """What an opening found in the journal.

    `unsaved` are the objects whose unsaved work came back; `crashed` whether the program had died; `outside` those
    changed on disk since; `conflicts` what both changed (the unsaved version is the one shown); `at` the time of the
    last step (seconds since 1970).
    """

    unsaved: frozenset[str] = frozenset()
    crashed: bool = False
    outside: frozenset[str] = frozenset()
    conflicts: tuple[Conflict, ...] = ()
    at: float = 0.0


def restore(journal: Journal, disk: Project) -> tuple[History[Project], Recovered]:
    """The history of a project whose files hold `disk`, and what was recovered; the journal follows.

    Raises sqlite3.Error when the journal cannot be used.
    """
    try:
        return _restore(journal, disk)
    except (KeyError, BadInput, IndexError):  # a text is missing or unreadable: what is on disk is sure
        return _begin(journal, disk), Recovered()


def _begin(journal: Journal, disk: Project) -> History[Project]:
    history = History.begin(_("Opened"), disk)
    journal.begin(0, history.steps[0].label, history.steps[0].at)
    return history


def _restore(journal: Journal, disk: Project) -> tuple[History[Project], Recovered]:
    entries = journal.entries()
    position = journal.position()
    if not entries or position is None:
        return _begin(journal, disk), Recovered()
    now = min(max(position - entries[0].n, 0), len(entries) - 1)
    known = journal.disk()
    moved = {id: was for id, was in known.items() if _digest(disk, id) != was}
    base = _with_texts(journal, disk, moved)
    outside = objects_differing(base, disk)
    held = {id: _held(entries, id, now) for id in known}
    mine = _with_texts(journal, disk, {id: was for id, was in held.items() if _digest(disk, id) != was})
    history = _history(journal, entries, mine, now)
    unsaved = frozenset(id for id, was in held.items() if was != known[id]) & objects_differing(disk, mine)
    crashed = journal.crashed() and bool(unsaved)
    merged = merge(base, mine, disk)
    if merged.taken:
        label = _("Changed outside Weft Studio")
        changes = {id: (object_text(mine, id), object_text(merged.project, id)) for id in merged.taken}
        history = history.add(label, merged.project, merged.taken)
        journal.add(history.dropped + history.index, label, history.steps[-1].at, changes)
    journal.on_disk({id: object_text(disk, id) for id in moved})
    return history, Recovered(unsaved, crashed, outside, merged.conflicts, entries[now].at)


def _history(journal: Journal, entries: list[Entry], current: Project, now: int) -> History[Project]:
    steps = tuple(
        Step(
            entry.label,
            current
            if index == now
            else Lazy(lambda index=index: _state_at(journal, entries, current, now, index)),  # type: ignore[misc]
            frozenset(entry.changes) if index else frozenset(),
            entry.at,
        )
        for index, entry in enumerate(entries)
    )
    return History(steps, now, dropped=entries[0].n)


def _state_at(journal: Journal, entries: list[Entry], current: Project, now: int, index: int) -> Project:
    low, high = sorted((now, index))
    touched = {id for entry in entries[low + 1 : high + 1] for id in entry.changes}
    try:
        return _with_texts(journal, current, {id: _held(entries, id, index) for id in sorted(touched)})
    except (KeyError, BadInput, sqlite3.Error):  # the journal has gone bad meanwhile: stay where we are
        return current


def _held(entries: list[Entry], id: str, index: int) -> str | None:
    """The digest of an object's text after the step at `index`."""
    for entry in reversed(entries[: index + 1]):
        if id in entry.changes:
            return entry.changes[id][1]
    for entry in entries[index + 1 :]:
        if id in entry.changes:
            return entry.changes[id][0]
    raise KeyError(id)


def _with_texts(journal: Journal, project: Project, texts: Mapping[str, str | None]) -> Project:
    for id, key in texts.items():
        project = with_text(project, id, None if key is None else journal.text(key))
    return project


def _digest(project: Project, id: str) -> str | None:
    text = object_text(project, id)
    return None if text is None else digest(text.encode("utf-8"))
