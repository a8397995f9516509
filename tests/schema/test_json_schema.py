"""JSON Schema files as trees: structure, references in every style, alternatives, and files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput, TooLarge
from studio.schema.cache import load_cache, write_cache
from studio.schema.json_schema.reader import read_json_schema
from studio.schema.model import Base, Kind, Node, Schema
from studio.schema.read import read_schema
from studio.schema.recognise import recognise
from tests.schema.trees import lines

Value = dict[str, Any]


@pytest.fixture
def tree(tmp_path: Path) -> Any:
    """Read a schema given as a value, with other files beside it."""

    def read(value: Any, **others: Any) -> Schema:
        for name, other in {"main": value, **others}.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(other, indent=1))
        return read_json_schema(tmp_path / "main.json")

    return read


def node(schema: Schema, path: str) -> Node:
    place = schema.find(path)
    assert place is not None, path
    return place.node


def test_an_object_its_arrays_and_their_entries(tree: Any) -> None:
    schema = tree(
        {
            "type": "object",
            "required": ["id", "lines", "tags"],
            "properties": {
                "id": {"type": "integer"},
                "note": {"type": ["string", "null"], "maxLength": 20},
                "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                "lines": {
                    "type": "array",
                    "maxItems": 9,
                    "items": {
                        "type": "object",
                        "required": ["qty"],
                        "properties": {"qty": {"type": "number"}},
                    },
                },
            },
        }
    )
    assert lines(schema) == [
        " 1",
        "/id 1 integer",
        "/note 0..1 string",
        "/tags 1..n string",
        "/lines 1",
        "/lines/item 0..9",
        "/lines/item/qty 1 number",
    ]
    assert node(schema, "/note").nillable
    assert node(schema, "/note").value.max_length == 20
    assert [node(schema, "/id").value.base, node(schema, "/lines/item/qty").value.base] == [
        Base.INTEGER,
        Base.DECIMAL,
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "boolean"}}}},
            ["item 0..n", "item/a 0..1 boolean"],
        ),
        ({"type": "array", "items": {"type": "string"}}, ["item 0..n string"]),
        ({"type": "string", "format": "date"}, [" 1 date"]),
        (True, [" 1 string", "/* 0..n any"]),
    ],
)
def test_the_root_is_what_documents_start_with(tree: Any, value: Any, expected: list[str]) -> None:
    assert lines(tree(value)) == expected


def test_facets_formats_defaults_and_documentation(tree: Any) -> None:
    schema = tree(
        {
            "properties": {
                "when": {
                    "type": "string",
                    "format": "date-time",
                    "title": "Moment",
                    "description": "when it was",
                },
                "day": {"type": "string", "format": "date", "deprecated": True},
                "file": {"type": "string", "format": "byte", "readOnly": True},
                "kind": {"enum": ["a", "b", None], "default": "a"},
                "version": {"const": 2},
                "price": {"type": "number", "minimum": 0, "exclusiveMaximum": 100, "multipleOf": 0.01},
                "old": {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
                "code": {"type": "string", "pattern": "^[A-Z]+$", "minLength": 2},
                "ratio": {"type": "number", "format": "double"},
            }
        }
    )
    when, price = node(schema, "/when"), node(schema, "/price").value
    assert (when.value.base, when.value.name, when.documentation) == (
        Base.DATETIME,
        "date-time",
        "Moment: when it was",
    )
    assert node(schema, "/day").value.base is Base.DATE
    assert node(schema, "/day").facts["deprecated"] == "true"
    assert node(schema, "/file").value.base is Base.BINARY
    assert node(schema, "/file").facts["readOnly"] == "true"
    kind = node(schema, "/kind")
    assert (kind.value.enumeration, kind.default, kind.nillable) == (("a", "b"), "a", True)
    assert node(schema, "/version").fixed == "2"
    assert node(schema, "/version").value.base is Base.INTEGER
    assert (price.minimum, price.below, price.fraction_digits) == ("0", "100", 2)
    assert (node(schema, "/old").value.above, node(schema, "/old").value.minimum) == ("1", None)
    assert (node(schema, "/code").value.pattern, node(schema, "/code").value.min_length) == ("^[A-Z]+$", 2)
    assert node(schema, "/ratio").value.base is Base.FLOAT


def test_references_relative_by_identifier_by_anchor_and_with_escapes(tree: Any) -> None:
    schema = tree(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://example.org/orders/main",
            "type": "object",
            "properties": {
                "local": {"$ref": "#/$defs/a~1b~0c%20d"},
                "file": {"$ref": "./common.json#/$defs/money"},
                "identifier": {"$ref": "https://example.org/common/types#/$defs/money"},
                "anchor": {"$ref": "common.json#cash", "description": "said here"},
                "copy": {"$ref": "https://elsewhere.example/x/other.json"},
            },
            "$defs": {"a/b~c d": {"type": "boolean"}},
        },
        common={
            "$id": "https://example.org/common/types",
            "$defs": {"money": {"$anchor": "cash", "properties": {"amount": {"type": "number"}}}},
        },
        other={"type": "integer"},
    )
    assert not schema.problems
    assert node(schema, "/local").value.base is Base.BOOLEAN
    for name in ("file", "identifier", "anchor"):
        assert node(schema, f"/{name}/amount").value.base is Base.DECIMAL
    assert node(schema, "/file").type is node(schema, "/anchor").type
    assert (node(schema, "/file").type.name, node(schema, "/anchor").documentation) == ("money", "said here")
    assert node(schema, "/copy").value.base is Base.INTEGER
    assert sorted(Path(name).name for name in schema.files) == ["common.json", "main.json", "other.json"]


def test_a_missing_file_is_one_problem_with_its_line_and_marked_nodes(tree: Any) -> None:
    schema = tree(
        {
            "properties": {
                "a": {"$ref": "https://nowhere.example/gone.json#/a"},
                "b": {"$ref": "https://nowhere.example/gone.json#/b"},
                "c": {"$ref": "#/definitions/none"},
                "d": {"type": "string"},
            }
        }
    )
    assert [(problem.line, "gone.json" in problem.message) for problem in schema.problems] == [
        (3, True),
        (9, False),
    ]
    assert all(node(schema, path).unresolved for path in ("/a", "/b", "/c"))
    assert node(schema, "/d").unresolved is None
    assert [node(schema, path).line for path in ("/a", "/d")] == [3, 12]


def test_addresses_that_are_none_lead_nowhere(tree: Any) -> None:
    schema = tree(
        {"properties": {"a": {"$ref": "http://[a/b"}, "b": {"$ref": "file://[x/]y#z"}}, "$id": "http://[c"}
    )
    assert len(schema.problems) == 2


def test_a_reference_does_not_leave_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"properties": {"password": {}}}')
    (tmp_path / "in").mkdir()
    for reference in ("../secret.json", (tmp_path / "secret.json").as_uri()):
        (tmp_path / "in" / "main.json").write_text(json.dumps({"properties": {"a": {"$ref": reference}}}))
        schema = read_json_schema(tmp_path / "in" / "main.json", within=tmp_path / "in")
        assert node(schema, "/a").unresolved
        assert any("outside" in problem.message for problem in schema.problems)
        assert not any("secret" in name for name in schema.files)


def test_all_of_counts_together_and_beside_references(tree: Any) -> None:
    schema = tree(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [
                {"$ref": "#/$defs/base"},
                {"properties": {"name": {"maxLength": 9}, "more": {"type": "string"}}, "required": ["more"]},
            ],
            "$defs": {
                "base": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
            },
        }
    )
    assert lines(schema) == [" 1", "/name 1 string", "/more 1 string"]
    assert node(schema, "/name").value.max_length == 9


def test_alternatives_are_a_choice_and_what_they_share_stands_once(tree: Any) -> None:
    schema = tree(
        {
            "type": "object",
            "properties": {"kind": {"type": "string"}},
            "required": ["kind"],
            "oneOf": [
                {
                    "properties": {"kind": {"const": "card"}, "number": {"type": "string"}, "holder": {}},
                    "required": ["number"],
                },
                {"properties": {"kind": {"const": "bank"}, "iban": {"type": "string"}}, "required": ["iban"]},
            ],
        }
    )
    assert lines(schema) == [
        " 1",
        "/kind 1 string",
        " 1 (one of)",
        "/number 1 string",
        "/holder 0..1 string",
        "/holder/* 0..n any",
        "/iban 1 string",
    ]
    assert node(schema, "/kind").value.enumeration == ("card", "bank")
    assert node(schema, "/kind").fixed is None
    assert [node(schema, path).facts.get("alternative") for path in ("/number", "/iban")] == ["1", None]


def test_a_text_or_an_object_is_an_element_with_a_value(tree: Any) -> None:
    schema = tree(
        {
            "properties": {
                "a": {
                    "anyOf": [
                        {"type": "string"},
                        {"type": "object", "properties": {"b": {"type": "integer"}}},
                    ]
                }
            }
        }
    )
    found = node(schema, "/a")
    assert found.kind is Kind.ELEMENT
    assert found.value is not None
    assert lines(schema) == [" 1", "/a 0..1 string", "/a/b 0..1 integer"]


def test_condition_and_both_outcomes_are_shown(tree: Any) -> None:
    schema = tree(
        {
            "type": "object",
            "if": {"properties": {"country": {"const": "BR"}}},
            "then": {"properties": {"cep": {"type": "string"}}},
            "else": {"properties": {"zip": {"type": "string"}}},
        }
    )
    assert [schema.find(path) is not None for path in ("/country", "/cep", "/zip", "/none")] == [
        True,
        True,
        True,
        False,
    ]


def test_maps_admit_any_name_and_say_what_stands_there(tree: Any) -> None:
    schema = tree(
        {
            "properties": {
                "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
                "rows": {
                    "patternProperties": {"^r": {"type": "object", "properties": {"x": {"type": "number"}}}}
                },
                "free": {"type": "object", "additionalProperties": True},
                "shut": {"type": "object", "properties": {}, "additionalProperties": False},
            }
        }
    )
    assert node(schema, "/labels/whatever").value.base is Base.INTEGER
    assert node(schema, "/rows/r1/x").value.base is Base.DECIMAL
    assert node(schema, "/rows/*").facts["pattern"] == "^r"
    assert node(schema, "/free/anything/below").kind is Kind.ELEMENT
    assert schema.find("/shut/any") is None


def test_recursion_is_by_reference_and_cached(tree: Any, tmp_path: Path) -> None:
    schema = tree(
        {
            "$ref": "#/$defs/node",
            "$defs": {
                "node": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "string"},
                        "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                    },
                },
                "self": {"oneOf": [{"$ref": "#/$defs/self"}, {"type": "string"}]},
                "ring": {"allOf": [{"$ref": "#/$defs/ring"}, {"properties": {"a": {}}}]},
            },
        }
    )
    assert lines(schema) == [
        " 1 node",
        "/value 0..1 string",
        "/children 0..1",
        "/children/item 0..n node recursive",
    ]
    assert schema.root("ring") is not None
    assert schema.root("self").node.value is not None
    write_cache(schema, tmp_path / "cache")
    assert lines(load_cache(tmp_path / "cache")) == lines(schema)


def test_exploding_alternatives_stay_few_types(tree: Any, tmp_path: Path) -> None:
    names = [f"t{at}" for at in range(14)]
    every = [{"$ref": f"#/$defs/{name}"} for name in names]
    schema = tree(
        {
            "anyOf": every,
            "$defs": {
                name: {"type": "object", "properties": {other: {"anyOf": every} for other in names}}
                for name in names
            },
        }
    )
    write_cache(schema, tmp_path / "cache")
    assert (tmp_path / "cache").stat().st_size < 200_000
    assert schema.find("/t1/t2/t3/t4/t5/t6/t7/t8") is not None


def test_definitions_alone_are_roots_and_otherwise_further_ones(tree: Any) -> None:
    only = tree(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"a": {"type": "object", "properties": {"x": {}}}, "b": {"type": "string"}},
        }
    )
    assert [root.name for root in only.roots] == ["a", "b"]
    assert only.find("a/x", "a") is not None
    beside = tree({"properties": {"x": {}}, "$defs": {"c": {"type": "string"}}})
    assert [root.name for root in beside.roots] == [""]
    assert [root.name for root in beside.others()] == ["c"]


def test_yaml_is_read_with_lines_anchors_and_merges(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "$schema: https://json-schema.org/draft/2020-12/schema\ntype: object\nproperties:\n"
        "  a: &text\n    type: string\n    maxLength: 5\n  b: *text\n  c:\n    <<: *text\n    maxLength: 7\n"
        "  d:\n    $ref: gone.yaml\nrequired: [a]\n"
    )
    schema = read_schema(path)
    assert schema.kind == "json-schema"
    assert lines(schema)[1:4] == ["/a 1 string", "/b 0..1 string", "/c 0..1 string"]
    assert node(schema, "/c").value.max_length == 7
    assert [problem.line for problem in schema.problems] == [12]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('{"type": "object",\n "properties": {"a": }}', 2, "JSON"),
        ("$schema: x\na: *none\n", 2, "none"),
        ("a: &b\n  c: *b\n", 2, "inside"),
        ("a: !python/object x\n", 1, "tag"),
        ("a: 1\na: 2\n", 2, "already"),
        ("a: [\n", 2, "YAML"),
        ("", None, "empty"),
        ('["no schema"]', None, "JSON Schema"),
    ],
)
def test_broken_files_are_refused_with_the_line(
    tmp_path: Path, text: str, line: int | None, word: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_json_schema(path)
    assert (caught.value.line, word in caught.value.message) == (line, True)


def test_aliases_do_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    steps = "".join(
        f"  s{at}: &s{at} {{properties: {{a: *s{at - 1}, b: *s{at - 1}}}}}\n" for at in range(1, 60)
    )
    path.write_text("$defs:\n  s0: &s0 {type: string}\n" + steps + "properties:\n  top: *s59\n")
    schema = read_json_schema(path)
    assert schema.find("/top" + "/a" * 59) is not None


def test_deep_nesting_is_refused_politely(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"not":' * 100_000)
    with pytest.raises((TooLarge, BadInput)):
        read_json_schema(path)
    path.write_text('{"items":' * 900 + "{}" + "}" * 900)
    assert lines(read_json_schema(path), depth=4)


def test_wrong_words_are_located_and_left_out(tree: Any) -> None:
    schema = tree(
        {
            "properties": {
                "a": {"type": "strng"},
                "b": {"type": "string", "enum": 7},
                "c": 3,
                "d": {"properties": []},
            }
        }
    )
    assert [problem.line for problem in schema.all_problems()] == [3, 6, 11]
    assert schema.find("/a") is not None
    assert schema.find("/c") is None


def test_the_words_at_the_top_tell_a_schema_from_data(tmp_path: Path) -> None:
    def kind(text: str) -> str:
        path = tmp_path / "a.json"
        path.write_text(text)
        return recognise(path)

    assert kind('{"type": "object", "properties": {"a": {}}}') == "json-schema"
    assert kind('{"$defs": {"a": {}}}') == "json-schema"
    assert kind('[{"schema": {"$schema": "http://json-schema.org/draft-07/schema#"}}]') == "json"
    assert kind('{"type": "FeatureCollection", "properties": {"a": 1}, "items": []}') == "json"
    assert kind('{"items": [{"id": 1}], "total": 1}') == "json"
    assert kind('{"items": [{"id": 1}]}') == "json"
    assert kind('{"openapi": "3.1.0", "paths": {}}') == "openapi"
    assert kind('swagger: "2.0"\npaths: {}\n') == "openapi"
