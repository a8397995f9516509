"""What two people changed differently, kept with every side until somebody decides; and what was decided, kept too.

A decision replaces what stands in the project's file, in one step with the list. Whatever it replaces stays on the
list of decisions, so that it can be taken back: no side of a conflict is ever thrown away.
"""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import field, replace
from functools import partial
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.base.system_errors import unreadable
from studio.project.commit import Outdated, commit, digest, digest_of, inside
from studio.project.layout import id_of, ref_for
from studio.project.merge import text_with, value_at
from studio.protocol.manifests import Content
from studio.repository.contents import Contents
from studio.repository.files import spelled_so
from studio.repository.local import PLACE, read, written
from studio.repository.turn import turn_now

FILE = "undecided.json"
PATH = f"{PLACE}/{FILE}"
# Decisions that can be taken back; older ones are forgotten.
_REMEMBERED = 500
_RULES = ("map", "parked")
_ATTEMPTS = 5


@dataclass(frozen=True)
class Undecided:
    """A conflict: `keys` inside the file (`("map", "invoices/invoice/total")`), empty for the whole file.

    Sides are plain data, None where that side has nothing; of a whole file they are Content (see `text_of`). `mine` is
    what stands here now. Revision, author, time and message are those of theirs.
    """

    number: int
    path: str
    object: str | None
    keys: tuple[str, ...]
    base: Any
    mine: Any
    theirs: Any
    revision: int = 0
    author_name: str = ""
    time: str = ""
    message: str = ""


@dataclass(frozen=True)
class Decided:
    """A conflict and what was decided: `value` stands there since, `replaced` stood there before."""

    conflict: Undecided
    value: Any
    replaced: Any
    time: float


@dataclass(frozen=True)
class Item:
    """A conflict as kept; `placed` is what the merge left in its place: anything else there now is a newer edit."""

    conflict: Undecided
    placed: Any


@dataclass(frozen=True)
class Book:
    """All of a project's conflicts, open and decided, and the number the next one gets."""

    next: int = 1
    open: tuple[Item, ...] = ()
    decided: tuple[Decided, ...] = field(default_factory=tuple)


def book_of(folder: Path) -> Book:
    """The list as kept. Raises BadInput."""
    found = read(folder, FILE, dict[str, Any])
    if found is None:
        return Book()
    try:
        return Book(
            found["next"],
            tuple(Item(_conflict(one), _side(one, "placed")) for one in found["open"]),
            tuple(
                Decided(_conflict(one), _side(one, "value"), _side(one, "replaced"), one["decided"])
                for one in found["decided"]
            ),
        )
    except (KeyError, TypeError, ValueError):
        raise BadInput(
            _("The list of undecided conflicts is damaged."),
            file=folder / PATH,
            next_step=_("Move this file elsewhere: the versions of the others are in the project's history."),
        ) from None


def content_of(book: Book) -> bytes:
    """The file that keeps a list."""
    return written(
        {
            "next": book.next,
            "open": [_said(one.conflict) | {"placed": _kept(one.placed)} for one in book.open],
            "decided": [
                _said(one.conflict)
                | {"value": _kept(one.value), "replaced": _kept(one.replaced), "decided": one.time}
                for one in book.decided[-_REMEMBERED:]
            ],
        }
    )


def undecided(folder: Path) -> tuple[Undecided, ...]:
    """The conflicts nobody has decided yet; one is settled too where the file holds theirs by a later edit."""
    return tuple(item.conflict for item in still_open(folder, book_of(folder)))


def still_open(folder: Path, book: Book) -> tuple[Item, ...]:
    """The open conflicts as they are now: what was edited since in their places counts as mine."""
    found = []
    for item in book.open:
        now = now_at(folder, item.conflict)
        if now == item.placed:
            found.append(item)
        elif now != item.conflict.theirs:
            found.append(replace(item, conflict=replace(item.conflict, mine=now)))
    return tuple(found)


