"""Every record is accounted for, whatever goes wrong: written, set aside or left out; and what was set aside runs again."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.engine.run import Stats, transform
from studio.schema.model import Schema
from tests.engine.build import json_items, json_object, plan, rows, xml

LEAVES = {"k": "text", "v": "integer", "s": "integer", "t": "text", "g": "text"}
MADE = {"k": "text", "v?": "decimal", "w?": "text", "n?": "integer"}
SUFFIXES = {"xml": ".xml", "json": ".json", "lines": ".jsonl", "csv": ".csv"}
BROKEN = {"lines": "{oops", "csv": '1,"2"x'}


@dataclass(frozen=True)
class One:
    """A record of the input; `broken` is one that cannot be read, where the format has such."""

    v: str
    s: int
    g: str
    broken: bool = False

    @property
    def sound(self) -> bool:
        """Its number can be divided by."""
        return self.v not in ("0", "x", "")


@dataclass(frozen=True)
class Case:
    """Inputs of one or two loops, and what the map does with them."""

    source: str
    target: str
    lists: tuple[tuple[One, ...], ...]
    filtered: bool
    when: str
    option: str

    @property
    def alone(self) -> bool:
        """Each record is made of one node, whatever the others are."""
        return self.option == ""


ONES = st.builds(
    One,
    st.sampled_from(("1", "2", "3", "4", "0", "x", "")),
    st.sampled_from((0, 0, 0, 1)),
    st.sampled_from("ab"),
    st.sampled_from((False, False, False, False, True)),
)
CASES = st.builds(
    Case,
    st.sampled_from(tuple(SUFFIXES)),
    st.sampled_from(("xml", "lines", "csv")),
    st.lists(st.lists(ONES, max_size=9).map(tuple), min_size=1, max_size=2).map(tuple),
    st.booleans(),
    st.sampled_from(("", "[v] != 3", "10 / [v] > 3")),
    st.sampled_from(("", "", "", "first", "last", "sort", "group", "adjacent")),
)  # fmt: skip


def fitted(case: Case) -> Case:
    """The case with what its formats can have: broken records and several loops."""
    if case.source in BROKEN or case.target == "csv":
        case = replace(case, lists=case.lists[:1])
    if case.source not in BROKEN or case.option not in ("", "first"):
        case = replace(
            case, lists=tuple(tuple(replace(one, broken=False) for one in each) for each in case.lists)
        )
    if case.option in ("group", "adjacent", "sort"):
        case = replace(case, when="")  # a key that fails takes one member out of its group
    return replace(case, target="xml") if len(case.lists) > 1 else case


def document(case: Case) -> str:
    """The input."""
    found: list[list[dict[str, Any]]] = []
    for number, ones in enumerate(case.lists):
        found.append(
            [
                {} if one.broken else {"k": f"{number}.{place}", "v": one.v, "s": one.s, "t": "ok" if one.sound else "no", "g": one.g}
                for place, one in enumerate(ones)
            ]
        )  # fmt: skip
    if case.source == "xml":
        inside = "".join(
            f"<r{number}>"
            + "".join(f"<{key}>{value}</{key}>" for key, value in each.items())
            + f"</r{number}>\n"
            for number, ones in enumerate(found)
            for each in ones
        )
        return f"<top>\n{inside}</top>"
    if case.source == "json":
        return json.dumps({f"r{number}": ones for number, ones in enumerate(found)})
    if case.source == "lines":
        return "".join((json.dumps(each) if each else BROKEN["lines"]) + "\n" for each in found[0])
    return "k,v,s,t,g\n" + "".join(
        (",".join(map(str, each.values())) if each else BROKEN["csv"]) + "\n" for each in found[0]
    )


def schemas(case: Case) -> tuple[Schema, Schema]:
    """Those of source and target."""
    many = range(len(case.lists))
    sources: dict[str, Callable[[], Schema]] = {
        "xml": lambda: xml({"top": {f"r{number}*": LEAVES for number in many}}),
        "json": lambda: json_object({f"r{number}[]": LEAVES for number in many}),
        "lines": lambda: json_items(LEAVES, "lines"),
        "csv": lambda: rows(LEAVES),
    }
    targets: dict[str, Callable[[], Schema]] = {
        "xml": lambda: xml({"out": {f"o{number}*": MADE for number in many}}),
        "lines": lambda: json_items(MADE, "lines"),
        "csv": lambda: rows({name.rstrip("?"): base for name, base in MADE.items()}),
    }
    return sources[case.source](), targets[case.target]()


def rules(case: Case, mended: bool) -> dict[str, Any]:
    """The map; once mended it does not divide by what cannot be divided by, nor raise errors."""
    found: dict[str, Any] = {}
    for number in range(len(case.lists)):
        place = {"xml": f"top/r{number}", "json": f"/r{number}/item", "lines": "item", "csv": "row"}[
            case.source
        ]
        node = {"xml": f"out/o{number}", "lines": "item", "csv": "row"}[case.target]
        loop: dict[str, Any] = {"loop": place + ("[[s] == 0]" if case.filtered else "")}
        when = case.when
        if when and "/" in when and mended:
            when = f"if([t] == 'ok', {when}, true)"
        options: dict[str, dict[str, Any]] = {
            "first": {"first": 2}, "last": {"last": 2}, "sort": {"sort": ({"by": "[k]", "order": "desc"},)},
            "group": {"group": {"by": ["[g]"]}}, "adjacent": {"group": {"by": ["[g]"], "adjacent": True}},
        }  # fmt: skip
        found[node] = loop | ({"when": when} if when else {}) | options.get(case.option, {})
        found[f"{node}/k"] = "[k]"
        found[f"{node}/v"] = "if([t] == 'ok', 12 / [v], 0)" if mended else "12 / [v]"
        found[f"{node}/w"] = "'w'" if mended else "if([v] == 4, RaiseError('four'), 'w')"
        if case.option in ("group", "adjacent"):
            found[f"{node}/n"] = "Count([members()/k])"
    return found


def expected(case: Case) -> list[tuple[str, int]]:
    """Of every record in its order: `out`, `filtered`, `failed`, or `nulled` for one whose field fails; and of how many fields."""
    found = []
    for ones in case.lists:
        for one in ones:
            if one.broken:
                found.append(("failed", 0))
            elif case.filtered and one.s:
                continue
            elif "/" in case.when and not one.sound:
                found.append(("failed", 0))
            elif (case.when == "[v] != 3" and one.v == "3") or ("/" in case.when and one.v in ("4",)):
                found.append(("filtered", 0))
            else:
                fields = int(not one.sound) + int(one.v == "4")
                found.append(("nulled" if fields else "out", fields))
    return found


def go(
    case: Case, folder: Path, data: bytes, *, mended: bool, engine: str, **more: Any
) -> tuple[list[str], Stats, list[dict[str, str]], Path]:
    """The records written, the statistics, the list and the file of the failed records."""
    made = plan(rules(case, mended), *schemas(case))
    assert made.errors == (), made.errors
    source, out = folder / f"in{SUFFIXES[case.source]}", folder / "out"
    source.write_bytes(data)
    stats = transform(made, source, out, engine=engine, **more)
    assert stats.records_in == stats.records_out + stats.failed + stats.filtered
    text = out.read_text(encoding="utf-8")
    written = (
        re.findall(r"<o\d>.*?</o\d>|<o\d/>", text, re.DOTALL) if case.target == "xml" else text.splitlines()
    )
    written = written[1:] if case.target == "csv" else written
    assert len(written) == stats.records_out
    listed: list[dict[str, str]] = []
    if (folder / "out.failures.csv").exists():
        with (folder / "out.failures.csv").open(encoding="utf-8", newline="") as lines:
            listed = list(csv.DictReader(lines))
    assert sum(row["outcome"] == "set-aside" for row in listed) == stats.failed
    assert sum(row["outcome"] == "null-field" for row in listed) == stats.nulled
    return written, stats, listed, folder / f"out.failures.records{SUFFIXES[case.source]}"


def check(case: Case, engine: str) -> None:
    """One case under every policy."""
    data = document(case).encode()
    wanted = expected(case)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, stats, listed, records = go(case, folder, data, mended=False, engine=engine)
        if case.alone:
            failing = [
                number
                for number, (what, _fields) in enumerate(wanted, start=1)
                if what in ("failed", "nulled")
            ]
            assert [int(row["record"]) for row in listed] == failing
            assert stats.filtered == sum(what == "filtered" for what, _fields in wanted)
            assert stats.records_in == len(wanted)
        assert records.exists() == (stats.failed > 0)
        if case.option not in ("first", "last", "adjacent"):  # those look at other records
            again(case, folder, data, first, stats, records, engine)
        nulling(case, folder, data, wanted, engine)
        stopping(case, folder, data, listed, engine)


def again(
    case: Case, folder: Path, data: bytes, first: list[str], stats: Stats, records: Path, engine: str
) -> None:
    """The mended map over what was set aside gives what the first run lacks of the mended map's whole output."""
    rest: list[str] = []
    if stats.failed:
        given = records.read_bytes()
        rest, counted, _listed, _records = go(case, folder, given, mended=True, engine=engine)
        assert counted.records_in == stats.failed
    whole = go(case, folder, data, mended=True, engine=engine)[0]
    assert Counter(first) + Counter(rest) == Counter(whole)


