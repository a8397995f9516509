"""What a run reads from and writes to: input that can be read twice, output in large pieces, memory used."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from studio.base.atomic import cannot_write, clear_leftovers, writing
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.own_folder import clear_folders
from studio.base.system_errors import unreadable
from studio.engine.address import Address, AddressStream
from studio.engine.formats.edi_envelope import EnvelopeWriter
from studio.engine.nested import FORMATS
from studio.engine.pipes import Piped
from studio.engine.plan import Document
from studio.engine.sources import open_input

if TYPE_CHECKING:
    import tempfile
else:
    tempfile = Lazily("tempfile")

_PIECE = 1 << 18


class Sink:
    """Text out, in pieces of a quarter megabyte; as UTF-8 unless told otherwise."""

    def __init__(
        self, stream: BinaryIO, encoding: str = "utf-8", encode: Callable[[str], bytes] | None = None
    ) -> None:
        self._stream = stream
        self._encode = encode or codecs.getincrementalencoder(encoding)().encode
        self._parts: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        """Take text."""
        self._parts.append(text)
        self._size += len(text)
        if self._size >= _PIECE:
            self.flush()

    def flush(self) -> None:
        """Pass on what was taken."""
        self._stream.write(self._encode("".join(self._parts)))
        self._parts.clear()
        self._size = 0

    def finish(self) -> None:
        """Everything is there."""
        self.flush()


class Spool(Sink):
    """Records kept in a temporary file until all are there, and then made into the output by `convert`."""

    def __init__(
        self, stream: BinaryIO, kept: BinaryIO, convert: Callable[[BinaryIO, BinaryIO], None]
    ) -> None:
        super().__init__(kept)
        self._output = stream
        self._convert = convert

    def finish(self) -> None:
        """Make the output."""
        self.flush()
        self._stream.seek(0)
        self._convert(self._stream, self._output)


def open_sink(
    document: Document, stream: BinaryIO, stack: contextlib.ExitStack, now: Callable[[], datetime]
) -> Sink:
    """What takes the text of a target and writes it to a stream; `now` is the time, for envelopes that say it."""
    if document.format == "edi":
        return Sink(stream, encode=EnvelopeWriter(document, now).write)
    if document.format == "xml" and "encoding" in document.options:
        encoder = codecs.getincrementalencoder(document.options["encoding"])("xmlcharrefreplace")
        return Sink(stream, encode=encoder.encode)
    if document.format not in FORMATS:
        return Sink(stream)
    made = FORMATS[document.format].encoder(document)
    if made.convert is None:
        return Sink(stream, made.encoding)
    kept = stack.enter_context(tempfile.TemporaryFile())  # the stack closes it
    return Spool(stream, cast("BinaryIO", kept), made.convert)


def on_disk(stream: BinaryIO) -> None:
    """Have what was written to a file on the disk, so that a full one is told before any file takes its place."""
    stream.flush()
    try:
        handle = stream.fileno()
    except (OSError, ValueError):
        return
    if stat.S_ISREG(os.fstat(handle).st_mode):
        os.fsync(handle)


class ReaderGone(Exception):
    """Whoever read our output has closed it. Not an OSError, so that no other file is blamed."""


@contextlib.contextmanager
def target(output: Path | BinaryIO | Address) -> Iterator[BinaryIO]:
    """A stream to write to: a file that appears whole or not at all, a device or pipe as it is, an open stream.

    Raises BadInput naming what cannot be written.
    """
    if isinstance(output, Address):
        yield cast("BinaryIO", AddressStream(output))
    elif not isinstance(output, Path):
        with _named_errors(Path(_("standard output"))):
            yield output
            output.flush()
    elif output.is_dir():
        raise BadInput(_("This is a folder, not a file."), file=output, next_step=_("Name a file inside it."))
    elif output.exists() and not output.is_file():
        with _named_errors(output), output.open("wb") as stream:
            yield stream
    else:
        clear_leftovers(output)
        clear_folders(output.parent)
        with writing(output) as stream:
            yield stream


@contextlib.contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error
    except OSError as error:
        raise cannot_write(path, error) from error


class _Readable:
    """A stream whose read errors name the file, so that they are not taken for errors of the output."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except OSError as error:
            raise unreadable(self._name, error) from error


def opened(
    input: Path | BinaryIO | Address, stack: contextlib.ExitStack, *, once: bool = False
) -> tuple[str, BinaryIO, int]:
    """The input's name, a seekable stream and its size in bytes, 0 while it is not known.

    A pipe is read as it comes; what came is kept in a temporary file, and not at all where it is read `once`.
    """
    if isinstance(input, Address):
        return str(input), cast("BinaryIO", AddressStream(input)), 0
    if isinstance(input, Path):
        stream = stack.enter_context(open_input(input))
        return str(input), cast("BinaryIO", _Readable(stream, str(input))), input.stat().st_size
    name = _("standard input")
    if not input.seekable():
        kept = None if once else stack.enter_context(tempfile.TemporaryFile())  # the stack closes it
        piped = io.BufferedReader(Piped(input, cast("BinaryIO", kept)), _PIECE)
        return name, cast("BinaryIO", piped), 0
    size = input.seek(0, 2)
    input.seek(0)
    return name, input, size


def came(stream: BinaryIO) -> int:
    """How many bytes of a pipe there were."""
    raw = getattr(stream, "raw", None)
    return raw.taken if isinstance(raw, Piped) else 0


def peak_mb() -> float:
    """The most memory this process has had, in megabytes; 0 where the system does not say."""
    if sys.platform == "win32":
        return _windows_peak()
    if sys.platform == "linux":
        # What getrusage says includes the process that started this one.
        with (
            contextlib.suppress(OSError, StopIteration, ValueError),
            Path("/proc/self/status").open("rb") as lines,
        ):
            return round(int(next(line for line in lines if line.startswith(b"VmHWM")).split()[1]) / 1024, 1)
    import resource  # does not exist on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak / 1024, 1)


def _windows_peak() -> float:
    import ctypes

    counters = (ctypes.c_size_t * 10)()
    counters[0] = ctypes.sizeof(counters)
    windows: Any = ctypes
    process = windows.windll.kernel32.GetCurrentProcess()
    if not windows.windll.psapi.GetProcessMemoryInfo(process, ctypes.byref(counters), counters[0]):
        return 0.0
    # cb and PageFaultCount share the first word; PeakWorkingSetSize is the second.
    return round(counters[1] / 1e6, 1)
