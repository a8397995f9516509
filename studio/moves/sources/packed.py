"""A source packed with gzip: unpacked into a folder, and from there on like any other."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.base.atomic import told
from studio.base.errors import BadInput, TooLarge, WeftError
from studio.base.i18n import _
from studio.base.progress import Progress

_PIECE = 1 << 20
# Rows shrink to a tenth, seldom to a hundredth; what was made to burst shrinks to a thousandth.
_MOST_TIMES = 500
_ALWAYS = 100 << 20


@contextmanager
def unpacked(place: Path, folder: Path, progress: Progress | None = None) -> Iterator[Path]:
    """The unpacked file, in `folder`; what is wrong with it inside the block is told of the packed one.

    Raises BadInput for one that is damaged or cut, TooLarge for one that unpacks to far more than rows would.
    """
    path = folder / f"unpacked-{place.name.removesuffix('.gz')}"
    most = max(_ALWAYS, place.stat().st_size * _MOST_TIMES)
    try:
        with told(path), path.open("wb") as out:
            for piece in _pieces(place):
                if progress is not None:
                    progress.check()
                most -= len(piece)
                if most < 0:
                    raise TooLarge(
                        _("The file unpacks to far more than rows would."),
                        file=place,
                        next_step=_("Unpack it yourself and give the file."),
                    )
                out.write(piece)
        yield path
    except WeftError as error:
        if error.file == str(path):
            error.file = str(place)
        raise


def _pieces(place: Path) -> Iterator[bytes]:
    try:
        with gzip.open(place, "rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadInput(
            _("The packed file cannot be read: {reason}.").format(reason=str(error).rstrip(".")),
            file=place,
            next_step=_("It may be cut; copy it once more."),
        ) from error
