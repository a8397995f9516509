"""The `weft-cloud` command: for now it serves the health route."""

from __future__ import annotations

import typer
import uvicorn

from cloud.app import create_app
from cloud.config import Config

commands = typer.Typer(add_completion=False, help="The Weft repository server.")


@commands.callback()
def _weft_cloud() -> None:
    """The Weft repository server."""


@commands.command()
def serve(host: str = Config.host, port: int = Config.port) -> None:
    """Serve the repository."""
    config = Config(host, port)
    uvicorn.run(create_app(config), host=config.host, port=config.port, log_level="info")


def main() -> None:
    """Run the command line."""
    commands()


if __name__ == "__main__":
    main()
