"""Merges of files: what either side did is there afterwards, or in a clash that holds every side."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studio.project.layout import id_of
from studio.project.merge import value_at
from studio.protocol.manifests import hash_of
from studio.repository.merging import Clash, merge_files, wanted
from tests.project.examples import project
from tests.repository.sides import Files, edited, files_of, manifest_of, merge

SEEDS = st.integers(0, 10**6)
COUNTS = st.integers(0, 6)

MAP = b"""weft: transformation/1
name: Orders
source: {schema: schemas/orders.xsd, root: orders}
target: {schema: schemas/invoices.xsd, root: invoices}
map:
  invoices/invoice: {loop: orders/order}
  invoices/invoice/number: "[@id]"
  invoices/invoice/date: "[placed]"
  invoices/invoice/total: Sum([qty])
  invoices/invoice/name: "[customer]"
"""
PLACE = "transformations/orders.yaml"
BASE: Files = {
    "project.yaml": b"weft: project/1\nid: 6f1a3c1e\nname: P\nvariables: {a: 1, b: 2}\n",
    PLACE: MAP,
    "scripts/clean.jb": b"x = 1;\ny = 2;\n",
    "samples/orders.xml": b"<orders/>",
    "schemas/logo.bin": bytes(range(256)),
}


def with_(files: Files, path: str, old: bytes, new: bytes) -> dict[str, bytes]:
    assert old in files[path]
    return {**files, path: files[path].replace(old, new)}


def without(files: Files, path: str) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name != path}


def leaves(files: Files) -> dict[tuple[str, ...], object]:
    """Everything the files hold, by path and keys; of what is no object the bytes."""
    found: dict[tuple[str, ...], object] = {}
    for path, data in files.items():
        id = id_of(path)
        if id is None or id.startswith("scripts/"):
            found[path,] = data
            continue
        for key, value in value_at(id, data, ()).items():
            if isinstance(value, Mapping):
                found |= {(path, key, name): inner for name, inner in value.items()}
            else:
                found[path, key] = value
    return found


# An object renamed here while what it refers to was renamed there.
@example(0, 5, 337, 2)
@given(SEEDS, COUNTS, SEEDS, COUNTS)
def test_nothing_either_side_did_is_lost(one: int, few: int, other: int, more: int) -> None:
    base = project()
    mine, theirs = edited(base, one, few), edited(base, other, more)
    sides = files_of(base), files_of(mine), files_of(theirs)
    after, merged = merge(*sides)
    clashing = {(clash.path, *clash.keys) for clash in merged.clashes}

    def under(files: Files) -> dict[tuple[str, ...], object]:
        """What files hold, by the names their objects have after the merge."""
        return {
            (merged.moved.get(path, path), *keys): value for (path, *keys), value in leaves(files).items()
        }

    def told(place: tuple[str, ...]) -> bool:
        names = {place[0], *(old for old, new in merged.moved.items() if new == place[0])}
        return any((name, *place[1:])[:length] in clashing for name in names for length in (1, 2, 3))

    before, here, there, now = (under(files) for files in (*sides, after))
    for place in before.keys() | here.keys() | there.keys():
        for side in (here, there):
            if side.get(place) != before.get(place) and not told(place):
                assert now.get(place) == side.get(place)


@given(SEEDS, COUNTS)
def test_one_side_alone_is_taken_byte_for_byte(seed: int, count: int) -> None:
    base, changed = files_of(project()), files_of(edited(project(), seed, count))
    assert merge(base, base, changed)[0] == changed
    assert merge(base, changed, base)[0] == changed
    after, merged = merge(base, changed, changed)
    assert after == changed
    assert not merged.changes
    assert not merged.clashes


@given(SEEDS, COUNTS, SEEDS, COUNTS)
def test_merging_again_brings_nothing_new(one: int, few: int, other: int, more: int) -> None:
    base = files_of(project())
    mine, theirs = files_of(edited(project(), one, few)), files_of(edited(project(), other, more))
    after, _merged = merge(base, mine, theirs)
    again, merged = merge(theirs, after, theirs)
    assert again == after
    assert not merged.clashes


@given(SEEDS, COUNTS, SEEDS, COUNTS)
def test_it_does_not_matter_who_pulls_first(one: int, few: int, other: int, more: int) -> None:
    base = files_of(project())
    mine, theirs = files_of(edited(project(), one, few)), files_of(edited(project(), other, more))
    first, left = merge(base, mine, theirs)
    second, right = merge(base, theirs, mine)
    assert len(left.clashes) == len(right.clashes)
    if not left.clashes:
        assert leaves(first) == leaves(second)


@given(SEEDS, COUNTS, SEEDS, COUNTS)
def test_a_merge_reads_only_what_it_said_it_would(one: int, few: int, other: int, more: int) -> None:
    base = files_of(project())
    mine, theirs = files_of(edited(project(), one, few)), files_of(edited(project(), other, more))
    manifests = manifest_of(base), manifest_of(mine), manifest_of(theirs)
    known = {
        content: data
        for side in (base, theirs)
        for content, data in zip(manifest_of(side).values(), side.values(), strict=True)
    }
    asked = {content: known[content] for content in wanted(*manifests)}
    merge_files(*manifests, asked.__getitem__, lambda path: mine[path])


def test_different_rules_of_one_transformation_never_clash() -> None:
    mine = with_(BASE, PLACE, b'"[@id]"', b'Trim("[@id]")')
    theirs = with_(BASE, PLACE, b"Sum([qty])", b"Sum([qty] * [price])")
    after, merged = merge(BASE, mine, theirs)
    assert not merged.clashes
    assert merged.joined == [PLACE]
    both = with_(mine, PLACE, b"Sum([qty])", b"Sum([qty] * [price])")
    assert leaves(after) == leaves(both)


def test_the_same_rule_is_a_clash_with_mine_in_place() -> None:
    mine = with_(BASE, PLACE, b"Sum([qty])", b"Max([qty])")
    theirs = with_(BASE, PLACE, b"Sum([qty])", b"Min([qty])")
    after, merged = merge(BASE, mine, theirs)
    assert after == mine
    keys = ("map", "invoices/invoice/total")
    assert merged.clashes == [
        Clash(PLACE, "transformations/orders", keys, "Sum([qty])", "Max([qty])", "Min([qty])", "Max([qty])")
    ]


def test_both_adding_the_same_key_differently_is_a_clash() -> None:
    mine = with_(BASE, "project.yaml", b"b: 2", b"b: 2, c: 3")
    theirs = with_(BASE, "project.yaml", b"b: 2", b"b: 2, c: 4")
    _after, merged = merge(BASE, mine, theirs)
    [clash] = merged.clashes
    assert (clash.keys, clash.base, clash.mine, clash.theirs) == (("variables", "c"), None, "3", "4")


def test_a_moved_variable_and_a_changed_one_are_both_kept() -> None:
    mine = with_(BASE, "project.yaml", b"a: 1, b: 2", b"b: 2, a: 1")
    theirs = with_(BASE, "project.yaml", b"a: 1, b: 2", b"a: 1, b: 3")
    after, merged = merge(BASE, mine, theirs)
    assert not merged.clashes
    assert list(value_at("project", after["project.yaml"], ("variables",)).items()) == [
        ("b", "3"),
        ("a", "1"),
    ]


def test_parked_rules_and_notes_are_merged_rule_by_rule() -> None:
    mine = with_(BASE, PLACE, b'  invoices/invoice/date: "[placed]"\n', b"")
    mine[PLACE] += b'parked:\n  invoices/invoice/date: "[placed]"\n'
    theirs = with_(BASE, PLACE, b'name: "[customer]"', b'name: {script: "[customer]", note: whose}')
    after, merged = merge(BASE, mine, theirs)
    assert not merged.clashes
    assert value_at("transformations/orders", after[PLACE], ("parked", "invoices/invoice/date")) == "[placed]"
    found = value_at("transformations/orders", after[PLACE], ("map", "invoices/invoice/name"))
    assert found == {"script": "[customer]", "note": "whose"}


@pytest.mark.parametrize("path", list(BASE)[1:])
def test_a_deletion_against_a_change_keeps_the_change_and_tells(path: str) -> None:
    changed = {**BASE, path: BASE[path].replace(b"orders", b"ordres").replace(b"2", b"3") + b"\n"}
    for mine, theirs in ((without(BASE, path), changed), (changed, without(BASE, path))):
        after, merged = merge(BASE, mine, theirs)
        assert after[path] == changed[path]
        [clash] = merged.clashes
        assert (clash.path, clash.keys) == (path, ())
        assert {clash.mine, clash.theirs} == {None, manifest_of(changed)[path]}


@pytest.mark.parametrize("also", [b"", b"description: moved\n"])
def test_a_change_follows_an_object_renamed_on_the_other_side(also: bytes) -> None:
    new = "transformations/purchase-orders.yaml"
    renamed = {**without(BASE, PLACE), new: BASE[PLACE].replace(b"source:", also + b"source:", 1)}
    changed = with_(BASE, PLACE, b"Sum([qty])", b"Max([qty])")
    for mine, theirs in ((renamed, changed), (changed, renamed)):
        after, merged = merge(BASE, mine, theirs)
        assert not merged.clashes
        assert merged.moved == {PLACE: new}
        assert PLACE not in after
        assert b"Max([qty])" in after[new]
        assert also in after[new]


def test_an_object_like_the_one_removed_is_not_taken_for_it() -> None:
    small = b"weft: connection/1\nname: Inbox\nkind: files\nfolder: in\n"
    base = {**BASE, "connections/inbox.yaml": small}
    mine = {
        **without(base, "connections/inbox.yaml"),
        "connections/outbox.yaml": small.replace(b": in", b": out"),
    }
    theirs = with_(base, "connections/inbox.yaml", b": in", b": inbox")
    after, merged = merge(base, mine, theirs)
    assert [clash.path for clash in merged.clashes] == ["connections/inbox.yaml"]
    assert after["connections/outbox.yaml"] == mine["connections/outbox.yaml"]
    assert after["connections/inbox.yaml"] == theirs["connections/inbox.yaml"]


SECOND = "transformations/second.yaml"
NEW = "transformations/new.yaml"


def changed_at(clashes: list[Clash]) -> list[str]:
    return sorted(clash.path for clash in clashes)


@pytest.mark.parametrize("mine_renames", [True, False])
def test_one_object_in_place_of_two_like_it_is_the_new_name_of_neither(mine_renames: bool) -> None:
    base = {**BASE, SECOND: MAP.replace(b"name: Orders", b"name: Second")}
    one = {**without(without(base, PLACE), SECOND), NEW: MAP.replace(b"name: Orders", b"name: New")}
    other = with_(with_(base, PLACE, b"Sum([qty])", b"Max([qty])"), SECOND, b"[placed]", b"[sent]")
    mine, theirs = (one, other) if mine_renames else (other, one)
    after, merged = merge(base, mine, theirs)
    assert merged.moved == {}
    assert changed_at(merged.clashes) == [PLACE, SECOND]
    assert {path: after[path] for path in (PLACE, SECOND, NEW)} == {
        PLACE: other[PLACE],
        SECOND: other[SECOND],
        NEW: one[NEW],
    }


@pytest.mark.parametrize("mine_renames", [True, False])
def test_of_two_objects_removed_the_very_same_one_is_the_one_renamed(mine_renames: bool) -> None:
    base = {**BASE, SECOND: MAP.replace(b"name: Orders", b"name: Second")}
    one = {**without(without(base, PLACE), SECOND), NEW: MAP}
    other = with_(with_(base, PLACE, b"Sum([qty])", b"Max([qty])"), SECOND, b"[placed]", b"[sent]")
    mine, theirs = (one, other) if mine_renames else (other, one)
    after, merged = merge(base, mine, theirs)
    assert merged.moved == {PLACE: NEW}
    assert changed_at(merged.clashes) == [SECOND]
    assert after[NEW] == other[PLACE]
    assert after[SECOND] == other[SECOND]
    assert PLACE not in after


def test_an_object_both_made_is_no_new_name_of_one_removed() -> None:
    mine = {**with_(BASE, PLACE, b"Sum([qty])", b"Max([qty])"), NEW: MAP.replace(b"Orders", b"New", 1)}
    theirs = {**without(BASE, PLACE), NEW: mine[NEW]}
    sides = [manifest_of(files) for files in (BASE, mine, theirs)]
    known = {hash_of(data): data for files in (BASE, theirs) for data in files.values()}
    brought = {content.hash: known[content.hash] for content in wanted(*sides)}
    merged = merge_files(*sides, lambda content: brought[content.hash], lambda path: mine[path])
    assert changed_at(merged.clashes) == [PLACE]
    assert not merged.changes


def test_line_ends_are_no_change_of_an_object() -> None:
    mine = {path: data.replace(b"\n", b"\r\n") for path, data in BASE.items()}
    theirs = with_(with_(BASE, PLACE, b"Sum([qty])", b"Max([qty])"), "scripts/clean.jb", b"2", b"3")
    after, merged = merge({**BASE, **{"samples/orders.xml": b"<orders/>"}}, mine, theirs)
    assert not merged.clashes
    assert after[PLACE] == theirs[PLACE]
    assert after["scripts/clean.jb"] == theirs["scripts/clean.jb"]


def test_other_files_are_whole() -> None:
    path = "schemas/logo.bin"
    mine, theirs = {**BASE, path: b"mine\0"}, {**BASE, path: b"theirs\0"}
    after, merged = merge(BASE, mine, theirs)
    assert after == mine
    [clash] = merged.clashes
    assert (clash.object, clash.keys) == (None, ())
    assert clash.theirs == manifest_of(theirs)[path]


@pytest.mark.parametrize(
    "broken", [b"weft: transformation/1\nname: [", b"\xff\xfe", b"", b"weft: transformation/9\n"]
)
def test_an_object_that_cannot_be_read_is_a_file_like_any_other(broken: bytes) -> None:
    mine = with_(BASE, PLACE, b"Sum([qty])", b"Max([qty])")
    theirs = {**BASE, PLACE: broken}
    assert merge(BASE, BASE, theirs)[0] == theirs
    after, merged = merge(BASE, mine, theirs)
    assert after == mine
    [clash] = merged.clashes
    assert clash.theirs == manifest_of(theirs)[PLACE]


def test_hidden_files_of_a_repository_are_never_written() -> None:
    hostile = [".git/hooks/post-checkout", "scripts/.x.jb", "GIT~1/config", "\u200b.git/config", ".envrc"]
    theirs = {**BASE, **dict.fromkeys(hostile, b"evil"), "notes/plan.txt": b"plan"}
    after, _merged = merge(BASE, BASE, theirs)
    assert after == {**BASE, "notes/plan.txt": b"plan"}
