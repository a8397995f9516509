"""A disk that loses power: what was not synced may or may not be there, in any combination.

The model: a file's content is durable once the file is synced; a name in a folder is durable once that folder is.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any
from unittest import mock

Operation = tuple[str, ...]


@dataclass
class Recorder:
    """Notes what a piece of work does to the disk while it does it, and which line of the product asked for a sync.

    What a database writes is not seen: its file is there, new, from the first time the product itself syncs it.
    """

    root: Path
    log: list[tuple[Any, ...]] = field(default_factory=list)
    handles: dict[int, str] = field(default_factory=dict)
    sites: dict[int, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.known |= {self._name(path) for path in self.root.rglob("*")}

    def said(self, *what: Any) -> None:
        """Somebody was told something, now."""
        self.log.append(("said", *what))

    def durable(self, *names: str) -> None:
        """These files are on the disk as they are now, under these names: a database has synced them itself."""
        for name in names:
            self.known.add(name)
            self.log.append(("durable", name, (self.root / name).read_bytes()))

    def without(self, site: str) -> list[tuple[Any, ...]]:
        """The log as if the sync of one line of the product were not there."""
        return [entry for index, entry in enumerate(self.log) if self.sites.get(index) != site]

    def run(self, work: Callable[[], None]) -> None:
        """Do the work, noting everything."""
        with self.noting():
            work()

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note everything inside the block."""
        real = {name: getattr(os, name) for name in ("replace", "unlink", "mkdir", "rmdir", "fsync", "open")}
        real_open = io.open

        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            stream = real_open(file, mode, *args, **kwargs)
            if set(mode) & set("wxa") and not self._name(file).startswith(".."):
                self.handles[stream.fileno()] = self._name(file)
                self.log.append(("create", self._name(file)))
                self.known.add(self._name(file))
            return stream

        def os_open(file: Any, *args: Any, **kwargs: Any) -> int:
            handle: int = real["open"](file, *args, **kwargs)
            self.handles[handle] = self._name(file)
            return handle

        def fsync(handle: int) -> None:
            name = self.handles.get(handle, "..")
            if name.startswith(".."):
                real["fsync"](handle)
                return
            path = self.root / name
            if not path.is_dir() and name not in self.known:
                self.log.append(("create", name))
                self.known.add(name)
            self.sites[len(self.log)] = _site()
            self.log.append(("syncdir", name) if path.is_dir() else ("sync", name, path.read_bytes()))
            real["fsync"](handle)

        def note(name: str) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                result = real[name](*args, **kwargs)
                names = [self._name(arg) for arg in args[: 2 if name == "replace" else 1]]
                if not names[0].startswith(".."):
                    self.log.append((name, *names))
                    self.known.update(names[1:])
                return result

            return call

        noted = {name: note(name) for name in ("replace", "unlink", "mkdir", "rmdir")}
        with (
            mock.patch.multiple(os, open=os_open, fsync=fsync, **noted),
            mock.patch.object(io, "open", opened),
        ):
            yield

    def _name(self, path: Any) -> str:
        name = os.path.relpath(os.fspath(path), self.root)
        return "" if name == "." else name


# What only passes the wish for a sync on; who has it is above.
_PASSING = {
    "sync_folder", "_sync", "sync", "_do", "<lambda>", "_write_durably", "write_bytes", "write_text", "writing", "__exit__",
}  # fmt: skip


def _site() -> str:
    """The line of the product that wanted a sync, and the line that did it."""
    frame = did = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_name in _PASSING:
        frame = frame.f_back
    return f"{_line(frame)} by {_line(did)}"


def _line(frame: FrameType) -> str:
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


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
        if kind == "said":
            return
        if kind == "durable":
            self.now[name] = self.durable[name] = _File(entry[2])
            return
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


def begun(root: Path) -> Disk:
    """The disk with what is in a folder now, all of it durable."""
    found = {path: path.relative_to(root).as_posix() for path in root.rglob("*")}
    files = {name: path.read_bytes() for path, name in found.items() if path.is_file()}
    return Disk(files, {name for path, name in found.items() if path.is_dir()})


def laid(place: Path, files: dict[str, bytes], folders: set[str]) -> Path:
    """What was found after a cut, as a folder."""
    shutil.rmtree(place, ignore_errors=True)
    for folder in ("", *sorted(folders)):
        (place / folder).mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (place / name).write_bytes(data)
    return place
