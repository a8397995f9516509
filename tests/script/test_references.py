"""Names in scripts: every character kept, where a name stands, and renaming that changes nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.script.lossless import read, search
from studio.script.parse import parse
from studio.script.references import Name, Sort, definition, edits, name_at, occurrences, references, rename
from tests.script.scripts import scripts
from tests.script.test_parse import bare

TEXT = """x = 1; // x counts
$total += x; Set('total', x++);
[orders/line[[@no] > x]/`unit price`] + [../id];
Orders$Order.Name$; RunScript("<TAG>Scripts/mail/send</TAG>", "x")"""


def found(name: Name, context: tuple[str, ...] = ()) -> list[str]:
    return [f"{each.start}{'!' if each.sets else ''}" for each in references(TEXT, name, context)]


def test_where_names_stand() -> None:
    assert found(Name(Sort.LOCAL, "x")) == ["0!", "29", "45!", "72"]
    assert found(Name(Sort.GLOBAL, "total")) == ["20!", "37!"]
    assert found(Name(Sort.FUNCTION, "SET")) == ["32"]
    assert found(Name(Sort.FIELD, "orders/line/`unit price`")) == [str(TEXT.index("`unit"))]
    assert found(Name(Sort.FIELD, "orders/line/@no")) == [str(TEXT.index("no]"))]
    assert found(Name(Sort.FIELD, "orders/id"), ("orders", "order")) == [str(TEXT.index("id]"))]
    assert found(Name(Sort.FIELD, "Orders/Order/Name")) == [str(TEXT.index("Name$"))]
    assert found(Name(Sort.OBJECT, "scripts/mail/send")) == [str(TEXT.index("mail"))]
    first = definition("y; y = 2; y = 3", Name(Sort.LOCAL, "y"))
    assert first is not None
    assert first.start == 3


def test_the_name_at_a_place() -> None:
    def named(offset: int) -> str:
        each = name_at(TEXT, offset)
        return f"{each.name.sort} {each.name.name}" if each else ""

    assert named(0) == "local x"
    assert named(TEXT.index("total")) == "global total"
    assert named(TEXT.index("line") + 2) == "field orders/line"
    assert named(TEXT.index("send")) == "object scripts/mail/send"
    assert named(TEXT.index("RunScript") + 9) == "function RunScript"
    assert named(TEXT.index("counts")) == ""


@pytest.mark.parametrize(
    ("name", "new", "old", "expected"),
    [
        (Name(Sort.LOCAL, "x"), "n", "x = 1; // x", "n = 1; // x"),
        (Name(Sort.LOCAL, "x"), "n", "@no] > x]", "@no] > n]"),
        (Name(Sort.GLOBAL, "total"), "sum.of", "$total += x; Set('total'", "$sum.of += x; Set('sum.of'"),
        (Name(Sort.FIELD, "orders/line"), "row", "[orders/line[", "[orders/row["),
        (Name(Sort.FIELD, "orders/line/@no"), "n/o", "[[@no]", "[[@`n/o`]"),
        (Name(Sort.FIELD, "orders/line/`unit price`"), "price", "`unit price`", "price"),
        (Name(Sort.FIELD, "Orders/Order"), "Row", "Orders$Order.Name$", "Orders$Row.Name$"),
        (Name(Sort.OBJECT, "scripts/mail/send"), "mail/post", "Scripts/mail/send<", "Scripts/mail/post<"),
    ],
)
def test_renaming(name: Name, new: str, old: str, expected: str) -> None:
    renamed = rename(TEXT, name, new)
    assert TEXT.count(old) == 1
    assert expected in renamed
    assert old not in renamed


@pytest.mark.parametrize(
    ("name", "new"),
    [
        (Name(Sort.LOCAL, "x"), "2x"),
        (Name(Sort.LOCAL, "x"), "true"),
        (Name(Sort.LOCAL, "x"), ""),
        (Name(Sort.GLOBAL, "total"), "a b"),
        (Name(Sort.FUNCTION, "Set"), "Put"),
        (Name(Sort.FIELD, "Orders/Order"), "a/b"),
        (Name(Sort.OBJECT, "scripts/mail/send"), "a<b"),
    ],
)
def test_names_that_cannot_be(name: Name, new: str) -> None:
    with pytest.raises(BadInput) as caught:
        edits(TEXT, name, new)
    assert caught.value.next_step


def test_a_name_that_is_taken() -> None:
    with pytest.raises(BadInput, match="already has a variable b"):
        rename("a = 1; b = a", Name(Sort.LOCAL, "a"), "b")
    assert rename("a = 1; $b = a", Name(Sort.LOCAL, "a"), "b") == "b = 1; $b = b"


def test_searching() -> None:
    source = read(TEXT)
    assert len(search(source, "X")) == 6
    assert len(search(source, "X", match_case=True)) == 0
    assert [TEXT[start - 2 : end + 2] for start, end in search(source, "no", words=True)] == ["[@no] "]
    assert search(source, "counts", comments=False) == ()


@given(st.one_of(scripts, st.text(max_size=60), st.text(alphabet="ab[]/'\" ;=*({})\n$@`", max_size=60)))
def test_pieces_are_the_whole_text(text: str) -> None:
    source = read(text)
    at = 0
    for piece in source.pieces:
        assert piece.start == at
        assert piece.text == text[piece.start : piece.end] != ""
        at = piece.end
    assert at == len(text)
    if not source.mistakes:
        assert all(piece.kind != "strange" for piece in source.pieces)


@given(scripts)
def test_renaming_there_and_back(text: str) -> None:
    away = rename(text, Name(Sort.LOCAL, "x"), "fresh")
    renamed = repr([bare(node) for node in parse(text).statements])
    assert not references(away, Name(Sort.LOCAL, "x"))
    assert len(references(away, Name(Sort.LOCAL, "fresh"))) == len(references(text, Name(Sort.LOCAL, "x")))
    assert rename(away, Name(Sort.LOCAL, "fresh"), "x") == text
    assert ("'x'" in renamed) or away == text


@given(st.text(alphabet="ab[]/'\" ;=$TAG<>@", max_size=60), st.integers(0, 60))
def test_any_text_has_names(text: str, offset: int) -> None:
    for each in occurrences(text):
        assert 0 <= each.start <= each.end <= len(text)
    name_at(text, offset)


def test_real_scripts_keep_every_character(shared: Path) -> None:
    lines = (shared / "conformance" / "script" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[::5]:
        text = json.loads(line)["script"]
        source = read(text)
        assert "".join(piece.text for piece in source.pieces) == text
        for local in {each.name for each in occurrences(text) if each.name.sort is Sort.LOCAL}:
            assert (
                rename(rename(text, local, "fresh_name"), Name(Sort.LOCAL, "fresh_name"), local.name) == text
            )
