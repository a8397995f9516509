"""COBOL copybooks: pictures, layout in bytes, redefinitions, real copybooks against their data, broken ones."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, Severity, WeftError
from studio.schema.cache import load_cache, write_cache
from studio.schema.copybook.picture import binary_bytes, read_picture
from studio.schema.copybook.source import tokens
from studio.schema.copybook.values import decode, decode_record, described_records
from studio.schema.model import Base, Kind, Node, Schema
from studio.schema.read import read_schema
from tests.schema.trees import Reads, lines

_FOLDER = Path("corpora") / "fixed-width" / "cobrix-copybooks"

# The bytes of each record of the supplied copybooks.
_WIDTHS = {
    "test10_copybook": [46],
    "test11_copybook": [64],
    "test12_copybook": [46, 46],
    "test13a_file_header_footer": [45],
    "test16_fix_len_segments": [64],
    "test17_hierarchical": [108],
    "test19_display_num": [80],
    "test1_copybook": [2202],
    "test1a_copybook": [2173],
    "test21_copybook": [9],
    "test24_copybook": [1493],
    "test25_copybook": [6],
    "test3_copybook": [45],
    "test5_copybook": [64],
    "test5d_copybook": [68],
    "test6_copybook": [1493],
    "test7_fillers": [60],
}


def test_every_supplied_copybook_opens_with_its_widths(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / _FOLDER).glob("*.cob"))
    assert len(files) >= 25
    for file in files:
        schema = read_schema(file)
        assert schema.kind == "copybook", file.name
        assert not [one for one in schema.problems if one.severity is Severity.ERROR], file.name
        widths = [int(root.facts["width"]) for root in schema.roots]
        assert widths == _WIDTHS.get(file.stem, widths), file.name
        write_cache(schema, tmp_path / "x.schema")
        again = load_cache(tmp_path / "x.schema")
        for root in schema.roots:
            assert lines(again, root.name) == lines(schema, root.name)


def test_a_redefinition_is_a_choice_of_views_and_a_table_repeats(shared: Path) -> None:
    schema = read_schema(shared / _FOLDER / "test1_copybook.cob")
    assert lines(schema, depth=8) == [
        "RECORD 0..n RECORD",
        "RECORD/ID 1 integer",
        "RECORD/COMPANY 1 COMPANY",
        "RECORD/COMPANY/SHORT-NAME 1 string",
        "RECORD/COMPANY 1 (one of)",
        "RECORD/COMPANY/COMPANY-ID-NUM 1 integer",
        "RECORD/COMPANY/COMPANY-ID-STR 1 string",
        "RECORD/METADATA 1 METADATA",
        "RECORD/METADATA/CLIENTID 1 string",
        "RECORD/METADATA/REGISTRATION-NUM 1 string",
        "RECORD/METADATA/NUMBER-OF-ACCTS 1 integer",
        "RECORD/METADATA/ACCOUNT 1 ACCOUNT",
        "RECORD/METADATA/ACCOUNT/ACCOUNT-DETAIL 0..80 ACCOUNT-DETAIL",
        "RECORD/METADATA/ACCOUNT/ACCOUNT-DETAIL/ACCOUNT-NUMBER 1 string",
        "RECORD/METADATA/ACCOUNT/ACCOUNT-DETAIL 0..80 ACCOUNT-DETAIL".replace(
            " 0..80 ACCOUNT-DETAIL", " 1 (one of)"
        ),
        "RECORD/METADATA/ACCOUNT/ACCOUNT-DETAIL/ACCOUNT-TYPE-N 1 integer",
        "RECORD/METADATA/ACCOUNT/ACCOUNT-DETAIL/ACCOUNT-TYPE-X 1 string",
    ]
    kind = schema.find("RECORD/METADATA/ACCOUNT/ACCOUNT-DETAIL/ACCOUNT-TYPE-X")
    assert kind is not None
    assert kind.node.facts == {
        "offset": "66",
        "width": "3",
        "usage": "display",
        "picture": "X(3)",
        "level": "15",
        "redefines": "ACCOUNT-TYPE-N",
    }
    detail = schema.find("RECORD/METADATA/ACCOUNT/ACCOUNT-DETAIL")
    assert detail is not None
    assert detail.node.facts["depending"] == "NUMBER-OF-ACCTS"


def _data(shared: Path, number: int) -> bytes:
    return next((shared / _FOLDER / f"test{number}_data").iterdir()).read_bytes()


def test_the_supplied_numbers_agree_in_every_way_of_writing_them(shared: Path) -> None:
    root = read_schema(shared / _FOLDER / "test6_copybook.cob").roots[0]
    data = _data(shared, 6)
    assert len(data) == 100 * 1493
    for at in range(100):
        values, end = decode_record(data[at * 1493 : (at + 1) * 1493], root)
        assert end == 1493
        assert values["ID"] == at + 1
        assert None not in values.values()
        for number in range(1, 15):
            zoned = values[f"NUM-STR-INT{number:02}"]
            assert values[f"NUM-BIN-INT{number:02}"] == zoned
            assert values[f"NUM-BCD-INT{number:02}"] == zoned
            if number > 1:
                signed = values[f"NUM-STR-SINT{number:02}"]
                assert abs(signed) == zoned
                assert values[f"NUM-SBIN-SINT{number:02}"] == signed
                assert values[f"NUM-BCD-SINT{number:02}"] == signed
        for number in range(1, 11):
            decimal = values[f"NUM-STR-DEC{number:02}"]
            assert isinstance(decimal, Decimal)
            assert values[f"NUM-BIN-DEC{number:02}"] == values[f"NUM-BCD-DEC{number:02}"] == decimal
            assert abs(values[f"NUM-STR-SDEC{number:02}"]) == decimal
        for number in range(3, 7):
            # A point of its own takes one place, so the last digit may differ from the record without it.
            assert values[f"NUM-STR-EDEC{number:02}"] == values[f"NUM-STR-SDEC{number:02}"]
        assert values["EX-NUM-INT01"] == values["EX-NUM-INT04"] == values["NUM-STR-SINT06"]


def test_the_supplied_records_are_plausible(shared: Path) -> None:
    root = read_schema(shared / _FOLDER / "test1_copybook.cob").roots[0]
    data = _data(shared, 1)
    assert len(data) == 10 * 2202
    for at in range(10):
        values, _end = decode_record(data[at * 2202 :], root)
        assert values["ID"] == at + 1
        count = values["METADATA"]["NUMBER-OF-ACCTS"]
        accounts = values["METADATA"]["ACCOUNT"]["ACCOUNT-DETAIL"]
        assert len(accounts) == 80
        assert [one["ACCOUNT-NUMBER"] != "" for one in accounts] == [True] * count + [False] * (80 - count)
        # Only as many places as the table's count says: the record then ends behind them.
        values, end = decode_record(data[at * 2202 :], root, variable=True)
        assert (len(values["METADATA"]["ACCOUNT"]["ACCOUNT-DETAIL"]), end) == (count, 42 + 27 * count)


@pytest.mark.parametrize(("number", "count"), [(5, 1000), (11, 1000)])
def test_segments_of_companies_and_contacts(shared: Path, number: int, count: int) -> None:
    root = read_schema(shared / _FOLDER / f"test{number}_copybook.cob").roots[0]
    data = _data(shared, number)
    records = list(described_records(data, big_endian=False)) if number == 5 else list(_with_mark(data))
    assert len(records) == count
    for record in records:
        values, _end = decode_record(record, root)
        if values["SEGMENT-ID"] == "C":
            assert len(record) == 64
            taxpayer = values["STATIC-DETAILS"]["TAXPAYER"]
            assert taxpayer["TAXPAYER-TYPE"] in ("A", "N")
            assert taxpayer["TAXPAYER-TYPE"] == "N" or taxpayer["TAXPAYER-STR"].isdigit()
        else:
            assert (values["SEGMENT-ID"], len(record)) == ("P", 60)
            assert values["CONTACTS"]["PHONE-NUMBER"].startswith("+(")


def _with_mark(data: bytes) -> Iterator[bytes]:
    """Test 11 has a mark of one byte before each descriptor: 1 for records that count."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at + 3 : at + 5], "little")
        if data[at] == 1:
            yield data[at + 5 : at + 5 + length]
        at += 5 + length


