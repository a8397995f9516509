"""Any text in messages comes back, damaged interchanges end with one clear error, back ends agree on random orders."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.engine.formats.edi_segments import Segments
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.schema.edi.split import find_delimiters, segments
from studio.schema.model import Schema
from studio.schema.read import read_schema
from tests.engine import build
from tests.engine.edi_cases import INVOICE, INVOICES, ORDER_850, ORDERS_850, carried, mirror, tag, used_nodes

NOW = datetime(2026, 3, 1, 12, 7)
_LATIN = st.characters(
    min_codepoint=32, max_codepoint=255, exclude_characters="\x7f\xad" + "".join(map(chr, range(128, 160)))
)


@lru_cache(maxsize=2)
def described(text: str) -> Schema:
    """The schema of a description."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "own.yaml"
        file.write_text(text, encoding="utf-8")
        return read_schema(file)


@lru_cache(maxsize=1)
def texts_plans() -> tuple[Plan, Plan]:
    """XML with one text to an invoice, and the invoice to XML."""
    xml = build.xml({"a": {"t*": {"v?": "text", "w*": "text"}}})
    edi = described(INVOICE)
    message = "interchange/message"
    there = {message: {"loop": "a/t"}, f"{message}/BGM/BGM02": "[v]", f"{message}/FTX": {"loop": "w"}, f"{message}/FTX/FTX04/FTX04-02": "[.]", f"{message}/DTM/DTM01/DTM01-01": "'1'", f"{message}/SG3/LIN/LIN01": "'1'", f"{message}/UNS/UNS01": "'S'"}  # fmt: skip
    back = {"a/t": {"loop": message}, "a/t/v": "[BGM/BGM02]", "a/t/w": "[FTX/FTX04/FTX04-02]"}
    return build.plan(there, xml, edi), build.plan(back, edi, xml)


@given(st.text(_LATIN, min_size=1), st.lists(st.text(_LATIN, min_size=1), max_size=3))
@settings(deadline=None, max_examples=60, derandomize=True)
def test_any_text_goes_through_edifact_and_back(value: str, more: list[str]) -> None:
    there, back = texts_plans()
    given = f"<a><t><v>{escape(value)}</v>{''.join(f'<w>{escape(one)}</w>' for one in more)}</t></a>"
    out = io.BytesIO()
    stats = transform(
        there, io.BytesIO(given.encode()), out, failures=lambda _failure: None, clock=lambda: NOW
    )
    assert stats.failed == 0
    assert out.getvalue().decode("iso-8859-1").endswith("'UNZ+1+1'")
    text, failures, _counts = build.both(back, out.getvalue())
    assert failures == []
    found = build.body(text).replace("<v/>", "<v></v>").replace("<w/>", "<w></w>")
    assert f"<v>{escape(value)}</v>" in found
    assert [line.strip() for line in found.split("\n") if "<w>" in line] == [
        f"<w>{escape(one)}</w>" for one in more
    ]


