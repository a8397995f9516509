"""XML files as element trees, parsed so that no document can reach out, grow or dig without bound."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.schema.source import LARGEST_SCHEMA, read_bytes
from studio.schema.xml_words import in_plain_words

Element = etree._Element  # noqa: SLF001 (the class has no public name)

# An entity may stand for this many characters once the entities inside it are put in.
_LONGEST_ENTITY = 200_000
# Above this, libxml2 keeps the line of an element in the text beside it, so blank text must stay.
_SHORT_LINES = 65_000

_CHUNK = 8192
_TOO_DEEP = 114
_BAD_ENCODING = (32, 81, 6)
_BAD_ADDRESS = 99
_UNDECLARED = 201
_ON_ATTRIBUTE = re.compile(r"Namespace prefix \S+ for \S+ on \S+ is not defined")


def root_tag(data: bytes) -> str | None:
    """The tag of the first element in the head of a document, None where the text goes wrong before it."""
    parser = etree.XMLPullParser(events=("start",), **parser_options())
    data = data.lstrip(b" \t\r\n")
    for at in range(0, len(data), _CHUNK):
        try:
            parser.feed(data[at : at + _CHUNK])
        except etree.XMLSyntaxError:
            # What was read before the error may hold the first element all the same.
            at = len(data)
        started: list[Any] = list(parser.read_events())
        if started:
            return str(started[0][1].tag)
    return None


def parser_options() -> dict[str, Any]:
    """What every XML parser here is made with: nothing is fetched, expanded or unbounded.

    Do not add `collect_ids=False`: with it the library loads external DTDs whatever the other options say.
    """
    return {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def parse_schema(path: Path, *, encoding: str | None = None, limit: int = LARGEST_SCHEMA) -> Element:
    """The root of a schema file, without comments; raises BadInput or TooLarge with file and line.

    Schemas may define short entities of their own (many standards do); they are not put in, and one that would grow
    long, or lies outside the file, is refused.
    """
    return parse_bytes(read_bytes(path, limit), path, encoding=encoding)


def parse_bytes(data: bytes, path: Path | None = None, *, encoding: str | None = None) -> Element:
    """`parse_schema` of bytes at hand; `path` is only named in errors."""
    if not data.strip(b"\0 \t\r\n"):
        raise BadInput(_("The file is empty."), file=path, next_step=_("Give a file with content."))
    data, encoding = _without_late_declaration(data, encoding)
    options = {
        **parser_options(),
        "encoding": encoding,
        "remove_comments": True,
        "remove_pis": True,
        "remove_blank_text": data.count(b"\n") < _SHORT_LINES,
    }
    try:
        root = _parse(data, options)
    except etree.XMLSyntaxError as error:
        raise not_xml(error, path, data) from None
    except LookupError:
        raise BadInput(_("There is no encoding called {name}.").format(name=encoding), file=path) from None
    if b"<!DOCTYPE" in data or b"\0" in data:
        _check_entities(root, path, data)
    return root


def _parse(data: bytes, options: dict[str, Any]) -> Element:
    parser = etree.XMLParser(**options)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        # A namespace that is no valid address (a space in it) is still a name, and an attribute with an undeclared
        # prefix is foreign to any schema; anything else stays an error.
        if not all(_harmless(entry.type, entry.message) for entry in parser.error_log):
            raise
    return etree.fromstring(data, etree.XMLParser(**options, recover=True))


def _harmless(code: int, message: str) -> bool:
    return code == _BAD_ADDRESS or (code == _UNDECLARED and _ON_ATTRIBUTE.match(message) is not None)


def _without_late_declaration(data: bytes, encoding: str | None) -> tuple[bytes, str | None]:
    """Empty lines before `<?xml …?>` are a common slip: the declaration is taken out and its encoding kept."""
    start = len(data) - len(data.lstrip(b" \t\r\n"))
    end = data.find(b"?>", start, start + 200)
    if not start or end < 0 or not data.startswith(b"<?xml ", start):
        return data, encoding
    return data[:start] + data[end + 2 :], encoding or _declared(data[start:])


def not_xml(error: etree.XMLSyntaxError, path: Path | None, data: bytes = b"") -> BadInput:
    """The located error for XML that is not well-formed, too deep, or not in its encoding."""
    line, column = error.position
    code = getattr(error, "code", 0)
    where: dict[str, Any] = {"file": path, "line": line or None, "column": column or None}
    # The library repeats the place behind the reason.
    reason = (error.msg or "").split(", line ")[0].rstrip(". ") or _("the text ends too early")
    if code == _TOO_DEEP and "depth" in reason.lower():
        return TooLarge(
            _("The XML is nested deeper than 256 elements."), **where, next_step=_("Flatten the document.")
        )
    words = in_plain_words(code, reason)
    if code == _TOO_DEEP or "amplification" in reason or (words is None and "entity" in reason.lower()):
        return BadInput(
            _("The XML uses entities that grow or are not allowed: {reason}.").format(reason=reason),
            **where,
            next_step=_("Remove the entity definitions (<!ENTITY …>) and write their text in full."),
        )
    if words is not None and code not in _BAD_ENCODING:
        return BadInput(
            _("The XML is not well-formed: {reason}.").format(reason=words[0]), **where, next_step=words[1]
        )
    if code in _BAD_ENCODING:
        return BadInput(
            _("The XML is not in the encoding {encoding} it should be in: {reason}.").format(
                encoding=_declared(data), reason=words[0] if words is not None else reason
            ),
            **where,
            next_step=_("Correct the encoding in the first line, or save the file in that encoding."),
        )
    return BadInput(
        _("The XML is not well-formed: {reason}.").format(reason=reason),
        **where,
        next_step=_("Correct this line; an XML editor shows what is open there."),
    )


def line_of(element: Element) -> int | None:
    """The line an element starts on, from 1."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else None


