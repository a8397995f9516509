"""Files made to hurt: bombs, depth, cycles and doors to other files end in a tree or one error, soon."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from studio.base.errors import BadInput, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.outline import outline
from studio.schema.read import read_schema
from studio.schema.search import find
from tests.schema.trees import Reads, xsd_text

_BOMB = "<!DOCTYPE {root} [<!ENTITY a '{long}'>{more}]>"


def _laughs(levels: int = 9) -> str:
    more = "".join(f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(levels))
    return _BOMB.format(root="x", long="lol", more=more)


@pytest.mark.parametrize("suffix", [".xsd", ".xml", ".wsdl"])
def test_billion_laughs_is_refused(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    body = xsd_text('<xs:element name="r" default="&j;"/>') if suffix == ".xsd" else "<x a='&j;'>&j;</x>"
    file.write_text(_laughs() + body)
    with pytest.raises(BadInput, match="entit"):
        read_schema(file)


def test_quadratic_growth_and_cycles_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.xsd"
    long = _BOMB.format(root="x", long="x" * 150_000, more="")
    file.write_text(long + xsd_text('<xs:element name="r" default="' + "&a;" * 50_000 + '"/>'))
    with pytest.raises(BadInput, match="entit"):
        read_schema(file)
    file.write_text("<!DOCTYPE x [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>" + xsd_text('<xs:element name="r"/>'))
    with pytest.raises(BadInput, match="entit"):
        read_schema(file)


def test_sixteen_megabytes_of_entities_end_soon(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_text("<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>]><x>" + "&a;" * 5_500_000 + "</x>")
    assert file.stat().st_size > 16_000_000
    with pytest.raises(BadInput, match="defines entities") as caught:
        read_schema(file)
    assert caught.value.line == 1


def test_no_document_opens_another_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    dtd = tmp_path / "outer.dtd"
    dtd.write_text('<!ENTITY e "TOPSECRET"><!ATTLIST x leak CDATA "TOPSECRET">')
    for head in (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>',
        f'<!DOCTYPE x SYSTEM "{dtd}">',
        f'<!DOCTYPE x SYSTEM "{dtd.as_uri()}" [<!ENTITY % p "">]>',
        f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{dtd}"> %p;]>',
    ):
        for suffix, body in (
            (".xsd", xsd_text('<xs:element name="r" default="&e;"/>')),
            (".xml", "<x>&e;</x>"),
            (".xml", "<x/>"),
        ):
            file = tmp_path / f"a{suffix}"
            file.write_text(head + body)
            assert "TOPSECRET" not in _said(file)[0]


def test_small_internal_entities_of_standards_are_allowed(reads: Reads) -> None:
    text = "<!DOCTYPE xs:schema [<!ENTITY u 'urn:t'><!ENTITY % p ''>]>" + xsd_text(
        '<xs:element name="r"/>'
    ).replace('targetNamespace="urn:t"', 'targetNamespace="&u;"')
    assert reads(("a.xsd", text)).roots[0].namespace == "urn:t"


def test_depth_is_bounded_not_recursed_into(tmp_path: Path, xsd: Reads) -> None:
    file = tmp_path / "a.xsd"
    file.write_text(
        xsd_text("<xs:element name='r'>" + "<xs:complexType><xs:sequence><xs:element name='r'>" * 300)
    )
    with pytest.raises(BadInput, match="256"):
        read_schema(file)
    nested = "<xs:sequence>" * 240 + '<xs:element name="x"/>' + "</xs:sequence>" * 240
    schema = xsd(f'<xs:element name="r"><xs:complexType>{nested}</xs:complexType></xs:element>')
    assert "nested too deeply" in schema.root().children()[0].node.unresolved  # type: ignore[union-attr,operator]


def test_chains_of_types_and_groups_do_not_exhaust_the_stack(xsd: Reads, tmp_path: Path) -> None:
    count = 700
    chain = "".join(
        f'<xs:complexType name="k{n}"><xs:complexContent><xs:extension base="t:k{n + 1}"><xs:attribute name="a{n}"/>'
        "</xs:extension></xs:complexContent></xs:complexType>"
        for n in range(count)
    )
    groups = "".join(
        f'<xs:group name="g{n}"><xs:sequence><xs:group ref="t:g{n + 1}"/></xs:sequence></xs:group>'
        for n in range(count)
    )
    simple = "".join(
        f'<xs:simpleType name="s{n}"><xs:restriction base="t:s{n + 1}"/></xs:simpleType>'
        for n in range(count)
    )
    unions = "".join(
        f'<xs:simpleType name="u{n}"><xs:union memberTypes="t:u{n + 1} t:v{n + 1}"/></xs:simpleType>'
        f'<xs:simpleType name="v{n}"><xs:union memberTypes="t:v{n + 1} t:u{n + 1}"/></xs:simpleType>'
        for n in range(60)
    )
    schema = xsd(
        f'{chain}<xs:complexType name="k{count}"><xs:attribute name="last"/></xs:complexType>{groups}'
        f'{simple}<xs:simpleType name="s{count}"><xs:restriction base="xs:int"/></xs:simpleType>{unions}'
        '<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="k" type="t:k0"/><xs:group ref="t:g0"/>'
        '<xs:element name="s" type="t:s0"/><xs:element name="u" type="t:u0"/></xs:sequence></xs:complexType></xs:element>'
    )
    assert len(schema.find("r/k").children()) == count + 1  # type: ignore[union-attr]
    assert schema.find("r/s").node.value.base == "integer"  # type: ignore[union-attr]
    assert schema.find("r/u").node.value is not None  # type: ignore[union-attr]
    assert find(schema, "last")[0].path == "r/k/@last"
    write_cache(schema, tmp_path / "c.schema")
    assert load_cache(tmp_path / "c.schema").find("r/k/@last") is not None


def test_groups_that_double_at_each_level_stay_small(xsd: Reads) -> None:
    levels = 40
    doubling = "".join(
        f'<xs:group name="g{n}"><xs:sequence><xs:group ref="t:g{n + 1}" minOccurs="0"/><xs:group ref="t:g{n + 1}" maxOccurs="2"/>'
        "</xs:sequence></xs:group>"
        for n in range(levels)
    )
    schema = xsd(
        f'{doubling}<xs:group name="g{levels}"><xs:sequence><xs:element name="x"/><xs:choice><xs:element name="y"/>'
        '<xs:element name="z"/></xs:choice><xs:any/></xs:sequence></xs:group>'
        '<xs:element name="r"><xs:complexType><xs:group ref="t:g0"/></xs:complexType></xs:element>'
    )
    root = schema.root()
    assert root is not None
    assert [place.node.name or "choice" for place in root.children()] == ["x", "choice", "*"]
    assert root.children()[0].repeats


def test_declarations_that_refer_to_themselves_end(xsd: Reads, tmp_path: Path) -> None:
    schema = xsd("""
        <xs:complexType name="a"><xs:complexContent><xs:extension base="t:b"/></xs:complexContent></xs:complexType>
        <xs:complexType name="b"><xs:complexContent><xs:extension base="t:a"><xs:attribute name="x"/></xs:extension></xs:complexContent></xs:complexType>
        <xs:group name="g"><xs:sequence><xs:group ref="t:g"/><xs:element name="y"/></xs:sequence></xs:group>
        <xs:attributeGroup name="ag"><xs:attributeGroup ref="t:ag"/><xs:attribute name="z"/></xs:attributeGroup>
        <xs:simpleType name="s"><xs:restriction base="t:s"/></xs:simpleType>
        <xs:simpleType name="u"><xs:union memberTypes="t:u t:u"/></xs:simpleType>
        <xs:simpleType name="l"><xs:list itemType="t:l"/></xs:simpleType>
        <xs:element name="h" substitutionGroup="t:i"/><xs:element name="i" substitutionGroup="t:h"/>
        <xs:element name="r"><xs:complexType><xs:sequence><xs:element name="a" type="t:a"/><xs:group ref="t:g"/>
          <xs:element name="s" type="t:s"/><xs:element name="u" type="t:u"/><xs:element name="l" type="t:l"/><xs:element ref="t:h"/>
          </xs:sequence><xs:attributeGroup ref="t:ag"/></xs:complexType></xs:element>""")
    assert len(outline(schema, depth=20)["roots"]) == 3
    write_cache(schema, tmp_path / "c.schema")
    assert find(schema, "x")


def test_very_wide_schemas_are_read_in_proportion(tmp_path: Path) -> None:
    file = tmp_path / "a.xsd"
    elements = "".join(f'<xs:element name="e{n}" type="xs:int"/>' for n in range(60_000))
    file.write_text(xsd_text(elements))
    assert len(read_schema(file).roots) == 60_000


def test_oversized_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    file = tmp_path / "a.xsd"
    with file.open("wb") as out:
        out.write(xsd_text("").encode())
        out.truncate(80 * 1024 * 1024)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadInput, match="larger than 64 MB"):
        read_schema(file)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000


def test_recorded_attacks_are_refused_or_harmless(shared: Path) -> None:
    refused = 0
    files = sorted(file for file in (shared / "corpora" / "security").rglob("*.x*") if file.is_file())
    assert len(files) > 15
    for file in files:
        said, line = _said(file)
        refused += line is not None
        assert "root:" not in said
    assert refused >= 11


def _said(file: Path) -> tuple[str, int | None]:
    """The tree as text, or the message and its line."""
    try:
        return str(outline(read_schema(file), depth=9)), None
    except WeftError as error:
        return str(error), error.line
