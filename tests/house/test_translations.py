"""Every text for people is in the Portuguese catalogue, translated, with the same places to fill in."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from studio.base import i18n

ROOT = Path(__file__).resolve().parent.parent.parent
TOPS = ("studio", "ui", "cloud")
# What collect_texts.py reads: Python, and the templates of the server's pages.
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
FIELD = re.compile(r"\{[^{}]*\}")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    path = ROOT / "resources" / "translations" / "pt_BR" / "LC_MESSAGES" / "weft.po"
    with path.open("rb") as file:
        return read_po(file, locale="pt_BR")


@pytest.fixture(scope="module")
def texts() -> set[str | tuple[str, ...]]:
    found: set[str | tuple[str, ...]] = set()
    for top in TOPS:
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / top),
            method_map=METHODS,
            options_map={METHODS[1][0]: {"silent": "false"}},
            keywords={"_": None, "N_": None, "ngettext": (1, 2)},
        ):
            found.add(tuple(message) if isinstance(message, (list, tuple)) else message)
    return found


def test_there_are_texts(texts: set[str | tuple[str, ...]]) -> None:
    assert len(texts) > 300


def test_every_text_is_translated(texts: set[str | tuple[str, ...]], catalogue: Catalog) -> None:
    missing = []
    for text in texts:
        key = text[0] if isinstance(text, tuple) else text
        message = catalogue.get(key)
        strings = message.string if message else ""
        complete = all(strings) if isinstance(strings, (list, tuple)) else bool(strings)
        if not message or not complete or message.fuzzy:
            missing.append(text)
    assert missing == []


def test_translations_fill_in_the_same_places(catalogue: Catalog) -> None:
    wrong = []
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, (list, tuple)) else [message.id]
        strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        wanted = set(FIELD.findall(ids[-1]))
        if any(string and set(FIELD.findall(string)) - wanted for string in strings) or (
            strings[-1] and set(FIELD.findall(strings[-1])) != wanted
        ):
            wrong.append(message.id)
    assert wrong == []


def test_no_text_is_built_before_it_is_looked_up() -> None:
    """`_(f"…")` or `_(name)` would never be found by the extraction."""
    wrong = []
    for top in TOPS:
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                called = (
                    node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
                )
                if called == "_" and (not node.args or isinstance(node.args[0], (ast.JoinedStr, ast.BinOp))):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def test_the_language_really_changes() -> None:
    i18n.use_language("pt_BR")
    try:
        assert i18n.language() == "pt_BR"
        assert i18n._("Stopped.") == "Interrompido."
    finally:
        i18n.use_language("en")
    assert i18n._("Stopped.") == "Stopped."
