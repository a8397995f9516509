"""What a project's folder holds now, by hashes; what has not changed since the last look is not read again.

A file counts as unchanged while size, times of change, and identity are those of the look at which it was read, unless
it was changed so shortly before that a further change would not show in its times (the rule git calls racily clean):
then it is read again. Before a pull writes over a file, its content is compared once more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.base.system_errors import reason_of, unreadable
from studio.project.commit import inside
from studio.project.folder import MAX_FILES, problem_of
from studio.protocol.manifests import Content
from studio.repository.covered import FOLDERS, IGNORE_FILE, is_covered
from studio.repository.local import place_there, read, written

FILE = "stamps.json"
_CLOCK = "clock"
# Times of change are coarse on some file systems: two seconds on those of memory sticks.
_RACY_NS = 2_100_000_000
_BLOCK = 1 << 20
_DEEPEST = 32

# Time of change and of change of the entry (nanoseconds), size, identity.
Stamp = tuple[int, int, int, int]


@dataclass(frozen=True)
class Held:
    """What a folder holds: contents by path, and what could not be looked at: under it nothing is known."""

    contents: Mapping[str, Content]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Stamps:
    files: dict[str, tuple[int, int, int, int, str]]


@dataclass
class _Look:
    folder: Path
    stamps: dict[str, Stamp] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def look(
    folder: Path, tracked: Iterable[str] = (), *, fresh: bool = False, progress: Progress | None = None
) -> Held:
    """The contents of the folder's files; `tracked` are paths to look at wherever they are. `fresh` reads all anew.

    A file that goes while it is looked at is not there. Raises BadInput where one cannot be read, Cancelled.
    """
    progress = progress or Progress()
    seen = _Look(folder)
    _walk(seen)
    for path in tracked:
        if path not in seen.stamps and is_covered(path):
            _one(seen, path)
    known = {} if fresh else _known(folder)
    contents: dict[str, Content] = {}
    anew: dict[str, Content] = {}
    for path, stamp in seen.stamps.items():
        then = known.get(path)
        if then is not None and then[:4] == stamp:
            contents[path] = Content(then[4], stamp[2])
    reading = [path for path in seen.stamps if path not in contents]
    now = _disk_time(folder) if reading else 0
    for done, path in enumerate(reading):
        progress.report(done, len(reading), path)
        content = _read(folder, path)
        if content is not None:
            anew[path] = contents[path] = content
    if reading or len(known) != len(contents):
        _keep(folder, seen.stamps, contents, known, anew, now)
    return Held(contents, tuple(seen.problems))


def _walk(seen: _Look) -> None:
    pending: list[tuple[str, int]] = [("", 0)]
    while pending:
        parent, depth = pending.pop()
        for entry in _entries(seen, parent):
            name = entry.name
            path = f"{parent}{name}"
            if name[0] == "." and path != IGNORE_FILE:
                continue
            if entry.is_symlink():
                if parent or name in FOLDERS:
                    _one(seen, path)
            elif entry.is_dir():
                if (parent or name in FOLDERS) and depth < _DEEPEST:
                    pending.append((f"{path}/", depth + 1))
            else:
                _note(seen, path, entry)
        if len(seen.stamps) > MAX_FILES:
            raise BadInput(
                _("The project holds more than {limit} files.").format(limit=MAX_FILES),
                file=seen.folder,
                next_step=_("Keep only what the project needs in its folders."),
            )


def _entries(seen: _Look, parent: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(seen.folder / parent) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError as error:
        message = _("The folder could not be read: {reason}.").format(reason=reason_of(error))
        mend = _("Check that you may read it.")
        seen.problems.append(Problem(Severity.ERROR, message, file=parent or str(seen.folder), mend=mend))
        return []


def _one(seen: _Look, path: str) -> None:
    """A path that was not met on the way, or is a link: followed as long as it stays in the project."""
    try:
        file = inside(seen.folder, path)
    except BadInput as error:
        seen.problems.append(problem_of(error))
        return
    if file.is_dir() and file.is_symlink():
        message = _("A link to a folder is not followed, so what is in it is not known.")
        mend = _("Put the folder itself in the place of the link.")
        seen.problems.append(Problem(Severity.ERROR, message, file=path, mend=mend))
    elif file.is_file() and spelled_so(seen.folder, path):
        _note(seen, path, file)


def spelled_so(folder: Path, path: str) -> bool:
    """Whether a file that is there is called exactly so: Windows and macOS find `Clean.jb` under `clean.jb` as well."""
    parent = folder
    for part in path.split("/"):
        try:
            if part not in {entry.name for entry in parent.iterdir()}:
                return False
        except OSError:
            return False
        parent = parent / part
    return True


def _note(seen: _Look, path: str, entry: os.DirEntry[str] | Path) -> None:
    try:
        found = entry.stat()
    except FileNotFoundError:
        return
    if stat.S_ISREG(found.st_mode):
        seen.stamps[path] = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


def _read(folder: Path, path: str) -> Content | None:
    whole, size = hashlib.sha256(), 0
    try:
        with (folder / path).open("rb") as stream:
            while block := stream.read(_BLOCK):
                whole.update(block)
                size += len(block)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error
    return Content(whole.hexdigest(), size)


def _known(folder: Path) -> Mapping[str, tuple[int, int, int, int, str]]:
    with contextlib.suppress(BadInput):  # damaged: everything is read anew
        found = read(folder, FILE, _Stamps)
        if found is not None:
            return found.files
    return {}


def _keep(
    folder: Path,
    stamps: Mapping[str, Stamp],
    contents: Mapping[str, Content],
    known: Mapping[str, tuple[int, int, int, int, str]],
    anew: Mapping[str, Content],
    now: int,
) -> None:
    """What the next look may rely on; a folder that does not take it is only looked at more slowly."""
    kept = {
        path: known[path] if path not in anew else (*stamps[path], content.hash)
        for path, content in contents.items()
        if path not in anew
        or (_settled(stamps[path], now) and content.size == stamps[path][2] and _is_text(path))
    }
    where = place_there(folder)
    if where is not None:
        with contextlib.suppress(BadInput):
            atomic.write_bytes(where / FILE, written(_Stamps(kept)))


def _is_text(path: str) -> bool:
    """A name may hold bytes that are no characters; no repository takes it, and no file of ours."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _settled(stamp: Stamp, now: int) -> bool:
    changed, entered = stamp[0], stamp[1] if os.name != "nt" else 0
    return max(changed, entered) + _RACY_NS < now


def _disk_time(folder: Path) -> int:
    """The time by the clock of the disk, which may be another computer's, in nanoseconds."""
    where = place_there(folder)
    if where is None:
        return time.time_ns()
    clock = where / _CLOCK
    try:
        with clock.open("wb") as stream:
            stream.write(b"\n")
        return clock.stat().st_mtime_ns
    except OSError:
        return time.time_ns()


def paths_under(paths: Iterable[str], problems: Iterable[Problem]) -> Iterator[str]:
    """Those of the paths that lie where something could not be looked at."""
    places = [problem.file.rstrip("/") for problem in problems if problem.file is not None]
    for path in paths:
        if any(path == one or path.startswith(f"{one}/") for one in places):
            yield path
