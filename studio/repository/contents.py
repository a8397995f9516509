"""Contents kept beside a project, by hash: of the revision its files come from, and of every side of a conflict.

They lie in packs as they travel, each written once and never changed; what is not needed goes when packs are put
together. A content that is missing or damaged here can be asked for at the repository again.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.protocol import limits
from studio.protocol.packs import MAGIC, BadPack, Kind, Packed, header_of, packed, written
from studio.repository.local import made_folder, made_place, place

FOLDER = "contents"
_SUFFIX = ".pack"
# So many packs are put together into one.
_MANY = 40


@dataclass(frozen=True)
class _Place:
    pack: Path
    offset: int
    length: int
    size: int
    kind: Kind


class Contents:
    """The contents kept for the project in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index: dict[str, _Place] | None = None

    def __contains__(self, digest: object) -> bool:
        return digest in self._places()

    def read(self, digest: str) -> bytes:
        """A content, checked against its hash. Raises BadInput where it is not here or damaged."""
        for _look in range(2):  # somebody may have put packs together since the first one
            found = self._places().get(digest)
            if found is not None:
                with contextlib.suppress(OSError, BadPack):
                    return self._packed(digest, found).plain()
            self._index = None
        raise BadInput(
            _("A version that was kept beside the project cannot be read any more."),
            path=digest,
            next_step=_("Pull again, or look at the project's history."),
        )

    def add(self, contents: Mapping[str, bytes]) -> None:
        """Keep contents by their hashes; returns once that is durable. Raises BadInput."""
        self.add_packed(kept_form(data, digest) for digest, data in contents.items() if digest not in self)

    def add_packed(self, objects: Iterable[Packed]) -> None:
        """`add` of contents that are packed already; none makes no file."""
        several = iter(objects)
        first = next(several, None)
        if first is None:
            return
        file = made_folder(made_place(self._folder) / FOLDER) / f"{os.urandom(8).hex()}{_SUFFIX}"
        with atomic.writing(file) as stream:
            for piece in written(_chain(first, several)):
                stream.write(piece)
        if self._index is not None:
            self._index |= _read_index(file)

    def tidy(self, needed: set[str], *, many: int = _MANY) -> None:
        """Put many packs together, without what is not needed any more. The old ones go once the new one is durable."""
        files = self._files()
        if len(files) < many:
            return
        kept = {digest: at for digest, at in self._places().items() if digest in needed}
        with contextlib.suppress(OSError, BadPack):
            self.add_packed(self._packed(digest, at) for digest, at in sorted(kept.items()))
            for file in files:
                file.unlink(missing_ok=True)
        self._index = None

    def _places(self) -> dict[str, _Place]:
        if self._index is None:
            self._index = {}
            for file in self._files():
                self._index |= _read_index(file)
        return self._index

    def _files(self) -> list[Path]:
        folder = place(self._folder) / FOLDER
        return sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []

    def _packed(self, digest: str, at: _Place) -> Packed:
        with at.pack.open("rb") as stream:
            stream.seek(at.offset)
            return Packed(digest, at.kind, stream.read(at.length), at.size)


def kept_form(data: bytes, digest: str) -> Packed:
    """A content as it is kept: packed, unless that would take long."""
    if len(data) > limits.PACK_OBJECT_BYTES:
        return Packed(digest, Kind.PLAIN, data, len(data))
    return packed(data, digest)


def _chain(first: Packed, further: Iterator[Packed]) -> Iterator[Packed]:
    yield first
    yield from further


def _read_index(file: Path) -> dict[str, _Place]:
    """Where each object of a pack lies; a damaged pack gives those before the damage, each checked when it is read."""
    found: dict[str, _Place] = {}
    with contextlib.suppress(OSError, BadPack), file.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            return found
        while (header := header_of(stream)) is not None:
            digest, kind, length, size = header
            found[digest] = _Place(file, stream.tell(), length, size, kind)
            stream.seek(length, os.SEEK_CUR)
    return found