_ALL = """000100 IDENTIFICATION DIVISION.                                         TAG00001
000200 DATA DIVISION.
000300 FILE SECTION.
000400 FD  CUSTOMERS RECORDING MODE F.
000500 01  CUSTOMER.
000600     05  STATUS-CODE       PIC X VALUE 'A'.
000700         88  ACTIVE        VALUE 'A' 'B'.
000800         88  CLOSED        VALUES ARE 'C' THRU 'F'.
000900     05  BALANCE           PIC S9(7)V99 SIGN LEADING SEPARATE.
001000     05  WHEN-OPENED       USAGE IS DISPLAY PICTURE IS 9(8).
001100*    05  GONE              PIC X(99).
001200     05  RATE              COMP-2.
001300     05  ALIGNED-A         PIC X.
001400     05  ALIGNED-B         PIC S9(9) COMP SYNC.
001500     05  MONTHS OCCURS 12 TIMES INDEXED BY M PIC 9(3)V9 COMP-3.
001600     05  TITLE             PIC X(20) VALUE 'A very long ti
001700-    'tle'.
001800     05  FILLER            PIC X(3).
001900     05                    PIC X(2).
002000     05  AMOUNT            PIC $$$,$$9.99CR.
002100     66  NAMES             RENAMES TITLE THRU AMOUNT.
002200 77  COUNTER               PIC 9(4) BINARY.
002300 01  OTHER REDEFINES CUSTOMER PIC X(10).
"""


