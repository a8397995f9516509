"""What is sealed opens only where it was sealed, with the master key, unchanged."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cloud.store.envelope import Envelope, KeyGone, Tampered, version_of
from cloud.store.keys import LocalMaster, MasterKeyError, make_key_file, master_key
from cloud.store.tables import data_keys
from tests.cloud.conftest import Running


def test_sealed_opens_only_in_its_place(server: Running) -> None:
    here, there = server.organization(), server.organization()
    seal = server.envelope
    sealed = seal.seal(here.id, "t.c", "1", b"secret")
    assert seal.open(here.id, "t.c", "1", sealed) == b"secret"
    assert b"secret" not in sealed
    assert seal.seal(here.id, "t.c", "1", b"secret") != sealed
    for org, purpose, record in ((there.id, "t.c", "1"), (here.id, "t.d", "1"), (here.id, "t.c", "2")):
        with pytest.raises(Tampered):
            seal.open(org, purpose, record, sealed)
    # Lengths are part of what is bound: no two places run into one.
    with pytest.raises(Tampered):
        seal.open(here.id, "t.c1", "", sealed)


def test_every_flipped_bit_is_noticed(server: Running) -> None:
    here = server.organization()
    sealed = server.envelope.seal(here.id, "t.c", "1", b"x")
    for place in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises((Tampered, KeyGone)):
            server.envelope.open(here.id, "t.c", "1", bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises((Tampered, KeyGone)):
            server.envelope.open(here.id, "t.c", "1", sealed[:length])


def test_a_stolen_database_without_the_master_key_opens_nothing(server: Running) -> None:
    here = server.organization()
    sealed = server.envelope.seal(here.id, "t.c", "1", b"secret")
    thief = Envelope(server.database, LocalMaster(os.urandom(32)))
    with pytest.raises(MasterKeyError):
        thief.open(here.id, "t.c", "1", sealed)
    owner = Envelope(server.database, LocalMaster(bytes(range(32))))
    assert owner.open(here.id, "t.c", "1", sealed) == b"secret"


def test_a_wrapped_key_moved_to_another_organization_unwraps_nothing(server: Running) -> None:
    here, there = server.organization(), server.organization()
    with server.database.tenant(here.id) as tenant:
        mine = tenant.value(select(data_keys.c.wrapped).where(data_keys.c.version == 1))
    with server.database.tenant(there.id, write=True) as tenant:
        tenant.update(data_keys, data_keys.c.version == 1, wrapped=mine)
    with pytest.raises(MasterKeyError):
        Envelope(server.database, server.master).seal(there.id, "t.c", "1", b"x")


def test_stable_keys_differ_by_organization_and_purpose(server: Running) -> None:
    here, there = server.organization(), server.organization()
    key = server.envelope.stable_key(here.id, "objects")
    assert len(key) == 32
    assert key == Envelope(server.database, server.master).stable_key(here.id, "objects")
    assert (
        len({key, server.envelope.stable_key(there.id, "objects"), server.envelope.stable_key(here.id, "x")})
        == 3
    )


@given(st.binary(max_size=200))
def test_what_is_not_sealed_by_us_is_refused(data: bytes) -> None:
    if data.startswith(b"W1") and len(data) >= 34:
        assert version_of(data) >= 0
    else:
        with pytest.raises(Tampered):
            version_of(data)


def test_master_key_from_a_file_only_its_owner_reads(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master.key"
    make_key_file(file)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        make_key_file(file)
    key = master_key("file:keys/master.key", tmp_path)
    assert key.unwrap(key.wrap(b"k" * 32, b"here"), b"here") == b"k" * 32
    with pytest.raises(MasterKeyError):
        key.unwrap(key.wrap(b"k" * 32, b"here"), b"there")
    file.chmod(0o640)
    with pytest.raises(MasterKeyError, match="Others"):
        master_key("file:keys/master.key", tmp_path)
    file.chmod(0o600)
    file.write_text("bm90IDMyIGJ5dGVz\n")
    with pytest.raises(MasterKeyError, match="32 bytes"):
        master_key("file:keys/master.key", tmp_path)
    with pytest.raises(MasterKeyError):
        master_key("file:none.key", tmp_path)


def test_master_key_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WEFT_TEST_KEY", base64.b64encode(bytes(range(32))).decode())
    assert master_key("environment:WEFT_TEST_KEY", tmp_path).id == LocalMaster(bytes(range(32))).id
    monkeypatch.setenv("WEFT_TEST_KEY", "")
    with pytest.raises(MasterKeyError, match="WEFT_TEST_KEY"):
        master_key("environment:WEFT_TEST_KEY", tmp_path)
    with pytest.raises(MasterKeyError, match="does not say"):
        master_key("nowhere", tmp_path)


SERVICE = """
import base64, sys
what, context = sys.argv[1], base64.b64decode(sys.argv[2])
data = base64.b64decode(sys.stdin.read())
if what == "wrap":
    print(base64.b64encode(context + b"|" + data[::-1]).decode())
else:
    found, _bar, key = data.rpartition(b"|")
    if found != context:
        sys.exit(3)
    print(base64.b64encode(key[::-1]).decode())
"""


def test_master_key_behind_a_program(tmp_path: Path) -> None:
    program = tmp_path / "service.py"
    program.write_text(SERVICE)
    key = master_key(f"program:{sys.executable} {program}", tmp_path)
    data = b"k" * 32
    wrapped = key.wrap(data, b"a")
    assert data not in wrapped.replace(data[::-1], b"")
    assert key.unwrap(wrapped, b"a") == data
    with pytest.raises(MasterKeyError, match="did not unwrap"):
        key.unwrap(wrapped, b"b")
    with pytest.raises(MasterKeyError, match="did not wrap"):
        master_key(f"program:{tmp_path}/none", tmp_path).wrap(data, b"a")
