"""The client against the real server: every method, and what comes back where the server says no."""

from __future__ import annotations

import io
import os

import pytest

from cloud.store.tables_projects import uploads
from studio.base.errors import BadInput, NotReachable
from studio.network.client import NetworkSettings, open_client
from studio.protocol import limits
from studio.protocol.deployments import NewDeployment, NewPromotion
from studio.protocol.manifests import Content, Manifest, applied, difference, hash_of, tree_hash
from studio.protocol.packs import packed
from studio.protocol.projects import Change, NewProject, NewUpload, Push, Restore, entries
from studio.repository.addresses import clean_server
from studio.repository.client import Repository, new_key
from studio.repository.refusals import (
    ContentsMissing,
    DeployedMeanwhile,
    Refused,
    RevisionConflict,
    SignedOut,
)
from tests.repository.running_server import AT_ONCE, Site

Files = dict[str, bytes]
SOME: Files = {
    "project.yaml": b"weft: project/1\nname: Orders\n",
    "environments/test.yaml": b"variables: {host: test}\n",
    "transformations/orders.yaml": b"map: {a: '[b]'}\n" * 50,
}


def manifest_of(files: Files) -> dict[str, Content]:
    return {path: Content(hash_of(data), len(data)) for path, data in files.items()}


def change_of(before: Manifest, files: Files) -> Change:
    told = difference(before, manifest_of(files))
    return Change(entries(told.added | told.changed), told.removed, tree_hash(manifest_of(files)))


async def push(
    repository: Repository, project: str, parent: str | None, before: Files, files: Files, message: str = ""
) -> str:
    """Push files over those of the parent; the new revision's id."""
    change = change_of(manifest_of(before), files)
    wanted = await repository.missing(project, parent, change)
    by_hash = {hash_of(data): data for data in files.values()}
    if wanted.pack:
        await repository.send_pack(project, lambda: (packed(by_hash[each]) for each in wanted.pack))
    for each in wanted.uploads:
        await repository.upload(project, NewUpload(each, len(by_hash[each])), io.BytesIO(by_hash[each]))
    made = await repository.push(
        project, parent, Push(change.put, change.remove, change.tree, message), new_key()
    )
    return made.id


async def test_from_nothing_to_a_project_that_others_have(site: Site) -> None:
    project = (await site.new_project()).id
    async with site.repository() as ana, site.repository("ben") as ben:
        assert (await ana.me()).email == site.account().email
        assert [each.slug for each in await ana.organizations()] == [site.organization.slug]
        assert [each.slug for each in await ana.environments()] == ["development", "test", "production"]
        assert [each.name for each in await ben.projects()] == ["Orders"]
        assert (await ben.pull(project)).head is None
        first = await push(ana, project, None, {}, SOME, "the first")
        pulled = await ben.pull(project)
        assert {each.path for each in pulled.put} == SOME.keys()
        got = {digest: data async for digest, data in ben.pack(project, [each.hash for each in pulled.put])}
        assert {each.path: got[each.hash] for each in pulled.put} == SOME
        changed = SOME | {"project.yaml": b"weft: project/1\nname: Other\n"}
        second = await push(ben, project, first, SOME, changed, "the second")
        told = await ana.pull(project, first)
        assert [each.path for each in told.put] == ["project.yaml"]
        assert [each.message for each in (await ana.revisions(project)).items] == ["the second", "the first"]
        page = await ana.revisions(project, limit=1)
        assert [each.id for each in (await ana.revisions(project, page.after)).items] == [first]
        assert (await ana.revision(project, first)).number == 1
        assert {each.path for each in await ana.manifest(project, second)} == SOME.keys()
        assert [each.path for each in (await ana.difference(project, second, first)).changed] == [
            "project.yaml"
        ]
        back = await ana.restore(project, second, Restore(first), new_key())
        assert (back.number, back.restored) == (3, first)
        assert back.tree == tree_hash(manifest_of(SOME))


