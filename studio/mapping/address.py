"""Addresses as text: parents, ancestors, instance numbers. Used for every link, so nothing is parsed twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from studio.schema.path import format_steps, parse_path, without_indexes


@lru_cache(maxsize=50_000)
def split(path: str) -> tuple[str, ...]:
    """The texts of an address's steps; a leading slash adds none."""
    body = path.removeprefix("/")
    if not body:
        return ()
    if "`" not in body:
        return tuple(body.split("/"))
    return tuple(str(step) for step in parse_path(path))


def join(lead: str, steps: tuple[str, ...]) -> str:
    """The address of steps; `lead` is `/` below an unnamed root, else empty."""
    return lead + "/".join(steps) if steps else ""


@lru_cache(maxsize=50_000)
def parent(path: str) -> str | None:
    """The address one step up, None above a root. An unnamed root is the empty address."""
    steps = split(path)
    if path.startswith("/"):
        return join("/", steps[:-1])
    return join("", steps[:-1]) if len(steps) > 1 else None


@lru_cache(maxsize=50_000)
def ancestors(path: str) -> tuple[str, ...]:
    """The addresses above, nearest first."""
    up = parent(path)
    return () if up is None else (up, *ancestors(up))


def with_ancestors(paths: Iterable[str]) -> set[str]:
    """The addresses and all those above them."""
    found: set[str] = set()
    for path in paths:
        here: str | None = path
        while here is not None and here not in found:
            found.add(here)
            here = parent(here)
    return found


def within(path: str, top: str) -> bool:
    """It is `top` or stands below it."""
    if path == top or not top:
        return True
    return path.startswith(top) and path[len(top)] == "/"


def moved(path: str, old: str, new: str) -> str:
    """The address after its ancestor (or itself) `old` became `new`."""
    return new + path[len(old) :] if within(path, old) else path


@lru_cache(maxsize=50_000)
def plain(path: str) -> str:
    """Without instance numbers and type picks: the address of the schema's node."""
    return without_indexes(path) if "[" in path or "~" in path else path


@lru_cache(maxsize=50_000)
def instance(path: str) -> tuple[str, int]:
    """The address without its own last instance number, and that number (0 where it has none)."""
    if not path.endswith("]"):
        return path, 0
    steps = parse_path(path)
    last = steps[-1]
    lead = "/" if path.startswith("/") else ""
    return lead + format_steps((*steps[:-1], replace(last, index=None))), last.index or 0


def numbered(path: str, number: int) -> str:
    """The address of an instance: `party`, 2 → `party[2]`; 0 takes the number away."""
    base = instance(path)[0]
    return f"{base}[{number}]" if number else base


def name(path: str) -> str:
    """The last step's text, for a sentence: `order`, `@id`; `/` for an unnamed root."""
    steps = split(plain(path))
    return steps[-1] if steps else "/"
