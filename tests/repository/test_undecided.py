"""Conflicts are kept with every side until somebody decides, and what a decision replaces is kept too."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.project.merge import value_at
from studio.protocol.manifests import Content, hash_of
from studio.repository import undecided as module
from studio.repository.contents import Contents
from studio.repository.forgetting import forget_versions
from studio.repository.local import made_place
from studio.repository.undecided import (
    Book,
    Item,
    Undecided,
    content_of,
    decide,
    decided,
    join,
    keep_both,
    text_of,
    undecided,
)
from tests.repository.test_merging import BASE, PLACE

TOTAL = ("map", "invoices/invoice/total")
RULE = Undecided(
    1, PLACE, "transformations/orders", TOTAL, "Count([qty])", "Sum([qty])", "Max([qty])", 4, "Ana", "t", "m"
)
LOGO = "schemas/logo.bin"
THEIRS = b"theirs\0\xff"
FILE = Undecided(
    2, LOGO, None, (), None, Content(hash_of(BASE[LOGO]), 256), Content(hash_of(THEIRS), 8), 4, "Ana B."
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with two conflicts: a rule and a whole file."""
    for path, data in BASE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)
    Contents(tmp_path).add({hash_of(THEIRS): THEIRS, hash_of(BASE[LOGO]): BASE[LOGO]})
    book = Book(3, (Item(RULE, RULE.mine), Item(FILE, FILE.mine)))
    (made_place(tmp_path) / module.FILE).write_bytes(content_of(book))
    return tmp_path


def rule(folder: Path) -> object:
    return value_at("transformations/orders", (folder / PLACE).read_bytes(), TOTAL)


def test_conflicts_are_kept_as_they_were_found(folder: Path) -> None:
    assert undecided(folder) == (RULE, FILE)
    assert text_of(folder, FILE.theirs) == THEIRS


@pytest.mark.parametrize("value", ["Max([qty])", "Sum([qty])", {"script": "Min([qty])", "note": "new"}, None])
def test_a_rule_is_decided(folder: Path, value: object) -> None:
    assert decide(folder, 1, value) == (FILE,)
    assert rule(folder) == value
    assert undecided(folder) == (FILE,)
    [done] = decided(folder)
    assert (done.conflict, done.value, done.replaced) == (RULE, value, "Sum([qty])")


def test_a_decision_can_be_taken_back(folder: Path) -> None:
    decide(folder, 1, RULE.theirs)
    decide(folder, 2, FILE.theirs)
    assert (folder / LOGO).read_bytes() == THEIRS
    decide(folder, 2, FILE.mine)
    decide(folder, 1, RULE.mine)
    assert (folder / LOGO).read_bytes() == BASE[LOGO]
    assert rule(folder) == RULE.mine
    assert len(decided(folder)) == 2


def test_both_versions_of_a_file_can_stand(folder: Path) -> None:
    path = keep_both(folder, 2)
    assert path == "schemas/logo-ana-b.bin"
    assert (folder / path).read_bytes() == THEIRS
    assert (folder / LOGO).read_bytes() == BASE[LOGO]
    assert undecided(folder) == (RULE,)
    with pytest.raises(BadInput, match="whole file"):
        keep_both(folder, 1)


def test_a_later_edit_is_mine_and_theirs_by_hand_settles_it(folder: Path) -> None:
    text = (folder / PLACE).read_bytes()
    (folder / PLACE).write_bytes(text.replace(b"Sum([qty])", b"Avg([qty])"))
    assert undecided(folder)[0].mine == "Avg([qty])"
    (folder / PLACE).write_bytes(text.replace(b"Sum([qty])", b"Max([qty])"))
    assert undecided(folder) == (FILE,)


def test_a_file_edited_since_can_be_read_and_kept_as_mine(folder: Path) -> None:
    (folder / LOGO).write_bytes(b"edited since")
    mine = undecided(folder)[1].mine
    assert text_of(folder, mine) == b"edited since"
    assert decide(folder, 2, mine) == (RULE,)
    assert (folder / LOGO).read_bytes() == b"edited since"
    decide(folder, 2, FILE.theirs)
    decide(folder, 2, mine)
    assert (folder / LOGO).read_bytes() == b"edited since"


