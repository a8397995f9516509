"""JSON documents and JSON lines against JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.schema.validate.child import Checker
from studio.schema.validate.document import validate
from studio.schema.validate.json_lines import first_lines
from tests.conftest import FULL

Share = Callable[[int], int]

_ORDER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/order.json",
    "type": "object",
    "required": ["id", "lines"],
    "additionalProperties": False,
    "properties": {"id": {"type": "integer"}, "lines": {"type": "array", "items": {"$ref": "line.json"}}},
}
_LINE = {
    "$id": "https://example.com/line.json",
    "required": ["sku"],
    "properties": {"sku": {"pattern": "^[A-Z]+$"}, "unit": {"$ref": "#/$defs/unit"}},
    "$defs": {"unit": {"enum": ["kg", "m"]}},
}


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Checker(seconds=60) as one:
        yield one


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> None:
    """The process that checks is kept for all tests here; the fixture of it ends it."""


def _write(folder: Path, name: str, value: Any) -> Path:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def test_each_problem_has_its_line_path_and_record(tmp_path: Path, checker: Checker) -> None:
    schema = _write(tmp_path, "order.json", _ORDER)
    _write(tmp_path, "line.json", _LINE)
    text = '{"id": "x",\n "lines": [{"sku": "A"},\n  {\n   "unit": "lb"}],\n "more": 1}'
    found = validate(schema, _write(tmp_path, "o.json", text), checker=checker)
    assert [(one.record, one.line, one.path, one.message) for one in found] == [
        (None, 1, "/", "These may not stand here: more."),
        (None, 1, "/id", '"x" is not of the type integer.'),
        (2, 3, "/lines/item[2]", "sku is missing."),
        (2, 4, "/lines/item[2]/unit", '"lb" is none of the values allowed: "kg", "m".'),
    ]


def test_lines_and_arrays_count_their_records(tmp_path: Path, checker: Checker) -> None:
    schema = _write(
        tmp_path, "n.schema.json", {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}
    )
    lines = _write(tmp_path, "n.jsonl", '{"a": 1}\n\n[1]\n{}\n')
    assert [(one.record, one.line, one.path) for one in validate(schema, lines, checker=checker)] == [
        (2, 3, "item")
    ]
    items = _write(
        tmp_path,
        "list.schema.json",
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": {"type": "number"}},
    )
    array = _write(tmp_path, "list.json", '[1,\n2,\n"3"]')
    found = [(one.record, one.line, one.path) for one in validate(items, array, checker=checker)]
    assert found == [(3, 3, "item[3]")]


def test_a_missing_file_is_told_and_the_rest_checked(tmp_path: Path, checker: Checker) -> None:
    schema = _write(tmp_path, "order.json", _ORDER)
    document = _write(tmp_path, "o.json", '{"id": "x", "lines": [{}]}')
    found = list(validate(schema, document, checker=checker))
    assert [(one.severity.value, one.path) for one in found] == [("warning", None), ("error", "/id")]
    assert "line.json" in found[0].message


def test_what_is_no_json_or_no_usable_schema_is_refused(tmp_path: Path, checker: Checker) -> None:
    schema = _write(tmp_path, "order.json", _ORDER)
    with pytest.raises(BadInput, match="not JSON") as caught:
        list(validate(schema, _write(tmp_path, "o.json", '{"id": 1,\n}'), checker=checker))
    assert caught.value.line == 2
    wrong = _write(
        tmp_path, "wrong.json", {"$schema": "http://json-schema.org/draft-07/schema#", "pattern": "("}
    )
    with pytest.raises(BadInput, match="cannot be used"):
        list(validate(wrong, _write(tmp_path, "t.json", '"text"'), checker=checker))
    sample = _write(tmp_path, "sample.json", {"a": 1})
    with pytest.raises(BadInput, match="sample"):
        list(validate(sample, sample, checker=checker))


def test_lines_of_members_and_items() -> None:
    text = '{"a": [1,\n 2, {"b\\"c":\n [[], 3]}],\n "a b": "}:,"}'
    wanted = {(), ("a",), ("a", 1), ("a", 2), ("a", 2, 'b"c'), ("a", 2, 'b"c', 1), ("a b",), ("none",)}
    assert first_lines(text, wanted) == {
        (): 1,
        ("a",): 1,
        ("a", 1): 2,
        ("a", 2): 2,
        ("a", 2, 'b"c'): 2,
        ("a", 2, 'b"c', 1): 3,
        ("a b",): 4,
    }


def test_the_published_suite_is_judged_as_it_says(
    shared: Path, share: Share, tmp_path: Path, checker: Checker
) -> None:
    base = shared / "corpora" / "json-schema" / "json-schema-test-suite"
    files = [
        (draft, file)
        for draft in ("draft4", "draft7", "draft2019-09", "draft2020-12")
        for file in sorted(base.rglob(f"tests/{draft}/*.json"))
    ]
    assert len(files) > 100
    cases = [
        (draft, group, test)
        for draft, file in files
        for group in json.loads(file.read_text(encoding="utf-8"))
        for test in group["tests"]
        # References to other files are proved above; those of the suite are addresses of its own server.
        if "localhost" not in json.dumps(group["schema"])
    ]
    wrong = []
    chosen = cases if FULL else cases[:: max(1, len(cases) // 120)]
    for draft, group, test in chosen:
        schema = group["schema"]
        if not isinstance(schema, dict):
            continue
        address = (
            f"json-schema.org/{draft.replace('draft4', 'draft-04').replace('draft7', 'draft-07')}/schema"
        )
        named = (
            {"$schema": f"http://{address}#"}
            if draft in ("draft4", "draft7")
            else {"$schema": f"https://{address.replace('draft2', 'draft/2')}"}
        )
        path = _write(tmp_path, "schema.json", {**named, **schema})
        document = _write(tmp_path, "document.json", json.dumps(test["data"]))
        found = _errors(path, document, checker)
        if bool(found) == test["valid"]:
            wrong.append((draft, group["description"], test["description"]))
    assert len(wrong) <= 0.01 * len(chosen), wrong


def _errors(schema: Path, document: Path, checker: Checker) -> list[str]:
    try:
        found = list(validate(schema, document, kind="json-schema", checker=checker))
    except BadInput as error:
        return [str(error)]
    return [one.message for one in found if one.severity == "error"]
