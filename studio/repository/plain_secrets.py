"""Secrets known by their shape, whatever they are called: keys, tokens, session ids, addresses with a password."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.base.i18n import N_, _

# Larger files are documents, not settings.
LARGEST = 1024 * 1024
# What each is, in words; a place that holds a variable's name instead ($password, {password}) is none.
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (N_("a private key"), re.compile(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----")),
    (N_("a token of a repository server"), re.compile(r"\bweft_(?:ses|pat|one|inv)_[0-9A-Za-z_-]{40,60}")),
    (
        N_("a Salesforce session"),
        re.compile(r"\b00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?![0-9A-Za-z._]{40,200}"),
    ),
    (N_("an access key of Amazon Web Services"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (
        N_("a token of GitHub"),
        re.compile(r"\b(?:gh[pousr]_[0-9A-Za-z]{36,80}|github_pat_[0-9A-Za-z_]{60,100})"),
    ),
    (
        N_("an address with a password"),
        re.compile(
            r"\b[a-z][a-z0-9+.-]{1,30}://[^\s/:@\"'<>]{0,100}:(?![${<\[])[^\s/:@\"'<>]{1,100}@[^\s\"'/]"
        ),
    ),
)


def shapes_in(data: bytes) -> Iterator[tuple[int, str]]:
    """The line (from 1) and, in words, the kind of each secret a text holds; binary and very large files hold none."""
    if len(data) > LARGEST or b"\0" in data:
        return
    text = data.decode("utf-8", "replace")
    for number, line in enumerate(text.split("\n"), 1):
        for kind, shape in _SHAPES:
            if shape.search(line):
                yield number, _(kind)
                break
