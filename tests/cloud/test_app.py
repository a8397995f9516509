"""The server answers its health route over a real socket."""

from __future__ import annotations

import socket
import threading
import time

import httpx
import uvicorn

from cloud.app import create_app
from cloud.config import Config
from studio import __version__


def test_health_over_http() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(Config(port=port)), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        for _attempt in range(100):
            if server.started:
                break
            time.sleep(0.05)
        answer = httpx.get(f"http://127.0.0.1:{port}/health", timeout=10, trust_env=False)
        missing = httpx.get(f"http://127.0.0.1:{port}/nothing", timeout=10, trust_env=False)
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
    assert answer.json() == {"status": "ok", "version": __version__}
    assert missing.status_code == 404


def test_two_applications_share_nothing() -> None:
    one, other = create_app(Config(port=1)), create_app(Config(port=2))
    assert one.state.config.port == 1
    assert other.state.config.port == 2
