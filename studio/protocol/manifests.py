"""A manifest: every path of a revision with its content's hash and size, in one canonical form that has a hash itself.

Paths are kept to what every system can write: what two of them would fold into one file is refused.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.protocol import limits

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\\u2028\u2029\ud800-\udfff]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)", re.IGNORECASE)
_LOCAL = ".weft"  # caches, history, locks: of one computer only
_HEADER = b"weft manifest 1\n"


class BadManifest(BadInput):
    """A manifest, or a path in it, cannot be kept; `code` says which rule it breaks."""

    def __init__(self, code: str, message: str, *, path: str | None = None, next_step: str = "") -> None:
        super().__init__(message, path=path, next_step=next_step)
        self.code = code


@dataclass(frozen=True, slots=True)
class Content:
    """What is at a path: SHA-256 of the bytes (64 hexadecimal digits) and their number."""

    hash: str
    size: int


Manifest = Mapping[str, Content]


@dataclass(frozen=True)
class Difference:
    """What leads from one manifest to another: paths in order, contents as they are afterwards."""

    added: dict[str, Content]
    changed: dict[str, Content]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def check_path(path: str) -> None:
    """Raise BadManifest when a path cannot be written, or means another file, on some system."""
    parts = path.split("/")
    if not path or any(part in ("", ".", "..") for part in parts):
        raise _bad(path, "path_not_inside", _("A path must lead to a file inside the project."))
    if _FORBIDDEN.search(path):
        raise _bad(path, "path_characters", _("A path holds a character that some systems cannot write."))
    if unicodedata.normalize("NFC", path) != path:
        raise _bad(path, "path_not_composed", _("A path must be in composed Unicode form (NFC)."))
    if any(part.endswith((".", " ")) or part.startswith(" ") or _RESERVED.match(part) for part in parts):
        raise _bad(
            path, "path_reserved", _("A path has a name that Windows keeps for itself or cannot write.")
        )
    if parts[0].casefold() == _LOCAL:
        raise _bad(path, "path_local", _("The folder .weft belongs to one computer and is never uploaded."))
    _check_length(path, parts)


def _check_length(path: str, parts: list[str]) -> None:
    if len(parts) > limits.PATH_DEPTH or len(path.encode()) > limits.PATH_BYTES:
        raise _bad(
            path[:80],
            "path_too_long",
            _("A path may have {bytes} bytes and {depth} folders at most.").format(
                bytes=limits.PATH_BYTES, depth=limits.PATH_DEPTH
            ),
        )
    if any(len(part.encode()) > limits.NAME_BYTES for part in parts):
        raise _bad(
            path[:80],
            "path_too_long",
            _("A name in a path may have {bytes} bytes at most.").format(bytes=limits.NAME_BYTES),
        )


def check(manifest: Manifest, before: Manifest | None = None) -> None:
    """Raise BadManifest for the first thing no project may hold; what `before` held already is known to be right."""
    if len(manifest) > limits.OBJECTS:
        raise BadManifest(
            "too_many_objects",
            _("A project may hold {limit} files; this one has {count}.").format(
                limit=limits.OBJECTS, count=len(manifest)
            ),
            next_step=_("Leave files out that the project does not need, or split it in two."),
        )
    known = before or {}
    total = 0
    for path, content in manifest.items():
        total += content.size
        if known.get(path) != content:
            check_path(path)
            _check_size(path, content)
    if total > limits.PROJECT_BYTES:
        raise BadManifest(
            "project_too_large",
            _("A project may hold {limit} bytes; this one has {count}.").format(
                limit=limits.PROJECT_BYTES, count=total
            ),
            next_step=_("Leave large files out of the upload."),
        )
    if manifest.keys() - known.keys():
        _check_clashes(manifest)


def _check_size(path: str, content: Content) -> None:
    if content.size > limits.UPLOAD_BYTES:
        raise BadManifest(
            "object_too_large",
            _("A file may have {limit} bytes; this one has {size}.").format(
                limit=limits.UPLOAD_BYTES, size=content.size
            ),
            path=path,
        )
    if path.partition("/")[0] in limits.TEST_DATA_FOLDERS and content.size > limits.TEST_DATA_BYTES:
        raise BadManifest(
            "test_data_too_large",
            _("Test data in the repository may have {limit} bytes; this file has {size}.").format(
                limit=limits.TEST_DATA_BYTES, size=content.size
            ),
            path=path,
            next_step=_("Make the sample smaller, or leave samples out of uploads."),
        )


def _check_clashes(manifest: Manifest) -> None:
    """Two names that differ in case only are one on Windows and macOS; a file cannot be a folder as well."""
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for path in manifest:
        parts = path.split("/")
        for depth in range(len(parts) - 1, 0, -1):
            folder = "/".join(parts[:depth])
            if folder in folders:
                break
            folders.add(folder)
    for name in (*folders, *manifest):
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        other = seen.setdefault(folded, name)
        if other != name:
            raise _bad(
                name, "path_case_clash", _("Two paths differ in case only: {other}.").format(other=other)
            )
    both = next((path for path in manifest if path in folders), None)
    if both is not None:
        raise _bad(both, "path_file_and_folder", _("A path is a file and a folder at once."))


def _bad(path: str, code: str, message: str) -> BadManifest:
    shown = path.encode("utf-8", "backslashreplace").decode()
    return BadManifest(code, message, path=shown, next_step=_("Rename the file and push again."))


def canonical(manifest: Manifest) -> bytes:
    """The one form of a manifest: a line `hash size path` for each path, by the bytes of the path."""
    return _HEADER + b"".join(_lines(manifest))


def _lines(manifest: Manifest) -> Iterator[bytes]:
    for name, content in sorted((path.encode(), content) for path, content in manifest.items()):
        yield b"%s %d %s\n" % (content.hash.encode(), content.size, name)


def parsed(data: bytes) -> dict[str, Content]:
    """The manifest of a canonical form; raises BadManifest where it is not exactly that."""
    manifest: dict[str, Content] = {}
    try:
        if not data.startswith(_HEADER):
            raise ValueError("no header")
        for line in data[len(_HEADER) :].split(b"\n")[:-1]:
            digest, size, name = line.decode().split(" ", 2)
            manifest[name] = Content(digest, int(size))
        if canonical(manifest) != data:
            raise ValueError("not canonical")
    except ValueError as error:
        raise BadManifest("manifest_damaged", _("This is not a manifest in its canonical form.")) from error
    return manifest


def tree_hash(manifest: Manifest) -> str:
    """SHA-256 of the canonical form: equal exactly where two manifests are."""
    return hashlib.sha256(canonical(manifest)).hexdigest()


def difference(before: Manifest, after: Manifest) -> Difference:
    """What was added, changed and removed between two manifests."""
    added = {path: after[path] for path in sorted(after.keys() - before.keys())}
    changed = {
        path: after[path] for path in sorted(after.keys() & before.keys()) if after[path] != before[path]
    }
    return Difference(added, changed, tuple(sorted(before.keys() - after.keys())))


def applied(before: Manifest, put: Mapping[str, Content], removed: Iterable[str]) -> dict[str, Content]:
    """The manifest after a change; a path to remove that is not there is an error of whoever made the change."""
    after = dict(before)
    for path in removed:
        if path not in before or path in put:
            raise _bad(path, "not_there_to_remove", _("A path to remove is not in the revision before."))
        after.pop(path, None)
    after.update(put)
    return after


def hash_of(data: bytes) -> str:
    """The name of a content: SHA-256 of its bytes."""
    return hashlib.sha256(data).hexdigest()
