"""Packages: the same bytes for the same project, no credentials out, nothing harmful in."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput, TooLarge
from studio.project import package
from studio.project.create import create
from studio.project.folder import load
from tests.project.examples import saved, texts
from tests.project.perils import tree

PROJECT = b"weft: project/1\nname: x\nid: 12345678\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    create(tmp_path / "orders", sample="orders")
    return tmp_path / "orders"


def test_out_and_in_gives_the_same_project(place: Path, tmp_path: Path) -> None:
    (place / ".weft").mkdir()
    (place / ".weft/history.db").write_text("local")
    (place / "out").mkdir()
    (place / "out/invoices.xml").write_text("results are not the project's")
    packed = package.export(place, tmp_path / "a.weft")
    assert packed.cleaned == ()
    names = package.unpack(tmp_path / "a.weft", tmp_path / "copy")
    assert names == packed.files
    assert texts(load(tmp_path / "copy").project) == texts(load(place).project)
    found = tree(tmp_path / "copy")
    assert found == {name: data for name, data in tree(place).items() if name in found}
    assert not (tmp_path / "copy/.weft").exists()
    assert not (tmp_path / "copy/out").exists()
    assert "README.md" in found
    assert {"samples/orders.xml", "schemas/common.xsd", "tables/countries.csv"} <= found.keys()


def test_the_same_project_gives_the_same_bytes(place: Path, tmp_path: Path) -> None:
    package.export(place, tmp_path / "a.weft")
    for path in place.rglob("*"):
        os.utime(path, (1, 1))
    package.export(place, tmp_path / "b.weft")
    assert (tmp_path / "a.weft").read_bytes() == (tmp_path / "b.weft").read_bytes()


def test_without_samples(place: Path, tmp_path: Path) -> None:
    packed = package.export(place, tmp_path / "a.weft", samples=False)
    assert not any(name.startswith("samples/") for name in packed.files)
    assert "transformations/orders-to-invoices.yaml" in packed.files


def test_credentials_stay_at_home(place: Path, tmp_path: Path) -> None:
    (place / "connections/shop.yaml").write_text(
        "weft: connection/1\nname: Shop\nkind: http\nlogin:\n  user: ana\n  password: hunter2\n"
        'secrets: {client_secret: hunter3, token: "keyring:x/shop/token"}\n'
    )
    (place / "environments").mkdir()
    (place / "environments/test.yaml").write_text(
        "weft: environment/1\nconnections: {crm: {api_key: hunter4}}\nlist: [{secret: hunter5}]\n"
    )
    project = place / "project.yaml"
    project.write_text(project.read_text("utf-8") + "  erp_password: hunter6\n", "utf-8")
    packed = package.export(place, tmp_path / "a.weft")
    assert set(packed.cleaned) == {"connections/shop.yaml", "environments/test.yaml", "project.yaml"}
    with zipfile.ZipFile(tmp_path / "a.weft") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"hunter" not in everything
    assert b"keyring:x/shop/token" in everything
    assert b"user: ana" in everything
    assert "hunter2" in (place / "connections/shop.yaml").read_text(), "the project itself is not changed"
    package.unpack(tmp_path / "a.weft", tmp_path / "copy")
    assert load(tmp_path / "copy").problems == ()


def test_a_file_that_may_hold_credentials_and_does_not_read_stops_the_export(
    place: Path, tmp_path: Path
) -> None:
    (place / "connections/shop.yaml").write_text("password: [hunter2\n")
    with pytest.raises(BadInput, match="not known whether"):
        package.export(place, tmp_path / "a.weft")
    assert not (tmp_path / "a.weft").exists()


def test_links_out_of_the_project_are_left_out(tmp_path: Path) -> None:
    saved(tmp_path / "p")
    (tmp_path / "secret").write_text("hunter2")
    (tmp_path / "p/samples").mkdir()
    (tmp_path / "p/samples/link.txt").symlink_to(tmp_path / "secret")
    assert "samples/link.txt" not in package.export(tmp_path / "p", tmp_path / "a.weft").files


def zipped(file: Path, *entries: tuple[str, bytes] | tuple[str, bytes, int]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, *mode in entries:
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (mode[0] if mode else stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data)
    return file


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/evil", "C:/evil", "C:evil", "//host/share/evil", "a\\..\\evil", "a//b", "./a",
     ".weft/lock", ".git/hooks/x", "scripts/.weft/x", "nul", "a/con.yaml", "trailing.", "trailing /x", "new\nline",
     "x" * 600],
)  # fmt: skip
def test_names_that_lead_out_are_refused_whole(tmp_path: Path, name: str) -> None:
    file = zipped(tmp_path / "a.weft", ("project.yaml", PROJECT), (name, b"x"))
    with pytest.raises(BadInput, match="leads out"):
        package.unpack(file, tmp_path / "sub/copy")
    assert {path.name for path in tmp_path.iterdir()} <= {"a.weft", "weft-home"}


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    file = zipped(
        tmp_path / "a.weft", ("project.yaml", PROJECT), ("scripts/x.jb", b"/etc/passwd", kind | 0o777)
    )
    with pytest.raises(BadInput, match="link"):
        package.unpack(file, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = zipped(tmp_path / "a.weft", ("project.yaml", PROJECT), ("samples/zeros", bytes(30 << 20)))
    with pytest.raises(TooLarge):
        package.unpack(file, tmp_path / "copy")
    monkeypatch.setattr(package, "MAX_RATIO", 10**9)
    monkeypatch.setattr(package, "MAX_BYTES", 1 << 20)
    with pytest.raises(TooLarge):
        package.unpack(file, tmp_path / "copy")
    many = zipped(tmp_path / "b.weft", ("project.yaml", PROJECT), *((f"tables/{n}", b"") for n in range(50)))
    monkeypatch.setattr(package, "MAX_FILES", 20)
    with pytest.raises(TooLarge):
        package.unpack(many, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_an_entry_says_of_its_size_is_not_trusted(tmp_path: Path) -> None:
    file = zipped(tmp_path / "a.weft", ("project.yaml", PROJECT), ("samples/x", b"y" * 5000))
    data = file.read_bytes().replace((5000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    file.write_bytes(data)
    with pytest.raises(BadInput):
        package.unpack(file, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    file = zipped(
        tmp_path / "a.weft", ("project.yaml", PROJECT), ("scripts/a.jb", b"1"), ("scripts/A.jb", b"2")
    )
    with pytest.raises(BadInput, match="two files"):
        package.unpack(file, tmp_path / "copy")


def test_what_is_no_package_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.weft").write_bytes(b"PK but no zip")
    with pytest.raises(BadInput, match="damaged"):
        package.unpack(tmp_path / "a.weft", tmp_path / "copy")
    with pytest.raises(BadInput, match="no such file"):
        package.unpack(tmp_path / "none.weft", tmp_path / "copy")
    with pytest.raises(BadInput):
        package.unpack(tmp_path, tmp_path / "copy")
    with pytest.raises(BadInput, match="no project"):
        package.unpack(zipped(tmp_path / "b.weft", ("x", b"")), tmp_path / "copy")
    with pytest.raises(BadInput, match="other products"):
        package.unpack(tmp_path / "x.jpk", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_folder_with_something_in_it_is_not_touched(tmp_path: Path) -> None:
    file = zipped(tmp_path / "a.weft", ("project.yaml", PROJECT))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("x")
    with pytest.raises(BadInput, match="not empty"):
        package.unpack(file, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]
    (tmp_path / "empty").mkdir()
    assert package.unpack(file, tmp_path / "empty") == ("project.yaml",)


@given(st.binary(max_size=60), st.integers(0, 4000))
def test_a_damaged_package_is_refused_or_read_never_worse(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("z")
    file = zipped(
        folder / "a.weft",
        ("project.yaml", PROJECT),
        ("scripts/a.jb", b"text " * 300),
        ("tables/t.csv", b"a,b"),
    )
    data = bytearray(file.read_bytes())
    at %= len(data)
    data[at : at + len(noise)] = noise
    file.write_bytes(bytes(data))
    try:
        package.unpack(file, folder / "copy")
    except BadInput:
        assert not (folder / "copy").exists()
    assert {path.name for path in folder.iterdir()} <= {"a.weft", "copy"}
