"""What makes text of the values of a target's leaves, whatever its format."""

from __future__ import annotations

from collections.abc import Callable

from studio.engine.formats.edi_forms import edi_writer
from studio.engine.lexical import Writer, json_writer, plain_writer
from studio.engine.nested import FORMATS
from studio.engine.plan import Document, Target


def leaf_writers(document: Document) -> Callable[[Target], Writer]:
    """The writer of each leaf of a target document, from its node."""
    if document.format in FORMATS:
        encoder = FORMATS[document.format].encoder(document)
        return lambda target: (
            plain_writer(target.value, document.declared)
            if target.form is None or target.form.is_record
            else encoder.leaf(target)
        )
    if document.format == "edi":
        mark = document.facts.get("decimal") or "."
        return lambda target: edi_writer(target.value, document.declared, mark)
    make = json_writer if document.format in ("json", "lines") else plain_writer
    return lambda target: make(target.value, document.declared and not target.loose)
