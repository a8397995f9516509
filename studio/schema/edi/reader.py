"""Anything EDI as a schema: a message, or a definition of messages in one of the forms people have them in."""

from __future__ import annotations

from pathlib import Path

from studio.schema.edi.directory import read_edifact_message
from studio.schema.edi.json_map import read_json_map
from studio.schema.edi.sample import read_edi_sample
from studio.schema.edi.x12_map import read_x12_map
from studio.schema.model import Schema
from studio.schema.recognise_flat import is_edifact_definition, is_x12_map
from studio.schema.source import decode, read_head

_HEAD = 64 * 1024


def read_edi(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema of an X12 or EDIFACT message, or of a definition of one in XML or JSON; its content tells which."""
    data = read_head(path, _HEAD)
    text, _name = decode(data, encoding, file=path, whole=len(data) < _HEAD)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        return read_json_map(path, encoding=encoding)
    if start.startswith("<"):
        reader = (
            read_x12_map if is_x12_map(start) or not is_edifact_definition(start) else read_edifact_message
        )
        return reader(path, encoding=encoding, within=within)
    return read_edi_sample(path, encoding=encoding)