@given(st.binary(max_size=60), st.integers(0, 900), st.integers(0, 40), st.booleans())
@settings(deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_interchanges_are_read_or_refused(put: bytes, at: int, gone: int, edifact: bool) -> None:
    whole = "\n".join(INVOICES if edifact else ORDERS_850).encode("iso-8859-1")
    damaged = whole[:at] + put + whole[at + gone :]
    made = _damaged_plan(edifact)
    judged = _outcome(made, damaged, "interpret")
    assert judged == _outcome(made, damaged, "rows")


@lru_cache(maxsize=2)
def _damaged_plan(edifact: bool) -> Plan:
    used = described(INVOICE if edifact else ORDER_850)
    nodes = used_nodes(used, "\n".join(INVOICES if edifact else ORDERS_850).encode("iso-8859-1"))
    out = mirror(nodes)
    rules = carried(nodes, str, tag, "", "file/")
    # The record is the message: what is damaged in one leaves the others.
    top = "interchange/message" if edifact else "interchange/group/transaction"
    start = "file/" + "/".join(map(tag, top.split("/")))
    kept = {path: rule for path, rule in rules.items() if path.startswith(start + "/")}
    return build.plan({start: {"loop": top}, **kept}, used, out)


def _outcome(made: Plan, data: bytes, engine: str) -> object:
    try:
        return build.run(made, data, engine)
    except BadInput as error:
        return error.message, error.line


@given(st.text("AB*:~^+'?\n\r ", max_size=80))
@settings(deadline=None, max_examples=200, derandomize=True)
def test_segments_of_a_stream_are_those_of_its_text(body: str) -> None:
    text = "UNA:+.? 'UNB+UNOC:3+A+B+1:1+1'" + body
    found = [(one.name, one.text.rstrip(), one.line) for one in segments(text, find_delimiters(text))]
    read = [(one.name, one.text.rstrip(), one.line) for one in Segments(io.BytesIO(text.encode()), "test")]
    assert [one for one in read if one[1]] == [one for one in found if one[1]]


def _random_order(draw: random.Random) -> list[str]:
    text = lambda: draw.choice(("A", "b c", "Ü", "1", "", "X:1", "0.50", "99", "-3", "n/a"))  # noqa: E731
    body = [f"BEG*00*SA*{draw.choice(('1', '22', ''))}**{draw.choice(('20260301', '20261301', ''))}"]
    body += [f"REF*{text()}*{text()}" for _n in range(draw.randint(0, 2))]
    for _party in range(draw.randint(0, 2)):
        body += [
            f"N1*{text()}*{text()}",
            *([f"N3*{text()}"] * draw.randint(0, 3)),
            *([f"N4*{text()}"] * draw.randint(0, 1)),
        ]
    for _line in range(draw.randint(0, 3)):
        body += [
            f"PO1*{text()}*{text()}*EA*{text()}",
            *(f"PID*F****{text()}" for _n in range(draw.randint(0, 2))),
        ]
    if draw.random() < 0.1:
        body.insert(draw.randrange(len(body)), draw.choice(("ZZZ*1", "CTT*1", "BEG*1*2*3", "bad")))
    return ["ST*850*1", *body, f"SE*{len(body) + 2}*1"]


def _random_interchange(draw: random.Random) -> str:
    orders = [_random_order(draw) for _n in range(draw.randint(0, 4))]
    lines = [ORDERS_850[0][:-1], f"GS*PO*{draw.choice('ABC')}*B*20260301*1200*5*X*004010"]
    lines += [one for order in orders for one in order] + [f"GE*{len(orders)}*5", "IEA*1*000000042"]
    return "".join(f"{line}~" for line in lines)


_PARTS = (
    (
        "[BEG/BEG03]",
        "[/interchange/ISA/ISA06]",
        "[../GS/GS02]",
        "[ST/ST02]",
        "Count([PO1/PO1/PO102])",
        "[REF[2]/REF02]",
    ),
    ("[PO1/PO101]", "[PO1/PO102] * 2", "[PO1/PO104]", "[../BEG/BEG03]", "Count([PID/PID05])"),
)


def _random_plan(draw: random.Random, to_edi: bool) -> Plan:
    edi = described(ORDER_850)
    top = "interchange/group/transaction"
    loop: dict[str, object] = {"loop": top}
    if draw.random() < 0.4:
        loop["when"] = draw.choice(
            ("[BEG/BEG03] != '22'", "Count([PO1/PO1/PO101]) > 1", "[../GS/GS02] == 'A'")
        )
    if draw.random() < 0.2:
        loop["first"] = 1
    inner: dict[str, object] = {"loop": "PO1", **({"when": "[PO1/PO102] > 1"} if draw.random() < 0.3 else {})}
    one, two = (draw.sample(parts, 3) for parts in _PARTS)
    if to_edi:
        rules: dict[str, object] = {top: loop, f"{top}/PO1": inner}
        rules.update(zip((f"{top}/BEG/BEG03", f"{top}/BEG/BEG04", f"{top}/BEG/BEG05"), one, strict=True))
        rules.update(
            zip((f"{top}/PO1/PO1/PO101", f"{top}/PO1/PO1/PO102", f"{top}/PO1/PO1/PO107"), two, strict=True)
        )
        rules[f"{top}/PO1/PID"] = {"loop": "PID"}
        rules[f"{top}/PO1/PID/PID05"] = "[PID05]"
        return build.plan(rules, edi, edi)
    xml = build.xml(
        {
            "o": {
                "r*": {
                    "a": "text",
                    "b?": "decimal",
                    "c?": "text",
                    "l*": {"x?": "text", "y": "decimal", "z?": "text"},
                }
            }
        }
    )
    rules = {"o/r": loop, "o/r/l": inner}
    rules.update(zip(("o/r/a", "o/r/b", "o/r/c"), one, strict=True))
    rules.update(zip(("o/r/l/x", "o/r/l/y", "o/r/l/z"), two, strict=True))
    return build.plan(rules, edi, xml)


def test_back_ends_agree_on_random_orders(share: Callable[[int], int]) -> None:
    failed = declined = 0
    for seed in range(share(3_000)):
        draw = random.Random(seed)
        made = _random_plan(draw, draw.random() < 0.5)
        assert made.errors == (), (seed, made.errors)
        data = _random_interchange(draw)
        judged = build.run(made, data, "interpret", clock=lambda: NOW)
        try:
            generated = build.run(made, data, "rows", clock=lambda: NOW)
        except BadInput as error:
            assert "cannot run this map" in error.message  # noqa: PT017
            declined += 1
            continue
        assert generated == judged, seed
        failed += bool(judged[1])
    assert declined < share(3_000) * 0.2
    assert failed > share(3_000) * 0.1
