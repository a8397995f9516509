"""XML parsers that open nothing, expand nothing and stop at a limit; and what stands before the first element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.schema.xml_words import in_plain_words

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = Lazily("lxml.etree")

# Without collect_ids=False: with it the library loads external DTDs whatever the other options say.
SAFE: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
PROLOG_LIMIT = 1 << 20
CHUNK = 1 << 16
# The parser's numbers for an address that is none, an empty or reserved one, a prefix without a namespace, a name with
# nothing on one side of its colon, an attribute that is there twice by another prefix, and a colon where none may be.
_NAMESPACES = frozenset({99, 200, 201, 202, 203, 205})


@dataclass(frozen=True)
class Prolog:
    """What is known once the root's start tag is read: its name (`{namespace}name`).

    `outside` says that a document type outside the file may define entities: they are never read, so a reference to
    one is an error. `wide` says that a character takes more than one byte even for `<`.
    """

    root: str
    outside: bool = False
    wide: bool = False


def read_prolog(stream: BinaryIO, name: str) -> Prolog:
    """Read up to the root's start tag, then go back to where the stream was.

    Raises BadInput when there is no XML there, or when a document type defines entities.
    """
    start = stream.tell()
    parser = etree.XMLPullParser(events=("start",), **SAFE)
    taken = 0
    try:
        while True:
            data = stream.read(4096 if taken < CHUNK else CHUNK)
            if not data:
                parser.close()  # an empty or unfinished document: raises
            taken += len(data)
            parser.feed(data)
            events: Any = parser.read_events()
            root = next((element for _event, element in events), None)
            if root is not None:
                break
            if taken > PROLOG_LIMIT:
                raise TooLarge(
                    _("No element begins within the first megabyte."),
                    file=name,
                    next_step=_("Check that this is an XML document."),
                )
    except etree.XMLSyntaxError as error:
        raise xml_error(error, name, parser) from error
    finally:
        stream.seek(start)
    info: Any = root.getroottree().docinfo
    _refuse_entities(info.internalDTD, name)
    wide = (
        (info.encoding or "").upper().startswith(("UTF-16", "UTF16", "UCS", "UTF-32", "UTF32", "ISO-10646"))
    )
    return Prolog(str(root.tag), info.system_url is not None, wide)


def _refuse_entities(dtd: Any, name: str) -> None:
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        raise BadInput(
            _(
                "The document defines entities of its own, which are refused: they can blow up or read other files."
            ),
            file=name,
            line=1,
            next_step=_("Remove the DOCTYPE, or have the sender write the text out."),
        )


def refuse_reference(element: etree._Element, name: str) -> None:
    """Raise BadInput when something inside refers to an entity that only a DTD elsewhere could define."""
    kind: Any = etree.Entity
    found = next(element.iter(kind), None)
    if found is not None:
        raise BadInput(
            _("The entity {reference} is defined in a DTD outside the document, which is not read.").format(
                reference=found.text
            ),
            file=name,
            line=line_of(element),
            next_step=_("Have the sender write the character itself."),
        )


def line_of(element: Any) -> int | None:
    """Where an element begins."""
    line: int | None = element.sourceline
    return line


def xml_error(
    error: etree.XMLSyntaxError | None, name: str, parser: etree.XMLParser | None = None
) -> BadInput:
    """What a parser met, with its place: from its log, else from the error it raised."""
    log = parser.feed_error_log if parser is not None else []
    first = next((entry for entry in log if entry.level_name == "FATAL"), None)
    if first is None and error is None:
        first = next((entry for entry in log if entry.type in _NAMESPACES), None)
    place: tuple[Any, Any] = error.position if error is not None else (None, None)
    line, column = (first.line, first.column) if first is not None else place
    raised = (error.msg or "") if error is not None else ""
    reason = first.message if first is not None else raised.split(", line ")[0]
    code = first.type if first is not None else getattr(error, "code", 0)
    step = _("Mend the document there, or ask its sender for a whole one.")
    if not line:
        reason = _("the document is empty or ends too early")
    else:
        reason, step = in_plain_words(code, reason) or (reason, step)
    return BadInput(
        _("The XML is broken: {reason}.").format(reason=reason.strip().rstrip(".")),
        file=name,
        line=line or None,
        column=column or None,
        next_step=step,
    )


def check_namespaces(parser: etree.XMLParser, name: str) -> None:
    """Raise BadInput for prefixes without a namespace, which a parser with a target goes on after."""
    if any(entry.type in _NAMESPACES for entry in parser.feed_error_log):
        raise xml_error(None, name, parser)


def check_root(prolog: Prolog, wanted: str, name: str) -> None:
    """Raise BadInput when the document's root is not the one the transformation reads."""
    if prolog.root != wanted:
        raise BadInput(
            _("The document's root is {found}, but the transformation reads {wanted}.").format(
                found=prolog.root, wanted=wanted
            ),
            file=name,
            next_step=_("Give a document whose root is {wanted}, or make a map for {found}.").format(
                found=prolog.root, wanted=wanted
            ),
        )
