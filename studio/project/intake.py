"""Files from anywhere taken into a project: recognised by content, copied with what they import, structure kept."""

from __future__ import annotations

import filecmp
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from studio.base import atomic, paths
from studio.base.errors import TooLarge, WeftError
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.base.system_errors import unreadable
from studio.project.layout import check_ref
from studio.project.referring import referred
from studio.schema.archive import is_archive, is_office, unpack
from studio.schema.delimited import check_text
from studio.schema.kinds import by_name
from studio.schema.read import read_schema, recognise
from studio.schema.source import MEGABYTE, decode, read_head

MOST_FILES = 4000
MOST_BYTES = 512 * MEGABYTE
_DEEPEST = 30
_HEAD = 64 * 1024
# Kinds that show what occurred, not what may occur.
SAMPLES = ("xml", "json", "delimited", "fixed", "excel", "edi", "x12", "edifact")
# Plain text beside schemas that is none.
_PAPERS = re.compile(
    r"(?:readme|notice|licen[cs]e|changelog|copying|authors)\b|.*\.(?:md|html?|pdf|docx?)$", re.I
)
# Any text can be read as columns: in a folder only a name can tell that it is meant so.
_COLUMNS = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class Piece:
    """A file to be copied: from where, and to which path in the project."""

    source: str
    target: str


@dataclass(frozen=True)
class Refused:
    """A file that is nothing we know, and why, in words."""

    file: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """What would be taken in: `pieces` to copy as schemas, the paths in the project of those that `start` a schema,
    files that are `samples`, and what was refused."""

    pieces: tuple[Piece, ...] = ()
    starts: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()

    def clashes(self, folder: Path) -> tuple[str, ...]:
        """The paths in the project where another file stands already."""
        return tuple(
            piece.target for piece in self.pieces if _other(Path(piece.source), folder / piece.target)
        )


def look_at(given: Sequence[Path]) -> Intake:
    """What a project would take in of files, folders and zip archives; nothing is copied yet.

    Raises TooLarge beyond 4,000 files or 512 MB, BadInput for a damaged archive. Takes time: every file is looked into.
    """
    result = Intake()
    loose = [path for path in given if not path.is_dir() and not _is_zip(path)]
    for path in given:
        if path not in loose:
            result = _joined(result, _of_set(path))
    return _joined(result, _of_files(loose)) if loose else result


def of_mirror(folder: Path, start: Path) -> Intake:
    """What was fetched from an address into a folder, whole, so that its files find each other as they did there."""
    files = [file for file in _below(folder, folder) if file.name != "fetched.json"]
    top = folder.resolve()
    pieces = tuple(Piece(str(file), f"schemas/{file.relative_to(top).as_posix()}") for file in files)
    return Intake(pieces, (f"schemas/{start.resolve().relative_to(top).as_posix()}",))


def take_in(intake: Intake, folder: Path) -> tuple[str, ...]:
    """Copy the pieces into the project, over what stands there; the paths of those that start a schema.

    Raises BadInput where a file cannot be written; those before it stay.
    """
    for piece in intake.pieces:
        copy_file(Path(piece.source), folder, piece.target)
    return intake.starts


def copy_file(source: Path, folder: Path, target: str) -> None:
    """Copy a file to a path in the project, whole or not at all; raises BadInput."""
    check_ref(target.partition("/")[2])
    place = folder / target
    if place.exists() and place.samefile(source):
        return
    try:
        with source.open("rb") as file, atomic.writing(place) as out:
            shutil.copyfileobj(file, out, MEGABYTE)
    except OSError as error:
        raise atomic.cannot_write(place, error) from error


def beside(intake: Intake, folder: Path) -> Intake:
    """The same intake in a folder of its own, so that nothing in the project is written over."""
    first = PurePosixPath(intake.starts[0] if intake.starts else intake.pieces[0].target).stem
    number, name = 2, f"{first}-2"
    while (folder / "schemas" / name).exists():
        number += 1
        name = f"{first}-{number}"

    def moved(target: str) -> str:
        return f"schemas/{name}/{target.partition('/')[2]}"

    pieces = tuple(replace(piece, target=moved(piece.target)) for piece in intake.pieces)
    return replace(intake, pieces=pieces, starts=tuple(moved(start) for start in intake.starts))


def without_samples(intake: Intake) -> Intake:
    """The same without the samples."""
    return replace(intake, samples=())


def samples_as_schemas(intake: Intake) -> Intake:
    """The samples taken in as schemas: each shows what occurs in it."""
    pieces = tuple(Piece(file, f"schemas/{Path(file).name}") for file in intake.samples)
    starts = tuple(piece.target for piece in pieces)
    return replace(intake, pieces=(*intake.pieces, *pieces), starts=(*intake.starts, *starts), samples=())


def _joined(one: Intake, other: Intake) -> Intake:
    return Intake(
        (*one.pieces, *other.pieces),
        (*one.starts, *other.starts),
        (*one.samples, *other.samples),
        (*one.refused, *other.refused),
    )


def _is_zip(path: Path) -> bool:
    try:
        return is_archive(read_head(path, 8)) and not is_office(path)
    except WeftError:
        return False


