"""What only few inputs show: each of these came from a fault that all other tests passed over."""

from __future__ import annotations

import dataclasses
import io
import re
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pytest

from studio.base.errors import BadInput, TooLarge
from studio.engine.formats import xml_read
from studio.engine.formats.copybook_values import bytes_writer
from studio.engine.formats.delimited_read import RowUnits
from studio.engine.forms import Form
from studio.schema.model import Base, Kind, Occurs, ValueType
from studio.schema.read import read_schema
from tests.engine.build import both, json_items, plan, rows, run, xml
from tests.engine.edi_cases import ORDER_850, ORDERS_850, schema
from tests.engine.test_records import own
from tests.engine.test_typed_formats import copying, same

ORDER = "interchange/group/transaction"


def test_a_closing_segment_does_not_come_along_with_its_message(tmp_path: Path) -> None:
    """What stands behind the messages is read before the first of them is mapped."""
    out = xml({"orders": {"order*": {"@n": "text", "@count": "text"}}})
    rules = {
        "orders/order": {"loop": ORDER},
        "orders/order/@n": "[../GS/GS06]",
        "orders/order/@count": "[../GE/GE01]",
    }
    made = plan(rules, schema(tmp_path, ORDER_850), out)
    text, _failures, _counts = both(made, "\n".join(ORDERS_850), fast=False)
    assert [line.strip() for line in text.split("\n") if "<order " in line] == [
        '<order n="7" count="2"/>', '<order n="7" count="2"/>', '<order n="8" count="1"/>',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("loop", "read", "kept"), [("group", "[GS/GS06]", ["8", "7", "8"]), ("", "[ISA/ISA13]", ["000000042"])]
)
def test_a_bad_message_fails_the_level_that_is_a_record(
    tmp_path: Path, loop: str, read: str, kept: list[str]
) -> None:
    """The group alone, where groups are records; the interchange, where those are."""
    out = xml({"orders": {"order*": {"@n": "text"}}})
    way = f"interchange/{loop}".rstrip("/")
    made = plan({"orders/order": {"loop": way}, "orders/order/@n": read}, schema(tmp_path, ORDER_850), out)
    good = "\n".join(ORDERS_850)
    text, failures, _counts = both(
        made, good.replace("PID*F****Washers~", "XXX*1~") + "\n" + good, fast=False
    )
    name = loop or "interchange"
    reason = "Line 21: Segment 4: XXX is not in the definition of the message."
    assert failures == [(1, name, reason)]
    assert re.findall('<order n="(.*)"', text) == kept


def test_a_second_interchange_is_refused_where_the_schema_has_one(tmp_path: Path) -> None:
    found = schema(tmp_path, ORDER_850)
    one = dataclasses.replace(found, roots=(dataclasses.replace(found.roots[0], occurs=Occurs(1, 1)),))
    made = plan(
        {"orders/order": {"loop": ORDER}, "orders/order/no": "[BEG/BEG03]"},
        one,
        xml({"orders": {"order*": {"no": "text"}}}),
    )
    data = "\n".join(ORDERS_850)
    assert both(made, data)[2] == (3, 3, 0, 0)
    with pytest.raises(
        BadInput, match="A second interchange begins here, and the schema holds one"
    ) as caught:
        both(made, f"{data}\n{data}")
    assert caught.value.line == 32


def test_more_values_than_fit_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that must be held is refused at the limit, not one element later."""
    monkeypatch.setattr(xml_read, "ITEM_LIMIT", 50)
    data = f"<r>{'<i/>' * 49}</r>"
    xml_read.read_tree(io.BytesIO(data.encode()), "given")
    with pytest.raises(TooLarge, match="more than 50 values"):
        xml_read.read_tree(io.BytesIO(data.replace("</r>", "<i/></r>").encode()), "given")


def test_a_column_no_rule_reads_may_be_missing(tmp_path: Path) -> None:
    """Of a Parquet file only the columns in use are asked for."""
    given, less = tmp_path / "given.parquet", tmp_path / "less.parquet"
    duckdb.sql(f"copy (select 1 as a, 'x' as b) to '{given}' (format parquet)")
    duckdb.sql(f"copy (select 1 as a) to '{less}' (format parquet)")
    source = read_schema(given)
    name = source.roots[0].name
    made = plan({"row": {"loop": name}, "row/n": "[a]"}, source, rows({"n": "text"}))
    assert same(made, less) == same(made, given)
    made = plan({"row": {"loop": name}, "row/n": "[b]"}, source, rows({"n": "text"}))
    with pytest.raises(BadInput, match="The column b is missing"):
        same(made, less)


def test_moments_are_written_the_same_wherever_the_machine_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A moment that names no zone is one of UTC in Parquet."""
    described = tmp_path / "described.parquet"
    duckdb.sql(
        f"copy (select timestamptz '2026-01-01 10:00:00Z' as moment) to '{described}' (format parquet)"
    )
    target = read_schema(described)
    name = target.roots[0].name
    made = plan({name: {"loop": "r/i"}, f"{name}/moment": "[at]"}, xml({"r": {"i*": {"at": "text"}}}), target)
    plain = duckdb.connect

    def elsewhere(*given: Any, **more: Any) -> Any:
        connection = plain(*given, **more)
        connection.execute("SET TimeZone = 'America/Sao_Paulo'")
        return connection

    monkeypatch.setattr(duckdb, "connect", elsewhere)
    written = tmp_path / "written.parquet"
    written.write_bytes(same(made, b"<r><i><at>2026-01-01 10:00:00</at></i></r>"))
    found = plain().execute(f"select epoch(moment) from read_parquet('{written}')").fetchall()
    assert found == [(1767261600.0,)]


