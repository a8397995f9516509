"""One pull, push or decision at a time per project, whichever programs ask for them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from studio.base.atomic import cannot_write
from studio.base.errors import BadInput
from studio.base.file_lock import BUSY, hold, let_go
from studio.base.i18n import _
from studio.repository.local import made_place

FILE = "lock"
_PATIENCE = 30.0  # seconds
_PAUSE = 0.05


@contextlib.asynccontextmanager
async def turn(folder: Path, patience: float = _PATIENCE) -> AsyncIterator[None]:
    """Nobody else pulls or pushes here inside the block. Raises BadInput after `patience` seconds of waiting."""
    until = time.monotonic() + patience
    while True:
        with _tried(folder) as ours:
            if ours:
                yield
                return
        if time.monotonic() > until:
            raise _busy(folder)
        await asyncio.sleep(_PAUSE)


@contextlib.contextmanager
def turn_now(folder: Path, patience: float = _PATIENCE) -> Iterator[None]:
    """The same for what does not await anything."""
    until = time.monotonic() + patience
    while True:
        with _tried(folder) as ours:
            if ours:
                yield
                return
        if time.monotonic() > until:
            raise _busy(folder)
        time.sleep(_PAUSE)


@contextlib.contextmanager
def _tried(folder: Path) -> Iterator[bool]:
    path = made_place(folder) / FILE
    try:
        stream = path.open("a+b")
    except OSError as error:
        raise cannot_write(path, error) from error
    with stream:
        try:
            hold(stream)
        except OSError as error:
            if error.errno not in BUSY:
                raise cannot_write(path, error) from error
            yield False
            return
        try:
            yield True
        finally:
            let_go(stream)


def _busy(folder: Path) -> BadInput:
    return BadInput(
        _("Another program is pulling or pushing this project just now."),
        file=folder,
        next_step=_("Wait until it is done, or stop it there."),
    )
