"""The process that reads and decides conflicts for the window: no network, and no waiting for what uses it."""

from __future__ import annotations

from contextlib import AsyncExitStack

from studio.base.line_worker import serve
from studio.repository.desks.conflict_desk import ConflictDesk


def open_desk(_stack: AsyncExitStack) -> ConflictDesk:
    """It keeps nothing open."""
    return ConflictDesk()


def main() -> None:
    """Serve on standard input and output until the parent goes."""
    serve(open_desk)


if __name__ == "__main__":
    main()
