"""XML in, beside libxml2: what it takes is read with the same names and texts, what it refuses is refused."""

from __future__ import annotations

import io
import random
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from studio.base.errors import BadInput
from studio.engine.formats.xml_read import XmlUnits, item_of, own_text, read_tree
from studio.engine.formats.xml_safe import SAFE, read_prolog, refuse_reference
from studio.engine.formats.xml_scanning import Scanned
from studio.engine.formats.xml_wide import narrowed
from studio.engine.items import Item
from tests.engine import build

_SUFFIXES = (
    ".xml",
    ".xsd",
    ".wsdl",
    ".xsl",
    ".xslt",
    ".svg",
    ".musicxml",
    ".reqif",
    ".gml",
    ".kml",
    ".xmi",
    ".xhtml",
)
_LARGEST = 2_000_000
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def corpus(shared: Path) -> list[Path]:
    """The XML documents of the corpora."""
    files = (shared / "corpora").rglob("*")
    return sorted(
        file for file in files if file.suffix.lower() in _SUFFIXES and file.stat().st_size <= _LARGEST
    )


def judged(data: bytes) -> etree._Element | str:
    """The root as libxml2 reads it, or the word for why it is refused: `broken`, or `entities` by our own rule."""
    try:
        root = etree.fromstring(data, etree.XMLParser(**SAFE))
    except (etree.XMLSyntaxError, ValueError):
        return "broken"
    dtd: Any = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        return "entities"
    try:
        refuse_reference(root, "test")
    except BadInput:
        return "entities"
    return root


def same(item: Item, element: etree._Element) -> bool:
    """An Item holds what an element holds: attributes, own text, elements in order."""
    waiting = [(item, element)]
    while waiting:
        here, other = waiting.pop()
        attributes = {
            name: value for name, value in other.attrib.items() if name not in (_XSI + "nil", _XSI + "type")
        }
        mixed = any((child.tail or "").strip() for child in other)
        text = own_text(other, mixed)
        nil = str(other.get(_XSI + "nil", "")).strip() in ("true", "1")
        mine = "" if here.text is not None and len(other) and not here.text.strip() else here.text
        wanted = None if nil else "" if len(other) and not text.strip() else text
        below = list(here.elements()) if here.children else []
        if (
            here.key != other.tag
            or {each.key[1:]: each.text for each in here.attributes()} != attributes
            or mine != wanted
        ):
            return False
        if [each.key for each in below] != [child.tag for child in other]:
            return False
        waiting += zip(below, other, strict=True)
    return True


def read(data: bytes) -> Item | str:
    """The root as we read it whole, or `refused`."""
    try:
        document = read_tree(narrowed(io.BytesIO(data), "test"), "test")
    except BadInput:
        return "refused"
    return next(iter(document.elements()))


def streamed(data: bytes, chain: tuple[str, ...]) -> list[Item] | str:
    """The nodes at a place as they come, or `refused`."""
    stream = narrowed(io.BytesIO(data), "test")
    try:
        prolog = read_prolog(stream, "test")
        units = XmlUnits(stream, "test", chain, prolog, blanks=True)
        found = [item_of(each.element() if isinstance(each, Scanned) else each, None) for each in units]
        stream.seek(0)
        assert sum(1 for _element in XmlUnits(stream, "test", chain, prolog)) == len(found)
        return found
    except BadInput:
        return "refused"


def agree(data: bytes) -> str:
    """Compare; the word for what came of it."""
    root = judged(data)
    whole = read(data)
    if isinstance(root, str):
        assert whole == "refused", root
        assert root != "broken" or streamed(data, ("none", "none")) == "refused"
        return root
    assert not isinstance(whole, str)
    assert same(whole, root)
    tags = Counter(child.tag for child in root)
    if tags:
        tag = tags.most_common(1)[0][0]
        found = streamed(data, (root.tag, tag))
        assert not isinstance(found, str)
        wanted = [child for child in root if child.tag == tag]
        assert len(found) == len(wanted)
        assert all(same(*pair) for pair in zip(found, wanted, strict=True))
    return "same"


def test_documents_of_the_corpora_are_read_as_libxml2_reads_them(
    shared: Path, share: Callable[[int], int]
) -> None:
    files = corpus(shared)
    assert len(files) > 1_000
    wanted = random.Random(5).sample(files, share(len(files) * 4) if share(10**6) < 10**6 else len(files))
    seen: Counter[str] = Counter()
    for file in wanted:
        try:
            seen[agree(file.read_bytes())] += 1
        except AssertionError as error:
            raise AssertionError(str(file)) from error
    assert seen["same"] >= len(wanted) * 0.9


def test_documents_of_the_schema_suite_too(shared: Path, share: Callable[[int], int]) -> None:
    seen: Counter[str] = Counter()
    for number, data in enumerate(_instances(shared)):
        if number >= share(20_000):
            break
        seen[agree(data)] += 1
    assert seen["same"] > share(20_000) * 0.6


def _instances(shared: Path) -> Iterator[bytes]:
    archive = shared / "corpora" / "xsd-conformance-w3c.tar.gz"
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            if member.isfile() and member.name.endswith(".xml") and member.size < _LARGEST:
                stream = members.extractfile(member)
                assert stream is not None
                yield stream.read()


