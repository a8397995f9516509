"""A schema compiled by libxml2 from the files our reader found, with the catalogue's schemas where they are imported."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from lxml import etree

from studio.schema.validate.files import Files
from studio.schema.xml_source import Element, parser_options
from studio.schema.xsd import catalogue
from studio.schema.xsd.names import XSD

_IMPORT = f"{{{XSD}}}import"
# Addresses of our own for what stands in no file: the schemas of the catalogue, and wrappers that give them their name.
_WRAPPED = "weft:wrapped/"
_BARE = "weft:bare/"
_MAIN = "weft:main"


def compiled(files: Files, main: Path) -> etree.XMLSchema | None:
    """The schema for libxml2, None where it does not take it (it refuses what others read, and cannot go on)."""
    root = files.closure.parse(main)
    if root is None:
        return None
    return _compile(_text(files, root), files, str(main))


def compiled_text(text: bytes, files: Files, texts: dict[str, bytes]) -> etree.XMLSchema | None:
    """`compiled` of a schema that stands in no file; `texts` are others of that kind, by their address."""
    return _compile(text, files, _MAIN, texts)


def _compile(
    text: bytes, files: Files, address: str, texts: dict[str, bytes] | None = None
) -> etree.XMLSchema | None:
    parser = etree.XMLParser(**parser_options())
    parser.resolvers.add(_Known(files, texts or {}))
    try:
        return etree.XMLSchema(etree.fromstring(text, parser, base_url=address).getroottree())
    except (etree.XMLSchemaParseError, etree.XMLSyntaxError):
        return None


class _Known(etree.Resolver):
    """Gives libxml2 what our reader found, and an empty document for all else."""

    def __init__(self, files: Files, texts: dict[str, bytes]) -> None:
        self._files = files
        self._texts = texts

    def resolve(self, system_url: str, _public: str | None, context: Any) -> Any:  # type: ignore[override]
        """The text for an address."""
        text = self._texts.get(system_url) or self._catalogue(system_url) or self._file(system_url)
        if text is None:
            return super().resolve_empty(context)  # type: ignore[misc]
        return self.resolve_string(text, context, base_url=system_url)

    def _file(self, address: str) -> bytes | None:
        path = self._files.at(address)
        root = self._files.closure.parse(path) if path is not None else None
        return _text(self._files, root) if root is not None else None

    def _catalogue(self, address: str) -> bytes | None:
        if address.startswith(_WRAPPED):
            namespace = address.removeprefix(_WRAPPED)
            schema = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD}, targetNamespace=namespace)
            etree.SubElement(schema, f"{{{XSD}}}include", schemaLocation=_BARE + namespace)
            return etree.tostring(schema)
        if address.startswith(_BARE):
            document = catalogue.load(address.removeprefix(_BARE))
            return etree.tostring(document.schema) if document is not None else None
        return None


def _text(files: Files, root: Element) -> bytes:
    """The text of a schema, its imports of well-known namespaces pointed to the catalogue where no file is there."""
    tree = copy.deepcopy(root.getroottree())
    for element in tree.getroot().iter(_IMPORT):
        namespace = element.get("namespace") or ""
        if catalogue.known(namespace) and not files.located((element.get("schemaLocation") or "").strip()):
            element.set("schemaLocation", _WRAPPED + namespace)
    return etree.tostring(tree)
