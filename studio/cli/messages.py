"""X12 and EDIFACT under `weft validate`: problems message by message, and the acknowledgement to send back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from studio.base.atomic import write_bytes
from studio.base.errors import BadInput, Problem
from studio.base.i18n import _
from studio.engine.formats import edi_ack
from studio.engine.formats.edi_layout import layout_of
from studio.engine.sources import open_input
from studio.schema.model import Schema
from studio.schema.read import read_schema
from studio.schema.recognise import recognise


def edi_schema(file: Path, kind: str | None) -> Schema | None:
    """The schema in a file where it is one of X12 or EDIFACT messages."""
    if not file.is_file() or (kind or recognise(file)) not in ("edi", "weft"):
        return None
    found = read_schema(file, kind=kind)
    return found if found.kind == "edi" else None


def check_messages(schema: Schema, instance: Path, ack: Path | None) -> list[Problem]:
    """What messages have against their definition; `ack` is the file for the acknowledgement.

    Raises BadInput where there is no interchange, or no envelope to acknowledge.
    """
    layout = layout_of(schema.roots[0])
    with open_input(instance) as stream:
        found = edi_ack.acknowledge(stream, str(instance), layout, schema.facts)
    if ack is not None:
        if not layout.opens:
            raise BadInput(
                _("Messages without an envelope cannot be acknowledged."),
                file=instance,
                next_step=_("Leave out --ack."),
            )
        write_bytes(ack, edi_ack.written(found, datetime.now(UTC)))
    return list(edi_ack.problems(found, str(instance)))
