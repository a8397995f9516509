"""The links between visible rows, found by row: what is drawn, what a row's end looks like, what the pointer touches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum

from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.mapping.lines import Bundle, Groups, Line, LineKind, bundle_up, bundled
from ui.canvas.rows import Rows
from ui.canvas.scene import Scene

# So many ends of links are named in words.
_SAID = 6
# So many links are bundled between two events.
_AT_ONCE = 1_000
# How much a bundle counts; a loop counts more, a single link less.
_BUNDLED = 3


class Side(Enum):
    """Which of the two trees."""

    SOURCE = "source"
    TARGET = "target"

    @property
    def other(self) -> Side:
        """The tree across."""
        return Side.TARGET if self is Side.SOURCE else Side.SOURCE


class Tone(IntEnum):
    """How strongly a link is drawn: behind the focus, as it is, or lit by focus or hover."""

    FADED = 0
    NORMAL = 1
    LIT = 2


@dataclass(frozen=True, slots=True)
class End:
    """The end of a row's links inside its tree: the strongest of them decides."""

    tone: Tone
    loop: int | None
    kind: LineKind
    strong: bool
    bundled: bool = False


class LinkIndex:
    """The bundles of a scene between two lists of visible rows. Made anew when rows or rules change, not on scroll."""

    def __init__(self, scene: Scene, source: Rows, target: Rows, *, whole: bool = True) -> None:
        """Made at once, unless not `whole`: then by `steps`, and nobody may ask it anything before they are over."""
        self.rows = {Side.SOURCE: source, Side.TARGET: target}
        self._lit: dict[str, frozenset[int]] = {}
        self.steps = self._made(scene)
        for _step in self.steps if whole else ():
            pass

    def _made(self, scene: Scene) -> Iterator[None]:
        source, target = self.rows[Side.SOURCE], self.rows[Side.TARGET]
        groups: Groups = {}
        lines = scene.drawing.lines
        for at in range(0, len(lines), _AT_ONCE):
            bundle_up(lines[at : at + _AT_ONCE], source.near, target.near, groups)
            yield
        self.bundles = bundled(groups)
        leaving: dict[int, list[Bundle]] = {}
        arriving: dict[int, list[Bundle]] = {}
        for each in self.bundles:
            leaving.setdefault(each.source_row, []).append(each)
            arriving.setdefault(each.target_row, []).append(each)
        self.by_row: dict[Side, dict[int, list[Bundle]]] = {Side.SOURCE: leaving, Side.TARGET: arriving}
        self._sorted = {side: sorted(rows) for side, rows in self.by_row.items()}
        yield
        self.pills = {Side.SOURCE: self._inside(Side.SOURCE), Side.TARGET: self._inside(Side.TARGET)}
        self._count_constants(scene, target)
        yield
        self._weight = {id(bundle): _importance(bundle) for bundle in self.bundles}
        self.focus = frozenset()
        self.hover = frozenset()

    @property
    def focus(self) -> frozenset[Line]:
        """The lines that stay while all others fade."""
        return self._focus

    @focus.setter
    def focus(self, lines: frozenset[Line]) -> None:
        self._focus = lines
        self._lit["focus"] = self._with(lines)

    @property
    def hover(self) -> frozenset[Line]:
        """The lines under the pointer."""
        return self._hover

    @hover.setter
    def hover(self, lines: frozenset[Line]) -> None:
        self._hover = lines
        self._lit["hover"] = self._with(lines)

    def _with(self, lines: frozenset[Line]) -> frozenset[int]:
        """The bundles these lines are in, by identity: asked once, not for every bundle that is painted."""
        if not lines:
            return frozenset()
        # A line is the same object wherever a scene gives it.
        wanted = frozenset(map(id, lines))
        return frozenset(id(each) for each in self.bundles if not wanted.isdisjoint(map(id, each.lines)))

    def row(self, side: Side, row: int) -> list[Bundle]:
        """The bundles that end on a row."""
        return self.by_row[side].get(row, [])

    def visible(self, source: range, target: range) -> list[Bundle]:
        """The bundles with an end in these rows, each once; the more important are last."""
        found: dict[int, Bundle] = {}
        for side, rows in ((Side.SOURCE, source), (Side.TARGET, target)):
            ends = self._sorted[side]
            for at in range(bisect_left(ends, rows.start), bisect_left(ends, rows.stop)):
                for bundle in self.by_row[side][ends[at]]:
                    found[id(bundle)] = bundle
        return sorted(found.values(), key=lambda bundle: self._weight[id(bundle)])

    def tone(self, bundle: Bundle) -> Tone:
        """How strongly to draw a bundle in the focus of the moment."""
        if id(bundle) in self._lit["focus"] or id(bundle) in self._lit["hover"]:
            return Tone.LIT
        return Tone.FADED if self._focus else Tone.NORMAL

    def end(self, side: Side, row: int) -> End | None:
        """What the end of a row's links looks like, None where none ends."""
        best: tuple[int, int] | None = None
        found: End | None = None
        for bundle in self.row(side, row):
            tone = self.tone(bundle)
            rank = int(tone), self._weight[id(bundle)]
            if best is None or rank > best:
                best = rank
                strong = self._weight[id(bundle)] >= _BUNDLED or tone is Tone.LIT
                found = End(tone, bundle.loop, bundle.kind, strong, bundle.bundled)
        return found

    def lit_rows(self, side: Side) -> frozenset[int]:
        """The rows at the ends of lit bundles."""
        rows = self.rows[side]
        ends = (line.source if side is Side.SOURCE else line.target for line in self.focus | self.hover)
        return frozenset(rows.nearest(path)[0] for path in ends)

    def marks(self, target_row: int) -> tuple[bool, bool]:
        """Whether the links into a target row carry an ƒ chip (a computed value) and a ◆ chip (a condition)."""
        found = self.row(Side.TARGET, target_row)
        exact = [line for bundle in found if bundle.exact[1] for line in bundle.lines]
        return (
            any(line.kind is LineKind.VALUE and line.computed for line in exact),
            any(line.kind is LineKind.CONDITION for bundle in found for line in bundle.lines),
        )

    def _inside(self, side: Side) -> dict[int, int]:
        """How many links end inside each collapsed row."""
        at = 0 if side is Side.SOURCE else 1
        found: dict[int, int] = {}
        for bundle in self.bundles:
            if not bundle.exact[at]:
                row = bundle.source_row if side is Side.SOURCE else bundle.target_row
                found[row] = found.get(row, 0) + len(bundle.lines)
        return found

    def _count_constants(self, scene: Scene, target: Rows) -> None:
        pills = self.pills[Side.TARGET]
        for rule in scene.mapping.rules:
            if rule.path not in scene.by_target:
                row, exact = target.nearest(rule.path)
                if row >= 0 and not exact:
                    pills[row] = pills.get(row, 0) + 1


