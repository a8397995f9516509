"""Copies of one project on several computers, all in one process, on a real server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from studio.project.create import create
from studio.repository.link import Link, keep_link
from studio.repository.pull import Pulled, copy, pull
from studio.repository.push import Pushed, push
from studio.repository.status import Status, status
from tests.project.perils import tree
from tests.repository.running_server import Site


@dataclass
class Copy:
    """One person's folder of the project."""

    site: Site
    folder: Path
    by: str = "ana"

    async def push(self, message: str = "") -> Pushed:
        async with self.site.repository(self.by) as repository:
            return await push(self.folder, repository, message)

    async def pull(self) -> Pulled:
        async with self.site.repository(self.by) as repository:
            return await pull(self.folder, repository)

    async def status(self) -> Status:
        async with self.site.repository(self.by) as repository:
            return await status(self.folder, repository)

    def write(self, path: str, data: bytes | str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_bytes()
        assert old.encode() in text
        self.write(path, text.replace(old.encode(), new.encode()))

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def files(self) -> dict[str, bytes]:
        """Every file but those of this computer."""
        return tree(self.folder)


async def shared(
    site: Site, place: Path, *, before: Callable[[Path], object] = lambda _folder: None
) -> tuple[Copy, Copy]:
    """The sample project pushed by ana, and ben's first copy of it; `before` may change what is pushed."""
    made = await site.new_project()
    folder = place / "ana"
    create(folder, sample="orders")
    for sample in (folder / "samples").iterdir():
        sample.write_bytes(sample.read_bytes()[:1000])  # the real ones are larger than a repository takes
    before(folder)
    account = site.account()
    keep_link(folder, Link(account.server, account.organization, made.id))
    one = Copy(site, folder)
    await one.push("first")
    other = Copy(site, place / "ben", "ben")
    async with site.repository("ben") as repository:
        await copy(repository, made.id, other.folder)
    return one, other
