"""A database instead of a file: what a run reads rows from and writes them to, by its SQLAlchemy address."""

from __future__ import annotations

import io
import re
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.base.records import dataclass

# What stands before the last @ of the part with the server, behind the user's name; and in what follows a question mark.
_PASSWORD = pattern(r"(://[^:/@]*:).*@")
_IN_QUERY = pattern(r"((?:password|passwd|pwd|secret|token)=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True, repr=False)
class Address:
    """The address of a database, `sqlite:///orders.db` for one; as text it is without its password."""

    url: str

    def __str__(self) -> str:
        return _IN_QUERY.sub(r"\1***", _PASSWORD.sub(r"\1***@", self.url))

    __repr__ = __str__


def is_address(text: str) -> bool:
    """It is the address of a database, not a file nor a place on the web."""
    scheme, mark, _rest = text.partition("://")
    plain = scheme.replace("+", "").replace("_", "").replace("-", "")
    return bool(mark) and plain.isalnum() and scheme.lower() not in ("http", "https", "file", "ftp")


def place_of(text: str) -> Path | Address:
    """What an argument of a command means: a file, or the address of a database."""
    return Address(text) if is_address(text) else Path(text)


class AddressStream(io.RawIOBase):
    """Stands for a database where a stream is asked for; whoever reads or writes bytes has the wrong schema."""

    def __init__(self, address: Address) -> None:
        super().__init__()
        self.address = address

    def seekable(self) -> bool:
        """There is nothing to go back in."""
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Nothing to do."""
        del offset, whence
        return 0

    def read(self, size: int = -1, /) -> bytes:
        """Raises BadInput: rows are no bytes."""
        del size
        raise self._wrong()

    def write(self, data: object, /) -> int:
        """Raises BadInput: rows are no bytes."""
        del data
        raise self._wrong()

    def _wrong(self) -> BadInput:
        return BadInput(
            _("This is the address of a database, and the schema describes a file."),
            file=str(self.address),
            next_step=_("Give a file, or a schema of the database's tables."),
        )
