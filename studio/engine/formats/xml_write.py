"""XML out: indented by two blanks, declared names only, text escaped; characters XML cannot hold are refused."""

from __future__ import annotations

import codecs

from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.engine.lexical import Unwritable
from studio.engine.outs import HOLE, Out
from studio.engine.plan import Document

XSI = "http://www.w3.org/2001/XMLSchema-instance"
ILLEGAL = pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escape(text: str) -> str:
    """Text as element content."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def escape_value(text: str) -> str:
    """Text as an attribute's value."""
    text = escape(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


_ALLOWED = bytes(number for number in range(256) if number > 31 or number in (9, 10, 13))


def any_illegal(text: str) -> bool:
    """Whether a text holds a character that XML cannot; of a long text told sooner than by looking for ILLEGAL."""
    try:
        data = text.encode()
    except UnicodeEncodeError:  # half a character
        return True
    return bool(data.translate(None, _ALLOWED)) or b"\xef\xbf\xbe" in data or b"\xef\xbf\xbf" in data


def any_half(text: str) -> bool:
    """Whether a text holds half a character, which no encoding can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def check_characters(text: str) -> None:
    """Raise Unwritable for a character no XML document may hold."""
    found = ILLEGAL.search(text)
    if found is not None:
        raise Unwritable(
            _("The text holds the character U+{code:04X}, which XML does not allow.").format(
                code=ord(found[0])
            )
        )


def declaration(document: Document) -> str:
    """The first line of a document, with its encoding by the name that readers know."""
    return f'<?xml version="1.0" encoding="{known_name(document.options.get("encoding", "utf-8"))}"?>\n'


def known_name(encoding: str) -> str:
    """The registered name of an encoding."""
    name = codecs.lookup(encoding).name
    if name.startswith("iso8859-"):
        return f"ISO-8859-{name[8:]}"
    if name.startswith("cp125"):
        return f"windows-{name[2:]}"
    return "US-ASCII" if name == "ascii" else name.upper()


def spacing(document: Document) -> tuple[str, str]:
    """What ends a line and what indents one by a level: nothing where the document is compact."""
    return ("", "") if document.options.get("pretty") == "false" else ("\n", "  ")


class XmlWriter:
    """Renders Outs; `depth` is that of the element, 0 for the root."""

    separates = False

    def __init__(self, document: Document) -> None:
        self.opening = declaration(document)
        self._line, self._indent = spacing(document)
        self._declarations = "".join(
            f' xmlns{":" + prefix if prefix else ""}="{escape_value(address)}"'
            for prefix, address in document.namespaces.items()
        )

    def check(self, text: str) -> None:
        """Raise Unwritable for text the format cannot hold."""
        check_characters(text)

    def document(self, root: Out) -> str:
        """The document below a virtual document Out, with marks in its holes."""
        return self.opening + "".join(self.node(child, 0) for child in root.children)

    def record(self, out: Out, depth: int) -> str:
        """A record in its hole."""
        return self.node(out, depth)

    def between(self) -> str:
        """What separates records."""
        return ""

    def node(self, out: Out, depth: int) -> str:
        """An element on lines of its own."""
        margin = self._indent * depth
        if out.hole is not None:
            return HOLE
        return f"{margin}{self._element(out, depth)}{self._line}"

    def _element(self, out: Out, depth: int) -> str:
        target = out.target
        start = [target.tag, self._declarations if depth == 0 else ""]
        if target.xsi_type:
            start.append(f' xsi:type="{target.xsi_type}"')
        content: list[Out] = []
        for child in out.children:
            if child.target.attribute:
                start.append(f' {child.target.tag}="{escape_value(child.text or "")}"')
            else:
                content.append(child)
        text = escape(out.text) if out.text else ""
        if out.text is None and not content and target.nillable and target.required and target.holds_text:
            start.append(' xsi:nil="true"')
        opened = "".join(start)
        if not text and not content:
            return f"<{opened}/>"
        if text or target.mixed:
            inside = "".join(self._element(child, depth + 1) for child in content)
            return f"<{opened}>{text}{inside}</{target.tag}>"
        lines = "".join(self.node(child, depth + 1) for child in content)
        return f"<{opened}>{self._line}{lines}{self._indent * depth}</{target.tag}>"
