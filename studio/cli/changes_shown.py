"""What a deployment would change, on a terminal; and the word somebody types before an environment is changed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from studio.base.errors import Cancelled, NotAllowed
from studio.base.i18n import _
from studio.cli.move_guard import typed as typed_line
from studio.cli.printable import printable_line
from studio.cli.signed_in import say
from studio.protocol.access import Environment
from studio.repository.changes import ObjectChange, VariableChange

_WIDEST = 100


def tell_objects(objects: Iterable[ObjectChange]) -> None:
    """A line for each object, under it one for each rule that differs: before → after."""
    words = {"added": _("added"), "changed": _("changed"), "removed": _("removed")}
    for change in objects:
        print(printable_line(f"{words[change.change]}  {change.path}"))  # noqa: T201
        for part in change.parts:
            print(f"    {_cut('/'.join(part.path))}: {_value(part.before)} → {_value(part.after)}")  # noqa: T201


def tell_variables(variables: Iterable[VariableChange]) -> None:
    """A line for each variable that is worth something else."""
    several = list(variables)
    for title, apart in (
        (_("Variables there:"), False),
        (_("Set differently in the two environments, and left as they are:"), True),
    ):
        found = [each for each in several if each.apart is apart]
        if found:
            print(title)  # noqa: T201
        for each in found:
            print(f"    {_cut(each.name)}: {_value(each.before)} → {_value(each.after)}")  # noqa: T201


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return _cut(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _cut(text: str) -> str:
    line = printable_line(text)
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def is_last(environment: Environment, known: Iterable[Environment]) -> bool:
    """Whether it is the last of the organization's environments: the one whose name has to be typed."""
    return all(environment.position >= each.position for each in known)


def confirm(target: Environment, last: bool, yes: bool, named: str) -> None:
    """Somebody says yes to a change of an environment; for the last one they type its name.

    `yes` answers for any but the last one, `named` (the name of the environment) for that one. Raises NotAllowed where
    nobody can be asked, Cancelled for another word.
    """
    wanted = target.slug if last else _("yes")
    if named or (yes and not last):
        if named and named not in (target.slug, target.name, target.id):
            raise NotAllowed(
                _(
                    "{given} is not the name of this environment, which is {name}. Nothing was changed."
                ).format(given=named, name=target.slug)
            )
        return
    option = f"--yes-production {target.slug}" if last else "--yes"
    _ask(
        wanted,
        _("Nobody confirmed the change of {environment}. Nothing was changed.").format(
            environment=target.name
        ),
        option,
    )


def agreed(yes: bool, refusal: str) -> None:
    """Somebody says yes; raises NotAllowed with this sentence where nobody can be asked, Cancelled for another word."""
    if not yes:
        _ask(_("yes"), refusal, "--yes")


def _ask(wanted: str, refusal: str, option: str) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise NotAllowed(refusal, next_step=_("Confirm it with: {option}").format(option=option))
    say("")
    if typed_line(_("Type {word} to go on: ").format(word=wanted)).casefold() != wanted.casefold():
        raise Cancelled(_("It was not confirmed. Nothing was changed."))
