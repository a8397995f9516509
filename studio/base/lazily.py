"""Modules that are loaded when something of them is first used, for those that most runs do without."""

from __future__ import annotations

import importlib
from typing import Any


class Lazily:
    """Stands for a module: `regex = Lazily("regex")`, beside an import for the type checker."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(importlib.import_module(self._name), name)
        setattr(self, name, found)
        return found
