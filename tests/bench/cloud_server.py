"""The server that is measured: `python -m tests.bench.cloud_server FOLDER PORT URL|bare`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from cloud.app import create_app
from cloud.config import Config, Limits
from cloud.running import log_to, make_server
from cloud.store.database import Database
from cloud.store.keys import LocalMaster
from tests.cloud.conftest import by_test_token

MASTER = LocalMaster(bytes(range(32)))


def config_of(folder: Path, port: int, url: str) -> Config:
    """A server on loopback without TLS and without limits of rate."""
    limits = Limits(per_minute=10**8, tries_per_minute=10**8)
    return Config(folder=folder, port=port, database=url, plain_http=True, limits=limits)


def bare(port: int) -> None:
    """A FastAPI application of one route in the thread pool, with nothing around it."""
    app = FastAPI()

    @app.get("/bare")
    def answer() -> dict[str, str]:
        return {"status": "ok"}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", http="h11")


def main(folder: Path, port: int, url: str) -> None:
    """Serve until told to end."""
    if url == "bare":
        bare(port)
        return
    config = config_of(folder, port, url)
    database = Database(url, pool=40)
    log_to()
    make_server(
        create_app(config, database=database, master=MASTER, authenticators=(by_test_token,)), config
    ).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
