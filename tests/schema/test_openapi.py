"""OpenAPI and Swagger descriptions: operations with inputs and answers, parameters, schemas and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.schema.cache import load_cache, write_cache
from studio.schema.json_schema.openapi import read_openapi
from studio.schema.model import Base, Kind, Node, Schema
from studio.schema.read import read_schema
from tests.schema.trees import lines


def node(schema: Schema, path: str) -> Node:
    place = schema.find(path)
    assert place is not None, path
    return place.node


@pytest.fixture
def described(tmp_path: Path) -> Any:
    """Read a description given as text, with files beside it."""

    def read(text: str, **others: str) -> Schema:
        for name, other in {"main": text, **others}.items():
            (tmp_path / f"{name}.yaml").write_text(other)
        return read_schema(tmp_path / "main.yaml")

    return read


_PETS = """\
openapi: 3.1.0
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: verbose, in: query, schema: {type: boolean}}
    put:
      operationId: putPet
      summary: Changes a pet
      tags: [pets]
      security: [{key: []}]
      parameters:
        - {name: verbose, in: query, required: true, description: louder, schema: {type: integer}}
        - $ref: "#/components/parameters/trace"
      requestBody:
        required: true
        content:
          text/plain: {schema: {type: string}}
          application/json: {schema: {$ref: "#/components/schemas/Pet"}}
      responses:
        "200":
          description: The pet
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {type: array, items: {$ref: "other.yaml#/Tag"}}}}
        "202": {description: Later}
        "404": {$ref: "#/components/responses/gone"}
    delete:
      responses: {default: {description: any}}
components:
  parameters:
    trace: {name: X-Trace, in: header, schema: {type: string, maxLength: 9}}
  responses:
    gone: {description: Not there, content: {application/problem+json: {schema: {properties: {why: {type: string}}}}}}
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string}, born: {type: [string, "null"], format: date}}}
"""
_OTHER = "Tag: {type: object, properties: {label: {type: string}}}\n"


def test_an_operation_has_its_input_and_its_answers(described: Any, tmp_path: Path) -> None:
    schema = described(_PETS, other=_OTHER)
    assert (schema.kind, schema.problems) == ("openapi", ())
    assert lines(schema, "putPet") == [
        "putPet 1",
        "putPet/input 1",
        "putPet/input/path 1",
        "putPet/input/path/id 1 integer",
        "putPet/input/query 1",
        "putPet/input/query/verbose 1 integer",
        "putPet/input/header 0..1",
        "putPet/input/header/X-Trace 0..1 string",
        "putPet/input/body 1 Pet",
        "putPet/input/body/name 1 string",
        "putPet/input/body/born 0..1 date",
        "putPet/output 1",
        "putPet/output/header 0..1",
        "putPet/output/header/ETag 0..1 string",
        "putPet/output/body 1",
        "putPet/output/body/item 0..n Tag",
        "putPet/output/body/item/label 0..1 string",
        "putPet/output:202 1",
        "putPet/fault:404 1",
        "putPet/fault:404/body 1",
        "putPet/fault:404/body/why 0..1 string",
    ]
    operation = schema.roots[0]
    assert (operation.kind, operation.documentation, operation.line) == (Kind.OPERATION, "Changes a pet", 8)
    assert operation.facts == {
        "method": "PUT",
        "path": "/pets/{id}",
        "operationId": "putPet",
        "tags": "pets",
        "security": "key",
    }
    assert node(schema, "putPet/input/body").facts["media"] == "application/json, text/plain"
    assert node(schema, "putPet/input/query/verbose").documentation == "louder"
    assert node(schema, "putPet/input/body/born").nillable
    assert node(schema, "putPet/fault:404").documentation == "Not there"
    assert [root.name for root in schema.roots] == ["putPet", "DELETE /pets/{id}"]
    assert [root.name for root in schema.others()] == ["Pet"]
    write_cache(schema, tmp_path / "cache")
    assert lines(load_cache(tmp_path / "cache"), "putPet") == lines(schema, "putPet")


def test_swagger_2_has_bodies_forms_and_types_in_parameters(described: Any) -> None:
    schema = described(
        """\
