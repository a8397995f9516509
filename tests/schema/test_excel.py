"""Workbooks as samples: sheets, headers, types of cells, several files; bombs, broken and locked ones."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, TooLarge, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.excel import read_excel
from studio.schema.excel_parts import OLE, first_rows
from studio.schema.model import Schema
from studio.schema.read import read_schema, recognise
from tests.schema.trees import lines

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
# The styles of a cell: none, a date, a date with its time, a time.
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1">'
    '<border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/>'
    '<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>'
    '<xf numFmtId="20" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def _letters(column: int) -> str:
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _cell(value: object, at: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, tuple):
        return f'<c r="{at}" s="{value[0]}"><v>{value[1]}</v></c>'
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{at}"><v>{value}</v></c>'


def _sheet(rows: list[list[object]]) -> str:
    written = "".join(
        f'<row r="{at}">'
        + "".join(_cell(value, f"{_letters(n)}{at}") for n, value in enumerate(row, 1))
        + "</row>"
        for at, row in enumerate(rows, 1)
    )
    return f'<?xml version="1.0"?><worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _workbook(sheets: dict[str, str], extra: dict[str, bytes] | None = None) -> bytes:
    names = list(sheets)
    book = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_RELS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>{book}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rs" Type="{_RELS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
        **{f"xl/worksheets/sheet{n}.xml": sheets[name] for n, name in enumerate(names, 1)},
        **(extra or {}),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()


_ORDERS: list[list[object]] = [
    ["Number", "Customer", "Total", "Paid", "Placed", "Shipped", "At", "Postcode"],
    [1, "Ada", 10.5, True, (1, 46082), (2, 46082.5), (3, 0.25), "01310"],
    [2, "Bob", 7, False, (1, 46083), (2, 46083.25), (3, 0.5), "04567"],
]


def _read(folder: Path, data: bytes, name: str = "a.xlsx") -> Schema:
    (folder / name).write_bytes(data)
    return read_schema(folder / name)


def test_every_sheet_is_a_root_and_cells_tell_their_types(tmp_path: Path) -> None:
    data = _workbook(
        {
            "Orders": _sheet(_ORDERS),
            "Rates 2026": _sheet([["code", "rate"], ["BRL", 5.25]]),
            "Notes": _sheet([]),
        }
    )
    schema = _read(tmp_path, data, "x.bin")
    assert schema.kind == "excel"
    assert [(root.name, root.facts["sheet"]) for root in schema.roots] == [
        ("row", "Orders"),
        ("Rates 2026", "Rates 2026"),
    ]
    assert lines(schema) == [
        "row 0..n row",
        "row/Number 0..1 integer",
        "row/Customer 0..1 string",
        "row/Total 0..1 decimal",
        "row/Paid 0..1 boolean",
        "row/Placed 0..1 date",
        "row/Shipped 0..1 dateTime",
        "row/At 0..1 time",
        "row/Postcode 0..1 string",
    ]
    assert lines(schema, "Rates 2026") == [
        "`Rates 2026` 0..n Rates 2026",
        "`Rates 2026`/code 0..1 string",
        "`Rates 2026`/rate 0..1 decimal",
    ]
    assert [one.message for one in schema.problems] == ["The sheet Notes is empty and left out."]
    write_cache(schema, tmp_path / "x.schema")
    assert lines(load_cache(tmp_path / "x.schema")) == lines(schema)


def test_a_title_above_the_header_and_no_header_at_all(tmp_path: Path) -> None:
    titled: list[list[object]] = [["Orders of March"], [], *_ORDERS]
    schema = _read(tmp_path, _workbook({"a": _sheet(titled)}))
    assert [node.name for node in schema.roots[0].type.children][:2] == ["Number", "Customer"]
    assert schema.roots[0].facts["first_row"] == "2"
    schema = _read(tmp_path, _workbook({"a": _sheet([[1, 2], [3, 4]])}))
    assert [node.name for node in schema.roots[0].type.children] == ["column1", "column2"]
    assert schema.facts["header"] == "false"


def test_several_workbooks_make_one_schema(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(_workbook({"s": _sheet([["id", "n"], ["x", 1]])}))
    (tmp_path / "b.xlsx").write_bytes(_workbook({"s": _sheet([["id", "n", "more"], ["y", 1.5, "z"]])}))
    schema = read_excel(tmp_path / "a.xlsx", more=[tmp_path / "b.xlsx"])
    assert lines(schema)[1:] == ["row/id 0..1 string", "row/n 0..1 decimal", "row/more 0..1 string"]
    assert len(schema.files) == 2


def _record(code: int, data: bytes) -> bytes:
    return struct.pack("<HH", code, len(data)) + data


def _old_cell(at: tuple[int, int], value: object) -> bytes:
    place = struct.pack("<HHH", *at, 15)
    if isinstance(value, str):
        return _record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return _record(0x0203, place + struct.pack("<d", value))


def _old_workbook(cells: dict[tuple[int, int], object]) -> bytes:
    """The smallest .xls: one sheet in one stream of a compound file."""
    start = struct.pack("<HHII", 0, 0, 0, 6)
    sheet = _record(0x0809, struct.pack("<HH", 0x0600, 0x10) + start)
    sheet += b"".join(_old_cell(at, value) for at, value in cells.items()) + _record(0x0A, b"")
    book = _record(0x0809, struct.pack("<HH", 0x0600, 5) + start)
    size = len(book) + 4 + 14 + 4
    book += _record(0x85, struct.pack("<IBBBB", size, 0, 0, 6, 0) + b"Sheet1") + _record(0x0A, b"")
    stream = (book + sheet).ljust(4096, b"\0")
    stream = stream.ljust(-(-len(stream) // 512) * 512, b"\0")
    count = len(stream) // 512
    chain = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, count + 2), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))

    def entry(name: str, kind: int, first: int, length: int, child: int) -> bytes:
        raw = name.encode("utf-16-le")
        head = raw.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(raw) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child
        )
        return head + bytes(36) + struct.pack("<III", first, length, 0)

    directory = entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + entry("Workbook", 2, 2, len(stream), 0xFFFFFFFF)
    head = OLE + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<10I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0) + b"\xff" * 432
    return head + table + directory.ljust(512, b"\0") + stream


def test_a_workbook_of_the_old_form(tmp_path: Path) -> None:
    cells: dict[tuple[int, int], object] = {
        (0, 0): "Name",
        (0, 1): "Total",
        (1, 0): "Ada",
        (1, 1): 2.5,
        (2, 0): "Bob",
        (2, 1): 7.0,
    }
    schema = _read(tmp_path, _old_workbook(cells), "a.bin")
    assert lines(schema) == ["row 0..n row", "row/Name 0..1 string", "row/Total 0..1 decimal"]
    with pytest.raises(TooLarge, match="unpacks to more"):
        _read(tmp_path, _old_workbook({(0, 0): "Name", (65535, 255): 1.0}), "far.xls")


def test_failures_of_the_library_are_not_written_to_the_error_stream(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good = _old_workbook({(0, 0): "Name", (1, 0): "Ada"})
    with pytest.raises(BadInput):
        # The list of streams is cut inside an entry, on which the library gives up in its own way.
        _read(tmp_path, good[: 1024 + 256 + 29], "a.xls")
    assert capfd.readouterr().err == ""


_ODS = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    "<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"
)


def _ods(rows: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", _ODS.format(f'<table:table table:name="Sheet1">{rows}</table:table>'))
    return made.getvalue()


def _ods_row(*texts: str, times: int = 1, wide: int = 1) -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{wide}"><text:p>{text}</text:p>'
        "</table:table-cell>"
        for text in texts
    )
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def test_an_open_document(tmp_path: Path) -> None:
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    schema = _read(
        tmp_path,
        _ods(_ods_row("Name", "Town") + _ods_row("Ada", "London") + _ods_row("Bob", "Rome") + empty),
        "a.ods",
    )
    assert lines(schema) == ["row 0..n row", "row/Name 0..1 string", "row/Town 0..1 string"]


def test_workbooks_made_to_hurt_cost_no_more_than_small_ones(tmp_path: Path) -> None:
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{far}</sheetData></worksheet>'
    schema = _read(tmp_path, _workbook({"far": sheet}))
    assert [node.name for node in schema.roots[0].type.children] == ["column1"]
    # Many rows: the first ones are enough.
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>{at}</v></c></row>' for at in range(1, 120_000))
    schema = _read(
        tmp_path, _workbook({"long": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'})
    )
    assert lines(schema) == ["row 0..n row", "row/column1 0..1 integer"]
    # A part that unpacks to a hundred times what it says is not read to its end.
    with pytest.raises(TooLarge, match="unpacks to more"):
        _read(tmp_path, _workbook({"a": _sheet(_ORDERS)}, {"xl/sharedStrings.xml": b" " * (40 << 20)}))
    with pytest.raises(TooLarge, match="unpacks to more"):
        _read(tmp_path, _ods(_ods_row(*["x"] * 400, times=999, wide=999) * 4), "a.ods")


def test_broken_and_locked_workbooks_are_refused(tmp_path: Path) -> None:
    good = _workbook({"a": _sheet(_ORDERS)})
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    for name, data, message in (
        ("a.xlsx", ole + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        ("a.xls", ole, "no workbook"),
        ("b.xls", _old_workbook({(0, 0): "x"})[:1500], "no workbook|cannot be read|no cells"),
        ("a.xlsx", good[: len(good) // 2], "damaged|archive"),
        ("b.xlsx", _workbook({"a": "<worksheet"}), "damaged: xl/worksheets"),
        ("c.xlsx", _workbook({"a": _sheet([])}), "no cells"),
        # The library reads on without end where the end of a table is missing.
        ("e.ods", _ods(_ods_row("a") + "</table:tableice>"), "damaged: content.xml"),
        ("d.xlsb", good.replace(b"xl/workbook.xml", b"xl/workbook.bin"), "xlsb"),
    ):
        with pytest.raises(BadInput, match=message) as caught:
            _read(tmp_path, data, name)
        assert caught.value.next_step, name


def test_a_workbook_is_told_from_other_archives(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(_workbook({"a": _sheet(_ORDERS)}))
    assert recognise(tmp_path / "a.zip") == "excel"
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("a.xsd", "<a/>")
    assert recognise(tmp_path / "b.xlsx") != "excel"


@given(st.data())
def test_changed_bytes_give_a_schema_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    good = bytearray(_workbook({"a": _sheet(_ORDERS)}))
    for _turn in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / "any.xlsx"
    file.write_bytes(bytes(good))
    schema: Schema | None = None
    refused: WeftError | None = None
    try:
        schema = read_schema(file, kind="excel")
    except WeftError as error:
        refused = error
    assert (schema is not None and schema.roots) or (refused is not None and refused.file)


@given(st.lists(st.sampled_from(['<row r="1">', '<row r="9999">', "<row>", '<c r="A1"/>', '<c r="XFD7"/>', "</row>", "</x:row>", "<x:row>"]), max_size=12))  # fmt: skip
def test_a_sheet_is_cut_before_what_is_left_out(parts: list[str]) -> None:
    sheet = f"<worksheet><sheetData>{''.join(parts)}</sheetData></worksheet>".encode()
    kept = first_rows(sheet)
    assert b'r="9999"' not in kept
    assert kept == sheet or sheet.startswith(kept[: kept.rindex(b"</sheetData>") - 2].rstrip(b"</x:"))
