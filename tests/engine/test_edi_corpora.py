"""Real interchanges, by a sample of themselves and by the supplied definitions: what is read is written again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.schema.edi.match import best_definition
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.model import Schema
from studio.schema.read import read_schema
from tests.engine.edi_cases import spoken, straight
from tests.schema.edi_texts import EDIFACT, X12, text_of


@lru_cache(maxsize=1)
def maps(shared: Path) -> tuple[Schema, ...]:
    """The supplied definitions."""
    folders = (shared / X12 / "pyx12" / "map", shared / EDIFACT / "d21a" / "data" / "messages")
    found = [read_schema(file) for folder in folders for file in sorted(folder.glob("*.xml"))]
    return tuple(one for one in found if one.kind == "edi" and not one.files[0].endswith(".v2.xml"))


def whole_interchanges(shared: Path) -> list[Path]:
    """The files whose envelopes are complete, with the numbers they should have."""
    kept = []
    for folder in (X12 / "badx12" / "edi", X12 / "pyx12" / "examples", X12 / "pyx12" / "tests", EDIFACT):
        for file in sorted((shared / folder).rglob("*")):
            if (
                file.suffix in (".edi", ".txt")
                and file.name != "NOTICE.txt"
                and file.stat().st_size < 100_000
            ):
                kept.append(file)
    return kept


# Why a file does not come back: by itself or by its definition.
_BROKEN = {
    "order.edi": "UNZ is missing", "order2.edi": "UNZ is missing", "patient3.edi": "UNT is missing",
    "aperak.edi": "UNT counts", "aperak_rejected.edi": "UNT counts", "patient1.edi": "U+000A",
    "patient2.edi": "U+000D", "wikipedia_de.edi": "UNZ says the number",
}  # fmt: skip
_NOT_OF_ITS_DEFINITION = {
    "X279": "ST has no element 03", "invoice1.edi": "PAT is not in", "invoice_with": "PAT is not in",
}  # fmt: skip


def test_every_interchange_comes_back_by_a_sample_of_itself(shared: Path) -> None:
    same = 0
    for file in whole_interchanges(shared):
        if file.name in _BROKEN:
            with pytest.raises((BadInput, AssertionError), match=_BROKEN[file.name].replace("+", "[+]")):
                straight(read_schema(file), file.read_bytes())
            continue
        again = straight(read_schema(file), file.read_bytes())
        # A sample knows no loops: segments of one code come together. One without elements has nothing to map.
        given = sorted(str(one) for one in spoken(text_of(file)) if one != ("ODI", []))
        assert sorted(map(str, spoken(again))) == given, file.name
        same += 1
    assert same >= 40


def test_every_interchange_comes_back_by_its_definition(shared: Path, share: Callable[[int], int]) -> None:
    same = 0
    files = whole_interchanges(shared)
    for file in files[:: max(1, len(files) // share(len(files)))]:
        text = text_of(file)
        delimiters = find_delimiters(text)
        definition = best_definition(list(segments(text, delimiters)), delimiters.standard, maps(shared))
        if definition is None or file.name in _BROKEN:
            continue
        wrong = next(
            (why for name, why in _NOT_OF_ITS_DEFINITION.items() if file.name.startswith(name)), None
        )
        if wrong is not None:
            with pytest.raises(AssertionError, match=wrong):
                straight(definition, file.read_bytes())
            continue
        assert spoken(straight(definition, file.read_bytes())) == spoken(text), file.name
        same += 1
    assert same >= share(32) * 3 // 4