def nulling(case: Case, folder: Path, data: bytes, wanted: list[tuple[str, int]], engine: str) -> None:
    """With null-field only what cannot be read or told is set aside."""
    _written, stats, _listed, _records = go(
        case, folder, data, mended=False, engine=engine, policy="null-field"
    )
    if case.alone:
        assert stats.failed == sum(what == "failed" for what, _fields in wanted)
        assert stats.nulled == sum(fields for _what, fields in wanted)


def stopping(case: Case, folder: Path, data: bytes, listed: list[dict[str, str]], engine: str) -> None:
    """With stop nothing is written where anything fails."""
    (folder / "out").write_bytes(b"old")
    if not listed:
        return
    with pytest.raises(BadInput, match=r"Record \d+ failed") as caught:
        go(case, folder, data, mended=False, engine=engine, policy="stop")
    if case.alone:
        assert f"Record {listed[0]['record']} failed" in str(caught.value)
    assert (folder / "out").read_bytes() == b"old"


@pytest.mark.parametrize("engine", ["auto", "interpret"])
def test_every_record_is_accounted_for(engine: str, share: Callable[[int], int]) -> None:
    """S40, S49, S50: in = out + set aside + filtered; the list has exactly the failed ones; they run again."""

    @settings(
        max_examples=share(3000), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(CASES)
    def each(case: Case) -> None:
        check(fitted(case), engine)

    each()


def test_a_case_of_every_kind() -> None:
    """The property looks at what it should: all outcomes, in every format."""
    ones = tuple(
        One(v, s, g)
        for v, s, g in (
            ("1", 0, "a"),
            ("0", 0, "b"),
            ("3", 0, "a"),
            ("x", 1, "a"),
            ("4", 0, "b"),
            ("2", 0, "a"),
        )
    )
    for source in SUFFIXES:
        case = Case(source, "lines", (ones,), filtered=True, when="[v] != 3", option="")
        assert expected(case) == [("out", 0), ("nulled", 1), ("filtered", 0), ("nulled", 1), ("out", 0)]
        check(case, "auto")
