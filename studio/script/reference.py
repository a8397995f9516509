"""The reference of functions: grouped and searched."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from studio.base.i18n import _
from studio.script.functions import FAMILIES, FUNCTIONS, Argument, Function


@dataclass(frozen=True)
class Family:
    """A group of functions, by name; `title` is in the user's language."""

    key: str
    title: str
    functions: tuple[Function, ...]


def families(functions: Iterable[Function] | None = None) -> tuple[Family, ...]:
    """The functions (all of them unless given) by family, in the order of the families; empty ones are left out."""
    groups: dict[str, list[Function]] = {key: [] for key in FAMILIES}
    for function in FUNCTIONS.values() if functions is None else functions:
        groups[function.family].append(function)
    return tuple(
        Family(key, _(FAMILIES[key]), tuple(sorted(group, key=lambda each: each.name.lower())))
        for key, group in groups.items()
        if group
    )


def found(query: str) -> tuple[Function, ...]:
    """The functions in whose name, family or explanation every typed word begins a word, or stands in the name.

    Names that begin with what was typed come first, then names, families and explanations; letter case and accents do
    not count.
    """
    words = plain(query).split()
    ranked = [
        (rank, function.name.lower(), function)
        for function in FUNCTIONS.values()
        if (rank := _rank(words, function)) is not None
    ]
    return tuple(function for _rank_, _name, function in sorted(ranked, key=lambda each: each[:2]))


def _rank(words: list[str], function: Function) -> int | None:
    name = function.name.lower()
    if all(word in name for word in words):
        return 0 if name.startswith("".join(words)) else 1
    family = plain(_(FAMILIES[function.family])).split()
    about = plain(function.explanation).replace("(", " ").split()
    for rank, texts in ((2, family), (3, family + about)):
        if all(word in name or any(text.startswith(word) for text in texts) for word in words):
            return rank
    return None


def plain(text: str) -> str:
    """Lower case without accents."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def call_text(function: Function) -> str:
    """A call to be filled in: the names of the arguments it cannot do without, `Left(str, n)`."""
    needed = (argument.name for argument in function.arguments if not argument.optional)
    return f"{function.name}({', '.join(needed)})"


def argument_text(argument: Argument) -> str:
    """What is known of an argument, in one line: `number, optional`."""
    kind = " | ".join(type_name(name) for name in argument.type.split("|"))
    if argument.many:
        return _("{type}, any number").format(type=kind)
    return _("{type}, optional").format(type=kind) if argument.optional else kind


def type_name(name: str) -> str:
    """A type of the language as the reference names it; `type` is any."""
    return _("any value") if name == "type" else name
