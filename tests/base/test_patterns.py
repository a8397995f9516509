"""Patterns that are compiled when they are first used are the same patterns."""

from __future__ import annotations

import re

import pytest

from studio.base.patterns import pattern


def test_it_does_what_the_compiled_expression_does() -> None:
    later, compiled = pattern(r"(?P<a>b+)c", re.IGNORECASE), re.compile(r"(?P<a>b+)c", re.IGNORECASE)
    for text in ("BBc", "abc", "", "c"):
        found, wanted = later.search(text), compiled.search(text)
        assert (found and found.groupdict()) == (wanted and wanted.groupdict())
        assert later.sub("x", text) == compiled.sub("x", text)
    assert (later.pattern, later.groups, later.flags) == (compiled.pattern, compiled.groups, compiled.flags)


def test_a_mistake_is_told_at_the_first_use() -> None:
    later = pattern("(")
    with pytest.raises(re.error):
        later.match("x")
