"""The kinds of schema: who reads each, what its reader can be told, and the file names that suggest it."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from studio.base.records import dataclass
from studio.schema.model import Schema

Reader = Callable[..., Schema]


@dataclass(frozen=True)
class Entry:
    """Module (below studio.schema) and function of a reader, loaded when needed: a window that opens caches needs none.

    The function takes the path, and by keyword what `takes` names: `encoding` (overrides what the file says of itself),
    `within` (the folder no reference may leave). `suffixes` decide only between kinds of plain text.
    """

    module: str
    function: str
    takes: tuple[str, ...] = ("encoding",)
    suffixes: tuple[str, ...] = ()

    def reader(self) -> Reader:
        """The function itself."""
        found: Reader = getattr(importlib.import_module(f"studio.schema.{self.module}"), self.function)
        return found


_FILES = ("encoding", "within")

TABLE: dict[str, Entry] = {
    "xsd": Entry("xsd.reader", "read_xsd", _FILES, (".xsd",)),
    "wsdl": Entry("wsdl.reader", "read_wsdl", _FILES, (".wsdl",)),
    "xml": Entry("xml_sample", "read_xml_sample", suffixes=(".xml",)),
    "json": Entry("json_sample", "read_json_sample", suffixes=(".json", ".jsonl", ".ndjson")),
    "dtd": Entry("dtd.reader", "read_dtd", _FILES, (".dtd", ".mod", ".ent")),
    "json-schema": Entry("json_schema.reader", "read_json_schema", _FILES),
    "openapi": Entry("json_schema.openapi", "read_openapi", _FILES),
    "delimited": Entry("delimited", "read_delimited"),
    "copybook": Entry("copybook.reader", "read_copybook", suffixes=(".cob", ".cbl", ".cpy")),
    "edi": Entry("edi.reader", "read_edi", _FILES, (".edi", ".x12", ".edifact")),
    "jtr": Entry("jtr", "read_jtr", suffixes=(".jtr",)),
    "excel": Entry("excel", "read_excel", ()),
    "fixed": Entry("flat.propose", "read_fixed_sample", suffixes=(".ach",)),
    "salesforce": Entry("salesforce", "read_salesforce"),
    "avro": Entry("typed.avro", "read_avro", _FILES, (".avsc",)),
    "parquet": Entry("typed.parquet", "read_parquet", ()),
    "protobuf": Entry("typed.protobuf", "read_protobuf", _FILES, (".proto",)),
    "database": Entry("typed.database", "read_database", ()),
    "set": Entry("sets", "read_set", _FILES, (".zip",)),
    "weft": Entry("own", "read_own", ("within",), (".yaml", ".yml")),
}
KINDS = tuple(TABLE)


def by_name(suffix: str) -> str | None:
    """The kind a file name ending suggests (with its dot, any case), None where it says nothing."""
    suffix = suffix.lower()
    return next((kind for kind, entry in TABLE.items() if suffix in entry.suffixes), None)
