"""A project's folder: finding it, reading it, writing it. Files that cannot be read are reported and left alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput, Problem, Severity, TooLarge, WeftError
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.base.system_errors import reason_of, unreadable
from studio.base.yaml_read import MAX_BYTES, Node, comment_line, decode, read
from studio.mapping.model import Transformation
from studio.project.commit import Outdated, commit, finish, inside, sweep
from studio.project.layout import PROJECT_FILE, check_ref, file_of, id_of
from studio.project.layout import find_project as find_project
from studio.project.lock import LOCAL
from studio.project.model import FILES, KINDS, PROJECT, Loaded, Project
from studio.project.objects import read_transformation
from studio.project.texts import object_text, objects_differing, parsed, with_value

MAX_FILES = 20_000
# A window that saves waits so long (s) for another program that writes: it stands still meanwhile.
_SHORTLY = 2.0
_MAX_DEPTH = 12


@dataclass(frozen=True)
class Stamp:
    """What tells cheaply that a file has changed: time of change in nanoseconds, size, identity."""

    changed: int
    size: int
    identity: int


def load_transformation(file: Path) -> Transformation:
    """The transformation in `file`; raises BadInput naming the file and line where it cannot be read."""
    return read_transformation(read_yaml(file), file.stem)


def project_at(place: Path) -> Path:
    """The project's folder that a person means by `place`: itself, or the nearest one around it. Raises BadInput."""
    found = find_project(place) if place.exists() else None
    if found is None:
        require_project(place)
    return found or place


def read_yaml(file: Path, shown: str | None = None) -> Node:
    """The YAML document in `file`, called `shown` in messages; raises BadInput."""
    return read(read_bytes(file, shown), file=shown or str(file))


def read_bytes(file: Path, shown: str | None = None, limit: int = MAX_BYTES) -> bytes:
    """The file's content; raises BadInput where it cannot be read, TooLarge beyond `limit` bytes."""
    try:
        with file.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError:
        raise BadInput(
            _("There is no such file."), file=shown or file, next_step=_("Check the name and the folder.")
        ) from None
    except IsADirectoryError:
        raise BadInput(
            _("This is a folder, not a file."), file=shown or file, next_step=_("Name a file inside it.")
        ) from None
    except OSError as error:
        raise unreadable(shown or file, error) from error
    if len(data) > limit:
        raise TooLarge(
            _("The file is larger than {limit} MB.").format(limit=limit >> 20),
            file=shown or file,
            next_step=_("Keep data in samples or tables, and split very large maps."),
        )
    return data


def require_project(folder: Path) -> None:
    """Raise BadInput unless the folder holds a project."""
    if (folder / PROJECT_FILE).is_file():
        return
    raise BadInput(
        _("This folder holds no project: there is no project.yaml.")
        if folder.is_dir()
        else _("There is no such folder."),
        file=folder,
        next_step=_("Choose a project's folder, or make a new one with: weft new FOLDER"),
    )


def tidy(folder: Path) -> tuple[Problem, ...]:
    """Finish an interrupted save and remove what a dead one left; the problems to tell."""
    try:
        finished = finish(folder)
    except BadInput as error:
        return (problem_of(error),)
    sweep(folder)
    return tuple(
        Problem(
            Severity.WARNING,
            _(
                "An interrupted save was finished, but this file had been changed meanwhile and was left as it is."
            ),
            file=file,
            mend=_("The version that was being saved is in .weft/kept; compare the two."),
        )
        for file in finished.kept
    )


def load(folder: Path) -> Loaded:
    """The project in `folder` and the problems of its files.

    Raises BadInput where project.yaml is missing or cannot be read, NewerVersion where it is from a newer program.
    Changes nothing: an interrupted save is finished by who holds the lock (commit.finish).
    """
    require_project(folder)
    reading = _Reading(folder)
    project: Project = reading.value(PROJECT)
    files: dict[str, list[str]] = {kind: [] for kind in FILES}
    for relative in reading.walk():
        kind = relative.partition("/")[0]
        if kind in FILES:
            files[kind].append(relative)
            continue
        id = id_of(relative)
        if id is not None and id != PROJECT:
            project = reading.add(project, id)
    project = replace(
        project,
        schemas=tuple(files["schemas"]),
        tables=tuple(files["tables"]),
        samples=tuple(files["samples"]),
    )
    return Loaded(project, tuple(reading.problems), frozenset(reading.broken), frozenset(reading.commented))


def load_object(folder: Path, id: str) -> Any:
    """One object as it stands on disk, None where it has no file; raises BadInput where it cannot be read."""
    file = inside(folder, file_of(id))
    if not file.is_file():
        return None
    return _Reading(folder).value(id)


def save(
    folder: Path,
    project: Project,
    previous: Project | None,
    *,
    seen: Mapping[str, Stamp] | None = None,
) -> frozenset[str]:
    """Write what differs from `previous` (the project as on disk; None when new), delete what it had more.

    All files become new together, or none (see commit). Raises Outdated where a file is no longer the one of the stamps
    `seen` when `previous` was read. Returns the ids written or deleted; raises BadInput, also
    where a file that is not ours stands in the way.
    """
    changed = objects_differing(previous, project)
    changes: dict[str, bytes | None] = {}
    for id in sorted(changed):
        text = object_text(project, id)
        if text is not None and (previous is None or previous.get(id) is None):
            _check_free(folder, id, text)
        changes[file_of(id)] = None if text is None else text.encode("utf-8")
    if seen is None:
        commit(folder, changes)
    else:
        commit(folder, changes, guard=partial(_as_seen, folder, changes, seen), patience=_SHORTLY)
    return changed


