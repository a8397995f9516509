"""Manifests: one canonical form, differences that lead from one to the other, and paths every system can write."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.protocol import limits
from studio.protocol.manifests import (
    BadManifest,
    Content,
    applied,
    canonical,
    check,
    check_path,
    difference,
    parsed,
    tree_hash,
)

PARTS = st.text("abcäÅ中_-0 .", min_size=1, max_size=6)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
CONTENTS = st.builds(
    Content, st.binary(max_size=2).map(lambda b: hashlib.sha256(b).hexdigest()), st.integers(0, 10**6)
)
MANIFESTS = st.dictionaries(PATHS, CONTENTS, max_size=12)


def code(call: object, *arguments: object) -> str:
    """The rule a call finds broken, or nothing."""
    try:
        call(*arguments)  # type: ignore[operator]
    except BadManifest as error:
        return error.code
    return ""


@given(MANIFESTS)
def test_the_canonical_form_reads_back_and_does_not_depend_on_order(manifest: dict[str, Content]) -> None:
    assert parsed(canonical(manifest)) == manifest
    backwards = dict(reversed(manifest.items()))
    assert canonical(backwards) == canonical(manifest)
    assert tree_hash(backwards) == hashlib.sha256(canonical(manifest)).hexdigest()


@given(MANIFESTS, MANIFESTS)
def test_hashes_are_equal_exactly_where_manifests_are(
    one: dict[str, Content], two: dict[str, Content]
) -> None:
    assert (tree_hash(one) == tree_hash(two)) == (one == two)


@given(MANIFESTS, MANIFESTS)
def test_a_difference_leads_from_one_to_the_other(
    before: dict[str, Content], after: dict[str, Content]
) -> None:
    told = difference(before, after)
    assert applied(before, told.added | told.changed, told.removed) == after
    assert not (told.added.keys() & told.changed.keys())
    assert bool(told) == (before != after)


@given(MANIFESTS, st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_a_form_that_is_not_canonical_is_refused(manifest: dict[str, Content], at: int, put: bytes) -> None:
    form = canonical(manifest)
    broken = form[: at % len(form)] + put + form[at % len(form) :]
    found = code(parsed, broken)
    assert found == "manifest_damaged" or canonical(parsed(broken)) == broken != form


@given(st.text(max_size=40))
def test_any_text_is_a_path_or_is_refused_with_a_reason(text: str) -> None:
    found = code(check_path, text)
    if not found:
        assert ".." not in text.split("/")
        assert not text.startswith("/")
        assert "\\" not in text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("transformations/orders.yaml", ""),
        ("schemas/pedidos-ação.xsd", ""),
        ("a..b/.gitignore", ""),
        ("", "path_not_inside"),
        ("/etc/passwd", "path_not_inside"),
        ("../secret", "path_not_inside"),
        ("a/../../b", "path_not_inside"),
        ("a//b", "path_not_inside"),
        ("a/./b", "path_not_inside"),
        ("a/", "path_not_inside"),
        ("..\\secret", "path_characters"),
        ("C:/windows", "path_characters"),
        ("a\nb", "path_characters"),
        ("a\0b", "path_characters"),
        ("a\u2028b", "path_characters"),
        ("a\ud800b", "path_characters"),
        ("ac\u0327a\u0303o.yaml", "path_not_composed"),
        ("con.yaml", "path_reserved"),
        ("a/LPT1", "path_reserved"),
        ("a/b.", "path_reserved"),
        ("a /b", "path_reserved"),
        (".weft/lock", "path_local"),
        (".WEFT/lock", "path_local"),
        ("/".join("a" * 33), "path_too_long"),
        ("é" * 201, "path_too_long"),
        ("a" * 256, "path_too_long"),
    ],
)
def test_paths(path: str, expected: str) -> None:
    assert code(check_path, path) == expected


def test_what_one_system_would_fold_into_one_file_is_refused() -> None:
    one = Content("0" * 64, 1)
    assert code(check, {"a/B.yaml": one, "a/b.yaml": one}) == "path_case_clash"
    assert code(check, {"a/x": one, "A/y": one}) == "path_case_clash"
    assert code(check, {"straße": one, "STRASSE": one}) == "path_case_clash"
    assert code(check, {"a": one, "a/b": one}) == "path_file_and_folder"
    assert code(check, {"a/x": one, "a/y": one, "b": one}) == ""


def test_what_was_there_before_is_not_checked_again_but_what_joins_it_is() -> None:
    one = Content("0" * 64, 1)
    before = {"a/b.yaml": one}
    assert code(check, {**before, "a/B.yaml": one}, before) == "path_case_clash"
    assert code(check, {**before, "../x": one}, before) == "path_not_inside"
    assert code(check, {"a/b.yaml": Content("1" * 64, 2)}, before) == ""


def test_limits_are_met_exactly() -> None:
    most = Content("0" * 64, limits.TEST_DATA_BYTES)
    over = Content("0" * 64, limits.TEST_DATA_BYTES + 1)
    assert limits.TEST_DATA_BYTES == 102_400
    for folder in ("samples", "tests"):
        assert code(check, {f"{folder}/a.json": most}) == ""
        assert code(check, {f"{folder}/a.json": over}) == "test_data_too_large"
    assert code(check, {"schemas/samples/a.json": over}) == ""
    assert code(check, {f"f/{n}": Content("0" * 64, 0) for n in range(limits.OBJECTS)}) == ""
    assert (
        code(check, {f"{n}": Content("0" * 64, 0) for n in range(limits.OBJECTS + 1)}) == "too_many_objects"
    )
    assert code(check, {"a": Content("0" * 64, limits.UPLOAD_BYTES + 1)}) == "object_too_large"
    full = {f"f{n}": Content("0" * 64, limits.UPLOAD_BYTES) for n in range(4)}
    assert code(check, full) == ""
    assert code(check, {**full, "more": Content("0" * 64, 1)}) == "project_too_large"


def test_removing_what_is_not_there_is_a_mistake() -> None:
    one = Content("0" * 64, 1)
    assert code(applied, {"a": one}, {}, ["b"]) == "not_there_to_remove"
    assert code(applied, {"a": one}, {"a": one}, ["a"]) == "not_there_to_remove"
