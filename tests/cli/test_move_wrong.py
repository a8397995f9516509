"""weft move with words or files that cannot be meant: one sentence, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_move import source, weft
from tests.practice_beside import users_org_beside

__all__ = ["source", "weft"]
pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def kept_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a running practice org; as no test sends anything, it is the same for all."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEFT_HOME", str(home))
        with users_org_beside():
            yield home


@pytest.fixture(autouse=True)
def at_home(kept_home: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test is at home there."""
    del own_home
    monkeypatch.setenv("WEFT_HOME", str(kept_home))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["upsert", "Account", "SOURCE", "--key", "ERP_Id__c"], 2, "No org was named"),
        (["upsert", "Account", "SOURCE", "--key", "ERP_Id__c", "--org", "aurora"], 2, "no org called aurora"),
        (["upsert", "Account", "SOURCE", "--key", "Nope", "--org", "practice"], 2, "Nope is not a field"),
        (["upsert", "Acount", "SOURCE", "--key", "ERP_Id__c", "--org", "practice"], 2, "no object Acount"),
        (["insert", "Account", "gone.csv", "--org", "practice"], 2, "gone.csv: The file could not be read"),
        (["insert", "Account", "SOURCE", "--org", "http://127.0.0.1:9"], 2, "WEFT_ACCESS_TOKEN"),
        (["insert", "Account", "SOURCE", "--org", "practice", "--delimiter", "ab"], 2, "no delimiter"),
        (
            ["insert", "Account", "SOURCE", "--org", "practice", "--map", "x.yaml"],
            2,
            "x.yaml: There is no such file",
        ),
        (["export", "SELECT Nope FROM Account", "out.csv", "--org", "practice"], 2, "Nope"),
        (["export", "SELECT Id FROM Account", "out.xml", "--org", "practice"], 2, "not written as a file"),
        (["resume", "M-0099"], 2, "no move called M-0099"),
        (["resume"], 2, "no moves yet"),
        (["frobnicate"], 2, "frobnicate"),
    ],
)
def test_what_is_wrong_is_said(
    weft: Callable[..., tuple[int, Any, str]], source: Path, words: list[str], code: int, said: str
) -> None:
    found, _out, err = weft("move", *[str(source) if word == "SOURCE" else word for word in words])
    assert found == code
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("verb", [["upsert"], ["check", "upsert"], ["insert"]])
def test_a_file_with_nothing_in_it_ends_before_an_org_is_asked(
    weft: Callable[..., tuple[int, Any, str]], tmp_path: Path, verb: list[str]
) -> None:
    file = tmp_path / "nothing.csv"
    before = weft("move", "status", "--json")[1]
    arguments = () if verb == ["insert"] else ("--key", "ERP_Id__c")
    for content in (b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b"ERP_Id__c,Name\n"):
        file.write_bytes(content)
        # Where there is nothing at all, an org out of reach changes nothing.
        org = "practice" if content.startswith(b"ERP") else "http://127.0.0.1:9"
        code, out, err = weft("move", *verb, "Account", file, *arguments, "--org", org)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert (
            f"{file}: The file {'has column names but no rows' if org == 'practice' else 'is empty'}." in err
        )
    assert weft("move", "status", "--json")[1] == before
