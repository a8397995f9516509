"""An XML document checked by libxml2 while it is read, so that its size does not matter; each problem has its path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from lxml import etree

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.path import Step
from studio.schema.validate.report import as_problem
from studio.schema.validate.well_formed import first_break, pieces
from studio.schema.validate.xml_problem_words import in_plain_words
from studio.schema.xml_source import not_xml, parser_options

_HEAD = 65536
# What the library adds where a value it has just complained of is part of a key.
_ECHO = "Warning: No precomputed value available"
_WRAPPED = re.compile(r"line \d+: b['\"](.*)['\"]", re.DOTALL)


def stream(schema: etree.XMLSchema, path: Path, record: tuple[Step, ...]) -> Iterator[Problem]:
    """What a document has against a schema, in the order of the document. `record` leads to what is counted.

    That it is not well-formed comes first, wherever that shows: then the rest is not the whole of it.
    """
    with path.open("rb") as file:
        refuse_entities(file, path)
        broken = first_break(file, path)
        if broken is not None:
            yield broken
        watcher = Watcher(tuple(step.name for step in record))
        target: Any = watcher
        parser: Any = etree.XMLParser(target=target, schema=schema, **parser_options())
        watcher.log = lambda: parser.feed_error_log
        yield from _feed(parser, watcher, file, path, told=broken is not None)


def refuse_entities(file: BinaryIO, path: Path) -> None:
    """Raise BadInput where the document defines entities; leaves the file at its start."""
    head = file.read(_HEAD)
    file.seek(0)
    if b"<!ENTITY" in head:
        raise BadInput(
            _("The XML defines entities (<!ENTITY …>), which are not read."),
            file=path,
            line=head.count(b"\n", 0, head.find(b"<!ENTITY")) + 1,
            next_step=_("Save the document with the entities' text put in."),
        )


def _feed(parser: Any, watcher: Watcher, file: BinaryIO, path: Path, *, told: bool) -> Iterator[Problem]:
    try:
        for piece in pieces(file):
            parser.feed(piece)
            yield from watcher.taken(path)
            watcher.line += piece.endswith(b"\n")
        parser.close()
    except etree.XMLSyntaxError as error:
        if told:
            # What stands behind the break, or is left of a tag by it, says nothing of the document.
            yield from watcher.taken(path)
            return
        watcher.look()
        yield from watcher.taken(path)
        if not watcher.found or not _only_invalid(error):
            yield as_problem(not_xml(_unquoted(error), path))
        return
    watcher.look()
    yield from watcher.taken(path)


def _only_invalid(error: etree.XMLSyntaxError) -> bool:
    """The document is well-formed: the parser only says again that it does not fit the schema."""
    log: Any = error.error_log
    return bool(log) and all(entry.domain_name.startswith("SCHEMAS") for entry in log)


def _unquoted(error: etree.XMLSyntaxError) -> etree.XMLSyntaxError:
    """The error with the parser's words alone: without a tree, the library wraps them in its own."""
    wrapped = _WRAPPED.fullmatch(error.msg or "")
    if wrapped is None:
        return error
    given: Any = error
    line, column = given.position
    made: Any = etree.XMLSyntaxError
    plain: etree.XMLSyntaxError = made(wrapped[1], given.code, line, column)
    return plain


class _Said(NamedTuple):
    """What the library said, and where the document was."""

    message: str
    line: int
    path: str
    record: int | None


class Watcher:
    """Follows the parser through the document and notes where it is when the library finds something.

    What the library says comes after the call for the tag that made it say so, hence before the next call.
    """

    def __init__(self, record: tuple[str, ...]) -> None:
        self.log: Any = list
        self.line = 1
        self.found = 0
        self._record = record
        self._number = 0
        self._inside = False
        self._stack: list[tuple[str, int]] = []
        self._counts: list[dict[str, int]] = [{}]
        self._ended: tuple[str, int] | None = None
        self._ended_record = False
        self._waiting: list[_Said] = []
        self._seen = 0
        self._said_on = 1

    def start(self, tag: Any, _attributes: Any) -> None:
        """A start tag."""
        self.look()
        self._said_on = self.line
        counts = self._counts[-1]
        number = counts.get(tag, 0) + 1
        counts[tag] = number
        self._stack.append((tag, number))
        self._counts.append({})
        self._ended = None
        self._ended_record = False
        if len(self._stack) == len(self._record) and self._is_record():
            self._number += 1
            self._inside = True

    def end(self, _tag: Any) -> None:
        """An end tag."""
        self.look()
        self._said_on = self.line
        self._ended = self._stack.pop()
        self._counts.pop()
        self._ended_record = False
        if self._inside and len(self._stack) == len(self._record) - 1:
            self._inside = False
            self._ended_record = True

    def close(self) -> None:
        """The end of the document."""

    def look(self) -> None:
        """Note what the library has said since the last tag."""
        log = self.log()
        if len(log) == self._seen:
            return
        record = self._number if self._inside or self._ended_record else None
        for entry in list(log)[self._seen :]:
            if entry.domain_name.startswith("SCHEMAS") and _ECHO not in entry.message:
                self._waiting.append(_Said(entry.message, self._said_on, self._path(), record))
        self._seen = len(log)

    def taken(self, file: Path) -> Iterator[Problem]:
        """The problems noted since they were last taken."""
        waiting, self._waiting = self._waiting, []
        for said in waiting:
            self.found += 1
            message, path, mend = in_plain_words(said.message, said.path)
            yield Problem(
                Severity.ERROR, message, str(file), said.line, path=path, mend=mend, record=said.record
            )

    def _is_record(self) -> bool:
        return all(
            _local(tag) == name for (tag, _number), name in zip(self._stack, self._record, strict=True)
        )

    def _path(self) -> str:
        steps = [*self._stack, self._ended] if self._ended is not None else self._stack
        return "/".join(str(Step(_local(tag), index=number if number > 1 else None)) for tag, number in steps)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
