"""What files hang up in the server: the scanner every shared file passes."""

from __future__ import annotations

from cloud.files.scanner import Scanner
from cloud.server import Server


def set_up(server: Server) -> None:
    """Called once by create_app."""
    server.parts["scanner"] = Scanner(server.config.scanner)
