"""The frozen bundle: what the code loads by name must be named where PyInstaller looks, in an import or in the spec."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def _trees() -> Iterator[ast.Module]:
    """The modules that load others by name; each imports them, too, for the type checker."""
    for package in ("studio", "ui"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if "Lazily(" in text:
                yield ast.parse(text)


def _named_in_spec() -> set[str]:
    """Every text that the spec gives to what is hidden."""
    spec = ast.parse((ROOT / "build.spec").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in spec.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(each, ast.Name) and each.id == "hidden" for each in targets):
            found |= {
                each.value
                for each in ast.walk(node)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    return found


def _lazy_and_imported() -> tuple[set[str], set[str]]:
    """The modules loaded by name, and those that an import statement names."""
    lazy: set[str] = set()
    imported: set[str] = set()
    for tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Lazily":
                lazy |= {each.value for each in node.args if isinstance(each, ast.Constant)}
    return lazy, imported


def test_what_is_loaded_by_name_is_in_the_bundle() -> None:
    lazy, imported = _lazy_and_imported()
    spec = _named_in_spec()
    own = {"studio", "ui"}
    assert own <= spec  # all their modules are collected
    others = {name for name in lazy if name.split(".")[0] not in own | set(sys.stdlib_module_names)}
    assert others - spec - imported == set()
    qt = {name for name in others if name.startswith("PySide6.")}
    assert {"PySide6.QtSvg", "PySide6.QtPrintSupport"} <= qt
    # A hook brings the plug-ins of a part of Qt only when its module is asked for by its own name.
    assert qt <= spec
