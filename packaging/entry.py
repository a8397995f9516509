"""The frozen bundle's entry: our own child processes, the command line, or the window."""

from __future__ import annotations

import multiprocessing
import sys

from studio.base.child import run_as_process


def main() -> None:
    """`--process MODULE` runs one of our processes, `--cli …` the weft command, anything else opens the window."""
    multiprocessing.freeze_support()
    if run_as_process(sys.argv):
        return
    if len(sys.argv) > 1 and sys.argv[1] == "--cli":
        from studio.cli.main import main as command_line

        command_line(sys.argv[2:])
        return
    from ui.app import main as window

    sys.exit(window())


if __name__ == "__main__":
    main()
