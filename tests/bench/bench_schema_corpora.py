"""Every set of the corpora opened, file by file: what it is, what is in it, the first trees against plain parsing.

With --json each row holds kinds, files, opened, located (files refused with an error that names them), failed, roots,
types, problems. Processor time.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from studio.base.errors import WeftError
from studio.schema.model import Schema, Type
from studio.schema.read import read_schema
from tests.bench.bench_schema import CORPORA, _show

# What describes the sets is no part of them.
_ABOUT = ("NOTICE", "README", "LICENSE", "LICENCE", "COPYING", "INVENTORY")
_XML = ("xsd", "wsdl", "xml")
_MOST_TYPES = 5_000


@dataclass
class _Found:
    """What the files of one set gave."""

    kinds: Counter[str] = field(default_factory=Counter)
    files: int = 0
    located: int = 0
    failed: list[str] = field(default_factory=list)
    roots: int = 0
    types: int = 0
    problems: int = 0
    seconds: float = 0.0
    compared: float = 0.0
    floor: float = 0.0


def run() -> Iterator[dict[str, Any]]:
    """One row for each set, and one for all."""
    total = _Found()
    for folder in sorted(
        one for kind in CORPORA.iterdir() if kind.is_dir() for one in kind.iterdir() if one.is_dir()
    ):
        found = _Found()
        for file in sorted(one for one in folder.rglob("*") if one.is_file()):
            if not file.name.upper().startswith(_ABOUT):
                _open(file, found)
        yield _row(str(folder.relative_to(CORPORA)), found)
        _add(total, found)
    yield _row("all sets", total)


def _open(file: Path, found: _Found) -> None:
    found.files += 1
    start = time.process_time()
    try:
        schema = read_schema(file)
        _show(schema)
    except WeftError as error:
        if str(error.file or "").endswith(file.name) and error.message:
            found.located += 1
        else:
            found.failed.append(f"{file.name}: refused without naming it")
        return
    except Exception as error:
        found.failed.append(f"{file.name}: {type(error).__name__}")
        return
    spent = time.process_time() - start
    found.seconds += spent
    found.kinds[schema.kind] += 1
    found.roots += len(schema.roots)
    found.types += _types(schema)
    found.problems += len(schema.problems)
    if not schema.roots and not schema.problems:
        found.failed.append(f"{file.name}: an empty tree without a word")
    if schema.kind in _XML:
        found.compared += spent
        found.floor += _parsed(schema)


def _parsed(schema: Schema) -> float:
    start = time.process_time()
    for file in schema.files:
        try:
            etree.parse(
                file, etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False, recover=True)
            )
        except (etree.XMLSyntaxError, OSError):
            continue
    return time.process_time() - start


def _types(schema: Schema) -> int:
    """Types below the roots, each once; counted as far as five thousand."""
    waiting = deque(node.type for node in schema.roots)
    seen: set[Type] = set(waiting)
    while waiting and len(seen) < _MOST_TYPES:
        for node in waiting.popleft().children:
            if node.type not in seen:
                seen.add(node.type)
                waiting.append(node.type)
    return len(seen)


def _add(total: _Found, found: _Found) -> None:
    total.kinds += found.kinds
    total.failed += found.failed
    for name in ("files", "located", "roots", "types", "problems", "seconds", "compared", "floor"):
        setattr(total, name, getattr(total, name) + getattr(found, name))


def _row(case: str, found: _Found) -> dict[str, Any]:
    opened = sum(found.kinds.values())
    ratio = found.compared / found.floor if found.floor else None
    return {
        "bench": "schema_corpora",
        "case": case,
        "metric": f"{opened} of {found.files} open",
        "value": round(found.seconds * 1000, 1),
        "unit": "ms",
        "peer": "lxml parse" if ratio is not None else None,
        "ratio": None if ratio is None else round(ratio, 2),
        "kinds": dict(found.kinds.most_common()),
        "files": found.files,
        "opened": opened,
        "located": found.located,
        "failed": found.failed,
        "roots": found.roots,
        "types": found.types,
        "problems": found.problems,
    }
