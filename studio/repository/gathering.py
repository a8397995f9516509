"""The list of conflicts after a pull: new ones get numbers, those that are still there follow what others did since."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.project.layout import id_of
from studio.project.merge import value_at
from studio.protocol.manifests import Content, Manifest
from studio.protocol.projects import Revision
from studio.repository.merging import Clash, Merged
from studio.repository.undecided import Book, Decided, Item, Undecided, book_of, now_at

Theirs = Callable[[str], bytes | None]


def gathered(
    folder: Path, found: Merged, head: Revision, base: Manifest, theirs: Manifest, text: Theirs
) -> Book | None:
    """The list once the folder's files come from `head`, None where it stays as it is; `text` gives a file of theirs.

    Conflicts of one place are one: it keeps its number and what both sides began with. Those of an object that was
    renamed go with it.
    """
    book = book_of(folder)
    if not found.clashes and not book.open:
        return None
    places = {(clash.path, clash.keys): clash for clash in found.clashes}
    still: list[Item] = []
    settled: list[Decided] = []
    for known in book.open:
        before = known.conflict.path
        item = _renamed(known, found.moved)
        there = before if before in theirs else item.conflict.path
        clash = places.pop((item.conflict.path, item.conflict.keys), None)
        if clash is not None:
            made = _of(clash, head, item.conflict.number)
            still.append(Item(replace(made, base=item.conflict.base), clash.placed))
        elif base.get(before) == theirs.get(there):
            still.append(item)
        else:
            _follow(folder, item, head, _value(item.conflict, there, theirs, text), still, settled)
    number = book.next
    for clash in places.values():
        still.append(Item(_of(clash, head, number), clash.placed))
        number += 1
    return Book(number, tuple(still), (*book.decided, *settled))


def needed(folder: Path, manifest: Manifest) -> set[str]:
    """The hashes of what is kept beside the project for good reason: objects of the base, sides of conflicts."""
    book = book_of(folder)
    conflicts = [item.conflict for item in book.open] + [one.conflict for one in book.decided]
    sides = [side for one in conflicts for side in (one.base, one.mine, one.theirs)]
    sides += [side for one in book.decided for side in (one.value, one.replaced)]
    objects = {content.hash for path, content in manifest.items() if id_of(path) is not None}
    return objects | {side.hash for side in sides if isinstance(side, Content)}


def _follow(
    folder: Path,
    item: Item,
    head: Revision,
    new: Any,
    still: list[Item],
    settled: list[Decided],
) -> None:
    """An open conflict whose file others changed again, in a way that does not clash: theirs is `new` now."""
    conflict = item.conflict
    if new == conflict.mine:
        settled.append(Decided(conflict, new, now_at(folder, conflict), time.time()))
    elif new == conflict.theirs:
        still.append(item)
    else:
        placed = new if item.placed == conflict.theirs else item.placed
        still.append(Item(replace(conflict, theirs=new, **_said(head)), placed))


def _renamed(item: Item, moved: Mapping[str, str]) -> Item:
    new = moved.get(item.conflict.path)
    return (
        item if new is None else replace(item, conflict=replace(item.conflict, path=new, object=id_of(new)))
    )


def _value(conflict: Undecided, there: str, theirs: Manifest, text: Theirs) -> Any:
    if not conflict.keys:
        return theirs.get(there)
    try:
        return value_at(conflict.object or "", text(there), conflict.keys)
    except BadInput:
        return conflict.theirs


def _of(clash: Clash, head: Revision, number: int) -> Undecided:
    return Undecided(
        number, clash.path, clash.object, clash.keys, clash.base, clash.mine, clash.theirs, **_said(head)
    )


def _said(head: Revision) -> dict[str, Any]:
    return {
        "revision": head.number,
        "author_name": head.author_name,
        "time": head.time,
        "message": head.message,
    }
