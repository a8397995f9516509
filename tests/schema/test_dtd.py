"""DTDs as trees: entities, sections, modules and catalogues, attributes, what is missing or hostile, and a peer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from studio.base.errors import BadInput, TooLarge, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.dtd.content import parse_model, written
from studio.schema.dtd.model import Group, Particle
from studio.schema.dtd.parser import parse_file
from studio.schema.dtd.reader import read_dtd
from studio.schema.model import Node, Schema
from studio.schema.read import read_schema
from studio.schema.recognise import recognise
from tests.schema.trees import lines

# Modules that do not stand alone: the peer stops where an entity is missing.
_NOT_ALONE = ("SMIL-anim.mod", "SMIL-media.mod")


@pytest.fixture
def dtd(tmp_path: Path) -> Any:
    """Read a DTD given as text, with modules beside it."""

    def read(text: str, **others: str) -> Schema:
        for name, other in {"main": text, **others}.items():
            (tmp_path / f"{name}.dtd").write_text(other)
        return read_schema(tmp_path / "main.dtd")

    return read


def node(schema: Schema, path: str) -> Node:
    place = schema.find(path)
    assert place is not None, path
    return place.node


def test_content_models_keep_order_choice_and_occurrence(dtd: Any) -> None:
    schema = dtd(
        """<!ELEMENT order (id, (card | (bank, name?))?, line+, note*, extra)>
        <!ELEMENT line (qty, (a, b)*)> <!ELEMENT id (#PCDATA)> <!ELEMENT note (#PCDATA | b | i)*>
        <!ELEMENT extra ANY> <!ELEMENT card EMPTY> <!ELEMENT bank (#PCDATA)> <!ELEMENT name (#PCDATA)>
        <!ELEMENT qty (#PCDATA)> <!ELEMENT a EMPTY> <!ELEMENT b EMPTY> <!ELEMENT i EMPTY>"""
    )
    assert schema.kind == "dtd"
    assert lines(schema, "order", depth=3) == [
        "order 1",
        "order/id 1 string",
        "order 0..1 (one of)",
        "order/card 1",
        "order/bank 1 string",
        "order/name 0..1 string",
        "order/line 1..n",
        "order/line/qty 1 string",
        "order/line/a 0..n",
        "order/line/b 0..n",
        "order/note 0..n string",
        "order/note 0..n (one of)",
        "order/extra 1 string",
        "order/extra/* 0..n any",
    ]
    assert node(schema, "order/note").type.mixed
    assert node(schema, "order/extra/card").name == "card"
    assert schema.roots[0].name == "order"
    assert schema.problems == ()


def test_attributes_have_types_enumerations_and_defaults(dtd: Any) -> None:
    schema = dtd(
        """<!ELEMENT a EMPTY>
        <!ATTLIST a id ID #REQUIRED kind (x|y) "y" refs IDREFS #IMPLIED v CDATA #FIXED "1 &lt; 2"
                    n NOTATION (gif) #IMPLIED xml:lang NMTOKEN #IMPLIED>
        <!ATTLIST a kind CDATA #REQUIRED more CDATA #IMPLIED>"""
    )
    assert lines(schema) == [
        "a 1",
        "a/@id 1 ID",
        "a/@kind 0..1 NMTOKEN",
        "a/@refs 0..1 IDREFS",
        "a/@v 0..1 CDATA",
        "a/@n 0..1 NOTATION",
        "a/@lang 0..1 NMTOKEN",
        "a/@more 0..1 CDATA",
    ]
    kind, fixed = node(schema, "a/@kind"), node(schema, "a/@v")
    assert (kind.value.enumeration, kind.default) == (("x", "y"), "y")
    assert (fixed.fixed, fixed.default) == ("1 < 2", None)
    assert node(schema, "a/@refs").value.item.name == "IDREF"
    assert node(schema, "a/@lang").namespace == "http://www.w3.org/XML/1998/namespace"


def test_the_first_declaration_of_an_entity_wins_and_sections_hang_on_it(dtd: Any) -> None:
    schema = dtd(
        """<!ENTITY % more "INCLUDE"> <!ENTITY % more "IGNORE"> <!ENTITY % less "IGNORE">
        <!ENTITY % inner "b, c"> <!ENTITY % model "(%inner;, d?)"> <!ENTITY % name "a">
        <![ %more; [ <!ELEMENT %name; %model;> <![IGNORE[ <!ELEMENT x EMPTY> <![INCLUDE[ ]]> ]]> ]]>
        <![%less;[ <!ELEMENT a EMPTY> ]]>
        <!ENTITY % all '<!ELEMENT b EMPTY><!ELEMENT c EMPTY><!ELEMENT d EMPTY>'> %all;"""
    )
    assert lines(schema, "a") == ["a 1", "a/b 1", "a/c 1", "a/d 0..1"]
    assert {root.name for root in schema.roots} == {"a", "b", "c", "d"}


def test_modules_come_from_beside_or_through_a_catalogue(dtd: Any, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "b.mod").write_text("<!ELEMENT b (%c.model;)>\n")
    (tmp_path / "catalog.xml").write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        '<public publicId="-//T//ELEMENTS B//EN" uri="lib/b.mod"/></catalog>'
    )
    schema = dtd(
        '<!ENTITY % c.model "c">\n<!ENTITY % b PUBLIC "-//T//ELEMENTS B//EN" "http://nowhere.example/b.mod">\n'
        '%b;\n<!ENTITY % c SYSTEM "c.dtd">\n%c;\n',
        c='<?xml encoding="iso-8859-1"?>\n<!ELEMENT c EMPTY>',
    )
    assert lines(schema) == ["b 1", "b/c 1"]
    assert [node(schema, path).line for path in ("b", "b/c")] == [1, 2]
    assert [Path(name).name for name in schema.files] == ["main.dtd", "b.mod", "c.dtd"]
    assert schema.problems == ()


def test_a_missing_module_is_told_once_and_marked(dtd: Any) -> None:
    schema = dtd(
        '<!ENTITY % gone SYSTEM "http://nowhere.example/gone.mod">\n%gone;\n%gone;\n'
        "<!ELEMENT a (b | %gone.model; | c)*>\n<!ELEMENT b EMPTY>\n<!ATTLIST a %gone.attributes; x CDATA #IMPLIED>"
    )
    assert [(problem.line, "gone.mod" in problem.message) for problem in schema.all_problems()] == [(1, True)]
    assert lines(schema, "a", depth=3)[:2] == ["a 1", "a/@x 0..1 CDATA"]
    assert node(schema, "a/c").unresolved
    assert any(child.unresolved for child in node(schema, "a").type.children if child.name == "?")


def test_addresses_that_are_none_are_missing_modules(dtd: Any) -> None:
    schema = dtd(
        '<!ENTITY % a SYSTEM "http://[a/b"> %a; <!ENTITY % b SYSTEM "file://[x/]y"> %b; <!ELEMENT a EMPTY>'
    )
    assert len(schema.problems) == 2


def test_no_module_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.mod").write_text("<!ELEMENT secret EMPTY>")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.dtd").write_text('<!ENTITY % s SYSTEM "../secret.mod"> %s; <!ELEMENT a EMPTY>')
    schema = read_dtd(tmp_path / "in" / "a.dtd", within=tmp_path / "in")
    assert [root.name for root in schema.roots] == ["a"]
    assert len(schema.problems) == 1


