"""A schema file in JSON or YAML as plain values that know their lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.schema.json_schema.yaml_text import parse_yaml
from studio.schema.json_text import parse_json, whole_text

# Strings hold no line breaks in JSON, so what is left when all but these is gone still has every line.
_NOT_STRUCTURE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^{\n"]+')


class Document:
    """One file: its value, and where each object in it starts."""

    def __init__(self, path: Path | None, value: Any, text: str, lines: dict[int, int] | None = None) -> None:
        self.path = path
        self.value = value
        self.text = text
        self._lines = lines

    @property
    def file(self) -> str | None:
        """The path as text; None for a schema that comes with the program."""
        return str(self.path) if self.path is not None else None

    @property
    def located(self) -> bool:
        """The lines are known already."""
        return self._lines is not None

    def line(self, value: object) -> int | None:
        """The line an object of this document starts on; None for what is no object of it."""
        if self._lines is None:
            self._lines = _json_lines(self.text, self.value)
        return self._lines.get(id(value))


def read_document(path: Path, encoding: str | None = None) -> Document:
    """The file as JSON where it starts with a brace or bracket, else as YAML; raises BadInput with the place."""
    text = whole_text(path, encoding=encoding)
    start = text.lstrip(" \t\r\n")[:1]
    if not start.strip("\0"):
        raise BadInput(_("The file is empty."), file=path, next_step=_("Give a schema with content."))
    if start in ("{", "["):
        return Document(path, parse_json(text, path), text)
    value, lines = parse_yaml(text, path)
    return Document(path, value, text, lines)


def _json_lines(text: str, value: Any) -> dict[int, int]:
    """Objects open in the text in the order in which a walk over the value meets them."""
    starts: list[int] = []
    for number, line in enumerate(_NOT_STRUCTURE.sub("", text).split("\n"), 1):
        starts += [number] * len(line)
    objects: list[int] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            objects.append(id(here))
            waiting.extend(reversed(here.values()))
        elif isinstance(here, list):
            waiting.extend(reversed(here))
    # A name given twice in one object hides what stood there first: then the two do not match.
    return dict(zip(objects, starts, strict=True)) if len(objects) == len(starts) else {}
