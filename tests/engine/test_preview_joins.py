"""The preview shows the rows that joins have found, in the tree of the document they are in."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from studio.engine.plan import Plan
from studio.engine.preview import Previews
from studio.mapping.evidence import Evidence, Seen
from tests.engine import build
from tests.engine.test_joins import CSV, DATA, ORDERS, OUT, PEOPLE, PERSONS, line_map


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("s.xml", DATA), ("prices.csv", CSV), ("people.xml", PERSONS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def looked_at(
    made: Plan, files: Path, record: int, name: str, turns: dict[str, int] | None = None
) -> Evidence:
    """The evidence of a record with one further document."""
    with contextlib.closing(Previews()) as previews:
        further = {name.partition(".")[0]: files / name}
        return previews.evidence(made, files / "s.xml", record, None, further, turns=turns)


def test_rows_of_the_turn_that_is_looked_at(files: Path) -> None:
    def seen(record: int, turn: int) -> Evidence:
        return looked_at(line_map("left"), files, record, "prices.csv", {"out/o/l": turn})

    def row(record: int, turn: int) -> dict[str, str]:
        source = seen(record, turn).source
        return {path: value.text for path, value in source.items() if path.startswith("prices::")}

    assert row(1, 1) == {
        "prices::row": "", "prices::row/sku": "a", "prices::row/price": "1.50", "prices::row/from": "x",
    }  # fmt: skip
    # Two rows go with the second line: it has two turns.
    assert (row(1, 2)["prices::row/price"], row(1, 3)["prices::row/price"]) == ("2", "3")
    assert row(1, 4) == {}
    assert row(2, 1) == {}
    assert row(3, 2) == {
        "prices::row": "", "prices::row/sku": "b", "prices::row/price": "3", "prices::row/from": "y",
    }  # fmt: skip
    assert seen(1, 2).source["orders/order/line/sku"].text == "b"


def test_rows_of_the_record(files: Path) -> None:
    join = {"p": {"loop": "people::people/person", "match": {"@no": "[who]"}, "kind": "left"}}
    rules = {
        "out/o": {"loop": "orders/order", "join": join},
        "out/o/@id": "[@id]",
        "out/o/n": "[p::name] + [p::home/city]",
    }
    made = build.plan(rules, ORDERS, OUT, sources={"people": PEOPLE})
    source = looked_at(made, files, 1, "people.xml").source
    assert {path: seen for path, seen in source.items() if path.startswith("people::")} == {
        "people::people/person": Seen("", 1),
        "people::people/person/@no": Seen("7", 1),
        "people::people/person/name": Seen("Ann", 1),
        "people::people/person/home": Seen("", 1),
        "people::people/person/home/city": Seen("Ulm", 1),
    }
