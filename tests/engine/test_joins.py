"""Loops that join rows of further sources: kinds, several matches, keys, conditions, groups, order, failures, spilling."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from studio.base.errors import BadInput
from studio.engine import lookups
from studio.engine.explain import explain
from studio.engine.lookups import Index
from studio.engine.match import match_part
from studio.engine.plan import Plan
from studio.schema.model import Base
from tests.engine import build
from tests.engine.build import body, both, run

ORDERS = build.xml(
    {
        "orders": {
            "currency?": "text",
            "order*": {"@id": "integer", "who": "text", "line*": {"sku": "text", "qty": "integer"}},
        }
    }
)
OUT = build.xml(
    {
        "out": {
            "o*": {
                "@id?": "text",
                "n?": "text",
                "v?": "decimal",
                "l*": {"@sku?": "text", "p?": "decimal", "t?": "text"},
            }
        }
    }
)
PRICES = build.rows({"sku": "text", "price": "decimal", "from": "text"})
PEOPLE = build.xml(
    {"people": {"person*": {"@no": "integer", "name?": "text", "tag*": "text", "home?": {"city": "text"}}}},
    "urn:p",
)
DATA = """<orders><currency>EUR</currency>
<order id="1"><who>7</who><line><sku>a</sku><qty>2</qty></line><line><sku>b</sku><qty>1</qty></line><line><sku>z</sku><qty>4</qty></line></order>
<order id="2"><who>8</who></order>
<order id="3"><who>007</who><line><sku>b</sku><qty>3</qty></line></order></orders>"""
CSV = "sku,price,from\na,1.50,x\nb,2,x\nb,3,y\n,9,x\n"
PERSONS = """<people xmlns="urn:p"><person no="7"><name>Ann</name><tag>t1</tag><tag>t2</tag><home><city>Ulm</city></home></person>
<person no="9"/></people>"""


def line_map(kind: str, **more: Any) -> Plan:
    """The prices of the lines of orders."""
    join = {"price": {"loop": "prices::row", "match": {"sku": "[sku]"}, "kind": kind}}
    rules = {
        "out/o": {"loop": "orders/order"},
        "out/o/@id": "[@id]",
        "out/o/l": {"loop": "line", "join": join, **more},
        "out/o/l/@sku": "[sku]",
        "out/o/l/p": "[price::price] * [qty]",
        "out/o/l/t": "[price::from]",
    }
    return build.plan(rules, ORDERS, OUT, sources={"prices": PRICES})


def lines_of(text: str) -> list[str]:
    """The lines of an output that say something of lines."""
    return [line.strip() for line in text.splitlines() if "<l" in line or "<p" in line or "<t" in line]


def test_left_and_inner() -> None:
    """S52 S53: a left join keeps what has no row, with nulls; an inner one leaves it out; several rows are several turns."""
    left, failures, counts = both(line_map("left"), DATA, further={"prices": CSV})
    assert lines_of(left) == [
        '<l sku="a">', "<p>3</p>", "<t>x</t>", '<l sku="b">', "<p>2</p>", "<t>x</t>", '<l sku="b">', "<p>3</p>", "<t>y</t>",
        '<l sku="z">', "<p>0</p>", '<l sku="b">', "<p>6</p>", "<t>x</t>", '<l sku="b">', "<p>9</p>", "<t>y</t>",
    ]  # fmt: skip
    assert (failures, counts) == ([], (3, 3, 0, 0))
    inner = both(line_map("inner"), DATA, further={"prices": CSV})[0]
    assert lines_of(inner) == [line for line in lines_of(left) if line not in ('<l sku="z">', "<p>0</p>")]


def test_condition_sees_the_rows() -> None:
    """S52: the loop's condition, order and number of turns come after its joins."""
    made = line_map("inner", when="[price::from] == 'y'")
    assert lines_of(both(made, DATA, further={"prices": CSV})[0]) == [
        '<l sku="b">', "<p>3</p>", "<t>y</t>", '<l sku="b">', "<p>9</p>", "<t>y</t>",
    ]  # fmt: skip
    made = line_map("left", sort=[{"by": "[price::price]", "order": "desc"}], first=2)
    assert lines_of(both(made, DATA, fast=False, further={"prices": CSV})[0])[:4] == [
        '<l sku="z">', "<p>0</p>", '<l sku="b">', "<p>3</p>",
    ]  # fmt: skip


