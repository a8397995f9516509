"""The reference of functions and system variables written as Markdown, in the active language."""

from __future__ import annotations

from collections.abc import Iterator

from studio.base.i18n import _
from studio.script.examples import SAMPLE
from studio.script.functions import FUNCTIONS, Function
from studio.script.reference import Family, argument_text, families, type_name
from studio.script.system_variables import SYSTEM_VARIABLES


def function_pages() -> str:
    """All functions as one Markdown document, in the active language."""
    groups = families()
    lines = [
        "# " + _("Functions of the script language"),
        "",
        _("{n} functions. In square brackets stands what may be left out; … means any number more.").format(
            n=len(FUNCTIONS)
        ),
        _(
            "Paths in examples read the order shown at the end. This page is made from the code: {command}."
        ).format(command="`python3 dev.py reference`"),
        "",
        *(_index_line(group) for group in groups),
        "",
    ]
    for group in groups:
        lines += [f"## {group.title}", ""]
        for function in group.functions:
            lines += [*_function_lines(function), ""]
    return "\n".join((*lines, *_sample_lines()))


def _index_line(family: Family) -> str:
    names = " · ".join(f"[{each.name}](#{each.name.lower()})" for each in family.functions)
    return f"- **{family.title}**: {names}"


def _function_lines(function: Function) -> Iterator[str]:
    yield f"### {function.name}"
    yield ""
    yield f"`{function.signature}` → {type_name(function.result)}"
    yield ""
    yield function.explanation
    if function.arguments:
        yield ""
    for argument in function.arguments:
        note = f": {argument.explanation}" if argument.explanation else ""
        yield f"- `{argument.name}` ({_escaped(argument_text(argument))}){_escaped(note)}"
    if function.example:
        yield ""
        yield "```"
        yield function.example
        if function.gives:
            yield f"→ {function.gives}"
        yield "```"
    if function.failure:
        yield ""
        yield _("Fails: {when}").format(when=_escaped(function.failure))


def _sample_lines() -> Iterator[str]:
    yield "## " + _("The order of the examples")
    yield ""
    yield "```xml"
    yield SAMPLE.strip()
    yield "```"
    yield ""


def variable_pages() -> str:
    """All system variables as one Markdown document, in the active language."""
    lines = [
        "# " + _("System variables"),
        "",
        _("{n} variables, written with a dollar sign: {example}.").format(
            n=len(SYSTEM_VARIABLES), example="`$jitterbit.operation.last_error`"
        ),
        _("A star stands for any name. “Set” is there to be set, “tells” tells a script something."),
        _("Those marked “yes” mean something in this program; the others are known, kept and given back."),
        _("This page is made from the code: {command}.").format(command="`python3 dev.py reference`"),
    ]
    modules: dict[str, list[str]] = {}
    for variable in SYSTEM_VARIABLES.values():
        module = variable.name.split(".")[1]
        use = _("set") if variable.setting else _("tells")
        works = _("yes") if variable.works else "–"
        row = f"| `{variable.name}` | {variable.type} | {use} | {works} | {_escaped(variable.explanation)} |"
        modules.setdefault(module, []).append(row)
    head = " | ".join((_("name"), _("type"), _("use"), _("works here"), _("what it is")))
    for module, rows in modules.items():
        lines += ["", f"## {module}", "", f"| {head} |", "|---|---|---|---|---|", *rows]
    return "\n".join((*lines, ""))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
