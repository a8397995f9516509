"""How a target is written beyond what its schema says: `target: {schema: …, pretty: false, encoding: ISO-8859-1}`."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.engine.plan import Document, Target

_XML = ("pretty", "encoding")
_EDI = ("breaks", "una", "encoding", "segment", "element", "component", "repetition", "release", "decimal")
# What every encoding that formats of text are written in has in the same bytes.
_PLAIN = "<a b='+'>&#;\"*:"
_SWITCHES = ("pretty", "breaks", "una")


def with_options(document: Document, given: Mapping[str, Any]) -> Document:
    """The document with the options its format has; what cannot be meant is left out (see option_problems)."""
    known = _XML if document.format == "xml" else _EDI if document.format == "edi" else ()
    options = {name: _text(name, given[name]) for name in known if name in given}
    options = {name: text for name, text in options.items() if not _wrong(name, text, document)}
    if not options:
        return document
    if document.format == "edi":
        facts = {name: text for name, text in options.items() if name != "encoding"}
        return replace(document, options=options, facts={**document.facts, **facts})
    return replace(document, options=options)


def option_problems(document: Document, given: Mapping[str, Any], file: str) -> Iterator[Problem]:
    """What is wrong with the options of a target."""
    known = _XML if document.format == "xml" else _EDI if document.format == "edi" else ()
    for name in known:
        reason = _wrong(name, _text(name, given[name]), document) if name in given else ""
        if reason:
            yield Problem(Severity.ERROR, reason, file or None, mend=_("Correct the options of the target."))


def unwritable_names(document: Document, root: Target) -> Iterator[Problem]:
    """Names of elements and attributes that the target's encoding does not have, where no reference can stand."""
    encoding = document.options.get("encoding", "")
    if document.format != "xml" or not encoding:
        return
    for target in root.walk():
        try:
            f"{target.tag}{target.xsi_type or ''}".encode(encoding)
        except UnicodeEncodeError:
            yield Problem(
                Severity.ERROR,
                _("The name {name} cannot be written in {encoding}.").format(
                    name=target.tag, encoding=encoding
                ),
                path=target.path,
                mend=_("Choose UTF-8."),
            )


def _text(name: str, given: Any) -> str:
    text = str(given)
    return text.strip().lower() if name in _SWITCHES else text


def _wrong(name: str, text: str, document: Document) -> str:
    """Why an option cannot be taken; empty where it can."""
    if name in _SWITCHES:
        return "" if text in ("true", "false") else _("{name} is true or false.").format(name=name)
    if name == "encoding":
        return _wrong_encoding(text, document)
    if len(text) > 1 or text.isalnum() or (not text and name not in ("repetition", "release")):
        return _("{name} is one character that is no letter and no digit.").format(name=name)
    return ""


def _wrong_encoding(text: str, document: Document) -> str:
    try:
        name = codecs.lookup(text).name
        same = _PLAIN.encode(text) == _PLAIN.encode()
    except (LookupError, UnicodeError, ValueError):
        return _("There is no encoding called {name}.").format(name=text)
    wide = name.startswith(("utf-16", "utf-32")) and document.format == "xml"
    if not wide and (not same or name == "utf-8-sig"):
        return _("Documents of this format are not written in {name}.").format(name=text)
    return ""
