"""Several files changed as one: whatever kills the process, the next opening finds all of them old or all new.

New contents are first written beside their targets (a full disk or a missing right shows here, before anything has
changed), then a list of what is meant is made durable, then come the renames, then the list goes. An opening that
finds the list carries it out; one that finds only the new contents throws them away.

Several programs may write to one project: the window holds its lock for as long as it is open, a pull comes from
beside it. All of this happens under a lock of its own, held for the moment of writing.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.file_lock import waiting_turn
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.base.system_errors import reason_of
from studio.project.lock import LOCAL, local_folder

if TYPE_CHECKING:
    import hashlib
else:
    hashlib = Lazily("hashlib")

INTENT = "intent.json"
KEPT = "kept"
# Held while files are written; apart from the project's lock, which says whose unsaved work this is.
WRITING = "writing"
# How long (s) is waited for whoever is writing just now: a large pull takes its time.
PATIENCE = 60.0
_BLOCK = 1 << 20
_PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")


@dataclass(frozen=True)
class Finished:
    """What finishing an interrupted save did: files brought to their new state, and those changed since by others,
    whose saved version now lies in `.weft/kept` instead."""

    completed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


class Outdated(BadInput):
    """A file is not what the writer thought it was: somebody else changed it meanwhile. Nothing was written."""


def nothing_to_check() -> None:
    """The guard of a writer to whom it does not matter what stands there."""


def digest(data: bytes) -> str:
    """The SHA-256 of a file's content, as hexadecimal text."""
    return hashlib.sha256(data).hexdigest()


def inside(folder: Path, relative: str) -> Path:
    """The file of a relative path (slashes); raises BadInput where it leads, also by a link, out of `folder`."""
    parts = PurePosixPath(relative).parts
    bad = not parts or relative.startswith("/") or ".." in parts or "\\" in relative or "\0" in relative
    if bad or ":" in parts[0]:
        raise _leaves(relative)
    path = folder.joinpath(*parts)
    try:
        resolved, home = path.resolve(), folder.resolve()
    except (OSError, RuntimeError):  # a loop of links
        raise _leaves(relative) from None
    if not resolved.is_relative_to(home):
        raise _leaves(relative)
    return path


def _file_inside(folder: Path, relative: str) -> Path:
    target = inside(folder, relative)
    if target.is_dir():
        raise BadInput(
            _("A folder stands where the file should be written."),
            file=target,
            next_step=_("Rename the folder, or the object."),
        )
    return target


def _leaves(relative: str) -> BadInput:
    return BadInput(
        _("This path leads out of the project: {path}").format(path=relative),
        file=relative,
        next_step=_("Copy the file into the project and use a path relative to the project's folder."),
    )


def commit(
    folder: Path,
    changes: Mapping[str, bytes | Path | None],
    *,
    guard: Callable[[], None] = nothing_to_check,
    patience: float = PATIENCE,
) -> None:
    """Write (bytes, or what another file holds) or delete (None) files of the project, by relative path; returns once
    that is durable.

    `guard` is called when nobody else can write any more and raises Outdated where the files are not what the changes
    were made from. Raises BadInput, with every file as it was, when one cannot be written; in the rare case that only
    the renames fail (Windows: a file is open elsewhere) the next save or opening completes it. Whoever is writing just
    now is waited for, `patience` seconds at most.
    """
    if not changes:
        finish(folder)
        return
    targets = {relative: _file_inside(folder, relative) for relative in changes}
    with _alone(folder, patience):
        _finish(folder)
        guard()
        _commit(folder, targets, changes)