def find_ends(scene: Scene, source: Rows, target: Rows) -> Iterator[None]:
    """Find the rows of a large map's links little by little before its LinkIndex is made; pump it between events."""
    for number, line in enumerate(scene.drawing.lines):
        source.near(line.source)
        target.near(line.target)
        if number % 100 == 99:
            yield


def chain(lines: Iterable[Line], scene: Scene) -> frozenset[Line]:
    """The links to light for a row or a link under the pointer: these and all others of the same rules."""
    found: set[Line] = set()
    for line in lines:
        found.update(scene.by_target.get(line.target, (line,)))
    return frozenset(found)


def row_lines(scene: Scene, side: Side, path: str, *, inside: bool) -> tuple[Line, ...]:
    """The links of a row; with `inside` also those of everything below it, as a collapsed row stands for them."""
    index = scene.by_source if side is Side.SOURCE else scene.by_target
    if not inside:
        return index.get(path, ())
    return tuple(line for each, lines in index.items() if address.within(each, path) for line in lines)


def said_links(scene: Scene, side: Side, path: str) -> str:
    """The links of a row in words: what a target is made of, what a source field goes to."""
    lines = (scene.by_source if side is Side.SOURCE else scene.by_target).get(path, ())
    others = dict.fromkeys(line.target if side is Side.SOURCE else line.source for line in lines)
    if not others:
        return ""
    names = ", ".join(address.name(other) for other in list(others)[:_SAID])
    if len(others) > _SAID:
        more = len(others) - _SAID
        names = ngettext("{names} and {n} more", "{names} and {n} more", more).format(names=names, n=more)
    return (_("read by {names}") if side is Side.SOURCE else _("reads {names}")).format(names=names)


def _importance(bundle: Bundle) -> int:
    kind = bundle.kind
    if kind is LineKind.LOOP:
        return _BUNDLED + 1
    if bundle.bundled:
        return _BUNDLED
    return {LineKind.VALUE: 2, LineKind.CONDITION: 1}.get(kind, 0)
