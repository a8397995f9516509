"""The reference: what is searched is found, what is shown is complete, and the pages in docs/ are those of the code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from studio.base import i18n
from studio.script.functions import FAMILIES, FUNCTIONS, find
from studio.script.parse import parse
from studio.script.reference import argument_text, call_text, families, found
from studio.script.reference_pages import function_pages, variable_pages
from studio.script.system_variables import SYSTEM_VARIABLES

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "reference_pages_writer", ROOT / "packaging" / "reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(query: str) -> list[str]:
    return [function.name for function in found(query)]


def test_every_function_has_its_place() -> None:
    groups = families()
    assert sum(len(group.functions) for group in groups) == len(FUNCTIONS)
    assert [group.key for group in groups] == list(FAMILIES)
    assert families([FUNCTIONS["Left"]])[0].title == "Text"
    assert [group.key for group in families([FUNCTIONS["Left"]])] == ["text"]


def test_names_are_found_before_what_is_said_of_functions() -> None:
    assert names("left")[0] == "Left"
    assert names("trim")[:3] == ["Trim", "TrimChars", "LTrim"]
    assert names("TOUPPER") == ["ToUpper"]
    assert len(names("")) == len(FUNCTIONS)
    assert names("no such words at all") == []


def test_families_and_explanations_are_searched() -> None:
    dates = names("dates")
    assert {"FormatDate", "Now"} <= set(dates)
    assert "Left" not in dates
    assert "Left" in names("characters first")
    assert "ToUpper" in names("capitals")


def test_accents_do_not_count() -> None:
    i18n.use_language("pt_BR")
    try:
        assert names("números") == names("NUMEROS")
        assert "Round" in names("numeros")
    finally:
        i18n.use_language("en")


def test_a_call_to_fill_in_can_be_read() -> None:
    assert call_text(FUNCTIONS["Left"]) == "Left(str, n)"
    assert call_text(FUNCTIONS["Now"]) == "Now()"
    for function in FUNCTIONS.values():
        parse(call_text(function))


def test_arguments_say_what_they_take() -> None:
    left, *_rest = FUNCTIONS["Left"].arguments
    assert argument_text(left) == "string"
    assert argument_text(FUNCTIONS["If"].arguments[2]) == "any value, optional"
    assert argument_text(FUNCTIONS["InList"].arguments[1]) == "any value, any number"


@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_the_pages_hold_everything_and_every_link_leads_somewhere(language: str) -> None:
    i18n.use_language(language)
    try:
        functions, variables = function_pages(), variable_pages()
    finally:
        i18n.use_language("en")
    headings = re.findall(r"^### (\w+)$", functions, re.MULTILINE)
    assert sorted(headings) == sorted(FUNCTIONS)
    anchors = [heading.lower() for heading in re.findall(r"^##+ (.+)$", functions, re.MULTILINE)]
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\(#(\w+)\)", functions)) == {name.lower() for name in FUNCTIONS}
    for function in FUNCTIONS.values():
        assert f"`{function.signature}`" in functions
        assert function.example in functions
    for name in SYSTEM_VARIABLES:
        assert f"| `{name}` |" in variables


def test_no_cell_of_a_table_is_split() -> None:
    rows = [line for line in variable_pages().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_the_pages_in_docs_are_those_of_the_code(pages: ModuleType) -> None:
    assert [file.name for file in pages.stale()] == [], "run: python3 dev.py reference"


def test_a_stale_page_is_noticed(
    pages: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pages, "FOLDER", tmp_path / "reference")
    assert pages.main(["--check"]) == 1
    assert pages.main([]) == 0
    assert pages.main(["--check"]) == 0
    page = tmp_path / "reference" / "functions.md"
    page.write_text(page.read_text("utf-8").replace("### Left", "### Lift"), "utf-8")
    capsys.readouterr()
    assert pages.main(["--check"]) == 1
    assert capsys.readouterr().out == "functions.md\n"


def test_names_in_the_pages_are_those_of_the_language() -> None:
    assert all(find(function.name.upper()) is function for function in FUNCTIONS.values())
