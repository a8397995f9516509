"""Faults that nobody can see: the code means the same with them, or only takes longer; each with the reason."""

from __future__ import annotations

# module, function, line, what is done to it, which of those alike on the line
EQUIVALENT: dict[tuple[str, str, str, str, int], str] = {}
