"""Records of a learned form taken out of the text by expressions: the same values as by the parser, without elements.

An expression matches only what is well-formed whatever stands in its gaps, so that what it matches needs no parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from studio.base.patterns import pattern
from studio.engine.formats.xml_form import Form
from studio.engine.generate.layout import Chain, Ref, Row, numbered, unpacked
from studio.engine.generate.lines import Declined, Lines
from studio.engine.plan import Shape

Scan = Callable[[str, int], "tuple[tuple[Any, ...], int] | None"]
"""A text and the place where a record begins → its row (see layout) and the place behind it; None where it is no
record of the form."""
_CONTROL = bytes(code for code in range(32) if code not in (9, 10, 13))
_ODD_REFERENCE = pattern("&(?!(?:amp|lt|gt|quot|apos);)")
_REFERENCE = pattern("&(?:#(?:[0-9]{1,7}|x[0-9a-fA-F]{1,6})|amp|lt|gt|quot|apos);")
_NAMED = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}


def plain_text(data: bytes) -> str | None:
    """The text of a piece of XML, its lines ended as a parser ends them; None where a parser has to look at it.

    All its characters and references are such as XML allows then.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if len(data.translate(None, _CONTROL)) != len(data) or "\ufffe" in text or "\uffff" in text:
        return None
    if "]" in text and "]]>" in text:
        return None
    if _ODD_REFERENCE.search(text) and not _references_hold(text):
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _references_hold(text: str) -> bool:
    """Every reference is one to a character that XML allows."""
    found = _REFERENCE.findall(text)
    return len(found) == text.count("&") and all(_allowed(_character(each)) for each in set(found))


def _allowed(character: str) -> bool:
    code = ord(character)
    if code < 32:
        return code in (9, 10, 13)
    return not 0xD800 <= code < 0xE000 and code not in (0xFFFE, 0xFFFF)


def _character(reference: str) -> str:
    if reference[1] != "#":
        return _NAMED[reference]
    code = int(reference[3:-1], 16) if reference[2] == "x" else int(reference[2:-1])
    return chr(code) if code <= 0x10FFFF else "\x00"


