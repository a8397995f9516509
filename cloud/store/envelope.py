"""Envelope encryption: a data key for each organization, wrapped by the master key, and what it seals bound to its place.

AES-256-GCM; the additional data are organization, purpose, record and key version, so that nothing sealed can be moved
to another organization, column or row. The keys are random, each nonce too (96 bits, fresh for every message).
"""

from __future__ import annotations

import os
import struct
import threading
import time
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select

from cloud.store.database import Database, Transaction
from cloud.store.keys import KEY_BYTES, MasterKey, MasterKeyError
from cloud.store.metadata import SERVER
from cloud.store.tables import data_keys
from studio.base.i18n import _

MAGIC = b"W1"
_HEAD = struct.Struct(">2sI")
# A key read from the database is trusted for so many seconds: then a rotation or shredding elsewhere is noticed.
FRESH_SECONDS = 5.0


class Tampered(Exception):
    """What is sealed was changed, cut, or moved from where it belongs."""


class KeyGone(Exception):
    """The organization's key was destroyed: what it sealed is gone for good."""


class _Keys(NamedTuple):
    """The living keys of an organization by version, and when they were read."""

    by_version: dict[int, bytes]
    newest: int
    read_at: float


class Envelope:
    """Seals and opens for all organizations; holds their data keys in memory for a few seconds."""

    def __init__(self, database: Database, master: MasterKey, *older: MasterKey) -> None:
        """`older` are master keys that wrapped some data keys and are being replaced by `master`."""
        self._database = database
        self._known: dict[str, _Keys] = {}
        self._unwrapped: dict[bytes, bytes] = {}
        self._lock = threading.Lock()
        self._masters = {each.id: each for each in (*older, master)}
        self.master = master

    def seal(self, org: str, purpose: str, record: str, data: bytes) -> bytes:
        """Encrypt `data` for this place with the newest key. Raises KeyGone."""
        keys = self._keys(org)
        version = keys.newest
        nonce = os.urandom(12)
        bound = _bound(org, purpose, record, version)
        return (
            _HEAD.pack(MAGIC, version) + nonce + AESGCM(keys.by_version[version]).encrypt(nonce, data, bound)
        )

    def open(self, org: str, purpose: str, record: str, sealed: bytes) -> bytes:
        """Decrypt what was sealed for exactly this place. Raises Tampered and KeyGone."""
        version = version_of(sealed)
        key = self._keys(org).by_version.get(version) or self._keys(org, fresh=True).by_version.get(version)
        if key is None:
            raise KeyGone(org)
        start = _HEAD.size
        try:
            return AESGCM(key).decrypt(
                sealed[start : start + 12], sealed[start + 12 :], _bound(org, purpose, record, version)
            )
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"{purpose} {record}") from error

    def stable_key(self, org: str, purpose: str) -> bytes:
        """32 bytes that name things of an organization (HMAC of contents …): not changed by rotation, gone when shredded."""
        key = self._keys(org).by_version.get(0)
        if key is None:
            raise KeyGone(org)
        return HKDF(SHA256(), KEY_BYTES, None, b"weft\0" + purpose.encode()).derive(key)

    def need_master(self) -> None:
        """Raise MasterKeyError unless the master key opens the server's own data keys."""
        try:
            self.stable_key(SERVER, "start")
        except KeyGone as error:
            raise MasterKeyError(
                _("The server's own keys are not in its database."),
                next_step=_("Restore a backup, or set the server up anew: weft-cloud init"),
            ) from error

    def make_keys(self, transaction: Transaction) -> None:
        """The first keys of a new organization, inside the transaction that makes it; usable at once."""
        made = {version: AESGCM.generate_key(256) for version in (0, 1)}
        for version, key in made.items():
            self.add_key(transaction, version, key)
        with self._lock:
            self._known[transaction.org] = _Keys(made, 1, time.monotonic())

    def add_key(self, transaction: Transaction, version: int, key: bytes | None = None) -> None:
        """One more data key of the transaction's organization."""
        wrapped = self.master.wrap(key or AESGCM.generate_key(256), key_context(transaction.org, version))
        transaction.insert(
            data_keys, version=version, master=self.master.id, wrapped=wrapped, created_at=transaction.now()
        )

    def forget(self, org: str) -> None:
        """Read the organization's keys anew when they are next needed."""
        with self._lock:
            self._known.pop(org, None)

    def _keys(self, org: str, *, fresh: bool = False) -> _Keys:
        known = self._known.get(org)
        if known is None or fresh or time.monotonic() - known.read_at > FRESH_SECONDS:
            known = self._read(org)
            with self._lock:
                self._known[org] = known
        if known.newest < 1:
            raise KeyGone(org)
        return known

    def _read(self, org: str) -> _Keys:
        opened = self._database.common() if org == SERVER else self._database.tenant(org)
        columns = (data_keys.c.version, data_keys.c.master, data_keys.c.wrapped)
        query = select(*columns).where(data_keys.c.destroyed_at.is_(None))
        with opened as transaction:
            rows = transaction.rows(query)
        read_at = time.monotonic()
        keys = {row.version: self._unwrap(org, row.version, row.master, bytes(row.wrapped)) for row in rows}
        return _Keys(keys, max(keys, default=-1), read_at)

    def rewrapped(self, org: str, version: int, master: str, wrapped: bytes) -> bytes:
        """A wrapped data key, wrapped anew with the present master key. Raises MasterKeyError."""
        return self.master.wrap(self._unwrap(org, version, master, wrapped), key_context(org, version))

    def _unwrap(self, org: str, version: int, master: str, wrapped: bytes) -> bytes:
        """Unwrapped once a process: a key management service is not asked every few seconds."""
        # The place is part of what is kept: a wrapped key moved to another row must not be found here.
        place = key_context(org, version) + wrapped
        key = self._unwrapped.get(place)
        if key is None:
            by = self._masters.get(master, self.master)
            key = by.unwrap(wrapped, key_context(org, version))
            self._unwrapped[place] = key
        return key


def version_of(sealed: bytes) -> int:
    """Which version of the organization's key sealed this. Raises Tampered."""
    if len(sealed) < _HEAD.size + 28 or not sealed.startswith(MAGIC):
        raise Tampered("not sealed by this server")
    return int(_HEAD.unpack_from(sealed)[1])


def key_context(org: str, version: int) -> bytes:
    """What a wrapped data key is bound to."""
    return _bound(org, "data key", "", version)


def _bound(org: str, purpose: str, record: str, version: int) -> bytes:
    """The additional data: each part with its length in front, so that no two places share one text."""
    parts = [part.encode() for part in (org, purpose, record)]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts) + struct.pack(">I", version)
