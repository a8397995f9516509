"""Rules S5, S10, S38 to S40, S44 where records are read together with the nodes around them."""

from __future__ import annotations

from typing import Any

from tests.engine.build import both, json_items, plan, xml
from tests.engine.test_loops import TARGET, cells

BOXES = xml(
    {
        "r": {
            "tail?": "text",
            "b*": {
                "@id": "text", "who?": "text", "p*": {"@k": "text", "v?": "text"},
                "part*": {"no?": "integer", "i*": {"n?": "integer", "t?": "text"}},
                "note?": "text",
            },
        }
    }
)  # fmt: skip
IN_BOXES = """<r><b id="1"><who>A</who><p k="x"><v>1</v></p><p k="y"><v>2</v></p>
<part><no>1</no><i><n>1</n></i><i><n>0</n><t>t</t></i></part><part><no>2</no><i><n>3</n></i></part><note>late</note></b>
<b id="2"><who>B</who><who>C</who><part><i><n>4</n></i></part><part><no>7</no></part></b>
<tail>end</tail>
<b id="3"><p k="y"><v>9</v></p><part><no>1</no><i><n>5</n></i><i/></part></b></r>"""


def boxed(
    rules: dict[str, Any], **options: Any
) -> tuple[list[str], list[tuple[int, str, str]], tuple[int, ...]]:
    """The texts of column a, the failures and the counts of a loop over r/b/part/i."""
    loop = {"loop": "r/b/part/i", **options}
    made = plan({"out/row": loop, **{f"out/row/{name}": text for name, text in rules.items()}}, BOXES, TARGET)
    assert made.passes != "whole"
    text, failures, counts = both(made, IN_BOXES)
    return cells(text), failures, counts


def test_records_read_with_what_is_around_them() -> None:
    """S5 S10 S38 S40"""
    six = (6, 6, 0, 0)
    assert boxed({"a": "[../../note] + [n]"}) == (["late1", "late0", "late3", "4", "5"], [], six)
    assert boxed({"a": "[../../who] + [../no] + '-' + [n]"}) == (
        ["A1-1", "A1-0", "A2-3", "B-4", "1-5", "1-"],
        [],
        six,
    )
    assert boxed({"a": "[../../p[[@k] == 'y'][1]/v]"})[0] == ["2", "2", "2", "9", "9"]
    assert boxed({"a": "Count([../../p]) + '/' + Count([../../part[*]/i]) + '/' + Count([../i[*]])"})[0] == [
        "2/3/2", "2/3/2", "2/3/1", "0/1/1", "1/2/2", "1/2/2"
    ]  # fmt: skip
    assert boxed({"a": "[../../who] + [/r/tail]"})[0] == ["Aend", "Aend", "Aend", "Bend", "end", "end"]
    assert boxed({"a": "[/r/b[[@id] == '1'][1]/who] + [../../@id] + [../no]"})[0][:5] == [
        "A11", "A11", "A12", "A2", "A31"
    ]  # fmt: skip


def test_records_read_together_are_counted_one_by_one() -> None:
    """S39 S40"""
    assert boxed({"a": "[../../who] + 12 / [n]"}, when="[n] < 5 && [../no] != 2") == (
        ["A12", "B3"], [(2, "out/row/a", "Division by 0.")], (6, 2, 1, 3)
    )  # fmt: skip
    assert boxed({"a": "[n] + [../no]"}, loop="r/b/part/i[[../../who] != 'B']")[2] == (5, 5, 0, 0)
    assert boxed({"a": "[../../@id] + [../no] + [n]"}, first=2)[::2] == (["111", "110"], (6, 2, 0, 4))
    assert boxed({"a": "RaiseError([../../who])"})[1][3] == (4, "out/row/a", "B")
    rules = {"in": {"loop": "../../p"}, "in/d": "[v] + Count([../p[*]])", "a": "[../no]"}
    made = plan(
        {"out/row": {"loop": "r/b/part/i"}, **{f"out/row/{path}": given for path, given in rules.items()}},
        BOXES,
        TARGET,
    )
    text = both(made, IN_BOXES)[0]
    assert text.count("<in>") == 8


def test_json_records_read_with_what_is_around_them() -> None:
    """S10 S44"""
    source = json_items({"id": "text", "lines[]": {"n": "integer"}, "late?": "text"}, "lines")
    made = plan(
        {"out/row": {"loop": "item/lines/item"}, "out/row/a": "[../../id] + [n] + [../../late]"},
        source,
        TARGET,
    )
    data = """{"id": "a", "lines": [{"n": 1}, {"n": 2}], "late": "z"}
nonsense
{"id": "b", "lines": {"n": 3}}
{"id": "c"}
{"id": "d", "lines": [null, {"n": "x"}]}"""
    text, failures, counts = both(made, data)
    assert cells(text) == ["a1z", "a2z", "b3", "d", "dx"]
    assert ([failure[:2] for failure in failures], counts) == ([(3, "item")], (6, 5, 1, 0))
