"""The schemas a project uses, read once per content of their files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.errors import BadInput, WeftError
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.mapping.further import MoreSchemas
from studio.mapping.model import SchemaUse, Transformation
from studio.project.commit import inside
from studio.project.lock import LOCAL
from studio.project.referring import referred
from studio.schema.model import Schema
from studio.schema.read import read_schema

if TYPE_CHECKING:
    from studio.schema import cache
else:
    cache = Lazily("studio.schema.cache")

_MOST = 64
# Parsing less than this (bytes) is quicker than a person notices.
CACHED_FROM = 64 * 1024


# Files as they were: full path, time of the last change, size.
Stamps = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class _Read:
    schema: Schema | None
    error: WeftError | None
    stamps: Stamps


class Schemas:
    """Reads schemas and keeps what was read until one of the files it came from changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[tuple[str, str], _Read] = {}

    def get(self, use: SchemaUse) -> Schema:
        """The schema a transformation names; raises WeftError where the file is missing or does not read."""
        if not use.schema:
            raise BadInput(
                _("No schema has been chosen."),
                next_step=_("Choose a file of the folder schemas as source and target."),
            )
        key = use.schema, use.kind
        found = self._kept.get(key)
        if found is None or not self.unchanged(found.stamps):
            found = self._read(use)
            self._keep(use, found)
        if found.error is not None:
            raise found.error
        assert found.schema is not None
        return found.schema

    def more(self, transformation: Transformation) -> MoreSchemas:
        """The schemas of its further documents; raises WeftError where one is missing or does not read."""
        return MoreSchemas(
            {name: self.get(use) for name, use in transformation.sources.items()},
            {name: self.get(use) for name, use in transformation.targets.items()},
        )

    def refuse(self, use: SchemaUse, error: WeftError) -> None:
        """Somebody else has tried to read it: why it does not read is known until its file changes."""
        self._keep(use, _Read(None, error, self.stamps([str(inside(self.folder, use.schema))])))

    def stamps_of(self, use: SchemaUse) -> Stamps:
        """The files a schema came from, as they were then; its own, where it has not been read."""
        found = self._kept.get((use.schema, use.kind))
        return found.stamps if found is not None else self.stamps([str(self.folder / use.schema)])

    def unchanged(self, stamps: Stamps) -> bool:
        """The files are as they were."""
        return stamps == self.stamps([name for name, _time, _size in stamps])

    def _keep(self, use: SchemaUse, found: _Read) -> None:
        self._kept.pop((use.schema, use.kind), None)
        self._kept[use.schema, use.kind] = found
        while len(self._kept) > _MOST:
            self._kept.pop(next(iter(self._kept)))

    def _read(self, use: SchemaUse) -> _Read:
        file = inside(self.folder, use.schema)
        before = self.stamps([str(file)])
        try:
            if not file.is_file():
                raise BadInput(
                    _("The schema file is missing."),
                    file=use.schema,
                    next_step=_("Put the file back, or choose another schema."),
                )
            schema = self._parsed(file, use.kind or None)
        except WeftError as error:
            return _Read(None, error, before)
        names = dict.fromkeys([str(file), *(self._absolute(name) for name in schema.files)])
        return _Read(schema, None, self.stamps(list(names)))

    def _parsed(self, file: Path, kind: str | None) -> Schema:
        """A large schema goes through a cache file, which the agent writes and the window opens in an instant."""
        if not _heavy(file) or not os.access(self.folder, os.W_OK):
            return read_schema(file, kind=kind, within=self.folder)
        return cache.read_cached(file, self.folder / LOCAL / "schemas", kind=kind, within=self.folder)

    def fresh(self, use: SchemaUse) -> bool:
        """The schema can be had without parsing: it is small, known, or its cache file is up to date."""
        file = inside(self.folder, use.schema)
        if (use.schema, use.kind) in self._kept or not file.is_file() or not _heavy(file):
            return True
        return (
            cache.load_fresh(cache.cache_file(file, self.folder / LOCAL / "schemas", use.kind or None))
            is not None
        )

    def _absolute(self, name: str) -> str:
        return str(self.folder / name)

    def stamps(self, names: Sequence[str]) -> Stamps:
        """How files are now."""
        stamps = []
        for name in names:
            try:
                found = Path(name).stat()
                stamps.append((name, found.st_mtime_ns, found.st_size))
            except OSError:
                stamps.append((name, 0, -1))
        return tuple(stamps)


def _heavy(file: Path) -> bool:
    """Reading it may take longer than one event of a window: it is large, itself or with what is read with it."""
    waiting, seen, size = [file], {file}, 0
    while waiting:
        at = waiting.pop()
        try:
            size += at.stat().st_size
        except OSError:
            continue
        if size >= CACHED_FROM:
            return True
        found = [one for one in referred(at) if one not in seen]
        seen.update(found)
        waiting += found
    return False