_MARKS = (
    b"<", b"&", b">", b"&#0;", b"&#xD800;", b"&none;", b"\x00", b"\x01", b"\xff", b"\xed\xa0\x80", b"--", b"]]>", b"<!--", b"<![CDATA[",
    b"<?xml version='1.0'?>", b"<a:b/>", b' a="1" a="1"', b"'", b'"', b"<!DOCTYPE a [<!ENTITY e 'x'>]>", b"\xef\xbb\xbf",
)  # fmt: skip
MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cut": lambda data, draw: data[: draw.randrange(len(data))],
    "gone": lambda data, draw: (lambda at: data[:at] + data[at + draw.randint(1, 5) :])(
        draw.randrange(len(data))
    ),
    "byte": lambda data, draw: (lambda at: data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :])(
        draw.randrange(len(data))
    ),
    "mark": lambda data, draw: (lambda at: data[:at] + draw.choice(_MARKS) + data[at:])(
        draw.randrange(len(data))
    ),
    "twice": lambda data, draw: data + data[-draw.randint(1, len(data)) :],
    "swap": lambda data, draw: (
        data.replace(b"</", b"</x", 1) if draw.random() < 0.5 else data.replace(b'="', b"=", 1)
    ),
}


def test_damaged_documents_are_refused_where_libxml2_refuses_them(
    shared: Path, share: Callable[[int], int]
) -> None:
    small = [file for file in corpus(shared) if 200 < file.stat().st_size < 6_000]
    seen: Counter[str] = Counter()
    for seed in range(share(20_000)):
        draw = random.Random(seed)
        data = draw.choice(small).read_bytes()
        name = draw.choice(tuple(MUTATIONS))
        try:
            seen[agree(MUTATIONS[name](data, draw))] += 1
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {name}") from error
    assert seen["broken"] > share(20_000) * 0.5


@pytest.mark.parametrize(
    "data",
    [
        "<r><:a/></r>", "<r><a:/></r>", "<r><a:b:c xmlns:a='x'/></r>", "<r :k='1'/>", "<:r/>", "<r><?a:b c?></r>", "<r><a xmlns:p=''/></r>",
        "<r xmlns:xmlns='x'/>", "<r xmlns:y='no address'/>", "<r x:k='1'/>",
    ],
)  # fmt: skip
def test_names_that_are_none_are_refused(data: str) -> None:
    """The first was found by the full count of damaged documents."""
    assert agree(data.encode()) == "broken"


_TEXT = "<r xmlns:p='urn:p'><a p:k='ä&#9;'>é <b>ü</b> ß <![CDATA[<x>&]]> </a><a/><a>{}</a></r>"


@pytest.mark.parametrize(
    ("encoding", "more"),
    [
        ("utf-8", "日本😀"), ("utf-8-sig", "日本"), ("utf-16", "日本😀"), ("utf-16-le", "日本"), ("utf-16-be", "日本"), ("iso-8859-1", "ÿ"),
        ("iso-8859-2", "ž"), ("iso-8859-15", "€"), ("windows-1252", "€"), ("windows-1250", "ž"), ("us-ascii", ""), ("utf-32", "日本"),
        ("shift_jis", "日本"), ("gb18030", "日本"), ("euc-jp", "日本"), ("koi8-r", "Ж"), ("windows-1251", "Ж"),
    ],
)  # fmt: skip
def test_any_encoding_that_libxml2_knows_is_read(encoding: str, more: str) -> None:
    text = _TEXT.format(more)
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    data = f"<?xml version='1.0' encoding='{declared}'?>{text}".encode(encoding, "xmlcharrefreplace")
    assert agree(data) == "same"
    root = read(data)
    assert isinstance(root, Item)
    assert list(root.elements())[2].text == more


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
@pytest.mark.parametrize("declared", ["", "utf-8", "utf-16", "iso-8859-1", "klingon"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "iso-8859-1"])
def test_marks_and_declarations_that_differ_end_as_with_libxml2(
    mark: bytes, declared: str, encoding: str
) -> None:
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    agree(mark + (head + _TEXT.format("ÿ")).encode(encoding))


def test_blanks_between_elements_are_part_of_mixed_text_however_it_is_read() -> None:
    source = build.xml({"d": {"p*~": {"b?": "text", "i?": "text"}}})
    target = build.xml({"o": {"t*": "text"}})
    given = "<d><p><b>x</b> <i>y</i> z</p><p>\n<b/> </p></d>"
    streams = build.plan({"o/t": {"loop": "d/p", "script": "[.]"}}, source, target)
    whole = build.plan(
        {"o/t": {"loop": "d/p", "script": "[.]", "last": 9, "when": "$seen = true"}}, source, target
    )
    assert (streams.passes, whole.passes) == ("stream", "whole")
    text = build.both(streams, given)[0]
    assert text == build.both(whole, given, fast=False)[0]
    assert "<t>  z</t>" in text
    assert build.both(streams, f"<?xml version='1.0' encoding='utf-32'?>{given}".encode("utf-32"))[0] == text
