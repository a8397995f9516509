"""Schemas from several samples: what all have is required, what differs is widened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.schema.json_sample import read_json_sample
from studio.schema.model import Base
from studio.schema.several import infer_from
from tests.schema.trees import lines


@pytest.fixture
def inferred(tmp_path: Path) -> Any:
    """Infer from texts; the ending of their files is given first."""

    def infer(suffix: str, *texts: str) -> Any:
        paths = [tmp_path / f"s{at}{suffix}" for at, _text in enumerate(texts)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return infer_from(paths)

    return infer


def test_xml_samples_together(inferred: Any) -> None:
    schema = inferred(
        ".xml",
        '<o id="1"><n>5</n><line><q>1</q></line></o>',
        '<o id="2" x="y"><n>5.5</n><line><q>a</q></line><line/><extra/></o>',
        "<o><n/><line><q>1</q><r>2026-01-01</r></line></o>",
    )
    assert lines(schema) == [
        "o 1",
        "o/@id 0..1 integer",
        "o/@x 0..1 string",
        "o/n 1 decimal",
        "o/line 1..n",
        "o/line/q 0..1 string",
        "o/line/r 0..1 date",
        "o/extra 0..1 string",
    ]
    assert len(schema.files) == 3


def test_xml_samples_with_other_roots_give_several_roots(inferred: Any) -> None:
    assert [root.name for root in inferred(".xml", "<a><b/></a>", "<c/>", "<a/>").roots] == ["a", "c"]


def test_json_samples_together(inferred: Any) -> None:
    schema = inferred(
        ".json", '{"a": 1, "b": [1], "c": {"d": true}}', '{"a": 1.5, "c": {"e": null}, "f": "x"}'
    )
    assert lines(schema) == [
        " 1",
        "/a 1 decimal",
        "/b 0..n integer",
        "/c 1",
        "/c/d 0..1 boolean",
        "/c/e 0..1 string",
        "/f 0..1 string",
    ]


def test_json_lines_and_one_record_more(inferred: Any) -> None:
    schema = inferred(".jsonl", '{"a": 1}\n{"a": 2}\n', '{"a": 3, "b": 4}\n')
    assert lines(schema) == ["item 0..n", "item/a 1 integer", "item/b 0..1 integer"]
    assert schema.facts["form"] == "lines"


def test_delimited_samples_together(inferred: Any) -> None:
    schema = inferred(".csv", "id,name,size\n1,Ann,\n2,Bob,\n", "id,size,more\n3,4.5,x\n7.5,1,y\n")
    assert lines(schema) == [
        "row 0..n row",
        "row/id 0..1 decimal",
        "row/name 0..1 string",
        "row/size 0..1 decimal",
        "row/more 0..1 string",
    ]
    columns = schema.roots[0].type.children
    assert [column.facts["position"] for column in columns] == ["1", "2", "3", "4"]
    assert columns[0].facts["examples"].split("\n") == ["1", "2", "3", "7.5"]
    assert columns[2].value.base is Base.DECIMAL


def test_samples_of_one_kind_only(inferred: Any, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="kind xml, the first one of kind json"):
        inferred(".x", "{}", "<a/>")
    with pytest.raises(BadInput, match="no sample but a schema"):
        inferred(".x", '{"$schema": "http://json-schema.org/draft-07/schema#"}')
    with pytest.raises(BadInput, match="no sample"):
        infer_from([])


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.sampled_from(["", "x", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), _VALUES, max_size=3), min_size=1, max_size=4))
def test_several_objects_are_as_one_array_of_them(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("many")
    for at, value in enumerate(values):
        (folder / f"{at}.json").write_text(json.dumps(value))
    (folder / "all.json").write_text(json.dumps(values))
    many = infer_from([folder / f"{at}.json" for at in range(len(values))])
    one = read_json_sample(folder / "all.json")
    assert [line.split("/", 1)[1:] for line in lines(many)[1:]] == [
        line.split("/", 1)[1:] for line in lines(one)[1:]
    ]


def test_real_samples_together(shared: Path) -> None:
    folder = shared / "corpora" / "xsd" / "xrechnung-samples"
    paths = sorted(folder.glob("*_ubl.xml"))
    assert len(paths) >= 7
    schema = infer_from(paths)
    for path in paths:
        alone = infer_from([path])
        for root in alone.roots:
            assert schema.root(root.name) is not None
            assert set(_paths(lines(alone, root.name, 4))) <= set(_paths(lines(schema, root.name, 4)))


def _paths(found: list[str]) -> list[str]:
    return [line.split(" ")[0] for line in found]
