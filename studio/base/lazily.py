"""Modules that are loaded when something of them is first used, for those that most runs do without."""

from __future__ import annotations

import importlib
import sys
from typing import Any


class Lazily:
    """Stands for a module: `regex = Lazily("regex")`, beside an import for the type checker."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.modules.get(self._name) or importlib.import_module(self._name), name)
