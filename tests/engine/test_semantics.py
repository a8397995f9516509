"""docs/semantics.md: every numbered rule is cited by a test, and no test cites a rule that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "docs" / "semantics.md"


def cited() -> dict[str, list[str]]:
    """The rules cited by the docstrings of the tests in this folder, with the tests that cite them."""
    found: dict[str, list[str]] = {}
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in re.findall(r"\bS\d+\b", ast.get_docstring(node) or ""):
                    found.setdefault(number, []).append(f"{file.name}::{node.name}")
    return found


def test_every_rule_is_cited() -> None:
    rules = re.findall(r"^\*\*(S\d+)\*\* ", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert rules == [f"S{number}" for number in range(1, len(rules) + 1)]
    assert len(rules) > 40
    found = cited()
    assert [rule for rule in rules if rule not in found] == []
    assert sorted(set(found) - set(rules)) == []
