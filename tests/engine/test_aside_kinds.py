"""Records set aside of every format that is not plain text of its own: their document runs again, and nothing is lost."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pytest
import python_calamine
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.engine.address import Address
from studio.engine.plan import Plan
from studio.engine.run import Stats, transform
from studio.schema.model import Schema
from studio.schema.own import read_own
from studio.schema.read import read_schema
from tests.engine.build import json_items, plan
from tests.engine.edi_cases import INVOICE, ORDER_850, ORDERS_850
from tests.engine.edi_cases import schema as edi_schema

TARGET = json_items({"k": "text", "v?": "decimal", "h?": "text"}, "lines")


@dataclass(frozen=True)
class One:
    """A record: its number, what 12 is divided by, how many lines it has; `broken` cannot be read."""

    v: str
    lines: int
    broken: bool

    @property
    def sound(self) -> str:
        """Whether its number can be divided by, as the mended map asks for it."""
        return "ok" if self.v not in ("0", "x") else "no"


Ones = tuple[One, ...]


@dataclass(frozen=True, eq=False)
class Kind:
    """A format: its schema, where its records are, the paths of key, number and mark in one, and what makes an input."""

    schema: Schema
    loop: str
    paths: tuple[str, str, str]
    made: Callable[[Ones], bytes]
    suffix: str
    head: str = ""

    @cache  # noqa: B019  # there are few
    def plan(self, *, mended: bool) -> Plan:
        """The plan of the map."""
        made = plan(self.rules(mended=mended), self.schema, TARGET)
        assert made.errors == (), made.errors
        return made

    def rules(self, *, mended: bool) -> dict[str, Any]:
        """The map; once mended it does not divide by what cannot be divided by."""
        key, value, mark = self.paths
        rules: dict[str, Any] = {
            "item": {"loop": self.loop},
            "item/k": f"[{key}]",
            "item/v": f"12 / Double([{value}])",
        }
        if mended:
            rules["item/v"] = f"if([{mark}] == 'ok', 12 / Double([{value}]), 0)"
        return rules | ({"item/h": f"[{self.head}]"} if self.head else {})


def own(folder: Path, text: str) -> Schema:
    """The schema of a description."""
    (folder / "own.yaml").write_text("weft: schema/1\n" + text)
    return read_own(folder / "own.yaml")


def fixed(folder: Path, *, unbroken: bool) -> Kind:
    """Fixed-width records, a line each or in one long line; a number with a letter cannot be read."""
    more = "newline: none\nlength: 8\n" if unbroken else "encoding: latin-1\n"
    schema = own(
        folder,
        f"kind: fixed\n{more}records:\n  row:\n    fields:\n      k: {{width: 3}}\n      v: {{type: integer, width: 3, align: right}}\n"
        "      t: {width: 2}\n",
    )
    ending = "" if unbroken else "\r\n"

    def made(ones: Ones) -> bytes:
        lines = (
            f"é{at:02}{'q' if one.broken else one.v:>3}{one.sound}{ending}" for at, one in enumerate(ones)
        )
        return "".join(lines).encode("utf-8" if unbroken else "latin-1")

    return Kind(schema, "row", ("k", "v", "t"), made, ".txt")


def kinds(folder: Path, *, fixed: bool) -> Kind:
    """Records of several kinds: orders with lines between a header and a trailer; one with a record of no kind is broken."""
    widths = {True: "{width: 1}", False: "text"}[fixed]
    field = "{width: 4}" if fixed else "text"
    schema = own(
        folder,
        f"kind: {'fixed' if fixed else 'delimited'}\n"
        + ("" if fixed else 'delimiter: ";"\n')
        + f"records:\n  header: {{occurs: 1, tell: H, fields: {{kind: {widths}, day: {field}}}}}\n"
        f"  order:\n    tell: O\n    fields: {{kind: {widths}, k: {field}, v: {field}, t: {field}}}\n"
        f"    records:\n      line: {{tell: L, fields: {{kind: {widths}, sku: {field}}}}}\n"
        f"  trailer: {{occurs: 1, tell: last, fields: {{kind: {widths}, count: {field}}}}}\n",
    )

    def line(*cells: str) -> str:
        return ("".join(each.ljust(4) for each in cells)[3:] if fixed else ";".join(cells)) + "\n"

    def one_line(code: str, *cells: str) -> str:
        return code + "".join(each.ljust(4) for each in cells) + "\n" if fixed else line(code, *cells)

    def made(ones: Ones) -> bytes:
        text = one_line("H", "2026")
        for at, one in enumerate(ones):
            text += one_line("O", f"k{at}", one.v, one.sound)
            text += "".join(one_line("L", f"s{n}") for n in range(one.lines))
            text += one_line("X", "?") if one.broken else ""
        return (text + one_line("T", str(len(ones)))).encode()

    return Kind(schema, "/order", ("k", "v", "t"), made, ".txt", head="/header/day")


def copybook(folder: Path, *, varies: bool) -> Kind:
    """Mainframe records, of one length or with a table whose size depends on a count."""
    text = "       01  ROW.\n           05  K   PIC X(3).\n           05  V   PIC X(1).\n           05  T   PIC X(2).\n"
    if varies:
        text += (
            "           05  N   PIC 9(2) COMP.\n           05  LINES OCCURS 0 TO 3 DEPENDING ON N.\n"
            "               10  SKU   PIC X(2).\n"
        )
    else:
        text += "           05  A   PIC S9(3) COMP-3.\n"
    (folder / "own.cob").write_text(text)
    schema = read_schema(folder / "own.cob")

    def made(ones: Ones) -> bytes:
        found = []
        for at, one in enumerate(ones):
            record = f"k{at:02}{one.v}{one.sound}".encode("cp037")
            if varies:
                lines = "".join(f"s{n}" for n in range(one.lines))
                record += one.lines.to_bytes(2, "big") + lines.encode("cp037")
            else:
                record += b"\xab\xcd" if one.broken else b"\x01\x2c"
            found.append(record)
        if varies and (len(ones) % 2 or not sum(map(len, found)) % 14):
            # With descriptors: without them such a size would mean that all have their full length.
            found = [len(record).to_bytes(2, "big") + b"\0\0" + record for record in found]
        return b"".join(found)

    return Kind(schema, "ROW", ("K", "V", "T"), made, ".dat", head="" if varies else "A")


def x12(folder: Path, loop: str) -> Kind:
    """Transactions in two groups, or what is around or in them; one without its required element is broken."""
    schema = edi_schema(folder, ORDER_850)
    way = {
        "interchange/group/transaction": ("BEG/BEG04", "BEG/BEG02", "BEG/BEG01"),
        "interchange/group/transaction/PO1": ("PO1/PO105", "PO1/PO103", "PO1/PO101"),
        "interchange/group": ("GS/GS06", "transaction[1]/BEG/BEG02", "transaction[1]/BEG/BEG01"),
    }

    def transaction(at: int, one: One) -> str:
        segments = [f"BEG*{one.sound}*{one.v}*{'' if one.broken else at}*k{at}"]
        mine = [(one.v, one.sound), ("3", "ok")] if at % 2 else [(one.v, one.sound)]
        for place, (value, mark) in enumerate(mine):
            segments += [f"PO1*{mark}*1*{value}**k{at}.{place}", *["PID*F****x"] * one.lines]
        return (
            f"ST*850*{at:04}~\n"
            + "".join(f"{each}~\n" for each in segments)
            + f"SE*{len(segments) + 2}*{at:04}~\n"
        )

    def made(ones: Ones) -> bytes:
        groups = [ones[::2], ones[1::2]] if loop != "interchange/group" else [(one,) for one in ones]
        text = ORDERS_850[0] + "\n"
        for number, mine in enumerate(groups):
            text += f"GS*PO*A*B*20260301*1207*{number}*X*004010~\n"
            text += "".join(transaction(number + 2 * at, one) for at, one in enumerate(mine))
            text += f"GE*{len(mine)}*{number}~\n"
        return f"{text}IEA*{len(groups)}*000000042~\n".encode()

    return Kind(schema, loop, way[loop], made, ".edi")


def edifact(folder: Path) -> Kind:
    """Messages with delimiters of their own, without groups."""
    schema = edi_schema(folder, INVOICE)

    def made(ones: Ones) -> bytes:
        text = "UNA:*.? ~UNB*UNOC:3*A*B*260301:1207*42~"
        for at, one in enumerate(ones):
            segments = [
                f"BGM*{one.sound}*ü?~{at}{'' if one.broken else '*' + one.v}",
                "DTM*137",
                "LIN*1",
                "UNS*S",
            ]
            if one.broken:
                del segments[1]
            text += (
                f"UNH*{at}*INVOIC:D:96A:UN~"
                + "".join(f"{each}~" for each in segments)
                + f"UNT*{len(segments) + 2}*{at}~"
            )
        return f"{text}UNZ*{len(ones)}*42~".encode("latin-1")

    return Kind(schema, "interchange/message", ("BGM/BGM02", "BGM/BGM03", "BGM/BGM01/BGM01-01"), made, ".edi")


def excel(folder: Path) -> Kind:
    """Rows of a sheet; one with an error in a cell in use is broken."""

    def made(ones: Ones) -> bytes:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            sheet = book.add_worksheet("Data")
            sheet.write_row(0, 0, ["k", "v", "t", "day"])
            for at, one in enumerate(ones, start=1):
                sheet.write_row(
                    at, 0, [f"k{at}", int(one.v) if one.v.isdigit() else one.v, one.sound, at / 8]
                )
                if one.broken:
                    sheet.write_formula(at, 1, "=1/0", None, "#DIV/0!")
        return out.getvalue()

    (folder / "own.xlsx").write_bytes(made((One("1", 0, False), One("x", 0, False))))
    schema = read_schema(folder / "own.xlsx")
    return Kind(schema, schema.roots[0].name, ("k", "v", "t"), made, ".xlsx", head="day")


def avro(folder: Path, *, deep: bool) -> Kind:
    """Avro records, or the entries of an array in them."""
    line = {"type": "record", "name": "Line", "fields": [{"name": name, "type": "string"} for name in "kvt"]}
    fields: list[Any] = [*line["fields"], {"name": "lines", "type": {"type": "array", "items": line}}]
    schema = {"type": "record", "name": "row", "fields": fields}
    (folder / "own.avsc").write_text(json.dumps(schema))

    def made(ones: Ones) -> bytes:
        out = io.BytesIO()
        records = []
        for at, one in enumerate(ones):
            mine = {"k": f"k{at}", "v": one.v, "t": one.sound}
            inside = [
                {**mine, "k": f"k{at}.{n}", **({"v": "3", "t": "ok"} if n == 1 else {})}
                for n in range(one.lines)
            ]
            records.append({**mine, "lines": inside})
        fastavro.writer(out, schema, records)
        return out.getvalue()

    return Kind(
        read_schema(folder / "own.avsc"), "row/lines/item" if deep else "row", ("k", "v", "t"), made, ".avro"
    )


def parquet(folder: Path) -> Kind:
    """Rows of a Parquet file with a list of structures, a decimal and a date."""
    file = folder / "made.parquet"

    def made(ones: Ones) -> bytes:
        rows = ", ".join(
            f"('k{at}', '{one.v}', '{one.sound}', {at}.25::decimal(8,2), date '2026-01-0{one.lines + 1}', [{{a: {at}, b: 'z'}}])"
            for at, one in enumerate(ones)
        )
        none = "" if ones else " limit 0"
        rows = rows or "('', '', '', 1::decimal(8,2), date '2026-01-01', [{a: 1, b: 'z'}])"
        duckdb.sql(
            f"copy (select * from (values {rows}) t(k, v, t, d, day, l){none}) to '{file}' (format parquet)"
        )
        return file.read_bytes()

    made((One("1", 0, False),))
    return Kind(read_schema(file), "row", ("k", "v", "t"), made, ".parquet", head="d")


def database(folder: Path) -> Kind:
    """Rows of a table of SQLite."""

    def made(ones: Ones) -> bytes:
        file = folder / "made.db"
        file.unlink(missing_ok=True)
        with sqlite3.connect(file) as connection:
            connection.execute(
                "create table orders (k text primary key, v text, t text, day timestamp, raw blob)"
            )
            rows = [
                (f"k{at}", one.v, one.sound, f"2026-01-01 10:00:0{at}", b"\x01")
                for at, one in enumerate(ones)
            ]
            connection.executemany("insert into orders values (?, ?, ?, ?, ?)", rows)
        connection.close()
        return file.read_bytes()

    made(())
    return Kind(read_schema(folder / "made.db"), "orders", ("k", "v", "t"), made, ".csv", head="day")


KINDS: dict[str, Callable[[Path], Kind]] = {
    "fixed": lambda folder: fixed(folder, unbroken=False),
    "fixed-unbroken": lambda folder: fixed(folder, unbroken=True),
    "fixed-kinds": lambda folder: kinds(folder, fixed=True),
    "delimited-kinds": lambda folder: kinds(folder, fixed=False),
    "copybook": lambda folder: copybook(folder, varies=False),
    "copybook-varies": lambda folder: copybook(folder, varies=True),
    "x12": lambda folder: x12(folder, "interchange/group/transaction"),
    "x12-lines": lambda folder: x12(folder, "interchange/group/transaction/PO1"),
    "x12-groups": lambda folder: x12(folder, "interchange/group"),
    "edifact": edifact,
    "excel": excel,
    "avro": lambda folder: avro(folder, deep=False),
    "avro-entries": lambda folder: avro(folder, deep=True),
    "parquet": parquet,
    "database": database,
}
ONES = st.lists(
    st.builds(
        One,
        st.sampled_from(("1", "2", "3", "0", "x")),
        st.integers(0, 3),
        st.sampled_from((False, False, True)),
    ),
    max_size=9,
).map(tuple)


def go(
    kind: Kind, folder: Path, data: bytes, *, mended: bool, **more: Any
) -> tuple[list[str], Stats, list[dict[str, str]], Path]:
    """The records written, the statistics, the list and the document of the failed records."""
    made = kind.plan(mended=mended)
    source, out = folder / "input", folder / "out.jsonl"
    source.write_bytes(data)
    stats = transform(made, source, out, **more)
    assert stats.records_in == stats.records_out + stats.failed + stats.filtered
    listed: list[dict[str, str]] = []
    if (folder / "out.jsonl.failures.csv").exists():
        with (folder / "out.jsonl.failures.csv").open(encoding="utf-8", newline="") as lines:
            listed = list(csv.DictReader(lines))
    assert len(listed) == stats.failed
    return out.read_text().splitlines(), stats, listed, folder / f"out.jsonl.failures.records{kind.suffix}"


def check(kind: Kind, folder: Path, ones: Ones, **more: Any) -> Stats:
    """The mended map over what was set aside gives what the first run lacks of the mended map's whole output."""
    data = kind.made(ones)
    first, stats, listed, records = go(kind, folder, data, mended=False, **more)
    assert records.exists() == (stats.failed > 0)
    assert all(row["node"] and row["reason"] for row in listed)
    rest: list[str] = []
    failed = 0
    if stats.failed:
        again = records.read_bytes()
        rest, counted, _listed, _records = go(kind, folder, again, mended=True, **more)
        assert counted.records_in == stats.failed
        failed = counted.failed
    whole, all_, _listed, _records = go(kind, folder, data, mended=True, **more)
    assert Counter(first) + Counter(rest) == Counter(whole)
    assert failed == all_.failed
    return stats


