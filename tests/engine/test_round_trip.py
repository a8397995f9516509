"""Documents of the corpora read by their schema, carried by an identity map and written say the same as before."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lxml import etree

from studio.base.errors import BadInput
from studio.schema.read import read_schema
from tests.conftest import FULL
from tests.engine.round_trip import all_places, through, unordered, xml_through

# What is under a wildcard has no node of its own until somebody puts one there, so an identity map leaves it out.
WILDCARDS = {"UBL-Invoice-2.0-Enveloped.xml"}
# A structure with nothing in it is not made: no value asks for it.
HOLLOW = {"UBL-OrderResponse-2.1-Example.xml"}
# Members holding now this, now that sort of value come out as texts.
RETYPED = {"Case.json", "Event.json", "Lead.json"}
_LARGEST = 400_000
# Members of the suite with two of one name: the first is kept.
_TWICE = ("y_object_duplicated_key", "y_object_duplicated_key_and_value")


def _documents(shared: Path, part: str, pattern: str) -> list[Path]:
    found = sorted((shared / "corpora" / part).rglob(pattern))
    return [file for file in found if file.is_file() and file.stat().st_size < _LARGEST]


def test_ubl_documents_come_out_as_they_went_in(shared: Path) -> None:
    folder = shared / "corpora" / "xsd" / "ubl-2.1"
    samples = _documents(shared, "xsd/ubl-2.1/samples", "*.xml")
    assert len(samples) == 56
    same = 0
    for file in samples[: 56 if FULL else 6]:
        name = etree.QName(etree.parse(str(file)).getroot()).localname
        schema = folder / "maindoc" / f"UBL-{name}-2.1.xsd"
        before, after = xml_through(file, schema if schema.is_file() else None)
        if file.name in WILDCARDS:
            assert before != after
            continue
        if file.name in HOLLOW:
            assert unordered(after) == unordered(before) != before
            continue
        assert after == before, file.name
        same += 1
    assert same >= 6


def test_any_xml_comes_out_of_the_schema_inferred_from_it(shared: Path) -> None:
    """A sample tells no order of elements that alternate: then the same ones come out by name; empty ones do not."""
    files = _documents(shared, "xsd/xrechnung-samples", "*.xml") + _documents(
        shared, "xsd/iso20022-samples", "*.xml"
    )
    files += _documents(shared, "edi-x12/pyx12", "*.xml") + _documents(shared, "dtd/libxml2-valid", "*.xml")
    assert len(files) > 100
    exact = grouped = refused = 0
    for file in files[:: 1 if FULL else 9]:
        try:
            before, after = xml_through(file, None)
        except (etree.XMLSyntaxError, BadInput):
            assert b"<!ENTITY" in file.read_bytes() or b"<!DOCTYPE" in file.read_bytes(), file.name
            refused += 1
            continue
        assert unordered(after) == unordered(before), file.name
        exact += after == before
        grouped += after != before
    assert exact > grouped
    assert exact > refused


def test_every_csv_comes_out_with_the_same_rows(shared: Path) -> None:
    files = _documents(shared, "csv", "*.csv")
    assert len(files) >= 15
    for file in files:
        schema = read_schema(file)
        out = through(schema, all_places(schema), file).decode(schema.facts.get("encoding", "utf-8"))
        before = _rows(file.read_text("utf-8-sig"), schema.facts["delimiter"])
        assert _rows(out.removeprefix("\ufeff"), schema.facts["delimiter"]) == before, file.name


def _rows(text: str, delimiter: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]


def test_json_comes_out_with_the_same_members(shared: Path) -> None:
    """An array without entries is not written: there is nothing to repeat."""
    files = _documents(shared, "salesforce/describe", "*.json") + _documents(
        shared, "csv/csv-spectrum", "*.json"
    )
    files += _documents(shared, "xsd/xmlschema-lib-tests/serialization", "*.json")
    files += _documents(shared, "json-samples/jsontestsuite/test_parsing", "y_object*.json")
    compared = 0
    for file in files:
        given = json.loads(file.read_text("utf-8-sig"))
        if file.stem in _TWICE or not _mappable(given):
            continue
        schema = read_schema(file, kind="json")
        written = json.loads(through(schema, all_places(schema), file))
        if file.name in RETYPED:
            assert _full(written) != _full(given)
            assert _full(written, _text) == _full(given, _text)
            continue
        assert _full(written) == _full(given), file.name
        compared += 1
    assert compared >= 25


def _mappable(value: Any) -> bool:
    """An object or an array of objects, without a nameless member: what a map has paths for; arrays of one sort."""
    if isinstance(value, list):
        return all(isinstance(one, dict) for one in value) and all(map(_plain, value)) and bool(value)
    return isinstance(value, dict) and _plain(value)


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return "" not in value and all(map(_plain, value.values()))
    if isinstance(value, list):
        sorts = {type(one) for one in value if one is not None}
        return len(sorts) < 2 and list not in sorts and None not in value and all(map(_plain, value))
    return True


def _full(value: Any, change: Callable[[Any], Any] = lambda one: one) -> Any:
    """A value without arrays and objects that hold nothing; plain values changed."""
    if isinstance(value, dict):
        full = {name: _full(one, change) for name, one in value.items()}
        return {name: one for name, one in full.items() if one not in ([], {})}
    if isinstance(value, list):
        return [_full(one, change) for one in value]
    return change(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
