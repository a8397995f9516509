"""Zip archives of schemas, unpacked into a cache folder so that no archive can reach out of it or grow without bound."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.base.lazily import Lazily
from studio.base.system_errors import unreadable
from studio.schema.source import LARGEST_SCHEMA, MEGABYTE, check_file

if TYPE_CHECKING:
    import shutil
    import zipfile
else:
    shutil = Lazily("shutil")
    zipfile = Lazily("zipfile")

LARGEST_ARCHIVE = 128 * MEGABYTE
MOST_ENTRIES = 4000
MOST_BYTES = 256 * MEGABYTE
# Schemas shrink to a tenth or a fiftieth; what shrinks further than this is made to hurt.
_LARGEST_RATIO = 250
_RATIO_FROM = 8 * MEGABYTE
# The list of entries is read whole before the first entry is: about a kilobyte for each of the most there may be.
_LARGEST_LIST = 4 * MEGABYTE
_BLOCK = 256 * 1024
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_METHODS = (0, 8)  # zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


def is_archive(head: bytes) -> bool:
    """The first bytes are those of a zip archive with entries."""
    return head.startswith(b"PK\x03\x04")


def is_office(path: Path) -> bool:
    """The archive is a workbook or another office document, by the names of its entries."""
    try:
        _check_list(path)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (BadInput, OSError, zipfile.BadZipFile, ValueError, struct.error, NotImplementedError):
        return False
    return "[Content_Types].xml" in names or "META-INF/manifest.xml" in names


def unpack(path: Path, cache: Path) -> Path:
    """The folder in `cache` with what is in the archive, named by its digest; made once and then kept.

    Raises BadInput for a damaged archive, one with passwords, links or names that lead out of it; TooLarge beyond
    4,000 entries, 256 MB in all, 64 MB for one entry, or contents more than 250 times the size of the archive.
    """
    if check_file(path) > LARGEST_ARCHIVE:
        raise TooLarge(
            _("The archive is larger than {limit} MB.").format(limit=LARGEST_ARCHIVE // MEGABYTE),
            file=path,
            next_step=_("Unpack it and give the folder, or the one file you need."),
        )
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError as error:
        raise unreadable(path, error) from None
    folder = cache / digest
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=cache))
    try:
        _unpack(path, work)
        try:
            work.rename(folder)
        except OSError:
            # Somebody else unpacked the same archive meanwhile.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def _unpack(path: Path, folder: Path) -> None:
    _check_list(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [info for info in archive.infolist() if not info.is_dir()]
            _check_entries(entries, path)
            allowed = max(_RATIO_FROM, _LARGEST_RATIO * path.stat().st_size)
            left = min(MOST_BYTES, allowed)
            for info in entries:
                left -= _write(archive, info, folder.joinpath(*_parts(info, path)), path, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError) as error:
        raise _damaged(path, str(error)) from None
    except OSError as error:
        raise unreadable(path, error) from None


def _check_entries(entries: list[zipfile.ZipInfo], path: Path) -> None:
    if len(entries) > MOST_ENTRIES:
        raise TooLarge(
            _("The archive has more than {count} files.").format(count=MOST_ENTRIES),
            file=path,
            next_step=_("Unpack it and give the folder, or the one file you need."),
        )
    for info in entries:
        _parts(info, path)
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise _refused(_("The entry {name} of the archive is a link or a device."), info, path)
        if info.flag_bits & 1:
            raise _refused(_("The entry {name} of the archive is locked with a password."), info, path)
        if info.compress_type not in _METHODS:
            raise _refused(_("The entry {name} of the archive is packed in an unusual way."), info, path)


def _parts(info: zipfile.ZipInfo, path: Path) -> list[str]:
    """The steps of an entry's name; raises BadInput where it is absolute, leads upwards or is no file name."""
    name = info.filename.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    bad = name.startswith("/") or ".." in parts or ":" in name or not parts
    if bad or any(len(part.encode()) > 200 for part in parts) or len(parts) > 40 or not name.isprintable():
        raise _refused(_("The entry {name} of the archive leads out of it or is no file name."), info, path)
    return parts


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, path: Path, left: int) -> int:
    """Write one entry; the bytes written. What the archive says of sizes is not believed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    try:
        with archive.open(info) as source, target.open("xb") as out:
            while block := source.read(_BLOCK):
                count += len(block)
                if count > min(left, LARGEST_SCHEMA):
                    raise TooLarge(
                        _(
                            "The archive unpacks to far more than its size, or to files too large for schemas."
                        ),
                        file=path,
                        path=info.filename,
                        next_step=_("Unpack it and give the one file you need."),
                    )
                out.write(block)
    except FileExistsError:
        raise _refused(_("The entry {name} is in the archive twice."), info, path) from None
    except RuntimeError as error:
        raise _damaged(path, str(error)) from None
    return count


def _check_list(path: Path) -> None:
    """Refuse an archive whose list of entries is longer than any set of schemas needs, before it is read."""
    size = check_file(path)
    tail = min(size, 65_536 + 22 + 20 + 56)
    try:
        with path.open("rb") as file:
            file.seek(size - tail, os.SEEK_SET)
            data = file.read(tail)
    except OSError as error:
        raise unreadable(path, error) from None
    at = data.rfind(_END)
    if at < 0 or len(data) < at + 22:
        raise _damaged(path, _("its list of files is missing"))
    listed = struct.unpack_from("<I", data, at + 12)[0]
    if data.find(_LOCATOR_64) >= 0:
        wide = data.find(_END_64)
        if wide < 0 or len(data) < wide + 48:
            raise _damaged(path, _("its list of files is missing"))
        listed = max(struct.unpack_from("<Q", data, wide + 40)[0], 0 if listed == 0xFFFFFFFF else listed)
    if listed > _LARGEST_LIST:
        raise TooLarge(
            _("The archive has more than {count} files.").format(count=MOST_ENTRIES),
            file=path,
            next_step=_("Unpack it and give the folder, or the one file you need."),
        )


def _refused(message: str, info: zipfile.ZipInfo, path: Path) -> BadInput:
    name = "".join(c if c.isprintable() else "?" for c in info.filename)[:200]
    return BadInput(
        message.format(name=name),
        file=path,
        path=name,
        next_step=_("Pack the schemas again with plain file names, or give the folder."),
    )


def _damaged(path: Path, reason: str) -> BadInput:
    return BadInput(
        _("The archive is damaged: {reason}.").format(reason=reason.rstrip(".") or "?"),
        file=path,
        next_step=_("Fetch or pack it again."),
    )
