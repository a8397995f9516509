"""Further sources read by paths and loops: arrays, filters that reach the loop around them, unrelated and outermost loops."""

from __future__ import annotations

from typing import Any

from studio.engine.plan import Plan
from tests.engine import build
from tests.engine.build import body, both, run

ORDERS = build.xml(
    {"orders": {"day?": "text", "order*": {"@id": "text", "line*": {"sku": "text", "qty": "integer"}}}}
)
OUT = build.xml(
    {"out": {"h?": "text", "o*": {"@id?": "text", "v?": "text", "l*": {"@sku?": "text", "p?": "text"}}}}
)
ROWS = build.rows({"sku": "text", "price": "decimal"})
DATA = (
    '<orders><day>Monday</day><order id="1"><line><sku>a</sku><qty>2</qty></line><line><sku>b</sku><qty>1</qty></line></order>'
    '<order id="2"><line><sku>z</sku><qty>1</qty></line></order></orders>'
)
CSV = "sku,price\na,1.50\nb,2\nb,3\n"


def made(rules: dict[str, Any], source: Any = ORDERS) -> Plan:
    """A map from orders with prices beside them."""
    return build.plan(rules, source, OUT, sources={"prices": ROWS, "rates": RATES})


RATES = build.json_object({"base": {"code": "text"}, "rates[]": {"code": "text", "rate": "decimal"}})
RATE = '{"base": {"code": "EUR"}, "rates": [{"code": "USD", "rate": 1.1}, {"code": "GBP", "rate": 0.9}]}'


def test_values_and_arrays() -> None:
    """S56: a path that names a document starts there; arrays, numbers, filters and JSON's unnamed root are as in the main one."""
    plan = made(
        {
            "out/o": {"loop": "orders/order"},
            "out/o/@id": "[rates::/base/code] + [prices::row[2]/price]",
            "out/o/v": "Sum([prices::/row/price]) + '/' + Count([rates::/rates/item[[rate] < 1]]) + [/orders/day]",
        }
    )
    text, failures, counts = both(plan, DATA, further={"prices": CSV, "rates": RATE})
    assert body(text).split() == (
        '<out> <o id="EUR2"> <v>6.5/1Monday</v> </o> <o id="EUR2"> <v>6.5/1Monday</v> </o> </out>'.split()
    )
    assert (failures, counts) == ([], (2, 2, 0, 0))


def test_a_filter_reaches_the_loop_around_it() -> None:
    """S56: the candidate is the context, the current instance of a loop is found by its absolute path."""
    plan = made(
        {
            "out/o": {"loop": "orders/order"},
            "out/o/l": {"loop": "line"},
            "out/o/l/@sku": "[sku]",
            "out/o/l/p": "Sum([prices::/row[[sku] == [/orders/order/line/sku]]/price])",
        }
    )
    text = both(plan, DATA, fast=False, further={"prices": CSV, "rates": RATE})[0]
    assert [line.strip() for line in text.splitlines() if "<p>" in line] == [
        "<p>1.5</p>",
        "<p>5</p>",
        "<p>0</p>",
    ]


def test_unrelated_loop() -> None:
    """S35 S56: a loop over a further source visits all its nodes for each turn, unless a condition ties them."""
    rules = {
        "out/o": {"loop": "orders/order"},
        "out/o/@id": "[@id]",
        "out/o/l": {
            "loop": "prices::row",
            "when": "Count([/orders/order/line[[sku] == [prices::row/sku]]]) > 0",
        },
        "out/o/l/@sku": "[sku] + [/orders/order/@id]",
        "out/o/l/p": "[prices::/row/price]",
    }
    text, failures, counts = both(made(rules), DATA, fast=False, further={"prices": CSV, "rates": RATE})
    assert body(text).split() == (
        '<out> <o id="1"> <l sku="a1"> <p>1.50</p> </l> <l sku="b1"> <p>2</p> </l> <l sku="b1"> <p>3</p> </l> </o>'
        ' <o id="2"/> </out>'.split()
    )
    assert (failures, counts) == ([], (2, 2, 0, 0))


def test_records_of_a_further_source() -> None:
    """S56: an outermost loop over a further source has its nodes as records, beside those of the main one."""
    rules = {
        "out/h": "[/orders/day]",
        "out/o[1]": {
            "loop": "prices::row",
            "when": "[price] > 1.5",
            "sort": [{"by": "[price]", "order": "desc"}],
        },
        "out/o[1]/@id": "[sku] + [/orders/day]",
        "out/o[1]/v": "If([price] == 3, RaiseError('three'), [price])",
        "out/o[2]": {"loop": "orders/order"},
        "out/o[2]/@id": "[@id]",
    }
    text, failures, counts = both(made(rules), DATA, fast=False, further={"prices": CSV, "rates": RATE})
    assert body(text).split() == (
        '<out> <h>Monday</h> <o id="bMonday"> <v>2</v> </o> <o id="1"/> <o id="2"/> </out>'.split()
    )
    assert counts == (5, 3, 1, 1)
    assert failures[0][:2] == (3, "out/o[1]/v")


def test_the_same_root_on_both_sides() -> None:
    """S56: rows of the main source and of a further one are told apart by the document they are in."""
    main = build.rows({"sku": "text", "qty": "integer"})
    rules = {
        "out/o": {"loop": "row"},
        "out/o/@id": "[sku]",
        "out/o/v": "Count([prices::/row/sku]) + [prices::row[1]/sku] + [/row/qty]",
    }
    text, _failures, counts = both(
        made(rules, main), "sku,qty\nq,1\nr,2\n", further={"prices": CSV, "rates": RATE}
    )
    assert body(text).split() == '<out> <o id="q"> <v>3a1</v> </o> <o id="r"> <v>3a2</v> </o> </out>'.split()
    assert counts == (2, 2, 0, 0)


def test_up_ends_at_the_document() -> None:
    """S10: ../ does not lead out of a further document."""
    plan = made({"out/o": {"loop": "prices::row"}, "out/o/v": "[../../orders/day]"})
    assert ["further than the document" in problem.message for problem in plan.errors] == [True]
    for text, said in (
        ("[price::/row/sku]", "no further source"),
        ("[prices::/raw/sku]", "no raw"),
        ("[prices::../x]", "cannot follow"),
    ):
        wrong = made({"out/o": {"loop": "orders/order"}, "out/o/v": text})
        assert [said in problem.message for problem in wrong.errors] == [True], (text, wrong.errors)


def test_only_what_is_read_is_needed() -> None:
    """A further source that no rule reads need not be given."""
    plan = made({"out/o": {"loop": "orders/order"}, "out/o/@id": "[@id]"})
    assert run(plan, DATA)[2] == (2, 2, 0, 0)
