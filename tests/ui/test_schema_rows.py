"""Rows of a whole schema tree: texts beside attributes, what may stand instead, ways through picks."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.mapping.tree import Tree
from studio.schema.read import read_schema
from ui.canvas.rows import Rows
from ui.canvas.shape import RowKind

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="zoo"><xs:complexType><xs:sequence>
 <xs:element name="price"><xs:complexType><xs:simpleContent><xs:extension base="xs:decimal">
  <xs:attribute name="currency"/></xs:extension></xs:simpleContent></xs:complexType></xs:element>
 <xs:element name="note"><xs:complexType mixed="true"><xs:sequence>
  <xs:element name="b" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
 <xs:element name="animal" type="Animal"/>
 <xs:element ref="label"/>
</xs:sequence></xs:complexType></xs:element>
<xs:complexType name="Animal"><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="Dog"><xs:complexContent><xs:extension base="Animal"><xs:sequence>
 <xs:element name="breed" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:element name="label" type="xs:string"/><xs:element name="nick" type="xs:string" substitutionGroup="label"/>
</xs:schema>"""


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    (tmp_path / "zoo.xsd").write_text(XSD)
    return Rows(Tree(read_schema(tmp_path / "zoo.xsd").root("zoo")), whole=True)


def opened(rows: Rows) -> list[str]:
    rows.set_expanded([row for row in rows if row.expandable], True)
    rows.set_expanded([row for row in rows if row.kind is RowKind.NODE and row.expandable], True)
    return [row.key for row in rows]


def test_an_elements_own_text_has_a_row_where_it_has_more(rows: Rows) -> None:
    keys = opened(rows)
    assert keys.index("zoo/price/text()") == keys.index("zoo/price") + 1
    assert "zoo/note/text()" in keys
    assert "zoo/animal/text()" not in keys
    # Beside a map only mixed text has one: a value with attributes is its element's.
    plain = Rows(rows.tree)
    assert {"zoo/note/text()"} == {key for key in opened(plain) if key.endswith("text()")}


def test_what_may_stand_instead_is_behind_a_row_of_its_own(rows: Rows) -> None:
    keys = opened(rows)
    assert {"zoo/animal~", "zoo/label~"} <= set(keys)
    assert "zoo/animal~Dog" not in keys
    assert not any(key.endswith("~") for key in opened(Rows(rows.tree)))
    instead = rows[rows.index("zoo/label~")]
    assert [kid.path for kid in rows.children(instead)] == ["zoo/label~nick"]


def test_a_way_through_a_pick_is_opened(rows: Rows) -> None:
    at = rows.reveal_pick("zoo/animal~Dog/breed")
    assert rows[at].path == "zoo/animal~Dog/breed"
    assert rows.index("zoo/animal~") >= 0
    # A pick offers no further ones: they stand beside it.
    assert rows.index("zoo/animal~Dog~") < 0


def test_a_first_look_fills_no_choice_of_types(rows: Rows) -> None:
    rows.expand_first(100)
    assert rows.index("zoo/animal~") >= 0
    assert not any("~Dog" in row.key for row in rows)
