"""XML in UTF-32, which the parser does not take piece by piece: read as UTF-8."""

from __future__ import annotations

import codecs
from typing import BinaryIO, cast

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.patterns import pattern

_HEADS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"<\x00\x00\x00": "utf-32-le",
    b"\x00\x00\x00<": "utf-32-be",
}
_DECLARED = pattern(r"^(<\?xml[^>]*?)\s+encoding\s*=\s*(?:'[^']*'|\"[^\"]*\")")


def narrowed(stream: BinaryIO, name: str) -> BinaryIO:
    """The stream itself, or one that gives the same document in UTF-8 where it is in UTF-32."""
    start = stream.tell()
    head = stream.read(4)
    stream.seek(start)
    encoding = _HEADS.get(head)
    return stream if encoding is None else cast("BinaryIO", _Narrow(stream, encoding, name))


class _Narrow:
    """Reads forward, and again from the beginning."""

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._name = name
        self._begin()

    def _begin(self) -> None:
        self._stream.seek(0)
        self._decoder = codecs.getincrementaldecoder(self._encoding)()
        self._ready = b""
        self._given = 0
        self._first = True

    def read(self, size: int = -1) -> bytes:
        """So many bytes of the document in UTF-8."""
        while size < 0 or len(self._ready) < size:
            data = self._stream.read(1 << 16)
            self._ready += self._decoded(data)
            if not data:
                break
        size = len(self._ready) if size < 0 else size
        found, self._ready = self._ready[:size], self._ready[size:]
        self._given += len(found)
        return found

    def _decoded(self, data: bytes) -> bytes:
        try:
            text = self._decoder.decode(data, final=not data)
            if self._first and text:
                self._first = False
                text = _DECLARED.sub(r"\1", text.removeprefix("\ufeff"))
            return text.encode()
        except UnicodeError as error:
            raise BadInput(
                _("The text is not {encoding}.").format(encoding="UTF-32"),
                file=self._name,
                next_step=_("Save it as UTF-8."),
            ) from error

    def tell(self) -> int:
        """How much was given."""
        return self._given

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place that was given already, or to the beginning."""
        del whence
        self._begin()
        self.read(place)
        return place