def _of_set(path: Path) -> Intake:
    """A folder or archive: everything of it that belongs to its schemas, below a folder of its name."""
    root = path if path.is_dir() else unpack(path, paths.cache_folder() / "sets")
    kinds = {file: kind for file in _below(root, path) if (kind := _kind(file))}
    schemas = [file for file, kind in kinds.items() if kind not in SAMPLES]
    if not schemas:
        samples = tuple(str(file) for file in kinds)
        refused = () if samples else (Refused(str(path), _("There is no schema and no sample in it.")),)
        return Intake(samples=samples, refused=refused)
    leads = {file: referred(file) for file in schemas}
    wanted = _reached(schemas, leads)
    lead = f"schemas/{path.stem if path.is_file() else path.name}"
    inside = [file for file in wanted if file.is_relative_to(root)]
    pieces = tuple(Piece(str(file), f"{lead}/{file.relative_to(root).as_posix()}") for file in inside)
    starts = tuple(f"{lead}/{file.relative_to(root).as_posix()}" for file in _starts(schemas, leads))
    samples = tuple(str(file) for file, kind in kinds.items() if kind in ("xml",) and file not in wanted)
    return Intake(pieces, starts, samples[:200])


def _of_files(given: Sequence[Path]) -> Intake:
    schemas: list[Path] = []
    samples: list[str] = []
    refused: list[Refused] = []
    for path in given:
        try:
            kind = recognise(path)
            if kind == "delimited":
                # What is of no known kind may be columns, or nothing a person can read.
                head = read_head(path, _HEAD)
                check_text(decode(head, None, file=path, whole=len(head) < _HEAD)[0], path)
        except WeftError as error:
            refused.append(Refused(str(path), " ".join(filter(None, (error.message, error.next_step)))))
            continue
        if kind in SAMPLES:
            samples.append(str(path))
        else:
            schemas.append(path.resolve())
    if not schemas:
        return Intake(samples=tuple(samples), refused=tuple(refused))
    leads = {file: referred(file) for file in schemas}
    wanted = dict.fromkeys(_reached(schemas, leads))
    for file in schemas:
        wanted |= dict.fromkeys(_read_with(file))
    top = Path(os.path.commonpath([file.parent for file in wanted]))
    pieces = tuple(Piece(str(file), f"schemas/{file.relative_to(top).as_posix()}") for file in wanted)
    starts = tuple(f"schemas/{file.relative_to(top).as_posix()}" for file in _starts(schemas, leads))
    return Intake(pieces, starts, tuple(samples), tuple(refused))


def _read_with(file: Path) -> list[Path]:
    """The files a schema's reader took with it, those found by a catalogue or nearby included."""
    try:
        files = read_schema(file).files
    except WeftError:
        return []
    found = [(file.parent / name).resolve() for name in files]
    return [each for each in found if each.is_file()]


def _below(root: Path, asked: Path) -> Iterator[Path]:
    """The regular files below a folder; links and hidden files are left out."""
    count = size = 0
    for place, folders, names in os.walk(root):
        depth = len(Path(place).relative_to(root).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < _DEEPEST)
        for name in sorted(names):
            file = Path(place, name)
            if name.startswith(".") or file.is_symlink() or not file.is_file():
                continue
            count, size = count + 1, size + file.stat().st_size
            if count > MOST_FILES or size > MOST_BYTES:
                raise TooLarge(
                    _("There are more than {count} files, or {size} MB, in it.").format(
                        count=MOST_FILES, size=MOST_BYTES // MEGABYTE
                    ),
                    file=asked,
                    next_step=_("Give a smaller folder, or the files you need."),
                )
            yield file.resolve()


def _kind(file: Path) -> str:
    """The kind of a file found in a folder; "" for papers and what is nothing we know."""
    if _PAPERS.match(file.name) or _is_zip(file):
        return ""
    try:
        kind = recognise(file)
    except WeftError:
        return ""
    return "" if kind == "delimited" and file.suffix.lower() not in _COLUMNS else kind


def is_schema(file: Path) -> bool:
    """A file of the folder of schemas is meant as one: no paper beside them, no text of no known kind."""
    if _PAPERS.match(file.name) or _is_zip(file):
        return False
    try:
        kind = recognise(file)
    except WeftError:
        # A kind is known by its name, and the file is damaged: that is worth telling.
        return by_name(file.suffix) is not None
    return kind != "delimited" or file.suffix.lower() in _COLUMNS


def _reached(schemas: Iterable[Path], leads: dict[Path, list[Path]]) -> list[Path]:
    """The schemas and all they lead to, each once."""
    found: dict[Path, None] = {}
    waiting = list(reversed(list(schemas)))
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found[file] = None
        if len(found) > MOST_FILES:
            raise TooLarge(
                _("The schema refers to more than {count} files.").format(count=MOST_FILES), file=file
            )
        if file not in leads:
            leads[file] = referred(file)
        waiting += leads[file]
    return list(found)


def _starts(schemas: Sequence[Path], leads: dict[Path, list[Path]]) -> list[Path]:
    """The schemas no other file refers to; the first one where all refer to each other."""
    referred = {target for targets in leads.values() for target in targets}
    return [file for file in schemas if file not in referred] or list(schemas[:1])


def _other(source: Path, target: Path) -> bool:
    """Another file stands at the target."""
    if not target.exists():
        return False
    if not target.is_file():
        return True
    try:
        return not (target.samefile(source) or filecmp.cmp(source, target, shallow=False))
    except OSError as error:
        raise unreadable(target, error) from error
