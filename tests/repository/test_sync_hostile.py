"""What a repository sends is not trusted: nothing outside the folder is written, and nothing in it by halves."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from studio.base.errors import BadInput, NotReachable, WeftError
from studio.project.create import create
from studio.project.folder import load
from studio.protocol.manifests import Content, hash_of, tree_hash
from studio.protocol.packs import packed, written
from studio.protocol.projects import Pull, Revision, entries
from studio.repository.files import look
from studio.repository.link import Link, keep_link
from studio.repository.pull import pull
from studio.repository.state import state_of
from tests.repository.hostile_server import answer, hostile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project linked with a repository of which nothing came yet, alone in its parent folder."""
    place = tmp_path / "home" / "orders"
    create(place, name="Orders")
    keep_link(place, Link("http://127.0.0.1", "org", "project"))
    return place


def everything(place: Path) -> dict[str, bytes]:
    """All files below the folder's parent, but what is kept of the repository."""
    return {
        str(file.relative_to(place)): file.read_bytes()
        for file in place.rglob("*")
        if file.is_file() and "repository" not in file.parts and file.name != "writing"
    }


def serving(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    tree: str = "",
    remove: tuple[str, ...] = (),
    size: int | None = None,
) -> Callable[[int, str], bytes]:
    """A repository whose head is what the folder holds and these files."""
    held = dict(look(folder).contents)
    new = {path: Content(hash_of(data), len(data) if size is None else size) for path, data in files.items()}
    made = held | new
    head = Revision(
        "r1", 1, None, tree or tree_hash(made), "u", "Eve", "", "2026-01-01T00:00:00Z", len(made), 0, 0, 0, 0
    )
    told = asdict(Pull(head, None, entries(made), remove))

    def serve(_number: int, asked: str) -> bytes:
        if "/pull" in asked.split(" ")[1]:
            return answer(told)
        return answer(b"".join(written(packed(data) for data in files.values())))

    return serve


async def refused(folder: Path, serve: Callable[[int, str], bytes], said: str = ".") -> WeftError:
    """The error of a pull that changes nothing."""
    before, outside = state_of(folder), everything(folder.parent)
    async with hostile(serve) as server, server.repository() as repository:
        with pytest.raises(WeftError, match=said) as error:
            await pull(folder, repository)
    assert everything(folder.parent) == outside
    assert state_of(folder) == before
    return error.value


@pytest.mark.parametrize(
    "path",
    [
        "../evil", "scripts/../../evil", "/etc/evil", "C:/evil", "scripts\\..\\evil", "", "scripts//x.jb", ".",
        "scripts/nul.jb", "com1", "scripts/x. ", "scripts/a\u202eb\n", "scripts/x\0.jb", ".weft/lock", ".WEFT/x",
        ".weft/repository/state.json", "a/" * 40 + "x", "x" * 300, "PROJECT.yaml", "project.yaml/x",
    ],
)  # fmt: skip
async def test_paths_no_project_may_have(folder: Path, path: str) -> None:
    await refused(folder, serving(folder, {path: b"evil"}))


@pytest.mark.parametrize(
    "path", [".git/hooks/post-merge", ".gitattributes", "git~1/config", ".vscode/tasks.json"]
)
async def test_hidden_files_stay_in_the_repository(folder: Path, path: str) -> None:
    before = everything(folder.parent)
    async with hostile(serving(folder, {path: b"evil"})) as server, server.repository() as repository:
        found = await pull(folder, repository)
    assert found.left_out == (path,)
    assert everything(folder.parent) == before
    assert path in state_of(folder).manifest


async def test_contents_that_are_not_what_was_told(folder: Path) -> None:
    good = serving(folder, {"scripts/x.jb": b"x = 1;"})

    def other(number: int, asked: str) -> bytes:
        if "/pull" in asked:
            return good(number, asked)
        return answer(b"".join(written([packed(b"y = 1;")])))

    def cut(number: int, asked: str) -> bytes:
        return good(number, asked) if "/pull" in asked else good(number, asked)[:-45]

    await refused(folder, other, "other contents")
    assert isinstance(await refused(folder, cut), NotReachable)
    await refused(folder, serving(folder, {"scripts/x.jb": b"x = 1;"}, size=7), "another size")
    await refused(folder, serving(folder, {"scripts/x.jb": b"x = 1;"}, tree="0" * 64), "add up")
    await refused(
        folder, serving(folder, {"scripts/x.jb": b"x"}, remove=("scripts/none.jb",)), "cannot be used"
    )


