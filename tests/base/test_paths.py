"""Where the user's files are."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs
import pytest

from studio.base.paths import APP, cache_folder


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the library is asked")
@pytest.mark.parametrize("given", [None, "", " ", "{}/other", "{}/a b"])
def test_the_cache_is_where_the_desktop_wants_it(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEFT_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    if given is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", given.format(tmp_path))
    found = cache_folder()
    assert found == Path(platformdirs.user_cache_dir(APP, appauthor=False))
    assert found.is_dir()


def test_weft_home_goes_before_it(own_home: Path) -> None:
    assert cache_folder() == own_home / "cache"
