"""JSON out: a document indented by two blanks, or one compact value a line."""

from __future__ import annotations

import json
import re

from studio.base.i18n import _
from studio.engine.lexical import Unwritable
from studio.engine.outs import HOLE, Out
from studio.engine.plan import Document, Target

_LONE = re.compile("[\ud800-\udfff]")


def quoted(name: str) -> str:
    """A member's name as JSON text."""
    return json.dumps(name, ensure_ascii=False)


class JsonWriter:
    """Renders Outs of objects (members by name), arrays (entries) and leaves, whose text is a literal already."""

    opening = ""

    def __init__(self, document: Document) -> None:
        self._lines = document.format == "lines"
        self.separates = not self._lines

    def check(self, text: str) -> None:
        """Raise Unwritable for half a character."""
        found = _LONE.search(text)
        if found is not None:
            raise Unwritable(_("The text holds half a character (U+{code:04X}).").format(code=ord(found[0])))

    def document(self, root: Out) -> str:
        """The document below a virtual document Out, with marks in its holes."""
        if self._lines:
            return "".join(
                HOLE if out.hole is not None else self._value(out, None) + "\n" for out in root.children
            )
        if root.target.children and root.target.children[0].entry:
            return self._array(root.children, 0) + "\n"
        return "".join(self._value(child, 0) for child in root.children) + "\n"

    def record(self, out: Out, depth: int) -> str:
        """A record in its hole; the comma before it belongs to it."""
        if self._lines:
            return self._value(out, None) + "\n"
        return ",\n" + "  " * depth + self._value(out, depth)

    def node(self, out: Out, depth: int) -> str:
        """An Out as it stands for itself."""
        return self._value(out, None if self._lines else depth) + "\n"

    def _value(self, out: Out, depth: int | None) -> str:
        target = out.target
        if not target.children and target.holds_text:
            return out.text if out.text is not None else "null"
        if is_array(target):
            return self._array(out.children, depth)
        return self._object(out, depth)

    def _object(self, out: Out, depth: int | None) -> str:
        members: list[str] = []
        inside = None if depth is None else depth + 1
        same: dict[str, list[Out]] = {}
        for child in out.children:
            same.setdefault(child.target.tag, []).append(child)
        colon = ":" if depth is None else ": "
        for name, outs in same.items():
            if outs[0].target.repeats or outs[0].hole is not None:
                members.append(quoted(name) + colon + self._array(outs, inside))
            else:
                members.append(quoted(name) + colon + self._value(outs[-1], inside))
        return self._join("{", members, "}", depth)

    def _array(self, outs: list[Out], depth: int | None) -> str:
        inside = None if depth is None else depth + 1
        parts = [HOLE if out.hole is not None else self._value(out, inside) for out in outs]
        return self._join("[", parts, "]", depth)

    def _join(self, start: str, parts: list[str], end: str, depth: int | None) -> str:
        if not parts:
            return start + end
        if depth is None:
            return start + ",".join(parts) + end
        margin = "\n" + "  " * (depth + 1)
        text = start
        for number, part in enumerate(parts):
            text += ("," if number and part != HOLE else "") + (part if part == HOLE else margin + part)
        return text + "\n" + "  " * depth + end


def is_array(target: Target) -> bool:
    """The node is written as an array of its entries."""
    return bool(target.children) and target.children[0].entry