@pytest.mark.parametrize("name", KINDS)
def test_what_is_set_aside_runs_again(tmp_path: Path, name: str, share: Callable[[int], int]) -> None:
    """S39, S40, S50: of every format, with records that fail by the map and ones that cannot be read."""
    kind = KINDS[name](tmp_path)
    seen: Counter[str] = Counter()

    @settings(
        max_examples=share(200) // 2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(ONES)
    def each(ones: Ones) -> None:
        stats = check(kind, tmp_path, ones)
        seen["failed"] += stats.failed
        seen["written"] += stats.records_out

    each()
    ones = (One("1", 1, False), One("0", 2, False), One("2", 1, True), One("x", 0, False), One("3", 2, False))
    stats = check(kind, tmp_path, ones, engine="interpret")
    assert stats.failed
    assert seen["failed"]
    assert seen["written"]


def test_messages_set_aside_stand_in_a_valid_interchange(tmp_path: Path) -> None:
    """S50, S67: groups without any are gone, counts are those of what is left, and nothing else is touched."""
    kind = x12(tmp_path, "interchange/group/transaction")
    text = kind.made(
        (One("1", 0, False), One("1", 0, False), One("0", 0, False), One("2", 0, False))
    ).decode()
    # A group that counts wrongly is a record that fails, with nothing to run again.
    _out, stats, listed, records = go(
        kind, tmp_path, text.replace("GE*2*1~", "GE*9*1~").encode(), mended=False
    )
    assert (stats.records_in, stats.failed) == (5, 2)
    assert [row["content"] for row in listed] == [
        "ST*850*0002~BEG*no*0*2*k2~PO1*no*1*0**k2.0~SE*4*0002~",
        "GE*9*1~",
    ]
    assert records.read_text() == (
        f"{ORDERS_850[0]}\nGS*PO*A*B*20260301*1207*0*X*004010~\nST*850*0002~\nBEG*no*0*2*k2~\nPO1*no*1*0**k2.0~\n"
        "SE*4*0002~\nGE*1*0~\nIEA*1*000000042~\n"
    )


def test_only_the_loops_that_failed_are_left_of_a_message(tmp_path: Path) -> None:
    """S50: the message around them stays, and its closing segment counts what is left."""
    kind = x12(tmp_path, "interchange/group/transaction/PO1")
    _out, stats, listed, records = go(
        kind, tmp_path, kind.made((One("1", 0, False), One("0", 2, False))), mended=False
    )
    assert (stats.records_in, stats.failed) == (3, 1)
    assert listed[0]["content"] == "PO1*no*1*0**k1.0~PID*F****x~PID*F****x~"
    assert listed[0]["node"] == "/interchange/group/transaction/PO1[2]"
    assert records.read_text().splitlines()[2:8] == [
        "ST*850*0001~", "BEG*no*0*1*k1~", "PO1*no*1*0**k1.0~", "PID*F****x~", "PID*F****x~", "SE*6*0001~",
    ]  # fmt: skip


def test_delimiters_and_characters_of_messages_stay(tmp_path: Path) -> None:
    """S50, S65: UNA says the delimiters again, and the text is in the interchange's own characters."""
    kind = edifact(tmp_path)
    _out, _stats, _listed, records = go(
        kind, tmp_path, kind.made((One("0", 0, False), One("1", 0, False))), mended=False
    )
    assert records.read_bytes() == (
        b"UNA:*.? ~UNB*UNOC:3*A*B*260301:1207*42~UNH*0*INVOIC:D:96A:UN~BGM*no*\xfc?~0*0~DTM*137~LIN*1~UNS*S~UNT*6*0~UNZ*1*42~"
    )


def test_a_row_with_an_error_stands_in_a_workbook_with_it(tmp_path: Path) -> None:
    """S50, S63"""
    kind = excel(tmp_path)
    ones = (One("1", 0, False), One("2", 0, True), One("0", 0, False))
    _out, _stats, listed, records = go(kind, tmp_path, kind.made(ones), mended=False)
    assert [row["node"] for row in listed] == ["/row[2]", "/row[3]"]
    rows = python_calamine.CalamineWorkbook.from_path(str(records)).get_sheet_by_name("Data").to_python()
    assert rows == [["k", "v", "t", "day"], ["k2", "", "ok", 0.25], ["k3", "0", "no", 0.375]]


def test_rows_of_a_database_by_its_address_are_kept_as_text(tmp_path: Path) -> None:
    """S50, S64: delimited text of the same columns is read in their place, also where it fails again."""
    kind = database(tmp_path)
    kind.made((One("1", 0, False), One("0", 0, False), One("x", 0, False)))
    out = tmp_path / "out.jsonl"
    transform(kind.plan(mended=False), Address(f"sqlite:///{tmp_path / 'made.db'}"), out)
    records = tmp_path / "out.jsonl.failures.records.csv"
    assert records.read_text().splitlines() == [
        "k,v,t,day,raw", "k1,0,no,2026-01-01T10:00:01,AQ==", "k2,x,no,2026-01-01T10:00:02,AQ==",
    ]  # fmt: skip
    again = records.read_bytes()
    _rest, stats, _listed, _records = go(kind, tmp_path, again, mended=False)
    assert stats.failed == 2
    assert records.read_bytes() == again


def test_where_nothing_can_be_taken_out_there_is_the_list_alone(tmp_path: Path) -> None:
    """S50: lines of an order that is one record of the file's own; what an earlier run left is removed."""
    made = copybook(tmp_path, varies=True)
    kind = Kind(made.schema, "ROW/LINES", ("SKU", "SKU", "SKU"), made.made, ".dat")
    (tmp_path / "out.jsonl.failures.records.dat").write_bytes(b"old")
    _out, stats, listed, records = go(
        kind, tmp_path, kind.made((One("1", 2, False), One("1", 1, False))), mended=False
    )
    assert stats.failed == 3
    assert [row["node"] for row in listed] == ["/ROW/LINES[1]", "/ROW/LINES[2]", "/ROW/LINES[3]"]
    assert not records.exists()