def test_every_clause_counts(reads: Reads) -> None:
    schema = reads(("all.cpy", _ALL))
    assert schema.problems == ()
    assert [(root.name, root.kind) for root in schema.roots] == [
        ("CUSTOMER", Kind.SEGMENT),
        ("COUNTER", Kind.FIELD),
        ("OTHER", Kind.FIELD),
    ]
    nodes = {node.name: node for node in schema.roots[0].type.children}
    assert list(nodes) == [
        "STATUS-CODE", "BALANCE", "WHEN-OPENED", "RATE", "ALIGNED-A", "ALIGNED-B", "MONTHS", "TITLE", "FILLER", "FILLER_2",
        "AMOUNT", "NAMES",
    ]  # fmt: skip
    places = {name: (int(node.facts["offset"]), int(node.facts["width"])) for name, node in nodes.items()}
    assert places == {
        "STATUS-CODE": (0, 1),
        "BALANCE": (1, 10),
        "WHEN-OPENED": (11, 8),
        "RATE": (19, 8),
        "ALIGNED-A": (27, 1),
        "ALIGNED-B": (28, 4),
        "MONTHS": (32, 3),
        "TITLE": (68, 20),
        "FILLER": (88, 3),
        "FILLER_2": (91, 2),
        "AMOUNT": (93, 12),
        "NAMES": (68, 37),
    }
    assert nodes["STATUS-CODE"].facts["conditions"] == "ACTIVE: A B\nCLOSED: C THRU F"
    assert (nodes["STATUS-CODE"].default, nodes["TITLE"].default) == ("A", "A very long title")
    assert nodes["BALANCE"].facts["sign"] == "leading separate"
    assert nodes["BALANCE"].line == 9
    assert nodes["MONTHS"].occurs.max == 12
    assert nodes["AMOUNT"].value is not None
    assert (nodes["AMOUNT"].value.base, nodes["AMOUNT"].value.fraction_digits) == (Base.DECIMAL, 2)
    assert schema.roots[0].facts["width"] == "105"
    assert schema.facts["encoding"] == "cp037"


def test_words_for_values_and_tables_without_end(reads: Reads) -> None:
    text = "01 A.\n 05 N PIC 9(3) VALUE ZEROS.\n 05 T PIC X(3) VALUE SPACES.\n 05 M PIC S9 VALUE -1.\n"
    text += " 05 L OCCURS 1 TO UNBOUNDED DEPENDING ON N PIC X.\n"
    schema = reads(("a.cpy", text))
    assert schema.problems == ()
    nodes = schema.roots[0].type.children
    assert [node.default for node in nodes] == ["0", "", "-1", None]
    assert (nodes[3].occurs.min, nodes[3].facts["depending"]) == (1, "N")


def test_free_format_and_a_fragment_without_a_record(reads: Reads) -> None:
    text = (
        "*> customers\n05 NAME PIC X(5). *> a note\n05 BLOCK.\n 10 QTY PIC 9(2)\n   COMP-5.\n05 NAME PIC 9.\n"
    )
    schema = reads(("part.cpy", text))
    assert lines(schema) == [
        "part 0..n part",
        "part/NAME 1 string",
        "part/BLOCK 1 BLOCK",
        "part/BLOCK/QTY 1 integer",
        "part/NAME_2 1 integer",
    ]
    assert schema.roots[0].facts["width"] == "8"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("       01 A.\n          05 B PIC Q(3).\n", 2, "no picture: Q(3)"),
        (
            "       01 A.\n          05 B PIC X(3)\n          05 C PIC X.\n",
            3,
            "period that ends B is missing",
        ),
        ("       01 A.\n          05 B REDEFINES Z PIC X.\n", 2, "redefines Z, which does not stand"),
        ("       01 A.\n          05 B.\n          05 C PIC X.\n", 2, "neither a picture nor items"),
        ("       01 A.\n          05 B PIC X.\n             10 C PIC X.\n", 3, "cannot hold C"),
        ("       01 A.\n          05 B PIC X OCCURS MANY.\n", 2, "number of times"),
        ("       01 A.\n          05 B PIC X SPLENDID.\n", 2, "not understood here: SPLENDID"),
        ("       01 A.\n          COPY OTHER.\n          05 B PIC X.\n", 2, "OTHER is included here"),
        ("       01 A.\n          BY 05 B PIC X.\n          05 C PIC 9.\n", 2, "level number is expected"),
        ("       01 A.\n          05 B PIC X COMP-3.\n", 2, "its picture is no number"),
    ],
)
def test_what_is_wrong_is_located_and_the_rest_still_shows(
    reads: Reads, text: str, line: int, message: str
) -> None:
    schema = reads(("a.cpy", text))
    assert schema.roots[0].name == "A"
    assert any(one.line == line and message in one.message for one in schema.problems), schema.problems


