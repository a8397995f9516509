"""What a person has picked and drawn where the schemas leave it open, as the members `picks:` and `drawn:` of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.base import yaml_write
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import Node, like_this
from studio.mapping.further import SOURCE, TARGET
from studio.schema.drawn import TYPES, Drawn, occurs_of
from studio.schema.path import Step, parse_path

_LIKE_PICKS = "picks: {target: [invoices/invoice/party~Company]}"
_LIKE_DRAWN = 'drawn: {target: {invoices/extension/Stamp: {namespace: "urn:stamps", occurs: 0..n}}}'
_KEYS = ("type", "namespace", "occurs")


def read_picks(node: Node) -> dict[str, tuple[str, ...]]:
    """The addresses picked on each side; raises BadInput with the line of one that is none."""
    found = {}
    for side, entry in _sides(node, _LIKE_PICKS).items():
        for text, item in zip(entry.texts(_LIKE_PICKS), _items(entry), strict=True):
            _steps(text, item)
        found[side] = entry.texts(_LIKE_PICKS)
    return found


def write_picks(picks: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """The member's value; sides without picks are left out."""
    return {side: list(picks[side]) for side in (SOURCE, TARGET) if picks.get(side)}


def read_drawn(node: Node) -> dict[str, dict[str, Drawn]]:
    """The nodes drawn on each side, by their address; raises BadInput with the line of a wrong one."""
    return {
        side: {path: _read(path, each) for path, each in entry.members(_LIKE_DRAWN).items()}
        for side, entry in _sides(node, _LIKE_DRAWN).items()
    }


def write_drawn(drawn: Mapping[str, Mapping[str, Drawn]]) -> yaml_write.Written:
    """The member's value, a line for each node; one with a type alone is written as that."""
    lines: list[str] = []
    for side in (SOURCE, TARGET):
        if drawn.get(side):
            lines.append(f"  {side}:")
            for path, each in drawn[side].items():
                lines += yaml_write.entry(path, _written(each), indent=4)
    return yaml_write.Written(lines)


def _read(path: str, node: Node) -> Drawn:
    if any(step.index for step in _steps(path, node)):
        raise node.wrong(
            _("The drawn node {path} has a number.").format(path=path),
            _("Leave the number out: every instance may have what is drawn."),
        )
    if isinstance(node.value, str):
        return Drawn(type=_type(node))
    given = node.members(_LIKE_DRAWN)
    occurs = given["occurs"].text() if "occurs" in given else ""
    if occurs_of(occurs) is None:
        raise given["occurs"].wrong(
            _("{text} is no number of instances.").format(text=occurs),
            _("Write 1, 0..1, 0..n, 1..n or other bounds."),
        )
    return Drawn(
        type=_type(given["type"]) if "type" in given else "",
        namespace=given["namespace"].text() if "namespace" in given else None,
        occurs=occurs,
        extra=node.extra(*_KEYS),
    )


def _type(node: Node) -> str:
    text = node.text()
    if text and text not in TYPES:
        raise node.wrong(
            _("A drawn node cannot be of the type {name}.").format(name=text),
            _("Take one of: {names}.").format(names=", ".join(TYPES)),
        )
    return text


def _written(drawn: Drawn) -> str | dict[str, Any]:
    if drawn.namespace is None and not drawn.occurs and not drawn.extra:
        return drawn.type
    data = {"type": drawn.type, "namespace": drawn.namespace, "occurs": drawn.occurs}
    kept = {key: value for key, value in data.items() if value or (key == "namespace" and value is not None)}
    return kept | dict(drawn.extra)


def _sides(node: Node, like: str) -> dict[str, Node]:
    given = node.members(like)
    for side, entry in given.items():
        if side not in (SOURCE, TARGET):
            raise entry.wrong(
                _("A transformation has a source and a target, and no side {name}.").format(name=side),
                like_this(like),
            )
    return given


def _items(node: Node) -> list[Node]:
    return [node] if isinstance(node.value, str) and node.value else node.items()


def _steps(path: str, node: Node) -> tuple[Step, ...]:
    """The steps of an address, which must be one."""
    try:
        return parse_path(path)
    except BadInput as error:
        raise BadInput(
            error.message, file=node.file, line=node.line, column=node.column, next_step=error.next_step
        ) from None