@contextlib.contextmanager
def _alone(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    if not folder.is_dir():
        holding = _holding_new([folder / WRITING])
        atomic.make_folder(folder)
        _sync(holding)
    lock = local_folder(folder) / WRITING
    with contextlib.ExitStack() as held:
        try:
            ours = held.enter_context(waiting_turn(lock, patience))
        except OSError as error:
            raise atomic.cannot_write(lock, error) from error
        if not ours:
            raise BadInput(
                _("Another program is writing to this project just now, a pull for example."),
                file=folder,
                next_step=_("Wait until it is done, then try again; nothing was changed."),
            )
        yield


def _commit(folder: Path, targets: Mapping[str, Path], changes: Mapping[str, bytes | Path | None]) -> None:
    written = {relative: data for relative, data in changes.items() if data is not None}
    if len(changes) == 1 and isinstance(data := next(iter(changes.values())), bytes):
        (relative,) = changes
        holding = _holding_new(targets.values())
        atomic.write_bytes(targets[relative], data)
        _sync(holding)
        return
    token = os.urandom(4).hex()
    parts = {relative: _part(targets[relative], token) for relative in written}
    holding = _holding_new(parts.values())
    try:
        for relative, data in written.items():
            _write_durably(parts[relative], data)
        _sync(holding | {part.parent for part in parts.values()})
        atomic.write_text(
            local_folder(folder) / INTENT,
            json.dumps(_intent(token, targets, changes), indent=1, sort_keys=True),
        )
    except BaseException:
        _withdraw(folder, parts.values())
        raise
    _finish(folder)


def finish(folder: Path, *, wait: bool = True) -> Finished:
    """Carry out the save that was interrupted, if one was. Raises BadInput when it cannot, or when without `wait`
    another program is writing just now."""
    if not pending(folder):
        return Finished()
    with _alone(folder, PATIENCE if wait else 0.0):
        return _finish(folder)


def _finish(folder: Path) -> Finished:
    intent = folder / LOCAL / INTENT
    wanted = _read_intent(intent)
    if wanted is None:
        return Finished()
    token, files = wanted
    done: list[str] = []
    kept: list[str] = []
    targets: list[Path] = []
    # Deletions first: where names differ in case only, the new file must not be taken for the old one.
    for relative, after in sorted(files.items(), key=lambda item: (item[1].after is not None, item[0])):
        target = inside(folder, relative)
        try:
            was_ours = _carry_out(folder, relative, target, token, after)
        except OSError as error:
            raise atomic.cannot_write(target, error) from error
        (done if was_ours else kept).append(relative)
        targets.append(target)
    # Looked for at the end: a folder goes with the last of several files deleted in it.
    _sync({next(parent for parent in target.parents if parent.is_dir()) for target in targets})
    try:
        intent.unlink()
    except OSError as error:
        raise atomic.cannot_write(intent, error) from error
    _sync({intent.parent})
    return Finished(tuple(done), tuple(kept))


def pending(folder: Path) -> bool:
    """A save was interrupted and is yet to be finished."""
    return (folder / LOCAL / INTENT).exists()


def sweep(folder: Path) -> None:
    """Remove new contents left by a save that died before it counted; nothing may be pending."""
    left = [path for path in _files(folder) if _PART.fullmatch(path.name)]
    if not left:
        return
    with _alone(folder):
        if not pending(folder):
            for path in left:
                atomic.discard(path)


@dataclass(frozen=True)
class _File:
    before: str | None
    after: str | None


def _intent(
    token: str, targets: Mapping[str, Path], changes: Mapping[str, bytes | Path | None]
) -> dict[str, object]:
    files = {
        relative: {"before": digest_of(targets[relative]), "after": _digest_after(data)}
        for relative, data in changes.items()
    }
    return {"weft": "intent/1", "token": token, "files": files}


def _withdraw(folder: Path, parts: Iterable[Path]) -> None:
    """Undo the preparations. A list that cannot be removed counts: then the new contents stay for it."""
    with contextlib.suppress(OSError):
        (folder / LOCAL / INTENT).unlink(missing_ok=True)
        for part in parts:
            atomic.discard(part)


def _read_intent(path: Path) -> tuple[str, Mapping[str, _File]] | None:
    try:
        data = json.loads(path.read_bytes())
        files = {name: _File(file["before"], file["after"]) for name, file in data["files"].items()}
        token = data["token"]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInput(
            _("The list of an interrupted save could not be read: {reason}.").format(reason=reason_of(error)),
            file=path,
            next_step=_("Check that you may read it."),
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(
            _("The list of an interrupted save is damaged."),
            file=path,
            next_step=_("Compare the project with its last revision, then delete this file."),
        ) from None
    if not isinstance(token, str) or not re.fullmatch("[0-9a-f]{8}", token):
        raise BadInput(
            _("The list of an interrupted save is damaged."), file=path, next_step=_("Delete this file.")
        )
    return token, files


def _carry_out(folder: Path, relative: str, target: Path, token: str, file: _File) -> bool:
    """One file to its new state; False where somebody changed it meanwhile and theirs was left in place."""
    now = digest_of(target)
    ours = now in (file.before, file.after)
    if file.after is None:
        if now is not None and ours:
            target.unlink()
            _remove_empty(folder, target.parent)
        return ours
    part = _part(target, token)
    if not part.exists():
        return ours or now is not None  # renamed before the interruption
    if ours or now is None:
        part.replace(target)
        return True
    aside = local_folder(folder) / KEPT / relative
    aside.parent.mkdir(parents=True, exist_ok=True)
    part.replace(aside)
    return False


def _remove_empty(folder: Path, parent: Path) -> None:
    """Folders below a kind's own go with their last file."""
    while len(parent.relative_to(folder).parts) > 1:
        try:
            parent.rmdir()
        except OSError:
            return
        parent = parent.parent


def _part(target: Path, token: str) -> Path:
    return target.with_name(f".{target.name}.{token}.part")


def _write_durably(path: Path, data: bytes | Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:
            if isinstance(data, bytes):
                stream.write(data)
            else:
                with data.open("rb") as source:
                    shutil.copyfileobj(source, stream, _BLOCK)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise atomic.cannot_write(path, error) from error


def _sync(folders: Iterable[Path]) -> None:
    for folder in sorted(folders):
        try:
            atomic.sync_folder(folder)
        except OSError as error:
            raise atomic.cannot_write(folder, error) from error


def _holding_new(files: Iterable[Path]) -> set[Path]:
    """The folders in which folders will have to be made for these files."""
    return {parent.parent for file in files for parent in file.parents if not parent.exists()}


def _digest_after(data: bytes | Path | None) -> str | None:
    if data is None or isinstance(data, bytes):
        return None if data is None else digest(data)
    return digest_of(data)


def digest_of(path: Path) -> str | None:
    """The digest of what a file holds now, None where there is none; "" for a folder."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        return ""


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in (LOCAL, ".git")]
        for name in names:
            yield Path(parent, name)
