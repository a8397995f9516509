"""Schemas in several files: includes, imports, redefinitions, chameleons, gaps and the built-in catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import BadInput, Severity, TooLarge
from studio.schema.read import read_schema
from studio.schema.xsd import closure
from studio.schema.xsd.locate import nearby
from tests.schema.trees import Reads, lines, xsd_text

_PLAIN = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" {head}>{inside}</xs:schema>'


def _plain(inside: str, head: str = "") -> str:
    return _PLAIN.format(inside=inside, head=head)


def test_includes_in_folders_resolve_against_the_including_file(xsd: Reads) -> None:
    schema = xsd(
        '<xs:include schemaLocation="parts/a.xsd"/><xs:element name="r" type="t:a"/>',
        (
            "parts/a.xsd",
            xsd_text(
                '<xs:include schemaLocation="../more%20parts/b.xsd"/><xs:complexType name="a"><xs:sequence>'
                '<xs:element name="b" type="t:b"/></xs:sequence></xs:complexType>'
            ),
        ),
        (
            "more parts/b.xsd",
            xsd_text('<xs:simpleType name="b"><xs:restriction base="xs:int"/></xs:simpleType>'),
        ),
    )
    assert lines(schema) == ["r 1 a", "r/b 1 b"]
    assert [Path(file).name for file in schema.files] == ["main.xsd", "a.xsd", "b.xsd"]
    assert not schema.all_problems()


def test_a_chameleon_takes_the_namespace_of_each_includer(xsd: Reads) -> None:
    shared = _plain(
        '<xs:complexType name="k"><xs:sequence><xs:element name="v" type="code"/></xs:sequence></xs:complexType>'
        '<xs:simpleType name="code"><xs:restriction base="xs:int"/></xs:simpleType>',
        'elementFormDefault="qualified"',
    )
    schema = xsd(
        '<xs:include schemaLocation="shared.xsd"/><xs:import namespace="urn:u" schemaLocation="u.xsd"/>'
        '<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="mine" type="t:k"/>'
        '<xs:element name="yours" type="u:k" xmlns:u="urn:u"/></xs:sequence></xs:complexType></xs:element>',
        ("shared.xsd", shared),
        ("u.xsd", _plain('<xs:include schemaLocation="shared.xsd"/>', 'targetNamespace="urn:u"')),
    )
    mine, yours = schema.find("r/mine/v"), schema.find("r/yours/v")
    assert mine is not None
    assert yours is not None
    assert (mine.node.namespace, yours.node.namespace) == ("urn:t", "urn:u")
    assert mine.node.value is not None
    assert mine.node.value.name == "code"


def test_a_redefinition_replaces_the_old_for_everybody_and_builds_on_it(xsd: Reads) -> None:
    schema = xsd(
        """<xs:redefine schemaLocation="old.xsd">
          <xs:complexType name="k"><xs:complexContent><xs:extension base="t:k"><xs:sequence>
            <xs:element name="new" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
          <xs:group name="g"><xs:sequence><xs:group ref="t:g"/><xs:element name="more" type="xs:int"/></xs:sequence></xs:group>
          <xs:attributeGroup name="ag"><xs:attributeGroup ref="t:ag"/><xs:attribute name="y" type="xs:int"/></xs:attributeGroup>
          <xs:simpleType name="s"><xs:restriction base="t:s"><xs:maxInclusive value="5"/></xs:restriction></xs:simpleType>
        </xs:redefine>
        <xs:element name="r" type="t:user"/>""",
        (
            "old.xsd",
            xsd_text(
                """<xs:complexType name="k"><xs:sequence><xs:element name="old" type="t:s"/></xs:sequence></xs:complexType>
            <xs:group name="g"><xs:sequence><xs:element name="one" type="xs:int"/></xs:sequence></xs:group>
            <xs:attributeGroup name="ag"><xs:attribute name="x" type="xs:int"/></xs:attributeGroup>
            <xs:simpleType name="s"><xs:restriction base="xs:int"><xs:minInclusive value="1"/></xs:restriction></xs:simpleType>
            <xs:complexType name="user"><xs:sequence><xs:element name="k" type="t:k"/><xs:group ref="t:g"/></xs:sequence>
              <xs:attributeGroup ref="t:ag"/></xs:complexType>"""
            ),
        ),
    )
    assert lines(schema) == [
        "r 1 user",
        "r/@x 0..1 int",
        "r/@y 0..1 int",
        "r/k 1 k",
        "r/k/old 1 s",
        "r/k/new 1 int",
        "r/one 1 int",
        "r/more 1 int",
    ]
    value = schema.find("r/k/old").node.value  # type: ignore[union-attr]
    assert value is not None
    assert (value.minimum, value.maximum) == ("1", "5")


def test_files_that_include_each_other_are_read_once(xsd: Reads) -> None:
    schema = xsd(
        '<xs:include schemaLocation="a.xsd"/><xs:include schemaLocation="./x/../a.xsd"/><xs:element name="r" type="t:a"/>',
        ("x/nothing.txt", ""),
        (
            "a.xsd",
            xsd_text(
                '<xs:include schemaLocation="main.xsd"/><xs:include schemaLocation="a.xsd"/>'
                '<xs:complexType name="a"><xs:sequence><xs:element ref="t:r"/></xs:sequence></xs:complexType>'
            ),
        ),
    )
    assert lines(schema) == ["r 1 a", "r/r 1 a recursive"]
    assert not schema.problems
    assert len(schema.files) == 2


def test_a_missing_file_is_told_once_and_its_users_are_marked(xsd: Reads) -> None:
    users = "".join(f'<xs:element name="e{n}" type="t:lost"/>' for n in range(30))
    schema = xsd(
        '<xs:include schemaLocation="gone.xsd"/><xs:include schemaLocation="gone.xsd"/>'
        f'<xs:element name="r"><xs:complexType><xs:sequence>{users}<xs:element ref="t:lost"/><xs:group ref="t:lost"/>'
        '</xs:sequence><xs:attributeGroup ref="t:lost"/></xs:complexType></xs:element>'
    )
    assert len(schema.all_problems()) == 1
    problem = schema.problems[0]
    assert problem.severity is Severity.WARNING
    assert problem.line == 1
    assert "gone.xsd is not there" in problem.message
    root = schema.root()
    assert root is not None
    children = root.children()
    assert len(children) == 33
    assert all("gone.xsd is missing" in (child.node.unresolved or "") for child in children)


def test_a_name_that_leads_nowhere_is_marked_and_told_with_its_line(xsd: Reads) -> None:
    schema = xsd(
        '\n<xs:element name="r">\n<xs:complexType><xs:sequence>\n<xs:element name="a" type="t:typo"/>'
        '<xs:element name="b" type="q:x"/></xs:sequence></xs:complexType></xs:element>'
    )
    first, second = schema.root().children()  # type: ignore[union-attr]
    assert first.node.unresolved == "The type typo of urn:t was not found."
    assert second.node.unresolved == "The prefix q of x is not declared."
    assert not schema.problems
    assert [(problem.line, problem.message) for problem in schema.all_problems()] == [
        (4, "The type t:typo is used but not declared; uses: 1."),
        (4, "The type q:x is used but not declared; uses: 1."),
    ]


def test_nothing_is_fetched_and_a_copy_nearby_is_used_and_told(xsd: Reads) -> None:
    schema = xsd(
        '<xs:import namespace="urn:u" schemaLocation="http://example.invalid/deep/u.xsd"/>'
        '<xs:import namespace="urn:v" schemaLocation="https://example.invalid/v.xsd"/>'
        '<xs:element name="r"><xs:complexType><xs:sequence><xs:element ref="u:x" xmlns:u="urn:u"/>'
        '<xs:element ref="v:x" xmlns:v="urn:v"/></xs:sequence></xs:complexType></xs:element>',
        ("u.xsd", _plain('<xs:element name="x" type="xs:int"/>', 'targetNamespace="urn:u"')),
    )
    assert [problem.severity for problem in schema.problems] == [Severity.NOTE, Severity.WARNING]
    assert "u.xsd was read instead" in schema.problems[0].message
    assert "was not fetched" in schema.problems[1].message
    x, y = schema.root().children()  # type: ignore[union-attr]
    assert x.node.unresolved is None
    assert y.node.unresolved


def test_well_known_namespaces_need_no_file(xsd: Reads) -> None:
    schema = xsd(
        '<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="http://www.w3.org/2001/xml.xsd"/>'
        '<xs:import namespace="http://www.w3.org/1999/xlink"/>'
        '<xs:import namespace="http://www.w3.org/2000/09/xmldsig#"/>'
        '<xs:element name="r" xmlns:l="http://www.w3.org/1999/xlink"><xs:complexType><xs:sequence>'
        '<xs:element ref="d:Signature" xmlns:d="http://www.w3.org/2000/09/xmldsig#"/></xs:sequence>'
        '<xs:attribute ref="xml:space"/><xs:attributeGroup ref="l:simpleAttrs"/></xs:complexType></xs:element>'
    )
    assert not schema.all_problems()
    assert schema.find("r/Signature/SignedInfo/Reference/DigestValue") is not None
    assert schema.find("r/@href").node.namespace == "http://www.w3.org/1999/xlink"  # type: ignore[union-attr]
    space = schema.find("r/@space")
    assert space is not None
    assert space.node.value is not None
    assert space.node.value.enumeration == ("default", "preserve")


def test_every_schema_of_the_catalogue_resolves_in_itself(tmp_path: Path) -> None:
    for namespace in closure.catalogue.FILES:
        document = closure.catalogue.load(namespace)
        assert document is not None
        found = closure.Closure()
        found.symbols.add(document)
        used = [
            element.get(key)
            for element in document.schema.iter()
            for key in ("type", "ref", "base", "itemType")
            if element.get(key) is not None
        ]
        for name in used:
            qualified = document.name(document.schema, str(name))
            assert qualified is not None
            tables = ("type", "element", "attribute", "attributeGroup", "group")
            known = qualified[0] == "http://www.w3.org/2001/XMLSchema"
            assert known or any(found.symbols.find(table, qualified) for table in tables), (namespace, name)


def test_references_stay_inside_the_given_folder(tmp_path: Path) -> None:
    inner = tmp_path / "project"
    inner.mkdir()
    (tmp_path / "outside.xsd").write_text(xsd_text('<xs:complexType name="k"/>'))
    (inner / "main.xsd").write_text(
        xsd_text('<xs:include schemaLocation="../outside.xsd"/><xs:element name="r" type="t:k"/>')
    )
    schema = read_schema(inner / "main.xsd", within=inner)
    assert "outside the project" in schema.problems[0].message
    assert schema.roots[0].unresolved
    assert not read_schema(inner / "main.xsd").problems


@pytest.mark.parametrize(
    "location", ["/dev/zero", "file:///dev/zero", "//server/share/x.xsd", "..", "bad\x7f:name"]
)
def test_locations_that_are_no_files_are_only_told(xsd: Reads, location: str) -> None:
    schema = xsd(f'<xs:include schemaLocation="{location}"/><xs:element name="r" type="xs:int"/>')
    assert len(schema.problems) == 1
    assert lines(schema) == ["r 1 int"]


def test_a_broken_file_among_good_ones_is_told_with_its_own_line(xsd: Reads) -> None:
    schema = xsd(
        '<xs:include schemaLocation="b.xsd"/><xs:element name="r" type="xs:int"/>',
        ("b.xsd", "<a>\n<b>\n</a>"),
    )
    (problem,) = schema.problems
    assert problem.severity is Severity.ERROR
    assert problem.file is not None
    assert problem.file.endswith("b.xsd")
    assert problem.line == 3


def test_types_are_roots_where_there_is_no_global_element(xsd: Reads) -> None:
    schema = xsd('<xs:complexType name="k"><xs:attribute name="x" type="xs:int"/></xs:complexType>')
    assert lines(schema) == ["k 1 k", "k/@x 0..1 int"]
    empty = xsd('<xs:attribute name="only" type="xs:int"/>')
    assert empty.roots == ()
    assert "nothing to show" in empty.problems[0].message


def test_too_many_files_are_refused(xsd: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closure, "MOST_FILES", 3)
    files = [(f"f{n}.xsd", xsd_text(f'<xs:include schemaLocation="f{n + 1}.xsd"/>')) for n in range(9)]
    with pytest.raises(TooLarge, match="more than 3 files"):
        xsd('<xs:include schemaLocation="f0.xsd"/>', *files)


def test_a_document_that_is_no_schema_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.xsd").write_text("<order/>")
    with pytest.raises(BadInput, match="its root element is 'order'"):
        read_schema(tmp_path / "a.xsd", kind="xsd")


def test_ambiguous_content_is_a_warning_at_the_second_declaration(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="head" abstract="true"/>
        <xs:element name="part" substitutionGroup="t:head"/>
        <xs:element name="twice"><xs:complexType><xs:sequence>
          <xs:element name="a" type="xs:int" minOccurs="0"/>
          <xs:element name="a" type="xs:int"/>
        </xs:sequence></xs:complexType></xs:element>
        <xs:complexType name="Base"><xs:sequence>
          <xs:element name="b" maxOccurs="unbounded"/>
        </xs:sequence></xs:complexType>
        <xs:element name="more"><xs:complexType><xs:complexContent><xs:extension base="t:Base"><xs:sequence>
          <xs:any processContents="lax"/>
        </xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>
        <xs:element name="group"><xs:complexType><xs:choice>
          <xs:element ref="t:head"/>
          <xs:element ref="t:part"/>
        </xs:choice></xs:complexType></xs:element>
        <xs:element name="clear"><xs:complexType><xs:sequence>
          <xs:element name="a" minOccurs="2" maxOccurs="2"/><xs:element name="a"/>
          <xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="c"/><xs:element name="d"/></xs:choice>
          <xs:any namespace="##other" minOccurs="0"/>
        </xs:sequence></xs:complexType></xs:element>""")
    found = [(one.line, one.message, one.severity.value) for one in schema.all_problems()]
    assert found == [
        (6, "The content is ambiguous: here a may also belong to line 5.", "warning"),
        (12, "The content is ambiguous: here any may also belong to line 9.", "warning"),
        (16, "The content is ambiguous: here t:part may also belong to line 15.", "warning"),
    ]


