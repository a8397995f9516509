"""The files that a schema of any kind names."""

from __future__ import annotations

import re
from pathlib import Path

# How files of every kind name others. What begins a line stays in it: a page of blanks would be tried from each line.
_REFERENCES = re.compile(
    rb"""(?:schemaLocation|\blocation|\bSYSTEM)\s*=?\s*["']([^"'\s]+)["']"""
    rb"""|\bPUBLIC\s+["'][^"']*["']\s+["']([^"'\s]+)["']"""
    rb"""|\$ref["']?\s*:\s*["']?([^"'#\s,}]+)"""
    rb"""|^[ \t]*import\s+(?:public\s+)?"([^"]+)"\s*;""",
    re.MULTILINE,
)  # fmt: skip


def referred(file: Path) -> list[Path]:
    """The files on this computer that a schema of any kind names, as far as they are there."""
    try:
        data = file.read_bytes()
    except OSError:
        return []
    found: dict[Path, None] = {}
    for match in _REFERENCES.finditer(data):
        name = next(group for group in match.groups() if group is not None).decode("utf-8", "replace")
        if "://" in name or name.startswith(("/", "\\")):
            continue
        try:
            path = (file.parent / name.replace("\\", "/")).resolve()
            if path != file and path.is_file():
                found[path] = None
        except (OSError, ValueError):
            continue
    return list(found)