def person_map(**more: Any) -> Plan:
    """The person of each order, found in XML with a namespace by a number."""
    join = {"p": {"loop": "people::people/person", "match": {"@no": "[who]"}, "kind": "left"}}
    rules = {
        "out/o": {"loop": "orders/order", "join": join, **more},
        "out/o/@id": "[@id]",
        "out/o/n": "[p::name] + '/' + SumString([p::tag], ',') + '/' + [p::home/city] + '/' + [/orders/currency]",
        "out/o/v": "Count([p::tag])",
    }
    return build.plan(rules, ORDERS, OUT, sources={"people": PEOPLE})


def test_records_joined() -> None:
    """S53: a numeric field is matched by value, so that 007 finds 7; what is joined is read like any node."""
    text, failures, counts = both(person_map(), DATA, further={"people": PERSONS})
    assert [line.strip() for line in text.splitlines() if "<n>" in line or "<v>" in line] == [
        "<n>Ann/t1,t2,/Ulm/EUR</n>", "<v>2</v>", "<n>///EUR</n>", "<v>0</v>", "<n>Ann/t1,t2,/Ulm/EUR</n>", "<v>2</v>",
    ]  # fmt: skip
    assert (failures, counts) == ([], (3, 3, 0, 0))


def test_records_and_their_turns() -> None:
    """S54: the turns a join makes of a record are counted, left out and fail as one record."""
    join = {"p": {"loop": "prices::row", "match": {"from": "[who]"}}}
    rules = {
        "out/o": {"loop": "orders/order", "join": join},
        "out/o/@id": "[@id]",
        "out/o/n": "If([p::sku] == 'bad', RaiseError('no ' + [p::sku]), [p::sku])",
    }
    made = build.plan(rules, ORDERS, OUT, sources={"prices": PRICES})
    table = "sku,price,from\nk,1,7\nl,1,7\nok,1,007\nbad,1,007\n"
    text, failures, counts = both(made, DATA, further={"prices": table})
    assert body(text).split() == '<out> <o id="1"> <n>k</n> </o> <o id="1"> <n>l</n> </o> </out>'.split()
    assert counts == (3, 1, 1, 1)
    assert [(number, path) for number, path, _reason in failures] == [(3, "out/o/n")]
    # The same where the turns of a record stand apart.
    sorted_ = build.plan(
        {
            **rules,
            "out/o": {"loop": "orders/order", "join": join, "sort": [{"by": "[p::sku]", "order": "desc"}]},
        },
        ORDERS,
        OUT,
        sources={"prices": PRICES},
    )
    text, failures, counts = both(sorted_, DATA, fast=False, further={"prices": table})
    assert body(text).split() == '<out> <o id="1"> <n>l</n> </o> <o id="1"> <n>k</n> </o> </out>'.split()
    assert (counts, len(failures)) == ((3, 1, 1, 1), 1)


def test_groups_keep_the_rows_of_their_members() -> None:
    """S55: a group has the rows of its first member; in a loop over its members each has its own."""
    join = {"p": {"loop": "prices::row", "match": {"sku": "[sku]"}, "kind": "left"}}
    rules = {
        "out/o": {"loop": "orders/order/line", "join": join, "group": {"by": ["[p::from]"]}},
        "out/o/@id": "[p::from]",
        "out/o/n": "Sum([members()/qty])",
        "out/o/l": {"loop": "members()"},
        "out/o/l/@sku": "[sku]",
        "out/o/l/p": "[p::price]",
    }
    made = build.plan(rules, ORDERS, OUT, sources={"prices": PRICES})
    text = both(made, DATA, fast=False, further={"prices": CSV})[0]
    assert [line.strip() for line in text.splitlines() if line.startswith("  <o") or "<n" in line or "<p>" in line] == [
        '<o id="x">', "<n>6</n>", "<p>1.50</p>", "<p>2</p>", "<p>2</p>",
        '<o id="y">', "<n>4</n>", "<p>3</p>", "<p>3</p>", "<o>", "<n>4</n>",
    ]  # fmt: skip