async def test_what_is_no_object_is_kept_as_a_file_and_told(folder: Path) -> None:
    files = {
        "transformations/broken.yaml": b"weft: transformation/1\nname: [",
        "transformations/newer.yaml": b"weft: transformation/999\nname: x\n",
        "scripts/bytes.jb": b"\xff\xfe\0",
        "connections/list.yaml": b"- a\n- b\n",
        "operations/deep.yaml": b"a: " + b"[" * 3000,
    }
    async with hostile(serving(folder, files)) as server, server.repository() as repository:
        await pull(folder, repository)
    for path, data in files.items():
        assert (folder / path).read_bytes() == data
    assert {problem.file for problem in load(folder).problems} >= set(files)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
async def test_links_out_of_the_project_are_not_written_through(folder: Path) -> None:
    away = folder.parent / "away"
    away.mkdir()
    (away / "secret.jb").write_text("mine")
    serve = serving(folder, {"scripts/secret.jb": b"evil", "scripts/deep/x.jb": b"evil"})
    (folder / "scripts").symlink_to(away)
    await refused(folder, serve)
    (folder / "scripts").unlink()
    (folder / "scripts").mkdir()
    (folder / "scripts/secret.jb").symlink_to(away / "secret.jb")
    await refused(folder, serve)
    (folder / "scripts/secret.jb").unlink()
    (folder / "scripts/deep").symlink_to(away)
    await refused(folder, serve)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
async def test_a_local_folder_that_is_a_link_is_not_written_through(folder: Path) -> None:
    away = folder.parent / "away"
    (folder / ".weft/repository").rename(away)
    (folder / ".weft/repository").symlink_to(away)
    serve = serving(folder, {"scripts/x.jb": b"x"})
    before = sorted(away.iterdir())
    async with hostile(serve) as server, server.repository() as repository:
        with pytest.raises(BadInput, match="link that leads elsewhere"):
            await pull(folder, repository)
    assert sorted(away.iterdir()) == before


async def test_names_that_are_one_file_elsewhere_are_not_put_beside_each_other(folder: Path) -> None:
    serve = serving(folder, {"scripts/Clean.jb": b"theirs"})
    (folder / "scripts").mkdir(exist_ok=True)
    (folder / "scripts/clean.jb").write_bytes(b"mine")
    await refused(folder, serve, "differ in case only.*Rename your own file")


async def test_what_stands_in_the_way_is_told(folder: Path) -> None:
    serve = serving(folder, {"scripts/clean.jb": b"theirs"})
    (folder / "scripts/clean.jb").mkdir(parents=True)
    await refused(folder, serve, "A folder stands where")
    (folder / "scripts/clean.jb").rmdir()
    (folder / "notes").write_bytes(b"mine")
    await refused(folder, serving(folder, {"notes/x.txt": b"theirs"}))


async def test_a_file_of_ones_own_in_another_folder_is_not_overwritten(folder: Path) -> None:
    """Such folders are no part of the project until the repository brings one."""
    serve = serving(folder, {"notes/plan.txt": b"theirs"})
    (folder / "notes").mkdir()
    (folder / "notes/plan.txt").write_bytes(b"mine")
    async with hostile(serve) as server, server.repository() as repository:
        found = await pull(folder, repository)
    assert found.clashed == ("notes/plan.txt",)
    assert (folder / "notes/plan.txt").read_bytes() == b"mine"


async def test_a_repository_set_back_to_an_older_state_takes_nothing_away(
    folder: Path, tmp_path: Path
) -> None:
    """It does not know the revision the files come from: what it lacks is no deletion, what differs a conflict."""
    serve = serving(folder, {"scripts/a.jb": b"new", "scripts/b.jb": b"b"})
    older = serving(folder, {"scripts/a.jb": b"old"})
    async with hostile(serve) as server, server.repository() as repository:
        await pull(folder, repository)

    def known_by_another_name(number: int, asked: str) -> bytes:
        return older(number, asked).replace(b'"id": "r1"', b'"id": "r0"')

    async with hostile(known_by_another_name) as server, server.repository() as repository:
        found = await pull(folder, repository)
    assert (folder / "scripts/a.jb").read_bytes() == b"new"
    assert (folder / "scripts/b.jb").read_bytes() == b"b"
    assert found.clashed == ("scripts/a.jb",)
