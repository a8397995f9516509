"""Settings survive restarts, other versions, wrong values and damaged files."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio import settings
from studio.base.errors import BadInput
from studio.settings import MOST_RECENT, Settings, load, save, settings_file
from tests.project.perils import failing_at

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_without_a_file_there_are_defaults() -> None:
    assert load() == (Settings(), None)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    mine = Settings(
        language="pt_BR", theme="dark", layout={"window": [1, 2]}, shortcuts={"run": "F5"}, extra={"later": 1}
    )
    mine = mine.opened(tmp_path / "é")
    save(mine)
    assert load() == (mine, None)
    assert settings_file().read_text("utf-8").startswith('{\n  "weft": "settings/1"')


def test_recent_projects_are_few_and_latest_first(tmp_path: Path) -> None:
    mine = Settings()
    for number in [*range(20), 19, 15]:
        mine = mine.opened(tmp_path / str(number))
    assert len(mine.recent) == MOST_RECENT
    assert [Path(name).name for name in mine.recent[:3]] == ["15", "19", "18"]
    assert Path(mine.without(mine.recent[0]).recent[0]).name == "19"


def test_wrong_values_become_defaults_one_by_one() -> None:
    settings_file().write_text(
        json.dumps({"language": "xx", "theme": 7, "recent": ["a", 1], "reopen_last": "yes", "layout": [],
                    "shortcuts": {"a": "F1", "b": 2}, "log_level": "debug", "new": [1]})
    )  # fmt: skip
    mine, problem = load()
    assert problem is None
    assert mine == Settings(recent=("a",), shortcuts={"a": "F1"}, log_level="debug", extra={"new": [1]})


@given(st.dictionaries(st.sampled_from([*Settings.__dataclass_fields__, "x"]), JSON))
def test_any_values_give_settings(tmp_path_factory: pytest.TempPathFactory, data: dict[str, object]) -> None:
    file = tmp_path_factory.mktemp("s") / "settings.json"
    file.write_text(json.dumps(data))
    mine, problem = load(file)
    assert problem is None
    save(mine, file)
    assert load(file) == (mine, None)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"a": "' + b"x" * (5 << 20)]
)
def test_a_damaged_file_is_told_and_kept(content: bytes) -> None:
    settings_file().write_bytes(content)
    mine, problem = load()
    assert mine == Settings()
    assert isinstance(problem, BadInput)
    assert problem.next_step
    save(replace(mine, theme="dark"))
    assert load()[0].theme == "dark"
    assert settings_file().with_name("settings.json.unreadable").read_bytes() == content


def test_a_newer_file_keeps_its_version_and_what_it_knows_more() -> None:
    settings_file().write_text('{"weft": "settings/7", "theme": "light", "glow": 3}')
    mine, _problem = load()
    assert (mine.theme, mine.extra) == ("light", {"glow": 3})
    save(replace(mine, theme="dark"))
    assert json.loads(settings_file().read_text()) | {
        "weft": "settings/7",
        "theme": "dark",
        "glow": 3,
    } == json.loads(settings_file().read_text())


def test_older_files_are_migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    def second(data: dict[str, object]) -> dict[str, object]:
        return {**data, "theme": data.pop("colours")}

    monkeypatch.setattr(settings, "MIGRATIONS", (second,))
    settings_file().write_text('{"weft": "settings/1", "colours": "dark"}')
    mine, _problem = load()
    assert mine.theme == "dark"
    save(mine)
    assert '"weft": "settings/2"' in settings_file().read_text()
    assert load() == (mine, None)


def test_a_full_disk_keeps_the_old_settings() -> None:
    save(Settings(theme="dark"))
    with failing_at(1, errno.ENOSPC, lasting=True), pytest.raises(BadInput, match="full"):
        save(Settings(theme="light"))
    assert load()[0].theme == "dark"
