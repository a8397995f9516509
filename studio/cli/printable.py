"""Text that holds what a document says, as a terminal may show it: nothing in it moves the cursor or colours the screen."""

from __future__ import annotations

import re

# Controls but the tab and the line end, marks that turn the direction of what follows, half characters.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST = 2_000


def printable(text: str) -> str:
    """The text with what is no printable character as its escape (`\\x1b`)."""
    return _HIDDEN.sub(_escape, text)


def printable_line(text: str) -> str:
    """The same in one line, the end of a very long one left out."""
    line = printable(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…").replace("\t", "\\t")
    return line.replace("\n", "\\n")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
