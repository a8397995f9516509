"""What pages load besides themselves: style, scripts, and htmx out of the package that carries it. Each file's name
holds the hash of its bytes, so that browsers may keep it for ever."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "assets"
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file as it is served."""

    address: str
    kind: str
    content: bytes


def htmx() -> Path:
    """The file of htmx: of django_htmx only this is used, the package itself is never imported."""
    found = importlib.util.find_spec("django_htmx")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("django_htmx is not installed: it carries htmx")
    return Path(found.submodule_search_locations[0]) / "static" / "django_htmx" / "htmx-2.min.js"


@functools.cache
def _all() -> dict[str, Asset]:
    files = {file.name: file for file in HERE.iterdir() if file.suffix in _KINDS}
    files["htmx.js"] = htmx()
    return {name: _asset(name, file) for name, file in files.items()}


def _asset(name: str, file: Path) -> Asset:
    content = file.read_bytes()
    stem, _dot, end = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(f"{stem}-{digest}.{end}", _KINDS[f".{end}"], content)


def address(name: str) -> str:
    """Where a page finds a file."""
    return f"/assets/{_all()[name].address}"


def find(asked: str) -> Asset | None:
    """The file served under a name with its hash."""
    return next((asset for asset in _all().values() if asset.address == asked), None)
