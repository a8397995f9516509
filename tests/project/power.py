"""A disk that loses power: what was not synced may or may not be there, in any combination.

The model: a file's content is durable once the file is synced; a name in a folder is durable once that folder is.
"""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

Operation = tuple[str, ...]


@dataclass
class Recorder:
    """Notes what a piece of work does to the disk while it does it."""

    root: Path
    log: list[tuple[Any, ...]] = field(default_factory=list)
    handles: dict[int, str] = field(default_factory=dict)

    def run(self, work: Callable[[], None]) -> None:
        """Do the work, noting everything."""
        real = {name: getattr(os, name) for name in ("replace", "unlink", "mkdir", "rmdir", "fsync", "open")}
        real_open = io.open

        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            stream = real_open(file, mode, *args, **kwargs)
            if set(mode) & set("wxa"):
                self.handles[stream.fileno()] = self._name(file)
                self.log.append(("create", self._name(file)))
            return stream

        def os_open(file: Any, *args: Any, **kwargs: Any) -> int:
            handle: int = real["open"](file, *args, **kwargs)
            self.handles[handle] = self._name(file)
            return handle

        def fsync(handle: int) -> None:
            name = self.handles[handle]
            path = self.root / name
            self.log.append(("syncdir", name) if path.is_dir() else ("sync", name, path.read_bytes()))
            real["fsync"](handle)

        def note(name: str) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                result = real[name](*args, **kwargs)
                self.log.append((name, *(self._name(arg) for arg in args[: 2 if name == "replace" else 1])))
                return result

            return call

        noted = {name: note(name) for name in ("replace", "unlink", "mkdir", "rmdir")}
        with (
            mock.patch.multiple(os, open=os_open, fsync=fsync, **noted),
            mock.patch.object(io, "open", opened),
        ):
            work()

    def _name(self, path: Any) -> str:
        name = os.path.relpath(os.fspath(path), self.root)
        return "" if name == "." else name


@dataclass
class _File:
    durable: bytes = b"\0torn"


class Disk:
    """Replays a log and can be looked at as it might be found after a cut of power.

    Of the changes of names that were not synced any may be missing; a rename happened or did not, never by halves.
    """

    def __init__(self, files: dict[str, bytes], folders: set[str]) -> None:
        self.now: dict[str, _File | None] = dict.fromkeys(folders)
        self.now |= {name: _File(data) for name, data in files.items()}
        self.durable = dict(self.now)
        self.unsynced: list[tuple[str, str, str, _File | None]] = []

    def play(self, entry: tuple[Any, ...]) -> None:
        """One noted operation."""
        kind, name = entry[0], entry[1]
        if kind == "sync":
            file = self.now[name]
            assert file is not None
            file.durable = entry[2]
        elif kind == "syncdir":
            waiting, self.unsynced = self.unsynced, []
            for change in waiting:
                if _parent(change[1]) == name:
                    self._make_durable(change)
                else:
                    self.unsynced.append(change)
        else:
            change = (
                kind,
                name,
                entry[2] if kind == "replace" else "",
                _File() if kind == "create" else None,
            )
            _apply(self.now, change)
            self.unsynced.append(change)

    def _make_durable(self, change: tuple[str, str, str, _File | None]) -> None:
        if change[0] == "rmdir":  # a folder goes empty: what was in it went before, and is settled too
            below = f"{change[1]}/"
            for name in [name for name in self.durable if name.startswith(below)]:
                del self.durable[name]
            self.unsynced = [other for other in self.unsynced if not other[1].startswith(below)]
        _apply(self.durable, change)

    def after_cut(self, chance: random.Random, share: float) -> tuple[dict[str, bytes], set[str]]:
        """Files and folders as found with this share of what was not synced; content that was not synced is torn."""
        found = dict(self.durable)
        for change in self.unsynced:
            if chance.random() < share:
                _apply(found, change)
        for name in sorted(found):
            if _parent(name) not in ("", *found):
                del found[name]
        files = {name: file.durable for name, file in found.items() if file is not None}
        return files, {name for name, file in found.items() if file is None}


def _apply(names: dict[str, _File | None], change: tuple[str, str, str, _File | None]) -> None:
    kind, name, target, file = change
    if kind in ("create", "mkdir"):
        names.setdefault(name, file)
    elif kind == "replace":
        if name in names:
            names[target] = names.pop(name)
    elif not any(_parent(other) == name for other in names):
        names.pop(name, None)


def _parent(name: str) -> str:
    return name.rpartition("/")[0]
