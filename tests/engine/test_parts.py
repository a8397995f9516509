"""Inputs are cut between whole records and nowhere else, and what parts give together is what one process gives."""

from __future__ import annotations

import io
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine.explain import explain
from studio.engine.items import Item
from studio.engine.parts.part import Job, run_part
from studio.engine.parts.partition import NotSplit, Partition
from studio.engine.parts.slices import opened
from studio.engine.parts.split import split
from studio.engine.plan import Plan
from studio.engine.run import transform
from tests.engine.build import json_items, plan, rows, xml
from tests.engine.differ import Maker
from tests.engine.in_parts import Here, same_in_parts, told

ORDERS = xml(
    {
        "orders": {
            "head?": {"by": "text"},
            "order*": {"@id?": "text", "qty?": "integer", "order*": {"@id": "text"}},
            "foot?": "text",
        }
    }
)
BILLS = xml(
    {"bills": {"by?": "text", "bill*": {"@id?": "text", "n?": "integer", "by?": "text", "sub*": "text"}}}
)
RULES = {
    "bills/bill": {"loop": "orders/order", "when": "10 / [qty] > 0"},
    "bills/bill/@id": "[@id]",
    "bills/bill/n": "[qty]",
}


def orders(*inside: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>\n<orders>\n{head}{"".join(inside)}</orders>\n'.encode()


def many(count: int) -> list[str]:
    """Orders of which every seventh fails and every fifth is empty."""
    return [
        "<order/>\n" if n % 5 == 0 else f'<order id="o{n}"><qty>{0 if n % 7 == 0 else n}</qty></order>\n'
        for n in range(1, count + 1)
    ]


def parts_of(made: Plan, given: bytes, folder: Path, size: int) -> list[bytes]:
    """The stretches a file is cut into."""
    path = folder / "cut"
    path.write_bytes(given)
    found = split(made, path, size)
    pieces = [given[part.start : part.end] for part in found]
    assert b"".join(pieces) == given
    for part, piece in zip(found, pieces, strict=True):
        with opened(path, part) as stream:
            assert stream.read() == given[: part.head] + piece + part.tail
    return pieces


def test_xml_in_parts(tmp_path: Path) -> None:
    """S51: failures and nodes are numbered on from part to part; records that are empty tags are records."""
    here = same_in_parts(plan(RULES, ORDERS, BILLS), orders(*many(60)), tmp_path)
    assert len(here.partitions) > 10
    assert here.problems == []


@pytest.mark.parametrize(
    "hostile",
    [
        '<!-- </order><order id="no"> -->',
        '<order id="c"><![CDATA[</order><order>]]></order>',
        "<?note </order> ?>",
        '<order id="in"><order id="1"/><order id="2"></order></order >',
        '<order\n id="a>b/>"><qty>1</qty></order\n>',
        '<order id="text/>">/&gt;/></order>',
        '<orders><order id="deep"/></orders>',
    ],
)
def test_no_cut_where_only_the_text_looks_like_an_end(hostile: str, tmp_path: Path) -> None:
    """S51: comments, CDATA, instructions, values of attributes, records inside records."""
    made = plan(RULES, ORDERS, BILLS)
    for place in range(0, 30, 9):
        inside = many(30)
        inside[place] += hostile * 3
        here = same_in_parts(made, orders(*inside), tmp_path)
        assert here.problems == []
        assert len(here.partitions) > 3


def test_cuts_are_behind_records_of_the_right_depth(tmp_path: Path) -> None:
    nested = '<order id="x"><order id="y"></order><order id="z"/></order>'
    pieces = parts_of(plan(RULES, ORDERS, BILLS), orders(*[nested] * 50), tmp_path, 100)
    assert len(pieces) > 20
    assert all(piece.endswith(b"</order></order>") or b"<order id" in piece[-60:] for piece in pieces[:-1])
    assert all(piece.startswith(b'<order id="x">') for piece in pieces[1:-1])


def test_prefixes_and_namespaces(tmp_path: Path) -> None:
    """The tags put around a part are those of the document, with what they declare."""
    source = xml({"orders": {"list": {"order*": {"@id": "text", "qty": "integer"}}}}, namespace="urn:o")
    rules = {"bills/bill": {"loop": "orders/list/order"}, "bills/bill/@id": "[@id]", "bills/bill/n": "[qty]"}
    inside = "".join(f'<p:order id="{n}"><q:qty xmlns:q="urn:o">{n}</q:qty></p:order>' for n in range(50))
    given = f'<p:orders xmlns:p="urn:o"><p:list>{inside}</p:list></p:orders>'
    assert len(same_in_parts(plan(rules, source, BILLS), given.encode(), tmp_path).partitions) > 10


def test_a_second_node_around_records_is_not_cut(tmp_path: Path) -> None:
    """It may declare other prefixes: the rest of the document is one part."""
    source = xml({"orders": {"list": {"order*": {"@id": "text"}}}}, namespace="urn:o")
    rules = {"bills/bill": {"loop": "orders/list/order"}, "bills/bill/@id": "[@id]"}
    ours = '<p:order id="1"/>' * 20
    other = '<q:list xmlns:q="urn:o" xmlns:p="urn:x">' + '<p:order id="2"></p:order>' * 40 + "</q:list>"
    given = f'<p:orders xmlns:p="urn:o"><p:list><p:order id="0"></p:order>{ours}</p:list>{other}</p:orders>'
    here = same_in_parts(plan(rules, source, BILLS), given.encode(), tmp_path)
    assert here.problems == []


def test_values_outside_the_records_are_read_once(tmp_path: Path) -> None:
    """S38: before the records, after them, and where one that belongs before them comes later."""
    rules = RULES | {"bills/by": "[/orders/head/by]", "bills/bill/by": "[/orders/head/by]"}
    made = plan(rules, ORDERS, BILLS)
    assert made.passes == "head"
    head = "<head><by>Zoé</by></head>"
    assert len(same_in_parts(made, orders(*many(40), head=head), tmp_path).partitions) > 5
    late = orders(*many(20), head, *many(20))
    assert len(same_in_parts(made, late, tmp_path).partitions) > 5
    after = plan(RULES | {"bills/bill/by": "[/orders/foot]"}, ORDERS, BILLS)
    assert after.passes == "twice"
    assert len(same_in_parts(after, orders(*many(40), "<foot>end</foot>"), tmp_path).partitions) > 5


def test_broken_xml_ends_with_the_same_error(tmp_path: Path) -> None:
    """S43: the line is that of the file, whatever part it is in; records that were written already are not repeated."""
    made = plan(RULES, ORDERS, BILLS)
    for wrong in ("<order>", "</order>", "&nope;", "<a><b></a>", '<order id="1" id="2"/>', "<x:y/>", "\x01"):
        here = same_in_parts(made, orders(*many(30), wrong, *many(30)), tmp_path)
        assert here.problems != []


def test_other_encodings(tmp_path: Path) -> None:
    made = plan(RULES, ORDERS, BILLS)
    given = orders(*many(40)).decode().replace('"1.0"?', '"1.0" encoding="{}"?').replace("o1", "é1")
    latin = same_in_parts(made, given.format("iso-8859-1").encode("latin-1"), tmp_path)
    assert len(latin.partitions) > 5
    wide = same_in_parts(made, given.format("utf-16").encode("utf-16"), tmp_path)
    assert wide.partitions == ()
    with pytest.raises(NotSplit, match="UTF-8"):
        split(made, tmp_path / "given", 64)


ROWS = rows({"id": "text", "text": "text", "n": "integer"})
OUT_ROWS = rows({"id": "text", "text": "text", "n": "decimal"})
ROW_RULES = {"row": {"loop": "row"}, "row/id": "[id]", "row/text": "[text]", "row/n": "10 / [n]"}


def lines(count: int) -> list[str]:
    """Rows with quotes, commas and line ends in cells; some fail by a rule, some by their cells."""
    made = []
    for n in range(1, count + 1):
        made.append(f'r{n},"a ""quoted"", one\r\nwith {n}\nlines",{n % 4}\n')
        if n % 9 == 0:
            made.append(f"wide{n},1,2,3,4\r\n")
        if n % 11 == 0:
            made.append("\n")
    return made


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_rows_in_parts(mark: str, tmp_path: Path) -> None:
    """S51: quotes are followed; the lines told for wrong rows are those of the file."""
    given = mark + "\n\nid,text,n\r\n" + "".join(lines(60))
    here = same_in_parts(plan(ROW_RULES, ROWS, OUT_ROWS), given.encode(), tmp_path)
    assert len(here.partitions) > 10
    other = "n,id,text\n" + "".join("1,x,y\n" for _n in range(50))
    assert len(same_in_parts(plan(ROW_RULES, ROWS, OUT_ROWS), other.encode(), tmp_path).partitions) > 3


def test_rows_without_header_and_quotes(tmp_path: Path) -> None:
    source = rows({"id": "text", "text": "text", "n": "integer"}, header="no", quote="none", delimiter=";")
    given = "".join(f'{n};a "b;{n % 3}\n' + ("\ufeff;b;1\n" if n % 10 == 0 else "") for n in range(1, 60))
    here = same_in_parts(plan(ROW_RULES, source, OUT_ROWS), given.encode(), tmp_path)
    assert len(here.partitions) > 5
    assert not any(given.encode()[part.start :].startswith(b"\xef\xbb\xbf") for part in here.partitions)


def test_a_quote_inside_a_cell_is_left_to_one_process(tmp_path: Path) -> None:
    """A cell may hold a quote without being quoted; then counting quotes does not tell where rows end."""
    made = plan(ROW_RULES, ROWS, OUT_ROWS)
    for odd in ('a,5" pipe,1\n', 'a,"b"c,1\n', 'a,b "c" d,1\n'):
        here = same_in_parts(
            made, ("id,text,n\n" + "".join(lines(20)) + odd + "".join(lines(20))).encode(), tmp_path
        )
        assert here.partitions == ()
        with pytest.raises(NotSplit, match="a quote stands inside a cell"):
            split(made, tmp_path / "given", 64)


LINES = json_items({"id": "text", "n": "integer", "list[]": {"v": "text"}}, form="lines")
ARRAY = json_items({"id": "text", "n?": "decimal", "v*": "text"})
LINE_RULES = {"item": {"loop": "item"}, "item/id": "[id]", "item/n": "10 / [n]", "item/v": "[list/item/v]"}


def json_lines(count: int) -> bytes:
    made = [f'{{"id": "é\\n{n}", "n": {n % 4}, "list": [{{"v": "a"}}, {{"v": "b"}}]}}' for n in range(count)]
    made[7] = "no json"
    made[30] = "[1]"
    return ("\n".join(made) + "\n\n").encode()


def test_json_lines_to_an_array(tmp_path: Path) -> None:
    """S51: the first record of all has no comma before it, in whatever part it is."""
    made = plan(LINE_RULES, LINES, ARRAY)
    assert len(same_in_parts(made, json_lines(60), tmp_path).partitions) > 10
    failing = b'{"id": "x", "n": 0}\n' * 20 + json_lines(40)
    assert len(same_in_parts(made, failing, tmp_path).partitions) > 10
    same_in_parts(made, b'{"id": "x", "n": 0}\n' * 20, tmp_path)


@pytest.mark.parametrize("policy", ["set-aside", "null-field", "stop"])
def test_policies(policy: str, tmp_path: Path) -> None:
    """S49: what becomes of records that fail is the same, and so is the first one that ends a run."""
    same_in_parts(plan(LINE_RULES, LINES, ARRAY), json_lines(60), tmp_path, policy=policy)
    same_in_parts(plan(RULES, ORDERS, BILLS), orders(*many(60)), tmp_path, policy=policy)


def test_records_inside_repeating_nodes(tmp_path: Path) -> None:
    """Cut between the outermost nodes that repeat: records are read with the node they are in."""
    source = xml(
        {"orders": {"order*": {"@id": "text", "by?": "text", "line*": {"@no": "text", "qty": "integer"}}}}
    )
    rules = {
        "row": {"loop": "orders/order/line", "when": "[qty] != 2"},
        "row/id": "[../@id]",
        "row/text": "[../by]",
        "row/n": "6 / [qty]",
    }
    inside = "".join(
        f'<order id="{n}">'
        + "".join(f'<line no="{k}"><qty>{k % 4}</qty></line>' for k in range(n % 6))
        + f"<by>b{n}</by></order>"
        for n in range(40)
    )
    made = plan(rules, source, OUT_ROWS)
    assert made.tops[0].gathers
    here = same_in_parts(made, f"<orders>{inside}</orders>".encode(), tmp_path)
    assert len(here.partitions) > 5


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"bills/bill": {"loop": "orders/order", "first": 2}}, "takes the first records only"),
        ({"bills/bill": {"loop": "orders/order", "last": 2}}, "groups or sorts"),
        ({"bills/bill": {"loop": "orders/order", "sort": [{"by": "[@id]"}]}}, "groups or sorts"),
        ({"bills/bill/n": "RecordCount()"}, "number of the record"),
        ({"bills/bill/n": "$n = $n + 1"}, "change what other rules read"),
        ({"bills/bill/n": "WriteToOperationLog([qty]); 1"}, "write to the log"),
    ],
)
def test_what_needs_the_order_of_all_records_runs_in_one(
    more: dict[str, object], reason: str, tmp_path: Path
) -> None:
    """S36, S51: and --explain says so."""
    made = plan(RULES | more, ORDERS, BILLS)
    here = same_in_parts(made, orders(*many(40)), tmp_path)
    assert here.partitions == ()
    assert reason in explain(made)
    assert "In parts (--jobs): not, because" in explain(made)
    assert "In parts (--jobs): yes" in explain(plan(RULES, ORDERS, BILLS))


