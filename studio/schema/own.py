"""Schemas in our own format (`weft: schema/1`): delimited, fixed, EDI, tables, Salesforce objects; read, written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from studio.base import yaml_read, yaml_write
from studio.base.errors import Problem
from studio.base.i18n import _
from studio.schema import own_checks, own_records
from studio.schema.edi.envelope import with_envelope
from studio.schema.edi.match import read_with_definition
from studio.schema.model import Schema
from studio.schema.source import read_bytes

VERSION = 1
_KINDS = ("delimited", "fixed", "edi", "database", "salesforce")

# What a schema says of its documents as a whole, by kind, in the order written.
_SETTINGS = {
    "delimited": ("encoding", "delimiter", "quote", "header", "newline", "decimal", "thousands"),
    "fixed": ("encoding", "newline", "length", "unit", "filler", "decimal", "thousands"),
    "edi": (
        "encoding",
        "standard",
        "version",
        "transaction",
        "segment",
        "element",
        "component",
        "repetition",
        "release",
    ),
    "database": ("table", "space", "kind of table", "query"),
}
_DEFAULTS = {
    "delimited": {"delimiter": ",", "quote": '"', "encoding": "utf-8", "header": "true"},
    "fixed": {"encoding": "utf-8", "newline": "\n", "unit": "character"},
    "edi": {"standard": "x12"},
    "database": {},
}


def read_own(path: Path, *, within: Path | None = None) -> Schema:
    """The schema in a `weft: schema/1` file; raises BadInput with the line.

    `within` is the folder that the definitions and the sample a description names must not leave; else its own.
    """
    document = yaml_read.read(read_bytes(path, yaml_read.MAX_BYTES), file=path)
    members = document.members()
    _check_version(members, document)
    kind = members["kind"].text() if "kind" in members else ""
    if kind not in _KINDS:
        raise members.get("kind", document).wrong(
            _("A schema says its kind: {kinds}.").format(kinds=", ".join(_KINDS))
        )
    if kind == "edi" and "definitions" in members:
        return _matched(members, path, within or path.parent)
    if not members.get("records") or not members["records"].members():
        raise members.get("records", document).wrong(
            _("A schema lists its records and their fields."),
            _("Write records: with row: and its fields: below it."),
        )
    problems: list[Problem] = []
    roots = own_records.read_records(members["records"], kind, problems)
    if kind == "salesforce":
        facts = {key: node.text() for key, node in members.items() if isinstance(node.value, str)}
        facts = {key: text for key, text in facts.items() if key not in ("weft", "kind")}
    else:
        facts = _DEFAULTS[kind] | {key: members[key].text() for key in _SETTINGS[kind] if key in members}
        own_checks.check_settings(members, kind)
    problems += own_checks.record_problems(roots, facts, kind, str(path))
    if kind == "edi":
        roots = (with_envelope(roots, facts["standard"]),)
    return Schema(kind, roots, files=(str(path),), problems=tuple(problems), facts=facts)


def _matched(members: Mapping[str, yaml_read.Node], path: Path, within: Path) -> Schema:
    """The definition that a sample follows, out of those a description names."""
    if "sample" not in members:
        raise members["definitions"].wrong(
            _("To choose among definitions, a sample of the messages is needed."),
            _("Write sample: and the path of a message."),
        )
    sample = _near(members["sample"].text(), members["sample"], path, within)
    given = members["definitions"]
    definitions = [_near(text, given, path, within) for text in given.texts()]
    schema = read_with_definition(sample, definitions)
    return replace(schema, files=(str(path), *schema.files))


def _near(text: str, node: yaml_read.Node, path: Path, within: Path) -> Path:
    found = (path.parent / text).resolve()
    if not found.is_relative_to(within.resolve()):
        raise node.wrong(
            _("The path {path} leads out of the project.").format(path=text),
            _("Copy the file into the project and name it from there."),
        )
    return path.parent / text


def own_text(schema: Schema) -> str:
    """The `weft: schema/1` text of a delimited, fixed-width, EDI, database or Salesforce schema: one field per line."""
    head = {"weft": f"schema/{VERSION}", "kind": schema.kind}
    if schema.kind == "salesforce":
        head |= schema.facts
    else:
        head |= {key: schema.facts[key] for key in _SETTINGS[schema.kind] if key in schema.facts}
    return "".join([yaml_write.write(head), "records:\n", *own_records.record_lines(schema)])


def _check_version(members: Mapping[str, yaml_read.Node], document: yaml_read.Node) -> None:
    mark = members["weft"].text() if "weft" in members else ""
    kind, _slash, version = mark.partition("/")
    if kind != "schema" or not version.isdigit():
        raise (members.get("weft") or document).wrong(
            _("This is not a schema file: it does not start with weft: schema/1."),
            _("Give the file of a schema."),
        )
    if int(version) > VERSION:
        raise members["weft"].wrong(
            _("The file was written by a newer version of Weft Studio."), _("Update Weft Studio to read it.")
        )
