"""The process that serves: TLS from version 1.2, structured logs, and an end in which every running request is answered."""

from __future__ import annotations

import logging
import ssl
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from cloud.config import Config
from cloud.log import JsonLines
from studio.base.errors import BadInput
from studio.base.i18n import _

# How long running requests may still take when the server is told to end, in seconds.
LAST_SECONDS = 30
# TLS 1.2 with forward secrecy and authenticated encryption only; 1.3 brings its own.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


def tls_context(certificate: Path, private_key: Path) -> ssl.SSLContext:
    """What the server speaks. Raises BadInput when certificate and key cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        context.load_cert_chain(certificate, private_key)
    except (OSError, ssl.SSLError) as error:
        raise BadInput(
            _("The server's certificate and key cannot be used: {why}.").format(why=error.strerror or error),
            file=certificate,
            next_step=_("Both are PEM files; the key belongs to the certificate and is not encrypted."),
        ) from error
    return context


def log_to(stream: Any = None, level: int = logging.INFO) -> None:
    """Send every log, uvicorn's too, as lines of JSON to a stream (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # What uvicorn tells of an ordinary day (started, stopped) is told by `serve` itself, with its facts.
    logging.getLogger("weft.cloud").setLevel(level)


def make_server(app: FastAPI, config: Config) -> uvicorn.Server:
    """The server of an application. Raises BadInput for a certificate that cannot be used, and for plain HTTP to others."""
    context = None
    if config.plain_http:
        if config.host not in ("127.0.0.1", "::1", "localhost"):
            raise BadInput(
                _("Plain HTTP is for a proxy on this machine only: the server listens on {host}.").format(
                    host=config.host
                ),
                next_step=_("Set host to 127.0.0.1, or take plain_http out."),
            )
    else:
        folder = config.folder
        context = tls_context(folder / config.certificate, folder / config.private_key)
    settings = uvicorn.Config(
        app,
        host=config.host,
        port=config.port,
        log_config=None,
        access_log=False,
        # Whose word counts about addresses is decided in cloud.addresses.
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        http="h11",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=LAST_SECONDS,
        h11_max_incomplete_event_size=32 * 1024,
        ssl_context_factory=None if context is None else lambda _config, _usual: context,
    )
    return uvicorn.Server(settings)