def test_a_counter_of_an_inner_loop_does_not_matter(tmp_path: Path) -> None:
    rules = RULES | {"bills/bill/sub": {"loop": "order", "script": "[@id] + RecordCount()"}}
    inside = [f'<order id="{n}"><order id="a"/><order id="b"/></order>' for n in range(40)]
    assert len(same_in_parts(plan(rules, ORDERS, BILLS), orders(*inside), tmp_path).partitions) > 5


def test_the_map_is_a_pure_function(tmp_path: Path) -> None:
    """The same partition gives the same files by the same names, over what a killed try has left."""
    path = tmp_path / "given"
    path.write_bytes(orders(*many(40)))
    made = plan(RULES, ORDERS, BILLS)
    here = Here()
    told(made, path, workers=here.workers(tmp_path, 200))
    job = Job(made, Item(""), str(path), str(tmp_path))
    partition: Partition = here.partitions[1]
    run_part(job, partition)
    first = {file.name: file.read_bytes() for file in tmp_path.glob("part-*")}
    (tmp_path / f"{partition.name}.out").write_bytes(b"half")
    again = run_part(pickle.loads(pickle.dumps(job)), partition)
    assert {file.name: file.read_bytes() for file in tmp_path.glob("part-*")} == first
    assert sorted(first) == ["part-000001.failures", "part-000001.out"]
    assert again.size == len(first["part-000001.out"])


