"""Two people, one project, a real server: what either did is there on both sides, or told as a conflict."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project import edits
from studio.project.create import create
from studio.protocol import limits
from studio.repository.link import Link, keep_link, require_link
from studio.repository.pull import copy, pull
from studio.repository.push import PullFirst
from studio.repository.status import Where
from studio.repository.undecided import decide, undecided
from studio.workspace import Workspace
from tests.repository.copies import Copy, shared
from tests.repository.running_server import Site

ORDERS = "transformations/orders-to-invoices.yaml"


def run(work: object) -> None:
    asyncio.run(work)  # type: ignore[arg-type]


def test_a_first_copy_is_the_project(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        assert one.files() == other.files()
        for copied in (one, other):
            found = await copied.status()
            assert (found.base, found.head, found.objects) == (1, 1, ())

    run(work())


def test_changes_travel_and_only_what_is_missing(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.write("scripts/new.jb", "x = 1;")
        one.change("project.yaml", "name: ", "description: ours\nname: ")
        (one.folder / "README.md").unlink()
        assert {item.here for item in (await one.status()).objects} == {"added", "changed", "removed"}
        pushed = await one.push("three")
        assert (pushed.made, pushed.put, pushed.removed, pushed.requests) == (True, 2, 1, 3)
        assert {item.where for item in (await other.status()).objects} == {Where.THERE}
        pulled = await other.pull()
        assert set(pulled.taken) == {"scripts/new.jb", "project.yaml", "README.md"}
        assert one.files() == other.files()
        again = await other.pull()
        assert (again.taken, again.revision) == ((), pulled.revision)
        nothing = await one.push()
        assert not nothing.made
        assert nothing.revision is not None
        assert nothing.revision.number == 2

    run(work())


def test_different_rules_of_one_transformation_never_conflict(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        rules = [
            line for line in one.read(ORDERS).decode().splitlines() if ": " in line and line.startswith("  ")
        ]
        one.change(ORDERS, rules[1], rules[1].split(": ")[0] + ": First()")
        other.change(ORDERS, rules[-1], rules[-1].split(": ")[0] + ": Last()")
        await one.push()
        with pytest.raises(PullFirst, match="Revision 2 by"):
            await other.push()
        assert [item.where for item in (await other.status()).objects] == [Where.BOTH]
        pulled = await other.pull()
        assert (pulled.joined, pulled.undecided) == ((ORDERS,), 0)
        await other.push()
        await one.pull()
        assert one.files() == other.files()
        text = one.read(ORDERS).decode()
        assert rules[1].split(": ")[0] + ": First()" in text
        assert rules[-1].split(": ")[0] + ": Last()" in text

    run(work())


def test_a_conflict_keeps_both_until_it_is_decided(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        [rule] = [line for line in one.read(ORDERS).decode().splitlines() if "@number" in line]
        key = rule.split(":")[0]
        one.change(ORDERS, rule, f"{key}: A()")
        other.change(ORDERS, rule, f"{key}: B()")
        one.write("samples/logo.bin", b"\0one")
        other.write("samples/logo.bin", b"\0other")
        await one.push("mine")
        pulled = await other.pull()
        assert pulled.undecided == 2
        found = await other.status()
        assert {item.where for item in found.objects} == {Where.CONFLICT}
        assert found.undecided == 2
        with pytest.raises(BadInput, match="2 conflicts are not decided"):
            await other.push()
        binary, number = sorted(undecided(other.folder), key=lambda conflict: conflict.path)
        assert (number.mine, number.theirs, number.author_name) == ("B()", "A()", "Ana Silva")
        assert number.message == "mine"
        decide(other.folder, number.number, "C()")
        decide(other.folder, binary.number, binary.theirs)
        assert other.read("samples/logo.bin") == b"\0one"
        await other.push()
        await one.pull()
        assert one.files() == other.files()
        assert f"{key}: C()" in one.read(ORDERS).decode()

    run(work())


@pytest.mark.parametrize("renamer", ["who began", "who pulls"])
def test_a_conflict_goes_with_its_object_where_that_is_renamed(
    site: Site, tmp_path: Path, renamer: str
) -> None:
    new = "transformations/renamed.yaml"

    async def work() -> None:
        one, other = await shared(site, tmp_path)
        [rule] = [line for line in one.read(ORDERS).decode().splitlines() if "@number" in line]
        key = rule.split(":")[0]
        one.change(ORDERS, rule, f"{key}: A()")
        other.change(ORDERS, rule, f"{key}: B()")
        await one.push()
        await other.pull()
        who = one if renamer == "who began" else other
        who.write(new, who.read(ORDERS))
        (who.folder / ORDERS).unlink()
        if renamer == "who pulls":
            one.change(ORDERS, "\nmap:\n", "\nlater: changed since\nmap:\n")
        await one.push()
        await other.pull()
        [conflict] = undecided(other.folder)
        assert (conflict.path, conflict.mine, conflict.theirs) == (new, "B()", "A()")
        decide(other.folder, conflict.number, conflict.theirs)
        assert f"{key}: A()" in other.read(new).decode()
        await other.push()
        await one.pull()
        assert one.files() == other.files()
        assert not (one.folder / ORDERS).exists()

    run(work())


def test_pulling_again_over_open_conflicts(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.write("scripts/x.jb", "a")
        other.write("scripts/x.jb", "b")
        await one.push()
        await other.pull()
        [first] = undecided(other.folder)
        one.write("scripts/x.jb", "aa")
        one.write("scripts/y.jb", "y")
        await one.push("again")
        await other.pull()
        [second] = undecided(other.folder)
        assert second.number == first.number
        assert (second.base, second.revision, second.message) == (None, 3, "again")
        assert other.read("scripts/x.jb") == b"b"
        one.write("scripts/x.jb", "b")
        await one.push()
        await other.pull()
        assert undecided(other.folder) == ()
        assert one.files() == other.files()

    run(work())


def test_comments_a_merge_does_not_keep_are_put_aside(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.change(ORDERS, '@number: "[@id]"', "@number: F()")
        other.change(ORDERS, "name: Orders to invoices", "# why\nname: Renamed")
        await one.push()
        mine = other.read(ORDERS)
        pulled = await other.pull()
        assert [problem.file for problem in pulled.problems] == [ORDERS]
        assert b"F()" in other.read(ORDERS)
        assert b"name: Renamed" in other.read(ORDERS)
        assert other.read(f".weft/kept/{ORDERS}") == mine

    run(work())


def test_a_deleted_object_that_others_changed_comes_back_and_is_told(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        one.write("scripts/x.jb", "a")
        await one.push()
        await other.pull()
        one.write("scripts/x.jb", "aa")
        await one.push()
        (other.folder / "scripts/x.jb").unlink()
        await other.pull()
        [conflict] = undecided(other.folder)
        assert (conflict.mine, other.read("scripts/x.jb")) == (None, b"aa")
        one.write("scripts/x.jb", "aaa")
        await one.push()
        await other.pull()
        [conflict] = undecided(other.folder)
        assert other.read("scripts/x.jb") == b"aaa"
        decide(other.folder, conflict.number, None)
        await other.push()
        await one.pull()
        assert one.files() == other.files()
        assert "scripts/x.jb" not in one.files()

    run(work())


def test_unsaved_work_of_an_open_window_is_merged(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        workspace = Workspace.open(other.folder)
        try:
            workspace.edit("Edit", edits.put(workspace.project, "scripts/unsaved", "u = 1;"))
            one.write("scripts/x.jb", "a")
            await one.push()
            await other.pull()
            workspace.check_outside()
            assert workspace.project.scripts["x"] == "a"
            assert workspace.project.scripts["unsaved"] == "u = 1;"
            workspace.save()
        finally:
            workspace.close()
        await other.push()
        await one.pull()
        assert one.files() == other.files()

    run(work())


def test_samples_stay_here_where_they_are_to(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        one, other = await shared(site, tmp_path)
        account = site.account()
        before = {path: data for path, data in other.files().items() if path.startswith("samples/")}
        keep_link(
            one.folder,
            Link(account.server, account.organization, require_link(one.folder).project, samples=False),
        )
        one.write("samples/private.xml", "<private/>")
        for path in before:
            (one.folder / path).unlink()
        one.write("scripts/x.jb", "a")
        pushed = await one.push()
        assert (pushed.put, pushed.removed) == (1, 0)
        await other.pull()
        assert {path: data for path, data in other.files().items() if path.startswith("samples/")} == before

    run(work())


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("samples/large.xml", b"x" * (limits.TEST_DATA_BYTES + 1), r"samples/large\.xml.*102400 bytes"),
        ("tests/large.yaml", b"x" * (limits.TEST_DATA_BYTES + 1), r"tests/large\.yaml.*102400 bytes"),
        ("tables/aux.csv", b"x", r"tables/aux\.csv.*Windows"),
        ("tables/a:b.csv", b"x", r"tables/a:b\.csv.*character"),
        ("tables/e\u0301.csv", b"x", "composed"),
        ("tables/COUNTRIES.csv", b"x", "differ in case only"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="such names cannot be made there")
def test_what_no_repository_takes_is_refused_by_name_before_anything_travels(
    site: Site, tmp_path: Path, path: str, data: bytes, said: str
) -> None:
    async def work() -> None:
        one, _other = await shared(
            site, tmp_path, before=lambda folder: (folder / "tables/countries.csv").write_text("a")
        )
        one.write(path, data)
        site.running.log.clear()
        with pytest.raises(BadInput, match=said):
            await one.push()
        assert not [facts for facts in site.running.log if facts.get("path", "").endswith("/missing")]

    run(work())


def test_two_folders_that_began_apart_are_joined(site: Site, tmp_path: Path) -> None:
    """A folder with files of its own is linked with a project that has some: nothing is overwritten."""

    async def work() -> None:
        one, _other = await shared(site, tmp_path)
        third = Copy(site, tmp_path / "third")
        create(third.folder, name="Another")
        third.write("scripts/only.jb", "mine")
        keep_link(third.folder, require_link(one.folder))
        before = third.files()
        pulled = await third.pull()
        paths = {conflict.path for conflict in undecided(third.folder)}
        assert "project.yaml" in paths
        assert third.read("scripts/only.jb") == b"mine"
        for path, data in before.items():
            assert path in pulled.joined or path in paths or third.read(path) == data
        for path, data in one.files().items():
            assert path in pulled.joined or path in paths or third.read(path) == data

    run(work())


def test_an_empty_project_cannot_be_copied(site: Site, tmp_path: Path) -> None:
    async def work() -> None:
        made = await site.new_project("Empty")
        async with site.repository() as repository:
            with pytest.raises(BadInput, match="Nothing was pushed"):
                await copy(repository, made.id, tmp_path / "empty")
            assert not (tmp_path / "empty").exists()
            one, _other = await shared(site, tmp_path)
            with pytest.raises(BadInput, match="not empty"):
                await copy(repository, made.id, one.folder)
            (one.folder / ".weft/repository/link.json").unlink()
            with pytest.raises(BadInput, match="not in a repository"):
                await pull(one.folder, repository)

    run(work())
