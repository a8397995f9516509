"""Working folders beside what is being written: gone in the end, and what killed processes left of them goes with the next."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.base.atomic import hold, told
from studio.base.lazily import Lazily

if TYPE_CHECKING:
    import platform
    import shutil
else:
    platform, shutil = Lazily("platform"), Lazily("shutil")

_LEAD = ".weft-parts-"
_OWNER = "owner"


@contextlib.contextmanager
def own_folder(parent: Path) -> Iterator[Path]:
    """A new folder in `parent` that is removed at the end of the block. Raises BadInput where it cannot be made."""
    clear_folders(parent)
    with told(parent):
        folder, owner = _made(parent)
    try:
        yield folder
    finally:
        owner.close()
        shutil.rmtree(folder, ignore_errors=True)


def clear_folders(parent: Path) -> None:
    """Remove the working folders in `parent` that no living process of this machine owns."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(_LEAD) and entry.is_dir(follow_symlinks=False):
                _clear(Path(entry.path))


def _made(parent: Path) -> tuple[Path, BinaryIO]:
    while True:
        folder = parent / f"{_LEAD}{os.urandom(4).hex()}"
        folder.mkdir(mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            # Taken for a leftover in the moment before it is held, it is gone again.
            owner = (folder / _OWNER).open("xb")
            owner.write(platform.node().encode("utf-8", "replace"))
            owner.flush()
            hold(owner, wait=True)
            if (folder / _OWNER).exists():
                return folder, owner
            owner.close()


def _clear(folder: Path) -> None:
    """Remove a folder if its owner has gone; that of another machine cannot be asked."""
    with contextlib.suppress(OSError):
        try:
            file = (folder / _OWNER).open("rb")
        except FileNotFoundError:
            shutil.rmtree(folder)
            return
        with file:
            ours = file.read(1024) in (b"", platform.node().encode("utf-8", "replace"))
            gone = ours and hold(file)
            if gone and os.name != "nt":
                shutil.rmtree(folder)
        if gone and os.name == "nt":
            (folder / _OWNER).unlink()  # a file in use cannot be removed there
            shutil.rmtree(folder)