def decided(folder: Path) -> tuple[Decided, ...]:
    """What was decided, newest last; `decide` with its number decides again."""
    return book_of(folder).decided


def decide(folder: Path, number: int, value: Any) -> tuple[Undecided, ...]:
    """Let `value` stand in the conflict's place: one of its sides, or something else; returns what is still open.

    For a whole file a Content of it, bytes, or plain data for an object's file; None deletes. Raises BadInput where
    there is no such conflict, or the file cannot hold the value.
    """
    with turn_now(folder):
        for _attempt in range(_ATTEMPTS):
            try:
                return _decide(folder, number, value)
            except Outdated:
                continue
        return _decide(folder, number, value)


def keep_both(folder: Path, number: int) -> str:
    """Decide for both of a whole file's versions: mine stays, theirs is put beside it; returns its path. Raises BadInput."""
    with turn_now(folder):
        book = book_of(folder)
        conflict = _find(book, number)
        if conflict.keys or conflict.mine is None or conflict.theirs is None:
            raise BadInput(
                _("Only two versions of a whole file can stand beside each other."),
                path=conflict.path,
                next_step=_("Decide for one of them; the other one is kept on the list of decisions."),
            )
        path = _beside(folder, conflict)
        now = now_at(folder, conflict)
        done = Decided(conflict, now, now, clock.time())
        rest = tuple(item for item in book.open if item.conflict.number != number)
        made = Book(book.next, rest, (*book.decided, done))
        commit(folder, {path: text_of(folder, conflict.theirs), PATH: content_of(made)})
        return path


def _beside(folder: Path, conflict: Undecided) -> str:
    where = PurePosixPath(conflict.path)
    who = ref_for(conflict.author_name or f"r{conflict.revision}")
    for number in count(1):
        name = f"{where.stem}-{who}{f'-{number}' if number > 1 else ''}{where.suffix}"
        if not (folder / where.with_name(name)).exists():
            return str(where.with_name(name))
    raise AssertionError


def text_of(folder: Path, side: Content) -> bytes:
    """A whole file of a conflict: what is kept, or what was edited since and stands in its place. Raises BadInput."""
    kept = Contents(folder)
    if side.hash not in kept:
        for item in book_of(folder).open:
            file = inside(folder, item.conflict.path)
            if digest_of(file) == side.hash:
                return file.read_bytes()
    return kept.read(side.hash)


def join(conflict: Undecided) -> Any:
    """A rule with the changes of both, where they touch different parts of it; None where only one can stand."""
    if len(conflict.keys) != 2 or conflict.keys[0] not in _RULES:
        return None
    sides = [_parts(side) for side in (conflict.base, conflict.mine, conflict.theirs)]
    if conflict.mine is None or conflict.theirs is None or any(side is None for side in sides):
        return None
    base, mine, theirs = (side or {} for side in sides)
    made: dict[str, Any] = {}
    for key in dict.fromkeys((*mine, *theirs)):
        before, here, there = base.get(key), mine.get(key), theirs.get(key)
        if before != here != there != before:
            return None
        value = there if here == before else here
        if value is not None:
            made[key] = value
    return made["script"] if made.keys() == {"script"} else made


def _parts(rule: Any) -> Mapping[str, Any] | None:
    if rule is None:
        return {}
    if isinstance(rule, str):
        return {"script": rule}
    return rule if isinstance(rule, dict) else None


def now_at(folder: Path, conflict: Undecided) -> Any:
    """What stands in a conflict's place: plain data, a Content, or None."""
    text = _text(folder, conflict.path)
    if not conflict.keys:
        return None if text is None else Content(digest(text), len(text))
    try:
        return value_at(conflict.object or "", text, conflict.keys)
    except BadInput:
        return None


def _text(folder: Path, path: str) -> bytes | None:
    file = inside(folder, path)
    try:
        return file.read_bytes() if file.is_file() else None
    except OSError as error:
        raise unreadable(path, error) from error


