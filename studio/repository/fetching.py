"""Contents a pull needs: those kept here are not asked for; small ones come in packs, large ones one by one.

What does not fit into memory lies in `.weft/repository/incoming` until the pull is written; after a cut it is there
for the next one.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base import atomic
from studio.base.i18n import _, ngettext
from studio.base.progress import Progress
from studio.base.records import dataclass
from studio.project.commit import digest_of
from studio.protocol import limits
from studio.protocol.manifests import Content
from studio.repository.contents import Contents
from studio.repository.local import made_place
from studio.repository.refusals import NotARepository

if TYPE_CHECKING:
    from studio.repository.client import Repository

INCOMING = "incoming"
# What is held in memory at once.
_MEMORY = 64 * 1024**2


@dataclass
class Fetched:
    """The contents at hand: `kept` beside the project, in memory, in files of the folder `place`."""

    kept: Contents
    place: Path
    held: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    used: int = 0

    def __contains__(self, content: object) -> bool:
        """Whether a content can be read without asking."""
        digest = content.hash if isinstance(content, Content) else ""
        return digest in self.held or digest in self.files or digest in self.kept

    def read(self, content: Content) -> bytes:
        """A content whole. Raises BadInput where it is damaged."""
        source = self.source(content)
        return source if isinstance(source, bytes) else source.read_bytes()

    def source(self, content: Content) -> bytes | Path:
        """A content as it is to be written: in memory, or the file that holds it."""
        if content.hash in self.held:
            return self.held[content.hash]
        return self.files.get(content.hash) or self.kept.read(content.hash)

    def take(self, digest: str, data: bytes) -> None:
        """Hold a content that came."""
        if self.used + len(data) <= _MEMORY:
            self.used += len(data)
            self.held[digest] = data
            return
        file = self.place / digest
        with atomic.told(file):
            self.place.mkdir(exist_ok=True)
            part = file.with_suffix(".part")
            part.write_bytes(data)
            part.replace(file)
        self.files[digest] = file

    def clear(self) -> None:
        """The pull is written: nothing of it is needed any more."""
        shutil.rmtree(self.place, ignore_errors=True)


def fetched(folder: Path) -> Fetched:
    """What is at hand for a pull of the project, an earlier one's files that came whole among it."""
    found = Fetched(Contents(folder), made_place(folder) / INCOMING)
    with contextlib.suppress(OSError):
        for file in found.place.iterdir():
            if digest_of(file) == file.name:
                found.files[file.name] = file
            else:
                file.unlink()
    return found


async def fetch(
    repository: Repository,
    project: str,
    contents: Iterable[Content],
    into: Fetched,
    progress: Progress,
) -> None:
    """Bring what is not at hand. Raises as the client does, NotARepository where sizes differ from what was told,
    Cancelled."""
    sizes = {content.hash: content.size for content in contents if content not in into}
    small = [digest for digest, size in sizes.items() if size <= limits.PACK_OBJECT_BYTES]
    done = 0

    def report() -> None:
        text = ngettext("{n} file fetched", "{n} files fetched", done).format(n=done)
        progress.report(done, len(sizes), text)

    def coming(_count: int) -> None:
        progress.check()

    report()
    if small:
        async for digest, data in repository.pack(project, small, coming):
            _need_size(repository, digest, len(data), sizes)
            into.take(digest, data)
            done += 1
            report()
    for digest, size in sizes.items():
        if size <= limits.PACK_OBJECT_BYTES:
            continue
        with atomic.told(into.place):
            into.place.mkdir(exist_ok=True)
            part = into.place / f"{digest}.part"
            with part.open("wb") as stream:
                came = await repository.object(project, digest, stream, coming)
            _need_size(repository, digest, came, sizes)
            into.files[digest] = part.replace(into.place / digest)
        done += 1
        report()


def _need_size(repository: Repository, digest: str, size: int, told: dict[str, int]) -> None:
    if told.get(digest) != size:
        raise NotARepository(
            _("{server} sent a content of another size than it had told.").format(
                server=repository.account.server
            ),
            next_step=_("Tell whoever runs the server; nothing was changed here."),
        )
