"""What the system refused is said in the language of the person; what a library says of itself stays."""

from __future__ import annotations

import errno
import os

import pytest

from studio.base import system_errors
from studio.base.system_errors import reason_of


def test_known_reasons_are_said_in_the_language_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_errors, "_", lambda text: f"[{text}]")
    absent = OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    assert reason_of(absent) == "[No such file or directory]"
    # A library's own words, though the number is one of the system's.
    assert reason_of(OSError(errno.EPERM, "certificate verify failed")) == "certificate verify failed"
    assert reason_of(OSError("gone")) == "gone"