def unescaped(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row, the references in its texts replaced; those of its lists are already."""
    return tuple([_replaced(value) if type(value) is str and "&" in value else value for value in row])


def _replaced(text: str) -> str:
    if "&#" in text:
        return _REFERENCE.sub(lambda match: _character(match[0]), text)
    text = text.replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&quot;", '"').replace("&apos;", "'").replace("&amp;", "&")


def scanner(form: Form, row: Row) -> Scan:
    """What takes records of a form apart into rows. Raises Declined where the form does not go with the row."""
    lines = Lines()
    writer = _Writer(lines)
    with lines.block("def scan(g_text, g_at):"):
        ref = numbered(row, "a")
        lines.emit("g_from = g_at")
        writer.begin(ref)
        writer.element(form, ref, row.shape, row.chain)
        writer.match()
        lines.emit(f"g_row = {unpacked(ref)}")
        lines.emit("return (g_unescaped(g_row) if g_text.find('&', g_from, g_at) >= 0 else g_row), g_at")
    space: dict[str, Any] = {**writer.names, "g_iter": iter, "g_unescaped": unescaped}
    exec(compile("\n".join(lines.lines) + "\n", "<scan>", "exec"), space)
    scan: Scan = space["scan"]
    return scan


class _Writer:
    """Writes the statements: an expression for all that stands in a row, a loop for each list of rows."""

    def __init__(self, lines: Lines) -> None:
        self.names: dict[str, Any] = {}
        self._lines = lines
        self._parts: list[str] = []
        self._groups: list[str] = []

    def begin(self, ref: Ref) -> None:
        """The row's variables, empty."""
        for (kind, _chain), place in ref.row.index.items():
            self._lines.emit(f"{ref.name(place)} = {'[]' if kind == 'list' else None}")

    def match(self) -> None:
        """What was put together must match here."""
        if not self._parts:
            return
        name, groups = self._expression()
        self._lines.emit(f"g_m = {name}(g_text, g_at)")
        self._lines.emit("if g_m is None: return None")
        if groups:
            self._lines.emit(f"{', '.join(groups)}, = g_m.groups()")
        self._lines.emit("g_at = g_m.end()")

    def _expression(self, attribute: str = "match") -> tuple[str, list[str]]:
        name = self._lines.fresh("e")
        self.names[name] = getattr(re.compile("".join(self._parts)), attribute)
        groups = self._groups
        self._parts, self._groups = [], []
        return name, groups

    def _group(self, variable: str, inside: str) -> str:
        self._groups.append(variable)
        return f"({inside})"

    # Elements

    def element(self, form: Form, ref: Ref, shape: Shape | None, chain: Chain) -> None:
        """An element that is there."""
        if shape is not None and (shape.whole or shape.typed):
            raise Declined("")
        index = ref.row.index if shape is not None else {}
        self._parts.append("<" + re.escape(form.name))
        if ("present", chain) in index:
            self._parts.append(self._group(ref.name(index["present", chain]), ""))
        for name, (key, optional) in form.attributes.items():
            place = index.get(("text", (*chain, key)))
            value = '[^"<\\t\\n]*+'
            value = self._group(ref.name(place), value) if place is not None else value
            written = f' {re.escape(name)}="{value}"'
            self._parts.append(f"(?:{written})?" if optional else written)
        text = index.get(("text", chain))
        if form.children:
            if text is not None:
                raise Declined("")  # which of the blanks are its text is for the parser to say
            self._container(form, ref, shape, chain)
        elif text is not None:
            self._leaf(form, ref.name(text))
        else:
            self._parts.append(f"(?: ?/>|>[^<]*+</{re.escape(form.name)}>)")

    def _leaf(self, form: Form, variable: str) -> None:
        end = f"</{re.escape(form.name)}>"
        if not form.closed:
            self._parts.append(f">{self._group(variable, '[^<]*+')}{end}")
            return
        closed = self._group("_", " ?/")
        number = len(self._groups)
        text = self._group(variable, f"(?({number})|[^<]*+)")
        self._parts.append(f"{closed}?>{text}(?({number})|{end})")

    def _container(self, form: Form, ref: Ref, shape: Shape | None, chain: Chain) -> None:
        inner = [(child, shape.children.get(child.key) if shape else None) for child in form.children]
        # With lists inside an empty-element tag is left to the parser.
        closed = form.closed and not any(_holds_lists(below) for _child, below in inner)
        blanks = "[ \\t\\n]*+" if form.blanks else "\\n? *+"
        self._parts.append("(?: ?/>|>" if closed else ">")
        self._parts.append(blanks)
        for child, below in inner:
            self._child(child, ref, below, (*chain, child.key), blanks)
        self._parts.append(f"</{re.escape(form.name)}>" + (")" if closed else ""))

    def _child(self, form: Form, ref: Ref, shape: Shape | None, chain: Chain, blanks: str) -> None:
        """A child as often as it comes, with the blanks behind each."""
        if _holds_lists(shape):
            assert shape is not None
            if shape.repeats:
                self.match()
                self._list(form, ref, shape, chain, blanks)
            elif form.optional:
                self.match()
                with self._lines.block(f"if g_text.startswith({_starts(form)!r}, g_at):"):
                    self.element(form, ref, shape, chain)
                    self._parts.append(blanks)
                    self.match()
            else:
                self.element(form, ref, shape, chain)
                self._parts.append(blanks)
            return
        several = form.often and shape is None
        if not several and not form.optional:
            self.element(form, ref, shape, chain)
            self._parts.append(blanks)
            return
        self._parts.append("(?:")
        self.element(form, ref, shape, chain)
        self._parts.append(blanks + (")*" if several else ")?"))

    def _list(self, form: Form, ref: Ref, shape: Shape, chain: Chain, blanks: str) -> None:
        """The rows of a child."""
        lines = self._lines
        row = ref.row.rows[chain]
        into = ref.name(ref.row.index["list", chain])
        inner = numbered(row, lines.fresh("r") + "_")
        if any(_holds_lists(child) for child in shape.children.values()):
            begun = lines.fresh("g_from")
            with lines.block(f"while g_text.startswith({_starts(form)!r}, g_at):"):
                lines.emit(f"{begun} = g_at")
                self.begin(inner)
                self.element(form, inner, shape, chain)
                self._parts.append(blanks)
                self.match()
                lines.emit(f"g_row = {unpacked(inner)}")
                lines.emit(
                    f"{into}.append(g_unescaped(g_row) if g_text.find('&', {begun}, g_at) >= 0 else g_row)"
                )
            return
        self.element(form, inner, shape, chain)
        self._parts.append(blanks)
        name, groups = self._expression("scanner")
        lines.emit("g_m = None")
        wanted = [inner.name(place) for place in range(len(row.index))]
        with lines.block(f"for g_m in g_iter({name}(g_text, g_at).match, None):"):
            if groups == wanted:
                lines.emit("g_row = g_m.groups()")
            elif len(wanted) > 1 and set(wanted) <= set(groups):
                places = ", ".join(str(groups.index(each) + 1) for each in wanted)
                lines.emit(f"g_row = g_m.group({places})")
            else:
                for each in sorted(set(wanted) - set(groups)):
                    lines.emit(f"{each} = None")
                if groups:
                    lines.emit(f"{', '.join(groups)}, = g_m.groups()")
                lines.emit(f"g_row = {unpacked(inner)}")
            lines.emit("if g_text.find('&', g_m.start(), g_m.end()) >= 0: g_row = g_unescaped(g_row)")
            lines.emit(f"{into}.append(g_row)")
        lines.emit("if g_m is not None: g_at = g_m.end()")


def _holds_lists(shape: Shape | None) -> bool:
    return shape is not None and (
        shape.repeats or any(_holds_lists(child) for child in shape.children.values())
    )


def _starts(form: Form) -> tuple[str, ...]:
    """What an element's start tag may begin with; one that goes on in another way is not of the form."""
    return tuple(f"<{form.name}{mark}" for mark in " >/")
