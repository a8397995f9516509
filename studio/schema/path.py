"""The address of a node: `invoices/invoice/party[2]/@role`, as the map's keys and problem places write it.

That of a further document begins with its name: `audit::log/entry`. Filters in scripts are parsed by the script language; an address holds names and instance numbers only.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from functools import lru_cache

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.base.records import dataclass

_SPECIAL = pattern(r"[/\[\]@~:`\s]")
_DOCUMENT = pattern(r"(?P<name>[^/\[\]@~:`\s]+)::")
_STEP = pattern(
    r"""
    (?P<at>@)?
    (?:(?P<prefix>[^/\[\]@~:`\s]+):)?
    (?: `(?P<quoted>(?:[^`]|``)*)` | (?P<name>[^/\[\]@~:`]+) )
    (?:~(?: `(?P<qtype>(?:[^`]|``)*)` | (?P<type>[^/\[\]@`]+) ))?
    (?:\[(?P<index>[1-9][0-9]*)\])?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an address. `type` picks a derived type or substitution; `index` counts from 1.

    The first step of an address in a further document has that `document`, and no name where its root has none.
    """

    name: str
    attribute: bool = False
    prefix: str | None = None
    type: str | None = None
    index: int | None = None
    document: str = ""

    @property
    def is_text(self) -> bool:
        """The step means an element's own text."""
        return self.name == "text()" and not self.attribute

    def __str__(self) -> str:
        if not (self.prefix or self.type or self.index or self.document) and self.name != "text()":
            return "@" + quote(self.name) if self.attribute else quote(self.name)
        if self.document:
            alone = f"{self.document}::"
            return alone + str(replace(self, document="")) if self.name else alone
        name = self.name if self.is_text else quote(self.name)
        text = ("@" if self.attribute else "") + (f"{self.prefix}:" if self.prefix else "") + name
        if self.type:
            text += f"~{quote(self.type)}"
        return text + (f"[{self.index}]" if self.index else "")


@lru_cache(maxsize=20_000)
def quote(name: str) -> str:
    """The name, between backquotes where it holds a character that means something in a path."""
    return "`" + name.replace("`", "``") + "`" if _SPECIAL.search(name) or not name else name


def format_steps(steps: tuple[Step, ...]) -> str:
    """The steps joined by slashes."""
    return "/".join(str(step) for step in steps)


@lru_cache(maxsize=50_000)
def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of an address; a leading slash (unnamed root, document) adds no step. Those asked for last are kept.

    Raises BadInput with the column where the address stops making sense.
    """
    found = _DOCUMENT.match(text)
    if found is not None:
        return _in_document(text, found["name"], found.end())
    above, _slash, last = text.rpartition("/")
    if above and last and "`" not in text:
        # Addresses have their beginnings in common, and these are remembered.
        with contextlib.suppress(BadInput):
            return *parse_path(above), _only(last)
    return _steps(text)


@lru_cache(maxsize=20_000)
def _only(step: str) -> Step:
    found = _steps(step)
    return found[0]


def _steps(text: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    at = 1 if text.startswith("/") else 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or match.end() == at:
            raise _wrong(text, at)
        quoted, qtype = match["quoted"], match["qtype"]
        steps.append(
            Step(
                quoted.replace("``", "`") if quoted is not None else match["name"],
                attribute=match["at"] is not None,
                prefix=match["prefix"],
                type=qtype.replace("``", "`") if qtype is not None else match["type"],
                index=int(match["index"]) if match["index"] else None,
            )
        )
        at = match.end()
        if at < len(text):
            if text[at] != "/" or at + 1 == len(text):
                raise _wrong(text, at)
            at += 1
    return tuple(steps)


def _in_document(text: str, name: str, at: int) -> tuple[Step, ...]:
    """The steps of an address in the further document `name`, whose own part begins at `at`."""
    inside = text[at:]
    try:
        steps = parse_path(inside)
    except BadInput:
        raise _wrong(text, at) from None
    if inside.startswith("/") or not steps:
        return Step("", document=name), *steps
    if steps[0].document:
        raise _wrong(text, at)
    return replace(steps[0], document=name), *steps[1:]


def document_of(path: str) -> str:
    """The name of the further document that an address is in; empty for the main one."""
    found = _DOCUMENT.match(path) if "::" in path else None
    return found["name"] if found is not None else ""


def without_indexes(path: str) -> str:
    """The address of the schema node: instance numbers and type picks removed."""
    lead = "/" if path.startswith("/") else ""
    return lead + format_steps(tuple(replace(s, type=None, index=None) for s in parse_path(path)))


def said_path(path: str) -> str:
    """The address for people to read: names as they are, without the quotes that scripts need; never to be parsed."""
    lead = "/" if path.startswith("/") else ""
    return lead + "/".join(said_step(step) for step in parse_path(path))


def said_step(step: Step) -> str:
    """One step for people to read."""
    if step.document:
        return f"{step.document}::" + (said_step(replace(step, document="")) if step.name else "")
    said = ("@" if step.attribute else "") + (f"{step.prefix}:" if step.prefix else "") + step.name
    if step.type:
        said += f"~{step.type}"
    return said + (f"[{step.index}]" if step.index else "")


def parent_path(path: str) -> str:
    """The address one step up; empty for a root."""
    steps = parse_path(path)
    lead = "/" if path.startswith("/") and len(steps) > 1 else ""
    return lead + format_steps(steps[:-1])


def _wrong(text: str, at: int) -> BadInput:
    return BadInput(
        _("This is not a path: {text}").format(text=text),
        column=at + 1,
        next_step=_(
            "Write names joined by slashes, such as orders/order/@id; put unusual names between backquotes."
        ),
    )
