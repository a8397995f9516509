"""XML in scripts: what is made, what paths find, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from studio.base.errors import Cancelled
from studio.script.errors import LimitReached, RunError
from studio.script.evaluate import evaluate
from studio.script.functions.xml_nodes import LARGEST
from studio.script.host import PlainHost
from studio.script.parse import parse
from tests.script.both import error, run

TREE = '<o id="1"><l sku="a"><q>2</q></l><l sku="b"><q>10</q></l><g><l sku="c"/></g><n>x<i>y</i>z</n></o>'


def selected(query: str, tree: str = TREE, *more: str) -> list[str]:
    host = PlainHost(variables={"x": tree, "q": query, "m": list(more)})
    given = "".join(f", $m[{number}]" for number in range(len(more)))
    value = evaluate(parse(f"SelectNodes($x, $q{given})"), host)
    assert isinstance(value, list)
    return [str(each) for each in value]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("l/@sku", ["a", "b"]),
        ("//l/@sku", ["a", "b", "c"]),
        ("/o/g/l/@sku", ["c"]),
        ("o/@id", ["1"]),
        ("l[2]/q/text()", ["10"]),
        ("l[last()]/@sku", ["b"]),
        ("l[q > 2]/@sku", ["b"]),
        ("l[q='2']/@sku", ["a"]),
        ("l[@sku!='a' and q]/@sku", ["b"]),
        ("l[not(q = 2) or @sku = 'a']/@sku", ["a", "b"]),
        ("*[local-name()='g']/*/@*", ["c"]),
        ("l[contains(@sku, 'b')]/q/text()", ["10"]),
        ("l[count(q) = 1][2]/@sku", ["b"]),
        ("g/l/../../@id", ["1"]),
        ("n/text()", ["x", "z"]),
        ("n/i | l/@sku", ["a", "b", "<i>y</i>"]),
        (".//i", ["<i>y</i>"]),
        ("nothing", []),
        ("l[9]", []),
        ("//l[starts-with(@sku, 'c')]", ['<l sku="c"/>']),
        ("n[string-length(.) = 3]/i/text()", ["y"]),
    ],
)
def test_paths_find_what_xpath_finds(query: str, expected: list[str]) -> None:
    assert selected(query) == expected
    root = etree.fromstring(TREE)
    for expression in (query, "/" + query.lstrip("/")):
        found = root.xpath(expression)
        texts = [each if isinstance(each, str) else etree.tostring(each, encoding="unicode", with_tail=False)
                 for each in found]  # fmt: skip
        if texts or not expected:
            assert texts == expected
            return
    raise AssertionError(query)


def test_prefixes_are_given_as_arguments() -> None:
    tree = '<p:a xmlns:p="urn:x"><p:b>1</p:b><b>2</b></p:a>'
    assert selected("q:b/text()", tree, "q=urn:x") == ["1"]
    assert selected("q:*/text()", tree, "xmlns:q='urn:x'") == ["1"]
    assert selected("b/text()", tree, "q=urn:x") == ["2"]
    assert selected("b/text()", tree) == ["1", "2"]
    assert "prefix z" in error("SelectNodes('<a/>', 'z:b')").message
    assert "namespace" in error("SelectNodes('<a/>', 'b', 'z')").message


@pytest.mark.parametrize(
    "query",
    ["", "[", "a[", "a]", "a//", "a[1", "@", "a[b=]", "//", "count(a)", "a[nope()]", "a[position(1)]", "a b",
     "a[" * 30 + "1" + "]" * 30, "(" * 40, "a/" * 1500, "$x", "a[contains('x')]", "processing-instruction()"],
)  # fmt: skip
def test_paths_that_cannot_be_read_are_refused(query: str) -> None:
    host = PlainHost(variables={"q": query})
    with pytest.raises(RunError):
        evaluate(parse("SelectNodes('<a><b/></a>', $q)"), host)


@given(st.text(alphabet="ab/@[]()*.='\"|<>! 12,:notrcundle-", max_size=40))
def test_any_path_is_answered_or_refused(query: str) -> None:
    host = PlainHost(variables={"q": query})
    try:
        value = evaluate(parse("SelectNodes('<a b=\"1\"><b>2</b>c</a>', $q)"), host)
    except RunError:
        return
    assert isinstance(value, list)


def test_nodes_are_made_with_escaped_values() -> None:
    made = run(
        "CreateNode('urn:x', 'p:E', Attribute('a', '<&\"'), 'v', CreateNode('', 'k', 5), Null(), {'w', 1})"
    )
    assert made == '<p:E xmlns:p="urn:x" a="&lt;&amp;&quot;">v<k>5</k>w1</p:E>'
    assert run("CreateNode('', 'e', '<b>broken')") == "<e>&lt;b&gt;broken</e>"
    assert run("CreateNode('', 'e')") == "<e/>"


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_made_can_be_read_again(value: str, attribute: str) -> None:
    host = PlainHost(variables={"v": value, "a": attribute})
    script = (
        "$n = CreateNode('', 'e', Attribute('k', $a), $v); {GetNodeValue($n), SelectSingleNode($n, '@k'), $n}"
    )
    try:
        found = evaluate(parse(script), host)
    except RunError:
        assume(False)
    assert isinstance(found, list)
    root = etree.fromstring(str(found[2]))
    assert (root.text or "") == value.replace("\r\n", "\n") or value.startswith("<") or "\r" in value
    assert (
        root.get("k") == attribute.replace("\n", " ").replace("\t", " ").replace("\r", " ")
        or "\r" in attribute
    )


@pytest.mark.parametrize(
    "text",
    ["CreateNode('', '1a')", "CreateNode('', 'a b')", "Attribute('', 'x')", "Attribute('xmlns', 'urn:x')",
     "CreateNode('', 'a', HexToString('00'))", "GetNodeName('plain')", "GetNodeName(5)", "SelectNodes(5, 'a')",
     "GetXMLString('<a>')", "IsNil('nope')", "SelectNodeFromXMLAny('a', 5)", "GetNodeName('')"],
)  # fmt: skip
def test_what_is_no_xml_is_refused(text: str) -> None:
    assert isinstance(error(text), RunError)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        '<?xml version="1.0"?><!DOCTYPE a><a/>',
    ],
)
def test_documents_that_declare_entities_are_refused(text: str) -> None:
    host = PlainHost(variables={"x": text})
    for name in ("GetNodeValue($x)", "SelectNodes($x, '//a')", "GetXMLString($x)", "IsNil($x)"):
        with pytest.raises(RunError):
            evaluate(parse(name), host)


def test_nil_names_and_strings() -> None:
    nil = '<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    assert run(f"IsNil('{nil}')") is True
    assert run("{IsNil('<a/>'), IsNil([lines]), IsNil(Null())}") == [False, False, False]
    assert run("GetNodeName('<p:a xmlns:p=\"urn:x\"/>') + GetNodeName([lines/line])") == "aline"
    assert run("GetXMLString('<p:a xmlns:p=\"urn:x\"><p:b/></p:a>', false)") == "<a><b/></a>"
    assert run("GetNodeValue([lines/line]) + GetNodeValue([@id]) + GetNodeValue('plain')") == "23.002041plain"
    assert (
        run("{SelectSingleNode(Null(), 'a'), GetNodeName(Null()), SelectNodeFromXMLAny('a', '')}")
        == [None] * 3
    )
    assert run("SelectNodeFromXMLAny('b', '<a/><b>1</b><b>2</b>')") == "<b>1</b>"
    assert run("SelectNodesFromXMLAny('b/text()', '<a/><b>1</b><b>2</b>')") == ["1", "2"]


def test_a_search_can_be_stopped_and_takes_no_large_texts() -> None:
    stopped = PlainHost(variables={"x": "<a>" + "<b/>" * 20_000 + "</a>"}, stopped=lambda: True)
    with pytest.raises(Cancelled):
        evaluate(parse("SelectNodes($x, '//b[//b[//b]]')"), stopped)
    large = PlainHost(variables={"x": "<a>" + " " * LARGEST + "</a>"})
    with pytest.raises(LimitReached):
        evaluate(parse("Eval(GetNodeName($x), 'caught')"), large)