def test_files_are_whole_or_not_there(tmp_path: Path) -> None:
    """The output file of a run in parts, and its failures beside it."""
    path, alone, parts = tmp_path / "given", tmp_path / "alone.xml", tmp_path / "parts.xml"
    path.write_bytes(orders(*many(40)))
    made = plan(RULES, ORDERS, BILLS)
    transform(made, path, alone)
    here = Here()
    transform(made, path, parts, workers=here.workers(tmp_path, 100))
    assert parts.read_bytes() == alone.read_bytes()
    listed = Path(f"{parts}.failures.csv").read_bytes()
    assert listed == Path(f"{alone}.failures.csv").read_bytes()
    path.write_bytes(orders(*many(40), "<wrong>"))
    with pytest.raises(BadInput, match="XML is broken"):
        transform(made, path, parts, workers=here.workers(tmp_path, 100))
    assert parts.read_bytes() == alone.read_bytes()
    assert not list(tmp_path.glob(".weft-parts-*"))


def test_streams_are_not_cut() -> None:
    out = io.BytesIO()
    stats = transform(plan(RULES, ORDERS, BILLS), io.BytesIO(orders(*many(5))), out, failures=str, jobs=2)
    assert stats.in_one == "the input is no file"
    assert stats.jobs == 1


def test_random_maps_in_parts(share: Callable[[int], int], tmp_path: Path) -> None:
    """S51: same bytes, failures, counts or error, for random maps over random, also broken documents."""
    cut: Counter[bool] = Counter()
    for seed in range(share(5_000)):
        maker = Maker(seed)
        made = maker.made()
        data = maker.document().encode("utf-8", "surrogatepass")
        here = same_in_parts(made, data, tmp_path, 40)
        cut[len(here.partitions) > 1] += 1
    assert cut[True] > sum(cut.values()) / 4
