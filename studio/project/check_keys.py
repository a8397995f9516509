"""Keys of a transformation's file that this version does not know: they are kept, and told."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.mapping.model import Rule, SchemaUse, Transformation

_FILE = (
    "name", "description", "source", "sources", "target", "targets", "namespaces", "samples", "validate", "on_failure", "pages",
    "picks", "drawn",
    "map", "parked",
)  # fmt: skip
_USE = ("schema", "root", "kind")
# How a target is written.
_WRITTEN = (
    "pretty", "encoding", "breaks", "una", "segment", "element", "component", "repetition", "release", "decimal",
)  # fmt: skip
_RULE = ("loop", "each", "join", "when", "group", "sort", "first", "last", "script", "note")
_JOIN = ("loop", "match", "kind")
_GROUP = ("by", "adjacent")
_SORT = ("by", "order")
# Keys from the top of the file, the last one the unknown; those that are known in its place.
_Key = tuple[tuple[str, ...], tuple[str, ...]]


def unknown_keys(value: Transformation, id: str, file: str) -> Iterator[tuple[Problem, tuple[str, ...]]]:
    """A warning for each, with the keys that lead to it from the top of the file."""
    for keys, known in _unknown(value):
        near = difflib.get_close_matches(keys[-1].lower(), known, n=1, cutoff=0.6)
        rule = keys[1] if keys[0] in ("map", "parked") and len(keys) > 2 else None
        if near:
            message = _("There is no key {name} here.").format(name=keys[-1])
            mend = _("Did you mean {name}?").format(name=near[0])
        else:
            message = _("The key {name} is not known to this version.").format(name=keys[-1])
            mend = _("It has no effect; take it out, or use the version that knows it.")
        yield Problem(Severity.WARNING, message, file, object=id or None, path=rule, mend=mend), keys


def _unknown(value: Transformation) -> Iterator[_Key]:
    yield from _keys(value.extra, _FILE)
    yield from _use(value.source, "source")
    yield from _use(value.target, "target", more=_WRITTEN)
    for name, use in value.sources.items():
        yield from _use(use, "sources", name, more=("sample",))
    for name, use in value.targets.items():
        yield from _use(use, "targets", name, more=_WRITTEN)
    for member, rules in (("map", value.mapping.rules), ("parked", value.mapping.parked)):
        for rule in rules:
            # Most rules are a script and nothing else.
            if rule.extra or rule.join or rule.group is not None or rule.sort:
                yield from _rule(rule, member)


def _use(use: SchemaUse, *lead: str, more: tuple[str, ...] = ()) -> Iterator[_Key]:
    return _keys({key: use.extra[key] for key in use.extra if key not in more}, (*_USE, *more), *lead)


def _rule(rule: Rule, member: str) -> Iterator[_Key]:
    yield from _keys(rule.extra, _RULE, member, rule.path)
    for name, join in rule.join.items():
        yield from _keys(join.extra, _JOIN, member, rule.path, "join", name)
    if rule.group is not None:
        yield from _keys(rule.group.extra, _GROUP, member, rule.path, "group")
    for number, sort in enumerate(rule.sort):
        yield from _keys(sort.extra, _SORT, member, rule.path, "sort", str(number))


def _keys(extra: Mapping[str, Any], known: tuple[str, ...], *lead: str) -> Iterator[_Key]:
    for name in extra:
        yield (*lead, name), known
