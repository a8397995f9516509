"""Blobs are there whole or not at all, and what was damaged is named and never given out; in a folder and in S3."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from pathlib import Path
from typing import IO

import obstore
import pytest

from cloud.store.blobs import Blobs, BlobsUnreachable, BucketBlobs, DamagedBlob, FolderBlobs, Piece, blobs_at
from studio.base.atomic import NotWritten
from studio.base.errors import BadInput
from tests.cloud.blob_places import blobs, s3, s3_options
from tests.project.power import Disk, Recorder

__all__ = ["blobs", "s3"]

NAME = "0192-org/0193-blob"


def piece(data: bytes, offset: int = 0, name: str = NAME) -> Piece:
    return Piece(name, offset, len(data), hashlib.sha256(data).digest())


def put(place: Blobs, data: bytes, name: str = NAME) -> None:
    with place.writing(name) as file:
        for start in range(0, len(data), 1000):
            file.write(data[start : start + 1000])


def spoil(place: Blobs, change: bytes) -> None:
    """Replace the stored blob behind the back of its keeper."""
    if isinstance(place, BucketBlobs):
        obstore.put(place._store, place._prefix + NAME, change)
    else:
        assert isinstance(place, FolderBlobs)
        place._path(NAME).write_bytes(change)


def test_pieces_come_back_as_they_were_written(blobs: Blobs) -> None:
    data = random.Random(1).randbytes(200_000)
    put(blobs, data)
    assert blobs.read(piece(data)) == data
    assert blobs.read(piece(data[1000:3000], 1000)) == data[1000:3000]
    assert blobs.read(piece(b"", 7)) == b""
    [found] = blobs.found("0192-org")
    assert (found.name, found.size) == (NAME, len(data))


def test_a_damaged_blob_is_named_and_never_given_out(blobs: Blobs) -> None:
    data = bytes(range(256)) * 20
    put(blobs, data)
    wanted = piece(data[256:512], 256)
    for at in (256, 400, 511):
        spoil(blobs, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(DamagedBlob, match="0193-blob at 256") as caught:
            blobs.read(wanted)
        assert caught.value.blob == NAME
    spoil(blobs, data[:400])
    with pytest.raises(DamagedBlob):
        blobs.read(wanted)
    blobs.delete(NAME)
    with pytest.raises(DamagedBlob):
        blobs.read(wanted)
    blobs.delete(NAME)


def test_what_fails_while_it_is_written_leaves_nothing(blobs: Blobs) -> None:
    def half(file: IO[bytes]) -> None:
        file.write(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError), blobs.writing(NAME) as file:
        half(file)
    assert list(blobs.found("0192-org")) == []
    with pytest.raises(DamagedBlob):
        blobs.read(piece(b"half"))


def test_organizations_see_their_own_blobs_only(blobs: Blobs) -> None:
    put(blobs, b"one", "org-a/one")
    put(blobs, b"two", "org-b/two")
    assert [found.name for found in blobs.found("org-a")] == ["org-a/one"]
    assert list(blobs.found("org")) == []


@pytest.mark.parametrize("name", ["../x", "a/../b", "/a/b", "a", "a/.b", "", "a/b\0", "a\\b/c", "a/b/"])
def test_a_name_never_leads_out(tmp_path: Path, name: str) -> None:
    place = blobs_at("blobs", tmp_path)
    with pytest.raises(ValueError, match="not the name of a blob"), place.writing(name):
        pytest.fail("it was opened")
    with pytest.raises(ValueError, match="not the name of a blob"):
        place.read(Piece(name, 0, 1, b""))


def test_a_blob_is_never_overwritten(tmp_path: Path) -> None:
    place = blobs_at("blobs", tmp_path)
    put(place, b"first")
    with pytest.raises(FileExistsError):
        put(place, b"other")
    assert place.read(piece(b"first")) == b"first"


def test_leftovers_of_a_killed_process_are_found_and_go(tmp_path: Path) -> None:
    place = blobs_at("blobs", tmp_path)
    put(place, b"whole")
    leftover = place._path(NAME).with_name(".0193-blob.0a0b0c0d.part")  # type: ignore[attr-defined]
    leftover.write_bytes(b"half")
    unfinished = [found for found in place.found("0192-org") if found.name is None]
    assert len(unfinished) == 1
    place.delete(unfinished[0].place)
    assert not leftover.exists()
    assert place.read(piece(b"whole")) == b"whole"


def test_a_bucket_that_does_not_answer_says_so(tmp_path: Path) -> None:
    place = blobs_at("s3://weft-test", tmp_path, s3_options("http://127.0.0.1:9"))
    assert isinstance(place, BucketBlobs)
    with pytest.raises(BlobsUnreachable):
        place.ready()


def test_a_bucket_is_found_by_the_variables_of_the_environment(
    tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("AWS_ENDPOINT_URL", s3), ("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "false"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    place = blobs_at("s3://weft-test/by-environment", tmp_path)
    place.ready()
    put(place, b"kept")
    assert place.read(piece(b"kept")) == b"kept"


def test_a_place_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not say where blobs are kept"):
        blobs_at("ftp://host/x", tmp_path)
    with pytest.raises(BadInput, match="cannot be used"):
        blobs_at("s3://bucket", tmp_path, {"no such option": "x"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_allows_no_writing_says_so(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir(mode=0o500)
    with pytest.raises(NotWritten):
        put(blobs_at("blobs", tmp_path), b"one")


# A cut of power: what was not synced may be gone.

WRITTEN = {"org-a/one-aa": b"one" * 50, "org-a/two-aa": b"two", "org-b/three-bb": b"three"}


def recorded(folder: Path) -> tuple[list[tuple[object, ...]], list[int]]:
    """What writing all does to the disk, and after which operation each was acknowledged."""
    folder.mkdir()
    recorder, acknowledged = Recorder(folder), []
    place = FolderBlobs(folder / "blobs")
    for name, data in WRITTEN.items():
        recorder.run(lambda name=name, data=data: put(place, data, name))  # type: ignore[misc]
        acknowledged.append(len(recorder.log))
    return recorder.log, acknowledged


def lost(log: list[tuple[object, ...]], acknowledged: list[int], place: Path) -> list[str]:
    """What goes wrong when power is cut after each operation: acknowledged blobs lost, or any half."""
    chance, wrong = random.Random(5), []
    for length in range(len(log) + 1):
        for share in (0.0, 0.5, 1.0):
            disk = Disk({}, set())
            for entry in log[:length]:
                disk.play(entry)
            files, folders = disk.after_cut(chance, share)
            shutil.rmtree(place, ignore_errors=True)
            for folder in ["", *sorted(folders)]:
                (place / folder).mkdir()
            for name, data in files.items():
                (place / name).write_bytes(data)
            there = FolderBlobs(place / "blobs")
            for (name, data), when in zip(WRITTEN.items(), acknowledged, strict=True):
                if when <= length:
                    try:
                        there.read(piece(data, name=name))
                    except DamagedBlob as error:
                        wrong.append(f"after {length}: {error}")
            for organization in ("org-a", "org-b"):
                for found in there.found(organization):
                    if found.name and (place / "blobs" / organization).exists():
                        data = WRITTEN[found.name]
                        if there._path(found.name).read_bytes() != data:
                            wrong.append(f"after {length}: half a {found.name}")
    return wrong


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")
def test_no_cut_of_power_loses_what_was_acknowledged(tmp_path: Path) -> None:
    log, acknowledged = recorded(tmp_path / "recorded")
    assert lost(log, acknowledged, tmp_path / "found") == []


@pytest.mark.skipif(os.name == "nt", reason="folders cannot be synced there")
def test_every_removed_sync_is_noticed(tmp_path: Path) -> None:
    log, acknowledged = recorded(tmp_path / "recorded")
    syncs = [index for index, entry in enumerate(log) if str(entry[0]).startswith("sync")]
    assert len(syncs) >= 9
    idle = []
    for index in syncs:
        without = [when - (when > index) for when in acknowledged]
        if not lost([*log[:index], *log[index + 1 :]], without, tmp_path / "found"):
            idle.append(log[index][:2])
    assert idle == []
