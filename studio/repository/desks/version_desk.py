"""The versions of a project: the list, what differs between two of them, an old one made the newest again."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.project.layout import id_of
from studio.protocol import limits
from studio.protocol.projects import Compared, Entry, Restore
from studio.repository.changes import ObjectChange
from studio.repository.client import Repository, new_key
from studio.repository.desks.counter import Answer, Counter, Message, Tell, revision_data, stoppable
from studio.repository.desks.plainly import places

_PAGE = 50


class VersionDesk:
    """Answers about revisions; the manifest of each is read once."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._manifests: dict[str, Mapping[str, Entry]] = {}
        self.answers: dict[str, Answer] = {
            "history": self._history,
            "difference": self._difference,
            "object_difference": self._object_difference,
            "restore": self._restore,
        }

    async def _history(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        after = str(message.get("after") or "") or None
        page = await stoppable(repository.revisions(link.project, after, _PAGE), stop)
        return {"items": [revision_data(one) for one in page.items], "after": page.after}

    async def _difference(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        before, after = message.get("before"), str(message["after"])
        if before == after:
            return []
        if not before:
            return objects_of(
                Compared(None, after, await self._first(repository, link.project, after), (), ())
            )
        return objects_of(await stoppable(repository.difference(link.project, after, str(before)), stop))

    async def _first(self, repository: Repository, project: str, revision: str) -> tuple[Entry, ...]:
        return tuple((await self._manifest(repository, project, revision)).values())

    async def _object_difference(
        self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any
    ) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))
        path = str(message["path"])

        async def read() -> Any:
            entries = []
            for revision in (message.get("before"), message["after"]):
                found = await self._manifest(repository, link.project, str(revision)) if revision else {}
                entries.append(found.get(path))
            contents = await contents_of(repository, link.project, entries)
            return places(path, *(contents.get(one.hash) if one else None for one in entries))

        return await stoppable(read(), stop)

    async def _manifest(self, repository: Repository, project: str, revision: str) -> Mapping[str, Entry]:
        if revision not in self._manifests:
            found = await repository.manifest(project, revision)
            self._manifests[revision] = {one.path: one for one in found}
        return self._manifests[revision]

    async def _restore(self, message: Message, _tell: Tell, stop: asyncio.Event, *_more: Any) -> Any:
        repository, link = await self._counter.of_folder(Path(str(message["folder"])))

        async def restore() -> Any:
            status = await repository.status(link.project)
            if status is None or status.head is None:
                raise BadInput(_("Nothing was pushed yet."))
            old = await repository.revision(link.project, str(message["revision"]))
            # Whoever reads the list later sees what this version is.
            why = str(message.get("message") or "") or _("Equal to version {n}").format(n=old.number)
            wish = Restore(old.id, why)
            return revision_data(await repository.restore(link.project, status.head, wish, new_key()))

        return await stoppable(restore(), stop)


def objects_of(told: Compared) -> list[dict[str, str]]:
    """What differs, as the window lists it."""
    found = [
        *((one.path, "added") for one in told.added),
        *((one.path, "changed") for one in told.changed),
        *((path, "removed") for path in told.removed),
    ]
    return [_data(path, kind) for path, kind in sorted(found)]


def object_data(change: ObjectChange) -> dict[str, str]:
    """One object that differs, as the window lists it."""
    return _data(change.path, change.change)


def _data(path: str, kind: str) -> dict[str, str]:
    return {"path": path, "name": name_of(path), "note": note_of(path), "kind": kind}


def name_of(path: str) -> str:
    """What a file is called in a list: its own name."""
    return (
        path.rpartition("/")[2].removesuffix(".yaml").removesuffix(".jb") if id_of(path) is not None else path
    )


def note_of(path: str) -> str:
    """What kind of object it is, by its folder."""
    return path.rpartition("/")[0] if id_of(path) is not None else ""


async def contents_of(
    repository: Repository, project: str, entries: Iterable[Entry | None]
) -> dict[str, bytes]:
    """The contents of these entries by hash; one too large to be read whole is left out by its size."""
    wanted = {one.hash: one.size for one in entries if one is not None}
    small = [digest for digest, size in wanted.items() if size <= limits.PACK_OBJECT_BYTES]
    found = {digest: content async for digest, content in repository.pack(project, small)} if small else {}
    for digest in wanted.keys() - found.keys():
        with tempfile.TemporaryFile() as file:
            await repository.object(project, digest, file)
            file.seek(0)
            found[digest] = file.read()
    return found
