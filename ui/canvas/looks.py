"""How a row looks, as plain data: icon, name, cardinality, value and state; no painting here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from studio.base.errors import Severity
from studio.base.i18n import _, ngettext
from studio.mapping import address
from studio.mapping.evidence import Seen
from studio.mapping.model import Rule
from studio.schema.instead import variants
from studio.schema.model import Base, Kind, Node, Place
from studio.schema.path import document_of
from ui.canvas.pick_chips import picked_look, said_names
from ui.canvas.row_look import Look
from ui.canvas.scene import Scene
from ui.canvas.shape import Row, RowKind

BASE_ICONS = {
    Base.INTEGER: "hash",
    Base.DECIMAL: "hash",
    Base.FLOAT: "hash",
    Base.BOOLEAN: "toggle-left",
    Base.DATE: "calendar-blank",
    Base.DATETIME: "calendar-blank",
    Base.TIME: "calendar-blank",
}
_KIND_ICONS = {
    Kind.CHOICE: "git-fork",
    Kind.ANY: "asterisk",
    Kind.ATTRIBUTE: "at",
    Kind.SEGMENT: "list-numbers",
    Kind.OPERATION: "gear",
    Kind.MESSAGE: "envelope-simple",
}


_MADE_UP = re.compile(r"ns\d*")


def node_icon(node: Node) -> str:
    """The icon of a node's type."""
    if node.kind in _KIND_ICONS:
        return _KIND_ICONS[node.kind]
    if node.value is not None and node.type.leaf:
        return BASE_ICONS.get(node.value.base, "text-t")
    return "brackets-angle"


def source_look(row: Row, scene: Scene, *, expanded: bool, pill: int) -> Look:
    """A row of the source tree; `pill` counts the links that end inside it."""
    if row.kind is RowKind.DOCUMENT:
        return _document(row, scene, _("further source"), 0 if expanded else pill)
    place = row.place
    assert place is not None
    if row.kind is RowKind.CHOICE:
        return picked_look(_source_choice(place, scene), row)
    look = picked_look(_named(place, scene.prefixes[0]), row)
    loop = scene.source_loops.get(row.path)
    linked = row.path in scene.linked_above
    look = replace(
        look,
        name_role="text" if linked or loop or place.parent is None else "text3",
        letter=loop.index if loop else None,
        weight=600 if loop else 400,
        pill=0 if expanded else pill,
        state=_("mapped") if row.path in scene.by_source else "",
    )
    return _source_value(look, row, place, scene, expanded=expanded)


def _source_value(look: Look, row: Row, place: Place, scene: Scene, *, expanded: bool) -> Look:
    evidence = scene.evidence
    if evidence is None:
        return look
    seen = evidence.source.get(row.path)
    loop = scene.source_loops.get(row.path)
    if seen is None and row.kind is RowKind.WRAPPER:
        return look
    if seen is None:
        inside = scene.first_source(row.path)
        if inside:
            return look if expanded else replace(look, value=inside)
        parent = address.parent(row.path)
        # Said once, on the topmost node that is missing.
        return (
            _absent(look, _first_of(scene, row.path))
            if parent is not None and _holds(scene, parent)
            else replace(look, name_role="text3")
        )
    if loop is not None and loop.depth == 0:
        return replace(look, value=_("{n} of {total}").format(n=evidence.record, total=evidence.records))
    if loop is not None:
        turn = evidence.turns.get(loop.target)
        n, total = turn if turn is not None else (1, seen.count)
        return _with_turn(look, n, total)
    if place.node.value is None and not place.node.type.mixed:
        # What stands between the nodes inside is layout, not a value.
        seen = Seen("", seen.count)
    if place.repeats and seen.count > 1 and not place.node.type.leaf:
        return replace(look, value=ngettext("{n} of it", "{n} of them", seen.count).format(n=seen.count))
    if not seen.text and place.node.value is not None and place.node.type.leaf:
        first = _first_of(scene, row.path)
        if first:
            return _absent(look, first)
    if expanded and not seen.text:
        return look
    return replace(look, value=_shown(seen, scene.first_source(row.path)))


def schema_look(row: Row, prefixes: Mapping[str, str]) -> Look:
    """A row of a schema looked at by itself: its type stands where a map shows a value."""
    place = row.place
    assert place is not None
    if row.kind is RowKind.CHOICE:
        count = len(list(place.flat_children()))
        note = ngettext("one of {n}", "one of {n}", count).format(n=count)
        return Look("git-fork", _("choice"), italic=True, name_role="text2", note=note)
    if row.kind is RowKind.INSTEAD:
        count = sum(1 for _one in variants(place.node))
        note = ngettext("{n} may stand here", "{n} may stand here", count).format(n=count)
        return Look("swap", _("choose"), italic=True, name_role="text2", note=note)
    named = place.node.value or place.node.type
    look = replace(_named(place, prefixes), value=getattr(named, "name", "") or "", value_role="text3")
    label = place.node.facts.get("label", "")
    if label and label != place.node.name:
        # What people call it, where its name is a code: the fields of EDI and of Salesforce.
        look = replace(look, note=f"{look.note}  {label}")
    if place.recursive:
        state = _("repeats what stands above")
        return replace(look, mark=look.mark or ("arrow-bend-left-up", "text2"), state=state)
    return look


