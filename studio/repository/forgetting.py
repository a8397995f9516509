"""What is kept beside a project of others' versions, taken off this computer; what is still undecided stays."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from studio.base import atomic
from studio.project.commit import commit
from studio.repository.contents import Contents
from studio.repository.fetching import INCOMING
from studio.repository.gathering import needed
from studio.repository.local import place
from studio.repository.turn import turn_now
from studio.repository.undecided import PATH, book_of, content_of


def keeps_versions(folder: Path) -> bool:
    """Versions of a project's files are kept beside it."""
    return any((place(folder) / name).exists() for name in ("contents", INCOMING, "undecided.json"))


def forget_versions(folder: Path) -> None:
    """Forget decisions, contents of the base, and what an unfinished pull brought; a later pull asks for what it needs.

    Open conflicts keep every side. Raises BadInput.
    """
    if not keeps_versions(folder):
        return
    with turn_now(folder):
        book = book_of(folder)
        if book.decided:
            commit(folder, {PATH: content_of(replace(book, decided=()))})
        Contents(folder).tidy(needed(folder, {}), many=1)
        incoming = place(folder) / INCOMING
        if incoming.is_dir():
            shutil.rmtree(incoming)
            atomic.sync_folder(incoming.parent)
