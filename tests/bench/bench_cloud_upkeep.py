"""New keys and a backup while 50 clients each read and push: how long they take, and that nobody gets an error."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

from cloud.store.backup import look, restore
from cloud.store.blobs import blobs_at
from cloud.store.database import Database
from cloud.store.envelope import Envelope
from cloud.store.rotation import sealed_columns
from tests.bench.bench_cloud import _ROOT, _again, _database, _filled, _pushes, _serving
from tests.bench.cloud_server import MASTER
from tests.bench.http_load import Ask, Load, measured
from tests.cloud.postgres import programs
from tests.cloud.pushes import Clone

# Seconds of load: the rotation of two chains waits for its grace twice.
LONGEST = {"rotate": 40.0, "backup": 10.0}
KINDS = ("sqlite", "postgresql")


def run() -> Iterator[dict[str, object]]:
    """Seconds of each, requests a second meanwhile, and how many answers were no success."""
    for kind in KINDS:
        if kind == "postgresql" and programs() is None:
            continue
        with tempfile.TemporaryDirectory() as name, _database(kind, Path(name)) as url:
            folder = Path(name)
            here, clones = _filled(url, folder)
            with _serving(folder, kind, url) as (port, _process):
                # Each with clients of its own: one that was stopped in a push does not know its head.
                for n, what in enumerate(LONGEST):
                    some = clones[n::2]
                    seconds, load = asyncio.run(_meanwhile(port, some, [what, str(folder), url]))
                    yield from _rows(f"{what} beside {len(some)} clients, {kind}", seconds, load)
            yield _row(f"values that do not open afterwards, {kind}", "count", _closed(url, here.id), "")
            yield _row(f"rows restored from the backup, {kind}", "count", _restored(folder, here.id), "")


async def _meanwhile(port: int, clones: list[Clone], words: list[str]) -> tuple[float, Load]:
    """Half of the clients ask for the status, half push, longer than the process needs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.cloud_upkeep", *words],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    half = len(clones) // 2
    plans = [
        _again(Ask("GET", f"/api/v1{clone.path}/status", clone.person.headers)) for clone in clones[:half]
    ]
    pushing = [_pushes(clone) for clone in clones[half:]]
    load = await measured(port, [*plans, *pushing], LONGEST[words[0]])
    out, _err = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{words[0]} failed")
    return float(json.loads(out)["seconds"]), load


def _rows(case: str, seconds: float, load: Load) -> Iterator[dict[str, object]]:
    yield _row(case, "time", seconds, "s")
    yield _row(case, "requests meanwhile", load.per_second, "/s")
    yield _row(case, "answers that were no success", load.wrong, "")


def _row(case: str, metric: str, value: float, unit: str) -> dict[str, object]:
    return {
        "bench": "cloud upkeep", "case": case, "metric": metric, "value": value, "unit": unit, "peer": None,
        "ratio": None,
    }  # fmt: skip


def _closed(url: str, org: str) -> int:
    """How many sealed values do not open with the keys that are left."""
    database = Database(url, pool=2)
    envelope = Envelope(database, MASTER)
    count = 0
    with database.tenant(org) as tenant:
        for table, column in sealed_columns(org):
            for row in tenant.rows(select(table).where(column.is_not(None))):
                keys = [
                    str(getattr(row, key.name)) for key in table.primary_key.columns if key.name != "org_id"
                ]
                try:
                    sealed = bytes(getattr(row, column.name))
                    envelope.open(org, f"{table.name}.{column.name}", "/".join(keys), sealed)
                except Exception:
                    count += 1
    database.close()
    return count


def _restored(folder: Path, org: str) -> int:
    from cloud.store.schema import make_tables

    new = folder / "restored"
    new.mkdir()
    database = Database(f"sqlite:///{new / 'weft.db'}", pool=2)
    make_tables(database.engine)
    count = restore(look(folder / "weft.backup", MASTER), database, blobs_at("blobs", new))
    database.close()
    return count.rows
