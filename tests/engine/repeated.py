"""Documents of any size that are never on a disk: a beginning, records over and over, an end; read like a file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studio.engine.plan import Plan
from tests.engine.build import json_items, plan, rows, xml

RECORDS = 400


class Repeated(io.RawIOBase):
    """`head`, then `block` some times, then `tail`; another `mark` stands between the blocks than before the first."""

    def __init__(self, head: bytes, block: bytes, tail: bytes, size: int) -> None:
        self._head, self._block, self._tail = head, block, tail
        self._blocks = max(1, size // len(block))
        self._body = len(head) + len(block) * self._blocks
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = (0, self._at, self._body + len(self._tail))[whence] + offset
        return self._at

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        data = self._next()[: len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _next(self) -> bytes:
        if self._at < len(self._head):
            return self._head[self._at :]
        if self._at < self._body:
            return self._block[(self._at - len(self._head)) % len(self._block) :]
        return self._tail[self._at - self._body :]


@dataclass(frozen=True)
class Case:
    """A map and its input: what stands before the records, one record by its number, what stands after them."""

    made: Callable[[], Plan]
    record: Callable[[int], str]
    head: str = ""
    tail: str = ""

    def stream(self, size: int) -> io.BufferedReader:
        """An input of about `size` bytes."""
        block = "".join(map(self.record, range(RECORDS))).encode()
        return io.BufferedReader(Repeated(self.head.encode(), block, self.tail.encode(), size), 1 << 18)


LEAVES = {"id": "text", "when": "date", "qty": "integer", "price": "decimal", "text": "text"}
TEXT = "some words about the thing, each & every one of them é " * 4


def values(n: int) -> dict[str, str]:
    """The texts of a record by its number."""
    return {
        "id": f"r{n:06}",
        "when": f"2026-0{n % 9 + 1}-1{n % 9}",
        "qty": str(n % 40),
        "price": f"{n % 700}.{n % 100:02}",
        "text": TEXT[n % 40 :],
    }


def _xml_record(n: int) -> str:
    inside = "".join(f"    <{k}>{v.replace('&', '&amp;')}</{k}>\n" for k, v in values(n).items() if k != "id")
    return f'  <order id="r{n}">\n{inside}    <line><sku>a{n}</sku></line><line><sku>b</sku></line>\n  </order>\n'


def _json_record(n: int) -> str:
    return json.dumps({**values(n), "qty": n % 40, "price": n / 8, "lines": [{"sku": f"a{n}"}, {"sku": "b"}]})


SOURCE_XML = xml(
    {
        "orders": {
            "order*": {
                "@id": "text",
                **{k: v for k, v in LEAVES.items() if k != "id"},
                "line*": {"sku": "text"},
            }
        }
    }
)
TARGET_XML = xml(
    {"bills": {"bill*": {"@id": "text", "day": "text", "sum": "decimal", "text": "text", "sku*": "text"}}}
)
JSON = {**LEAVES, "lines[]": {"sku": "text"}}
OUT_JSON = {"id": "text", "day": "text", "sum": "decimal", "text": "text", "sku*": "text"}
OUT_ROW = {"id": "text", "day": "text", "sum": "decimal", "text": "text"}


def _rules(record: str, loop: str, id_of: str, skus: str) -> dict[str, object]:
    given = {
        record: {"loop": loop},
        f"{record}/{'@id' if record == 'bills/bill' else 'id'}": f"[{id_of}]",
        f"{record}/day": "FormatDate([when], 'dd.mm.yyyy')",
        f"{record}/sum": "Round([qty] * [price], 2)",
        f"{record}/text": "Left(ToUpper([text]), 60)",
    }
    return given | ({f"{record}/sku": f"[{skus}]"} if skus else {})


_RECORDS = {"xml": "bills/bill", "lines": "item", "json": "item", "rows": "row"}


def _target(kind: str) -> object:
    return {
        "xml": TARGET_XML,
        "rows": rows(OUT_ROW),
        "lines": json_items(OUT_JSON, form="lines"),
        "json": json_items(OUT_JSON),
    }[kind]


def _case(source: str, target: str) -> Case:
    record, whole = _RECORDS[target], target != "rows"
    if source == "xml":
        rules = _rules(record, "orders/order", "@id", "line/sku" if whole else "")
        return Case(
            lambda: plan(rules, SOURCE_XML, _target(target)), _xml_record, "<orders>\n", "</orders>\n"
        )  # type: ignore[arg-type]
    if source == "rows":
        rules = _rules(record, "row", "id", "")
        line = lambda n: ",".join(f'"{v}"' if k == "text" else v for k, v in values(n).items()) + "\n"  # noqa: E731
        return Case(lambda: plan(rules, rows(LEAVES), _target(target)), line, ",".join(LEAVES) + "\n")  # type: ignore[arg-type]
    rules = _rules(record, "item", "id", "lines/item/sku" if whole else "")
    form = "lines" if source == "lines" else "array"
    made = lambda: plan(rules, json_items(JSON, form=form), _target(target))  # type: ignore[arg-type]  # noqa: E731
    if source == "lines":
        return Case(made, lambda n: _json_record(n) + "\n")
    return Case(made, lambda n: _json_record(n) + ",\n", "[", _json_record(0) + "]")


def _ordered(source: str, given: dict[str, Any]) -> Case:
    """A case whose records are put in order before they are written."""
    plain = _case(source, "rows")
    loop = {"xml": "orders/order", "rows": "row", "lines": "item"}[source]
    schema: Any = {"xml": SOURCE_XML, "rows": rows(LEAVES), "lines": json_items(JSON, form="lines")}[source]
    rules: dict[str, Any] = {
        **_rules("row", loop, "@id" if source == "xml" else "id", ""),
        "row": {"loop": loop, **given},
    }
    return Case(lambda: plan(rules, schema, rows(OUT_ROW)), plain.record, plain.head, plain.tail)


ORDERED = {
    "rows-sorted": _ordered("rows", {"sort": [{"by": "[price]"}, {"by": "[id]", "order": "desc"}]}),
    "xml-sorted": _ordered("xml", {"sort": [{"by": "[price]"}]}),
    "lines-sorted": _ordered("lines", {"sort": [{"by": "[when]", "order": "desc"}]}),
    "rows-last": _ordered("rows", {"last": 5000}),
}
CASES = {
    f"{source}-{target}": _case(source, target)
    for source in ("xml", "lines", "json", "rows")
    for target in ("xml", "lines", "json", "rows")
}