def _as_seen(folder: Path, files: Iterable[str], seen: Mapping[str, Stamp]) -> None:
    for relative in files:
        now, then = stamp_of(folder / relative), seen.get(relative)
        if not _same(now, then):
            raise Outdated(
                _("This file was changed by somebody else just now, so nothing was saved."),
                file=relative,
                next_step=_("Save again."),
            )


def scan(folder: Path) -> Mapping[str, Stamp]:
    """The stamp of every file that belongs to the project, by relative path; quick enough to do often."""
    return {relative: _stamp(entry) for relative, entry in _walk(folder, [])}


def _check_free(folder: Path, id: str, text: str) -> None:
    if id != PROJECT:
        check_ref(id.partition("/")[2])
    relative = file_of(id)
    target = inside(folder, relative)
    if target.exists() and read_bytes(target, relative) != text.encode("utf-8"):
        raise BadInput(
            _("There is already a file of this name, and it is not part of the open project."),
            file=relative,
            next_step=_("Rename the object, or correct or move that file."),
        )


@dataclass
class _Reading:
    """Reads the files of one project, collecting what is wrong with them."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    commented: set[str] = field(default_factory=set)

    def walk(self) -> Iterator[str]:
        """The relative paths of the project's files, sorted."""
        yield from sorted(relative for relative, _entry in _walk(self.folder, self.problems))

    def value(self, id: str) -> Any:
        """The object, read from its file; raises BadInput."""
        relative = file_of(id)
        data = read_bytes(inside(self.folder, relative), relative)
        value = parsed(id, data, default_name=self.folder.resolve().name if id == PROJECT else None)
        if not id.startswith("scripts/"):
            self._note_comments(id, relative, data)
        return value

    def add(self, project: Project, id: str) -> Project:
        """The project with the object, or the problem noted."""
        try:
            check_ref(id.partition("/")[2])
            return with_value(project, id, self.value(id))
        except BadInput as error:
            self.broken.add(file_of(id))
            problem = problem_of(error, id)
            self.problems.append(replace(problem, file=problem.file or file_of(id)))
            return project

    def _note_comments(self, id: str, relative: str, data: bytes) -> None:
        line = comment_line(decode(data, file=relative))
        if line is None:
            return
        self.commented.add(relative)
        self.problems.append(
            Problem(
                Severity.NOTE,
                _("This file holds comments; the first save that changes it will not keep them."),
                file=relative,
                line=line,
                object=id,
                mend=_("Write it as a note: of a rule, or as the description, to keep it."),
            )
        )


def problem_of(error: WeftError, id: str | None = None, severity: Severity = Severity.ERROR) -> Problem:
    """An error as an entry of the list of problems."""
    return Problem(
        severity,
        error.message,
        file=error.file,
        line=error.line,
        column=error.column,
        object=id,
        path=error.path,
        mend=error.next_step,
    )


def _walk(folder: Path, problems: list[Problem]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    count = 0
    pending: list[tuple[str, int]] = [("", 0)]
    while pending:
        parent, depth = pending.pop()
        for entry in _entries(folder / parent, problems):
            relative = f"{parent}{entry.name}"
            if not _ours(relative, depth) or not _followed(folder, relative, entry, problems):
                continue
            if entry.is_dir():
                if depth < _MAX_DEPTH:
                    pending.append((f"{relative}/", depth + 1))
                continue
            count += 1
            if count > MAX_FILES:
                raise TooLarge(
                    _("The project holds more than {limit} files.").format(limit=MAX_FILES),
                    file=folder,
                    next_step=_("Keep only what the project needs in its folders."),
                )
            yield relative, entry


def _entries(folder: Path, problems: list[Problem]) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        message = _("The folder could not be read: {reason}.").format(reason=reason_of(error))
        problems.append(
            Problem(Severity.ERROR, message, file=str(folder), mend=_("Check that you may read it."))
        )
        return []


def _ours(relative: str, depth: int) -> bool:
    name = relative.rpartition("/")[2]
    if name.startswith(".") or name == LOCAL:
        return False
    return depth > 0 or name in (*KINDS, *FILES, PROJECT_FILE)


def _followed(folder: Path, relative: str, entry: os.DirEntry[str], problems: list[Problem]) -> bool:
    """Plain files and folders, and links to files of the project; other links are reported and left alone."""
    if not entry.is_symlink():
        return entry.is_dir() or entry.is_file()
    try:
        target = inside(folder, relative)
        if target.is_file():
            return True
        message = _("A link that leads to no file of the project is not followed.")
    except BadInput:
        message = _("A link that leads out of the project is not followed.")
    mend = _("Put the file itself in the place of the link.")
    problems.append(Problem(Severity.ERROR, message, file=relative, mend=mend))
    return False


def _same(now: Stamp | None, then: Stamp | None) -> bool:
    if now is None or then is None:
        return now is then
    # Windows does not tell a file's identity while a folder is read.
    known = now.identity and then.identity
    return (now.changed, now.size) == (then.changed, then.size) and (
        not known or now.identity == then.identity
    )


def stamp_of(file: Path) -> Stamp | None:
    """The stamp of one file, None where there is none."""
    return _stamp(file) if file.is_file() else None


def _stamp(entry: os.DirEntry[str] | Path) -> Stamp:
    try:
        found = entry.stat()
    except OSError:
        return Stamp(0, -1, 0)
    return Stamp(found.st_mtime_ns, found.st_size if stat.S_ISREG(found.st_mode) else -1, found.st_ino)
