"""The files a DTD consists of: found beside it or through a catalogue, never fetched."""

from __future__ import annotations

import re
from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity, TooLarge
from studio.base.i18n import _
from studio.schema import catalogues
from studio.schema.dtd.model import Entity
from studio.schema.dtd.scanner import Source
from studio.schema.source import LARGEST_SCHEMA, decode, read_bytes
from studio.schema.xsd.locate import inside, locate, nearby

MOST_FILES = 2000
MOST_BYTES = 256 * 1024 * 1024

_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][\w.\-]*)["']""")
_TEXT_DECLARATION = re.compile(r"\s*<\?xml\b.*?\?>", re.DOTALL)


class Files:
    """Loads the modules of a DTD, each once; what is missing is told once and kept in `missing`."""

    def __init__(self, within: Path | None) -> None:
        self.files: list[Path] = []
        self.problems: list[Problem] = []
        self.missing: dict[str, str] = {}
        self.looked_for: list[Path] = []
        self._within = within
        self._known: dict[Path, Source | None] = {}
        self._bytes = 0

    def first(self, path: Path, encoding: str | None) -> Source:
        """The file asked for; raises BadInput where it cannot be read."""
        source = read_source(path, encoding)
        self.files.append(path)
        self._known[path.resolve()] = source
        return source

    def load(self, name: str, entity: Entity) -> Source | None:
        """The text of an external entity, None where it is not here."""
        assert entity.base is not None
        path = self._find(entity, entity.base)
        if path is None:
            self._tell(name, entity)
            return None
        if path not in self._known:
            self._known[path] = None
            self._known[path] = self._read(path)
        return self._known[path]

    def _find(self, entity: Entity, base: Path) -> Path | None:
        system = (entity.system or "").strip()
        try:
            found = locate(system, base) if system else None
            if found is None:
                found = catalogues.resolve(entity.public, system, base, within=self._within)
            if found is None and system:
                found = nearby(system, base)
        except ValueError:
            # Brackets where no address has them.
            return None
        if found is not None and not inside(found, self._within):
            return None
        return found

    def _read(self, path: Path) -> Source | None:
        try:
            if len(self._known) > MOST_FILES or self._bytes > MOST_BYTES:
                raise TooLarge(
                    _("The schema has more than {limit} files.").format(limit=MOST_FILES), file=path
                )
            source = read_source(path)
        except BadInput as error:
            self.problems.append(
                Problem(Severity.WARNING, error.message, str(path), error.line, mend=error.next_step)
            )
            return None
        self._bytes += len(source.text)
        self.files.append(path)
        return source

    def _tell(self, name: str, entity: Entity) -> None:
        said = entity.system or entity.public or name
        if said in self.missing:
            return
        reason = _("The module {name} is not here.").format(name=said)
        self.missing[said] = reason
        if entity.base is not None and entity.system:
            self.looked_for.append(entity.base.parent / entity.system.rpartition("/")[2])
        self.problems.append(
            Problem(
                Severity.WARNING,
                reason,
                entity.spot.file,
                entity.spot.line,
                mend=_(
                    "Put it beside the DTD, or name it in a catalogue; nothing is fetched from a network."
                ),
            )
        )


def read_source(path: Path, encoding: str | None = None) -> Source:
    """A file's text in the encoding it declares; raises BadInput for one it is not in."""
    data = read_bytes(path, LARGEST_SCHEMA)
    declared = _DECLARED.match(data)
    if encoding is None and declared is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = declared[1].decode("ascii")
    text = decode(data, encoding, file=path)[0].replace("\r\n", "\n").replace("\r", "\n")
    head = _TEXT_DECLARATION.match(text)
    if head is not None:
        # Blank, so that the lines stay what they are.
        text = "\n" * head[0].count("\n") + text[head.end() :]
    return Source(path, text)