def _decide(folder: Path, number: int, value: Any) -> tuple[Undecided, ...]:
    book = book_of(folder)
    conflict = _find(book, number)
    before = _text(folder, conflict.path)
    contents = Contents(folder)
    after = _text_after(contents, conflict, before, value)
    replaced = now_at(folder, conflict)
    if not conflict.keys:
        contents.add({digest(text): text for text in (before, after) if text is not None})
        value = None if after is None else Content(digest(after), len(after))
    elif before is not None and any(_whole(item.conflict, conflict.path) for item in book.open):
        # The file as it stands is also one side of another decision, and may be chosen after this one.
        contents.add({digest(before): before})
    done = Decided(conflict, value, replaced, clock.time())
    rest = tuple(item for item in book.open if item.conflict.number != number)
    earlier = tuple(one for one in book.decided if one.conflict.number != number)
    made = Book(book.next, rest, (*earlier, done))
    changes: dict[str, bytes | Path | None] = {PATH: content_of(made)}
    if after != before:
        changes[conflict.path] = after
    then = None if before is None else digest(before)
    commit(folder, changes, guard=partial(need_unchanged, folder, {conflict.path: then}))
    return tuple(item.conflict for item in still_open(folder, made))


def _whole(conflict: Undecided, path: str) -> bool:
    """A conflict of all of a file, whose own side is the file itself."""
    return conflict.path == path and not conflict.keys


def need_unchanged(folder: Path, digests: Mapping[str, str | None]) -> None:
    """The guard of a commit: raise Outdated unless the files still are what they were when they were read."""
    for path, then in digests.items():
        now = digest_of(inside(folder, path))
        if now != then and not (then is None and not spelled_so(folder, path)):
            raise Outdated(
                _("This file was changed while it was being worked on."),
                file=path,
                next_step=_("Try again."),
            )


def _find(book: Book, number: int) -> Undecided:
    known = [item.conflict for item in book.open] + [one.conflict for one in book.decided]
    for conflict in known:
        if conflict.number == number:
            return conflict
    raise BadInput(
        _("There is no conflict {number}.").format(number=number),
        next_step=_("List them with: weft conflicts list PROJECT"),
    )


def _text_after(contents: Contents, conflict: Undecided, before: bytes | None, value: Any) -> bytes | None:
    if conflict.keys:
        if before is None:
            if value is None:
                return None
            raise BadInput(
                _("The file of this conflict is not there any more."),
                file=conflict.path,
                next_step=_("Decide for nothing at this place, or put the file back first."),
            )
        return text_with(conflict.object or "", before, conflict.keys, value)
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, Content):
        stands = before is not None and digest(before) == value.hash
        return before if stands else contents.read(value.hash)
    id = id_of(conflict.path)
    if id is None or not isinstance(value, dict):
        raise BadInput(
            _("This file cannot hold such a value."),
            file=conflict.path,
            next_step=_("Give the whole file's content."),
        )
    return text_with(id, b"{}" if before is None else before, (), value)


def _said(conflict: Undecided) -> dict[str, Any]:
    """A conflict as JSON data."""
    said = {name: getattr(conflict, name) for name in _PLAIN}
    return said | {name: _kept(getattr(conflict, name)) for name in ("base", "mine", "theirs")}


_PLAIN = ("number", "path", "object", "keys", "revision", "author_name", "time", "message")


def _conflict(said: Mapping[str, Any]) -> Undecided:
    plain = {name: said[name] for name in _PLAIN}
    plain["keys"] = tuple(plain["keys"])
    return Undecided(**plain, **{name: _side(said, name) for name in ("base", "mine", "theirs")})


def _kept(side: Any) -> Any:
    return {"hash": side.hash, "size": side.size} if isinstance(side, Content) else side


def _side(said: Mapping[str, Any], name: str) -> Any:
    value = said[name]
    return Content(value["hash"], value["size"]) if value is not None and not said["keys"] else value
