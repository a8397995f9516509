"""Orders as X12 850 and as EDIFACT, their definitions, and maps that carry every element of a message over."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.engine.formats.edi_layout import layout_of
from studio.engine.formats.edi_read import EdiReader
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.model import Place, Schema
from studio.schema.read import read_schema
from tests.engine import build

ORDER_850 = """weft: schema/1
kind: edi
standard: x12
version: "004010"
transaction: "850"
records:
  BEG:
    occurs: 1
    fields:
      BEG01: text
      BEG02: text
      BEG03: {type: text, required: true}
      BEG04: text
      BEG05: {type: date, format: yyyymmdd}
  REF: {occurs: 0..n, fields: {REF01: text, REF02: text}}
  N1:
    occurs: 0..n
    records:
      N1: {occurs: 1, fields: {N101: text, N102: text, N103: text, N104: text}}
      N3: {occurs: 0..2, fields: {N301: text, N302: text}}
      N4: {occurs: 0..1, fields: {N401: text, N402: text, N403: text, N404: text}}
  PO1:
    occurs: 1..n
    records:
      PO1:
        occurs: 1
        fields:
          PO101: text
          PO102: decimal
          PO103: text
          PO104: decimal
          PO105: text
          PO106: text
          PO107: text
      PID: {occurs: 0..n, fields: {PID01: text, PID02: text, PID03: text, PID04: text, PID05: text}}
  CTT: {occurs: 0..1, fields: {CTT01: integer}}
"""

ISA = "ISA*00*          *00*          *ZZ*WEFT           *ZZ*PARTNER        *260301*1207*U*00401*000000042*0*T*:~"
ORDERS_850 = [
    ISA,
    "GS*PO*WEFT*PARTNER*20260301*1207*7*X*004010~",
    "ST*850*0001~",
    "BEG*00*SA*4500017**20260228~",
    "REF*DP*38~",
    "REF*PS*R~",
    "N1*BT*Weft & Sons, Ltd.*92*0042~",
    "N3*Mill Lane 7*Unit 4~",
    "N3*Back yard~",
    "N4*Leeds**LS1 4DY*GB~",
    "N1*ST*Ångström AB~",
    "PO1*1*12*EA*3.50**VN*SKU-1~",
    "PID*F****Bolts, zinc~",
    "PID*F****M8 x 40~",
    "PO1*2*.5*KG*10**VN*SKU-2~",
    "CTT*2~",
    "SE*15*0001~",
    "ST*850*0002~",
    "BEG*00*NE*4500018**20260301~",
    "PO1**100*EA*.07**BP*SKU-9~",
    "PID*F****Washers~",
    "SE*5*0002~",
    "GE*2*7~",
    "GS*PO*WEFT*OTHER*20260301*1208*8*X*004010~",
    "ST*850*0001~",
    "BEG*00*SA*X-1**19991231~",
    "PO1*1*1*EA*0**VN*FREE~",
    "CTT*1~",
    "SE*5*0001~",
    "GE*1*8~",
    "IEA*2*000000042~",
]

INVOICE = """weft: schema/1
kind: edi
standard: edifact
version: D.96A
transaction: INVOIC
component: ":"
element: "+"
segment: "'"
release: "?"
records:
  BGM:
    occurs: 1
    fields:
      BGM01: {fields: {BGM01-01: text}}
      BGM02: {type: text, required: true}
      BGM03: text
  DTM:
    occurs: 1..n
    fields:
      DTM01: {fields: {DTM01-01: text, DTM01-02: text, DTM01-03: text}}
  FTX:
    occurs: 0..n
    fields:
      FTX01: text
      FTX02: text
      FTX03: text
      FTX04: {fields: {FTX04-01: text, FTX04-02: text}}
  SG1:
    occurs: 0..n
    records:
      NAD:
        occurs: 1
        fields:
          NAD01: text
          NAD02: {fields: {NAD02-01: text, NAD02-02: text, NAD02-03: text}}
          NAD03: text
          NAD04: text
      SG2:
        occurs: 0..n
        records:
          RFF: {occurs: 1, fields: {RFF01: {fields: {RFF01-01: text, RFF01-02: text}}}}
  SG3:
    occurs: 1..n
    records:
      LIN:
        occurs: 1
        fields:
          LIN01: text
          LIN02: text
          LIN03: {fields: {LIN03-01: text, LIN03-02: text}}
      QTY: {occurs: 0..n, fields: {QTY01: {fields: {QTY01-01: text, QTY01-02: decimal}}}}
      PRI: {occurs: 0..1, fields: {PRI01: {fields: {PRI01-01: text, PRI01-02: decimal}}}}
  UNS: {occurs: 1, fields: {UNS01: text}}
  MOA: {occurs: 0..n, fields: {MOA01: {fields: {MOA01-01: text, MOA01-02: decimal}}}}
