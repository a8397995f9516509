"""An object's file as data with places, read when a problem is to be placed in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.base.errors import BadInput
from studio.base.yaml_read import Node, parsing


class Written:
    """The first of some contents that can be read: as on disk, or as it would be written. None where none can be."""

    def __init__(self, file: str, contents: Callable[[], Iterator[bytes]]) -> None:
        self._file, self._contents = file, contents
        self._found: list[Node | None] = []

    def __call__(self) -> Node | None:
        """The data, read at once where nobody has read it yet."""
        for _step in self.steps():
            pass
        return self._found[0]

    def steps(self) -> Iterator[None]:
        """Read it, pausing now and then; nothing is left to do where it is read."""
        if self._found:
            return
        node: Node | None = None
        for data in self._contents():
            try:
                text = data.decode("utf-8").removeprefix("\ufeff")
                for found in parsing(text, file=self._file):
                    node = found
                    yield
                break
            except (BadInput, UnicodeDecodeError):
                node = None
        self._found.append(node)