def test_joins_on_joins() -> None:
    """S52: a later join may ask with what an earlier one found, and two joins may ask one document."""
    join = {
        "price": {"loop": "prices::row", "match": {"sku": "[sku]"}},
        "person": {
            "loop": "people::people/person[Length([name]) > 0]",
            "match": {"@no": "[price::from]"},
            "kind": "left",
        },
        "again": {"loop": "prices::row", "match": {"sku": "[sku]", "price": "[price::price]"}},
    }
    rules = {
        "out/o": {"loop": "orders/order"},
        "out/o/l": {"loop": "line", "join": join},
        "out/o/l/@sku": "[sku]",
        "out/o/l/p": "[again::price]",
        "out/o/l/t": "IfNull([person::name], 'nobody')",
    }
    made = build.plan(rules, ORDERS, OUT, sources={"prices": PRICES, "people": PEOPLE})
    table = "sku,price,from\na,1.50,7\nb,2.0,9\nb,3,\n"
    text = both(made, DATA, further={"prices": table, "people": PERSONS})[0]
    assert lines_of(text) == [
        '<l sku="a">', "<p>1.50</p>", "<t>Ann</t>", '<l sku="b">', "<p>2.0</p>", "<t>nobody</t>", '<l sku="b">', "<p>3</p>",
        "<t>nobody</t>", '<l sku="b">', "<p>2.0</p>", "<t>nobody</t>", '<l sku="b">', "<p>3</p>", "<t>nobody</t>",
    ]  # fmt: skip


def test_rows_of_the_main_source() -> None:
    """S52: the rows may stand in the main source too."""
    source = build.json_object(
        {"people[]": {"id": "integer", "name": "text"}, "sales[]": {"who": "text", "sum": "decimal"}}
    )
    target = build.json_items({"who?": "text", "sum": "decimal"}, "lines")
    join = {"p": {"loop": "/people/item", "match": {"id": "[who]"}, "kind": "left"}}
    rules = {"item": {"loop": "/sales/item", "join": join}, "item/who": "[p::name]", "item/sum": "[sum]"}
    made = build.plan(rules, source, target)
    data = '{"sales": [{"who": "1", "sum": 2}, {"who": "5", "sum": 1.50}, {"who": null, "sum": 3}], "people": [{"id": 1.0, "name": "Ann"}, {"id": null, "name": "Nil"}]}'
    assert both(made, data)[0] == '{"who":"Ann","sum":2}\n{"sum":1.50}\n{"sum":3}\n'


@pytest.mark.parametrize(
    ("value", "base", "key"),
    [
        (None, Base.TEXT, None), ("", Base.TEXT, ""), ("007", Base.TEXT, "007"), (Decimal("1.0"), Base.DECIMAL, "1"),
        ("1.00", Base.INTEGER, "1"), (1, Base.DECIMAL, "1"), (1e3, Base.DECIMAL, "1000"), ("1e3", Base.FLOAT, "1000"),
        (0.1, Base.DECIMAL, "1e-1"), (Decimal("-0.10"), Base.FLOAT, "-1e-1"), ("-0", Base.INTEGER, "0"), ("", Base.INTEGER, None),
        ("x1", Base.INTEGER, "=x1"), ("NaN", Base.FLOAT, None), (True, Base.BOOLEAN, "true"), ("1", Base.BOOLEAN, "true"),
        ("2026-03-01", Base.DATE, "2026-03-01T00:00:00"), ("2026-03-01T02:00:00+02:00", Base.DATETIME, "2026-03-01T00:00:00"),
    ],
)  # fmt: skip
def test_keys(value: Any, base: Base, key: str | None) -> None:
    """S53: equal values have one key, by the type of the joined field; null has none."""
    assert match_part(value, base) == key


def test_arrays_do_not_match() -> None:
    """S53: an array as value fails the record."""
    join = {"p": {"loop": "prices::row", "match": {"sku": "[line/sku]"}}}
    made = build.plan(
        {"out/o": {"loop": "orders/order", "join": join}, "out/o/n": "[p::from]"},
        ORDERS,
        OUT,
        sources={"prices": PRICES},
    )
    _text, failures, counts = both(made, DATA, further={"prices": CSV})
    assert counts == (3, 0, 3, 0)
    assert "array" in failures[0][2]


