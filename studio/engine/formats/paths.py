"""A file's name for libraries that read no streams."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO


def path_of(stream: BinaryIO, stack: contextlib.ExitStack) -> str:
    """A name of the stream's file, which stands for no pattern of several; a stream without one is copied."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    name = getattr(stream, "name", None)
    path = folder / "file.parquet"
    if isinstance(name, str) and Path(name).is_file():
        if not set("*?[{") & set(name):
            return str(Path(name).resolve())
        with contextlib.suppress(OSError):
            path.symlink_to(Path(name).resolve())
            return str(path)
    with path.open("wb") as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
    return str(path)
