"""What differs between two documents is told by path and record, and what a test tolerates is not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.engine.golden.compare import MOST, Comparison
from studio.engine.golden.documents import tree_of
from studio.engine.golden.model import Difference, Kind, Tolerance
from studio.engine.golden.places import pattern, shown
from studio.engine.golden.report import line
from studio.engine.plan import Document

XML = Document("xml", "r")
JSON = Document("json", "")
LINES = Document("lines", "item")
ROWS = Document("delimited", "row", columns=("a", "b"))


def compared(
    expected: str,
    found: str,
    document: Document = XML,
    ignore: tuple[str, ...] = (),
    records: str = "",
    **tolerate: Tolerance,
) -> list[Difference]:
    comparison = Comparison(
        [pattern(path) for path in ignore],
        list(tolerate.values()),
        [tuple(records.split("/"))] if records else [],
    )
    return comparison.compare(
        tree_of(expected.encode(), document, "expected"), tree_of(found.encode(), document, "found")
    )


def told(*arguments: str, **more: object) -> list[str]:
    return [line(each) for each in compared(*arguments, **more)]  # type: ignore[arg-type]


def test_the_same_infoset_is_the_same_document() -> None:
    one = '<r xmlns="urn:x" a="1" b="2"><!-- c --><k>x</k>\n  <l/></r>'
    other = '<p:r xmlns:p="urn:x" b="2" a="1"><p:k><![CDATA[x]]></p:k><p:l></p:l></p:r>'
    assert compared(one, other) == []


def test_a_value_is_told_with_its_path_and_record() -> None:
    one = "<r><o><n>1</n></o><o><n>2</n></o></r>"
    other = "<r><o><n>1</n></o><o><n>3</n></o></r>"
    assert told(one, other, records="r/o") == ["record 2, r/o[2]/n: expected 2, found 3"]
    assert told("<r a='1'/>", "<r a='2'/>") == ["r/@a: expected 1, found 2"]
    assert told("<r>x</r>", "<r/>") == ["r: expected x, found nothing"]


def test_namespaces_count() -> None:
    assert {each.kind for each in compared('<r><a xmlns="urn:x"/></r>', '<r><a xmlns="urn:y"/></r>')} == {
        Kind.MISSING,
        Kind.UNEXPECTED,
    }
    nil = '<r xmlns:{0}="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="urn:t" {0}:type="t:A"/>'
    assert compared(nil.format("xsi"), nil.format("i")) == []


def test_what_is_missing_leaves_the_others_side_by_side() -> None:
    one = "<r>" + "".join(f"<o><n>{n}</n></o>" for n in range(1, 9)) + "</r>"
    other = one.replace("<o><n>3</n></o>", "")
    assert told(one, other, records="r/o") == ["record 3, r/o[3]: missing: n=3"]
    assert told(other, one, records="r/o") == ["record 3, r/o[3]: not expected: n=3"]


def test_the_order_of_elements_counts() -> None:
    assert told("<r><a/><b/></r>", "<r><b/><a/></r>") == ["r: expected in the order a, b, found b, a"]
    assert told("<r><a>1</a><a>2</a></r>", "<r><a>2</a><a>1</a></r>") == [
        "r/a[1]: expected 1, found 2",
        "r/a[2]: expected 2, found 1",
    ]


def test_mixed_text_counts_and_indentation_does_not() -> None:
    assert compared("<r>a<b/>c</r>", "<r>a<b/>d</r>") != []
    assert compared("<r><b/></r>", "<r>\n  <b/>\n</r>") == []
    assert compared("<r><b> </b></r>", "<r><b/></r>") != []


@pytest.mark.parametrize(
    ("tolerance", "one", "other", "fits"),
    [
        ({"absolute": Decimal("0.01")}, "10.00", "10.01", True),
        ({"absolute": Decimal("0.01")}, "10.00", "10.02", False),
        ({"absolute": Decimal("0.01")}, "10", "ten", False),
        ({"absolute": Decimal("5")}, "10", "", False),
        ({"relative": Decimal("0.1")}, "100", "110", True),
        ({"relative": Decimal("0.1")}, "100", "111", False),
        ({"absolute": Decimal("0")}, "10.00", "10", True),
        ({"seconds": Decimal("60")}, "2026-03-01T12:00:00", "2026-03-01T12:01:00Z", True),
        ({"seconds": Decimal("0")}, "2026-03-01T12:00:00+02:00", "2026-03-01T10:00:00Z", True),
        ({"seconds": Decimal("60")}, "2026-03-01T12:00:00", "2026-03-01T12:01:01", False),
        ({"seconds": Decimal("60")}, "2026-03-01", "soon", False),
        ({"blanks": True}, "a  b", " a b\n", True),
        ({"blanks": True}, "a b", "ab", False),
    ],
)
def test_tolerances(tolerance: dict[str, object], one: str, other: str, fits: bool) -> None:
    found = compared(
        f"<r><v>{one}</v></r>", f"<r><v>{other}</v></r>", t=Tolerance(pattern("r/v"), **tolerance)
    )  # type: ignore[arg-type]
    assert (found == []) is fits
    elsewhere = compared(
        f"<r><v>{one}</v></r>", f"<r><v>{other}</v></r>", t=Tolerance(pattern("r/w"), **tolerance)
    )  # type: ignore[arg-type]
    assert elsewhere != []


def test_any_order_pairs_what_fits() -> None:
    any_order = Tolerance(pattern("r/a"), any_order=True)
    near = Tolerance(pattern("r/a/@v"), absolute=Decimal(1))
    one, other = "<r><a v='1'/><a v='9'/></r>", "<r><a v='9'/><a v='2'/></r>"
    assert compared(one, other, t=any_order, n=near) == []
    assert told(one, other, t=any_order) == ["r/a[2]/@v: expected 1, found 2"]
    assert compared("<r><a/><b/></r>", "<r><b/><a/></r>", t=any_order) == []


def test_ignored_paths() -> None:
    assert compared("<r><a x='1'/><b/></r>", "<r><a x='2'/></r>", ignore=("r/a/@x", "r/b")) == []
    assert compared("<r><a><x>1</x></a></r>", "<r><a><x>2</x></a></r>", ignore=("**/x",)) == []
    assert compared("<r><a>1</a><a>1</a></r>", "<r><a>2</a><a>2</a></r>", ignore=("r/a[2]",)) != []
    assert told("<r><a>1</a><a>1</a></r>", "<r><a>1</a><a>2</a></r>", ignore=("r/a[2]",)) == []


def test_json_values_have_kinds() -> None:
    assert compared('{"a": 1.50, "b": [1, 2]}', '{"b": [1, 2], "a": 1.5}', JSON) == []
    assert told('{"a": 1}', '{"a": "1"}', JSON) == ['/a: expected 1, found "1"']
    assert told('{"a": null}', "{}", JSON) == ["/a: missing: null"]
    assert told('{"l": [{"q": 1}, {"q": 2}]}', '{"l": [{"q": 1}, {"q": 3}]}', JSON, records="l/item") == [
        "record 2, /l/item[2]/q: expected 2, found 3"
    ]
    assert told('{"t": ["a", "b"]}', '{"t": ["a", "c"]}', JSON) == ['/t[2]: expected "b", found "c"']
    assert compared('{"a": "1"}', '{"a": 1}', JSON, t=Tolerance(pattern("/a"), absolute=Decimal(0))) == []


def test_lines_and_rows_count_their_records() -> None:
    assert told('{"a": 1}\n{"a": 2}\n', '{"a": 1}\n{"a": 3}\n', LINES, records="item") == [
        "record 2, item[2]/a: expected 2, found 3"
    ]
    assert told('a,b\n1,"x, y"\n2,z\n', 'a,b\n1,"x, y"\n3,z\n', ROWS, records="row") == [
        "record 2, row[2]/a: expected 2, found 3"
    ]
    assert told("a,b\n1,2\n", "b,a\n2,1\n", ROWS) == ["header: expected a, b, found b, a"]
    assert told("one\ntwo\n", "one\nthree\n", Document("fixed", "row")) == [
        "line[2]: expected two, found three"
    ]


def test_documents_that_do_not_read_are_told_with_their_line() -> None:
    with pytest.raises(BadInput) as broken:
        tree_of(b"<r>\n<a>", XML, "expected.xml")
    assert (broken.value.file, broken.value.line) == ("expected.xml", 2)
    with pytest.raises(BadInput) as lines:
        tree_of(b'{"a": 1}\n{"a" 2}\n', LINES, "expected.jsonl")
    assert lines.value.line == 2
    with pytest.raises(BadInput):
        tree_of(b"a,b\n\xff\n", ROWS, "expected.csv")
    with pytest.raises(BadInput):
        tree_of(b"[" * 100_000, JSON, "deep.json")


def test_very_many_differences_are_counted() -> None:
    one = "<r>" + "<a>1</a>" * (MOST + 7) + "</r>"
    comparison = Comparison((), ())
    found = comparison.compare(
        tree_of(one.encode(), XML, ""), tree_of(one.replace("1", "2").encode(), XML, "")
    )
    assert (len(found), comparison.more) == (MOST, 7)


def test_patterns() -> None:
    place = (("r", 1, True), ("a", 2, False), ("@x", 1, True))
    for text in ("r/a/@x", "r/a[2]/@x", "r/*/@x", "**/@x", "r/**", "**", "r/p:a~T/@x", "r/a/@*", "/r/`a`/@x"):
        assert pattern(text).fits(place), text
    for text in ("r/a", "r/a[1]/@x", "a/@x", "r/a/x", "r/a/*", "r/b/@x", "**/y/**"):
        assert not pattern(text).fits(place), text
    assert shown(place) == "r/a[2]/@x"
    for text in ("r//a", "r/a[0]", "r/a[x]", ""):
        with pytest.raises(ValueError, match=r".*"):
            pattern(text)


leaves = st.recursive(
    st.sampled_from(["1", "2", "x"]).map(lambda text: ("v", text)),
    lambda inner: st.tuples(st.sampled_from(["a", "b"]), st.lists(inner, max_size=3)),
    max_leaves=8,
)


def written(node: tuple[str, object]) -> str:
    name, inside = node
    return f"<{name}>{inside if isinstance(inside, str) else ''.join(map(written, inside))}</{name}>"  # type: ignore[arg-type]


@given(leaves, leaves)
def test_nothing_differs_exactly_when_the_documents_are_the_same(
    one: tuple[str, object], other: tuple[str, object]
) -> None:
    first, second = written(one), written(other)
    assert (compared(first, second) == []) is (first == second)
