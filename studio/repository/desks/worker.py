"""The process that speaks with the repository for the window; how it is asked and answers: `studio.base.line_worker`."""

from __future__ import annotations

from studio.base.line_worker import serve
from studio.repository.desks.desk import Desk


def main() -> None:
    """Serve on standard input and output until the parent goes."""
    serve(Desk)


if __name__ == "__main__":
    main()
