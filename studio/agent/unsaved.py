"""A transformation as it stands in the window, on its way to the worker: maps of thousands of rules go within a few milliseconds."""

from __future__ import annotations

import json

import msgspec

from studio.mapping.model import Transformation

_DECODER = msgspec.json.Decoder(Transformation)


def transformation_to_text(transformation: Transformation) -> str:
    """The transformation as JSON text."""
    try:
        return msgspec.json.encode(transformation).decode()
    except UnicodeEncodeError:
        # Half a character was typed or pasted: msgspec does not write it.
        return json.dumps(msgspec.to_builtins(transformation))


def transformation_from_text(text: str) -> Transformation:
    """The transformation of `transformation_to_text`."""
    try:
        return _DECODER.decode(text)
    except msgspec.DecodeError:
        return msgspec.convert(json.loads(text), Transformation)
