"""What nobody needs goes after a day, and nothing that is needed ever goes."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from cloud.access.rights import Right
from cloud.projects.collecting import collect, damaged
from cloud.store.blobs import FolderBlobs
from cloud.store.metadata import new_id
from studio.protocol.manifests import hash_of
from tests.cloud.conftest import Organization, Running
from tests.cloud.pushes import BOTH_WHEN_FULL, Clone, Files, new_project, unpacked
from tests.cloud.test_uploads import begin, send


@pytest.fixture
def here(server: Running) -> Organization:
    return server.organization(
        people={"admin": "admin", "ana": {"test": {Right.READ, Right.WRITE}}, "rui": {"test": {Right.READ}}}
    )


def stored(server: Running) -> int:
    return sum(1 for path in (server.folder / "blobs").rglob("*") if path.is_file())


def used(here: Organization) -> int:
    return int(here.admin.get(f"{here.path}/storage").json()["bytes"])


def test_what_was_never_pushed_goes_after_a_day(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    ana.push({"a": b"kept"})
    kept = used(here)
    ana.upload(b"never pushed", b"nor this")
    url = begin(ana, b"half of it")
    send(ana, url, 0, b"half")
    assert used(here) > kept
    server.clock.move(hours=23)
    first = collect(server.server, here.id)
    assert (first.objects, first.blobs, first.uploads) == (0, 0, 0)
    server.clock.move(hours=2)
    second = collect(server.server, here.id)
    assert (second.objects, second.blobs, second.uploads) == (2, 2, 1)
    assert (used(here), stored(server)) == (kept, 1)
    assert ana.person.get(url).status_code == 404
    assert ana.missing({"a": b"kept", "b": b"never pushed"}).json()["pack"] == [hash_of(b"never pushed")]
    assert Clone(here.rui, ana.path).pull() == {"a": b"kept"}


@BOTH_WHEN_FULL
def test_a_pack_of_which_one_content_is_needed_stays(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    ana.upload(b"needed", b"not needed")
    ana.push({"a": b"needed"})
    server.clock.move(days=2)
    assert collect(server.server, here.id).objects == 1
    assert Clone(here.rui, ana.path).pull() == {"a": b"needed"}


@BOTH_WHEN_FULL
def test_leftovers_of_a_kill_go_and_fresh_ones_stay(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    ana.push({"a": b"kept"})
    place = server.server.parts["blobs"]
    assert isinstance(place, FolderBlobs)
    with place.writing(f"{here.id}/{new_id()}") as file:
        file.write(b"written, and then the server was killed")
    assert stored(server) == 2
    # Files bear the real time.
    server.clock.at = server.clock.at.now(server.clock.at.tzinfo)
    assert collect(server.server, here.id).leftovers == 0
    server.clock.move(hours=25)
    assert collect(server.server, here.id).leftovers == 1
    assert stored(server) == 1


@BOTH_WHEN_FULL
def test_damage_is_found_without_anybody_asking_for_the_content(here: Organization, server: Running) -> None:
    ana = new_project(here, here.ana)
    ana.push({"a": b"first" * 50, "b": b"second" * 50})
    assert list(damaged(server.server, here.id)) == []
    [path] = [path for path in (server.folder / "blobs").rglob("*") if path.is_file()]
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    [named] = damaged(server.server, here.id)
    assert path.name in named


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_whatever_happens_nothing_needed_is_removed(
    here: Organization, server: Running, share: Callable[[int], int]
) -> None:
    chance = random.Random(11)
    ana = new_project(here, here.ana)
    files: Files = {}
    states: dict[str, Files] = {}
    for step in range(share(1000)):
        deed = chance.randrange(6)
        if deed == 0:
            ana.upload(*(b"loose %d" % chance.randrange(40) for _each in range(3)))
        elif deed == 1:
            server.clock.move(hours=chance.choice([1, 13, 26]))
        elif deed == 2:
            collect(server.server, here.id)
        elif deed == 3:
            send(ana, begin(ana, b"upload %d" % step), 0, b"upload %d" % (step - chance.randrange(2)))
        else:
            files = {**files, f"f{chance.randrange(9)}": b"loose %d" % chance.randrange(40)}
            files.pop(f"f{chance.randrange(9)}", None)
            answer = ana.missing(files)
            if answer.status_code == 200:
                states[ana.push(files)["id"]] = dict(files)
    server.clock.move(days=3)
    collect(server.server, here.id)
    assert len(states) > 3
    for revision, expected in states.items():
        entries = here.rui.get(f"{ana.path}/revisions/{revision}/manifest").json()
        wanted = {"hashes": sorted({entry["hash"] for entry in entries})}
        found = unpacked(here.rui.post(f"{ana.path}/pack", json=wanted).content)
        assert {entry["path"]: found[entry["hash"]] for entry in entries} == expected