swagger: "2.0"
consumes: [application/json]
paths:
  /a:
    post:
      operationId: a
      parameters:
        - {name: n, in: query, type: integer, required: true, format: int64}
        - {name: list, in: query, type: array, items: {type: string}, collectionFormat: csv}
        - {name: it, in: body, required: true, schema: {$ref: "#/definitions/It"}}
      responses:
        201: {description: made, schema: {type: string, format: byte}}
  /b:
    post:
      operationId: b
      consumes: [multipart/form-data]
      parameters:
        - {name: file, in: formData, type: file}
        - {name: size, in: formData, type: number, required: true}
      responses: {}
definitions:
  It: {type: object, properties: {x: {type: string, x-nullable: true}}}
"""
    )
    assert lines(schema, "a") == [
        "a 1",
        "a/input 1",
        "a/input/query 1",
        "a/input/query/n 1 int64",
        "a/input/query/list 0..n string",
        "a/input/body 1 It",
        "a/input/body/x 0..1 string",
        "a/output 1",
        "a/output/body 1 byte",
    ]
    assert lines(schema, "b")[2:] == [
        "b/input/body 1",
        "b/input/body/file 0..1 string",
        "b/input/body/size 1 number",
    ]
    assert node(schema, "a/output/body").value.base is Base.BINARY
    assert node(schema, "a/input/query/list").facts["style"] == "csv"
    assert node(schema, "b/input/body").facts["media"] == "multipart/form-data"


def test_nullable_of_3_0_and_references_that_lead_nowhere(described: Any) -> None:
    schema = described(
        """\
openapi: 3.0.3
paths:
  /a:
    get:
      operationId: a
      parameters: [{$ref: "gone.yaml#/p"}]
      requestBody: {$ref: "#/components/requestBodies/none"}
      responses:
        "200": {$ref: "gone.yaml#/r"}
        "400": {description: no, content: {application/json: {schema: {type: string, nullable: true}}}}
"""
    )
    assert node(schema, "a/fault:400/body").nillable
    assert [problem.line for problem in schema.problems] == [6, 7]
    assert node(schema, "a/input/body").unresolved
    assert node(schema, "a/output").unresolved


def test_a_description_without_operations_shows_its_schemas(described: Any) -> None:
    schema = described("openapi: 3.1.0\ncomponents: {schemas: {A: {type: object, properties: {x: {}}}}}\n")
    assert [root.name for root in schema.roots] == ["A"]
    assert len(schema.problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "openapi: 3.1.0\npaths: []\n",
        "openapi: 3.1.0\npaths: {/a: {get: 3, put: {parameters: 4, responses: [], requestBody: {content: 9}}}}\n",
    ],
)
def test_senseless_parts_are_left_out(described: Any, text: str) -> None:
    for root in described(text).roots:
        assert lines(described(text), root.name)


def test_no_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("paths: {}\n")
    with pytest.raises(BadInput, match="version"):
        read_openapi(tmp_path / "a.yaml")


def test_a_real_description(shared: Path, tmp_path: Path) -> None:
    schema = read_schema(shared / "corpora" / "json-schema" / "openapi-moov-ach" / "openapi.yaml")
    assert schema.kind == "openapi"
    assert (len(schema.roots), len(schema.others())) == (19, 47)
    # Its errors stand in a file of the network, which is named once.
    assert [(problem.line, "common.yaml" in problem.message) for problem in schema.problems] == [(136, True)]
    assert node(schema, "createFile/output/body/file/fileHeader/immediateOrigin").value.base is Base.TEXT
    assert node(schema, "createFile/fault:400/body").unresolved
    assert node(schema, "createFile/input/path/fileID").occurs.min == 1
    write_cache(schema, tmp_path / "cache")
    cached = load_cache(tmp_path / "cache")
    assert [lines(cached, root.name, depth=4) for root in cached.roots] == [
        lines(schema, root.name, depth=4) for root in schema.roots
    ]