def test_a_second_declaration_of_a_name_is_a_warning(xsd: Reads) -> None:
    schema = xsd("""
        <xs:element name="a" type="xs:int"/>
        <xs:element name="a" type="xs:string"/>""")
    found = [(one.line, one.message, one.severity.value) for one in schema.all_problems()]
    assert found == [(3, "a is declared already; this declaration is not used.", "warning")]
    place = schema.root("a")
    assert place is not None
    assert place.node.type.name == "int"


def test_what_is_missing_of_real_schemas_is_told_once_and_marked(shared: Path) -> None:
    base = shared / "corpora"
    vim = read_schema(base / "wsdl" / "vmware-vim-v4" / "vim.wsdl")
    told = [one for one in vim.all_problems() if "is not there" in one.message]
    assert sorted(one.line or 0 for one in told) == [21, 22, 23, 24]
    assert len(vim.roots) > 600
    assert any(
        message.unresolved or any(n.unresolved for n in message.type.children)
        for message in vim.roots[0].type.children
    )
    ubl = read_schema(
        base / "xsd" / "ubl-2.1-missing-ccts" / "common" / "UBL-CommonAggregateComponents-2.1.xsd"
    )
    assert ["is imported, but no file says" in one.message for one in ubl.all_problems()] == [True]
    camel = read_schema(next((base / "xsd" / "kaoto-datamapper").rglob("camel-spring.xsd")))
    assert {one.severity.value for one in camel.all_problems()} == {"warning"}
    assert any(one.line == 4535 and "ambiguous" in one.message for one in camel.all_problems())


def test_an_address_of_countless_folders_is_not_looked_for_in_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "base.xsd").write_text(xsd_text(""))
    looked: list[Path] = []
    monkeypatch.setattr(Path, "is_file", lambda path: looked.append(path))
    for address in ("x/" * 1000 + "base.xsd", "http://host/" + "x/" * 5000, "y" * 5000):
        assert nearby(address, tmp_path / "orders.xsd") is None
        assert len(looked) <= 16 * 8
        looked.clear()
    monkeypatch.undo()
    found = nearby("http://host/" + "x/" * 900 + "parts/base.xsd", tmp_path / "orders.xsd")
    assert found == (tmp_path / "parts" / "base.xsd").resolve()