def _source_choice(place: Place, scene: Scene) -> Look:
    alternatives = list(place.flat_children())
    present = [number for number, each in enumerate(alternatives) if _holds(scene, each.path)]
    note = value = ""
    if scene.evidence is not None and present:
        note = _("{n} of {total}").format(n=present[0] + 1, total=len(alternatives))
        value = address.name(alternatives[present[0]].path)
    else:
        note = ngettext("one of {n}", "one of {n}", len(alternatives)).format(n=len(alternatives))
    return Look("git-fork", _("choice"), italic=True, name_role="text2", note=note, value=value)


def _holds(scene: Scene, path: str) -> bool:
    evidence = scene.evidence
    return evidence is not None and (path in evidence.source or path in scene.valued_source)


def target_look(row: Row, scene: Scene, *, expanded: bool, pill: int) -> Look:
    """A row of the target tree; `pill` counts the links and constants inside it."""
    look = _plain_target_look(row, scene, expanded=expanded, pill=pill)
    return scene.notes.on(look, row.path, expanded=expanded) if row.kind is RowKind.NODE else look


def _plain_target_look(row: Row, scene: Scene, *, expanded: bool, pill: int) -> Look:
    if row.kind is RowKind.PARKED:
        return _parked(row)
    if row.kind is RowKind.DOCUMENT:
        return _document(row, scene, _("further target"), 0 if expanded else pill)
    place = row.place
    assert place is not None
    if row.kind is RowKind.CHOICE:
        return _target_choice(place, scene)
    look = picked_look(_named(place, scene.prefixes[1]), row)
    if row.kind is RowKind.WRAPPER:
        return replace(look, pill=0 if expanded else pill)
    number = address.instance(row.path)[1]
    if number:
        look = replace(look, note=f"[{number}]  {look.note}")
    loop = scene.target_loops.get(row.path)
    if loop is not None:
        look = replace(look, letter=loop.index, weight=600)
    look = replace(look, pill=0 if expanded else pill)
    return _target_state(look, row, place, scene, expanded=expanded)


def _document(row: Row, scene: Scene, state: str, pill: int) -> Look:
    """The head of a further document: its name and its schema."""
    name = document_of(row.path)
    file = scene.documents.get(name, "").rpartition("/")[2]
    look = Look("tree-structure", name, weight=600, note=file, pill=pill, state=state)
    if row.place is None:
        said = _("Its schema cannot be read.")
        return replace(look, mark=("x-circle-fill", "red"), hint=said, state=f"{state}, {said}")
    return look


def _target_state(look: Look, row: Row, place: Place, scene: Scene, *, expanded: bool) -> Look:
    path = row.path
    rule = scene.mapping.get(path)
    problem = scene.problems.get(path)
    failed = scene.failed.get(path)
    if failed is not None or (problem is not None and problem.severity is Severity.ERROR):
        return _problem(_target_value(look, row, scene, rule, expanded=expanded), failed or problem.message)  # type: ignore[union-attr]
    if path in scene.missing:
        return replace(
            look, name_role="orange_text", weight=600, mark=("warning-fill", "orange"), tint="orange_tint",
            value=_("needs a rule"), value_role="orange_text", value_italic=True, state=_("mandatory, no rule"),
        )  # fmt: skip
    if path not in scene.ruled_above and place.parent is not None:
        role = "text" if place.required and not place.node.type.leaf else "text3"
        return replace(look, name_role=role, state=_("unmapped"))
    look = _target_value(look, row, scene, rule, expanded=expanded)
    return _marked(look, row, scene, rule, expanded=expanded)


def _marked(look: Look, row: Row, scene: Scene, rule: Rule | None, *, expanded: bool) -> Look:
    problem = scene.problems.get(row.path)
    if problem is not None and problem.severity is Severity.WARNING:
        return replace(look, mark=("info", "text2"), state=problem.message, hint=problem.message)
    if rule is not None and rule.when:
        return replace(look, mark=("diamond-fill", "text2"), state=_("conditional"))
    if scene.constant(row.path):
        return replace(look, mark=("quotes", "text2"), state=_("constant"))
    if not expanded and rule is None and row.expandable and row.path not in scene.fed_above:
        return replace(look, mark=("quotes", "text2"), state=_("constants inside"))
    if rule is not None:
        return replace(look, state=_("loop") if rule.loops else _("mapped"))
    return look


