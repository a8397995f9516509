"""What is done to a server that works, from another process: `python -m tests.bench.cloud_upkeep rotate|backup FOLDER URL`.

Prints one line of JSON: the seconds it took and how much was done.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from cloud.store.backup import back_up
from cloud.store.blobs import blobs_at
from cloud.store.database import Database
from cloud.store.envelope import FRESH_SECONDS, Envelope
from cloud.store.rotation import every_chain, rotate
from tests.bench.cloud_server import MASTER


def main(what: str, folder: Path, url: str) -> None:
    """Rotate the keys of every organization, or write a backup."""
    database = Database(url, pool=4)
    started = time.perf_counter()
    if what == "rotate":
        done = 0
        for org in every_chain(database):
            done += rotate(database, Envelope(database, MASTER), org, grace=2 * FRESH_SECONDS)
    else:
        done = back_up(database, blobs_at("blobs", folder), folder / "weft.backup").rows
    database.close()
    print(json.dumps({"seconds": time.perf_counter() - started, "done": done}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
