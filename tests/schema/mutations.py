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
    "edi": (("edi-x12", "*.txt"), ("edi-x12", "*.edi"), ("edi-edifact", "*.edi"), ("edi-x12", "schema.json")),
    "x12": (("edi-x12", "*.txt"), ("edi-x12", "*.edi")),
    "edifact": (("edi-edifact", "*.edi"),),
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
    "weft": (
        b"weft: schema/1\nkind: delimited\nrecords:\n  row:\n    fields:\n      a: {type: text}\n",
        b"weft: schema/1\nkind: fixed\nlength: 9\nrecords:\n  h:\n    occurs: 1\n    tell: {at: 1, text: [H]}\n    fields:\n"
        b"      a: {start: 2, width: 3, value: x}\n      g: {occurs: 0..3, fields: {b: {width: 2, pad: '0'}}}\n    records:\n"
        b"      d: {tell: D, fields: {c: {width: 1}}}\n",
        b"weft: schema/1\nkind: edi\nstandard: x12\nrecords:\n  BEG: {fields: {BEG01: text, BEG02: {fields: {a: text}}}}\n"
        b"  lines:\n    occurs: 1..n\n    records:\n      PO1: {tell: {field: q, text: [A]}, fields: {q: text}}\n",
        b"weft: schema/1\nkind: edi\ndefinitions: [case.dat]\nsample: case.dat\n",
    ),
    "jtr": (
        b'<JTR Type="Xml"><ElementTypes><ElementType Name="2"><CROM Name="1" Type="0x28"><Xml Type="2"/></CROM></ElementType>'
        b'</ElementTypes><CROM Type="0x8001"><CROM Name="1" Type="0x1"><Xml Type="2" NS="3"/><CROM Name="1" Type="0x24">'
        b'<Attr ValType="4" Domain="a|b"/></CROM><CROM Name="2" Type="0x11"><Xml Type="2"/></CROM></CROM></CROM><Strings>'
        b'<String idx="1" val="a"/><String idx="2" val="T"/></Strings></JTR>',
        b'<JTR Type="Text"><CROM Type="0x8001"><Text/><CROM Type="0x9"><Text Delimiter=","/><CROM Type="0x24" Name="a">'
        b'<Attr ValType="1"/></CROM></CROM></CROM></JTR>',
        b'<Entity type="Document"><Delimiter value=","/><Segment name="a" parent="_Root"><Fields><Field name="f"/></Fields>'
        b'</Segment><Segment name="b" parent="a"/></Entity>',
    ),
    "excel": (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="str">'
        b'<v>a</v></c></row><row r="1048576"><c r="XFD1048576" t="b"><v>1</v></c></row></sheetData></worksheet>',
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" '
        b't="inlineStr"><is><t>Name</t></is></c><c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="str"><v>x</v></c>'
        b'<c r="B2"><v>2.5</v></c><c r="C2" t="b"><v>1</v></c></row></sheetData></worksheet>',
        b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
        b'<table:table table:name="a"><table:table-row table:number-rows-repeated="3"><table:table-cell '
        b'office:value-type="float" office:value="1" table:number-columns-repeated="4"/></table:table-row></table:table>'
        b"</office:spreadsheet></office:body></office:document-content>",
    ),
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
    "edi": (
        b"UNA:+.? 'UNB+UNOA:1+S+R+260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220'UNT+3+1'UNZ+1+1'",
        b'<transaction xid="835"><loop xid="ST_LOOP"><segment xid="ST"><usage>R</usage><pos>1</pos><element xid="ST01">'
        b"<data_ele>143</data_ele><seq>01</seq><valid_codes><code>835</code></valid_codes></element></segment>"
        b'<loop xid="A" repeat="&gt;1"><segment xid="REF"><composite xid="REF01"><element xid="REF01-01"/></composite>'
        b"</segment></loop></loop></transaction>",
        b'<message><segment id="UNH" required="true"/><group id="SG1" maxrepeat="9"><segment id="RFF" maxrepeat="5"/></group>'
        b"</message>",
        b'{"delimiters":{"segment":"~","field":"*"},"segments":[{"code":"A","fields":[{"tag":"code"},{"tag":"b","components":'
        b'[{"tag":"c"}]}]},{"tag":"g","maxOccurances":-1,"segments":[{"ref":"X"}]}],"segmentDefinitions":{"X":{"code":"X"}}}',
    ),
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
    if kind == "excel":
        return _booked(rng, data, seeds)
    return _packed(rng, data, seeds) if kind == "set" else data


# The parts a workbook needs besides its sheet.
_BOOK = {
    "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" '
    b'r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    b'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/sharedStrings.xml": b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>s</t></si></sst>',
    "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    b"</Relationships>",
    "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
}


def workbook(sheet: bytes) -> bytes:
    """A workbook with this text as its one sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**_BOOK, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def _booked(rng: random.Random, data: bytes, seeds: tuple[bytes, ...]) -> bytes:
    """A workbook with the damaged text as one of its parts, sometimes with bytes of the archive changed as well."""
    parts = {**_BOOK, "xl/worksheets/sheet1.xml": rng.choice(seeds)}
    if b"office" in data[:400] and rng.random() < 0.9:
        parts = {
            "content.xml": data,
            "META-INF/manifest.xml": b"<m/>",
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        }
    else:
        parts[rng.choice(["xl/worksheets/sheet1.xml"] * 6 + list(_BOOK))] = data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    packed = out.getvalue()
    return _flip(rng, packed, seeds) if rng.random() < 0.1 else packed


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
