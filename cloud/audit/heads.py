"""Once a day the end of every chain is signed and put outside the database: a chain rewritten as a whole shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select

from cloud.server import Server
from cloud.store.metadata import SERVER
from cloud.store.tables import organizations
from cloud.store.tables_audit import audit_heads, signed_heads
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.protocol.audit import SignedHead

FOLDER = "audit-heads"


def signing_key(server: Server) -> Ed25519PrivateKey:
    """The server's key for heads: derived from its own keys, the same as long as it lives."""
    return Ed25519PrivateKey.from_private_bytes(server.envelope.stable_key(SERVER, "audit heads"))


def public_key(server: Server) -> str:
    """What proves the signatures: 32 bytes in hexadecimal digits."""
    return signing_key(server).public_key().public_bytes_raw().hex()


def sign_today(server: Server) -> int:
    """Sign the end of every chain that has not been signed today, keep and write them; returns how many."""
    with server.database.common() as common:
        names = [SERVER, *(row.id for row in common.rows(select(organizations.c.id)))]
    made = [(org, head) for org in names if (head := _sign(server, org)) is not None]
    if made:
        _write(server.config.folder / FOLDER, made)
    return len(made)


def _sign(server: Server, org: str) -> SignedHead | None:
    database = server.database
    opened = database.common(write=True) if org == SERVER else database.tenant(org, write=True)
    with opened as transaction:
        day = transaction.now().date().isoformat()
        head = transaction.one(select(audit_heads))
        if head is None or transaction.one(select(signed_heads.c.day).where(signed_heads.c.day == day)):
            return None
        said = SignedHead(day, int(head.number), bytes(head.hash).hex(), "")
        signature = signing_key(server).sign(_signed_text(org, said))
        transaction.insert(
            signed_heads, day=day, number=head.number, hash=bytes(head.hash), signature=signature
        )
    return SignedHead(said.day, said.number, said.hash, signature.hex())


def _write(folder: Path, made: Iterable[tuple[str, SignedHead]]) -> None:
    """One file a day, only ever added to: copy it to where the server cannot write."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for org, head in made:
        line = {"organization": org, "day": head.day, "number": head.number, "hash": head.hash}
        with (folder / f"{head.day}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line | {"signature": head.signature}) + "\n")


def read_heads(file: Path, key: str) -> dict[str, dict[int, bytes]]:
    """The hashes of a file of signed heads, by organization and entry number, each signature checked.

    Raises BadInput naming the line that was not signed with this key.
    """
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    found: dict[str, dict[int, bytes]] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            said = json.loads(line)
            head = SignedHead(said["day"], said["number"], said["hash"], said["signature"])
            public.verify(bytes.fromhex(head.signature), _signed_text(said["organization"], head))
        except (ValueError, KeyError, TypeError, InvalidSignature) as error:
            raise BadInput(_("This head was not signed by this server."), file=file, line=number) from error
        found.setdefault(said["organization"], {})[head.number] = bytes.fromhex(head.hash)
    return found


def _signed_text(org: str, head: SignedHead) -> bytes:
    return f"{org}|{head.day}|{head.number}|{head.hash}".encode()
