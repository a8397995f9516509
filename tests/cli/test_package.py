"""weft export and weft import."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from studio.cli.main import run
from studio.project.create import create
from studio.project.folder import load


def test_out_and_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path / "orders", sample="orders")
    assert run(["export", str(tmp_path / "orders"), str(tmp_path / "o.weft")]) == 0
    assert run(["import", str(tmp_path / "o.weft"), str(tmp_path / "copy")]) == 0
    assert load(tmp_path / "copy").project == load(tmp_path / "orders").project
    assert "Unpacked" in capsys.readouterr().out
    small = tmp_path / "small.weft"
    assert run(["export", str(tmp_path / "orders"), str(small), "--no-samples"]) == 0
    assert small.stat().st_size < (tmp_path / "o.weft").stat().st_size / 2


def test_what_was_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path / "orders", sample="orders")
    (tmp_path / "orders/connections/x.yaml").write_text("weft: connection/1\nkind: http\npassword: hunter2\n")
    assert run(["export", str(tmp_path / "orders"), str(tmp_path / "o.weft")]) == 0
    assert "connections/x.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["export", "import"])
def test_bad_input_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert run([command, str(tmp_path / "none"), str(tmp_path / "target")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("project.yaml", "weft: project/7\nid: x\nname: Later\n", "7"),
        ("connections/later.yaml", "# of another time\nweft: connection/2\nkind: http\n", "2"),
    ],
)
def test_a_project_of_a_newer_version_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, found: str
) -> None:
    create(tmp_path / "orders", sample="orders")
    (tmp_path / "orders" / name).write_text(text)
    with zipfile.ZipFile(tmp_path / "later.weft", "w") as archive:
        for file in sorted((tmp_path / "orders").rglob("*.yaml")):
            archive.write(file, file.relative_to(tmp_path / "orders").as_posix())
    before = sorted(tmp_path.rglob("*"))
    for words in (["export", tmp_path / "orders", tmp_path / "o.weft"], ["import", tmp_path / "later.weft", tmp_path / "new"]):  # fmt: skip
        assert run([str(word) for word in words]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert f"{name}:" in err
        assert f"format version {found}; this program knows versions up to 1." in err
        assert sorted(tmp_path.rglob("*")) == before