async def test_status_is_cheap_to_ask_again(site: Site) -> None:
    project = (await site.new_project()).id
    async with site.repository() as ana:
        before = await ana.status(project)
        assert before is not None
        assert before.head is None
        assert await ana.status(project, "none") is None
        head = await push(ana, project, None, {}, SOME)
        now = await ana.status(project, "none")
        assert now is not None
        assert (now.head, now.number) == (head, 1)
        assert await ana.status(project, head) is None


async def test_a_conflict_names_both_revisions(site: Site) -> None:
    project = (await site.new_project()).id
    async with site.repository() as ana, site.repository("ben") as ben:
        first = await push(ana, project, None, {}, SOME)
        second = await push(ben, project, first, SOME, SOME | {"a.txt": b"ben's"})
        with pytest.raises(RevisionConflict) as told:
            await push(ana, project, first, SOME, SOME | {"a.txt": b"ana's"})
    assert (told.value.conflict.expected, told.value.conflict.head) == (first, second)
    assert told.value.conflict.author_name == "Ben Silva"
    assert told.value.exit_code == 3


async def test_one_key_is_one_revision(site: Site) -> None:
    project = (await site.new_project()).id
    async with site.repository() as ana:
        change = change_of({}, SOME)
        with pytest.raises(ContentsMissing) as told:
            await ana.push(project, None, Push(change.put, (), change.tree), new_key())
        assert set(told.value.pack) == {hash_of(data) for data in SOME.values()}
        stored = await ana.send_pack(project, lambda: map(packed, SOME.values()))
        assert (stored.stored, stored.known) == (3, 0)
        key = new_key()
        once = await ana.push(project, None, Push(change.put, (), change.tree), key)
        assert await ana.push(project, None, Push(change.put, (), change.tree), key) == once
        with pytest.raises(Refused) as reused:
            await ana.push(project, None, Push(change.put, (), change.tree, "another"), key)
        assert reused.value.code == "idempotency_key_reused"
        assert (await ana.revisions(project)).items == (once,)


