"""Seeded damage to real files: bytes, lines, tokens, nesting, names that lead elsewhere, numbers beyond reason."""

from __future__ import annotations

import io
import random
import re
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path

import duckdb

_LARGEST = 12 * 1024
_MOST_SEEDS = 120

# Which folders of the corpora hold real files of a kind, by ending; kinds not listed take their inline seed and all others'.
_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "xsd": (("xsd", "*.xsd"),),
    "wsdl": (("wsdl", "*.wsdl"),),
    "xml": (("xsd", "*.xml"), ("security", "*.xml")),
    "json": (("json-samples", "*.json"), ("json-schema", "*.json")),
    "json-schema": (("json-schema", "*.json"),),
    "openapi": (("json-schema/openapi-moov-ach", "*.yaml"),),
    "delimited": (("csv", "*.csv"),),
    "salesforce": (("salesforce", "*.json"),),
    "dtd": (("dtd", "*.dtd"), ("dtd", "*.mod"), ("dtd", "*.ent")),
    "copybook": (("fixed-width", "*.c*"),),
    "fixed": (("fixed-width", "*.ach"), ("fixed-width", "*.txt")),
    "edi": (("edi-x12", "*.txt"), ("edi-x12", "*.edi"), ("edi-edifact", "*.edi"), ("edi-x12", "*.x12")),
    "x12": (("edi-x12", "*.txt"), ("edi-x12", "*.edi")),
    "edifact": (("edi-edifact", "*.edi"),),
    "jtr": (("", "*.jtr"),),
}
_INLINE: dict[str, tuple[bytes, ...]] = {
    "xsd": (
        b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="case.dat"/>'
        b'<xs:element name="a"><xs:complexType><xs:sequence><xs:element name="b" type="xs:int"/><xs:any/></xs:sequence>'
        b"</xs:complexType></xs:element></xs:schema>",
    ),
    "wsdl": (
        b'<description xmlns="http://www.w3.org/ns/wsdl"><interface name="I" extends="I"><operation name="o">'
        b'<input element="#any"/></operation></interface><binding name="B" interface="I"/></description>',
        b'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><import location="case.dat"/><message name="m"/>'
        b'<portType name="p"><operation name="o"><input message="m"/></operation></portType></definitions>',
    ),
    "weft": (b"weft: schema/1\nkind: delimited\nrecords:\n  row:\n    fields:\n      a: {type: text}\n",),
    "protobuf": (b'syntax = "proto3"; message A { int32 a = 1; repeated A b = 2; }',),
    "avro": (b'{"type":"record","name":"A","fields":[{"name":"a","type":["null","A"]}]}',),
    "copybook": (b"       01 A.\n          05 B PIC X(10).\n          05 C OCCURS 3 PIC S9(4) COMP-3.\n",),
    "openapi": (
        b"openapi: 3.0.0\ninfo: {title: a, version: '1'}\npaths:\n  /a/{id}:\n    get:\n      operationId: g\n"
        b"      parameters:\n        - {name: id, in: path, required: true, schema: {type: string}}\n      responses:\n"
        b"        '200':\n          description: d\n          content:\n            application/json:\n"
        b"              schema: {$ref: '#/components/schemas/A'}\ncomponents:\n  schemas:\n    A:\n      type: object\n"
        b"      properties: {a: {type: integer}, b: {$ref: '#/components/schemas/A'}}\n",
        b'{"swagger":"2.0","paths":{"/a":{"post":{"parameters":[{"in":"body","name":"b","schema":{"$ref":"#/definitions/A"}}],'
        b'"responses":{"200":{"schema":{"type":"array","items":{"$ref":"#/definitions/A"}}}}}}},'
        b'"definitions":{"A":{"type":"object","properties":{"a":{"type":"string"}}}}}',
    ),
    "dtd": (b"<!ELEMENT a (b|c)*><!ENTITY % x 'y'>%x;<!ATTLIST a b CDATA #IMPLIED>",),
    "edi": (b"UNA:+.? 'UNB+UNOA:1+S+R+260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220'UNT+3+1'UNZ+1+1'",),
    "database": (b"weft: schema/1\nkind: database\n",),
}
_NASTY: tuple[bytes, ...] = (
    b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>",
    b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    b'<!ENTITY % p SYSTEM "/etc/passwd">%p;',
    b"&b;",
    b"../../../../../../etc/passwd",
    b"file:///etc/passwd",
    b"\\\\server\\share\\x.xsd",
    b"//server/share/x.xsd",
    b"/dev/zero",
    b"CON",
    b"http://127.0.0.1:1/x",
    b"case.dat",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x92\xa9",
    b"\xed\xa0\x80",
    b"]]>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b'"',
    b"'",
    b"\r\n",
    b"\\u0000",
    b"{",
    b"}",
    b"[",
    b"]",
    b"null",
    b"NaN",
    b"-1",
    b"0",
    b"1e999999",
    b"99999999999999999999",
    b"2147483648",
    b"##any ##other",
    b'"$ref":"#"',
    b'"$ref":"../../../etc/passwd"',
    b"OCCURS 99999999 TIMES DEPENDING ON X",
    b"PIC X(999999999)",
    b"REDEFINES A",
    b"UNB+",
    b"ISA*00*",
    b"%x;",
    b": &a [*a, *a]",
    b"!!python/object:os.system",
)
_NUMBER = re.compile(rb"\d+")
_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_:.-]{2,}")


