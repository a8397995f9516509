"""Twenty secrets go through everything the product does; afterwards none of them can be found anywhere it could have got to."""

from __future__ import annotations

import base64
import gzip
import sqlite3
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.canaries import NAMES, Hunt, canary


def test_the_hunt_finds_what_is_hidden(tmp_path: Path) -> None:
    secret = canary(NAMES[3])
    (tmp_path / "log.txt").write_text(f"the token {secret} was refused")
    (tmp_path / "wide.txt").write_text(secret, encoding="utf-16")
    (tmp_path / "header.txt").write_bytes(base64.b64encode(f"ana:{secret}\n".encode()))
    (tmp_path / "log.gz").write_bytes(gzip.compress(secret.encode()))
    with zipfile.ZipFile(tmp_path / "a.weft", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("connections/crm.yaml", f"password: {secret}")
    database = sqlite3.connect(tmp_path / "history.db")
    database.execute("pragma journal_mode = wal")
    database.execute("create table texts (data blob)")
    database.execute("insert into texts values (?)", [zlib.compress(secret.encode())])
    database.commit()
    database.close()
    (tmp_path / f"{secret}.txt").write_text("nothing")
    hunt = Hunt()
    hunt.folder(tmp_path)
    places = ("log.txt", "wide.txt", "header.txt", "log.gz › gzip", "a.weft › connections/crm.yaml")
    for where in (*places, "history.db › texts › zlib", f"the name of {secret}.txt"):
        assert any(hit.startswith(NAMES[3]) and hit.endswith(f"in {where}") for hit in hunt.hits), where
    allowed = Hunt(allowed=[path for path in tmp_path.rglob("*.*") if secret not in path.name])
    allowed.folder(tmp_path)
    assert {hit.rpartition(" in ")[2] for hit in allowed.hits} == {f"the name of {secret}.txt"}


@pytest.mark.parametrize("shift", range(3))
def test_base64_is_found_whatever_stands_before_it(shift: int) -> None:
    hunt = Hunt()
    hunt.bytes(base64.b64encode(b"u" * shift + canary(NAMES[0]).encode() + b":more"), "a header")
    assert hunt.hits
