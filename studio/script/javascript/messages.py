"""What the engine says about an error, in words a person understands."""

from __future__ import annotations

import re
from collections.abc import Callable

from studio.base.i18n import N_, _
from studio.script.javascript.prelude import OWN_LINE

_CALLED = re.compile(r"^ +at .*\(<input>:(\d+):(\d+)\)$", re.MULTILINE)
_READ = re.compile(r"^ +at <input>:(\d+):(\d+)$", re.MULTILINE)
# What the engine says, and what we say instead; groups fill in the braces.
_KNOWN = (
    (r"ReferenceError: '?(?P<name>[^']+?)'? is not defined", N_("There is nothing called {name}.")),
    (
        r"ReferenceError: (?P<name>\S+) is not initialized",
        N_("{name} is used before it is set."),
    ),
    (
        r"TypeError: cannot read property '(?P<name>.*)' of (?P<value>null|undefined)",
        N_("{name} cannot be read: the value before it is {value}."),
    ),
    (
        r"TypeError: cannot set property '(?P<name>.*)' of (?P<value>null|undefined)",
        N_("{name} cannot be set: the value before it is {value}."),
    ),
    (r"TypeError: (?P<name>.+) is not a function", N_("{name} is no function.")),
    (r"TypeError: not a function", N_("What is called here is no function.")),
    (r"TypeError: '(?P<name>.*)' is read-only", N_("{name} cannot be changed.")),
    (r"SyntaxError: unexpected token in expression: ''", N_("The script ends too early.")),
    (r"SyntaxError: unexpected token in expression: '(?P<name>.*)'", N_("{name} is not expected here.")),
    (r"SyntaxError: expecting '(?P<name>.*)'", N_("{name} is missing here.")),
    (r"SyntaxError: unexpected end of string", N_("The text that begins here has no closing quote.")),
    (r"SyntaxError: unexpected end of comment", N_("The comment that begins here has no end.")),
    (r"SyntaxError: invalid redefinition of .*", N_("This name is taken already.")),
    (r"SyntaxError: return not in a function", N_("return stands outside a function.")),
    (r"RangeError: Maximum call stack size exceeded", N_("Functions call each other without end.")),
    (r"RangeError: invalid array length", N_("An array cannot have this length.")),
    (r"InternalError: string too long|RangeError: invalid string length", N_("A text grows too long.")),
    (r"InternalError: out of memory|null", N_("The script uses too much memory.")),
)


def split_stack(said: str) -> tuple[str, int | None, int | None]:
    """An error's message, and the innermost place in the script, from 1; None where none is told.

    A text that does not read tells its own place first, without brackets; where the script handed that text to
    JSON.parse or eval, the place of the call counts.
    """
    message = said.split("\n    at ", 1)[0].strip()
    inside = [(int(line), int(column)) for line, column in _CALLED.findall(said)]
    read = [(int(line), int(column)) for line, column in _READ.findall(said)]
    for line, column in (*inside, *read):
        if line < OWN_LINE:
            return message, line, column
    return message, None, None


def in_words(message: str) -> str:
    """The message in the user's language; the engine's own words where we have no better ones."""
    for pattern, text in _KNOWN:
        match = re.fullmatch(pattern, message)
        if match is not None:
            return _(text).format(**match.groupdict())
    name, colon, rest = message.partition(": ")
    return rest if colon and _KIND(name) else message


_KIND: Callable[[str], object] = re.compile(r"\w*Error").fullmatch