def test_namespaces_are_those_the_dtd_fixes(dtd: Any) -> None:
    schema = dtd(
        """<!ELEMENT m:a (m:b, b)> <!ATTLIST m:a xmlns:m CDATA #FIXED "urn:m" m:x CDATA #IMPLIED x CDATA #IMPLIED>
        <!ELEMENT m:b EMPTY> <!ELEMENT b EMPTY> <!ATTLIST b xmlns CDATA "urn:b">"""
    )
    assert lines(schema) == ["a 1", "a/@m:x 0..1 CDATA", "a/@x 0..1 CDATA", "a/m:b 1", "a/ns2:b 1"]
    assert [child.namespace for child in schema.roots[0].type.children] == ["urn:m", "", "urn:m", "urn:b"]


def test_an_internal_subset_and_a_document_serve_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("<!-- c --><!DOCTYPE b [<!ELEMENT a (b)>\n<!ELEMENT b (#PCDATA)>]>")
    assert recognise(tmp_path / "a.txt") == "dtd"
    schema = read_schema(tmp_path / "a.txt")
    assert [root.name for root in schema.roots] == ["b", "a"]
    (tmp_path / "out.dtd").write_text("<!ELEMENT doc (x, y)><!ELEMENT x EMPTY>")
    (tmp_path / "d.xml").write_text(
        '<!DOCTYPE doc SYSTEM "out.dtd" [<!ELEMENT y EMPTY><!ELEMENT x (y)>]><doc><x/></doc>'
    )
    assert recognise(tmp_path / "d.xml") == "xml"
    assert lines(read_schema(tmp_path / "d.xml", kind="dtd")) == ["doc 1", "doc/x 1", "doc/x/y 1", "doc/y 1"]


