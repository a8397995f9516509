"""Protobuf: `.proto` texts and the sets compiled of them give the same tree; any text is read or refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import any_pb2, descriptor_pb2, struct_pb2, timestamp_pb2, type_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.schema.cache import load_cache, write_cache
from studio.schema.model import Base, Kind, Node, Schema
from studio.schema.read import read_schema, recognise
from studio.schema.typed.proto_text import parse_proto
from tests.conftest import FULL
from tests.schema.trees import Reads, lines

_ORDER = """// Copyright
syntax = "proto3";
package shop.v1;
import "money.proto";
import "google/protobuf/timestamp.proto";
option java_package = "com.shop";

/* What was
 * ordered. */
message Order {
  reserved 4, 9 to 11; reserved "old";
  // Its number
  int64 id = 1 [deprecated = true, (my.option) = { a: 1 }];
  optional string note = 2; // trailing
  repeated Line lines = 3;
  map<string, Line> by_name = 5;
  oneof payment { string card = 6; Money cash = 7 [json_name = "inCash"]; }
  State state = 8;
  google.protobuf.Timestamp at = 12;
  repeated int32 codes = 13 [packed = true];
  bytes data = 14; double weight = 15;
  message Line { uint32 qty = 1; Order parent = 2; }
  enum State { option allow_alias = true; NEW = 0; PAID = 1 [deprecated = true]; LOST = -1; }
}
service Shop {
  // Finds one.
  rpc Find (Order.Line) returns (stream Order) { option (http) = { get: "/x" }; }
}
"""
_MONEY = 'syntax = "proto3"; package shop.v1; message Money { string currency = 1; sint64 units = 2; }'
_TREE = [
    "Order 1 Order",
    "Order/id 0..1 int64",
    "Order/note 0..1 string",
    "Order/lines 0..n Line",
    "Order/lines/qty 0..1 uint32",
    "Order/lines/parent 0..1 Order recursive",
    "Order/by_name 0..1 map",
    "Order/by_name/entry 0..n entry",
    "Order/by_name/entry/key 1 string",
    "Order/by_name/entry/value 1 Line",
    "Order/by_name/entry/value/qty 0..1 uint32",
    "Order/by_name/entry/value/parent 0..1 Order recursive",
    "Order 0..1 (one of)",
    "Order/card 1 string",
    "Order/cash 1 Money",
    "Order/cash/currency 0..1 string",
    "Order/cash/units 0..1 sint64",
    "Order/state 0..1 State",
    "Order/at 0..1 Timestamp",
    "Order/codes 0..n int32",
    "Order/data 0..1 bytes",
    "Order/weight 0..1 double",
]


def _node(schema: Schema, path: str) -> Node:
    place = schema.find(path)
    assert place is not None, path
    return place.node


def test_a_proto_text_is_a_tree_with_comments_and_imports(reads: Reads, tmp_path: Path) -> None:
    schema = reads(("order.txt", _ORDER), ("money.proto", _MONEY))
    assert schema.kind == "protobuf"
    assert schema.problems == ()
    assert lines(schema) == _TREE
    assert _node(schema, "Order").documentation == "What was\nordered."
    number = _node(schema, "Order/id")
    assert (number.documentation, number.line, number.facts["number"]) == ("Its number", 13, "1")
    assert number.facts["deprecated"] == "true"
    assert _node(schema, "Order/note").documentation == ""
    assert _node(schema, "Order/cash").facts["JSON name"] == "inCash"
    state, at = _node(schema, "Order/state").value, _node(schema, "Order/at").value
    assert state is not None
    assert state.enumeration == ("NEW", "PAID", "LOST")
    assert at is not None
    assert at.base is Base.DATETIME
    find = schema.roots[-1]
    assert (find.name, find.kind, find.documentation) == ("Find", Kind.OPERATION, "Finds one.")
    assert _node(schema, "Find/output/Order/lines/qty").facts["number"] == "1"
    assert [str(node.occurs) for node in find.type.children] == ["1", "0..n"]
    assert schema.root("Money") is not None
    write_cache(schema, tmp_path / "c.schema")
    assert lines(load_cache(tmp_path / "c.schema")) == _TREE


def test_a_compiled_set_gives_the_tree_of_its_text(reads: Reads, tmp_path: Path) -> None:
    reads(("order.proto", _ORDER), ("money.proto", _MONEY))
    files = [
        parse_proto((tmp_path / name).read_text(), tmp_path / name) for name in ("money.proto", "order.proto")
    ]
    data = FileDescriptorSet(file=files).SerializeToString()
    (tmp_path / "set.bin").write_bytes(data)
    assert recognise(tmp_path / "set.bin") == "protobuf"
    schema = read_schema(tmp_path / "set.bin")
    assert lines(schema) == _TREE
    assert _node(schema, "Order/id").documentation == "Its number"
    for cut in (len(data) - 3, len(data) // 2):
        (tmp_path / "cut.bin").write_bytes(data[:cut])
        with pytest.raises(BadInput, match="damaged or cut off"):
            read_schema(tmp_path / "cut.bin")


def test_what_the_library_itself_is_described_by_reads(tmp_path: Path) -> None:
    for module in (descriptor_pb2, type_pb2, any_pb2, struct_pb2, timestamp_pb2):
        file = FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        (tmp_path / "own.pb").write_bytes(FileDescriptorSet(file=[file]).SerializeToString())
        schema = read_schema(tmp_path / "own.pb")
        assert [node.name for node in schema.roots] == [message.name for message in file.message_type]
        for node, message in zip(schema.roots, file.message_type, strict=True):
            place = schema.root(node.name)
            assert place is not None
            names = {child.node.name for child in place.flat_children()}
            assert {field.name for field in message.field} <= names


def test_proto2_has_required_defaults_groups_and_extensions(reads: Reads) -> None:
    schema = reads(
        (
            "a.proto",
            """message A { required int32 id = 1 [default = 7]; optional string s = 2 [default = "a\\"b" "c"];
              repeated group Row = 3 { optional bool on = 4; } extensions 100 to max; }
              extend A { optional B more = 100; } message B { optional A a = 1; }""",
        )
    )
    assert lines(schema) == [
        "A 1 A",
        "A/id 1 int32",
        "A/s 0..1 string",
        "A/row 0..n Row",
        "A/row/on 0..1 bool",
        "A/more 0..1 B",
        "A/more/a 0..1 A recursive",
    ]
    assert _node(schema, "A/id").default == "7"
    assert _node(schema, "A/s").default == 'a"bc'
    assert _node(schema, "A/more").facts["extension"] == "true"


def test_missing_imports_and_names_are_told_once_with_their_line(reads: Reads, tmp_path: Path) -> None:
    schema = reads(
        ("a.proto", 'syntax = "proto3";\nimport "gone.proto";\nimport "../outside.proto";\nmessage A {\n  x.Gone a = 1;\n  x.Gone b = 2;\n}')
    )  # fmt: skip
    said = [(problem.message, problem.line) for problem in schema.problems]
    assert said[-1] == ("No type called x.Gone is declared.", 5)
    assert [message for message, _line in said[:-1]] == [
        "The file gone.proto is not there.",
        "The file ../outside.proto is not there.",
    ]
    assert _node(schema, "A/a").unresolved


def test_names_no_file_can_have_are_names_of_missing_files(reads: Reads) -> None:
    long = "x" * 3000
    schema = reads(
        ("a.proto", f'syntax = "proto3"; import "{long}.proto"; import "/etc/x.proto"; message A {{}}')
    )
    assert len(schema.problems) == 2
    avro = '{"type": "record", "name": "A", "fields": [{"name": "a", "type": "NAME"}]}'.replace("NAME", long)
    assert len(reads(("a.avsc", avro)).problems) == 1


def test_wrong_texts_name_the_line(reads: Reads) -> None:
    for text, line in (
        ('syntax = "proto3";\nmessage A {\n  int32 = 1;\n}', 3),
        ('syntax = "proto3";\nmessage A {\n  int32 a = 1;', 3),
        ('syntax = "proto3";\nmessage A {\n  int32 a = 99999999999;\n}', 3),
        ('syntax = "proto3";\nmessage A {\n  map<float, int32> a = 1;\n}', 3),
        ('syntax = "proto3";\n\nmessage A { ? }', 3),
        ('syntax = "proto3";\n' + "message A {" * 5000, 2),
    ):
        with pytest.raises(BadInput) as caught:
            reads(("a.proto", text))
        assert caught.value.line == line, text[:80]
    with pytest.raises(BadInput, match="declares no message"):
        reads(("a.proto", 'syntax = "proto3"; enum E { A = 0; }'))


_WORDS = 'syntax = "proto3" ; message enum oneof map < > { } [ ] ( ) , A B int32 string repeated optional 1 -2 0x1F // /* */ rpc'


@settings(max_examples=40_000 if FULL else 300, deadline=None)
@given(st.lists(st.sampled_from(_WORDS.split()), max_size=30))
def test_any_text_is_read_or_refused(words: list[str]) -> None:
    text = " ".join(words)
    try:
        made = parse_proto(text, Path("any.proto"))
    except BadInput:
        with pytest.raises(BadInput) as caught:
            parse_proto(text, Path("any.proto"))
        assert caught.value.line is not None
    else:
        assert made.name == "any.proto"
