"""Finding the file a schema location means, on this computer only: nothing is ever fetched."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from studio.base.lazily import Lazily

if TYPE_CHECKING:
    from urllib import request
else:
    request = Lazily("urllib.request")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# How far above the importing file a mirrored address is looked for.
_LEVELS_UP = 8
# More characters than this name no file on any system; a damaged schema may have thousands of them, and of slashes.
_LONGEST = 2048
# How many of the last parts of an address a mirrored copy may have as its folders.
_PARTS = 16


def is_remote(location: str) -> bool:
    """The location is an address of another scheme than file."""
    return bool(_SCHEME.match(location)) and not location.lower().startswith("file:")


def locate(location: str, base: Path) -> Path | None:
    """The regular file at `location`, relative to the file `base`; None for remote or missing ones."""
    text = location.strip().replace("\\", "/").split("#", 1)[0]
    if not text or len(text) > _LONGEST or text.startswith("//") or is_remote(text):
        # Two slashes would be a network share: reading one sends credentials on some systems.
        return None
    if text.lower().startswith("file:"):
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            return None
        return _regular(Path(request.url2pathname(parts.path)))
    return _regular(base.parent / text) or _regular(base.parent / unquote(text))


def nearby(location: str, base: Path) -> Path | None:
    """A local copy of a missing or remote location: its last part beside `base`, longer parts in folders above."""
    text = location.strip().replace("\\", "/").split("#", 1)[0]
    if len(text) > _LONGEST:
        return None
    path = urlsplit(text).path if is_remote(text) else text
    parts = [part for part in unquote(path).split("/") if part not in ("", ".", "..")][-_PARTS:]
    if not parts or urlsplit(text).query:
        return None
    for level, folder in enumerate(base.resolve().parents[:_LEVELS_UP]):
        shortest = 1 if level == 0 else 2
        for start in range(len(parts) - shortest + 1):
            found = _regular(folder.joinpath(*parts[start:]))
            if found is not None and found != base.resolve():
                return found
    return None


def inside(path: Path, folder: Path | None) -> bool:
    """The file lies in `folder` (any place when it is None)."""
    return folder is None or path.resolve().is_relative_to(folder.resolve())


def _regular(path: Path) -> Path | None:
    try:
        return path.resolve() if path.is_file() else None
    except (OSError, ValueError):
        return None