def test_a_file_of_two_conflicts_stays_readable_as_it_was_shown(folder: Path) -> None:
    """A rule of it is decided while all of it is to be decided, too: what was shown as mine can still be chosen."""
    text = (folder / PLACE).read_bytes()
    mine = Content(hash_of(text), len(text))
    whole = Undecided(3, PLACE, "transformations/orders", (), None, mine, FILE.theirs, 4, "Ana")
    book = Book(4, (Item(RULE, RULE.mine), Item(whole, whole.mine)))
    (made_place(folder) / module.FILE).write_bytes(content_of(book))
    decide(folder, 1, RULE.theirs)
    assert text_of(folder, mine) == text
    assert decide(folder, 3, mine) == ()
    assert (folder / PLACE).read_bytes() == text


def test_what_cannot_be_is_refused_and_changes_nothing(folder: Path) -> None:
    with pytest.raises(BadInput, match="no conflict 9"):
        decide(folder, 9, None)
    with pytest.raises(BadInput):
        decide(folder, 1, ["not a rule"])
    (folder / PLACE).unlink()
    with pytest.raises(BadInput, match="not there any more"):
        decide(folder, 1, "x")
    assert len(undecided(folder)) == 2
    assert decide(folder, 1, None) == (FILE,)


def test_a_damaged_list_is_told(folder: Path) -> None:
    for junk in (b"{", b"{}", b'{"next": 1, "open": [{}], "decided": []}'):
        (folder / module.PATH).write_bytes(junk)
        with pytest.raises(BadInput, match=r"undecided\.json"):
            undecided(folder)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "joined"),
    [
        ({"loop": "a"}, {"loop": "a", "when": "w"}, {"loop": "a", "first": "1"}, {"loop": "a", "when": "w", "first": "1"}),
        ("s", {"script": "s", "note": "n"}, "t", {"script": "t", "note": "n"}),
        ({"loop": "a", "when": "w"}, {"loop": "a"}, {"loop": "b", "when": "w"}, {"loop": "b"}),
        ({"script": "s", "note": "n"}, "s", {"script": "t", "note": "n"}, "t"),
        ("s", "t", "u", None),
        (None, {"loop": "a", "when": "x"}, {"loop": "a", "when": "y"}, None),
        (None, {"loop": "a"}, {"loop": "a", "when": "y"}, {"loop": "a", "when": "y"}),
        ("s", None, "t", None),
    ],
)  # fmt: skip
def test_different_parts_of_one_rule_are_joined(
    base: object, mine: object, theirs: object, joined: object
) -> None:
    conflict = Undecided(1, PLACE, "transformations/orders", TOTAL, base, mine, theirs)
    assert join(conflict) == joined


def test_others_versions_are_forgotten_but_for_open_conflicts(folder: Path) -> None:
    decide(folder, 1, RULE.theirs)
    Contents(folder).add({hash_of(b"of the base"): b"of the base"})
    forget_versions(folder)
    assert decided(folder) == ()
    assert undecided(folder) == (FILE,)
    assert text_of(folder, FILE.theirs) == THEIRS
    assert hash_of(b"of the base") not in Contents(folder)
    forget_versions(folder)


def test_many_packs_become_one_and_a_damaged_one_costs_only_itself(tmp_path: Path) -> None:
    kept, texts = Contents(tmp_path), [f"text {number} ".encode() * 50 for number in range(50)]
    for text in texts:
        kept.add({hash_of(text): text})
    reading = Contents(tmp_path)
    assert reading.read(hash_of(texts[0])) == texts[0]
    kept.tidy({hash_of(text) for text in texts[:40]})
    [pack] = (tmp_path / ".weft/repository/contents").iterdir()
    assert all(reading.read(hash_of(text)) == text for text in texts[:40])
    assert hash_of(texts[45]) not in Contents(tmp_path)
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(data)
    found = Contents(tmp_path)
    readable = 0
    for text in texts[:40]:
        try:
            assert found.read(hash_of(text)) == text
            readable += 1
        except BadInput:
            continue
    assert readable in range(20, 40)
