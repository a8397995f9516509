"""Finding anything in a schema nobody has expanded, by name, type or documentation, in milliseconds.

For a window: `prepare(schema)` once after a schema was read (a generator; pump it while the window is idle; one opened
from its cache needs nothing), then for each keystroke `hits(schema, text, root=…, limit=…) -> list[Hit]`. A `Hit` is
plain data to show (`path`, `name`, `type`, `where` it matched); `hit.place(schema)` is its place when it is chosen.
`find_roots(schema, text) -> list[Node]` filters the list of roots (thousands of messages) the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import msgspec

from studio.schema.index import TOP, Index, folded
from studio.schema.model import Kind, Node, Place, Schema
from studio.schema.ways import Ways

# Walks kept per schema: a root and the words before the last one change less often than that one.
_MOST_WALKS = 8
# Where a word can be found, best first.
NAME, TYPE, SAID = "name", "type", "documentation"


@dataclass(frozen=True)
class Query:
    """What to look for: the last word in the node's own name, the words before it in the names above, in order."""

    words: tuple[str, ...]
    attribute: bool = False

    @staticmethod
    def of(text: str) -> Query:
        """`city`, `@id`, `customer/city` or `customer city`."""
        parts = text.replace("/", " ").split()
        attribute = bool(parts) and parts[-1].startswith("@")
        return Query(tuple(part.lstrip("@").casefold() for part in parts if part.lstrip("@")), attribute)

    def matches(self, node: Node) -> bool:
        """The node itself fits the last word (by name or by its label)."""
        if not self.words or node.kind is Kind.CHOICE or (self.attribute and not node.attribute):
            return False
        word = self.words[-1]
        return word in node.name.casefold() or word in node.facts.get("label", "").casefold()

    def fits_above(self, place: Place) -> bool:
        """The words before the last one are found in the names above, in order."""
        names = [above.node.name.casefold() for above in place.ancestors()]
        at = 0
        for word in reversed(self.words[:-1]):
            while at < len(names) and word not in names[at]:
                at += 1
            if at == len(names):
                return False
            at += 1
        return True


@dataclass(frozen=True)
class Hit:
    """A place that was found: its path, name and type as text, and `where` the words stand (NAME, TYPE or SAID)."""

    path: str
    name: str
    type: str
    where: str

    def place(self, schema: Schema) -> Place | None:
        """Its place, to show it in the tree."""
        return schema.find(self.path)


_kept: WeakKeyDictionary[Schema, Index] = WeakKeyDictionary()
_walked: WeakKeyDictionary[Index, dict[tuple[range, tuple[str, ...]], Ways]] = WeakKeyDictionary()


def prepare(schema: Schema) -> Iterator[None]:
    """Make the index of a schema in slices of a few milliseconds; nothing is left to do for one from its cache."""
    if schema in _kept:
        return
    stored = _stored(schema)
    if stored is not None:
        _kept[schema] = stored
        return
    for made in Index.in_steps(schema):
        if made is not None:
            _kept[schema] = made
        yield


def hits(schema: Schema, text: str, *, root: str | None = None, limit: int = 200) -> list[Hit]:
    """Up to `limit` places: a name that is the word, then begins with it, then holds it, then types, documentation.

    Among equals the nearest to the root come first. Looks below the root called `root`, or below all, and behind
    choices of type and of members of a substitution group too. What is shared is found at several of its places.
    """
    query = Query.of(text)
    if not query.words:
        return []
    index = _index(schema)
    found: dict[str, Hit] = {}
    for where, entries, ways in _matches(index, query, text, _starts(index, schema, root)):
        left = limit - len(found)
        if left <= 0:
            break
        for path, entry in _paths(ways, entries, left):
            found.setdefault(path, _hit(index, entry, path, where))
    return list(found.values())[:limit]


def find(schema: Schema, text: str, *, root: str | None = None, limit: int = 200) -> list[Place]:
    """The places of `hits`."""
    places = (hit.place(schema) for hit in hits(schema, text, root=root, limit=limit))
    return [place for place in places if place is not None]


def find_roots(schema: Schema, text: str) -> list[Node]:
    """The roots whose name, type or documentation holds every word of `text`, best first; all in order for no text."""
    words = folded(text).split()
    ranked = []
    for at, node in enumerate(schema.roots):
        rank = _root_rank(node, words)
        if rank is not None:
            ranked.append((rank, at, node))
    return [node for _rank, _at, node in sorted(ranked, key=lambda one: one[:2])]