def test_what_is_no_copybook_is_refused(reads: Reads) -> None:
    with pytest.raises(BadInput, match="level number is expected") as caught:
        reads(("a.cpy", "Dear customer,\nthank you.\n"))
    assert caught.value.line == 1
    with pytest.raises(BadInput, match="no data description"):
        reads(("a.cpy", "      * only a comment\n"))


@pytest.mark.parametrize(
    ("text", "kind", "characters", "digits", "scale", "signed"),
    [
        ("X(10)", "text", 10, 0, 0, False),
        ("S9(5)V99", "number", 7, 7, 2, True),
        ("SPPP9(5)", "number", 5, 5, 8, True),
        ("S9(5)PPP", "number", 5, 5, -3, True),
        ("V9(5)", "number", 5, 5, 5, False),
        ("ZZ,ZZ9.99", "edited", 9, 7, 2, False),
        ("+++9.9", "edited", 6, 4, 1, True),
        ("$$$,$$9.99CR", "edited", 12, 7, 2, True),
        ("9(8).9(2)", "edited", 11, 10, 2, False),
        ("A(3)9", "text", 4, 0, 0, False),
        ("N(4)", "national", 4, 0, 0, False),
    ],
)
def test_pictures(text: str, kind: str, characters: int, digits: int, scale: int, signed: bool) -> None:
    picture = read_picture(text)
    assert picture is not None
    assert (picture.kind, picture.characters, picture.digits, picture.scale, picture.signed) == (
        kind,
        characters,
        digits,
        scale,
        signed,
    )


@pytest.mark.parametrize("text", ["", "Q", "X(0)", "X(", "X(99999999999)", "S", "V", "(3)"])
def test_what_is_no_picture(text: str) -> None:
    assert read_picture(text) is None


@given(st.integers(0, 10**18 - 1), st.booleans(), st.integers(0, 9))
def test_packed_numbers_come_back(number: int, negative: bool, scale: int) -> None:
    digits = f"{number}{'D' if negative else 'C'}"
    data = bytes.fromhex(digits.rjust(len(digits) + len(digits) % 2, "0"))
    value = decode(data, {"usage": "comp-3", "decimals": str(scale)}, Base.DECIMAL)
    assert value == (-number if negative else number) * Decimal(10) ** -scale


@given(st.integers(0, 10**30))
def test_binary_numbers_fit_their_bytes(number: int) -> None:
    digits = len(str(number))
    size = binary_bytes(digits)
    assert (10**digits - 1).bit_length() <= size * 8
    assert (
        decode(number.to_bytes(size + 1, "big"), {"usage": "binary", "picture": "9"}, Base.INTEGER) == number
    )


def _nodes(schema: Schema) -> Iterator[Node]:
    waiting = list(schema.roots)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.type.children


_WORDS = st.sampled_from(
    "01 05 10 49 66 77 88 A B FILLER PIC PICTURE X(3) S9(4)V99 9 COMP-3 BINARY OCCURS 3 TO 5 TIMES DEPENDING ON B REDEFINES "
    "A VALUE 'x' \" . \n SIGN LEADING SEPARATE RENAMES THRU COPY SYNC - * == INDEXED BY".split(" ")
)


@given(st.lists(_WORDS, max_size=60), st.sampled_from(["       ", "", "-", "      *", "      -"]))
def test_any_words_make_a_tree_or_an_error_in_words(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], lead: str
) -> None:
    text = lead + " ".join(words).replace("\n", "\n" + lead)
    file = tmp_path_factory.getbasetemp() / "any.cpy"
    file.write_text(text, "utf-8")
    end = text.count("\n") + 1
    where: int | None = None
    schema: Schema | None = None
    try:
        schema = read_schema(file, kind="copybook")
    except WeftError as error:
        where = error.line
    if schema is None:
        assert where is None or 1 <= where <= end
        return
    assert all(1 <= (problem.line or 1) <= end for problem in schema.problems)
    assert all(1 <= (node.line or 1) <= end for node in _nodes(schema))


@given(st.text(max_size=300))
def test_words_have_their_place_in_the_text(text: str) -> None:
    given_lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for token in tokens(text):
        line: Any = given_lines[token.line - 1].expandtabs(8)
        assert line[token.column - 1 :].startswith(token.text[:1])
