"""Where things are: the program's own data, the user's configuration, data and caches."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.lazily import Lazily

if TYPE_CHECKING:
    import platformdirs
else:
    platformdirs = Lazily("platformdirs")

APP = "weft-studio"


def resource(name: str) -> Path:
    """A file or folder of `resources/`, in the source tree, in an installed wheel and in a frozen bundle."""
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        return Path(bundle) / "resources" / name
    package = Path(__file__).resolve().parent.parent
    installed = package / "_resources"
    return (installed if installed.is_dir() else package.parent / "resources") / name


def _user(kind: str, usual: Callable[[], str]) -> Path:
    home = os.environ.get("WEFT_HOME")
    path = Path(home) / kind if home else Path(usual())
    path.mkdir(parents=True, exist_ok=True)
    return path


def config_folder() -> Path:
    """Preferences and org connections; below WEFT_HOME when that is set (tests, a portable install)."""
    return _user("config", lambda: platformdirs.user_config_dir(APP, appauthor=False))


def data_folder() -> Path:
    """Runs, moves and the practice org's records."""
    return _user("data", lambda: platformdirs.user_data_dir(APP, appauthor=False))


def cache_folder() -> Path:
    """What can be made again: read schemas, plans of transformations that have run."""
    return _user("cache", _cache)


def _cache() -> str:
    """On Linux without the library that knows all systems: every run asks, and loading it takes long."""
    if sys.platform != "linux":
        return platformdirs.user_cache_dir(APP, appauthor=False)
    given = os.environ.get("XDG_CACHE_HOME", "")
    return str(Path(given if given.strip() else "~/.cache").expanduser() / APP)
