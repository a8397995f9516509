"""Where an XML document stops being one: told before anything else, as a document that was cut off has no end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from studio.base.errors import Problem
from studio.schema.validate.report import as_problem
from studio.schema.xml_source import not_xml, parser_options
from studio.schema.xml_words import ends_within

_PIECE = 65536
# A tag or a reference that the end of the text leaves open; what is longer is no tag.
_TAIL = 8192
_OPEN = re.compile(rb"(?:<[^>]*|&[^;<>\s]*)\Z")
# The end of a document inside a comment or a CDATA section has words of its own.
_UNFINISHED = (45, 63)


def first_break(file: BinaryIO, path: Path) -> Problem | None:
    """What makes a document no well-formed XML, None for one that is; leaves the file at its start."""
    try:
        return _broken(file, path)
    finally:
        file.seek(0)


def _broken(file: BinaryIO, path: Path) -> Problem | None:
    target: Any = _Nothing()
    parser: Any = etree.XMLParser(target=target, **parser_options())
    try:
        for piece in pieces(file):
            parser.feed(piece)
        parser.close()
    except etree.XMLSyntaxError as error:
        problem = as_problem(not_xml(error, path))
        if getattr(error, "code", 0) in _UNFINISHED or not _cut_there(file, error):
            return problem
        return as_problem(not_xml(_at_the_end(file, error), path))
    return None


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a document, long ones in parts, so that a parser can be asked where it is."""
    while piece := file.readline(_PIECE):
        yield piece


def _cut_there(file: BinaryIO, error: etree.XMLSyntaxError) -> bool:
    """The text ends inside a tag or a reference, and on the line the parser speaks of."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    if _OPEN.search(file.read()) is None:
        return False
    file.seek(0)
    lines = 1
    while block := file.read(_PIECE):
        lines += block.count(b"\n")
    return bool(error.position[0] == lines)


def _at_the_end(file: BinaryIO, error: etree.XMLSyntaxError) -> etree.XMLSyntaxError:
    """The error as the parser words it where a document ends between two tags."""
    file.seek(0)
    open_tags = _OpenTags()
    target: Any = open_tags
    parser: Any = etree.XMLParser(target=target, **parser_options())
    # The parser is never told that this is all, so it keeps the unfinished tag to itself.
    for piece in pieces(file):
        parser.feed(piece)
        open_tags.line += piece.endswith(b"\n")
    line, column = error.position
    code, message = ends_within(open_tags.stack[-1] if open_tags.stack else None)
    made: Any = etree.XMLSyntaxError
    plain: etree.XMLSyntaxError = made(message, code, line, column)
    return plain


class _Nothing:
    """Takes nothing: the parser keeps no tree and calls nobody."""

    def close(self) -> None:
        """The end of the document."""


class _OpenTags(_Nothing):
    """The elements that are open, each with the line it starts on."""

    def __init__(self) -> None:
        self.line = 1
        self.stack: list[tuple[str, int]] = []

    def start(self, tag: Any, _attributes: Any) -> None:
        """A start tag."""
        self.stack.append((str(tag).rpartition("}")[2], self.line))

    def end(self, _tag: Any) -> None:
        """An end tag."""
        self.stack.pop()
