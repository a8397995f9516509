"""The orders of the benchmarks: one deterministic stream of records, written as XML, JSON lines and CSV."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from studio.base.atomic import writing
from studio.base.paths import cache_folder

FIRST = ["Zoé", "Anaïs", "Björn", "Émile", "Chloë", "Jörg", "Søren", "Renée", "Inês", "Mário"]
LAST = ["O'Brien", "Müller", "Smith & Sons", "Pál", "Costa", "Larsen", "Weiß", "D'Angelo", "Novák", "Jones"]
CITIES = [
    ("Berlin", "DE"), ("Lyon", "FR"), ("Porto", "PT"), ("Leeds", "GB"), ("Turin", "IT"),
    ("Graz", "AT"), ("Ghent", "BE"), ("Aarhus", "DK"), ("Cork", "IE"), ("Bilbao", "ES"),
]  # fmt: skip
COUNTRIES = {
    "DE": "Germany", "FR": "France", "PT": "Portugal", "GB": "United Kingdom", "IT": "Italy",
    "AT": "Austria", "BE": "Belgium", "DK": "Denmark", "IE": "Ireland", "ES": "Spain",
}  # fmt: skip
TAXES = {"A": "0.20", "B": "0.10", "C": "0.05"}
STREETS = ["Hauptstraße", "Mill Lane", "Rue Haute", "Via Roma", "Kirchstraße", "Harbour Road"]
WORDS = [
    "steel",
    "<small>",
    "bolt",
    "&",
    "nut",
    "zinc",
    "plated",
    "set",
    "of",
    "ten",
    "with",
    "washer",
    "long",
    "hex",
    "head",
    "box",
    "grey",
    "soft",
    "grip",
    "pad",
]
COMMENTS = ["please ring & wait", "deliver < 10 am", "gift wrap", "leave at the back door"]

Order = dict[str, Any]


def orders(count: int, seed: int = 20) -> Iterator[Order]:
    """The first `count` orders of the stream."""
    draw = random.Random(seed)
    for number in range(count):
        yield _order(100_000 + number, draw)


def _order(number: int, draw: random.Random) -> Order:
    pick = draw.choice
    first, last = pick(FIRST), pick(LAST)
    mail = f"{first}.{last}{draw.randrange(1000)}@Example.COM".replace("'", "").replace(" & ", "")
    return {
        "id": str(number),
        "status": pick(["open", "shipped", "express", "closed"]),
        "channel": pick(["web", "edi", "phone", "shop"]),
        "orderDate": f"{draw.randrange(2015, 2026)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
        f"T{draw.randrange(24):02}:{draw.randrange(60):02}:{draw.randrange(60):02}",
        "currency": pick(["EUR", "USD", "GBP"]),
        "customer": {
            "id": f"C{draw.randrange(1_000_000):06}",
            "firstName": first,
            "lastName": last,
            "email": mail,
            "phone": None if draw.random() < 0.3 else f"+{draw.randrange(10**10, 10**11)}",
            "address": [_address("billing", draw), _address("shipping", draw)],
        },
        "lines": [_line(no, draw) for no in range(1, draw.randrange(3, 8) + 1)],
        "comment": None if draw.random() < 0.6 else pick(COMMENTS),
    }


def _address(kind: str, draw: random.Random) -> Order:
    city, country = draw.choice(CITIES)
    return {
        "type": kind,
        "street": f"{draw.choice(STREETS)} {draw.randrange(1, 200)}",
        "city": city,
        "zip": f"{draw.randrange(10_000, 100_000)}",
        "country": country,
    }


def _line(number: int, draw: random.Random) -> Order:
    return {
        "no": str(number),
        "sku": f"sku-{draw.randrange(100_000):05}-{draw.choice('abcdef')}",
        "desc": " ".join(draw.choices(WORDS, k=draw.randrange(4, 9))),
        "qty": draw.choice(["0", "1", "1", "2", "3", "5", "10", "25"]),
        "price": f"{draw.randrange(100, 50_000) / 100:.2f}",
        "discount": draw.choice(["0", "0", "0.05", "0.1", "0.25"]),
        "taxCode": draw.choice("ABC"),
        "warehouse": f"WH{draw.randrange(20):02}",
    }


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _leaves(values: Order, names: tuple[str, ...], margin: str) -> str:
    return "".join(
        f"{margin}<{name}>{_escape(values[name])}</{name}>\n" for name in names if values[name] is not None
    )


def order_xml(order: Order) -> str:
    """One order, indented by two blanks a level."""
    customer = order["customer"]
    addresses = "".join(
        f'      <address type="{address["type"]}">\n'
        + _leaves(address, ("street", "city", "zip", "country"), " " * 8)
        + "      </address>\n"
        for address in customer["address"]
    )
    names = ("sku", "desc", "qty", "price", "discount", "taxCode", "warehouse")
    lines = "".join(
        f'      <line no="{line["no"]}">\n' + _leaves(line, names, " " * 8) + "      </line>\n"
        for line in order["lines"]
    )
    return (
        f'  <order id="{order["id"]}" status="{order["status"]}" channel="{order["channel"]}">\n'
        + _leaves(order, ("orderDate", "currency"), " " * 4)
        + "    <customer>\n"
        + _leaves(customer, ("id", "firstName", "lastName", "email", "phone"), " " * 6)
        + f"{addresses}    </customer>\n    <lines>\n{lines}    </lines>\n"
        + _leaves(order, ("comment",), " " * 4)
        + "  </order>\n"
    )


def _write_xml(path: Path, count: int) -> None:
    with writing(path) as file:
        file.write(b'<?xml version="1.0" encoding="UTF-8"?>\n<orders>\n')
        for order in orders(count):
            file.write(order_xml(order).encode())
        file.write(b"</orders>\n")


def _write_json_lines(path: Path, count: int) -> None:
    with writing(path) as file:
        for order in orders(count):
            lines = [{**line, **_numbers(line)} for line in order["lines"]]
            file.write(json.dumps({**order, "lines": lines}, ensure_ascii=False).encode() + b"\n")


def _numbers(line: Order) -> Order:
    """What JSON writes as numbers."""
    return {
        "no": int(line["no"]),
        "qty": int(line["qty"]),
        "price": float(line["price"]),
        "discount": float(line["discount"]),
    }


def flat_rows(count: int, seed: int = 21) -> Iterator[list[str]]:
    """The rows of the flat file, twenty cells each."""
    draw = random.Random(seed)
    for number in range(1, count + 1):
        first, last = draw.choice(FIRST), draw.choice(LAST)
        city, country = draw.choice(CITIES)
        yield [
            str(number), first, last, f"{first}.{number}@Example.com", country,
            f"{draw.randrange(1950, 1999)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
            f"{draw.randrange(2015, 2025)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
            f"T{draw.randrange(24):02}:{draw.randrange(60):02}:00",
            draw.choice(["open", "shipped", "express", "closed"]),
            f"{draw.randrange(1_000_000) / 100:.2f}", str(draw.randrange(30)),
            f"{draw.randrange(50_000) / 100:.2f}", draw.choice(["0", "0.05", "0.1", ""]), draw.choice("ABC"),
            city, f"{draw.randrange(10_000, 100_000)}", f"{draw.choice(STREETS)} {draw.randrange(1, 200)}",
            "" if draw.random() < 0.3 else f"+{draw.randrange(10**10, 10**11)}",
            f"  ab-{draw.randrange(10_000):04} ",
            'say "hello", then wait' if number % 7 == 0 else draw.choice(WORDS), str(draw.randrange(100)),
        ]  # fmt: skip


FLAT_COLUMNS = [
    "id",
    "first",
    "last",
    "email",
    "country",
    "birth",
    "created",
    "status",
    "amount",
    "qty",
    "price",
    "discount",
    "tax",
    "city",
    "zip",
    "street",
    "phone",
    "code",
    "note",
    "score",
]


def _write_flat(path: Path, count: int) -> None:
    with writing(path) as file:
        file.write((",".join(FLAT_COLUMNS) + "\n").encode())
        batch = Batch(file.write)
        writer = csv.writer(batch, lineterminator="\n")
        writer.writerows(flat_rows(count))


LINE_COLUMNS = [
    "id", "status", "channel", "orderDate", "currency", "customer", "firstName", "lastName", "email", "phone",
    "street", "city", "zip", "country", "no", "sku", "desc", "qty", "price", "discount", "tax",
]  # fmt: skip


def line_rows(order: Order) -> Iterator[list[str]]:
    """An order's lines as rows, its header and shipping address on each."""
    customer = order["customer"]
    address = customer["address"][1]
    head = [order[name] for name in ("id", "status", "channel", "orderDate", "currency")]
    head += [customer[name] or "" for name in ("id", "firstName", "lastName", "email", "phone")]
    head += [address[name] for name in ("street", "city", "zip", "country")]
    for line in order["lines"]:
        yield head + [line[name] for name in ("no", "sku", "desc", "qty", "price", "discount", "taxCode")]


def _write_lines(path: Path, count: int) -> None:
    with writing(path) as file:
        file.write((",".join(LINE_COLUMNS) + "\n").encode())
        writer = csv.writer(Batch(file.write), lineterminator="\n")
        for order in orders(count):
            writer.writerows(line_rows(order))


class Batch:
    """A text sink that passes UTF-8 on."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self.sink = sink

    def write(self, text: str) -> int:
        """Pass one row on."""
        self.sink(text.encode())
        return len(text)


_WRITERS: dict[str, Callable[[Path, int], None]] = {
    "orders.xml": _write_xml,
    "orders.jsonl": _write_json_lines,
    "flat.csv": _write_flat,
    "lines.csv": _write_lines,
}


def data_file(name: str, count: int, folder: Path | None = None) -> Path:
    """The file `orders.xml`, `orders.jsonl`, `flat.csv` or `lines.csv` (of so many orders) with `count` records, made on first use and kept."""
    place = folder or cache_folder() / "bench"
    stem, _dot, suffix = name.partition(".")
    path = place / f"{stem}-{count}.{suffix}"
    if not path.exists():
        _WRITERS[name](path, count)
    return path
