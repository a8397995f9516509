"""Three-way merge of a project's files: base, mine, theirs; per object and per rule where a file holds an object.

A file only one side changed is that side's. An object both changed is merged by its keys and rules (studio.project.merge);
what both changed differently is a clash: mine stays in its place, theirs where mine is gone, and both are kept. Any
other file both changed is one clash as a whole. An object one side renamed takes the other side's changes along.
Line ends and the form in which an object is written are no change of an object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Any

from studio.base.errors import BadInput
from studio.base.records import dataclass
from studio.base.yaml_read import comment_line, decode
from studio.project.layout import id_of
from studio.project.merge import merge_object
from studio.project.texts import parsed, value_text
from studio.protocol.manifests import Content, Manifest
from studio.repository.covered import is_covered

# An object of this many lines, of which so many are the same, is the other one renamed.
_LINES = 8
_SIMILAR = 0.7

Read = Callable[[Content], bytes]
ReadHere = Callable[[str], bytes]


@dataclass(frozen=True)
class Clash:
    """What both changed differently: `keys` inside the object's file, empty for the whole file.

    Sides are plain data (None: nothing there), for a whole file its Content; `placed` is what stands there now.
    """

    path: str
    object: str | None
    keys: tuple[str, ...]
    base: Any
    mine: Any
    theirs: Any
    placed: Any


@dataclass
class Merged:
    """What to write into the folder (None: delete), what nobody could decide, and where it comes from.

    `taken` are paths that are as theirs now, `joined` those with changes of both, `moved` those whose changes followed
    a renamed object: old path to new. `uncommented` are files of ours whose comments the merge does not keep.
    """

    changes: dict[str, Content | bytes | None] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    uncommented: list[str] = field(default_factory=list)


def differing(base: Manifest, mine: Manifest, theirs: Manifest) -> Iterator[str]:
    """The paths at which theirs brings something that mine does not have."""
    for path in sorted(base.keys() | theirs.keys()):
        there = theirs.get(path)
        if there not in (base.get(path), mine.get(path)) and is_covered(path):
            yield path


def wanted(base: Manifest, mine: Manifest, theirs: Manifest) -> Iterator[Content]:
    """The contents of base and theirs that a merge will read."""
    for path in differing(base, mine, theirs):
        there, before = theirs.get(path), base.get(path)
        if there is not None:
            yield there
        if before is not None and mine.get(path) != before and id_of(path) is not None:
            yield before


def merge_files(base: Manifest, mine: Manifest, theirs: Manifest, read: Read, here: ReadHere) -> Merged:
    """What a pull does. `read` gives contents of base and theirs (see `wanted`), `here` the folder's own by path."""
    merging = _Merging(base, mine, theirs, read, here)
    both: list[str] = []
    for path in differing(base, mine, theirs):
        if mine.get(path) == base.get(path):
            merging.take(path)
        else:
            both.append(path)
    merging.pair(both)
    for path in both:
        merging.join(path)
    return merging.merged


