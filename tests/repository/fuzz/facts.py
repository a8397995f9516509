"""A project as single facts, and what must hold between them when two sides meet: the fuzzer's judge.

A fact is `(path, keys, value)`: a leaf of a YAML file, the whole of any other. `keys` is empty for a file's own being
there. The judge knows nothing of how merging is done: it only says what may not be lost, returned or invented.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from studio.base.errors import BadInput
from studio.base.yaml_read import read

Fact = tuple[str, tuple[str, ...], str]
Facts = frozenset[Fact]
Files = Mapping[str, bytes]
NONE: Facts = frozenset()
THERE = "there"


def of_files(files: Files) -> Facts:
    """Everything the files say."""
    return NONE.union(*(of_file(path, data) for path, data in files.items()))


@lru_cache(maxsize=20_000)
def of_file(path: str, data: bytes) -> Facts:
    """What one file says."""
    if not path.endswith(".yaml"):
        return frozenset({(path, (), _short(data))})
    try:
        plain = read(data, file=path).plain()
    except BadInput:
        return frozenset({(path, (), _short(data))})
    return of_value(path, (), plain)


def of_value(path: str, keys: tuple[str, ...], value: Any) -> Facts:
    """What a value at a place of a file says; a text or bytes without keys is the whole file. None says nothing."""
    if value is None:
        return NONE
    if not keys and isinstance(value, str | bytes):
        return of_file(path, value.encode() if isinstance(value, str) else value)
    found = {(path, (), THERE)} if not keys else set()
    found |= {(path, (*keys, *more), text) for more, text in _leaves(value)}
    return frozenset(found)


def _leaves(value: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            for more, text in _leaves(each):
                yield (str(key), *more), text
    else:
        yield (), json.dumps(value, ensure_ascii=False, sort_keys=True)


def _short(data: bytes) -> str:
    try:
        return data.decode() if len(data) < 500 else hashlib.sha256(data).hexdigest()
    except UnicodeDecodeError:
        return hashlib.sha256(data).hexdigest()


def at(facts: Iterable[Fact], path: str, keys: tuple[str, ...] = ()) -> Facts:
    """Those of the facts that stand at a place or below it."""
    return frozenset(fact for fact in facts if fact[0] == path and fact[1][: len(keys)] == keys)


def met(
    base: Facts, mine: Facts, theirs: Facts, after: Facts, told: Facts = NONE, kept: Facts = NONE
) -> list[str]:
    """What is wrong with `after`, which came of `mine` and `theirs`, both made from `base`; empty where nothing is.

    `told` are the facts of all sides that wait for a decision; `kept` those of theirs that waited for one before: that
    they are not in `mine` is nobody's decision.
    """
    added, removed = mine - base, base - mine - kept
    return [
        *_say("mine lost", added - after - told),
        *_say("theirs lost", theirs - removed - after - told),
        *_say("removed here and back", (removed & after) - told),
        *_say("from nowhere", after - theirs - added - told),
    ]


def same(wanted: Facts, found: Facts, where: str) -> list[str]:
    """What is wrong where exactly `wanted` should be found."""
    return [*_say(f"{where}: lost", wanted - found), *_say(f"{where}: from nowhere", found - wanted)]


def _say(what: str, facts: Facts) -> list[str]:
    return (
        [f"{what}: {sorted(facts)[:6]}" + (f" and {len(facts) - 6} more" if len(facts) > 6 else "")]
        if facts
        else []
    )
