"""What may stand at the cursor of a map written as text: target paths, options of rules, and what their scripts say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from studio.base.i18n import _
from studio.mapping import address
from studio.mapping.check import MissingRule
from studio.project.map_text_place import Expected, Spot, spot_at, written
from studio.schema.model import Kind, Place
from ui.canvas.looks import BASE_ICONS
from ui.editors.mapping.help import NOTHING, Completions, Item, Signature
from ui.editors.mapping.language import Language
from ui.editors.mapping.map_state import MapState
from ui.editors.mapping.script_bar import Part

_MOST = 200
_NODE = "brackets-angle"


def _options() -> tuple[tuple[str, str], ...]:
    return (
        ("loop", _("the source node it is written for each of")),
        ("each", _("a script that gives an array: once per entry")),
        ("when", _("the condition under which it is written")),
        ("script", _("what gives its value")),
        ("group", _("by which scripts the loop's nodes are grouped")),
        ("sort", _("by which scripts the loop's nodes are sorted")),
        ("first", _("how many of the loop's nodes, from the start")),
        ("last", _("how many of the loop's nodes, from the end")),
        ("join", _("rows of further documents that belong to a node")),
        ("note", _("a remark for people")),
    )


class TextLanguage:
    """Helps to write the text of a map."""

    def __init__(self, map: MapState) -> None:
        self._map = map
        self._spot = Spot()
        self._scripts = Language(map, lambda: self._spot.path, lambda: self._part())

    def complete(self, text: str, cursor: int) -> Completions:
        """What may stand at the cursor; only what differs from what stands there is written."""
        spot = self._spot = spot_at(text, cursor)
        match spot.expected:
            case Expected.SCRIPT | Expected.LOOP:
                return self._complete_script(text, spot)
            case Expected.PATH:
                return _wanted(text, spot, self._paths(spot, text[spot.end : spot.end + 1] == ":"))
            case Expected.OPTION:
                return self._complete_option(text, spot)
        return NOTHING

    def signature(self, text: str, cursor: int) -> Signature | None:
        """The call around the cursor."""
        spot = self._spot = spot_at(text, cursor)
        return self._scripts.signature(spot.text, spot.at) if spot.expected is Expected.SCRIPT else None

    def hover(self, text: str, cursor: int) -> str:
        """What is known of a field, variable or object."""
        spot = self._spot = spot_at(text, cursor)
        known = spot.expected in (Expected.SCRIPT, Expected.LOOP)
        return self._scripts.hover(spot.text, spot.at) if known else ""

    def _part(self) -> Part:
        if self._spot.expected is Expected.LOOP:
            return Part.LOOP
        return Part.WHEN if self._spot.key == "when" else Part.SCRIPT

    def _complete_script(self, text: str, spot: Spot) -> Completions:
        found = self._scripts.complete(spot.text, spot.at)
        items = [
            (item, spot.text[: found.start] + item.text + spot.text[found.end :], len(spot.text) - found.end)
            for item in found.items[:_MOST]
        ]
        made = [(item, *written(spot, said, len(said) - behind - item.back)) for item, said, behind in items]
        return replace(_narrowed(text, spot, made), typed=found.typed)

    def _complete_option(self, text: str, spot: Spot) -> Completions:
        typed = spot.text[: spot.at]
        colon = "" if text[spot.end : spot.end + 1] == ":" else ": "
        items = (
            Item(name, name + colon, detail, icon="sliders-horizontal")
            for name, detail in _options()
            if name.startswith(typed.lower())
        )
        return Completions(spot.start, spot.end, tuple(items), typed)

    # Target paths

    def _paths(self, spot: Spot, colon: bool) -> Iterator[Item]:
        """The nodes inside the one that is written, then the mandatory nodes without a rule."""
        target, ruled = self._map.trees.target, self._map.mapping
        typed = spot.text[: spot.at]
        above, slash, begun = typed.rpartition("/")
        inside: Iterable[Place] = ()
        if slash:
            place = target.find(above)
            inside = place.flat_children() if place is not None else ()
        elif target.root is not None:
            inside = (target.root,)
        for child in inside:
            step = address.split(child.path)[-1]
            if child.node.kind is not Kind.ANY and step.lstrip("@").lower().startswith(
                begun.lstrip("@").lower()
            ):
                yield _path_item(
                    child, step, above + slash + step, colon=colon, ruled=ruled.get(child.path) is not None
                )
        for problem in self._map.problems:
            path = problem.path or ""
            found = target.find(path) if isinstance(problem, MissingRule) and not slash else None
            if found is not None and begun.lower() in path.lower():
                yield _path_item(found, path, path, colon=colon, ruled=False)


def _path_item(place: Place, name: str, path: str, *, colon: bool, ruled: bool) -> Item:
    node = place.node
    leaf = node.value is not None
    detail = _("has a rule") if ruled else _("mandatory") if place.required and leaf else ""
    kind = node.value.base.value if node.value is not None else _("node")
    note = " ".join((node.documentation or node.type.documentation).split())[:200]
    icon = BASE_ICONS.get(node.value.base, "text-t") if node.value is not None else _NODE
    ending = ": " if leaf and not colon else ""
    return Item(name, path + ending, f"{kind} {detail}".strip(), note=note, icon=icon)


def _wanted(text: str, spot: Spot, items: Iterable[Item]) -> Completions:
    """Completions for the path of a rule."""
    made = []
    for item, _number in zip(items, range(_MOST), strict=False):
        path = item.text.removesuffix(": ")
        source, _behind = written(spot, path, len(path))
        made.append((item, source + item.text[len(path) :], 0))
    typed = spot.text[: spot.at]
    return replace(_narrowed(text, spot, made), typed=typed.rpartition("/")[2])


def _narrowed(text: str, spot: Spot, made: list[tuple[Item, str, int]]) -> Completions:
    """Completions that write only what differs from what stands at a spot."""
    if not made:
        return NOTHING
    now = text[spot.start : spot.end]
    same = min(alike(now, source) for _item, source, _behind in made)
    items = tuple(replace(item, text=source[same:], back=behind) for item, source, behind in made)
    return Completions(spot.start + same, spot.end, items)


def alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