_GROUPS = """weft: schema/1
kind: fixed
records:
  row:
    occurs: 0..n
    fields:
      id: {type: text, width: 2}
      at:
        fields:
          street: {type: text, width: 3}
          phone: {type: text, width: 2, occurs: 0..2}
"""


def test_fields_of_a_group_that_no_rule_reads(tmp_path: Path) -> None:
    """The whole group goes where a rule reads it, and nothing where none does."""
    source = own(tmp_path, _GROUPS)
    root = source.roots[0].name
    data = "A1abc1122\nB2def33  \n"
    made = plan({"row": {"loop": root}, "row/id": "[id]"}, source, rows({"id": "text"}))
    assert both(made, data)[0] == "id\nA1\nB2\n"
    made = plan({"row": {"loop": root}, "row/id": "Count([at/phone])"}, source, rows({"id": "text"}))
    assert both(made, data)[0] == "id\n2\n1\n"


def test_more_instances_than_a_group_has_room_for(tmp_path: Path) -> None:
    """Also a field that repeats inside a group fails its record."""
    target = own(tmp_path, _GROUPS)
    root = target.roots[0].name
    made = plan(
        {root: {"loop": "r/i"}, f"{root}/id": "[id]", f"{root}/at/phone": {"loop": "p", "script": "[.]"}},
        xml({"r": {"i*": {"id": "text", "p*": "text"}}}),
        target,
    )
    one = "<i><id>A</id><p>11</p><p>22</p></i>"
    more = "<i><id>B</id><p>11</p><p>22</p><p>33</p></i>"
    text, failures, _counts = both(made, f"<r>{one}{more}</r>")
    assert text == "A    1122\n"
    assert [reason for _number, _path, reason in failures] == [
        "phone holds more instances than the 2 the record has room for."
    ]


@pytest.mark.parametrize(
    ("tell", "given", "written"),
    [
        ("{at: 4, text: X}", "A1", "A1 X  \n"),
        ("{field: kind, text: Q}", "A1", "A1  Q \n"),
        ("Q", "", "Q     \n"),
    ],
)
def test_the_kind_of_a_record_is_put_where_it_is_told(
    tmp_path: Path, tell: str, given: str, written: str
) -> None:
    """Also where no rule gives the text that tells it."""
    target = own(
        tmp_path,
        "weft: schema/1\nkind: fixed\nrecords:\n  row:\n    occurs: 0..n\n"
        f"    tell: {tell}\n"
        "    fields: {id: {type: text, width: 4}, kind: {type: text, width: 2}}\n",
    )
    made = plan({"row": {"loop": "r/i"}, "row/id": "[id]"}, xml({"r": {"i*": {"id": "text"}}}), target)
    assert both(made, f"<r><i><id>{given}</id></i></r>")[0] == written


def test_a_filter_that_fails_behind_what_it_found_is_told() -> None:
    """A condition that may fail for a later candidate is asked of every one."""
    source = xml({"r": {"i*": {"l*": {"on": "date", "q": "integer", "n": "text"}}}})
    made = plan(
        {"row": {"loop": "r/i"}, "row/n": "[l[[on] > '2026-01-01' && 8 / [q] > 1][1]/n]"},
        source,
        rows({"n": "text"}),
    )
    found = "<l><on>2026-02-01</on><q>2</q><n>a</n></l>"
    broken = "<l><on>2026-02-02</on><q>0</q><n>b</n></l>"
    text, failures, counts = both(made, f"<r><i>{found}</i><i>{found}{broken}</i></r>")
    assert (text, counts) == ("n\na\n", (2, 1, 1, 0))
    assert failures[0][0] == 2


def test_a_filter_on_what_members_hold() -> None:
    """Values of a group's rows are read by column only where every one of them is wanted."""
    rules = {
        "o/i": {"loop": "row", "group": {"by": ["[k]"], "adjacent": True}},
        "o/i/n": "Sum([members()/n[[.] > 1]])",
    }
    made = plan(rules, rows({"k": "text", "n": "integer"}), xml({"o": {"i*": {"n": "integer"}}}))
    text = both(made, "k,n\na,1\na,2\na,4\nb,3\n", fast=False)[0]
    assert re.findall("<n>(.*?)</n>", text) == ["6", "3"]


def test_elements_called_as_those_of_edi() -> None:
    """Only an interchange puts in its own delimiters; an XML element of such a name is written as the rule says."""
    made = plan({"o/ISA/ISA11": "[/r/n]"}, xml({"r": {"n": "text"}}), xml({"o": {"ISA": {"ISA11": "text"}}}))
    assert "<ISA11>x</ISA11>" in both(made, "<r><n>x</n></r>")[0]


