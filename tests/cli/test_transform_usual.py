"""A usual `weft transform` is understood without the parser of options, and only such a one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.cli.transforming import Asked, usual

TASK, GIVEN, MADE = Path("t.yaml"), "i.xml", "o.xml"


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("t.yaml i.xml -o o.xml", Asked(TASK, GIVEN, MADE)),
        ("-o o.xml t.yaml i.xml --strict", Asked(TASK, GIVEN, MADE, strict=True)),
        ("t.yaml --to o.xml i.xml --engine rows --stats", Asked(TASK, GIVEN, MADE, "rows", stats=True)),
        ("t.yaml i.xml -o o.xml --failures f.csv", Asked(TASK, GIVEN, MADE, failures=Path("f.csv"))),
    ],
)
def test_usual_lines(line: str, asked: Asked) -> None:
    assert usual(line.split()) == asked


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--help",
        "t.yaml i.xml",
        "t.yaml -o o.xml",
        "t.yaml - -o o.xml",
        "t.yaml i.xml -o -",
        "t.yaml i.xml -o",
        "t.yaml i.xml -o o.xml more",
        "t.yaml i.xml -o o.xml -o p.xml",
        "t.yaml i.xml -oo.xml",
        "t.yaml i.xml --to=o.xml",
        "t.yaml i.xml -o o.xml --jobs 2",
        "t.yaml i.xml -o o.xml --explain",
        "t.yaml i.xml -o o.xml --policy stop",
        "t.yaml i.xml -o o.xml -- -x",
    ],
)
def test_every_other_line_is_for_the_parser_of_options(line: str) -> None:
    assert usual(line.split()) is None


def test_a_usual_run_loads_no_parser_of_options(shared: Path, tmp_path: Path) -> None:
    del shared
    root = Path(__file__).resolve().parents[2]
    sample = root / "resources/samples/orders"
    out = tmp_path / "out.xml"
    line = [str(sample / "transformations/orders-to-invoices.yaml"), str(sample / "samples/few-orders.xml")]
    code = (
        "import sys; from studio.cli.main import run; run(['transform', *sys.argv[1:]]);"
        "loaded = {'typer', 'pydantic', 'rich', 'cryptography'} & set(sys.modules);"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *line, "-o", str(out)], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "<invoice" in out.read_text(encoding="utf-8")
