"""Inputs of any size in the formats that are no plain text, and messages: repeated while they are read, or on a disk."""

from __future__ import annotations

import io
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

import duckdb
import fastavro

from studio.engine.plan import Plan
from studio.schema.own import read_own
from studio.schema.read import read_schema
from tests.engine.build import plan
from tests.engine.edi_cases import INVOICE, ISA, ORDER_850
from tests.engine.repeated import TEXT, Repeated, values

RECORDS = 100
Given = tuple[Plan, BinaryIO | Path]


@dataclass(frozen=True)
class Typed:
    """A schema by the name of its file, a map from it to itself, and its input of about so many bytes in a folder.

    `input` gives a stream, or writes the `file` where there has to be one.
    """

    name: str
    rules: dict[str, Any]
    input: Callable[[int, Path], BinaryIO | None]
    text: str = ""
    file: str = ""
    output: str = ""

    def given(self, size: int, folder: Path) -> Given:
        """The plan and what it reads."""
        stream = folder / self.file if self.file else self.input(size, folder)
        if self.text:
            (folder / self.name).write_text(self.text, encoding="utf-8")
        read = read_own if self.name.endswith(".yaml") else read_schema
        schema = read(folder / self.name)
        assert stream is not None
        return plan(self.rules, schema, schema), stream

    def target(self, folder: Path) -> Path | None:
        """A database that takes the rows, where the output is one."""
        if not self.output:
            return None
        with closing(sqlite3.connect(folder / self.output)) as connection, connection:
            connection.execute(_TABLE)
        return folder / self.output


