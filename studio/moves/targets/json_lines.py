"""An answer as JSON lines: numbers as digits, yes and no as true and false, nothing as null."""

from __future__ import annotations

import json
import re
from pathlib import Path

from studio.base import atomic
from studio.moves.places import Place
from studio.moves.sources.cells import plain_number
from studio.moves.targets.kinds import Answer, Column, Sort

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")


def write(answer: Answer, place: Place, table: str) -> None:
    """Write one object a row."""
    del table
    assert isinstance(place, Path)
    names = [json.dumps(column.name, ensure_ascii=False) for column in answer.columns]
    with atomic.writing(place) as file:
        for row in answer.rows():
            members = (
                f"{name}: {_value(column, text)}"
                for name, column, text in zip(names, answer.columns, row, strict=True)
            )
            file.write(("{" + ", ".join(members) + "}\n").encode("utf-8"))


def _value(column: Column, text: str) -> str:
    if not text:
        return "null"
    if column.sort is Sort.BOOLEAN and text in ("true", "false"):
        return text
    if column.sort in (Sort.WHOLE, Sort.NUMBER) and _NUMBER.fullmatch(plain := plain_number(text)):
        return plain
    return json.dumps(text, ensure_ascii=False)
