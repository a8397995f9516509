"""A vault whose key costs next to nothing: tests open it again and again, in several processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.base import secrets


def cheap_vault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the vault of the home; the file says what its key costs, so that other processes pay no more."""
    phrase = folder / "phrase"
    phrase.write_text("a passphrase")
    monkeypatch.setenv(secrets.PASSPHRASE_FILE, str(phrase))
    with monkeypatch.context() as patch:
        patch.setattr(secrets, "_COST", {"iterations": 1, "memory_kib": 64, "lanes": 1})
        store = secrets.open_store()
        store.put("made", "with the vault")
    store.remove("made")
    assert isinstance(store, secrets.Vault)
    return store.path
