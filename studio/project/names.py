"""Where a name stands in the whole project, where it gets its value, and what renaming it changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.mapping.replace import Change, is_path, problem_of, texts
from studio.project import edits, in_scripts
from studio.project.model import KINDS, PROJECT, Project
from studio.project.replace import Found, apply
from studio.script import references
from studio.script.javascript.source import is_javascript
from studio.script.references import Name, Occurrence, Sort
from studio.script.system_variables import system_variable

VARIABLES = "variables"
_GLOBAL = re.compile(r"[^\W\d]\w*(?:[.:]\w+)*")
Steps = Callable[[str, str, str], tuple[str, ...]]
"""From an object's id, a target path and a part of its rule to the source steps that relative paths are read from."""


@dataclass(frozen=True)
class Text:
    """A text of the project in which names may stand: `part` is which one of a rule's, `script` for a script."""

    object: str
    path: str
    part: str
    text: str

    @property
    def javascript(self) -> bool:
        """It is JavaScript."""
        return self.object.startswith("scripts/") and is_javascript(self.text, self.object)


@dataclass(frozen=True)
class Use:
    """A name in a text of the project, from offset `start` to `end`; `text` is its line, where it stands at `at`.

    `part` is "variables" where the project declares it, else which of the texts of a rule. `object` is an id.
    """

    object: str
    path: str
    part: str
    start: int
    end: int
    line: int
    text: str
    sets: bool = False
    at: int = -1

    def renamed(self, new: str) -> str:
        """The line with another name there."""
        if self.at < 0:
            return new
        return self.text[: self.at] + new + self.text[self.at + self.end - self.start :]


def texts_of(project: Project) -> Iterator[Text]:
    """Every text of the project in which names may stand: the rules of its maps, then its scripts."""
    for ref, map in project.transformations.items():
        for rule in map.mapping.rules:
            for part, text in texts(rule):
                yield Text(f"transformations/{ref}", rule.path, part, text)
    for ref, text in project.scripts.items():
        yield Text(f"scripts/{ref}", "", "script", text)


def occurrences(text: Text, context: tuple[str, ...] = ()) -> tuple[Occurrence, ...]:
    """Every name in a text of the project, offsets being those of the text as it is kept."""
    if text.javascript:
        return in_scripts.javascript_names(text.text)
    return in_scripts.names(text.text, context, path=is_path(text.part))


def uses(project: Project, name: Name, steps: Steps | None = None) -> Iterator[Use | None]:
    """Everywhere a name stands; None now and then, for one who must not be kept waiting.

    Local variables are nobody's but their script's: they are not looked for. `steps` is needed for fields.
    """
    wanted = name.name.rpartition("/")[2].lower() if name.sort is not Sort.GLOBAL else name.name.lower()
    wanted = wanted.strip("@`")
    if name.sort is Sort.GLOBAL and name.name in project.variables:
        yield Use(PROJECT, name.name, VARIABLES, 0, 0, 0, project.variables[name.name], sets=True)
    for text in texts_of(project):
        if wanted in text.text.lower():
            context = steps(text.object, text.path, text.part) if steps is not None and text.path else ()
            for each in occurrences(text, context):
                if same(each.name, name):
                    yield use_of(text, each)
        yield None
    if name.sort is Sort.OBJECT:
        yield from _of_object(project, name)


def same(one: Name, other: Name) -> bool:
    """Whether two names mean the same thing."""
    if one.sort is Sort.FUNCTION:
        return other.sort is Sort.FUNCTION and one.name.lower() == other.name.lower()
    return one == other


def use_of(text: Text, found: Occurrence) -> Use:
    """An occurrence with its line."""
    start = text.text.rfind("\n", 0, found.start) + 1
    end = text.text.find("\n", found.end)
    line = text.text[start : end if end >= 0 else len(text.text)]
    number = text.text.count("\n", 0, found.start) + 1
    at = found.start - start - (len(line) - len(line.lstrip()))
    place = text.object, text.path, text.part, found.start, found.end, number
    return Use(*place, line.strip(), found.sets, at)


def _of_object(project: Project, name: Name) -> Iterator[Use]:
    """The activities and follow-ups of operations that name an object."""
    kind, _slash, ref = name.name.partition("/")
    for operation, value in project.operations.items():
        id = f"operations/{operation}"
        for number, activity in enumerate(value.activities, 1):
            if activity.ref == ref and edits.ACTIVITY_REFS.get(activity.kind) == kind:
                yield Use(id, "", "activity", 0, 0, number, f"{activity.kind}: {ref}")
        followers = (*value.on_success, *value.on_failure) if kind in edits.FOLLOWERS else ()
        if ref in followers:
            yield Use(id, "", "activity", 0, 0, 0, ref)


