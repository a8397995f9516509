"""The names in one text: of a script, of a path without its brackets, of JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from studio.script import references
from studio.script.references import Name, Occurrence, Sort

_COMMENT = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
_TEXT = r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`"""
_JAVASCRIPT = re.compile(
    rf"""(?P<skip>{_COMMENT})
    | \b(?P<how>GetVar|SetVar)\s*\(\s*(?P<quote>["'])\$?(?P<named>[\w.:]+)(?P=quote)
    | (?P<text>{_TEXT})
    | Jitterbit\s*\.\s*(?!GetVar|SetVar)(?P<function>[A-Za-z_]\w*)
    | (?<![\w$])\$(?P<global>\w+)(?P<set>\s*(?:=(?![=>])|[-+*/%]=|\+\+|--))?""",
    re.VERBOSE | re.DOTALL,
)
_QUICK = re.compile(r"""\$([^\W\d][\w.:]*)|SetVar\(\s*["']([^\W\d][\w.:]*)""")


def names(text: str, context: tuple[str, ...] = (), *, path: bool = False) -> tuple[Occurrence, ...]:
    """Every name of a script, or with `path` of a path written without its brackets."""
    if not path:
        return references.occurrences(text, context)
    found = references.occurrences(f"[{text}]", context)
    return tuple(replace(each, start=each.start - 1, end=each.end - 1) for each in found)


def javascript_names(text: str) -> tuple[Occurrence, ...]:
    """The shared variables, `Jitterbit` functions and objects of the project that JavaScript names."""
    return tuple(_javascript(text))


def _javascript(text: str) -> Iterator[Occurrence]:
    for match in _JAVASCRIPT.finditer(text):
        if match["named"]:
            sets = match["how"] == "SetVar"
            yield Occurrence(Name(Sort.GLOBAL, match["named"]), *match.span("named"), sets)
        elif match["function"]:
            yield Occurrence(Name(Sort.FUNCTION, match["function"]), *match.span("function"))
        elif match["global"]:
            yield Occurrence(Name(Sort.GLOBAL, match["global"]), *match.span("global"), bool(match["set"]))
        elif match["text"]:
            for kind, ref, start, end in references.tags(text, *match.span("text")):
                yield Occurrence(Name(Sort.OBJECT, f"{kind}/{ref}"), start, end)


def quick_globals(text: str) -> Iterator[str]:
    """What looks like a global variable, without reading the script: enough to offer it."""
    for match in _QUICK.finditer(text):
        yield (match[1] or match[2]).rstrip(".:")