def test_recursion_is_by_reference_and_cached(dtd: Any, tmp_path: Path) -> None:
    schema = dtd("<!ELEMENT part (name, part*)> <!ELEMENT name (#PCDATA)>")
    assert lines(schema, "part") == ["part 1", "part/name 1 string", "part/part 0..n recursive"]
    write_cache(schema, tmp_path / "cache")
    assert lines(load_cache(tmp_path / "cache")) == lines(schema)


def test_style_of_sgml_is_understood(dtd: Any) -> None:
    schema = dtd(
        "<!ELEMENT (b|i) - - (#PCDATA)  -- text > -- +(a) -(i)>\n<!ELEMENT a - O EMPTY>\n<!ATTLIST (a|b) x (y|z) y -- why -- >"
    )
    assert lines(schema, "b", depth=2) == ["b 1 string", "b/@x 0..1 NMTOKEN", "b/a 0..n"]
    assert node(schema, "a/@x").default == "y"


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("<!ELEMENT a (b)>\n<!ELEMENT b", 2, "never closed"),
        ("<!ELEMENT a EMPTY>\n<!-- ", 2, "never closed"),
        ("<!ELEMENT a EMPTY>\nstray <!ELEMENT b EMPTY>", 2, "expected"),
        ("<!ELEMENT a EMPTY>\n<!ELEMENT a (b)>", 2, "again"),
        ("<!ELEMENT a EMPTY>\n<!ELEMNT b EMPTY>", 2, "ELEMNT"),
        ("<!ELEMENT a EMPTY>\n%none;", 2, "%none;"),
        ("<!ENTITY % a '&#37;b;'><!ENTITY % b '&#37;a;'>\n%a;<!ELEMENT x EMPTY>", 2, "itself"),
        ("<!ELEMENT a EMPTY>\n<![IGNORE[ <!ELEMENT b EMPTY>", 2, "never closed"),
        ("<!ELEMENT a\n (gone)>", 1, "not declared"),
    ],
)
def test_what_is_wrong_is_located_and_the_rest_is_shown(dtd: Any, text: str, line: int, word: str) -> None:
    schema = dtd(text)
    assert schema.roots
    assert [(problem.line, word in problem.message) for problem in schema.all_problems()][:1] == [
        (line, True)
    ]


@pytest.mark.parametrize("text", ["", "nothing at all", "<!ENTITY % a 'b'>", "<!ELEMENT"])
def test_nothing_to_show_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.dtd").write_text(text)
    with pytest.raises(BadInput) as caught:
        read_dtd(tmp_path / "a.dtd")
    assert caught.value.file


