"""The rows of the last source that was brought, kept between its check and its move: what was checked is what is sent."""

from __future__ import annotations

from pathlib import Path

from studio.base.progress import Progress
from studio.moves import store
from studio.moves.load import Request, brought
from studio.moves.rows.plan import discard, preparing_folder
from studio.moves.sources.bring import Brought
from studio.moves.sources.kinds import Kind, kind_of


class Kept:
    """Brings sources for load and check; a delimited file is read where it lies."""

    def __init__(self) -> None:
        self._of: object = None
        self._folder: Path | None = None
        self._brought: Brought | None = None

    def bring(self, request: Request, folder: Path, progress: Progress | None = None) -> Brought:
        """The rows of a request's source; those kept, where they are of the same part of the same file or database."""
        if kind_of(request.source) is Kind.DELIMITED:
            return brought(request, folder, progress)
        wanted = (request.place, request.pick, _state(request))
        if self._brought is None or self._of != wanted:
            self.forget()
            self._folder = preparing_folder(store.folder())
            self._brought = brought(request, self._folder, progress)
            self._of = wanted
        return self._brought

    def forget(self) -> None:
        """Remove what is kept."""
        self._brought = self._of = None
        if self._folder is not None:
            discard(self._folder)
            self._folder = None


def _state(request: Request) -> tuple[int, int]:
    """When a file was changed, and its size; nothing of a database on a server."""
    if not isinstance(request.source, Path):
        return 0, 0
    try:
        facts = request.source.stat()
    except OSError:
        # Reading it says what is wrong.
        return 0, 0
    return facts.st_mtime_ns, facts.st_size