@pytest.mark.parametrize(
    ("join", "said"),
    [
        ({"loop": "prices::row", "match": {}}, "matches no field"),
        ({"loop": "price::row", "match": {"sku": "[sku]"}}, "no further source"),
        ({"loop": "prices::rows", "match": {"sku": "[sku]"}}, "no rows"),
        ({"loop": "prices::row", "match": {"skus": "[sku]"}}, "no skus"),
        ({"loop": "prices::row", "match": {"/sku": "[sku]"}}, "no field"),
        ({"loop": "prices::row[1]", "match": {"sku": "[sku]"}}, "all nodes"),
        ({"loop": "people::people/person", "match": {"tag": "[sku]"}}, "not one field"),
        ({"loop": "prices::row", "match": {"sku": "[sk]"}}, "no sk"),
    ],
)  # fmt: skip
def test_wrong_joins(join: dict[str, Any], said: str) -> None:
    """A join that cannot be made is told with its rule, before anything runs."""
    made = build.plan(
        {"out/o": {"loop": "orders/order/line", "join": {"p": join}}},
        ORDERS,
        OUT,
        sources={"prices": PRICES, "people": PEOPLE},
    )
    assert [problem.path for problem in made.errors] == ["out/o"]
    assert said in made.errors[0].message


def test_broken_rows_end_the_run() -> None:
    """S56: a row of a further source that cannot be read ends the run with its line."""
    with pytest.raises(BadInput) as caught:
        run(line_map("left"), DATA, further={"prices": "sku,price,from\na,1,x\nb,2,x,y,z\n"})
    assert caught.value.line == 3
    with pytest.raises(BadInput, match="prices is not given"):
        run(line_map("left"), DATA)
    with pytest.raises(BadInput, match="no further source cost"):
        run(line_map("left"), DATA, further={"prices": CSV, "cost": CSV})


def test_rows_on_disk_are_the_same(monkeypatch: pytest.MonkeyPatch, share: Callable[[int], int]) -> None:
    """What does not fit the memory limit is found on disk, in the order of the document."""
    count = share(200_000)
    table = "sku,price,from\n" + "".join(
        f"s{number % 1000},{number},f{number % 7}\n" for number in range(count)
    )
    data = "<orders>" + "".join(
        f'<order id="{n}"><who>1</who><line><sku>s{n * 7 % 1100}</sku><qty>1</qty></line></order>'
        for n in range(50)
    )
    here = both(line_map("left"), data + "</orders>", further={"prices": table})
    spilled: list[bool] = []
    finish = Index.finish
    monkeypatch.setattr(Index, "finish", lambda self: (finish(self), spilled.append(self.spilled))[0])
    monkeypatch.setattr(
        lookups.Lookups.__init__, "__kwdefaults__", {"progress": None, "limit": 100_000, "most": None}
    )
    there = both(line_map("left"), data + "</orders>", further={"prices": table})
    assert spilled == [True, True]
    assert there == here
    assert here[0].count("<p>") > count // 50


def test_half_characters_are_keys_on_disk_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON has texts that are no text elsewhere."""
    keys = build.json_items({"k?": "text", "v": "text"}, form="lines")
    out = build.json_items({"k?": "text", "v?": "text"}, form="lines")
    rules = {
        "item": {
            "loop": "item",
            "join": {"more": {"loop": "more::item", "match": {"k": "[k]"}, "kind": "left"}},
        },
        "item/v": "[more::v]",
    }
    made = build.plan(rules, keys, out, sources={"more": keys})
    data = '{"k":"\\ud800","v":""}\n{"k":"\\udfff","v":""}\n{"k":"\\ufffd","v":""}\n'
    table = '{"k":"\\ud800","v":"half"}\n{"k":"\\ufffd","v":"other"}\n' * 30
    here = both(made, data, further={"more": table})
    assert here[0].count("half") == here[0].count("other") == 30
    monkeypatch.setattr(
        lookups.Lookups.__init__, "__kwdefaults__", {"progress": None, "limit": 100, "most": None}
    )
    assert both(made, data, further={"more": table}) == here


def test_plan_travels_and_explains() -> None:
    """A plan with joins can be pickled, and its page tells what is looked up and how."""
    made = line_map("left")
    again: Plan = pickle.loads(pickle.dumps(made))
    assert both(again, DATA, further={"prices": CSV}) == both(made, DATA, further={"prices": CSV})
    page = explain(made)
    assert "Further source prices" in page
    assert "joins price: each row of prices::row whose sku = [sku], or none" in page
    assert "Engine: rows" in page
