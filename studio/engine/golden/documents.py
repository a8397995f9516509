"""Documents as trees to compare: the infoset of XML, the values of JSON, the cells of rows; others as a run reads them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.engine.formats.delimited_read import has_header
from studio.engine.formats.xml_safe import SAFE
from studio.engine.items import Item
from studio.engine.plan import Document, Plan
from studio.engine.sources import open_source
from studio.schema.json_text import json_reason

MAX_BYTES = 64 << 20
# The formats that are compared as what they are, not as what a run reads of them.
PLAIN = ("xml", "json", "lines", "delimited")
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass
class Tree:
    """A node: its name in a path, its namespace, its text, what is below.

    `kind` tells JSON's texts, numbers, truths and nothings apart. `ordered` says that the order of the nodes below means
    something.
    """

    name: str
    text: str | None = None
    space: str = ""
    kind: str = ""
    ordered: bool = False
    children: list[Tree] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What its siblings are told apart by."""
        return self.space, self.name


def tree_of(data: bytes, document: Document, name: str) -> Tree:
    """The document in `data` as a tree without a name over its root; raises BadInput where it cannot be read."""
    _check_size(data, name)
    if document.format == "xml":
        return Tree("", ordered=True, children=[_xml(data, name)] if data.strip() else [])
    if document.format in ("json", "lines"):
        return _json_document(_text(data, name), document, name)
    if document.format == "delimited" and document.columns:
        return _rows(_text(data, name), document)
    return _lines(data)


def _check_size(data: bytes, name: str) -> None:
    if len(data) > MAX_BYTES:
        raise TooLarge(
            _("The file is larger than {limit} MB.").format(limit=MAX_BYTES >> 20),
            file=name,
            next_step=_("Test the map with a smaller sample."),
        )


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            _("The file is not UTF-8: byte {byte} makes no character.").format(
                byte=f"0x{data[error.start]:02X}"
            ),
            file=name,
            line=data.count(b"\n", 0, error.start) + 1,
            next_step=_("Save the file as UTF-8."),
        ) from None


# XML


def _xml(data: bytes, name: str) -> Tree:
    parser = etree.XMLParser(**SAFE)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadInput(
            _("The XML is broken: {reason}.").format(reason=error.msg or ""),
            file=name,
            line=error.lineno or None,
            next_step=_("Correct this line and try again."),
        ) from None
    return _element(root)


def _element(root: Any) -> Tree:
    """An element and all below, without recursion: documents may be deep."""
    top = _alone(root)
    waiting = [(root, top)]
    while waiting:
        element, made = waiting.pop()
        inside = [child for child in element if isinstance(child.tag, str)]
        pieces = [element.text, *(child.tail for child in element)]
        if not inside:
            text = "".join(piece for piece in pieces if piece)
            made.text = text or None
            continue
        _piece(made, element.text)
        for child in element:
            if isinstance(child.tag, str):
                below = _alone(child)
                made.children.append(below)
                waiting.append((child, below))
            _piece(made, child.tail)
    return top


def _piece(made: Tree, text: str | None) -> None:
    """A piece of mixed text; the white space that only indents is none."""
    if text is not None and text.strip():
        made.children.append(Tree("text()", text))


def _alone(element: Any) -> Tree:
    name = etree.QName(element)
    made = Tree(name.localname, space=name.namespace or "", ordered=True)
    for key, value in sorted(element.attrib.items()):
        attribute = etree.QName(key)
        if key == _XSI_TYPE:
            prefix, _colon, local = value.rpartition(":")
            value = f"{{{element.nsmap.get(prefix or None) or ''}}}{local}"
        made.children.append(Tree(f"@{attribute.localname}", value, attribute.namespace or "@"))
    return made


# JSON


def _json_document(text: str, document: Document, name: str) -> Tree:
    if document.format == "lines":
        lines = [line for line in text.split("\n") if line.strip()]
        values = [_loaded(line, name, number) for number, line in enumerate(lines, start=1)]
        return Tree("", ordered=True, children=[_json(value, "item") for value in values])
    return _json(_loaded(text, name, 1), "")


def _loaded(text: str, name: str, line: int) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    except json.JSONDecodeError as error:
        raise BadInput(
            _("The JSON is broken: {reason}.").format(reason=json_reason(error)),
            file=name,
            line=line + error.lineno - 1,
            next_step=_("Correct this line and try again."),
        ) from None
    except RecursionError:
        raise TooLarge(
            _("The JSON is nested too deeply."), file=name, next_step=_("Test the map with a smaller sample.")
        ) from None


def _json(value: Any, name: str) -> Tree:
    if isinstance(value, dict):
        return Tree(name, kind="object", children=[_json(each, key) for key, each in value.items()])
    if isinstance(value, list):
        inner = "item" if any(isinstance(each, dict | list) for each in value) else ""
        return Tree(name, kind="array", ordered=True, children=[_json(each, inner) for each in value])
    if isinstance(value, bool):
        return Tree(name, "true" if value else "false", kind="boolean")
    if value is None:
        return Tree(name, kind="null")
    return Tree(name, str(value), kind="number" if isinstance(value, Decimal) else "text")


# Rows


def _rows(text: str, document: Document) -> Tree:
    facts = document.facts
    quote = facts.get("quote", '"')
    more: dict[str, Any] = (
        {"quoting": csv.QUOTE_NONE} if quote == "none" else {"quotechar": quote, "doublequote": True}
    )
    csv.field_size_limit(MAX_BYTES)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=facts.get("delimiter") or ",", **more)
    top = Tree("", ordered=True)
    columns = list(document.columns)
    if has_header(facts):
        columns = next(rows, [])
        top.children.append(Tree("header", ", ".join(columns)))
    top.children += [Tree("row", children=list(_cells(columns, cells))) for cells in rows if cells]
    return top


def _cells(columns: list[str], cells: list[str]) -> Iterator[Tree]:
    for number, cell in enumerate(cells):
        name = columns[number] if number < len(columns) else str(number + 1)
        yield Tree(name, cell or None)


# Every other format: as it is read as a source


def tree_of_items(data: bytes, plan: Plan, name: str) -> Tree:
    """The document in `data` as a run reads it; `plan` has its schema as the source. Raises BadInput."""
    _check_size(data, name)
    return _items(open_source(plan, io.BytesIO(data), name, whole=True).document(None))


def _items(top: Item) -> Tree:
    """An item and all below, without recursion."""
    made = Tree("", ordered=True)
    waiting = [(top, made)]
    while waiting:
        item, tree = waiting.pop()
        for child in (*item.attributes(), *item.elements()):
            below = Tree(child.key.rpartition("}")[2], child.text, ordered=True)
            if child.children and not (child.text or "").strip():
                below.text = None
            tree.children.append(below)
            waiting.append((child, below))
    return made


# Where there is no schema to read by


def _lines(data: bytes) -> Tree:
    lines = data.decode("utf-8", "backslashreplace").split("\n")
    return Tree("", ordered=True, children=[Tree("line", line.removesuffix("\r")) for line in lines])
