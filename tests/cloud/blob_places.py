"""Where blobs can be kept, for tests: a folder, and a bucket of a local S3 server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from cloud.store.blobs import Blobs, blobs_at

BUCKET = "weft-test"


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """The address of an S3 server on loopback with one bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        httpx.put(f"{url}/{BUCKET}", trust_env=False).raise_for_status()
        yield url
    finally:
        server.stop()


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """One S3 server for all tests of a run."""
    with s3_server() as url:
        yield url


def s3_options(url: str) -> dict[str, str]:
    """What a server needs to be told of it."""
    return {
        "endpoint": url,
        "region": "us-east-1",
        "access_key_id": "test",
        "secret_access_key": "test",
        "virtual_hosted_style_request": "false",
    }


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty place for blobs, of each kind."""
    if request.param == "folder":
        return blobs_at("blobs", tmp_path)
    url = request.getfixturevalue("s3")
    return blobs_at(f"s3://{BUCKET}/{uuid4()}", tmp_path, s3_options(url))
