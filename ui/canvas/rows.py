"""The rows of one schema tree as they are visible: lazy, expandable, filtered; where a hidden address shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from studio.mapping import address
from studio.mapping.tree import Tree
from studio.schema.drawn import FACT
from studio.schema.instead import variants
from studio.schema.model import Kind, Place
from ui.canvas.limit import Limit
from ui.canvas.search import Search
from ui.canvas.shape import NO_SHAPE, Row, RowKind, Shape

# A filter that finds more than this shows the first ones; another letter narrows it.
MOST_FOUND = 600
# A view is as long as the map has rules, within reason.
_MOST_SHOWN = 20_000


class _Near(dict[str, tuple[int, bool]]):
    """Where addresses show, found when first asked for: a map's links ask for thousands at once."""

    def __init__(self, find: Callable[[str], tuple[int, bool]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, path: str) -> tuple[int, bool]:
        found = self[path] = self._find(path)
        return found


class Rows:
    """The visible rows of a tree. Every change rebuilds the list from what is already known: no node is made twice."""

    def __init__(self, tree: Tree, shape: Shape = NO_SHAPE, *, whole: bool = False) -> None:
        """With `whole`, texts beside attributes and what may stand instead of a node have rows of their own."""
        self.tree = tree
        self.shape = shape
        self._whole = whole
        self.expanded: set[str] = set()
        self.search: Search | None = None
        self.limit: Limit | None = None
        self._within: Limit | None = None
        self._opened: set[str] = set()
        self._closed: set[str] = set()
        self._kids: dict[str, tuple[Row, ...]] = {}
        self._chosen: dict[str, tuple[Row, frozenset[str] | None]] = {}
        self._drawn: dict[str, tuple[Place, ...]] = {}
        # What holds instances or drawn nodes is unfolded until somebody folds it.
        self._folded: set[str] = set()
        self._rows: list[Row] = []
        self._at: dict[str, int] = {}
        self._covered: dict[str, int] = {}
        self._near = _Near(self._nearest)
        self._keys: dict[str, int] = {}
        self.root = _row(tree.root, "", 0, whole=whole) if tree.root is not None else None
        # The further documents of this side stand below the main one, each with a head row.
        self.documents = tuple(_document(name, each) for name, each in tree.further.items())
        self.expanded |= {row.key for row in self.documents}
        self.rebuild()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return self._rows[index]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def at(self, path: str) -> int:
        """The row showing exactly this address, -1 where none does."""
        return self._at.get(path, -1)

    def index(self, key: str) -> int:
        """The row with this key, -1 where it is not visible."""
        return self._keys.get(key, -1)

    def nearest(self, path: str) -> tuple[int, bool]:
        """The row of an address or of its nearest visible ancestor (-1: none); whether it is the node itself."""
        return self._near[path]

    @property
    def near(self) -> Callable[[str], tuple[int, bool]]:
        """`nearest` of the rows as they are now, for thousands of addresses."""
        return self._near.__getitem__

    def _nearest(self, path: str) -> tuple[int, bool]:
        row = self._at.get(path)
        if row is not None:
            return row, True
        for each in (path, *address.ancestors(path)):
            row = self._at.get(each, self._covered.get(each))
            if row is not None:
                return row, False
        return -1, False

    def is_expanded(self, row: Row) -> bool:
        """Its children are shown."""
        if not self.narrowed:
            return row.key not in self._folded if row.holds else row.key in self.expanded
        if row.key in self._opened:
            return True
        return row.key not in self._closed and self._leads_on(row)

    def set_expanded(self, rows: Iterable[Row], expanded: bool) -> None:
        """Show or hide the children of rows."""
        for row in rows:
            if not self.narrowed and row.holds:
                (self._folded.discard if expanded else self._folded.add)(row.key)
            elif not self.narrowed:
                (self.expanded.add if expanded else self.expanded.discard)(row.key)
            else:
                (self._opened.add if expanded else self._opened.discard)(row.key)
                (self._closed.discard if expanded else self._closed.add)(row.key)
        self.rebuild()

    def reveal(self, path: str) -> int:
        """Expand whatever hides an address; the row that now shows it or its nearest ancestor in the tree."""
        while True:
            row, exact = self.nearest(path)
            if exact or row < 0:
                return row
            here = self._rows[row]
            if not here.expandable or self.is_expanded(here):
                return row
            self.set_expanded([here], True)

    def reveal_pick(self, path: str) -> int:
        """`reveal` of an address that goes through types or members picked instead (`order~Special/code`)."""
        lead = "/" if path.startswith("/") else ""
        steps = address.split(path)
        for end, step in enumerate(steps, 1):
            base, pick, _name = step.partition("~")
            if pick:
                row = self.reveal(address.join(lead, (*steps[: end - 1], base)))
                if row >= 0:
                    self.set_expanded([self._rows[row]], True)
                    row = self.index(f"{self._rows[row].key}~")
                if row >= 0:
                    self.set_expanded([self._rows[row]], True)
        return self.reveal(path)

    def children(self, row: Row) -> tuple[Row, ...]:
        """The rows below a row, visible or not; made on the first call and kept."""
        kids = self._kids.get(row.key)
        if kids is None:
            kids = tuple(self._made(row))
            self._kids[row.key] = kids
        return kids

    def parent(self, index: int) -> int:
        """The row above in the tree, -1 for the root."""
        depth = self._rows[index].depth
        for above in range(index - 1, -1, -1):
            if self._rows[above].depth < depth:
                return above
        return -1

    def extent(self, index: int) -> int:
        """The row after the last one below `index`."""
        rows = self._rows
        depth = rows[index].depth
        for end in range(index + 1, len(rows)):
            if rows[end].depth <= depth:
                return end
        return len(rows)

    def reshape(self, shape: Shape) -> bool:
        """Take over what the map adds; tells whether any row changed."""
        same = shape == self.shape
        self.shape = shape
        if same:
            # Rules come and go with every edit: only a choice that shows others now is made again.
            stale = [key for key, (row, before) in self._chosen.items() if shape.chosen(row) != before]
            for key in stale:
                del self._kids[key], self._chosen[key]
            if not stale:
                return False
        else:
            self._kids.clear()
            self._chosen.clear()
        self.rebuild()
        return True

    def start_filter(self, text: str) -> Search | None:
        """A search to be pumped, then given to `finish_filter`; None for an empty text, which ends the filter."""
        roots = [tree.root for tree in (self.tree, *self.tree.further.values()) if tree.root is not None]
        if not text.strip() or not roots:
            self.finish_filter(None)
            return None
        return Search(text, *roots)

    def finish_filter(self, search: Search | None) -> None:
        """Show what a finished search found, with all parents; None shows everything again."""
        self.search = search
        self._narrow()
        self.rebuild()

    def set_limit(self, limit: Limit | None) -> bool:
        """Show only what a view or a page lets through; tells whether any row may have changed."""
        if limit == self.limit:
            return False
        fresh = limit is None or self.limit is None or limit.unfold != self.limit.unfold
        self.limit = limit
        self._narrow(fresh=fresh)
        self.rebuild()
        return True

    @property
    def narrowed(self) -> bool:
        """A filter or a view unfolds the rows, not the person."""
        return self.search is not None or (self.limit is not None and self.limit.unfold)

    @property
    def folds(self) -> tuple[frozenset[str], frozenset[str]]:
        """What a person unfolded and folded by hand while a view or a filter unfolds the rows."""
        return frozenset(self._opened), frozenset(self._closed)

    def refold(self, opened: set[str], closed: set[str]) -> None:
        """Take back what `folds` gave."""
        self._opened, self._closed = opened, closed
        self.rebuild()

    def _narrow(self, *, fresh: bool = True) -> None:
        """What a view and a filter let through together."""
        if fresh:
            self._opened.clear()
            self._closed.clear()
        search = self.search
        self._within = self.limit
        if self.limit is not None and search is not None:
            self._within = self.limit.narrowed(
                lambda path: (place := self.tree.find(path)) is not None and search.hit(place)
            )

    def expand_first(self, most: int, wanted: Iterable[str] = ()) -> None:
        """What a tree shows when opened for the first time, as long as there is room for `most` rows.

        The ways to the `wanted` addresses and what is directly inside them, then level by level.
        """
        if not self.tops:
            return
        for path in wanted:
            at = self.reveal(path)
            if at >= 0 and self._rows[at].path == path and len(self) < most:
                self.set_expanded([self._rows[at]], True)
        level, count = list(self.tops), len(self)
        while level:
            deeper: list[Row] = []
            for row in level:
                if row.kind is RowKind.INSTEAD or (row.place is not None and row.place.recursive):
                    continue  # it would never end
                if row.depth and count >= most and row.key not in self.expanded:
                    continue  # not even looked into
                kids = self.children(row)
                if row.key not in self.expanded:
                    if row.depth and count + len(kids) > most:
                        continue
                    count += len(kids)
                    self.expanded.add(row.key)
                deeper += [kid for kid in kids if kid.expandable]
            level = deeper
        self.rebuild()

    @property
    def cut_short(self) -> bool:
        """The filter found more than is shown."""
        return self.search is not None and len(self._rows) >= MOST_FOUND

    @property
    def tops(self) -> tuple[Row, ...]:
        """The main document's root and the heads of the further documents."""
        return (*((self.root,) if self.root is not None else ()), *self.documents)

    def rebuild(self) -> None:
        """Make the list of visible rows again."""
        self._rows = []
        for top in self.tops:
            if not self.narrowed:
                self._unfold(top)
            elif top is self.root or self._shown(top) or self._leads_on(top):
                self._rows.append(top)
                if top.key not in self._closed:
                    self._filter(top)
        keys: dict[str, int] = {}
        at: dict[str, int] = {}
        self._keys, self._at, self._covered = keys, at, {}
        self._near = _Near(self._nearest)
        choice, wrapper = RowKind.CHOICE, RowKind.WRAPPER
        for index, row in enumerate(self._rows):
            keys[row.key] = index
            if row.kind is RowKind.INSTEAD:
                continue
            if row.kind is RowKind.DOCUMENT:
                self._covered[row.path] = index
            elif row.kind is not choice and row.kind is not wrapper:
                at[row.path] = index
            else:
                # What a choice does not show ends on the choice, not on the node around it.
                for path in row.inside:
                    self._covered[path] = index
                if row.kind is wrapper:
                    self._covered[row.path] = index

    def _unfold(self, top: Row) -> None:
        waiting = [top]
        while waiting:
            row = waiting.pop()
            self._rows.append(row)
            if row.expandable and self.is_expanded(row):
                kids = self.children(row)
                if self._within is not None:
                    kids = tuple(kid for kid in kids if self._within.shows(kid))
                waiting.extend(reversed(kids))

    def _filter(self, row: Row) -> None:
        everything = row.key in self._opened
        most = MOST_FOUND if self.search is not None else _MOST_SHOWN
        for kid in self.children(row):
            if len(self._rows) >= most:
                return
            if kid.kind is RowKind.INSTEAD and not everything:
                continue
            leads = self._leads_on(kid)
            if leads or everything or self._shown(kid):
                self._rows.append(kid)
                if kid.key in self._opened or (leads and kid.key not in self._closed):
                    self._filter(kid)

    def _shown(self, row: Row) -> bool:
        """A filter finds the row itself, a view lets it through."""
        if self._within is not None and not self._within.shows(row):
            return False
        if self.search is None:
            return True
        if row.kind is RowKind.DOCUMENT:
            return self.search.text in row.path.partition("::")[0].casefold()
        return self.search.text in row.path.casefold() if row.place is None else self.search.hit(row.place)

    def _leads_on(self, row: Row) -> bool:
        """A match stands below; a type inside itself is not followed again."""
        if not row.expandable or row.kind is RowKind.INSTEAD or row.place is None:
            return False
        within = self._within
        if within is not None and (within.paths is not None or not within.shows(row)):
            # What a view lists was held against the filter already.
            return within.leads(row)
        if self.search is None or row.place.recursive:
            return False
        if row.kind in (RowKind.DOCUMENT, RowKind.WRAPPER) and self.search.hit(row.place):
            return True
        return self.search.below(row.place.node)

    def _made(self, row: Row) -> Iterator[Row]:
        if row.place is None:
            return
        if row.kind is RowKind.INSTEAD:
            yield from self._instead(row)
            return
        if row.kind is RowKind.DOCUMENT:
            yield _row(row.place, row.place.path, row.depth + 1, whole=self._whole)
            return
        if row.kind is RowKind.WRAPPER:
            yield from self._wrapped(row)
            return
        if row.place.node.kind is Kind.ANY:
            for place in self._drawn.get(row.key, ()):
                yield from self._one(place, row.depth + 1)
            return
        if row.kind is RowKind.NODE:
            yield from self._text(row)
        yield from self._inside(row, row.place)
        if row.kind is RowKind.NODE:
            yield from self._after(row)

    def _inside(self, row: Row, above: Place) -> Iterator[Row]:
        """The children; what was drawn where the schema admits anything stands below the wildcard's row."""
        chosen = None
        if row.kind is RowKind.CHOICE:
            chosen = self.shape.chosen(row)
            self._chosen[row.key] = row, chosen
        drawn: list[Place] = []
        for number, place in enumerate(above.children()):
            if place.node.kind is Kind.CHOICE:
                yield _row(place, f"{row.key}#{number}", row.depth + 1)
            elif place.node.kind is Kind.ANY:
                yield self._any(place, drawn, row.depth + 1)
                drawn = []
            elif FACT in place.node.facts or "wildcard" in place.node.facts:
                drawn.append(place)
            elif chosen is None or address.plain(place.path) in chosen:
                yield from self._one(place, row.depth + 1)
        for place in drawn:
            yield from self._one(place, row.depth + 1)

    def _any(self, place: Place, drawn: Iterable[Place], depth: int) -> Row:
        """A wildcard's row, with what was drawn there and what else it lets in."""
        row = _row(place, place.path, depth, whole=self._whole)
        around = address.parent(place.path) or ""
        known = {each.path for each in drawn}
        more = (self.tree.find(path) for path in self.shape.admitted.get(around, ()) if path not in known)
        let_in = [each for each in more if each is not None and each.node.attribute == place.node.attribute]
        held = (*drawn, *let_in)
        if not held:
            return row
        self._drawn[row.key] = held
        inside = tuple(path for each in held for path in self.shape.variants.get(each.path, (each.path,)))
        return replace(row, expandable=True, inside=inside)

    def _one(self, place: Place, depth: int) -> Iterator[Row]:
        """The row of a node; where several of it stand in the map, of what holds them."""
        variants = self.shape.variants.get(place.path)
        if variants is None:
            yield _row(place, place.path, depth, whole=self._whole)
            return
        key = f"{place.path}[*]"
        yield Row(key, place.path, depth, RowKind.WRAPPER, place, True, inside=variants)

    def _wrapped(self, row: Row) -> Iterator[Row]:
        for path in row.inside:
            shown = row.place if path == row.path else self.tree.find(path)
            if shown is not None:
                yield _row(shown, path, row.depth + 1, whole=self._whole)

    def _text(self, row: Row) -> Iterator[Row]:
        if row.place is not None and self._own_text(row.place):
            text = self.tree.find(f"{row.path}/text()")
            if text is not None:
                yield _row(text, text.path, row.depth + 1)

    def _after(self, row: Row) -> Iterator[Row]:
        """What may stand instead of the node, and rules that lost theirs."""
        if self._whole and row.place is not None and replaceable(row.place):
            yield Row(f"{row.path}~", row.path, row.depth + 1, RowKind.INSTEAD, row.place, True)
        for rule in self.shape.parked.get(row.path, ()):
            yield Row(f"?{rule.path}", rule.path, row.depth + 1, RowKind.PARKED, None, False, rule)

    def _own_text(self, place: Place) -> bool:
        """An element's own text is worth a row: beside elements, or beside attributes in a whole tree."""
        node = place.node
        if node.kind is not Kind.ELEMENT or node.type.leaf or node.type.name == "anyType":
            return False
        if self._whole:
            return node.value is not None or node.type.mixed
        return node.type.mixed and any(not child.node.attribute for child in place.flat_children())

    def _instead(self, row: Row) -> Iterator[Row]:
        assert row.place is not None
        made: set[str] = set()
        for node in variants(row.place.node):
            name = node.name if node.name != row.place.node.name else node.type.name
            place = row.place.picked(name)
            if place is not None and place.path not in made:
                made.add(place.path)
                yield _row(place, place.path, row.depth + 1)


def replaceable(place: Place) -> bool:
    """Something else may stand here: a member of its substitution group, or another type; a pick offers no more."""
    return "~" not in place.path.rsplit("/", 1)[-1] and next(variants(place.node), None) is not None


def _row(place: Place, key: str, depth: int, *, whole: bool = False) -> Row:
    if place.node.kind is Kind.CHOICE:
        inside = tuple(each.path for each in place.flat_children())
        return Row(key, place.path, depth, RowKind.CHOICE, place, True, inside=inside)
    expandable = not place.node.type.leaf or (whole and replaceable(place))
    return Row(place.path, place.path, depth, RowKind.NODE, place, expandable)


def _document(name: str, tree: Tree) -> Row:
    """The head row of a further document; like a choice it has the address of what stands in it."""
    root = tree.root
    path = root.path if root is not None else f"{name}::"
    return Row(f"{name}::#", path, 0, RowKind.DOCUMENT, root, root is not None)