def _target_value(look: Look, row: Row, scene: Scene, rule: Rule | None, *, expanded: bool) -> Look:
    evidence = scene.evidence
    if evidence is None:
        return look
    seen = evidence.target.get(row.path)
    loop = scene.target_loops.get(row.path)
    if loop is not None:
        count = seen.count if seen is not None else 0
        turn = evidence.turns.get(row.path)
        if turn is not None and turn.total > 1:
            return _with_turn(look, *turn)
        if count:
            return replace(look, value=f"{count} × {address.name(row.path).rpartition('::')[2]}")
        return _absent(look)
    if seen is None or (not seen.text and row.expandable):
        inside = scene.first_target(row.path)
        if inside or seen is not None:
            return look if expanded else replace(look, value=inside)
        return _absent(look) if rule is not None or (not expanded and row.expandable) else look
    return replace(look, value=_shown(seen, ""))


def _with_turn(look: Look, number: int, total: int) -> Look:
    """The turn of a loop inside the record that is shown."""
    value = _("{n} of {total}").format(n=number, total=total)
    if total == 1:
        return replace(look, value=value)
    hint = "\n".join(part for part in (look.hint, _("A click on the number shows the next turn.")) if part)
    return replace(look, value=value, value_role="text2", hint=hint)


def _problem(look: Look, message: str) -> Look:
    return replace(
        look, name_role="red_text", mark=("x-circle-fill", "red"), tint="red_tint", value=look.value or message,
        value_role="red_text", state=_("problem: {message}").format(message=message), hint=message,
    )  # fmt: skip


def _first_of(scene: Scene, path: str) -> str:
    """The nearest node above of which there are several in the record and no loop visits them; "" where there is none."""
    found = scene.evidence.source if scene.evidence is not None else {}
    several = (up for up in address.ancestors(path) if up in found and found[up].count > 1)
    return next((address.name(up) for up in several if up not in scene.source_loops), "")


def _absent(look: Look, first_of: str = "") -> Look:
    said = _("nothing in the first {name}").format(name=first_of) if first_of else _("not in this record")
    return replace(look, name_role="text3", value=said, value_role="text3", value_italic=True)


def _parked(row: Row) -> Look:
    hint = _("The schema no longer has this node. Drag the rule to another node, or discard it.")
    return Look(
        "text-t", address.name(row.path), icon_role="text3", name_role="text3", struck=True,
        mark=("archive", "text3"), value=_("rule kept"), value_italic=True, state=_("parked"), hint=hint,
    )  # fmt: skip


def _target_choice(place: Place, scene: Scene) -> Look:
    alternatives = list(place.flat_children())
    ruled = [number for number, each in enumerate(alternatives) if each.path in scene.ruled_above]
    asked = [number for number, each in enumerate(alternatives) if address.plain(each.path) in scene.picks]
    shown = sorted({*asked, *ruled}) or [0]
    at = shown[0]
    return Look(
        "git-fork", _("choice"), italic=True, name_role="text2",
        picker=said_names([address.name(alternatives[each].path) for each in shown]) if alternatives else "",
        note=_("{n} of {total}").format(n=at + 1 if len(shown) == 1 else len(shown), total=len(alternatives)),
        state=_("choice of {n}").format(n=len(alternatives)),
    )  # fmt: skip


def _named(place: Place, prefixes: object) -> Look:
    node = place.node
    prefix = _prefix(place, prefixes) if node.namespace else ""
    name = _("any") if node.kind is Kind.ANY else node.name or _("document")
    shown = ("@" if node.attribute and node.kind is not Kind.ANY else "") + (f"{prefix}:" if prefix else "")
    note = str(node.occurs)
    picked = address.split(place.path)[-1].partition("~")[2] if "~" in place.path else ""
    if picked and address.plain(picked) != node.name:
        note = f"{address.plain(picked)}  {note}"
    hint = node.unresolved or node.documentation
    return Look(
        node_icon(node), name, prefix=shown, note=note, italic=node.kind is Kind.ANY, hint=hint,
        mark=("warning-fill", "orange") if node.unresolved else None,
    )  # fmt: skip


def _prefix(place: Place, prefixes: object) -> str:
    """Shown where another namespace begins, and on a node whose children have none: on every row it would say nothing.

    Where the files give no prefix, one was made up: that is worth showing only for a namespace that is not the root's.
    """
    assert isinstance(prefixes, dict)
    node = place.node
    parent = place.parent
    while parent is not None and parent.node.kind is Kind.CHOICE:
        parent = parent.parent
    prefix = str(prefixes.get(node.namespace, ""))
    top = place
    while top.parent is not None:
        top = top.parent
    if _MADE_UP.fullmatch(prefix) and top.node.namespace == node.namespace:
        return ""
    if parent is None or parent.node.namespace != node.namespace:
        return prefix
    inside = node.type.children if not node.type.leaf else ()
    return prefix if any(not child.namespace for child in inside if child.kind is Kind.ELEMENT) else ""


def _shown(seen: Seen, inside: str) -> str:
    text = seen.text or inside
    # One line of a value is enough for a row; the whole of it stands in the tooltip and in the Inspector.
    return text.replace("\r", "").replace("\n", " ⏎ ")[:200]
