"""Reading a file's bytes and text for the schema readers: bounded, with the encoding recognised or named when wrong."""

from __future__ import annotations

import codecs
from pathlib import Path

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.base.system_errors import unreadable

MEGABYTE = 1024 * 1024
# Larger than any interface description met so far (the largest single one measured has 4 MB).
LARGEST_SCHEMA = 64 * MEGABYTE

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_file(path: Path) -> int:
    """The size in bytes; raises BadInput when there is no readable regular file."""
    try:
        if path.is_file():
            return path.stat().st_size
        there = path.exists()
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        there = False
    if there:
        raise BadInput(
            _("This is not a file that can be read as a schema or sample."),
            file=path,
            next_step=_("Give the path of a file, not of a folder or device."),
        )
    raise BadInput(
        _("The file does not exist."),
        file=path,
        next_step=_("Check the path; it is relative to where you are."),
    )


def is_there(path: Path) -> bool:
    """There is a regular file, whatever a foreign name of it may be (too long, not a name at all)."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read_bytes(path: Path, limit: int = LARGEST_SCHEMA) -> bytes:
    """The whole file; raises TooLarge above `limit` bytes, BadInput when it cannot be read."""
    if check_file(path) > limit:
        raise TooLarge(
            _("The file is larger than {limit} MB, the most a schema may have.").format(
                limit=limit // MEGABYTE
            ),
            file=path,
            next_step=_("Split the schema, or give a smaller sample."),
        )
    return read_head(path, limit + 1)


def read_head(path: Path, count: int) -> bytes:
    """The first `count` bytes."""
    check_file(path)
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise unreadable(path, error) from None


def detect_encoding(data: bytes, *, whole: bool = True) -> str:
    """The encoding by byte order mark, by the pattern of zero bytes, else UTF-8 where that fits, else Windows-1252.

    `whole` False: the data is the head of a file, so its last character may be cut.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    if (wide := _wide(data[:4096])) is not None:
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode(
    data: bytes, encoding: str | None, *, file: Path | None = None, whole: bool = True
) -> tuple[str, str]:
    """The text and the encoding's name; raises BadInput naming the encoding and the line that does not fit it."""
    name = encoding or detect_encoding(data, whole=whole)
    try:
        decoder = codecs.getincrementaldecoder(name)()
    except LookupError:
        raise BadInput(
            _("There is no encoding called {name}.").format(name=name),
            file=file,
            next_step=_("Use utf-8, utf-16, windows-1252 or iso-8859-1, for example."),
        ) from None
    try:
        return decoder.decode(data, final=whole).removeprefix("\ufeff"), name
    except UnicodeDecodeError as error:
        if not encoding and name == "cp1252":
            # Five bytes mean nothing in Windows-1252; ISO 8859-1 reads them as control characters.
            return data.decode("iso-8859-1"), "iso-8859-1"
        raise BadInput(
            _("The file is not {encoding}: byte {byte} makes no character there.").format(
                encoding=name, byte=f"0x{data[error.start]:02X}"
            ),
            file=file,
            line=data.count(b"\n", 0, error.start) + 1,
            next_step=_("Give the encoding it was saved in, or save it as UTF-8."),
        ) from None


def _wide(head: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: text in Latin letters then has zero bytes at regular places."""
    if len(head) < 4 or b"\0" not in head:
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if head[0] and not head[1] and not head[2] and not head[3]:
        return "utf-32-le"
    if not head[0] and not head[1] and not head[2] and head[3]:
        return "utf-32-be"
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.7 and odd < half * 0.1:
        return "utf-16-be"
    return None
