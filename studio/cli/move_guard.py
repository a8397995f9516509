"""Before a move that may harm an org people work in: what it would do is shown, and somebody has to say yes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from studio.base.errors import Cancelled
from studio.base.i18n import _
from studio.cli.signed_in import say
from studio.moves.access import guard
from studio.moves.access.guard import Confirm, Danger, Level

_WIDEST = 24


def confirm(called: str, given: str) -> Confirm:
    """Asks on a terminal; elsewhere only a move whose org was named with --yes-production goes on."""
    named = guard.confirmed(called, given)

    async def ask(danger: Danger) -> None:
        if given or not (sys.stdin.isatty() and sys.stderr.isatty()):
            await named(danger)
            return
        _show(danger)
        wanted = danger.org.name if danger.level is Level.TYPE else _("yes")
        said = typed(_("Type {word} to go on: ").format(word=wanted))
        right = (
            guard.names(danger.org, called, said)
            if danger.level is Level.TYPE
            else said.casefold() == wanted.casefold()
        )
        if not right:
            raise Cancelled(_("It was not confirmed. Nothing was sent."))

    return ask


def _show(danger: Danger) -> None:
    org = danger.org
    say(f"{org.name}  {org.id}  {org.instance_url}  ({guard.sort_name(org.sort)})")
    say(danger.sentence)
    for line in table(danger.header, danger.sample):
        say(f"  {line}")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows under their header in columns; long values are cut, control characters do not reach the terminal."""
    shown = [[_cut(text) for text in row] for row in (header, *rows)]
    wide = [max(len(row[at]) for row in shown if at < len(row)) for at in range(len(header))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, wide, strict=False)).rstrip() for row in shown
    ]


def _cut(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain if len(plain) <= _WIDEST else plain[: _WIDEST - 1] + "…"


def typed(question: str) -> str:
    """A line from the terminal; Ctrl+C and the end of input are a no."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        print(question, end="", file=sys.stderr, flush=True)  # noqa: T201
        return sys.stdin.readline().strip()
    except KeyboardInterrupt:
        return ""
    finally:
        signal.signal(signal.SIGINT, before)
