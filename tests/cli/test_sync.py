"""weft status, push, pull and conflicts, from the first push to a decided conflict, on a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli.main import run
from studio.project.create import create
from studio.repository.accounts import SERVER_VARIABLE, TOKEN_VARIABLE
from tests.repository.conftest import server_tables, site  # noqa: F401
from tests.repository.running_server import Site

ORDERS = "transformations/orders-to-invoices.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "orders"
    create(place, sample="orders")
    return place


@pytest.fixture
def asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[str]:  # noqa: F811
    monkeypatch.setenv(TOKEN_VARIABLE, site.token())
    monkeypatch.setenv(SERVER_VARIABLE, site.url)
    return ["--server", site.url, "--organization", site.account().organization]


def out(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    found = run([str(word) for word in words])
    said = capsys.readouterr()
    assert found == code, said
    return said.out + said.err


def test_from_the_first_push_to_a_decided_conflict(
    folder: Path, asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Not in a repository yet" in out(capsys, "status", folder)
    first = ["push", folder, "--new", "Orders", "--environment", "development", *asked]
    assert "samples/orders.xml: Test data in the repository" in out(capsys, *first, code=2)
    assert "Revision 1: " in out(capsys, "push", folder, "--no-samples", "-m", "first")
    assert "From revision 1, the newest one." in out(capsys, "status", folder)
    assert "in a repository already" in out(capsys, *first, code=2)

    other = tmp_path / "other"
    assert "Now from revision 1." in out(capsys, "pull", "Orders", other, *asked)
    for place, text in ((folder, "A()"), (other, "B()")):
        file = place / ORDERS
        file.write_text(file.read_text().replace('"[@id]"', text))
    out(capsys, "push", folder)
    assert f"{ORDERS} (changed / changed)" in out(capsys, "status", other)
    assert "came first. Pull, then push again" in out(capsys, "push", other, "--no-samples", code=2)
    assert "1 conflict is to be decided" in out(capsys, "pull", other, code=1)
    assert "In conflict" in out(capsys, "status", other, "--offline", code=1)
    listed = out(capsys, "conflicts", "list", other, code=1)
    assert "mine: B()" in listed
    assert "theirs (Ana Silva, revision 2): A()" in listed or "revision 2): A()" in listed
    [conflict] = json.loads(out(capsys, "conflicts", "list", other, "--json", code=1))
    assert (conflict["mine"], conflict["theirs"], conflict["base"]) == ("B()", "A()", "[@id]")
    assert "cannot be joined" in out(capsys, "conflicts", "decide", other, "1", "joined", code=2)
    assert "one of mine, theirs" in out(capsys, "conflicts", "decide", other, "1", "ours", code=2)
    assert "0 conflicts are left" in out(capsys, "conflicts", "decide", other, "1", "theirs")
    assert "A()" in (other / ORDERS).read_text()
    assert "mine: B()" in out(capsys, "conflicts", "list", other, "--decided")
    (tmp_path / "rule.yaml").write_text("{script: C(), note: both were wrong}")
    out(capsys, "conflicts", "decide", other, "1", "--value", tmp_path / "rule.yaml")
    assert "Revision 3: 1 written, 0 removed." in out(capsys, "push", other)
    found = json.loads(out(capsys, "pull", folder, "--json"))
    assert found["taken"] == [ORDERS]
    assert "Nothing new: revision 3." in out(capsys, "pull", folder)
    assert "both were wrong" in (folder / ORDERS).read_text()


def test_what_cannot_be_asked_is_told_and_the_rest_is_shown(
    folder: Path, asked: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out(
        capsys, "push", folder, "--new", "Orders", "--environment", "test", "--no-samples", *asked, code=2 - 2
    )
    monkeypatch.delenv(TOKEN_VARIABLE)
    (folder / "scripts/new.jb").write_text("x")
    said = out(capsys, "status", folder)
    assert "could not be asked" in said
    assert "scripts/new.jb (added)" in said
    assert "weft sign-in" in out(capsys, "push", folder, code=3)


def test_an_environment_or_a_project_that_is_not_there_is_told(
    folder: Path, asked: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = out(capsys, "push", folder, "--new", "Orders", "--environment", "nowhere", *asked, code=2)
    assert "development, test, production" in said
    assert "no project called 'Nothing'" in out(capsys, "pull", "Nothing", tmp_path / "x", *asked, code=2)
    assert "not in a repository yet" in out(capsys, "pull", folder, code=2)
