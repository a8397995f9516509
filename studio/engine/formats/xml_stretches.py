"""XML records in stretches: many of them are parsed at once, which costs less than to be told of each.

Where rows of values are all that is wanted, records of the usual form are not even parsed (see xml_scanning).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from studio.base.lazily import Lazily
from studio.base.patterns import pattern
from studio.engine.formats.xml_safe import SAFE
from studio.engine.formats.xml_scanning import Scanned, Scanning
from studio.engine.generate.layout import Row

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = Lazily("lxml.etree")

_STRETCH = 1 << 18
_HEAD = 1 << 16
_LONGEST = 1 << 24
_TRIES = 4
_START = pattern(
    rb"""(?:\xef\xbb\xbf)?(?:<\?xml(?P<declaration>[^>]*)\?>)?
    (?:\s | <!--(?:[^-]|-(?!-))*--> | <\?(?!xml)[^>]*\?>)*
    (?P<root><(?P<tag>[^\s<>/!?]+)(?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*>)""",
    re.VERBOSE,
)
_ENCODING = pattern(rb"""encoding\s*=\s*["']([^"']*)["']""")


def in_stretches(
    stream: BinaryIO,
    record: str,
    counted: Callable[[int], object],
    row: Row | None = None,
    blanks: bool = False,
) -> Iterator[etree._Element | Scanned | None]:
    """The children of the root called `record` (`{namespace}name`); None ends them where this way does not work.

    A stretch ends behind an end tag of that name. Put between the root's tags it is well-formed only if it ends where
    the root's content goes on, because a parser comes from the left and is then in the state it would be in anyhow;
    one that is not well-formed is read on. `counted` is told of the bytes read. With a `row` most come as Scanned;
    `blanks` keeps those between elements.
    """
    data = stream.read(_HEAD)
    counted(len(data))
    start = _START.match(data)
    if start is None or not _is_plain(start["declaration"] or b""):
        yield None
        return
    head, tail = start["root"], b"</" + start["tag"] + b">"
    mark = record.rpartition("}")[2].encode() + b">"
    parser = etree.XMLParser(remove_blank_text=not blanks, **SAFE)
    scanning = _scanning(row, record, head, tail, parser)
    data, tries = data[start.end() :], 0
    while more := stream.read(_STRETCH):
        counted(len(more))
        data += more
        end = _last_end(data, mark)
        if end and scanning is not None:
            rest = yield from scanning.records(data[:end])
            data, end, tries = rest + data[end:], len(rest), tries if rest else 0
        root = _parsed(head + data[:end] + tail, parser) if end else None
        if root is not None:
            if scanning is not None:
                scanning.learn(data[:end])
            yield from root.iterchildren(record)
            data, tries = data[end:], 0
            continue
        tries += end > 0
        if tries >= _TRIES or len(data) > _LONGEST:
            yield None
            return
    root = _parsed(head + data, parser)
    if root is None:
        yield None
    else:
        yield from root.iterchildren(record)


def _scanning(
    row: Row | None, record: str, head: bytes, tail: bytes, parser: etree.XMLParser
) -> Scanning | None:
    root = _parsed(head + tail, parser) if row is not None else None
    if row is None or root is None:
        return None
    return Scanning(row, record, root, lambda data: _parsed(head + data + tail, parser))


def _is_plain(declaration: bytes) -> bool:
    """What an XML declaration says of version and encoding is what holds without one."""
    encoding = _ENCODING.search(declaration)
    known = encoding is None or encoding[1].lower() == b"utf-8"
    return known and (not declaration or b"1.0" in declaration)


def _last_end(data: bytes, mark: bytes) -> int:
    """Where the last end tag ends whose name ends with `mark`; 0 without one."""
    at = data.rfind(mark)
    while at > 0:
        opened = data.rfind(b"<", 0, at)
        if data[opened : opened + 2] == b"</" and (opened + 2 == at or data[at - 1 : at] == b":"):
            return at + len(mark)
        at = data.rfind(mark, 0, max(opened, 0))
    return 0


def _parsed(data: bytes, parser: etree.XMLParser) -> etree._Element | None:
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None