"""
INVOICES = [
    "UNB+UNOC:3+WEFT:14+PARTNER:14+260301:1207+42'",
    "UNH+1+INVOIC:D:96A:UN'",
    "BGM+380+R?+2026/17+9'",
    "DTM+137:20260301:102'",
    "FTX+AAI+++It?'s 50% off?: really??:second part'",
    "NAD+SU+4012345500004::9++M?+K GmbH'",
    "RFF+VA:DE123'",
    "RFF+API:A?:B'",
    "NAD+BY+4098765400002::9'",
    "LIN+1++4711:EN'",
    "QTY+47:12'",
    "QTY+59:1.5'",
    "PRI+AAA:3.50'",
    "LIN+2++X??Y:SA'",
    "UNS+S'",
    "MOA+79:42.00'",
    "UNT+16+1'",
    "UNH+2+INVOIC:D:96A:UN'",
    "BGM+381+18'",
    "DTM+137:20260302:102'",
    "LIN+1'",
    "UNS+S'",
    "UNT+6+2'",
    "UNZ+2+42'",
]


def schema(folder: Path, text: str) -> Schema:
    """The schema of a description."""
    file = folder / f"{hashlib.sha1(text.encode()).hexdigest()}.yaml"
    file.write_text(text, encoding="utf-8")
    found = read_schema(file)
    assert found.problems == ()
    return found


def spoken(text: str) -> list[tuple[str, object]]:
    """The segments of a text by code and elements, empty ones at the end cut."""
    found = []
    for one in segments(text, find_delimiters(text)):
        elements = [[list(parts) for parts in element] for element in one.elements]
        if one.name == "ISA":
            # The separators are the writer's.
            elements[10] = elements[15] = [[""]]
        for repetitions in elements:
            for parts in repetitions:
                while len(parts) > 1 and not parts[-1]:
                    parts.pop()
        while elements and elements[-1] == [[""]]:
            elements.pop()
        found.append((one.name, elements))
    return found


@dataclass(frozen=True)
class Used:
    """A node that occurs in messages: the names down to it, whether it repeats, whether it is a leaf."""

    names: tuple[str, ...]
    repeats: bool
    leaf: bool


def used_nodes(schema_: Schema, data: bytes) -> list[Used]:
    """The nodes of a schema that occur in messages, in schema order."""
    place = schema_.root(schema_.roots[0].name)
    assert place is not None
    reader = EdiReader(io.BytesIO(data), "test", layout_of(place.node), schema_.facts)
    names = tuple(level.name for level in reader.levels)
    seen: set[tuple[str, ...]] = set()
    for what, thing, more in reader:
        if what == "open":
            _note(more, names[: thing + 1], seen)
        elif what == "close":
            _note(more[1], names[: thing + 1], seen)
        elif what == "message":
            _note(thing.values, names, seen)
    found: list[Used] = []
    _collect(place, (place.node.name,), seen, found)
    return found


def _note(values: Any, way: tuple[str, ...], seen: set[tuple[str, ...]]) -> None:
    seen.add(way)
    for each in values if isinstance(values, list) else [values]:
        if isinstance(each, dict):
            for name, inner in each.items():
                _note(inner, (*way, name), seen)


def _collect(place: Place, names: tuple[str, ...], seen: set[tuple[str, ...]], found: list[Used]) -> None:
    found.append(Used(names, place.repeats, place.node.value is not None))
    for child in place.children():
        way = (*names, child.node.name)
        if way in seen:
            _collect(child, way, seen, found)


def carried(
    nodes: list[Used], source: Callable[[str], str], target: Callable[[str], str], lead: str, put: str
) -> dict[str, Any]:
    """Rules that carry every node over; names are made by `source` and `target`, `lead` and `put` stand before them."""
    several = {node.names for node in nodes if node.repeats and not node.leaf}
    rules: dict[str, Any] = {}
    for node in nodes:
        around = [
            node.names[:length] for length in range(1, len(node.names)) if node.names[:length] in several
        ]
        below = node.names[len(around[-1]) :] if around else node.names
        way = ("" if around else lead) + "/".join(map(source, below))
        path = put + "/".join(map(target, node.names))
        if node.leaf:
            rules[path] = f"[{way}]"
        elif node.repeats:
            rules[path] = {"loop": way}
    return rules


def tag(name: str) -> str:
    """A name that XML takes."""
    return f"x{name}"


def mirror(nodes: list[Used]) -> Schema:
    """An XML schema of the same nodes below `file`."""
    spec: dict[str, Any] = {}
    for node in nodes:
        here = spec
        for length in range(1, len(node.names)):
            above = next(one for one in nodes if one.names == node.names[:length])
            here = here[_key(above)]
        here[_key(node)] = "text" if node.leaf else {}
    return build.xml({"file": spec})


def _key(node: Used) -> str:
    return tag(node.names[-1]) + ("*" if node.repeats else "?")


def through_xml(schema_: Schema, data: bytes) -> tuple[bytes, str]:
    """Messages as XML, and what they are as messages again; both back ends do both ways alike."""
    nodes = used_nodes(schema_, data)
    xml = mirror(nodes)
    there = build.plan(carried(nodes, str, tag, "", "file/"), schema_, xml)
    text, failures, _counts = build.both(there, data, fast=False)
    assert failures == [], failures
    back = build.plan(carried(nodes, tag, str, "file/", ""), xml, schema_)
    again, failures, _counts = build.both(back, text, fast=False)
    assert failures == [], failures
    return text.encode(), again


def straight(schema_: Schema, data: bytes) -> str:
    """Messages as messages of the same schema."""
    made = build.plan(carried(used_nodes(schema_, data), str, str, "", ""), schema_, schema_)
    again, failures, _counts = build.both(made, data, fast=False)
    assert failures == [], failures
    return again
