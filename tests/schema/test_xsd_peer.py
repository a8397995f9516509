"""Our element and attribute paths beside those of the library xmlschema, over real schemas."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import xmlschema

from studio.schema.model import Node
from studio.schema.read import read_schema
from tests.schema.peers import our_paths, xmlschema_paths

# The library takes a thousand times as long as a parse: larger schemas would take a minute each.
_LARGEST = 30_000
_ROOTS = 12
# Where we read otherwise on purpose.
_OTHERWISE = {
    ("substgroup2.xsd", "blockedItem"): "a member has its head's type, whatever the head blocks",
}


def test_paths_are_those_of_the_library(shared: Path, share: Callable[[int], int]) -> None:
    base = shared / "corpora" / "xsd"
    largest = _LARGEST if share(100) == 100 else 5000
    files = sorted(
        file
        for file in base.rglob("*.xsd")
        if file.stat().st_size < largest and not {"ubl-2.1", "citygml-2"} & set(file.parts)
    )
    assert len(files) > 200
    step = max(1, len(files) // share(len(files)))
    counts: Counter[str] = Counter()
    wrong = [said for file in files[::step] for said in _differences(file, counts)]
    assert not wrong, "\n".join(wrong[:30])
    assert counts["files"] >= len(files[::step]) / 3, counts
    assert counts["paths"] > 5 * counts["files"]


def _differences(file: Path, counts: Counter[str]) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = xmlschema.XMLSchema10(str(file), allow="local", defuse="never")
        except Exception:
            counts["refused by the library"] += 1
            return
    ours = read_schema(file, kind="xsd")
    counts["files"] += 1
    roots = {(node.namespace, node.name): node for node in _all_roots(ours.roots, ours.others)}
    for element in list(theirs.elements.values())[:_ROOTS]:
        space, _brace, local = str(element.name).rpartition("}")
        node = roots.get((space[1:], local))
        if node is None:
            yield f"{file}: no root {element.name}"
            continue
        mine, other = our_paths(node, 4), xmlschema_paths(element, 4)
        counts["paths"] += len(mine)
        if (file.name, local) in _OTHERWISE:
            continue
        if mine != other and max(len(mine), len(other)) < 3000:
            yield f"{file}: {local}: only here {sorted(mine - other)[:3]}, only there {sorted(other - mine)[:3]}"


def _all_roots(roots: tuple[Node, ...], others: Callable[[], tuple[Node, ...]] | None) -> Iterator[Node]:
    yield from roots
    yield from others() if others else ()
