"""Names in a script that lead nowhere: functions, fields, objects of the project, variables nothing sets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from studio.base.i18n import _
from studio.script import habits, tree
from studio.script.errors import RunError
from studio.script.facts import Facts, Problems
from studio.script.functions import Function, find, nearest
from studio.script.infer import set_by
from studio.script.references import Sort, occurrences, tags
from studio.script.special import check_pairs, variable
from studio.script.system_variables import PREFIX, SYSTEM_VARIABLES, system_variable

_OPEN_TAG = re.compile(r"<TAG>(?!.*</TAG>)", re.IGNORECASE | re.DOTALL)
# Kept on one agent: another agent of the group does not find it again.
_SINGLE_FAMILIES = ("changes",)
_SINGLE = ("debugbreak",)


def problems(facts: Facts) -> Problems:
    """Unknown names, in no order."""
    for call in facts.calls:
        yield from _call(facts, call)
    yield from _single(facts)
    for node in facts.nodes:
        if isinstance(node, tree.Path):
            yield from _field(facts, node)
        elif isinstance(node, tree.Literal) and isinstance(node.value, str):
            yield from _objects(facts, node)
    if tree.Global in facts.types:
        yield from _globals(facts)


def _call(facts: Facts, node: tree.Call) -> Problems:
    function = find(node.name)
    if function is None:
        near = habits.function_for(node.name) or nearest(node.name)
        mend = _("Did you mean {name}?").format(name=near) if near else _("Check its spelling.")
        yield facts.error(node, _("There is no function {name}.").format(name=node.name), mend)
        return
    if not function.minimum <= len(node.arguments) <= function.maximum:
        if not facts.is_damaged(node):
            yield facts.error(node, function.count_message(len(node.arguments)), function.signature)
        return
    yield from _usage(facts, node, function)


def _usage(facts: Facts, node: tree.Call, function: Function) -> Problems:
    try:
        if function.name == "Case":
            check_pairs(node)
        if function.name in ("ArgumentList", "InitCounter", "GetName"):
            variable(node, 0)
    except RunError as error:
        if not facts.is_damaged(node):
            yield facts.error(node, error.message, error.next_step)
    if not function.available and function.name.lower() not in facts.scope.offered:
        yield facts.warning(
            node,
            _("{name} is not available here.").format(name=function.name),
            _("It works where an operation runs and its system can be reached."),
        )


def _single(facts: Facts) -> Problems:
    """The first call of each function that works on one agent only."""
    seen: set[str] = set()
    for node in facts.calls:
        function, name = find(node.name), node.name.lower()
        if function is None or name in seen:
            continue
        seen.add(name)
        if function.family in _SINGLE_FAMILIES or name in _SINGLE:
            yield facts.warning(
                node,
                _("{name} works on a single agent only.").format(name=function.name),
                _("Run the operation where the group has one agent."),
            )


def _field(facts: Facts, node: tree.Path) -> Problems:
    if facts.scope.field is None or facts.scope.field(node) is not None:
        return
    written = facts.script.source(node)
    known = [field.path for field in facts.scope.fields]
    near = difflib.get_close_matches(written.strip("[] "), known, n=1, cutoff=0.6)
    mend = _("Did you mean [{path}]?").format(path=near[0]) if near else _("Choose a field of the source.")
    yield facts.error(node, _("The source has no field {path}.").format(path=written), mend)


def _objects(facts: Facts, node: tree.Literal) -> Problems:
    """References such as `<TAG>Operations/send</TAG>` that are not closed or lead nowhere."""
    text = facts.script.text
    if "<" not in str(node.value):
        return
    if (match := _OPEN_TAG.search(text, node.start, node.end)) is not None:
        yield facts.error(match.start(), _("This reference has no end."), _("Close it with </TAG>."))
    objects = facts.scope.objects
    if objects is None:
        return
    for kind, ref, start, _end in tags(text, node.start, node.end):
        known = objects.get(kind)
        if known is not None and ref not in known:
            message = _("There is no {kind} called {name}.").format(
                kind=kind.removesuffix("s"), name=repr(ref)
            )
            yield facts.error(start, message, _close(ref, known))


def _close(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return _("Did you mean {name}?").format(name=near[0])
    if not names:
        return _("Create it first, or take the name out.")
    return _("Choose one of: {names}.").format(names=", ".join(names[:8]))


def _globals(facts: Facts) -> Problems:
    """Global variables that nothing sets, and misspelt system variables."""
    read = {node.name: node for node in reversed(facts.nodes) if isinstance(node, tree.Global)}
    if not read:
        return
    given = {name[1:] for name in set_by(facts.setting) if name.startswith("$")}
    given.update(facts.scope.variables)
    if any(call.name.lower() in ("set", "regexmatch") for call in facts.calls):
        named = occurrences(facts.script.text)
        given.update(each.name.name for each in named if each.name.sort is Sort.GLOBAL and each.sets)
    for name, node in read.items():
        if name.startswith(PREFIX):
            yield from _system(facts, node)
        elif name not in given:
            near = difflib.get_close_matches(name, sorted(given), n=1, cutoff=0.8) if given else []
            if near:
                yield facts.warning(
                    node,
                    _("Nothing here sets the variable {name}.").format(name=f"${name}"),
                    _("Did you mean {name}?").format(name=f"${near[0]}"),
                )
            elif facts.scope.alone:
                yield facts.note(
                    node,
                    _("Nothing here sets the variable {name}.").format(name=f"${name}"),
                    _("It is null unless another script or the project sets it."),
                )


def _system(facts: Facts, node: tree.Global) -> Problems:
    if system_variable(node.name) is not None:
        return
    near = difflib.get_close_matches(node.name, SYSTEM_VARIABLES, n=1, cutoff=0.8)
    mend = (
        _("Did you mean {name}?").format(name="$" + near[0].rstrip("*")) if near else _("Check its spelling.")
    )
    yield facts.warning(node, _("There is no system variable ${name}.").format(name=node.name), mend)