async def test_a_large_content_goes_and_comes_in_pieces(site: Site) -> None:
    project = (await site.new_project()).id
    large = os.urandom(1024) * (limits.PACK_OBJECT_BYTES // 1024 + 1)
    files = {"schemas/large.bin": large}
    gone: list[int] = []
    async with site.repository() as ana:
        new = NewUpload(hash_of(large), len(large))
        done = await ana.upload(project, new, io.BytesIO(large), gone.append)
        assert (done.done, sum(gone), len(gone)) == (True, len(large), 3)
        await push(ana, project, None, {}, files)
        got = io.BytesIO()
        assert await ana.object(project, hash_of(large), got) == len(large)
        assert got.getvalue() == large


async def test_an_upload_goes_on_where_it_was_left(site: Site) -> None:
    project = (await site.new_project()).id
    large = os.urandom(1024) * (2 * limits.UPLOAD_PIECE_BYTES // 1024)
    new = NewUpload(hash_of(large), len(large))
    gone: list[int] = []

    class Cut(io.BytesIO):
        """Ends the upload at its second piece, as a program that is stopped does."""

        def seek(self, offset: int, whence: int = 0) -> int:
            if offset:
                raise KeyboardInterrupt
            return super().seek(offset, whence)

    async with site.repository() as ana:
        with pytest.raises(KeyboardInterrupt):
            await ana.upload(project, new, Cut(large))
        with site.running.database.tenant(site.organization.id) as tenant:
            [row] = tenant.rows(uploads.select())
        assert (await ana.upload(project, new, io.BytesIO(large), gone.append, row.id)).done
        assert gone == [limits.UPLOAD_PIECE_BYTES]


async def test_deploying_names_what_was_seen(site: Site) -> None:
    project = (await site.new_project()).id
    development, test = site.environment("development"), site.environment("test")
    async with site.repository() as ana:
        first = await push(ana, project, None, {}, SOME)
        planned = await ana.plan_deployment(project, development, first)
        assert {each.path for each in planned.difference.added} == SOME.keys()
        key = new_key()
        new = NewDeployment(development, first, "whole", planned.target_tree)
        made = await ana.deploy(project, new, key)
        assert await ana.deploy(project, new, key) == made
        with pytest.raises(DeployedMeanwhile) as told:
            await ana.deploy(project, NewDeployment(development, first, "whole", None), new_key())
        assert (told.value.seen, told.value.tree) == (None, made.tree)
        held = await ana.deployed(project, development)
        assert tree_hash(applied({}, manifest_of(SOME), ())) == held.tree
        wanted = [each.hash for each in held.entries]
        got = {data async for _hash, data in ana.pack_of_deployed(project, development, wanted)}
        assert got == set(SOME.values())
        shown = await ana.plan_promotion(project, development, test)
        promoted = await ana.promote(
            project, NewPromotion(development, test, shown.source_tree, shown.target_tree), new_key()
        )
        assert (promoted.promoted_from, promoted.tree) == (development, made.tree)
        assert [each.id for each in (await ana.deployments(project)).items] == [promoted.id, made.id]


async def test_variables_are_changed_by_their_version(site: Site) -> None:
    project, test = (await site.new_project()).id, site.environment("test")
    async with site.repository() as ana:
        assert (await ana.variables(project, test)).version == 0
        assert (await ana.set_variables(project, test, 0, {"host": "a"})).version == 1
        with pytest.raises(Refused) as told:
            await ana.set_variables(project, test, 0, {"host": "b"})
        assert told.value.code == "changed_meanwhile"
        assert (await ana.variables(project, test)).values == {"host": "a"}


async def test_whoever_may_not_is_told_so(site: Site) -> None:
    async with site.repository("ben") as ben:
        with pytest.raises(Refused) as told:
            await ben.create_project(NewProject("Orders", site.environment("production")), new_key())
        assert (told.value.code, told.value.status) == ("forbidden", 403)
        with pytest.raises(Refused) as unknown:
            await ben.project("no-such-project")
        assert unknown.value.code == "not_found"
    async with site.repository("ana", token="weft_ses_worthless") as nobody:
        with pytest.raises(SignedOut, match="not signed in") as over:
            await nobody.me()
        assert f"weft sign-in {site.url}" in over.value.next_step


async def test_signing_out_ends_the_session(site: Site) -> None:
    async with site.repository() as ana:
        await ana.sign_out()
        with pytest.raises(SignedOut):
            await ana.me()


async def test_a_certificate_of_its_own_is_trusted_by_name_only(secure_site: Site) -> None:
    assert secure_site.url.startswith("https://")
    async with secure_site.repository() as ana:
        assert (await ana.me()).email == secure_site.account().email
    client = open_client(NetworkSettings())
    async with Repository(secure_site.account(), secure_site.token(), client, AT_ONCE) as stranger:
        with pytest.raises(NotReachable, match="not trusted"):
            await stranger.me()


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("weft.example.com", "https://weft.example.com"),
        ("https://weft.example.com:443/", "https://weft.example.com"),
        ("https://weft.example.com:8470", "https://weft.example.com:8470"),
        ("http://127.0.0.1:8470", "http://127.0.0.1:8470"),
        ("https://[::1]:8470", "https://[::1]:8470"),
    ],
)
def test_addresses(given: str, clean: str) -> None:
    assert clean_server(given) == clean


@pytest.mark.parametrize(
    "given",
    ["", "http://weft.example.com", "https://a:b@weft.example.com", "https://weft.example.com/x", "ftp://a",
     "https://a b", "https://a:99999", "https://a?x=1"],
)  # fmt: skip
def test_addresses_that_are_none(given: str) -> None:
    with pytest.raises(BadInput):
        clean_server(given)
