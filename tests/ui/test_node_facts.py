"""The Inspector says all a schema says of a node, in the reader's language, and leads to what may stand instead."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QScrollArea

from tests.ui.canvas_hands import Map
from tests.ui.driver import Drive, running, window_test
from ui.widgets.fields import FilterField
from ui.widgets.trees import Rows, Tree

VALUES = "".join(f'<xs:enumeration value="colour {n}"/>' for n in range(40))
XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:zoo" xmlns="urn:zoo">
<xs:element name="zoo"><xs:complexType><xs:sequence>
 <xs:element name="code" nillable="true" default="A1">
  <xs:annotation><xs:documentation xml:lang="en">The code of it</xs:documentation>
  <xs:documentation xml:lang="pt">O seu código</xs:documentation></xs:annotation>
  <xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[A-Z][0-9]"/><xs:maxLength value="12"/>
  </xs:restriction></xs:simpleType></xs:element>
 <xs:element name="colour"><xs:simpleType><xs:restriction base="xs:string">{VALUES}</xs:restriction></xs:simpleType>
 </xs:element>
 <xs:element name="animal" type="Animal"/>
 <xs:element name="lost" type="Missing"/>
 <xs:any namespace="##other" processContents="lax"/>
</xs:sequence></xs:complexType></xs:element>
<xs:complexType name="Animal"><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence></xs:complexType>
<xs:complexType name="Dog"><xs:complexContent><xs:extension base="Animal"><xs:sequence>
 <xs:element name="breed" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
</xs:schema>"""
TREE = "Tree of zoo.xsd"


async def open_zoo(drive: Drive, kind: str = "Schemas") -> Map:
    tree = drive.find("Project", Tree) if kind == "Schemas" else drive.find("Projeto", Tree)
    drive.click_row(tree, drive.index(tree, kind, "zoo.xsd"), double=True)
    name = TREE if kind == "Schemas" else "Árvore de zoo.xsd"
    await drive.until(lambda: drive.all(name))
    return Map(drive)


@window_test
async def test_limits_values_and_rules_are_told(small: Path) -> None:
    (small / "schemas" / "zoo.xsd").write_text(XSD)
    async with running(small, size="1366x900") as drive:
        map = await open_zoo(drive)
        await map.click(TREE, "zoo/code")
        inside = drive.find("Inspector", QScrollArea)
        for text in (
            "The code of it",
            "[A-Z][0-9]",
            "12",
            "A1",
            "May be null",
            "exactly once (1)",
        ):
            assert drive.shows(text, inside), text
        assert not drive.shows("O seu código", inside)
        await map.click(TREE, "zoo/colour")
        values = drive.find("Values", Rows)
        assert len(drive.rows(values)) == 40
        field = drive.find("Filter the values", FilterField)
        drive.click(field)
        drive.type("3", field)
        assert len(drive.rows(values)) == 13
        await map.click(TREE, "zoo/*")
        assert drive.shows("Anything may stand here that is not from urn:zoo.", inside)
        assert drive.shows("It must fit its declaration where it has one.", inside)
        await map.click(TREE, "zoo/lost")
        assert drive.shows("Put the missing file beside the schema", inside)


@window_test
async def test_what_may_stand_instead_is_listed_when_asked_for(small: Path) -> None:
    (small / "schemas" / "zoo.xsd").write_text(XSD)
    async with running(small, size="1366x900") as drive:
        map = await open_zoo(drive)
        await map.click(TREE, "zoo/animal")
        assert not drive.all("What may stand here", Rows)
        drive.click("Show what may stand here")
        await drive.until(lambda: drive.all("What may stand here", Rows))
        listed = drive.find("What may stand here", Rows)
        assert drive.rows(listed) == ["Dog"]
        drive.click_row(listed, drive.index(listed, "Dog"), double=True)
        inside = drive.find("Inspector", QScrollArea)
        await drive.until(lambda: drive.shows("zoo/animal~Dog", inside))
        assert "zoo/animal~Dog" in map.shown(TREE)
