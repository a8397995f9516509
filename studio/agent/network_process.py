"""python -m studio.agent.network_process: examines the way out for the window; see `studio.base.line_worker`."""

from __future__ import annotations

from studio.agent.network_desk import NetworkDesk
from studio.base.line_worker import serve


def main() -> None:
    """Serve on standard input and output until the parent goes."""
    serve(NetworkDesk)


if __name__ == "__main__":
    main()