@pytest.mark.parametrize(
    "text",
    [
        "<!ENTITY % a0 'x'>"
        + "".join(f"<!ENTITY % a{n} '{f'%a{n - 1};' * 10}'>" for n in range(1, 12))
        + "<!ELEMENT e (%a11;)>",
        "<!ENTITY % a0 'x, '>"
        + "".join(f"<!ENTITY % a{n} '{f'&#37;a{n - 1};' * 10}'>" for n in range(1, 12))
        + "<!ELEMENT e (%a11; x)>",
        "<!ENTITY % a0 ''>" + "".join(f"<!ENTITY % a{n} '&#37;a{n - 1};'>" for n in range(1, 500)) + "%a499;",
    ],
)
def test_entities_do_not_grow_without_end(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.dtd").write_text(text)
    with pytest.raises(TooLarge) as caught:
        read_dtd(tmp_path / "a.dtd")
    assert caught.value.line == 1


def test_deep_groups_end(dtd: Any) -> None:
    schema = dtd(f"<!ELEMENT a {'(' * 5000}b{')' * 5000}><!ELEMENT b EMPTY>")
    assert lines(schema, "a") == ["a 1", "a/b 1"]


_WHAT = st.recursive(
    st.builds(Particle, st.sampled_from("abc"), st.sampled_from(["", "?", "*", "+"])),
    lambda inner: st.builds(
        Group,
        st.sampled_from(",|"),
        st.lists(inner, min_size=2, max_size=4).map(tuple),
        st.sampled_from(["", "?", "*", "+"]),
    ),
    max_leaves=12,
)


@given(_WHAT.filter(lambda item: isinstance(item, Group)))
def test_a_content_model_written_is_read_the_same(model: Group) -> None:
    assert parse_model(written(model)) == ("CHILDREN", model)


_BITS = st.sampled_from(
    [
        "<!ELEMENT ",
        "<!ATTLIST ",
        "<!ENTITY ",
        "% ",
        "%a;",
        "%b;",
        "a ",
        "b ",
        "(",
        ")",
        "|",
        ",",
        "*",
        "'",
        '"',
        ">",
        "<![",
        "[",
        "]]>",
        "INCLUDE",
        "IGNORE",
        "#PCDATA",
        "#IMPLIED ",
        "CDATA ",
        "EMPTY",
        "<!--",
        "-->",
        "--",
        "\n",
        "SYSTEM ",
        "<?",
        "<!DOCTYPE a [",
        "&#37;",
    ]
)


@given(st.lists(_BITS, max_size=40).map("".join))
def test_any_text_is_a_tree_or_a_located_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "a.dtd"
    path.write_text(text)
    try:
        schema = read_dtd(path)
    except WeftError as error:
        assert error.file, text  # noqa: PT017
        return
    assert schema.roots
    schema.all_problems()
    write_cache(schema, path.parent / "cache")


# -- real DTDs ------------------------------------------------------------------------------------------------------


def test_real_dtds_are_as_libxml2_reads_them(shared: Path, tmp_path: Path) -> None:
    elements = files = 0
    for path in sorted((shared / "corpora" / "dtd").rglob("*")):
        if path.suffix not in (".dtd", ".mod") or path.name in _NOT_ALONE:
            continue
        try:
            peer = etree.DTD(str(path))
        except etree.LxmlError:
            peer = None
        try:
            parser, _files = parse_file(path)
        except WeftError:
            assert peer is None, path
            continue
        if peer is not None:
            count, wrong = _compared(parser.declarations, peer)
            assert not wrong, path
            elements += count
            files += 1
    assert elements > 3000
    assert files > 30


def _compared(declarations: Any, peer: Any) -> tuple[int, list[str]]:
    theirs = {_full(element): element for element in peer.iterelements() if element.type != "undefined"}
    wrong = sorted(theirs.keys() ^ declarations.elements.keys())
    for name, element in theirs.items():
        ours = declarations.elements.get(name)
        if ours is None:
            continue
        kind = {"empty": "EMPTY", "any": "ANY", "mixed": "MIXED", "element": "CHILDREN"}[element.type]
        if kind != ours.kind:
            wrong.append(f"{name}: {kind}")
        elif kind == "MIXED" and set(_leaves(element.content)) != {
            _local(one.name) for one in ours.model.items
        }:
            wrong.append(f"{name}: mixed")
        elif kind == "CHILDREN" and _plain(_of_peer(element.content)) != _plain(_of_ours(ours.model)):
            wrong.append(f"{name}: {written(ours.model)}")
        uses = {"#REQUIRED": "required", "#IMPLIED": "implied", "#FIXED": "fixed", "": "none"}
        mine = {
            one.name: (one.kind.lower(), uses[one.use], one.default, one.values)
            for one in declarations.attributes_of(name).values()
        }
        real = {
            _full(one): (one.type, one.default, one.default_value, tuple(one.values()))
            for one in element.iterattributes()
        }
        if mine != real:
            wrong.append(f"{name}: attributes")
    return len(theirs), wrong


def _full(one: Any) -> str:
    return f"{one.prefix}:{one.name}" if one.prefix else str(one.name)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _leaves(content: Any) -> list[str]:
    found, waiting = [], [content]
    while waiting:
        one = waiting.pop()
        if one is not None:
            found += [one.name] if one.type == "element" else []
            waiting += [one.right, one.left]
    return found


Plain = tuple[Any, ...]


def _of_peer(content: Any) -> Plain:
    mark = {"once": "", "opt": "?", "mult": "*", "plus": "+"}[content.occur]
    if content.type == "element":
        return "name", content.name, mark
    items = [_of_peer(content.left)]
    right = content.right
    while right is not None and right.type == content.type and right.occur == "once":
        items.append(_of_peer(right.left))
        right = right.right
    items += [_of_peer(right)] if right is not None else []
    return {"seq": ",", "or": "|"}[content.type], tuple(items), mark


def _of_ours(item: Particle | Group) -> Plain:
    if isinstance(item, Particle):
        return "name", _local(item.name), item.mark
    return item.joint, tuple(map(_of_ours, item.items)), item.mark


def _plain(item: Plain) -> Plain:
    """Groups of one, groups in groups of their kind, and marks inside a repeated choice mean nothing."""
    if item[0] == "name":
        return item
    items: list[Plain] = []
    for one in map(_plain, item[1]):
        one = (*one[:2], "") if item[0] == "|" and item[2] == "*" else one
        items += one[1] if one[0] == item[0] and not one[2] else [one]
    if len(items) > 1:
        return item[0], tuple(items), item[2]
    marks = {items[0][2], item[2]} - {""}
    return (*items[0][:2], marks.pop() if len(marks) == 1 else "*" if marks else "")


def test_docbook_with_its_modules_and_catalogue(shared: Path, tmp_path: Path) -> None:
    schema = read_schema(shared / "corpora" / "dtd" / "docbook-4.5" / "4.5" / "dtd" / "docbookx.dtd")
    assert (len(schema.roots), len(schema.problems)) == (406, 0)
    assert schema.roots[0].name == "set"
    assert node(schema, "book/chapter/title").type.mixed
    write_cache(schema, tmp_path / "cache")
    assert lines(load_cache(tmp_path / "cache"), "book", 3) == lines(schema, "book", 3)


def test_a_dtd_whose_modules_are_all_absent_is_no_empty_tree(shared: Path) -> None:
    schema = read_schema(shared / "corpora" / "dtd" / "w3c-dtds" / "REC-xhtml11-20101123" / "xhtml11.dtd")
    modules = [problem for problem in schema.problems if "is not here" in problem.message]
    assert len(modules) == len({problem.message for problem in modules}) == len(schema.roots) == 23
    assert all(problem.line for problem in modules)
    assert all(root.unresolved for root in schema.roots)


def test_a_dtd_the_peer_refuses(shared: Path) -> None:
    path = shared / "corpora" / "dtd" / "docbook-4.5" / "5.0" / "dtd" / "dbits.dtd"
    with pytest.raises(etree.LxmlError):
        etree.DTD(str(path))
    assert len(read_schema(path).roots) == 379
