"""Any JSON value read as a schema: a tree that is the same from its cache, or a located refusal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.schema.cache import load_cache, write_cache
from studio.schema.json_schema.reader import read_json_schema
from tests.schema.trees import lines

_NAMES = st.sampled_from(["a", "b", "item", "c/d"])
_WORDS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "allOf",
        "oneOf",
        "anyOf",
        "$ref",
        "required",
        "enum",
        "const",
        "if",
        "then",
        "not",
        "additionalProperties",
        "patternProperties",
        "prefixItems",
        "minItems",
        "minimum",
        "$defs",
        "$id",
        "$anchor",
        "default",
        "format",
        "pattern",
        "dependentSchemas",
        "$dynamicRef",
        "$recursiveRef",
        "extends",
        "contains",
    ]
)
_LEAVES = st.sampled_from(
    [
        "object",
        "string",
        "array",
        "number",
        "null",
        "#",
        "#/$defs/a",
        "#/properties/a",
        "x.json",
        None,
        True,
        False,
        1,
        0.5,
        -3,
    ]
)
_ANY = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS | _NAMES, inner, max_size=4),
    max_leaves=25,
)


@given(_ANY)
def test_any_value_is_a_tree_or_a_located_error(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.json").write_text(json.dumps(value))
    if not isinstance(value, dict | bool):
        with pytest.raises(BadInput):
            read_json_schema(folder / "a.json")
        return
    schema = read_json_schema(folder / "a.json")
    assert schema.roots
    write_cache(schema, folder / "cache")
    assert lines(load_cache(folder / "cache"), depth=4) == lines(schema, depth=4)
