"""How the server is set up: one frozen value, read once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    """`host` and `port` to listen on; loopback unless told otherwise."""

    host: str = "127.0.0.1"
    port: int = 8470