def refuse_entities(root: Element, path: Path | None, data: bytes = b"") -> None:
    """Raise BadInput when the document defines entities at all, as data never needs to; `data` tells the line."""
    if _entities(root):
        raise BadInput(
            _("The XML defines entities (<!ENTITY …>), which are not read."),
            file=path,
            line=_entity_line(data),
            next_step=_("Save the document with the entities' text put in."),
        )


def _entities(root: Element) -> dict[str, str | None]:
    """The entities defined in the document itself; those outside have no text."""
    subset: Any = root.getroottree().docinfo.internalDTD
    return {} if subset is None else {entity.name: entity.content for entity in subset.iterentities()}


def _declared(data: bytes) -> str:
    head = data[:200]
    if b"encoding=" not in head:
        return "UTF-8"
    quoted = head.split(b"encoding=", 1)[1]
    return quoted[1:].split(quoted[:1], 1)[0].decode("ascii", "replace")


def _entity_line(data: bytes, name: str = "") -> int | None:
    match = re.search(rb"<!ENTITY\s+(?:%\s+)?" + re.escape(name.encode()), data)
    return data.count(b"\n", 0, match.start()) + 1 if match else None


def _check_entities(root: Element, path: Path | None, data: bytes) -> None:
    texts = _entities(root)
    sizes: dict[str, int] = {}
    for name in texts:
        if texts[name] is None or _size(name, texts, sizes) > _LONGEST_ENTITY:
            raise BadInput(
                _("The entity {name} lies outside the file, refers to itself or grows too long.").format(
                    name=name
                ),
                file=path,
                line=_entity_line(data, name),
                next_step=_("Remove the entity definition and write its text in full."),
            )


def _size(name: str, texts: dict[str, str | None], sizes: dict[str, int]) -> int:
    """Characters of an entity with those inside it put in; beyond the limit for a cycle. Works without recursion."""
    waiting = [name]
    while waiting:
        at = waiting[-1]
        if at in sizes:
            waiting.pop()
            continue
        text = texts.get(at) or ""
        inner = [part.split(";", 1)[0] for part in text.split("&")[1:]]
        inner = [part for part in inner if part in texts]
        missing = [part for part in inner if part not in sizes]
        if not missing:
            sizes[at] = len(text) + sum(sizes[part] for part in inner)
            waiting.pop()
        elif any(part in waiting for part in missing) or len(waiting) > len(texts):
            return _LONGEST_ENTITY + 1
        else:
            waiting += missing[:1]
    return sizes[name]
