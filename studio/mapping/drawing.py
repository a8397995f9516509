"""Drawing nodes where a schema admits anything: adding, changing, taking away, and what a sample snippet holds."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.mapping import address, edits
from studio.mapping.follow import follow_source
from studio.mapping.further import SOURCE
from studio.mapping.model import Rule, Transformation
from studio.mapping.picking import with_drawn_nodes
from studio.mapping.tree import Tree, Trees
from studio.schema.drawn import FACT, TYPES, Drawn, plain_address
from studio.schema.json_sample import read_json_sample
from studio.schema.model import Kind, Node, Place, Type
from studio.schema.path import Step, format_steps, parse_path
from studio.schema.xml_sample import read_xml_sample

# More is no snippet: what holds so much has a schema.
_MOST = 2000
_LARGEST = 1 << 20
_XML_NAME = re.compile(r"@?(?:[^\W\d][\w.\-·]*:)?[^\W\d][\w.\-·]*")
_NAMES = {each.base: name for name, each in TYPES.items()}


def can_hold(tree: Tree, path: str) -> str:
    """The address in which something can be drawn at a row of this address (its own, or that around a wildcard); ""."""
    place = tree.find(path)
    if place is None and path.rpartition("/")[2] in ("*", "@*"):
        place = tree.find(path.rpartition("/")[0])
    if place is None or place.node.attribute or path.endswith("/text()"):
        return ""
    open_ = FACT in place.node.facts or any(each.node.kind is Kind.ANY for each in place.flat_children())
    return plain_address(place.path) or "/" if open_ else ""


def is_drawn(given: Transformation, side: str, path: str) -> bool:
    """The node at an address was drawn."""
    return plain_address(path) in given.drawn.get(side, {})


def below(holder: str, name: str, *, attribute: bool = False, prefix: str = "") -> str:
    """The address of a node drawn in another; raises BadInput without a name."""
    if not name:
        raise BadInput(
            _("A node needs a name."), next_step=_("Write its name; an attribute's begins with @.")
        )
    step = format_steps((Step(name, attribute, prefix or None),))
    return f"/{step}" if holder == "/" else f"{holder}/{step}"


def check_name(name: str) -> None:
    """Raise BadInput for what no element or attribute can be called (`@` marks an attribute, a prefix may lead)."""
    if not _XML_NAME.fullmatch(name):
        raise BadInput(
            _("XML has no names such as {name}.").format(name=name or "—"),
            next_step=_("Begin with a letter; letters, digits, dots, hyphens and underscores may follow."),
        )


def draw(given: Transformation, side: str, path: str, drawn: Drawn) -> Transformation:
    """Draw a node, behind those drawn beside it. Raises BadInput where one of that name is drawn already."""
    known = dict(given.drawn.get(side, {}))
    if path in known:
        raise BadInput(
            _("There is a {name} here already.").format(name=address.name(path)),
            next_step=_("Choose another name."),
        )
    known[path] = drawn
    return with_drawn_nodes(given, side, known)


def redraw(
    given: Transformation, trees: Trees, side: str, path: str, new: str, drawn: Drawn
) -> Transformation:
    """Give a drawn node another name or another type; what stands in it, and the target's rules, go along."""
    known = given.drawn.get(side, {})
    if new != path and new in known:
        return draw(given, side, new, drawn)
    changed = {address.moved(each, path, new): said for each, said in known.items()}
    changed[new] = drawn
    mapping = given.mapping
    if side == SOURCE and new != path:
        mapping = follow_source(mapping, trees, path, new)
    elif new != path:
        rules = tuple(replace(rule, path=_renamed(rule, path, new)) for rule in mapping.rules)
        mapping = replace(mapping, rules=rules)
    picks = {
        each: tuple(_moved(pick, path, new) if each == side else pick for pick in paths)
        for each, paths in given.picks.items()
    }
    return with_drawn_nodes(replace(given, mapping=mapping, picks=picks), side, changed)


def _renamed(rule: Rule, path: str, new: str) -> str:
    return _moved(rule.path, path, new)


def _moved(path: str, old: str, new: str) -> str:
    """The address with the last step of the drawn node `old` called as in `new`; numbers stay."""
    if not address.within(plain_address(path), old):
        return path
    steps, depth = parse_path(path), len(parse_path(old))
    last = parse_path(new)[-1]
    lead = "/" if path.startswith("/") else ""
    step = replace(last, index=steps[depth - 1].index)
    return lead + format_steps((*steps[: depth - 1], step, *steps[depth:]))


def undraw(given: Transformation, trees: Trees, side: str, path: str) -> Transformation:
    """Take a drawn node away with all that is drawn in it; the target's rules there go too."""
    path = plain_address(path)
    known = {each: said for each, said in given.drawn.get(side, {}).items() if not address.within(each, path)}
    mapping = given.mapping
    if side != SOURCE:
        gone = [rule.path for rule in mapping.rules if address.within(plain_address(rule.path), path)]
        mapping = edits.remove(mapping, gone, trees.target) if gone else mapping
    picks = {
        each: tuple(p for p in paths if each != side or not address.within(plain_address(p), path))
        for each, paths in given.picks.items()
    }
    kept = {each: paths for each, paths in picks.items() if paths}
    return with_drawn_nodes(replace(given, mapping=mapping, picks=kept), side, known)


def sampled(text: str, holder: str, *, json: bool) -> dict[str, Drawn]:
    """The nodes that a snippet of XML, or of JSON, shows, to be drawn in `holder`.

    Raises BadInput where it is neither, TooLarge where it is too much for a snippet.
    """
    if len(text) > _LARGEST:
        raise _too_large()
    read = read_json_sample if json else read_xml_sample
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "snippet.json" if json else "snippet.xml")
        file.write_text(text, encoding="utf-8", errors="replace")
        try:
            schema = read(file)
        except BadInput as error:
            raise BadInput(
                error.message, line=error.line, column=error.column, next_step=error.next_step
            ) from None
    tops = schema.roots if not json else schema.roots[0].type.children
    found: dict[str, Drawn] = {}
    for node in tops:
        for path, drawn in _nodes(node, holder, None):
            if len(found) >= _MOST:
                raise _too_large()
            found[path] = drawn
    return found


def of_place(place: Place, holder: str) -> dict[str, Drawn]:
    """A node of another schema with all below it, as drawn nodes; what stands in itself is drawn once."""
    found: dict[str, Drawn] = {}
    for path, drawn in _nodes(place.node, holder, None):
        if len(found) >= _MOST:
            break
        found[path] = drawn
    return found


def _nodes(
    node: Node, holder: str, space: str | None, around: tuple[Type, ...] = ()
) -> Iterator[tuple[str, Drawn]]:
    if node.kind is Kind.ANY or node.type in around:
        return
    if node.kind is Kind.CHOICE:
        for child in node.type.children:
            yield from _nodes(child, holder, space, (*around, node.type))
        return
    path = below(holder, node.name, attribute=node.attribute)
    same = node.namespace == ("" if node.attribute else space or "")
    value = node.value
    structured = not node.type.leaf
    kind = _NAMES[value.base] if value else ""
    occurs = "" if str(node.occurs) == "0..1" else str(node.occurs)
    yield path, Drawn(kind, None if same else node.namespace, occurs)
    for child in node.type.children if structured else ():
        yield from _nodes(child, path, node.namespace, (*around, node.type))


def _too_large() -> TooLarge:
    return TooLarge(
        _("This is too large for a snippet."),
        next_step=_("Add it to the project as a sample, and use it as a schema."),
    )
