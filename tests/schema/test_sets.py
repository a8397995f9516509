"""Folders and archives of schemas: where they start, and archives made to break out or to burst."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.base.errors import BadInput, Severity, TooLarge
from studio.schema import archive
from studio.schema.archive import unpack
from studio.schema.cache import read_cached
from studio.schema.read import read_schema, recognise
from tests.schema.trees import lines, xsd_text

_MAIN = xsd_text('<xs:include schemaLocation="parts/part.xsd"/><xs:element name="order" type="t:Order"/>')
_PART = xsd_text(
    '<xs:complexType name="Order"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType>'
)


def _write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _zip(path: Path, entries: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as out:
        for name, data in entries.items():
            out.writestr(name, data)
    return path


def test_a_folder_starts_at_the_file_nothing_refers_to(tmp_path: Path) -> None:
    folder = _write(tmp_path / "set", aaa_xsd=_PART, zzz_xsd=_MAIN.replace("parts/part.xsd", "aaa.xsd"))
    schema = read_schema(folder)
    assert (schema.kind, [node.name for node in schema.roots]) == ("xsd", ["order"])
    assert lines(schema)[1] == "order/id 1 int"
    assert not schema.problems
    assert [Path(file).name for file in schema.files] == ["zzz.xsd", "aaa.xsd"]


def test_several_starts_share_one_tree_and_a_note_says_so(tmp_path: Path) -> None:
    other = xsd_text('<xs:include schemaLocation="part.xsd"/><xs:element name="bill" type="t:Order"/>')
    folder = _write(
        tmp_path / "set", parts__part_xsd=_PART, main_xsd=_MAIN, parts__bill_xsd=other, readme_txt="hello"
    )
    schema = read_schema(folder)
    assert [node.name for node in schema.roots] == ["order", "bill"]
    assert schema.roots[0].type is schema.roots[1].type
    note = schema.problems[0]
    assert note.severity is Severity.NOTE
    assert "2 files are referred to by no other: main.xsd, bill.xsd." in note.message


def test_a_ring_starts_at_its_first_file(tmp_path: Path) -> None:
    ring = [
        xsd_text(f'<xs:include schemaLocation="f{(n + 1) % 3}.xsd"/><xs:element name="e{n}"/>')
        for n in range(3)
    ]
    folder = _write(tmp_path / "set", **{f"f{n}_xsd": text for n, text in enumerate(ring)})
    schema = read_schema(folder)
    assert sorted(node.name for node in schema.roots) == ["e0", "e1", "e2"]
    assert Path(schema.files[0]).name == "f0.xsd"


def test_a_description_goes_before_schemas_and_finds_those_nobody_names(tmp_path: Path) -> None:
    wsdl = (
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:t" targetNamespace="urn:w">'
        '<types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import namespace="urn:t"/></xs:schema></types>'
        '<message name="In"><part name="p" element="t:order"/></message>'
        '<portType name="P"><operation name="Do"><input message="w:In" xmlns:w="urn:w"/></operation></portType></definitions>'
    )
    folder = _write(tmp_path / "set", parts__part_xsd=_PART, main_xsd=_MAIN, z_wsdl=wsdl, sample_xml="<a/>")
    schema = read_schema(folder)
    assert (schema.kind, [node.name for node in schema.roots]) == ("wsdl", ["Do"])
    assert schema.find("Do/input/order/id") is not None
    assert not [problem for problem in schema.problems if problem.severity is not Severity.NOTE]


def test_an_archive_reads_like_its_folder(tmp_path: Path) -> None:
    file = _zip(tmp_path / "set.zip", {"a/main.xsd": _MAIN, "a/parts/part.xsd": _PART, "b/": ""})
    assert recognise(file) == "set"
    schema = read_schema(file)
    assert lines(schema) == ["order 1 Order", "order/id 1 int"]
    assert not schema.problems
    cached = read_cached(file, tmp_path / "cache")
    assert lines(cached) == lines(schema)
    _zip(file, {"other.xsd": xsd_text('<xs:element name="other"/>')})
    assert [node.name for node in read_cached(file, tmp_path / "cache").roots] == ["other"]


def test_an_archive_is_unpacked_once_and_named_by_its_digest(tmp_path: Path) -> None:
    file = _zip(tmp_path / "set.zip", {"main.xsd": _PART})
    folder = unpack(file, tmp_path / "sets")
    before = (folder / "main.xsd").stat().st_mtime_ns
    assert unpack(file, tmp_path / "sets") == folder
    assert (folder / "main.xsd").stat().st_mtime_ns == before
    assert [one.name for one in (tmp_path / "sets").iterdir()] == [folder.name]


def test_references_of_an_archive_do_not_leave_it(tmp_path: Path) -> None:
    _write(tmp_path, secret_xsd=_PART)
    for location in ("../../../secret.xsd", (tmp_path / "secret.xsd").as_uri(), str(tmp_path / "secret.xsd")):
        text = xsd_text(f'<xs:include schemaLocation="{location}"/><xs:element name="r" type="t:Order"/>')
        schema = read_schema(_zip(tmp_path / "set.zip", {"main.xsd": text}))
        assert schema.roots[0].unresolved
        assert all("secret" not in Path(file).name for file in schema.files)


@pytest.mark.parametrize(
    "name",
    [
        "../up.xsd",
        "a/../../up.xsd",
        "/abs.xsd",
        "\\\\server\\share.xsd",
        "..\\up.xsd",
        "C:\\x.xsd",
        "a\nb.xsd",
    ],
)
def test_names_that_lead_out_are_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    file = _zip(tmp_path / "set.zip", {"ok.xsd": _PART, name: _PART})
    with pytest.raises(BadInput, match="leads out of it") as caught:
        unpack(file, tmp_path / "deep" / "sets")
    assert caught.value.path
    assert sorted(one.name for one in tmp_path.rglob("*") if one.is_file()) == ["set.zip"]


def test_links_devices_and_passwords_are_refused(tmp_path: Path) -> None:
    for mode in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO):
        info = zipfile.ZipInfo("link.xsd")
        info.external_attr = (mode | 0o777) << 16
        with zipfile.ZipFile(tmp_path / "set.zip", "w") as out:
            out.writestr(info, "/etc/passwd")
        with pytest.raises(BadInput, match="link or a device"):
            unpack(tmp_path / "set.zip", tmp_path / "sets")
    data = bytearray(_zip(tmp_path / "set.zip", {"a.xsd": _PART}).read_bytes())
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "set.zip").write_bytes(data)
    with pytest.raises(BadInput, match="password"):
        unpack(tmp_path / "set.zip", tmp_path / "sets")


def test_bombs_of_size_ratio_and_count_end_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blank = _zip(tmp_path / "blank.zip", {"a.xsd": b" " * (70 * 1024 * 1024)})
    assert blank.stat().st_size < 200_000
    with pytest.raises(TooLarge, match="far more than its size"):
        unpack(blank, tmp_path / "sets")
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as out:
        for n in range(4001):
            out.writestr(f"{n}.xsd", "")
    (tmp_path / "many.zip").write_bytes(many.getvalue())
    with pytest.raises(TooLarge, match="more than 4000 files"):
        unpack(tmp_path / "many.zip", tmp_path / "sets")
    # The list of files itself is bounded before it is read.
    monkeypatch.setattr(zipfile, "ZipFile", _never)
    long = bytearray(many.getvalue())
    struct.pack_into("<I", long, long.rfind(b"PK\x05\x06") + 12, 80_000_000)
    (tmp_path / "long.zip").write_bytes(long)
    with pytest.raises(TooLarge, match="more than 4000 files"):
        unpack(tmp_path / "long.zip", tmp_path / "sets")
    assert not [one for one in (tmp_path / "sets").iterdir() if any(one.iterdir())]


def _never(*_args: object) -> None:
    raise AssertionError("the archive was opened")


def test_entries_that_lie_about_their_size_are_counted_as_they_come(tmp_path: Path) -> None:
    data = bytearray(_zip(tmp_path / "set.zip", {"a.xsd": b" " * (9 * 1024 * 1024)}).read_bytes())
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(mark) + at, 10)
    (tmp_path / "set.zip").write_bytes(data)
    with pytest.raises(BadInput):
        unpack(tmp_path / "set.zip", tmp_path / "sets")


@pytest.mark.parametrize("cut", [4, 40, 100, -5, -30])
def test_damaged_archives_are_told(tmp_path: Path, cut: int) -> None:
    whole = _zip(tmp_path / "set.zip", {"a.xsd": _PART * 3, "b.xsd": _MAIN}).read_bytes()
    (tmp_path / "set.zip").write_bytes(whole[:cut])
    with pytest.raises(BadInput) as caught:
        read_schema(tmp_path / "set.zip", kind="set")
    assert caught.value.next_step


def test_workbooks_are_no_sets_of_schemas(tmp_path: Path) -> None:
    book = _zip(tmp_path / "book.zip", {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
    assert archive.is_office(book)
    assert not archive.is_office(_zip(tmp_path / "set.zip", {"a.xsd": _PART}))


def test_a_folder_without_schemas_or_with_too_many_files_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no schema in it"):
        read_schema(tmp_path / "empty")
    monkeypatch.setattr("studio.schema.sets.MOST_FILES", 5)
    for n in range(7):
        (tmp_path / "empty" / f"{n}.xsd").write_text(_PART)
    with pytest.raises(TooLarge, match="more than 5 files"):
        read_schema(tmp_path / "empty")


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    _write(tmp_path / "outside", b_xsd=_MAIN)
    folder = _write(tmp_path / "set", a_xsd=xsd_text('<xs:element name="mine"/>'))
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "ring").symlink_to(folder)
    assert [node.name for node in read_schema(folder).roots] == ["mine"]


def test_real_folders_open_with_all_their_messages(shared: Path, share: Callable[[int], int]) -> None:
    base = shared / "corpora"
    schema = read_schema(base / "xsd" / "ubl-2.1" / "maindoc")
    assert len(schema.roots) >= 65
    assert schema.find("Invoice/ID") is not None
    onvif = read_schema(base / "wsdl" / "onvif")
    assert len(onvif.roots) > 300
    assert onvif.kind == "wsdl"
    folders = sorted(one for one in (base / "wsdl").iterdir() if one.is_dir())
    for folder in folders[: share(50 * len(folders))]:
        assert read_schema(folder).roots, folder.name