@lru_cache(maxsize=64)
def seeds_of(kind: str, corpora: Path | None) -> tuple[bytes, ...]:
    """The real files a kind's cases are made from, small ones, always in the same order; a little of every other kind."""
    found = list(_INLINE.get(kind, ()))
    if corpora is not None and corpora.is_dir():
        for folder, pattern in _PLACES.get(kind, ()):
            files = sorted(file for file in (corpora / folder).rglob(pattern) if file.is_file())
            small = [file for file in files if 0 < file.stat().st_size <= _LARGEST]
            step = max(1, len(small) // _MOST_SEEDS)
            found += [file.read_bytes() for file in small[::step][:_MOST_SEEDS]]
    if kind == "parquet":
        found = list(_parquet())
    if kind == "set":
        found = [one for other in ("xsd", "wsdl") for one in seeds_of(other, corpora)[:40]]
    return tuple(found) or tuple(one for texts in _INLINE.values() for one in texts)


def _parquet() -> tuple[bytes, ...]:
    """Small Parquet files, written here, as none are supplied."""
    with tempfile.TemporaryDirectory() as place, duckdb.connect() as database:
        made = []
        for number, columns in enumerate(
            ("1 a, 'x' b", "[1, 2] l, {'k': date '2026-01-01'} s", "1.5::decimal(9, 2) d")
        ):
            file = Path(place) / f"{number}.parquet"
            database.execute(f"COPY (SELECT {columns}) TO '{file}' (FORMAT parquet)")
            made.append(file.read_bytes())
    return tuple(made)


def mutated(rng: random.Random, kind: str, seeds: tuple[bytes, ...]) -> bytes:
    """One damaged file of a kind."""
    if rng.random() < 0.04:
        return rng.randbytes(rng.randrange(400))
    if rng.random() < 0.04:
        seeds = tuple(one for texts in _INLINE.values() for one in texts)
    data = rng.choice(seeds)
    if len(data) > 3500 and rng.random() < 0.6:
        at = rng.randrange(len(data) - 2000)
        data = data[: rng.randrange(1500)] + data[at : at + 2000] if rng.random() < 0.5 else data[: at + 2000]
    ways = _GENTLE if rng.random() < 0.6 else _WAYS
    for _turn in range(1 + min(12, int(rng.expovariate(0.4)))):
        data = rng.choice(ways)(rng, data, seeds)[: 3 * _LARGEST]
    return _packed(rng, data, seeds) if kind == "set" else data


def _packed(rng: random.Random, data: bytes, seeds: tuple[bytes, ...]) -> bytes:
    names = ["a.xsd", "b/c.wsdl", "catalog.xml", "../x.xsd", "b/d.xsd"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name in rng.sample(names[: 4 if rng.random() < 0.1 else 3] + names[4:], rng.randrange(1, 4)):
            archive.writestr(zipfile.ZipInfo(name), data if rng.random() < 0.6 else rng.choice(seeds))
    packed = out.getvalue()
    return _flip(rng, packed, seeds) if rng.random() < 0.4 else packed


def _place(rng: random.Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def _flip(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    changed = bytearray(data)
    for _turn in range(rng.randrange(1, 6)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    at = _place(rng, data)
    return data[:at] + data[at + rng.choice((1, 5, 60, 1000)) :]


def _end(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    return data[: _place(rng, data)]


def _double(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    at = _place(rng, data)
    piece = data[at : at + rng.choice((3, 30, 300))]
    return data[:at] + piece * rng.choice((2, 2, 5, 200)) + data[at:]


def _insert(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    at = _place(rng, data)
    return data[:at] + rng.choice(_NASTY) * rng.choice((1, 1, 1, 2, 300)) + data[at:]


def _splice(rng: random.Random, data: bytes, seeds: tuple[bytes, ...]) -> bytes:
    other = rng.choice(seeds)
    at, begin = _place(rng, data), _place(rng, other)
    return data[:at] + other[begin : begin + rng.choice((20, 200, 2000))] + data[at:]


def _number(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    found = list(_NUMBER.finditer(data[:8000]))
    if not found:
        return data
    match = rng.choice(found)
    value = rng.choice((b"0", b"-1", b"1", b"65536", b"999999999", b"99999999999999999999999", b"1.5", b""))
    return data[: match.start()] + value + data[match.end() :]


def _rename(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    """One name put where another stood: references to itself, to nothing, to another sort of thing."""
    found = _NAME.findall(data[:8000])
    if len(found) < 2:
        return data
    return data.replace(rng.choice(found), rng.choice(found), rng.choice((1, 2, -1)))


def _lines(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    rows = data.split(b"\n")
    one, two = rng.randrange(len(rows)), rng.randrange(len(rows))
    rows[one], rows[two] = rows[two], rows[one]
    return b"\n".join(rows)


def _nest(rng: random.Random, data: bytes, _seeds: tuple[bytes, ...]) -> bytes:
    begin, end = rng.choice(
        ((b"<a>", b"</a>"), (b"[", b"]"), (b'{"a":', b"}"), (b"(", b")"), (b"<!--", b"-->"), (b"  - ", b""))
    )
    depth = rng.choice((1, 3, 300, 3000))
    at = _place(rng, data)
    return data[:at] + begin * depth + end * depth + data[at:]


def _value(rng: random.Random, data: bytes, seeds: tuple[bytes, ...]) -> bytes:
    """One quoted value in the place of another, or something nasty that keeps the file in its form."""
    found = list(_QUOTED.finditer(data[:16000]))
    if not found:
        return _number(rng, data, seeds)
    match = rng.choice(found)
    new = rng.choice(_HARMLESS) if rng.random() < 0.4 else rng.choice(found)[1]
    return data[: match.start(1)] + new + data[match.end(1) :]


def _element(rng: random.Random, data: bytes, seeds: tuple[bytes, ...]) -> bytes:
    """An empty element, or a line, taken out, doubled or put elsewhere."""
    found = list(_EMPTY.finditer(data[:16000]))
    if not found:
        return _lines(rng, data, seeds)
    one, two = rng.choice(found), rng.choice(found)
    if rng.random() < 0.3:
        return data[: one.start()] + data[one.end() :]
    return data[: one.end()] + two[0] * rng.choice((1, 1, 2, 400)) + data[one.end() :]


_QUOTED = re.compile(rb"\"([^\"<>\\\n]{0,300})\"")
_EMPTY = re.compile(rb"<[A-Za-z][^<>]{0,300}/>")
_HARMLESS = (
    *(one for one in _NASTY if not set(one) & set(b'<>&"\\\0\r\n') and one.isascii()),
    *(
        b"",
        b" ",
        b"unbounded",
        b"##other",
        b"[a-z]{1,99999}",
        b"(a+)+$",
        b"xs:anyType",
        b"#",
        b"true",
        b"a" * 5000,
    ),
)
_WAYS = (
    _flip,
    _flip,
    _cut,
    _end,
    _double,
    _insert,
    _insert,
    _splice,
    _number,
    _rename,
    _rename,
    _lines,
    _nest,
)
# These leave most files well-formed, so that what reads the content is reached.
_GENTLE = (_value, _value, _value, _rename, _number, _element, _element)
