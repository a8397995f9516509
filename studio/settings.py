"""The user's preferences: one frozen dataclass, kept as a small file, migrated like a project."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.base import atomic
from studio.base.errors import BadInput
from studio.base.i18n import LANGUAGES, _
from studio.base.paths import config_folder

FILE = "settings.json"
THEMES = ("system", "light", "dark")
MOST_RECENT = 12
_LARGEST = 4 * 1024 * 1024

# The n-th function turns settings of version n into version n + 1.
MIGRATIONS: Sequence[Callable[[dict[str, Any]], dict[str, Any]]] = ()


@dataclass(frozen=True)
class Settings:
    """What a user has chosen.

    `language` is one of i18n.LANGUAGES, empty for the system's; `theme` one of THEMES; `recent` the folders of
    projects, latest first; `layout` the window's state by name, and `open_tabs` the objects open by project folder,
    both as the window keeps them (JSON data); `shortcuts` the user's keys by command id; `extra` keys of newer
    versions, kept.
    """

    language: str = ""
    theme: str = "system"
    recent: tuple[str, ...] = ()
    reopen_last: bool = True
    log_level: str = "info"
    layout: Mapping[str, Any] = field(default_factory=dict)
    open_tabs: Mapping[str, Any] = field(default_factory=dict)
    shortcuts: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def opened(self, folder: Path) -> Settings:
        """With a project's folder first among the recent ones."""
        name = str(folder.absolute())
        return replace(self, recent=(name, *(other for other in self.recent if other != name))[:MOST_RECENT])

    def without(self, folder: Path | str) -> Settings:
        """With a folder taken off the recent ones."""
        return replace(self, recent=tuple(name for name in self.recent if name != str(folder)))


def settings_file() -> Path:
    """Where the settings are."""
    return config_folder() / FILE


def load(file: Path | None = None) -> tuple[Settings, BadInput | None]:
    """The settings, and what was wrong with their file: a start never fails on it, the defaults stand in.

    A value of the wrong kind is replaced by its default. A file of a newer version is read as far as known.
    """
    file = file or settings_file()
    try:
        data = _read(file)
    except FileNotFoundError:
        return Settings(), None
    except (OSError, ValueError, RecursionError) as error:
        problem = BadInput(
            _("The settings could not be read, so the defaults are used: {reason}").format(reason=error),
            file=file,
            next_step=_("Save the settings to write the file anew; the old one is kept beside it."),
        )
        return Settings(), problem
    for migration in MIGRATIONS[max(0, _version(data) - 1) :]:
        data = migration(data)
    return _settings(data), None


def save(settings: Settings, file: Path | None = None) -> None:
    """Write the settings; raises BadInput where the file cannot be written."""
    file = file or settings_file()
    version = len(MIGRATIONS) + 1
    if file.exists():
        try:
            version = max(version, _version(_read(file)))
        except (OSError, ValueError, RecursionError):
            _keep_aside(file)
    data = {"weft": f"settings/{version}", **_plain(settings)}
    atomic.write_text(file, json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def _read(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        raw = stream.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise ValueError(_("the file is too large"))
    data = json.loads(raw)
    if not isinstance(data, dict):
        raise ValueError(_("the file holds no settings"))
    return data


def _version(data: Mapping[str, Any]) -> int:
    number = str(data.get("weft", "")).rpartition("/")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 1


def _settings(data: Mapping[str, Any]) -> Settings:
    known = {field.name for field in dataclasses.fields(Settings)} - {"extra"}
    defaults = Settings()
    values: dict[str, Any] = {}
    for name in known & data.keys():
        values[name] = _checked(name, data[name], getattr(defaults, name))
    extra = {key: value for key, value in data.items() if key not in known and key != "weft"}
    return Settings(**values, extra=extra)


def _checked(name: str, value: Any, default: Any) -> Any:
    allowed = {"language": ("", *LANGUAGES), "theme": THEMES}.get(name)
    if allowed is not None:
        return value if value in allowed else default
    if isinstance(default, tuple):
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else default
    if name == "shortcuts" and isinstance(value, dict):
        return {key: keys for key, keys in value.items() if isinstance(keys, str)}
    return value if type(value) is type(default) else default


def _plain(settings: Settings) -> dict[str, Any]:
    own = {
        field.name: getattr(settings, field.name)
        for field in dataclasses.fields(settings)
        if field.name != "extra"
    }
    return {**own, **settings.extra}


def _keep_aside(file: Path) -> None:
    try:
        file.replace(file.with_name(file.name + ".unreadable"))
    except OSError as error:
        raise atomic.cannot_write(file, error) from error
