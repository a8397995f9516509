"""Packages: a project as one `.weft` file, a zip with the same bytes for the same content."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any

from studio.base import atomic, yaml_write
from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.base.system_errors import reason_of, unreadable
from studio.base.yaml_read import read
from studio.project.check_objects import credentials
from studio.project.commit import inside
from studio.project.create import fresh_folder
from studio.project.folder import MAX_FILES, require_project, scan
from studio.project.layout import PROJECT_FILE, id_of
from studio.project.lock import LOCAL
from studio.project.migrate import HEAD, refuse_newer

MAX_BYTES = 2 * 1024**3
MAX_RATIO = 300
_MAX_NAME = 500
_SMALL = 1 << 20
_BLOCK = 1 << 18
_MAY_HOLD_CREDENTIALS = ("connections", "environments", "endpoints", PROJECT_FILE)
_WHEN = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Packed:
    """What went into a package: the files, and those from which credentials were left out."""

    files: tuple[str, ...]
    cleaned: tuple[str, ...] = ()


def export(folder: Path, package: Path, *, samples: bool = True, progress: Progress | None = None) -> Packed:
    """Write the project in `folder` as a package, without credentials, with or without its sample documents.

    It holds the project's own folders and the files beside them (a README); hidden files and other folders stay.

    Raises BadInput where there is no project or the package cannot be written, NewerVersion where a file is of a newer
    program: what of it are credentials is not known.
    """
    require_project(folder)
    progress = progress or Progress()
    beside = (
        path.name for path in folder.iterdir() if not path.name.startswith(".") or path.name == ".gitignore"
    )
    plain = (name for name in beside if (folder / name).is_file() and not (folder / name).is_symlink())
    names = [name for name in sorted({*scan(folder), *plain}) if samples or not name.startswith("samples/")]
    for name in filter(_is_object, names):
        with _opened(folder, name) as source:
            refuse_newer(source.read(HEAD), str(folder / name))
    cleaned: list[str] = []
    with atomic.writing(package) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for done, name in enumerate(names):
            progress.report(done, len(names), name)
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            without = _without_credentials(folder, name)
            if without is not None:
                cleaned.append(name)
                archive.writestr(entry, without)
                continue
            with _opened(folder, name) as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, _BLOCK)
    return Packed(tuple(names), tuple(cleaned))


def unpack(package: Path, folder: Path, *, progress: Progress | None = None) -> tuple[str, ...]:
    """Unpack a package into a new folder, wholly or not at all; returns the files' relative paths.

    Raises BadInput for what is no package, for names that lead out of the folder, links, and what is too large, and
    where `folder` already holds something; NewerVersion for a project of a newer program.
    """
    if package.suffix.lower() == ".jpk":
        raise BadInput(
            _("Packages of other products cannot be imported yet."),
            file=package,
            next_step=_("Import a .weft package."),
        )
    progress = progress or Progress()
    try:
        with zipfile.ZipFile(package) as archive:
            entries = _checked(package, archive)
            return _extracted(package, archive, entries, folder, progress)
    except FileNotFoundError:
        raise BadInput(_("There is no such file."), file=package, next_step=_("Check the name.")) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError):
        raise BadInput(
            _("This is not a package, or it is damaged."),
            file=package,
            next_step=_("Get the file again, or export it again."),
        ) from None
    except OSError as error:
        raise BadInput(
            _("The package could not be read: {reason}.").format(reason=reason_of(error)),
            file=package,
            next_step=_("Check that it is a file you may read."),
        ) from error


def _without_credentials(folder: Path, name: str) -> bytes | None:
    """The file without its credentials, None where it has none (or is no file that may hold any)."""
    if not name.endswith(".yaml") or name.partition("/")[0] not in _MAY_HOLD_CREDENTIALS:
        return None
    try:
        with _opened(folder, name) as stream:
            data = read(stream.read(), file=name).plain()
    except BadInput:
        raise BadInput(
            _("This file cannot be read, so it is not known whether it holds credentials."),
            file=name,
            next_step=_("Correct the file (see weft check), then export again."),
        ) from None
    found = list(credentials(data))
    if isinstance(data, dict) and isinstance(data.get("secrets"), dict):
        wrong = {key: text for key, text in data["secrets"].items() if not str(text).startswith("keyring:")}
        found += [("secrets", key) for key in wrong if ("secrets", key) not in found]
    for keys in found:
        _drop(data, keys)
    return yaml_write.write(data).encode("utf-8") if found else None


def _drop(data: Any, keys: tuple[str, ...]) -> None:
    for key in keys[:-1]:
        data = data[int(key)] if isinstance(data, list) else data[key]
    data.pop(keys[-1], None)


def _opened(folder: Path, name: str) -> IO[bytes]:
    try:
        return inside(folder, name).open("rb")
    except OSError as error:
        raise unreadable(name, error) from error


def _checked(package: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise _too_large(package)
    seen: set[str] = set()
    for entry in entries:
        if _leads_out(entry):
            raise BadInput(
                _("The package holds a file whose name leads out of the project, or a link: {name}.").format(
                    name=repr(entry.filename)
                ),
                file=package,
                next_step=_("Do not use this package; ask who made it."),
            )
        if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise _too_large(package)
        lowered = entry.filename.lower()
        if lowered in seen:
            raise BadInput(
                _("The package holds two files called {name}.").format(name=repr(entry.filename)),
                file=package,
                next_step=_("Rename one where it was made, and export again."),
            )
        seen.add(lowered)
    if PROJECT_FILE not in {entry.filename for entry in entries}:
        raise BadInput(
            _("The package holds no project: there is no project.yaml."),
            file=package,
            next_step=_("Choose a file made by exporting a project."),
        )
    for entry in entries:
        if _is_object(entry.filename):
            with archive.open(entry) as source:
                refuse_newer(source.read(HEAD), f"{package}/{entry.filename}")
    return entries


def _is_object(name: str) -> bool:
    """The file says in its first line what it is and in which version."""
    return name.endswith(".yaml") and id_of(name) is not None


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name, mode = entry.filename, entry.external_attr >> 16
    parts = name.split("/")
    windows = PureWindowsPath(name)
    return (
        len(name) > _MAX_NAME
        or any(part in ("", ".", "..", LOCAL, ".git") or part.endswith((".", " ")) for part in parts)
        or "\\" in name
        or any(ord(char) < 32 for char in name)
        or PurePosixPath(name).is_absolute()
        or bool(windows.drive or windows.root)
        or windows.is_reserved()
        or (stat.S_IFMT(mode) not in (0, stat.S_IFREG))
    )


def _extracted(
    package: Path, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: Path, progress: Progress
) -> tuple[str, ...]:
    left = MAX_BYTES
    with fresh_folder(folder) as work:
        for done, entry in enumerate(entries):
            progress.report(done, len(entries), entry.filename)
            left -= _extract(archive, entry, work / entry.filename, left, package)
    return tuple(sorted(entry.filename for entry in entries))


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int, package: Path) -> int:
    """One file; returns its size. What the entry says of its size is not trusted."""
    size = 0
    with archive.open(entry) as source, _created(target) as out:
        while block := source.read(_BLOCK):
            size += len(block)
            if size > left or size > entry.file_size:
                raise _too_large(package)
            try:
                out.write(block)
            except OSError as error:
                raise atomic.cannot_write(target, error) from error
    return size


def _created(target: Path) -> IO[bytes]:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("xb")
    except OSError as error:
        raise atomic.cannot_write(target, error) from error


def _too_large(package: Path) -> TooLarge:
    return TooLarge(
        _(
            "The package would unpack to more than {limit} GB or {files} files, or is packed suspiciously tight."
        ).format(limit=MAX_BYTES >> 30, files=MAX_FILES),
        file=package,
        next_step=_("Do not use this package unless you know who made it."),
    )
