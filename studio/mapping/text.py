"""Rules as the entries of a map, both ways: a script alone is one text, anything more is a set of options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from studio.base import yaml_write
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import Node, like_this, parse
from studio.mapping.model import Group, Join, Rule, Sort
from studio.schema.path import parse_path

_KEYS = ("loop", "each", "join", "when", "group", "sort", "first", "last", "script", "note")

# What is shown to whom gets the form of an option wrong.
_LIKE_RULES = 'map: {invoices/invoice: {loop: orders/order}, invoices/invoice/@number: "[@id]"}'
_LIKE_JOIN = 'join: {prices: {loop: "prices::row", match: {sku: "[sku]"}, kind: left}}'
_LIKE_GROUP = 'group: {by: ["[customer/id]"]}'
_LIKE_SORT = 'sort: [{by: "[placed]", order: desc}]'


def read_rules(node: Node) -> tuple[Rule, ...]:
    """The rules of a `map:` or `parked:` member, in its order; raises BadInput with the line of a wrong one."""
    return tuple(read_rule(path, entry) for path, entry in node.members(_LIKE_RULES).items())


def read_rule(path: str, entry: Node) -> Rule:
    """One rule: `entry` is a script, or options."""
    _check_path(path, entry)
    if isinstance(entry.value, str):
        return Rule(path, script=entry.value)
    if isinstance(entry.value, list):
        raise entry.wrong(_("The rule of {path} must be a script or a set of options.").format(path=path))
    given = entry.value
    return Rule(
        path,
        script=_optional(given, "script"),
        loop=_optional(given, "loop"),
        when=_optional(given, "when"),
        each=_optional(given, "each"),
        join={name: _read_join(node) for name, node in given["join"].members(_LIKE_JOIN).items()}
        if "join" in given
        else {},
        group=_read_group(given["group"]) if "group" in given else None,
        sort=tuple(_read_sort(node) for node in given["sort"].items(_LIKE_SORT)) if "sort" in given else (),
        first=given["first"].whole("first: 10") if "first" in given else None,
        last=given["last"].whole("last: 10") if "last" in given else None,
        note=given["note"].text() if "note" in given else "",
        extra=entry.extra(*_KEYS),
    )


# The lines of rules written lately: an edit changes one rule of thousands, and a rule never changes.
_lines: dict[int, tuple[Rule, list[str]]] = {}
_MOST_LINES = 50_000


def write_rules(rules: Iterable[Rule]) -> yaml_write.Written:
    """The entries of a `map:` member, as the lines of the file in the rules' order."""
    lines: list[str] = []
    for rule in rules:
        known = _lines.get(id(rule))
        if known is None or known[0] is not rule:
            if len(_lines) >= _MOST_LINES:
                _lines.clear()
            known = _lines[id(rule)] = (rule, yaml_write.entry(rule.path, write_rule(rule), indent=2))
        lines += known[1]
    return yaml_write.Written(lines)


def write_rule(rule: Rule) -> str | dict[str, Any]:
    """One rule as plain data: the script, or the options in their fixed order."""
    options: dict[str, Any] = {"loop": rule.loop, "each": rule.each}
    if rule.join:
        options["join"] = {name: _write_join(join) for name, join in rule.join.items()}
    options["when"] = rule.when
    if rule.group:
        options["group"] = {"by": list(rule.group.by)}
        if rule.group.adjacent:
            options["group"]["adjacent"] = True
        options["group"] |= rule.group.extra
    if rule.sort:
        options["sort"] = [_write_sort(sort) for sort in rule.sort]
    options |= {"first": rule.first, "last": rule.last, "script": rule.script, "note": rule.note or None}
    options = {key: value for key, value in options.items() if value is not None} | dict(rule.extra)
    return rule.script if options.keys() == {"script"} and rule.script is not None else options


def rule_text(rule: Rule) -> str:
    """The rule as it stands in a file, usually one line: `invoices/invoice/@number: "[@id]"`."""
    return "\n".join(yaml_write.entry(rule.path, write_rule(rule), indent=0))


def rules_text(rules: Iterable[Rule]) -> str:
    """The rules one after the other, as copied to the clipboard or shown in a comparison."""
    return "".join(rule_text(rule) + "\n" for rule in rules)


def rules_from_text(text: str) -> tuple[Rule, ...]:
    """The rules of such a text; raises BadInput with the line."""
    return read_rules(parse(text))


def _check_path(path: str, entry: Node) -> None:
    try:
        parse_path(path)
    except BadInput as error:
        raise BadInput(
            error.message, file=entry.file, line=entry.line, column=entry.column, next_step=error.next_step
        ) from None


def _optional(given: Mapping[str, Node], key: str) -> str | None:
    return given[key].text() if key in given else None


def _read_join(node: Node) -> Join:
    given = node.members(_LIKE_JOIN)
    if "loop" not in given or "match" not in given:
        raise node.wrong(_("A join needs loop and match."), like_this(_LIKE_JOIN))
    kind = given["kind"].text() if "kind" in given else "inner"
    if kind not in ("inner", "left"):
        raise given["kind"].wrong(_("A join is inner or left, not {kind}.").format(kind=kind))
    return Join(
        given["loop"].text(),
        given["match"].text_members(_LIKE_JOIN),
        kind,
        extra=node.extra("loop", "match", "kind"),
    )


def _write_join(join: Join) -> dict[str, Any]:
    kind = {"kind": join.kind} if join.kind != "inner" else {}
    return {"loop": join.loop, "match": dict(join.match), **kind, **join.extra}


def _read_group(node: Node) -> Group:
    given = node.members(_LIKE_GROUP)
    if "by" not in given:
        raise node.wrong(
            _("A group needs by: the scripts whose values make one group."), like_this(_LIKE_GROUP)
        )
    adjacent = given["adjacent"].flag() if "adjacent" in given else False
    return Group(given["by"].texts(_LIKE_GROUP), adjacent, extra=node.extra("by", "adjacent"))


def _read_sort(node: Node) -> Sort:
    if isinstance(node.value, str):
        return Sort(node.value)
    given = node.members(_LIKE_SORT)
    if "by" not in given:
        raise node.wrong(_("A sort key needs by: the script whose value is compared."), like_this(_LIKE_SORT))
    order = given["order"].text() if "order" in given else "asc"
    if order not in ("asc", "desc"):
        raise given["order"].wrong(_("The order is asc or desc, not {order}.").format(order=order))
    return Sort(given["by"].text(), order == "desc", extra=node.extra("by", "order"))


def _write_sort(sort: Sort) -> dict[str, Any]:
    return {"by": sort.by, **({"order": "desc"} if sort.descending else {}), **sort.extra}