def _stream(head: bytes, block: bytes, tail: Callable[[int], bytes], size: int) -> BinaryIO:
    blocks = max(1, size // len(block))
    made = Repeated(head, block, tail(blocks * RECORDS), size)
    return cast("BinaryIO", io.BufferedReader(made, 1 << 18))


def _block(record: Callable[[int], str], encoding: str = "utf-8") -> bytes:
    return "".join(map(record, range(RECORDS))).encode(encoding)


def _long(n: int) -> str:
    """Eight hundred characters that every encoding here has."""
    return (TEXT * 4)[n % 40 : n % 40 + 800].replace("é", "e")


# Records of fixed width, of one kind and of several

_FIELDS = """      id: {width: 8}
      when: {type: date, width: 8, format: yyyymmdd}
      qty: {type: integer, width: 6, align: right, pad: "0"}
      price: {type: decimal, width: 9, align: right, pad: "0", decimals: 2}
      text: {width: 800}
"""
_FIXED = f"weft: schema/1\nkind: fixed\nencoding: utf-8\nrecords:\n  row:\n    fields:\n{_FIELDS}"
_KINDS = f"""weft: schema/1
kind: fixed
encoding: utf-8
records:
  head:
    occurs: 1
    fields:
      kind: {{width: 1, value: "H"}}
      name: {{width: 20}}
  order:
    fields:
      kind: {{width: 1, value: "O"}}
{_FIELDS}    records:
      line:
        fields:
          kind: {{width: 1, value: "L"}}
          sku: {{width: 12}}
          count: {{type: integer, width: 5, align: right, pad: "0"}}
"""
_WORKED = {
    "id": "[id]",
    "when": "[when]",
    "qty": "[qty] + 1",
    "price": "Round([qty] * [price] / 10, 2)",
    "text": "ToUpper([text])",
}


def _fixed_record(n: int) -> str:
    given = values(n)
    price = f"{round(float(given['price']) * 100):09}"
    return f"{given['id']:8}{given['when'].replace('-', '')}{int(given['qty']):06}{price}{_long(n)}\n"


def _several(n: int) -> str:
    return f"O{_fixed_record(n)}L{f'a{n}':12}00012\nL{'b':12}00003\n"


def _put(record: str, rules: dict[str, str], loop: str) -> dict[str, Any]:
    return {record: {"loop": loop}, **{f"{record}/{name}": script for name, script in rules.items()}}


def _copy(loop: str, source: str, *names: str) -> dict[str, Any]:
    return _put(loop, {name: f"[{name}]" for name in names}, source)


# A copybook

_COBOL = """       01  ROW.
           05  ID        PIC X(8).
           05  QTY       PIC S9(6) COMP-3.
           05  PRICE     PIC S9(7)V99 COMP-3.
           05  COUNTED   PIC 9(4) COMP.
           05  NAME      PIC X(800).
           05  LINES     OCCURS 3.
               10  SKU   PIC X(6).
               10  PCS   PIC S9(3).
"""


def _packed(number: int, digits: int) -> bytes:
    return bytes.fromhex(f"{number:0{digits}}C")


def _cobol_record(n: int) -> bytes:
    given = values(n)
    texts = [given["id"], _long(n), f"{f's{n}':6}012" * 3]
    name, text, lines = (one.encode("cp037") for one in texts)
    numbers = _packed(int(given["qty"]), 7) + _packed(round(float(given["price"]) * 100), 9)
    return name.ljust(8, b"\x40") + numbers + (3).to_bytes(2, "big") + text + lines


# Messages


def _order(n: int) -> str:
    segments = [
        "ST*850*0001", f"BEG*00*SA*45{n:06}**2026022{n % 8}", "REF*DP*38", "N1*BT*Weft and Sons*92*0042", "N4*Leeds**LS1 4DY*GB",
        f"PO1*1*{n % 40}*EA*{n % 700}.{n % 100:02}**VN*SKU-{n}", f"PID*F****{_long(n).rstrip()}", "PO1*2*.5*KG*10**VN*SKU-2", "CTT*2", "SE*10*0001",
    ]  # fmt: skip
    return "~\n".join(segments) + "~\n"


def _orders(size: int, _folder: Path) -> BinaryIO:
    head = f"{ISA}\nGS*PO*WEFT*PARTNER*20260301*1207*7*X*004010~\n".encode()
    return _stream(
        head, _block(_order), lambda messages: f"GE*{messages}*7~\nIEA*1*000000042~\n".encode(), size
    )


def _invoice(n: int) -> str:
    segments = [
        "UNH+1+INVOIC:D:96A:UN", f"BGM+380+R?+2026/{n}+9", "DTM+137:20260301:102", f"FTX+AAI+++{_long(n).rstrip()}", "NAD+SU+4012345500004::9++M?+K GmbH",
        "RFF+VA:DE123", "LIN+1++4711:EN", f"QTY+47:{n % 40}", f"PRI+AAA:{n % 700}.{n % 100:02}", "LIN+2++X??Y:SA", "UNS+S", "MOA+79:42.00", "UNT+13+1",
    ]  # fmt: skip
    return "'".join(segments) + "'"


def _invoices(size: int, _folder: Path) -> BinaryIO:
    head = b"UNB+UNOC:3+WEFT:14+PARTNER:14+260301:1207+42'"
    return _stream(head, _block(_invoice), lambda messages: f"UNZ+{messages}+42'".encode(), size)


_850 = "interchange/group/transaction"
_INVOIC = "interchange/message"
_X12_RULES = {
    **_put(_850, {"BEG/BEG03": "[BEG/BEG03]", "BEG/BEG05": "[BEG/BEG05]"}, _850),
    **_put(
        f"{_850}/PO1", {"PO1/PO102": "[PO1/PO102] + 1", "PO1/PO104": "[PO1/PO104]", "PO1/PO107": "[PO1/PO107]"}, "PO1"
    ),
    **_put(f"{_850}/PO1/PID", {"PID05": "ToUpper([PID05])"}, "PID"),
}  # fmt: skip
_EDIFACT_RULES = {
    **_put(_INVOIC, {"BGM/BGM02": "[BGM/BGM02]", "UNS/UNS01": "[UNS/UNS01]"}, _INVOIC),
    f"{_INVOIC}/DTM": {"loop": "DTM"},
    f"{_INVOIC}/DTM/DTM01/DTM01-02": "[DTM01/DTM01-02]",
    f"{_INVOIC}/FTX": {"loop": "FTX"},
    f"{_INVOIC}/FTX/FTX04/FTX04-01": "ToUpper([FTX04/FTX04-01])",
    f"{_INVOIC}/SG3": {"loop": "SG3"},
    f"{_INVOIC}/SG3/LIN/LIN03/LIN03-01": "[LIN/LIN03/LIN03-01]",
    f"{_INVOIC}/SG3/PRI/PRI01/PRI01-02": "[PRI/PRI01/PRI01-02]",
}

# Containers

_AVRO = {
    "type": "record",
    "name": "row",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "qty", "type": "long"},
        {"name": "price", "type": "double"},
        {"name": "text", "type": ["null", "string"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
    ],
}


def _avro_row(n: int) -> dict[str, Any]:
    given = values(n)
    more = {"qty": int(given["qty"]), "price": n / 8, "text": _long(n), "tags": ["a", f"b{n}"]}
    return {"id": given["id"], **more}


def _avro(size: int, folder: Path) -> BinaryIO:
    """A container whose one block comes again and again."""
    out = io.BytesIO()
    mark = b"0123456789abcdef"
    parsed = fastavro.parse_schema(_AVRO)
    fastavro.writer(out, parsed, map(_avro_row, range(RECORDS)), sync_interval=1 << 24, sync_marker=mark)
    head = out.getvalue().index(mark) + len(mark)
    (folder / "rows.avro").write_bytes(out.getvalue())
    return _stream(out.getvalue()[:head], out.getvalue()[head:], lambda _rows: b"", size)


_ROW_BYTES = 850
"""What a row of those below takes on a disk, about: measured."""


def _parquet(size: int, folder: Path) -> None:
    text = "repeat(md5(i::VARCHAR), 25)"
    # The pages of others have a megabyte; here one is as large as its group, and in memory while it is read.
    rows = f"SELECT 'r' || i AS id, i % 40 AS qty, i / 8 AS price, {text} AS text FROM range({size // _ROW_BYTES}) t(i)"
    with duckdb.connect(config={"threads": 1, "memory_limit": "512MB"}) as connection:
        connection.execute(f"SET temp_directory = '{folder}'")
        connection.execute(
            f"COPY ({rows}) TO '{folder / 'rows.parquet'}' (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 4096)"
        )


_TABLE = "CREATE TABLE made(id TEXT PRIMARY KEY, qty INTEGER, price REAL, text TEXT)"
_DATABASE = """weft: schema/1
kind: database
table: made
records:
  row:
    fields:
      id: {type: TEXT, required: true, key: true}
      qty: {type: INTEGER}
      price: {type: REAL}
      text: {type: TEXT}
"""


def _rows(n: int) -> tuple[Any, ...]:
    given = values(n % RECORDS)
    return f"r{n:09}", int(given["qty"]), n / 8, _long(n)


def _sqlite(size: int, folder: Path) -> None:
    file = folder / "rows.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(_TABLE)
        connection.executemany("INSERT INTO made VALUES(?, ?, ?, ?)", map(_rows, range(size // _ROW_BYTES)))


def _repeated(head: str, record: Callable[[int], str], size: int, _folder: Path) -> BinaryIO:
    return _stream(head.encode(), _block(record), lambda _records: b"", size)


def _cobol(size: int, _folder: Path) -> BinaryIO:
    return _stream(b"", b"".join(map(_cobol_record, range(RECORDS))), lambda _records: b"", size)


_SEVERAL_RULES: dict[str, Any] = {
    "/head/name": "'all of them'",
    **_put("/order", _WORKED, "/order"),
    **_copy("/order/line", "line", "sku", "count"),
}
_COBOL_RULES: dict[str, Any] = {
    **_put("ROW", {"ID": "[ID]", "QTY": "[QTY] + 1", "PRICE": "[PRICE]", "NAME": "ToUpper([NAME])"}, "ROW"),
    **_copy("ROW/LINES", "LINES", "SKU", "PCS"),
}
_ROW_RULES = {"id": "[id]", "qty": "[qty] + 1", "price": "[price]", "text": "ToUpper([text])"}

TYPED: dict[str, Typed] = {
    "fixed": Typed("fixed.yaml", _put("row", _WORKED, "row"), partial(_repeated, "", _fixed_record), _FIXED),
    "kinds": Typed(
        "kinds.yaml", _SEVERAL_RULES, partial(_repeated, f"H{'orders':20}\n", _several), _KINDS
    ),
    "copybook": Typed("row.cob", _COBOL_RULES, _cobol, _COBOL),
    "x12": Typed("order.yaml", _X12_RULES, _orders, ORDER_850),
    "edifact": Typed("invoice.yaml", _EDIFACT_RULES, _invoices, INVOICE),
    "avro": Typed("rows.avro", {**_put("row", {**_ROW_RULES, "tags": "[tags]"}, "row")}, _avro),
    "parquet": Typed("rows.parquet", _put("row", _ROW_RULES, "row"), _parquet, file="rows.parquet"),
    "database": Typed("made.yaml", _put("row", _ROW_RULES, "row"), _sqlite, _DATABASE, "rows.sqlite", "out.sqlite"),
}  # fmt: skip


if __name__ == "__main__":
    TYPED[sys.argv[1]].input(int(sys.argv[2]), Path(sys.argv[3]))
