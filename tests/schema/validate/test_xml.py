"""XML documents against XML Schema: where a problem is, in words, by whichever library takes the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.base.errors import BadInput, Problem, TooLarge
from studio.schema.validate.child import Checker
from studio.schema.validate.document import validate
from studio.schema.validate.strict import strict_check
from tests.conftest import FULL
from tests.schema.conftest import Group
from tests.schema.trees import xsd_text

Share = Callable[[int], int]

_ORDERS = """
    <xs:element name="orders"><xs:complexType><xs:sequence>
      <xs:element name="sender" type="xs:string"/>
      <xs:element name="order" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:element name="quantity" type="xs:int"/><xs:element name="day" type="xs:date" minOccurs="0"/>
      </xs:sequence><xs:attribute name="id" type="xs:int" use="required"/></xs:complexType></xs:element>
    </xs:sequence></xs:complexType>
    <xs:unique name="ids"><xs:selector xpath="t:order"/><xs:field xpath="@id"/></xs:unique></xs:element>"""


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    with Checker(seconds=60) as one:
        yield one


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> None:
    """The process that checks is kept for all tests here; the fixture of it ends it."""


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _said(problems: Iterator[Problem]) -> list[tuple[int | None, int | None, str | None, str]]:
    return [(one.record, one.line, one.path, one.message) for one in problems]


def test_each_problem_has_its_record_line_and_path(tmp_path: Path, checker: Checker) -> None:
    schema = _write(tmp_path, "orders.xsd", xsd_text(_ORDERS))
    document = _write(
        tmp_path,
        "orders.xml",
        '<orders xmlns="urn:t"><sender/>\n<order id="1"><quantity>many</quantity></order>\n'
        '<order>\n<quantity>1</quantity>\n</order>\n<order id="1"><day>2026-02-30</day>\n</order>\n<more/></orders>',
    )
    assert _said(validate(schema, document, checker=checker)) == [
        (1, 2, "orders/order/quantity", "'many' is no int."),
        (2, 3, "orders/order[2]", "The attribute id is missing."),
        (3, 6, "orders/order[3]/day", "day may not stand here; expected: quantity."),
        (3, 7, "orders/order[3]", "'1' stands there twice, but is unique (ids)."),
        (None, 8, "orders/more", "more may not stand here; expected: order."),
    ]


def test_a_document_that_fits_has_none_and_broken_xml_is_a_problem(tmp_path: Path, checker: Checker) -> None:
    schema = _write(tmp_path, "orders.xsd", xsd_text(_ORDERS))
    good = '<orders xmlns="urn:t"><sender/><order id="1"><quantity>1</quantity></order></orders>'
    assert list(validate(schema, _write(tmp_path, "good.xml", good), checker=checker)) == []
    cut = list(validate(schema, _write(tmp_path, "cut.xml", good.removesuffix("</orders>")), checker=checker))
    assert [problem.message for problem in cut] == [
        "The XML is not well-formed: the document ends before <orders> of line 1 is closed."
    ]
    other = _said(validate(schema, _write(tmp_path, "other.xml", "<order/>"), checker=checker))
    assert other == [(None, 1, "order", "The schema knows no document that starts with order.")]


def test_assertions_are_checked_by_the_other_library(tmp_path: Path, checker: Checker) -> None:
    inside = """<xs:element name="list"><xs:complexType><xs:sequence>
        <xs:element name="item" maxOccurs="unbounded"><xs:complexType>
          <xs:attribute name="low" type="xs:int"/><xs:attribute name="high" type="xs:int"/>
          <xs:assert test="@low le @high"/></xs:complexType></xs:element>
        </xs:sequence></xs:complexType></xs:element>"""
    schema = _write(tmp_path, "list.xsd", xsd_text(inside))
    document = _write(
        tmp_path,
        "list.xml",
        '<list xmlns="urn:t">\n<item low="1" high="2"/>\n<item low="3" high="2"/></list>',
    )
    assert _said(validate(schema, document, checker=checker)) == [
        (2, 3, "list/item[2]", "item breaks an assertion of its type.")
    ]


def test_what_is_missing_of_a_schema_is_told_and_the_rest_checked(tmp_path: Path, checker: Checker) -> None:
    inside = """<xs:import namespace="urn:else" schemaLocation="else.xsd"/>
        <xs:element name="r"><xs:complexType><xs:sequence>
          <xs:element name="n" type="xs:int"/><xs:element name="x" type="e:Lost" minOccurs="0"/>
        </xs:sequence></xs:complexType></xs:element>"""
    schema = _write(tmp_path, "r.xsd", xsd_text(inside, head='xmlns:e="urn:else"'))
    document = _write(tmp_path, "r.xml", '<r xmlns="urn:t"><n>one</n></r>')
    found = list(validate(schema, document, checker=checker))
    assert [problem.severity for problem in found] == ["warning", "error"]
    assert "else.xsd" in found[0].message
    assert found[1].path == "r/n"


def test_schemas_of_well_known_namespaces_need_no_file(tmp_path: Path, checker: Checker) -> None:
    inside = """<xs:import namespace="http://www.w3.org/XML/1998/namespace"/>
        <xs:element name="r"><xs:complexType><xs:attribute ref="xml:lang" use="required"/></xs:complexType></xs:element>"""
    schema = _write(tmp_path, "r.xsd", xsd_text(inside))
    assert (
        list(validate(schema, _write(tmp_path, "a.xml", '<r xmlns="urn:t" xml:lang="en"/>'), checker=checker))
        == []
    )
    found = _said(validate(schema, _write(tmp_path, "b.xml", '<r xmlns="urn:t"/>'), checker=checker))
    assert found == [(None, 1, "r", "The attribute xml:lang is missing.")] or found[0][3].endswith(
        "is missing."
    )


def test_nothing_outside_is_read_for_a_document(tmp_path: Path, checker: Checker) -> None:
    schema = _write(
        tmp_path,
        "r.xsd",
        xsd_text(
            '<xs:element name="r"><xs:complexType><xs:sequence><xs:any namespace="##other"/>'
            "</xs:sequence></xs:complexType></xs:element>"
        ),
    )
    _write(
        tmp_path,
        "more.xsd",
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:more">'
        '<xs:element name="e"/></xs:schema>',
    )
    hint = f"urn:more {tmp_path / 'more.xsd'}"
    document = _write(
        tmp_path,
        "r.xml",
        '<r xmlns="urn:t" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
        f'i:schemaLocation="{hint}"><e xmlns="urn:more"/></r>',
    )
    found = _said(validate(schema, document, checker=checker))
    assert [one[3] for one in found] == ["The schema does not know e, and here it must."]
    bomb = _write(tmp_path, "bomb.xml", '<!DOCTYPE r [<!ENTITY a "aaaa">]><r xmlns="urn:t">&a;</r>')
    with pytest.raises(BadInput, match="entities"):
        list(validate(schema, bomb, checker=checker))


def test_a_schema_that_cannot_be_read_is_refused_with_its_place(tmp_path: Path, checker: Checker) -> None:
    schema = _write(tmp_path, "broken.xsd", xsd_text("<xs:element name='a'>"))
    with pytest.raises(BadInput, match="not well-formed") as caught:
        list(validate(schema, schema, kind="xsd", checker=checker))
    assert caught.value.line == 1
    with pytest.raises(BadInput, match="does not exist"):
        list(validate(schema, tmp_path / "none.xml", checker=checker))


def test_what_makes_the_library_stumble_is_a_problem_of_the_schema(tmp_path: Path, checker: Checker) -> None:
    inside = """<xs:complexType name="A"><xs:sequence><xs:element name="a"/></xs:sequence></xs:complexType>
        <xs:complexType name="B"><xs:complexContent><xs:extension base="t:A">
          <xs:group name="xyz"/></xs:extension></xs:complexContent></xs:complexType>"""
    found = list(strict_check(_write(tmp_path, "b.xsd", xsd_text(inside)), checker=checker))
    assert any(one.line for one in found)
    assert checker.process_id is not None


def test_a_large_document_needs_little_memory(tmp_path: Path, share: Share) -> None:
    schema = _write(
        tmp_path, "orders.xsd", xsd_text(_ORDERS.replace("<xs:unique", "<!--").replace("</xs:unique>", "-->"))
    )
    document = tmp_path / "large.xml"
    count = share(500_000)
    row = '<order id="7"><quantity>1</quantity><day>2026-01-01</day></order>\n' * 20
    with document.open("w", encoding="utf-8") as file:
        file.write('<orders xmlns="urn:t"><sender/>')
        for _piece in range(count // 20):
            file.write(row)
        file.write('<order id="x"><quantity>1</quantity></order></orders>')
    with Checker(seconds=300, megabytes=100) as own:
        found = list(validate(schema, document, checker=own))
    assert [(one.record, one.path) for one in found] == [
        (count // 20 * 20 + 1, f"orders/order[{count // 20 * 20 + 1}]/@id")
    ]


def test_a_check_that_takes_too_long_is_ended_and_the_next_one_goes_on(tmp_path: Path) -> None:
    schema = _write(tmp_path, "orders.xsd", xsd_text(_ORDERS))
    document = tmp_path / "large.xml"
    rows = (f'<order id="{number}"><quantity>1</quantity></order>' for number in range(400_000))
    document.write_text(f'<orders xmlns="urn:t"><sender/>{"".join(rows)}', encoding="utf-8")
    small = _write(tmp_path, "small.xml", '<orders xmlns="urn:t"/>')
    with Checker(seconds=1) as own:
        with pytest.raises(TooLarge, match="stopped after 1 s"):
            list(validate(schema, document, checker=own))
        assert own.process_id is None
    with Checker(seconds=60) as own:
        assert len(list(validate(schema, small, checker=own))) == 1
        assert len(list(validate(schema, small, checker=own))) == 1


def test_who_stops_listening_ends_the_process(tmp_path: Path) -> None:
    schema = _write(tmp_path, "orders.xsd", xsd_text(_ORDERS))
    rows = '<order id="x"><quantity>1</quantity></order>\n' * 5000
    document = _write(tmp_path, "bad.xml", f'<orders xmlns="urn:t"><sender/>{rows}</orders>')
    with Checker() as own:
        problems = validate(schema, document, checker=own, limit=None)
        assert next(problems).record == 1
        assert own.process_id is not None
        problems.close()
        assert own.process_id is None
    assert len(list(validate(schema, document, limit=7))) == 7


def test_documents_of_the_w3c_suite_are_judged_as_it_says(
    groups: list[Group], share: Share, checker: Checker
) -> None:
    cases = [
        (group, file, fits)
        for group in groups
        if group.validity == "valid" and len(group.schemas) == 1
        for files, fits in ((group.instances, True), (group.invalid, False))
        for file in files
    ]
    cases = cases if FULL else cases[:: max(1, len(cases) // 150)]
    wrong = []
    for group, file, fits in cases:
        try:
            found = [
                one
                for one in validate(group.schemas[0], file, kind="xsd", checker=checker, limit=3)
                if one.severity == "error"
            ]
        except BadInput:
            found = [Problem] if not fits else []
        if bool(found) == fits:
            wrong.append(f"{group.name} {file.name} {fits}")
    assert len(cases) > (5000 if FULL else 100)
    assert len(wrong) <= 0.02 * len(cases), wrong


@pytest.mark.parametrize(
    ("end", "said", "line"),
    [
        ("</", "the document ends before <quantity> of line 3 is closed", 3),
        ("</quant", "the document ends before <quantity> of line 3 is closed", 3),
        ("</quantity", "the document ends before <quantity> of line 3 is closed", 3),
        ("1", "the document ends before <quantity> of line 3 is closed", 3),
        ("&am", "the document ends before <quantity> of line 3 is closed", 3),
        ("</quantity>\n\n<da", "the document ends before <order> of line 3 is closed", 5),
        ("</quantity>\n<day of='", "the document ends before <order> of line 3 is closed", 4),
        ("</quantity>\n<!-- noon", "a comment is not finished", 4),
        ("</unparsable>\n</order></orders>", "<quantity> of line 3 is not closed: the tag here is cut", 3),
        ("</quantity>\n</order>\n</orders>\n<orders/>", "something follows the end of the document", 6),
    ],
)
def test_that_a_document_is_cut_comes_first_and_what_it_has_before_is_told_too(
    tmp_path: Path, checker: Checker, end: str, said: str, line: int
) -> None:
    schema = _write(tmp_path, "orders.xsd", xsd_text(_ORDERS))
    begin = '<orders xmlns="urn:t"><sender/>\n<order id="no"><quantity>1</quantity></order>\n<order id="2"><quantity>1'
    first, *others = _said(validate(schema, _write(tmp_path, "cut.xml", begin + end), checker=checker))
    assert said in first[3]
    assert first[1] == line
    assert others == [(1, 2, "orders/order/@id", "'no' is no int.")]


def test_a_document_cut_before_its_first_element(tmp_path: Path, checker: Checker) -> None:
    schema = _write(tmp_path, "orders.xsd", xsd_text(_ORDERS))
    for text in ('<?xml version="1.0"?>\n<orders xmlns="urn', '<?xml version="1.0"?>\n<'):
        (only,) = _said(validate(schema, _write(tmp_path, "cut.xml", text), checker=checker))
        assert only == (None, 2, None, "The XML is not well-formed: the document ends too early.")


def test_real_invoices_cut_anywhere(shared: Path, tmp_path: Path, checker: Checker) -> None:
    standard = shared / "corpora" / "xsd" / "ubl-2.1"
    text = (standard / "samples" / "UBL-Invoice-2.1-Example.xml").read_bytes()
    for at in range(700, len(text) - 10, len(text) // 12):
        (tmp_path / "cut.xml").write_bytes(text[:at])
        found = list(
            validate(standard / "maindoc" / "UBL-Invoice-2.1.xsd", tmp_path / "cut.xml", checker=checker)
        )
        assert found[0].message.startswith("The XML is not well-formed: the document ends before <"), at
        assert found[0].line == text.count(b"\n", 0, at) + 1
        assert len(found) == 1