def _root_rank(node: Node, words: list[str]) -> int | None:
    if not words:
        return 0
    name = node.name.casefold()
    if all(word in name for word in words):
        return 0 if name.startswith(words[0]) else 1
    for rank, text in enumerate((f"{node.name} {node.type.name}", node.documentation), 2):
        if all(word in f"{text.casefold()} {name}" for word in words):
            return rank
    return None


def _index(schema: Schema) -> Index:
    for _pause in prepare(schema):
        pass
    return _kept[schema]


def _stored(schema: Schema) -> Index | None:
    try:
        return Index.from_bytes(schema.index()) if schema.index is not None else None
    except (ValueError, TypeError, msgspec.DecodeError):
        return None


def _starts(index: Index, schema: Schema, root: str | None) -> range:
    """The entries of the roots to look below."""
    if root is None:
        return range(index.roots)
    place = schema.root(root)
    step = place.path if place is not None else None
    for entry, owner in enumerate(index.owner):
        if owner == TOP and index.steps[entry] == step:
            return range(entry, entry + 1)
    return range(0)


def _matches(index: Index, query: Query, text: str, starts: range) -> Iterator[tuple[str, list[int], Ways]]:
    """Where the words stand, the entries found there, and the ways to them, best kind of match first."""
    phrase = " ".join(folded(text).split())
    spoken = "/" not in text and "@" not in text and len(query.words) > 1
    below = _ways(index, starts, query.words[:-1])
    anywhere = _ways(index, starts, ()) if spoken else below
    word = query.words[-1]
    for one, ways in ((phrase, anywhere), (word, below)) if spoken else ((word, below),):
        named = _with(index.name_of, index.named(one), query, ways)
        for group in _ranked(index, named, one):
            yield NAME, group, ways
    if not query.attribute:
        yield TYPE, _with(index.type_of, index.typed(word), query, below), below
        yield SAID, _with(index.said_of, index.about(phrase if spoken else word), query, anywhere), anywhere


def _ranked(index: Index, entries: list[int], word: str) -> tuple[list[int], list[int], list[int]]:
    """Those whose name is the word, those whose name begins with it, the others."""
    groups: tuple[list[int], list[int], list[int]] = ([], [], [])
    texts = index.name_lines
    for entry in entries:
        text = texts[index.name_of[entry]]
        if not text.startswith(word):
            groups[2].append(entry)
        else:
            groups[0 if text.partition("\t")[0] == word else 1].append(entry)
    return groups


def _with(table: Iterable[int], lines: set[int], query: Query, ways: Ways) -> list[int]:
    """The entries with one of the lines that have a place, nearest first."""
    found = [entry for entry, line in enumerate(table) if line in lines] if lines else []
    if query.attribute:
        found = [entry for entry in found if ways.index.steps[entry].startswith("@")]
    return ways.nearest_first(found)


def _paths(ways: Ways, entries: list[int], limit: int) -> list[tuple[str, int]]:
    """Paths with their entries: of each entry the nearest, and as far as there is room some more of its places."""
    found: dict[str, tuple[int, int]] = {}
    more: dict[str, tuple[int, int]] = {}
    for entry in entries[:limit]:
        for at, (depth, path) in enumerate(ways.places(entry)):
            (more if at else found).setdefault(path, (depth, entry))
            if len(found) + len(more) > 2 * limit:
                break
    room = max(0, limit - len(found))
    for path in sorted(more, key=lambda one: more[one][0])[:room]:
        found.setdefault(path, more[path])
    return [(path, entry) for path, (_depth, entry) in sorted(found.items(), key=lambda one: one[1][0])]


def _hit(index: Index, entry: int, path: str, where: str) -> Hit:
    step = index.steps[entry]
    return Hit(path, step.lstrip("~@"), index.type_lines[index.type_of[entry]], where)


def _ways(index: Index, starts: range, leading: tuple[str, ...]) -> Ways:
    kept = _walked.setdefault(index, {})
    key = starts, leading
    if key not in kept:
        while len(kept) >= _MOST_WALKS:
            del kept[next(iter(kept))]
        kept[key] = Ways.of(index, starts, leading)
    return kept[key]
