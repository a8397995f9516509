"""A usual weft move does without the parser of options, and without what only other moves need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.cli import move_usual, moving
from studio.cli.main import run
from studio.moves.model import Action, Api, Before, Blank, Options
from studio.practice.shared import practice_org

_ROOT = Path(__file__).resolve().parents[2]
_HEAVY = {
    "typer", "pydantic", "rich", "lxml", "yaml", "cryptography", "webbrowser", "studio.moves.several.model",
    "studio.moves.undoing.undo", "studio.moves.mending.fix", "studio.moves.exports.incremental", "studio.moves.judging.dry_run",
    "studio.moves.desks.desk_orgs", "studio.project.folder", "studio.mapping.model", "studio.engine.formats.typed_values",
    "studio.connectors.salesforce.soap", "studio.connectors.salesforce.web_flow",
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    """What a command line comes to, instead of doing it."""
    seen: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
    for name in ("load_rows", "export_rows", "moves"):

        def note(*places: Any, name: str = name, **values: Any) -> int:
            seen.append((name, places, values))
            return 0

        monkeypatch.setattr(moving, name, note)
    return seen


def test_usual_lines_are_what_the_parser_of_options_makes_of_them(
    asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]],
) -> None:
    lines = [
        "upsert Account rows.csv --key ERP_Id__c --org practice --json --before-image on --blank null".split(),
        "insert Account rows.csv --again --hold --api bulk --results out --yes-production X --org o".split(),
        "delete Account rows.csv --map a.sdl --dry-run --empty-keys --duplicates last".split(),
        ["export", "SELECT Id FROM Account", "out.csv", "--org", "practice", "--all", "--json"],
        ["status", "M-0001", "--json"],
        ["status"],
    ]
    for line in lines:
        at_once = move_usual.usual(line)
        assert at_once is not None, line
        assert at_once() == 0
        # An option more, which says what is so anyway, goes through the parser of options.
        more = {"export": ["--table", ""], "status": []}.get(line[0], ["--parallel", "3"])
        assert run(["--", "move", *line] if not more else ["move", *line, *more]) == 0, line
    pairs = [(asked[at], asked[at + 1]) for at in range(0, len(asked), 2)]
    assert len(pairs) == len(lines)
    for (name, places, values), (same, parsed, given) in pairs:
        assert name == same
        assert places == parsed[: len(places)]
        for key, value in values.items():
            if key != "as_json" or key in given:
                assert given[key] == value, (places, key)


def test_the_options_of_a_usual_line_reach_the_move(
    asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]],
) -> None:
    line = "upsert Account rows.csv --key K --blank null --api bulk --before-image off --hold"
    work = move_usual.usual(line.split())
    assert work is not None
    work()
    name, places, values = asked[0]
    assert (name, places) == ("load_rows", (Action.UPSERT, "Account", "rows.csv"))
    assert values == {
        "key": "K",
        "options": Options(blank=Blank.NULL, api=Api.BULK, before=Before.OFF, hold=True),
    }


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--help",
        "insert --help",
        "insert Account",
        "insert Account a.csv b.csv",
        "insert Account a.csv --org",
        "insert Account a.csv --org --json",
        "insert Account a.csv --org=practice",
        "insert Account a.csv --api soap",
        "insert Account a.csv --org a --org b",
        "insert Account a.csv --first 5",
        "insert Account -- a.csv",
        "status a b",
        "export SELECT",
        "several plan.yaml",
        "undo M-0001",
    ],
)
def test_every_other_line_is_for_the_parser_of_options(line: str) -> None:
    assert move_usual.usual(line.split()) is None


@pytest.mark.network
def test_a_usual_insert_loads_only_what_it_needs(own_home: Path, tmp_path: Path) -> None:
    del own_home
    source = tmp_path / "accounts.csv"
    source.write_text("ERP_Id__c,Name\nU-1,One\nU-2,Two\n")
    code = (
        "import sys; from studio.cli.main import run; code = run(sys.argv[1:]);"
        f"loaded = {_HEAVY!r} & set(sys.modules);"
        "sys.exit(str(loaded) if loaded else code)"
    )
    with practice_org() as ready:
        line = ["move", "insert", "Account", str(source), "--org", ready.url, "--json"]
        done = subprocess.run(
            [sys.executable, "-c", code, *line],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "WEFT_ACCESS_TOKEN": ready.access_token},
        )
    assert done.returncode == 0, done.stderr
    assert '"succeeded": 2' in done.stdout
