"""The `weft-cloud` command."""

from __future__ import annotations

from pathlib import Path

import typer
import uvicorn

from cloud.app import create_app
from cloud.config import load

commands = typer.Typer(add_completion=False, help="The Weft repository server.")


@commands.callback()
def _weft_cloud() -> None:
    """The Weft repository server."""


@commands.command()
def serve(folder: Path = Path()) -> None:
    """Serve the repository kept in a folder."""
    config = load(folder)
    uvicorn.run(create_app(config), host=config.host, port=config.port, log_level="info")


def main() -> None:
    """Run the command line."""
    commands()


if __name__ == "__main__":
    main()
