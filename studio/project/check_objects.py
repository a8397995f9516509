"""The problems of single objects but maps: unknown references, scripts that do not read, credentials in files."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.mapping.model import Rule
from studio.project.edits import ACTIVITY_REFS, FOLLOWERS, TAG
from studio.project.layout import PROJECT_FILE, file_of
from studio.project.model import KINDS, PROJECT, Activity, Connection, Operation, Project
from studio.script import tree
from studio.script.check import check_text
from studio.script.errors import ScriptError
from studio.script.functions.registry import FUNCTIONS
from studio.script.javascript import source as javascript
from studio.script.javascript.source import is_javascript
from studio.script.parse import parse
from studio.script.scope import Scope

ACTIVITIES = ("read", "write", "transform", "script", "call", "run", "move")
# A problem and the keys of the member it is about.
Found = tuple[Problem, tuple[str, ...]]

_EVERYWHERE = frozenset(name.lower() for name in FUNCTIONS)
_CREDENTIAL = re.compile(r"passw|passphrase|secret|token$|private_?key|api_?key", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:keyring:|\$)\S+")


def project(value: Project) -> Iterator[Problem]:
    """What is wrong with the project as a whole."""
    if not value.id:
        yield Problem(
            Severity.WARNING,
            _("The project has no id."),
            file=PROJECT_FILE,
            object=PROJECT,
            mend=_("Add a line such as id: followed by eight letters or digits; secrets are kept under it."),
        )
    for keys in credentials(dict(value.variables)):
        yield Problem(
            Severity.WARNING,
            _("The variable {name} holds a credential as plain text.").format(name=keys[-1]),
            file=PROJECT_FILE,
            object=PROJECT,
            mend=_("Move it to the secrets of a connection."),
        )
    names: dict[str, str] = {}
    for id in value.objects():
        other = names.setdefault(id.lower(), id)
        if other != id:
            yield Problem(
                Severity.WARNING,
                _("{name} and {other} differ in case only.").format(name=id, other=other),
                file=file_of(id),
                object=id,
                mend=_("Rename one: some systems take the two for one file."),
            )


def operation(project: Project, id: str, value: Operation) -> Iterator[Found]:
    """Activities nobody knows and names that lead nowhere."""
    if not value.activities:
        yield (
            _problem(
                Severity.WARNING, id, _("The operation has no activities."), _("Add what it should do.")
            ),
            (),
        )
    for index, activity in enumerate(value.activities):
        keys = ("activities", str(index), activity.kind)
        for problem in _activity(project, id, activity):
            yield problem, keys
    for member, refs in (("on_success", value.on_success), ("on_failure", value.on_failure)):
        known = [ref for kind in FOLLOWERS for ref in project.of_kind(kind)]
        for ref in refs:
            if ref not in known:
                message = _("There is no notification or operation called {name}.").format(name=ref)
                yield _problem(Severity.ERROR, id, message, _close(ref, known)), (member,)


def _activity(project: Project, id: str, activity: Activity) -> Iterator[Problem]:
    if activity.kind not in ACTIVITIES:
        message = _("There is no activity called {name}.").format(name=activity.kind)
        yield _problem(Severity.ERROR, id, message, _close(activity.kind, ACTIVITIES))
        return
    kind = ACTIVITY_REFS.get(activity.kind)
    if kind is not None:
        yield from _named(project, id, kind, activity.ref)
    elif activity.ref or not activity.connection:
        message = _("The activity {kind} needs settings that name a connection.").format(kind=activity.kind)
        mend = _("Write it as {kind}: with connection: and what to read or write.").format(kind=activity.kind)
        yield _problem(Severity.ERROR, id, message, mend)
    if activity.connection:
        yield from _named(project, id, "connections", activity.connection)
    if activity.kind == "move":
        yield from _named(project, id, "transformations", str(activity.settings.get("transformation", "")))


def _named(project: Project, id: str, kind: str, ref: str) -> Iterator[Problem]:
    known = project.of_kind(kind)
    if ref in known or (kind == "scripts" and project.script_ref(ref) is not None):
        return
    messages = {
        "transformations": _("There is no transformation called {name}."),
        "operations": _("There is no operation called {name}."),
        "connections": _("There is no connection called {name}."),
        "scripts": _("There is no script called {name}."),
    }
    yield _problem(Severity.ERROR, id, messages[kind].format(name=repr(ref)), _close(ref, known))


def connection(id: str, value: Connection) -> Iterator[Found]:
    """Credentials that stand in the file instead of the key store."""
    for keys in credentials(value.settings):
        message = _("The file holds a credential as plain text.")
        yield (
            _problem(Severity.WARNING, id, message, _("Move it to the key store and name it under secrets:")),
            keys,
        )
    for name, reference in value.secrets.items():
        if not _REFERENCE.fullmatch(reference):
            message = _("The secret {name} is not a reference to the key store.").format(name=name)
            mend = _("Write keyring:PROJECT/CONNECTION/FIELD; the value itself stays out of the project.")
            yield _problem(Severity.WARNING, id, message, mend), ("secrets", name)


def credentials(data: Any, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The keys that lead to texts called like a credential that are no references."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if (
                isinstance(value, str)
                and value
                and _CREDENTIAL.search(key)
                and not _REFERENCE.fullmatch(value)
            ):
                yield (*keys, key)
            else:
                yield from credentials(value, (*keys, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from credentials(value, (*keys, str(index)))


def script(project: Project, id: str, text: str) -> Iterator[Problem]:
    """What is wrong with a script that operations run, where systems can be reached."""
    if is_javascript(text, id):
        yield from javascript.problems(text, file=file_of(id), object=id)
        return
    yield from check_text(text, Scope(offered=_EVERYWHERE, object=id), file=file_of(id))
    with contextlib.suppress(ScriptError):
        yield from _references(project, parse(text, file=file_of(id)), Scope(object=id))


def rule_scripts(project: Project, id: str, rule: Rule) -> Iterator[Problem]:
    """Tables and objects that a rule's scripts name and the project lacks; the scripts themselves are the map's matter."""
    scope = Scope(object=id, path=rule.path)
    texts = [rule.script, rule.when, rule.each, *(sort.by for sort in rule.sort)]
    for text in (*texts, *(rule.group.by if rule.group else ())):
        if text is not None:
            with contextlib.suppress(ScriptError):
                yield from _references(project, parse(text, file=file_of(id)), scope)


def _references(project: Project, script: tree.Script, scope: Scope) -> Iterator[Problem]:
    """Value tables and objects (`<TAG>Operations/send</TAG>`) that a script names and the project does not have."""
    for node in tree.walk(script):
        if isinstance(node, tree.Call) and node.name.lower() == "tablelookup" and node.arguments:
            name = node.arguments[0]
            tables = [file.removeprefix("tables/").removesuffix(".csv") for file in project.tables]
            if isinstance(name, tree.Literal) and isinstance(name.value, str) and name.value not in tables:
                message = _("There is no value table {name}.").format(name=repr(name.value))
                yield _in_script(script, name, scope, message, _close(name.value, tables))
        elif isinstance(node, tree.Literal) and isinstance(node.value, str):
            for kind, ref in TAG.findall(node.value):
                known = project.of_kind(kind.lower()) if kind.lower() in KINDS else ()
                if kind.lower() in KINDS and ref not in known and f"{ref}.js" not in known:
                    message = _("There is no {kind} called {name}.").format(kind=kind, name=repr(ref))
                    yield _in_script(script, node, scope, message, _close(ref, known))


def _in_script(script: tree.Script, node: tree.Node, scope: Scope, message: str, mend: str) -> Problem:
    line, column = script.place(node.start)
    return Problem(Severity.ERROR, message, script.file, line, column, scope.object, scope.path, mend)


def other(project: Project, id: str, data: Mapping[str, Any]) -> Iterator[Found]:
    """References of schedules, endpoints, tests and environments to objects that are not there."""
    singular = {kind.removesuffix("s"): kind for kind in KINDS}
    for key, value in data.items():
        kind = singular.get(key)
        if kind is None or not isinstance(value, str) or key == id.partition("/")[0].removesuffix("s"):
            continue
        known = project.of_kind(kind)
        if value not in known:
            message = _("There is no {kind} called {name}.").format(kind=key, name=repr(value))
            yield _problem(Severity.ERROR, id, message, _close(value, known)), (key,)


def _problem(severity: Severity, id: str, message: str, mend: str) -> Problem:
    return Problem(severity, message, file=file_of(id), object=id, mend=mend)


def _close(name: str, known: Iterable[str]) -> str:
    """What to do about an unknown name, with those that look like it."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)[:8]
    if not near:
        return _("Create it first, or take the name out.")
    return _("Choose one of: {names}.").format(names=", ".join(near))