@dataclass(frozen=True)
class Renaming:
    """What a new name changes, text by text; `project` is the project after all of it."""

    changes: tuple[Found, ...]
    project: Project


def rename(project: Project, name: Name, new: str) -> Renaming:
    """What calling a global variable or an object of the project `new` changes.

    Raises BadInput where it belongs to the language, nothing can be called so, or something already is.
    """
    if name.sort is Sort.OBJECT:
        return _rename_object(project, name, new)
    new = new.removeprefix("$")
    check(project, name, new)
    found = tuple(_changes(project, name, new))
    after = apply(project, found)
    if name.name in project.variables:
        named = {new if key == name.name else key: value for key, value in project.variables.items()}
        after = edits.put(after, PROJECT, replace(after, variables=named))
        row = Change(name.name, VARIABLES, name.name, new)
        found = (Found(PROJECT, row), *found)
    return Renaming(found, after)


def check(project: Project, name: Name, new: str) -> None:
    """Raise BadInput as `rename` does, without looking for all that changes."""
    if name.sort is Sort.OBJECT:
        _rename_object(project, name, new)
        return
    if not renamable(name):
        raise BadInput(
            _("{name} belongs to the language and keeps its name.").format(name=name.name),
            next_step=_("Rename variables, fields or objects."),
        )
    new = new.removeprefix("$")
    if not _GLOBAL.fullmatch(new):
        raise BadInput(
            _("{name} cannot be a name here.").format(name=repr(new)),
            next_step=_("Begin with a letter; use letters, digits and underscores."),
        )
    if new != name.name and any(True for each in uses(project, Name(Sort.GLOBAL, new)) if each is not None):
        raise BadInput(
            _("The project already has a variable {name}.").format(name=f"${new}"),
            next_step=_("Choose another name."),
        )


def check_own(text: Text, name: Name, new: str) -> None:
    """Raise BadInput where a variable of one script cannot be called so."""
    if text.javascript:
        check(Project("", ""), name, new)
    else:
        references.edits(text.text, name, new.removeprefix("$"))


def renamable(name: Name) -> bool:
    """Whether a person may choose the name: not the system's variables, not the functions."""
    return name.sort is Sort.OBJECT or (name.sort is Sort.GLOBAL and system_variable(name.name) is None)


def _changes(project: Project, name: Name, new: str) -> Iterator[Found]:
    for text in texts_of(project):
        if name.name not in text.text:
            continue
        places = [each for each in occurrences(text) if each.name == name]
        if places:
            changed = _put(text.text, places, new)
            problem = "" if text.javascript else problem_of(text.part, changed)
            if problem and problem_of(text.part, text.text):
                # It was wrong before: the new name is not to blame.
                problem = ""
            yield Found(text.object, Change(text.path, text.part, text.text, changed, len(places), problem))


def _put(text: str, places: Iterable[Occurrence], new: str) -> str:
    for each in sorted(places, key=lambda place: -place.start):
        text = text[: each.start] + new + text[each.end :]
    return text


def _rename_object(project: Project, name: Name, new: str) -> Renaming:
    kind, _slash, ref = name.name.partition("/")
    id = object_id(project, name)
    if id is None:
        raise BadInput(
            _("There is no such object in the project."), path=name.name, next_step=_("Check the name.")
        )
    after = edits.rename(project, id, new)
    now = {(text.object, text.path, text.part): text.text for text in texts_of(after)}
    found = [Found(id, Change("", "name", ref, new))]
    for text in texts_of(project):
        object = f"{kind}/{new}" if text.object == id else text.object
        changed = now.get((object, text.path, text.part), text.text)
        if changed != text.text:
            found.append(Found(text.object, Change(text.path, text.part, text.text, changed)))
    for operation, value in project.operations.items():
        if after.operations.get(operation, value) != value:
            found.append(Found(f"operations/{operation}", Change("", "activity", ref, new)))
    return Renaming(tuple(found), after)


def object_id(project: Project, name: Name) -> str | None:
    """The id of the object that a reference such as `operations/send` means; None where there is none."""
    kind, _slash, ref = name.name.partition("/")
    if kind == "scripts":
        found = project.script_ref(ref)
        return f"scripts/{found}" if found is not None else None
    id = f"{kind}/{ref}"
    return id if kind in KINDS and project.get(id) is not None else None


def variables(project: Project) -> tuple[str, ...]:
    """The global variables that the project declares or names anywhere, without those of the system."""
    found = dict.fromkeys(project.variables)
    for text in texts_of(project):
        if "$" in text.text or "SetVar" in text.text:
            found |= dict.fromkeys(in_scripts.quick_globals(text.text))
    return tuple(name for name in found if system_variable(name) is None)