@dataclass
class _Merging:
    base: Manifest
    mine: Manifest
    theirs: Manifest
    read: Read
    here: ReadHere
    merged: Merged = field(default_factory=Merged)
    renamed: dict[str, str] = field(default_factory=dict)

    def pair(self, both: list[str]) -> None:
        """Find out what the objects among them that one side has no more are called there: `renamed`."""
        gone = [path for path in both if id_of(path) is not None]
        here = [path for path in gone if path not in self.mine]
        there = [path for path in gone if path not in self.theirs]
        self.renamed |= self._renames(here, self.mine, self.theirs, self.here)
        self.renamed |= self._renames(
            there, self.theirs, self.mine, lambda name: self.read(self.theirs[name])
        )

    def take(self, path: str) -> None:
        self.merged.changes[path] = self.theirs.get(path)
        self.merged.taken.append(path)

    def join(self, path: str) -> None:
        id = id_of(path)
        if id is None:
            self._whole(path)
        elif path not in self.mine:
            self._gone_here(path, id)
        elif path not in self.theirs:
            self._gone_there(path, id)
        else:
            self._merge(path, id, path, path)

    def _gone_here(self, path: str, id: str) -> None:
        new = self.renamed.get(path)
        if new is None:
            self._whole(path)
        else:
            self.merged.moved[path] = new
            self._merge(path, id, new, path)

    def _gone_there(self, path: str, id: str) -> None:
        new = self.renamed.get(path)
        if new is None:
            self._whole(path)
        else:
            self.merged.moved[path] = new
            self.merged.taken.remove(new)
            self._merge(path, id, path, new)
            self.merged.changes[path] = None

    def _merge(self, base: str, id: str, mine: str, theirs: str) -> None:
        """Objects of these paths on the three sides; what comes out has the name the renaming side gave it."""
        path = theirs if theirs != base else mine
        texts = (
            None if base not in self.base else self.read(self.base[base]),
            self.here(mine),
            self.read(self.theirs[theirs]),
        )
        found = merged_text(id_of(path) or id, *texts)
        if found is None:
            self._whole(path, self.base.get(base), self.mine[mine], self.theirs[theirs])
            return
        text, clashes = found
        self.merged.clashes += [Clash(path, id_of(path), *clash) for clash in clashes]
        if path not in self.mine or text != texts[1]:
            self.merged.changes[path] = text
        if text != texts[1] and _commented(id, texts[1]):
            self.merged.uncommented.append(mine)
        (self.merged.taken if text == texts[2] and not clashes else self.merged.joined).append(path)

    def _whole(self, path: str, *sides: Content | None) -> None:
        base, mine, theirs = sides or (self.base.get(path), self.mine.get(path), self.theirs.get(path))
        placed = theirs if mine is None else mine
        self.merged.clashes.append(Clash(path, id_of(path), (), base, mine, theirs, placed))
        if placed != self.mine.get(path):
            self.merged.changes[path] = placed

    def _renames(
        self, gone: list[str], side: Manifest, other: Manifest, text: Callable[[str], bytes]
    ) -> dict[str, str]:
        """What objects of the base are called on the side that has them no more; none where that is not sure.

        No name is that of two: an object made of two others would otherwise hold the changes of only one of them.
        """
        fresh = [path for path in side if path not in self.base and is_covered(path)] if gone else []
        known = set(self.base.values())
        called: dict[str, str] = {}
        for path in gone:
            kind, _slash, name = path.partition("/")
            ending = name.rpartition(".")[2]
            new = [each for each in fresh if each.startswith(f"{kind}/") and each.endswith(f".{ending}")]
            found = [each for each in new if side[each] == self.base[path]]
            if not found:
                lines = _lines(self.read(self.base[path]))
                # One that both sides made is no new name; one that is another object of the base is that one's, or a copy.
                new = [each for each in new if each not in other and side[each] not in known]
                found = [each for each in new if _similar(lines, _lines(text(each)))]
            if len(found) == 1 and found[0] not in other:
                called[path] = found[0]
        times = Counter(called.values())
        return {path: new for path, new in called.items() if times[new] == 1}


def merged_text(
    id: str, base: bytes | None, mine: bytes, theirs: bytes
) -> tuple[bytes, list[tuple[tuple[str, ...], Any, Any, Any, Any]]] | None:
    """One object's file merged, and what clashes in it: keys, base, mine, theirs, what stands there now.

    None where only a person can tell: a side cannot be read as such an object, or the whole is in question.
    """
    if id.startswith("scripts/"):
        return _merged_script(base, mine, theirs)
    try:
        sides = [None if text is None else parsed(id, text) for text in (base, mine, theirs)]
    except BadInput:
        return None
    value, conflicts = merge_object(id, *sides)
    if any(not conflict.path for conflict in conflicts):
        return None
    clashes = [
        (one.path, one.base, one.mine, one.theirs, one.theirs if one.mine is None else one.mine)
        for one in conflicts
    ]
    text = value_text(id, value).encode("utf-8")
    # A side that says the same keeps its own form, so that both ends come to the same bytes.
    for side, written in ((sides[1], mine), (sides[2], theirs)):
        if value_text(id, side) == text.decode("utf-8"):
            return written, clashes
    return text, clashes


def _merged_script(base: bytes | None, mine: bytes, theirs: bytes) -> tuple[bytes, list[Any]] | None:
    before, here, there = (None if text is None else _unix(text) for text in (base, mine, theirs))
    if here in (before, there):
        return theirs, []
    return (mine, []) if there == before else None


def _commented(id: str, text: bytes) -> bool:
    return not id.startswith("scripts/") and comment_line(decode(text)) is not None


def _unix(text: bytes) -> bytes:
    return text.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def _lines(text: bytes) -> Counter[bytes]:
    return Counter(line.strip() for line in text.splitlines() if line.strip())


def _similar(one: Counter[bytes], other: Counter[bytes]) -> bool:
    most = max(one.total(), other.total())
    return most >= _LINES and (one & other).total() >= _SIMILAR * most
