"""An environment that says nothing about the way out, whatever the computer of the tests says."""

from __future__ import annotations

import pytest


def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take proxies, the desktop's name and extra certificates out of the environment."""
    for name in (
        "https_proxy",
        "http_proxy",
        "all_proxy",
        "no_proxy",
        "XDG_CURRENT_DESKTOP",
        "WEFT_EXTRA_CA",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
