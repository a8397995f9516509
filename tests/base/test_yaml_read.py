"""Reading YAML: every value is text, everything else is refused at its place."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from studio.base import yaml_read
from studio.base.errors import BadInput, TooLarge
from studio.base.yaml_read import comment_line, parse, read


def test_scalars_stay_what_they_are() -> None:
    node = parse("a: 007\nb: 2026-03-01\nc: true\nd: null\ne: ~\nf: 1.50\ng:\nh: '1'\ni: 0x1F\nj: =\nk: <<\n")
    assert node.plain() == {
        "a": "007", "b": "2026-03-01", "c": "true", "d": "null", "e": "~", "f": "1.50", "g": "", "h": "1",
        "i": "0x1F", "j": "=", "k": "<<",
    }  # fmt: skip


def test_places_count_from_one_and_a_value_has_its_keys_line() -> None:
    node = parse("name: x\nmap:\n  a/b: |-\n    one\n    two\n  c: {loop: d}\nlist:\n- x\n- y: z\n")
    rules = node.members()["map"].members()
    assert (rules["a/b"].line, rules["a/b"].column) == (3, 3)
    assert rules["c"].members()["loop"].line == 6
    assert [item.line for item in node.members()["list"].items()] == [8, 9]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: 1\nb: &x 1\n", 2, 4, "Anchors"),
        ("a: 1\nb: *x\n", 2, 4, "Aliases"),
        ("a: 1\nb: !!python/object/apply:os.system [x]\n", 2, 4, "Tags"),
        ("a: !local 1\n", 1, 4, "Tags"),
        ("a: 1\nb: 2\n\na: 3\n", 4, 1, "already used"),
        ("a: {b: 1, b: 2}\n", 1, 11, "already used"),
        ("? [a, b]\n: c\n", 1, 3, "A key must be a text"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second one"),
        ("a: [1, 2\nb: 3\n", 2, None, "not YAML"),
        ("a: 'open\n", 2, 1, "not YAML"),
        ("a:\n\tb: 1\n", 2, 1, "not YAML"),
        ("a: \x07\n", 1, None, "does not allow"),
    ],
)
def test_what_is_refused_names_its_place(text: str, line: int, column: int | None, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        parse(text, file="x.yaml")
    assert (caught.value.file, caught.value.line) == ("x.yaml", line)
    assert column is None or caught.value.column == column
    assert caught.value.next_step


def test_a_wrong_byte_is_named_with_its_line() -> None:
    with pytest.raises(BadInput, match="0xE9") as caught:
        read("name: a\ntitle: café\n".encode("latin-1"), file="x.yaml")
    assert (caught.value.line, caught.value.column) == (2, 11)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read(b"\xef\xbb\xbfname: a\n").plain() == {"name": "a"}


def test_depth_size_and_count_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="nested deeper"):
        parse("a: " + "[" * 5_000)
    with pytest.raises(TooLarge, match="larger than"):
        read(b"#" * (yaml_read.MAX_BYTES + 1))
    monkeypatch.setattr(yaml_read, "MAX_NODES", 1_000)
    with pytest.raises(TooLarge, match="more than"):
        parse("a: [" + "x, " * 2_000 + "]")


def test_an_empty_file_is_an_empty_text() -> None:
    assert parse("").members() == {}
    assert parse("# only a comment\n").members() == {}


def test_the_pure_parser_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: 1\nmap:\n  b/c: '[x]'\n  d: |-\n    e\n    f\nl: [g, {h: i}]\n"
    fast = parse(text)
    monkeypatch.setattr(yaml_read, "_LOADER", yaml.SafeLoader)
    slow = parse(text)
    assert slow.plain() == fast.plain()
    assert slow.members()["l"].items()[1].line == 7
    for wrong in ("a: &x 1", "a: *x", "a: !t 1", "a: 1\na: 2", "a: [", "a: \x07"):
        with pytest.raises(BadInput) as caught:
            parse(wrong)
        assert caught.value.line


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("text", "a: [b]"), ("whole", "a: x"), ("whole", "a: '-1'"), ("flag", "a: yes"), ("items", "a: b"),
        ("texts", "a: [[b]]"), ("members", "a: b"), ("text_members", "a: {b: [c]}"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_located(call: str, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        getattr(parse(text, file="x.yaml").members()["a"], call)()
    assert caught.value.line == 1


def test_comments_are_found_outside_texts_only() -> None:
    assert comment_line('a: "x # y"\nb: |-\n  # z\nc: a#b\n') is None
    assert comment_line("a: 1\nb: 2 # here\n") == 2
    assert comment_line("# first\na: 1\n") == 1
    assert comment_line("a: 1\n# last\n") == 2


@given(st.text(max_size=200))
def test_any_text_reads_or_is_refused(text: str) -> None:
    refused: BadInput | None
    try:
        node = parse(text)
    except BadInput as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        assert refused.message
        assert refused.next_step
        return
    expected = yaml.load(text.removeprefix("\ufeff"), yaml.CBaseLoader)
    assert node.plain() == ("" if expected is None else expected)
