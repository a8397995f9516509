"""XML documents against DTDs, modules and all."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from lxml import etree

from studio.base.errors import BadInput
from studio.schema.dtd.parser import parse_file
from studio.schema.validate.document import check_document
from studio.schema.validate.dtd_document import flat_text

_DTD = """<!ENTITY % parts SYSTEM "parts.mod"> %parts;
<!ELEMENT orders (order+)>
<!ELEMENT order (%inside;)>
<!ATTLIST order id ID #REQUIRED kind (new|old) "new" after IDREF #IMPLIED>
"""
_PARTS = """<!ENTITY % inside "quantity, note?">
<!ELEMENT quantity (#PCDATA)> <!ELEMENT note (#PCDATA|b|i)*> <!ELEMENT b (#PCDATA)> <!ELEMENT i EMPTY>"""


def _found(folder: Path, document: str) -> list[tuple[int | None, int | None, str | None, str]]:
    (folder / "orders.dtd").write_text(_DTD, encoding="utf-8")
    (folder / "parts.mod").write_text(_PARTS, encoding="utf-8")
    (folder / "orders.xml").write_text(document, encoding="utf-8")
    found = check_document(
        str(folder / "orders.dtd"), str(folder / "orders.xml"), None, None, "orders/order", None
    )
    return [(one.record, one.line, one.path, one.message) for one in found]


def test_each_problem_has_its_record_line_and_path(tmp_path: Path) -> None:
    good = '<order id="a"><quantity>1</quantity><note>x<b>y</b><i/></note></order>'
    assert _found(tmp_path, f"<orders>{good}</orders>") == []
    assert _found(
        tmp_path,
        f"<orders>{good}\n<order id='b'><note/></order>\n<order kind='used' id='c'><quantity/></order>\n"
        "<order><quantity><b/></quantity></order>\n<order id='d' after='z'><quantity/><more/></order></orders>",
    ) == [
        (2, 2, "orders/order[2]", "order must hold (quantity , note?), but holds (note)."),
        (3, 3, "orders/order[3]", "'used' is none of the values allowed for kind."),
        (4, 4, "orders/order[4]", "The attribute id is missing."),
        (4, 4, "orders/order[4]/quantity", "quantity may only hold text."),
        (5, 5, "orders/order[5]", "order must hold (quantity , note?), but holds (quantity more)."),
        (5, 5, "orders/order[5]/more", "The schema does not know the element more."),
        (5, 5, "orders/order[5]", "after refers to z, which no ID is."),
    ]


def test_a_flat_dtd_is_taken_by_libxml2_and_says_the_same(shared: Path) -> None:
    base = shared / "corpora" / "dtd"
    checked = 0
    for name in ("xhtml1-strict.dtd", "docbookx.dtd", "nitf-2-5.dtd"):
        for path in sorted(base.rglob(name))[:1]:
            parser, _files = parse_file(path)
            flat = etree.DTD(StringIO(flat_text(parser.declarations)))
            assert {element.name for element in flat.iterelements()} == set(parser.declarations.elements)
            checked += 1
    assert checked >= 2


def test_a_document_with_another_root_and_broken_xml(tmp_path: Path) -> None:
    assert [one[3] for one in _found(tmp_path, "<other/>")] == ["The schema does not know the element other."]
    with pytest.raises(BadInput, match="not well-formed"):
        _found(tmp_path, "<orders>")
