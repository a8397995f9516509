"""The form that the records of an XML file have: which elements and attributes stand in which order, learned from some.

A form says only how plain documents are usually written; what is written otherwise is left to the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field

from studio.base.patterns import pattern
from studio.base.records import dataclass

_TOKEN = pattern(
    r"""<(?:/(?P<end>[^\s<>/!?&"'=]+)
    |(?P<start>[^\s<>/!?&"'=]+)(?P<attributes>(?:\ [^\s<>/&"'=]+="[^"<\t\n\r]*")*)(?P<closed>\ ?/)?)>
    |(?P<text>[^<]+)""",
    re.VERBOSE,
)
_ATTRIBUTE = pattern(r' ([^\s=]+)="')
_MOST = 400  # elements in a form: more of them would not make a quick expression


class Unusual(Exception):
    """The record is not written as plain documents are."""


@dataclass
class Form:
    """An element: its name as written, its key (`{namespace}name`), attributes and children in their order.

    `often` says that it may come several times in a row, `optional` that its parent does without it now and then;
    `closed` that it was seen as an empty-element tag; `blanks` that it was seen with more than one line break or other
    blanks than indentation between its children.
    """

    name: str
    key: str
    attributes: dict[str, tuple[str, bool]] = field(default_factory=dict)
    children: list[Form] = field(default_factory=list)
    often: bool = False
    optional: bool = False
    closed: bool = False
    blanks: bool = False
    texts: bool = False
    seen: int = 0

    def child(self, name: str) -> int | None:
        """The place of the child called that."""
        return next((place for place, child in enumerate(self.children) if child.name == name), None)


class Learner:
    """Learns a form from the text of one record after the other. `names` are the namespaces by prefix."""

    def __init__(self, names: Mapping[str | None, str]) -> None:
        self._names = names
        self.form: Form | None = None
        self._count = 0

    def learn(self, text: str, at: int = 0) -> int:
        """Learn from the record that begins at a place of the text; gives the place behind it.

        The text is that of a well-formed document. Raises Unusual for a record that no form allows.
        """
        tokens = _TOKEN.finditer(text, at)
        first = self._next(tokens, at)
        if first["start"] is None:
            raise Unusual
        if self.form is None:
            self.form = self._new(first["start"])
        elif self.form.name != first["start"]:
            raise Unusual
        return self._element(self.form, first, tokens)

    def _next(self, tokens: Iterator[re.Match[str]], at: int) -> re.Match[str]:
        token = next(tokens, None)
        if token is None or token.start() != at:
            raise Unusual
        return token

    def _new(self, name: str) -> Form:
        self._count += 1
        if self._count > _MOST:
            raise Unusual
        return Form(name, self._key(name, default=True))

    def _key(self, name: str, default: bool) -> str:
        prefix, colon, local = name.rpartition(":")
        if not colon:
            address = self._names.get(None) if default else None
        else:
            address = self._names.get(prefix)
            if address is None or "XMLSchema-instance" in address:
                raise Unusual
        return f"{{{address}}}{local}" if address else local

    def _element(self, form: Form, start: re.Match[str], tokens: Iterator[re.Match[str]]) -> int:
        self._attributes(form, start["attributes"])
        form.seen += 1
        at = start.end()
        if start["closed"]:
            form.closed = True
            for child in form.children:
                child.optional = True
            return at
        place, found = -1, set[str]()
        text = ""
        while (token := self._next(tokens, at))["end"] is None:
            if token["text"] is not None:
                text += token["text"]
                form.blanks = form.blanks or re.fullmatch("\n? *", token["text"]) is None
                at = token.end()
                continue
            name = token["start"]
            place = self._place(form, place, name)
            found.add(name)
            at = self._element(form.children[place], token, tokens)
        for child in form.children:
            child.optional = child.optional or child.name not in found
        form.texts = form.texts or bool(text.strip(" \t\n"))
        if form.texts and form.children:
            raise Unusual
        return token.end()

    def _place(self, form: Form, before: int, name: str) -> int:
        """The place of a child among its siblings, which come in one order; a new one is put in."""
        known = form.child(name)
        if known is None:
            child = self._new(name)
            if any(child.key == other.key for other in form.children):
                raise Unusual
            child.optional = form.seen > 1
            form.children.insert(before + 1, child)
            return before + 1
        if known < before:
            raise Unusual
        form.children[known].often = form.children[known].often or known == before
        return known

    def _attributes(self, form: Form, text: str) -> None:
        names = _ATTRIBUTE.findall(text)
        before = -1
        order = list(form.attributes)
        for name in names:
            if name not in form.attributes:
                if name.startswith("xml"):
                    raise Unusual
                key = "@" + self._key(name, default=False)
                if any(key == other for other, _optional in form.attributes.values()):
                    raise Unusual
                order.insert(before + 1, name)
                form.attributes[name] = (key, form.seen > 0)
            if order.index(name) <= before:
                raise Unusual
            before = order.index(name)
        form.attributes = {
            name: (form.attributes[name][0], form.attributes[name][1] or name not in names) for name in order
        }
