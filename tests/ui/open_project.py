"""A project whose schemas leave things open: derived types, a choice, a wildcard, repeated nodes."""

from __future__ import annotations

from pathlib import Path

_HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
_PARTIES = """\
  <xs:complexType name="Party"><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence></xs:complexType>
  <xs:complexType name="Company"><xs:annotation><xs:documentation>A firm with a tax number.</xs:documentation></xs:annotation>
    <xs:complexContent><xs:extension base="Party"><xs:sequence>
    <xs:element name="tax" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="Person"><xs:complexContent><xs:extension base="Party"><xs:sequence>
    <xs:element name="born" type="xs:date" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
"""
FILES = {
    "project.yaml": "weft: project/1\nid: open001\nname: Open\n",
    "schemas/in.xsd": f"""\
{_HEAD}{_PARTIES}
  <xs:element name="in"><xs:complexType><xs:sequence>
    <xs:element name="row"><xs:complexType><xs:sequence>
      <xs:element name="party" type="Party"/><xs:element name="paid" type="xs:decimal" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
""",
    "schemas/out.xsd": f"""\
{_HEAD}{_PARTIES}
  <xs:element name="out"><xs:complexType><xs:sequence>
    <xs:element name="party" type="Party" maxOccurs="unbounded"/>
    <xs:choice minOccurs="0"><xs:element name="card" type="xs:string"/><xs:element name="cash" type="xs:string"/>
      <xs:element name="bill" type="xs:string"/></xs:choice>
    <xs:element name="extra" minOccurs="0"><xs:complexType><xs:sequence>
      <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
""",
    "samples/in.xml": """\
<in xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <row><party xsi:type="Company"><name>Weft</name><tax>BR-42</tax></party><paid>12.50</paid></row>
</in>
""",
    "transformations/open.yaml": """\
weft: transformation/1
name: Open
source: {schema: schemas/in.xsd, root: in}
target: {schema: schemas/out.xsd, root: out}
samples: [samples/in.xml]
map:
  out/party/name: "'Ann'"
""",
}


def write_open(folder: Path) -> Path:
    """The project, written into a folder of its own."""
    for name, text in FILES.items():
        file = folder / "open" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "open"
