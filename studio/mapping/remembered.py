"""Pairs of fields that this person mapped before, learnt from maps: kept in a file of their own, which goes nowhere."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from studio.base.atomic import write_text
from studio.base.errors import BadInput, WeftError
from studio.mapping import address
from studio.mapping.lines import Drawing, LineKind
from studio.mapping.words import folded

FILE = "mappings.json"
_FORMAT = 1
# The oldest are forgotten beyond this.
MOST_PAIRS = 20_000
_MOST_PROJECTS = 3
_LARGEST_FILE = 16_000_000

Key = str


def key_of(path: str) -> Key:
    """What a field is remembered by: its name and that of the node around it, spelling set aside; "" for no address."""
    try:
        steps = address.split(address.plain(path))[-2:]
    except BadInput:
        return ""
    return "/".join(folded(step.rpartition("~")[2]) for step in steps)


class Remembered:
    """Pairs by source and target with the projects they come from, the oldest first."""

    def __init__(self, file: Path | None = None) -> None:
        """Read what was kept in `file`; a file that cannot be read is as good as none, and is replaced."""
        self.file = file
        self._pairs: dict[tuple[Key, Key], tuple[str, ...]] = {}
        self._sources: dict[Key, set[Key]] = defaultdict(set)
        self._changed = False
        if file is not None:
            self._read(file)

    def __len__(self) -> int:
        return len(self._pairs)

    def learn(self, drawing: Drawing, project: str) -> int:
        """Take in the pairs of a map that carry a value; how many were new."""
        lines = [line for line in drawing.lines if line.kind is LineKind.VALUE]
        # One operand of several does not make the value: [price] of a sum of quantities times prices.
        operands = Counter(line.target for line in lines)
        whole = (line for line in lines if line.known and operands[line.target] == 1)
        return self.learn_pairs(((line.source, line.target) for line in whole), project)

    def learn_pairs(self, pairs: Iterable[tuple[str, str]], project: str) -> int:
        """Take in pairs of source and target addresses; how many were new."""
        new = 0
        for source, target in pairs:
            pair = key_of(source), key_of(target)
            if not all(pair):
                continue
            known = self._pairs.get(pair)
            if known is not None and project in known:
                continue
            self._pairs.pop(pair, None)
            self._put(pair, (project, *(known or ()))[:_MOST_PROJECTS])
            self._changed = True
            new += known is None
        while len(self._pairs) > MOST_PAIRS:
            oldest = next(iter(self._pairs))
            del self._pairs[oldest]
            self._sources[oldest[1]].discard(oldest[0])
        return new

    def forget(self) -> None:
        """Forget everything."""
        self._changed = self._changed or bool(self._pairs)
        self._pairs.clear()
        self._sources.clear()

    def sources(self, target: Key) -> frozenset[Key]:
        """The sources once mapped onto such a target."""
        return frozenset(self._sources.get(target, ()))

    def projects(self, source: Key, target: Key) -> tuple[str, ...]:
        """Where this pair was mapped, the latest first."""
        return self._pairs.get((source, target), ())

    def save(self) -> None:
        """Keep what was learnt, if there is anything new; a folder that cannot be written loses it."""
        if self.file is None or not self._changed:
            return
        rows = [[source, target, *projects] for (source, target), projects in self._pairs.items()]
        text = json.dumps(
            {"weft": "mappings", "format": _FORMAT, "pairs": rows}, ensure_ascii=False, indent=0
        )
        try:
            write_text(self.file, text)
        except (OSError, WeftError):
            return
        self._changed = False

    def _put(self, pair: tuple[Key, Key], projects: tuple[str, ...]) -> None:
        self._pairs[pair] = projects
        self._sources[pair[1]].add(pair[0])

    def _read(self, file: Path) -> None:
        try:
            if file.stat().st_size > _LARGEST_FILE:
                return
            found = json.loads(file.read_bytes())
            rows = found["pairs"] if found.get("format") == _FORMAT else []
            for source, target, *projects in rows[-MOST_PAIRS:]:
                if isinstance(source, str) and isinstance(target, str):
                    self._put((source, target), tuple(str(each) for each in projects[:_MOST_PROJECTS]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._pairs.clear()
            self._sources.clear()
