"""What kind of schema a file is, by its content."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.archive import is_archive, is_office
from studio.schema.json_schema.words import SCHEMA_WORDS, kind_of_words, top_words, yaml_words
from studio.schema.json_text import read_json
from studio.schema.kinds import by_name
from studio.schema.recognise_flat import is_edi_json, packed_kind, plain_kind, xml_kind
from studio.schema.recognise_typed import binary_kind, is_avro, is_proto, may_be_avro
from studio.schema.source import decode, read_head
from studio.schema.xml_source import root_tag
from studio.schema.xsd.names import WSDL, XSD_NAMESPACES

_HEAD = 256 * 1024
_WSDL_2 = ("http://www.w3.org/ns/wsdl", "http://www.w3.org/2006/01/wsdl", "http://www.w3.org/2005/08/wsdl")

_XML_START = re.compile(r"\s*<(?:[?!]|[^\W\d])")
_DTD = re.compile(
    r"<!(?:ELEMENT|ATTLIST|ENTITY|NOTATION)\b|<!\[\s*(?:INCLUDE|IGNORE|%[A-Za-z])|%[A-Za-z][\w.-]*;\s*<"
)
_JSON_SCHEMA = re.compile(r'\{\s*"\$schema"\s*:\s*"[^"]*json-schema\.org')

_DESCRIPTION = re.compile(r"^[\"']?(?:openapi|swagger|\$schema)[\"']?\s*:", re.MULTILINE)

_DESCRIBE_WORDS = ('"sobjects"', '"childRelationships"', '"soapType"', '"createable"')


def recognise(path: Path, *, encoding: str | None = None) -> str:
    """The kind of a file by its content; its name only decides between kinds of plain text.

    Raises BadInput for what is nothing we know.
    """
    if path.is_dir():
        return "set"
    data = read_head(path, _HEAD)
    office = is_archive(data) and is_office(path)
    if is_archive(data) and not office:
        return "set"
    if packed := packed_kind(data, office=office):
        return packed
    if binary := binary_kind(data):
        return binary
    if not data.strip(b"\0 \t\r\n\xff\xfe\xef\xbb\xbf"):
        raise BadInput(
            _("The file is empty."),
            file=path,
            next_step=_("Give a schema, or a sample with some data in it."),
        )
    text, _name = decode(data, encoding, file=path, whole=len(data) < _HEAD)
    return _kind_of(text, data, path)


def _kind_of(text: str, data: bytes, path: Path) -> str:
    start = text.lstrip("\ufeff \t\r\n")
    if _DTD.match(_without_comments(start)):
        return "dtd"
    if _XML_START.match(start):
        return _kind_of_xml(data, path)
    if start[:1] in ("{", "["):
        return _kind_of_json(start, path)
    if _DESCRIPTION.search(start[:65536]) and (kind := kind_of_words(yaml_words(start))):
        return kind
    if re.match(r"weft:\s*[\"']?schema/", start):
        return "weft"
    if is_proto(start):
        return "protobuf"
    # Nothing in the text says what it is; where the name is wrong, its reader will say so and name the place.
    return plain_kind(start) or by_name(path.suffix) or "delimited"


def _without_comments(text: str) -> str:
    """The text from its first markup that is neither a comment nor a processing instruction."""
    at = 0
    for opening, closing in (("<?", "?>"), ("<!--", "-->")) * 50:
        if text.startswith(opening, at):
            end = text.find(closing, at)
            at = end + len(closing) if end >= 0 else len(text)
            at += len(text[at : at + 1000]) - len(text[at : at + 1000].lstrip())
    return text[at : at + 100]


def _kind_of_xml(data: bytes, path: Path) -> str:
    tag = root_tag(data)
    if tag is None:
        if b"<!DOCTYPE" in data and b"<!ELEMENT" in data:
            return "dtd"
        # Not well-formed before its first element: the reader of what its name says will name the place.
        return path.suffix.lower()[1:] if path.suffix.lower() in (".xsd", ".wsdl") else "xml"
    namespace, _brace, name = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    if name == "schema" and namespace in XSD_NAMESPACES:
        return "xsd"
    if (name == "definitions" and namespace == WSDL) or (name == "description" and namespace in _WSDL_2):
        return "wsdl"
    return xml_kind(tag, data) or "xml"


def _kind_of_json(text: str, path: Path) -> str:
    if _JSON_SCHEMA.match(text):
        return "json-schema"
    if is_edi_json(text):
        return "edi"
    if any(word in text for word in SCHEMA_WORDS) and (kind := kind_of_words(top_words(text))):
        return kind
    if any(word in text for word in _DESCRIBE_WORDS):
        value, lines, _name = read_json(path)
        if not lines and importlib.import_module("studio.schema.salesforce").is_describe(value):
            return "salesforce"
    if may_be_avro(text):
        value, lines, _name = read_json(path)
        if not lines and is_avro(value):
            return "avro"
    return "json"
