"""Secrets: what goes in comes out, nothing readable stays on disk, and a changed file or passphrase is refused."""

from __future__ import annotations

import json
import types
from pathlib import Path

import pytest

from studio.base import secrets
from studio.base.errors import BadInput, NotAllowed


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_COST", {"iterations": 1, "memory_kib": 64, "lanes": 1})


def vault(path: Path, passphrase: str = "correct horse") -> secrets.Vault:
    return secrets.Vault(path, lambda: passphrase)


def test_a_vault_keeps_replaces_and_forgets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.vault"
    assert vault(path).get("p/crm/token") is None
    vault(path).put("p/crm/token", "tøken €")
    vault(path).put("p/crm/secret", "two")
    vault(path).put("p/crm/secret", "three")
    assert vault(path).get("p/crm/token") == "tøken €"
    assert vault(path).get("p/crm/secret") == "three"
    vault(path).remove("p/crm/token")
    vault(path).remove("p/crm/never-there")
    assert vault(path).get("p/crm/token") is None
    assert vault(path).get("p/crm/secret") == "three"


def test_nothing_readable_is_written(tmp_path: Path) -> None:
    path = tmp_path / "secrets.vault"
    vault(path).put("p/crm/canary-name", "canary-value")
    assert b"canary" not in path.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["secrets.lock", "secrets.vault"]
    assert (tmp_path / "secrets.lock").read_bytes() == b""
    assert path.stat().st_mode & 0o077 == 0


def test_a_wrong_passphrase_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.vault"
    vault(path).put("a", "b")
    with pytest.raises(NotAllowed, match="passphrase"):
        vault(path, "incorrect horse").get("a")
    with pytest.raises(NotAllowed):
        vault(path, "incorrect horse").put("a", "c")
    assert vault(path).get("a") == "b"


def test_a_changed_bit_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.vault"
    vault(path).put("a", "b")
    whole = path.read_bytes()
    opened = []
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1
        # Blanks between members are no content; anything else must be noticed.
        if whole[at : at + 1].isspace():
            continue
        path.write_bytes(bytes(damaged))
        try:
            opened.append((at, vault(path).get("a")))
        except (NotAllowed, BadInput):
            continue
    assert opened == []


def test_a_cost_out_of_range_is_refused_before_it_is_paid(tmp_path: Path) -> None:
    path = tmp_path / "secrets.vault"
    vault(path).put("a", "b")
    outer = json.loads(path.read_bytes())
    outer["head"]["argon2id"]["memory_kib"] = 1 << 40
    path.write_text(json.dumps(outer))
    with pytest.raises(BadInput, match="damaged"):
        vault(path).get("a")


def test_the_passphrase_file_opens_the_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("from a file\n")
    monkeypatch.setenv(secrets.PASSPHRASE_FILE, str(phrase))
    path = tmp_path / "secrets.vault"
    secrets.open_store(vault=path).put("a", "b")
    assert vault(path, "from a file").get("a") == "b"
    phrase.write_text("")
    with pytest.raises(BadInput, match="empty"):
        secrets.open_store(vault=path).get("a")
    monkeypatch.setenv(secrets.PASSPHRASE_FILE, str(tmp_path / "gone"))
    with pytest.raises(BadInput, match="cannot be read"):
        secrets.open_store(vault=path).get("a")


class Remembering:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[service, name] = value

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[service, name]


def use_backend(monkeypatch: pytest.MonkeyPatch, backend: object) -> None:
    real = secrets.importlib.import_module
    fake = types.SimpleNamespace(get_keyring=lambda: backend)
    monkeypatch.setattr(
        secrets.importlib, "import_module", lambda name: fake if name == "keyring" else real(name)
    )


def test_the_systems_store_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Remembering()
    use_backend(monkeypatch, backend)
    store = secrets.open_store(vault=tmp_path / "secrets.vault")
    store.put("p/crm/token", "t")
    assert backend.kept == {("weft-studio", "p/crm/token"): "t"}
    assert store.get("p/crm/token") == "t"
    store.remove("p/crm/token")
    store.remove("p/crm/token")
    assert store.get("p/crm/token") is None
    assert not (tmp_path / "secrets.vault").exists()


def test_a_plain_text_store_is_never_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = type("PlaintextKeyring", (Remembering,), {"__module__": "keyrings.alt.file"})
    use_backend(monkeypatch, plain())
    store = secrets.open_store(lambda: "asked", vault=tmp_path / "secrets.vault")
    store.put("a", "b")
    assert vault(tmp_path / "secrets.vault", "asked").get("a") == "b"


def test_without_any_store_the_next_step_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = type("Keyring", (), {"__module__": "keyring.backends.fail"})
    use_backend(monkeypatch, failing())
    with pytest.raises(NotAllowed, match="WEFT_VAULT_PASSPHRASE_FILE"):
        secrets.open_store(vault=tmp_path / "secrets.vault").put("a", "b")


def test_a_refusing_store_is_told_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    errors = secrets.importlib.import_module("keyring.errors")

    class Locked(Remembering):
        def get_password(self, service: str, name: str) -> str | None:
            raise errors.KeyringLocked("locked")

    use_backend(monkeypatch, Locked())
    with pytest.raises(NotAllowed, match="locked"):
        secrets.open_store(vault=tmp_path / "v").get("a")