def test_what_was_taken_of_a_delimited_file_is_counted() -> None:
    """How far a run has come is told by the bytes read."""
    data = b"a,b\n" + b"1,2\n" * 50_000
    units = RowUnits(io.BytesIO(data), "given", ("a", "b"), {}, frozenset({"a"}))
    taken = [units.taken for _row in units]
    assert len(taken) == 50_000
    assert 0 < taken[0] < len(data)
    assert taken == sorted(taken)
    assert units.taken == len(data)


def test_a_text_beside_elements_is_not_their_value() -> None:
    """A node that only holds others is there or not: it has no text, whatever stands between them."""
    source = xml({"r": {"i*": {"b?": {"c": "text"}}}})
    made = plan({"row": {"loop": "r/i"}, "row/n": "[b] + 'x'"}, source, rows({"n": "text"}))
    assert both(made, "<r><i><b>\n stray <c>1</c></b></i></r>")[0] == "n\nx\n"
    made = plan(
        {"row": {"loop": "item"}, "row/n": "[b] + 'x'"}, json_items({"b": {"c": "text"}}), rows({"n": "text"})
    )
    assert both(made, '[{"b": {"c": "1"}}, {"b": 5}]')[0] == "n\nx\nx\n"


@pytest.mark.parametrize(("put", "written"), [(",", '"p,q"'), ("#", "p#q")])
def test_a_mark_that_a_rule_makes_is_quoted(put: str, written: str) -> None:
    """The row read holds none, so nothing says beforehand that the row written does."""
    source = rows({"a": "text", "b": "text"})
    made = plan({"row": {"loop": "row"}, "row/n": f"Replace([a], 'x', '{put}')"}, source, rows({"n": "text"}))
    assert both(made, "a,b\n" + "pxq,1\n" * 300)[0] == "n\n" + f"{written}\n" * 300


def test_what_does_something_is_done_for_every_row() -> None:
    """Results are kept by the text of a cell only where nothing else hangs on them."""
    source = rows({"k": "text", "n": "text"})
    made = plan({"row": {"loop": "row"}, "row/k": "WriteToOperationLog([k])"}, source, rows({"k": "text"}))
    data = "k,n\n" + "a,1\nb,2\n" * 3000
    for engine in ("interpret", "rows"):
        lines: list[str] = []
        run(made, data, engine, log=lines.append)
        assert lines == ["a", "b"] * 3000


def test_the_first_records_say_whether_lines_break(tmp_path: Path) -> None:
    """A break further behind in records of one length without breaks between them is data."""
    source = own(
        tmp_path,
        "weft: schema/1\nkind: fixed\nlength: 4\nrecords:\n  row: {occurs: 0..n, fields: {a: {type: text, width: 4}}}\n",
    )
    made = plan({"row": {"loop": "row"}, "row/a": "[a]"}, source, rows({"a": "text"}))
    text = both(made, "A111B222C333D444E\n55F666")[0]
    assert text == 'a\nA111\nB222\nC333\nD444\n"E\n55"\nF666\n'


def test_binary_numbers_of_avro(tmp_path: Path) -> None:
    file = tmp_path / "given.avro"
    fields = [
        {"name": "d", "type": "double"},
        {"name": "f", "type": "float"},
        {"name": "n", "type": ["null", "double"]},
    ]
    kind = {"type": "record", "name": "R", "fields": fields}
    values = [{"d": 0.1, "f": 0.5, "n": 0.3}, {"d": -1e300, "f": 2.0, "n": None}]
    with file.open("wb") as stream:
        fastavro.writer(stream, kind, values)
    known = read_schema(file)
    made = plan(copying(known.roots[0]), known, known)
    assert list(fastavro.reader(io.BytesIO(same(made, file)))) == values


@pytest.mark.parametrize(
    ("picture", "given", "written"),
    [("-(6)9.99", "-12.5", "    -12.50"), ("$$,$$9.99", "3", "    $3.00"), ("+9(5)", "7", "+00007")],
)
def test_a_sign_that_floats_stands_before_the_first_digit(picture: str, given: str, written: str) -> None:
    facts = {"picture": picture, "usage": "display", "width": str(len(written))}
    form = Form("X", Kind.FIELD, ValueType("decimal", Base.DECIMAL), facts=facts)
    assert bytes_writer(form, "ascii")(given) == written.encode()


def test_what_is_another_each_time_is_not_kept_by_its_text() -> None:
    """Columns of few texts have their expressions worked out once for each text, where that gives the same."""
    made = plan({"row": {"loop": "row"}, "row/b": "[a] + GUID()"}, rows({"a": "text"}), rows({"b": "text"}))
    for engine in ("interpret", "rows"):
        text, failures, counts = run(made, "a\n" + "x\n" * 400, engine)
        assert (failures, counts) == ([], (400, 400, 0, 0))
        assert len(set(text.split())) == 401
