"""Parts of JSON documents, fixed-width files and interchanges: what they give together is what one process gives (S51)."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.engine.parts import split_edi, split_json
from studio.engine.parts.partition import NotSplit
from studio.engine.parts.slices import opened
from studio.engine.parts.split import split
from studio.engine.plan import Plan
from tests.engine.build import json_items, json_object, plan, rows
from tests.engine.differ import Maker
from tests.engine.differ_records import RecordMaker
from tests.engine.in_parts import same_in_parts
from tests.engine.test_edi_any import _random_interchange, _random_plan

OUT = rows({"id": "text", "n": "decimal"})
ENTRIES = {"id": "text", "n?": "integer", "more[]": {"x": "text"}}
ITEMS = plan({"row": {"loop": "item"}, "row/id": "[id]", "row/n": "10 / [n]"}, json_items(ENTRIES), OUT)
INSIDE = plan(
    {"row": {"loop": "/list/item"}, "row/id": "[id] + [/by]", "row/n": "10 / [n]"},
    json_object({"by?": "text", "list[]": ENTRIES}),
    OUT,
)
HOSTILE = ['"],{"', "\\", '\\"', '\\\\"', '"}]', "é\u2028", "]", '"', ",", '[{"id"']


class JsonMaker(Maker):
    """Makes cases whose source is a JSON document."""

    kinds = ("json",)


class FixedMaker(RecordMaker):
    """Makes cases whose source is a fixed-width file of one kind of records, mostly."""

    kinds = ("fixed", "lines")


def entries(count: int) -> list[dict[str, object]]:
    """Entries with texts that look like ends of other things; every seventh fails."""
    return [
        {"id": HOSTILE[n % 10] * (n % 3), "n": n % 7, "more": [{"x": HOSTILE[(n + 3) % 10]}] * (n % 3)}
        for n in range(count)
    ]


@pytest.mark.parametrize("piece", [1 << 22, 64, 7, 1])
def test_json_in_parts(piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the pieces that are looked through begin; texts are no brackets."""
    monkeypatch.setattr(split_json, "_CHUNK", piece)
    monkeypatch.setattr(split_json, "_WALKED", min(piece, 1 << 12))
    for escaped in (True, False):
        text = json.dumps(entries(40), ensure_ascii=escaped)
        here = same_in_parts(ITEMS, b"\xef\xbb\xbf" + text.encode(), tmp_path)
        assert (here.problems, len(here.partitions) > 15) == ([], True)
        document = {
            "list ": [[1, {"id": "]"}]],
            "by": '"list":[',
            "list": entries(40),
            "z": [{"id": "no"}] * 9,
        }
        text = json.dumps(document, ensure_ascii=escaped, indent=1)
        here = same_in_parts(INSIDE, text.encode(), tmp_path)
        assert (here.problems, len(here.partitions) > 15) == ([], True)


def test_parts_of_json_end_with_the_array(tmp_path: Path) -> None:
    """What stands behind the array, also one of the same name, is read with the last part."""
    one = json.dumps(entries(30))
    twice = f'{{"list": {one}, "other": {one}, "list": {one}}}'.encode()
    assert len(same_in_parts(INSIDE, twice, tmp_path).partitions) > 10
    path = tmp_path / "cut"
    path.write_bytes(twice)
    parts = split(INSIDE, path, 64)
    assert all(part.end <= twice.index(b'"other"') for part in parts[:-1])
    with opened(path, parts[1]) as stream:
        assert isinstance(json.loads(stream.read())["list"], list)


@pytest.mark.parametrize(
    "wrong",
    [
        '[{"id":"1"},{"id":"2"},{"id":"3"},]', '[{"id":"1"},,{"id":"2"},{"id":"3"}]', '[{"id":"1"},{"id":"2"}}]', '[{"id":"1"},{"id":"2"},{"id":"3"}', '[{"id":"1"},{"id":"2"},{"id":"3"}]]',
        '[{"id":"1"},{"id":"2"},{"id":"3}]', '[{"id":"1"},{"id":"2"} {"id":"3"}]', '[{"id":"1"},{"id":"2"},{"id":"3"}] x', '[{"id":"1"},{]},{"id":"3"}]',
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 12, 24])
def test_broken_json_ends_as_it_does_in_one_process(wrong: str, size: int, tmp_path: Path) -> None:
    same_in_parts(ITEMS, wrong.encode(), tmp_path, size)
    same_in_parts(INSIDE, f'{{"list":{wrong}}}'.encode(), tmp_path, size)


@pytest.mark.parametrize(
    ("made", "given", "why"),
    [
        (ITEMS, b'{"id":"1"}', "unusual form"),
        (INSIDE, b'{"list":{"id":"1"}}', "unusual form"),
        (INSIDE, b'[{"list":[{"id":"1"}]}]', "unusual form"),
        (INSIDE, b'{"other":[{"id":"1"}]}', "no record begins"),
        (ITEMS, '[{"id":"1"}]'.encode("utf-16"), "UTF-8"),
    ],
)
def test_json_of_another_form_is_not_cut(made: Plan, given: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "given"
    path.write_bytes(given)
    with pytest.raises(NotSplit, match=why):
        split(made, path, 1)


@pytest.mark.parametrize("maker", [JsonMaker, FixedMaker])
def test_random_documents_in_parts(
    maker: type[Maker], share: Callable[[int], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same bytes, failures, counts or error, for random maps over random, also broken documents."""
    cut: Counter[bool] = Counter()
    for seed in range(share(1_500)):
        monkeypatch.setattr(split_json, "_CHUNK", (1 << 22, 9)[seed % 2])
        monkeypatch.setattr(split_json, "_WALKED", (1 << 12, 3)[seed // 2 % 2])
        made = maker(seed)
        data = bytearray(made.document().encode("utf-8", "surrogatepass"))
        draw = random.Random(seed)
        if draw.random() < 0.3 and data:
            at = draw.randrange(len(data))
            data[at : at + draw.choice((0, 1, 9))] = draw.choice(
                (b"", b",", b'"', b"\\", b"]", b"{", b'],"x":[', b"\n", b"\r", b"\xff")
            )
        here = same_in_parts(made.made(), bytes(data), tmp_path, 40)
        cut[len(here.partitions) > 1] += 1
    assert cut[True] > sum(cut.values()) / 8


def test_interchanges_in_parts(
    share: Callable[[int], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines, also those that reasons name, are those of the file; counts that differ are told once."""
    cut: Counter[bool] = Counter()
    for seed in range(share(1_000)):
        draw = random.Random(seed)
        monkeypatch.setattr(split_edi, "_CHUNK", draw.choice((1 << 22, 50)))
        made = _random_plan(draw, False)
        broken = draw.random() < 0.2
        given = ""
        for _interchange in range(draw.randint(1, 6)):
            text = _random_interchange(draw)
            text = text.replace("~GE*", "~GE*1", 1) if draw.random() < 0.2 else text
            given += text.replace("~", draw.choice(("~", "~\n", "~\r\n")))
        data = bytearray(given.encode("iso-8859-1"))
        if broken:
            at = draw.randrange(len(data))
            data[at : at + draw.choice((1, 5, 200))] = draw.choice((b"", b"IEA*1*1~ISA*", b"~", b"\n", b"\0"))
        here = same_in_parts(made, bytes(data), tmp_path, 300)
        cut[len(here.partitions) > 1] += 1
        assert broken or not here.problems, (seed, here.problems)
    assert cut[True] > sum(cut.values()) / 3
