"""A folder or an archive of schemas as one schema: the file nothing else refers to is where it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from studio.base import paths
from studio.base.errors import BadInput, Problem, Severity, TooLarge, WeftError
from studio.base.i18n import _, ngettext
from studio.schema.archive import unpack
from studio.schema.model import Schema
from studio.schema.read import read_schema, recognise
from studio.schema.wsdl.reader import read_wsdl
from studio.schema.xml_source import Element, parse_schema
from studio.schema.xsd.locate import locate
from studio.schema.xsd.reader import read_xsd

MOST_FILES = 4000
_DEEPEST = 30
# What describes comes before what is only an example of it.
_ORDER = ("wsdl", "xsd", "openapi", "json-schema", "dtd", "avro", "protobuf", "weft")
_SKIPPED = frozenset(
    (".txt", ".md", ".html", ".htm", ".pdf", ".png", ".jpg", ".gif", ".java", ".class", ".jar")
)
_REFERRING = frozenset(("import", "include", "redefine", "override"))


def read_set(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema of a folder, or of a zip archive, which is unpacked into the cache.

    Service descriptions go before schemas, those before other kinds. With several files to start from the roots of all
    are shown, and a note says which they are. Raises BadInput where nothing in it is a schema.
    """
    if path.is_dir():
        schema = _read_folder(path, path, encoding, within)
    else:
        folder = unpack(path, paths.cache_folder() / "sets")
        schema = _read_folder(folder, path, encoding, folder)
    # The folder's or archive's own time tells that a file has come or gone.
    looked_for = "\n".join(filter(None, (str(path), schema.facts.get("looked_for", ""))))
    return replace(schema, facts={**schema.facts, "looked_for": looked_for})


def _read_folder(folder: Path, asked: Path, encoding: str | None, within: Path | None) -> Schema:
    kinds = _kinds(folder, asked)
    kind = next((one for one in _ORDER if one in kinds.values()), None) or next(iter(kinds.values()), None)
    if kind is None:
        raise BadInput(
            _("There is no schema in it."),
            file=asked,
            next_step=_("Give a folder or archive with .xsd, .wsdl or other schema files."),
        )
    files = [file for file, one in kinds.items() if one == kind]
    if kind not in ("wsdl", "xsd"):
        schema = read_schema(files[0], kind=kind, encoding=encoding, within=within)
        return _said(schema, files[:1], files, asked)
    starts, free = _starts(files, [file for file, one in kinds.items() if one in ("wsdl", "xsd")])
    reader = read_wsdl if kind == "wsdl" else read_xsd
    schema = reader(starts[0], encoding=encoding, within=within, beside=tuple(starts[1:] + free))
    return _said(schema, starts, files, asked)


def _said(schema: Schema, starts: list[Path], files: list[Path], asked: Path) -> Schema:
    """The schema with a note on which files it starts from, where that is not plain."""
    names = ", ".join(file.name for file in starts[:5]) + (", …" if len(starts) > 5 else "")
    if len(starts) > 1:
        message = ngettext(
            "{count} file is referred to by no other: {names}. The roots of all are shown.",
            "{count} files are referred to by no other: {names}. The roots of all are shown.",
            len(starts),
        )
    elif len(files) > 1 and schema.kind not in ("wsdl", "xsd"):
        message = _("Of {count} schemas in it, {names} is shown.")
        starts = files
    else:
        return schema
    note = Problem(
        Severity.NOTE,
        message.format(count=len(starts), names=names),
        str(asked),
        mend=_("Give one of the files to see only that."),
    )
    return replace(schema, problems=(note, *schema.problems))


def _kinds(folder: Path, asked: Path) -> dict[Path, str]:
    """The files of a folder that are of some kind, in the order of their names, those nearer to the top first."""
    found: dict[Path, str] = {}
    for file in _files(folder, asked):
        try:
            kind = recognise(file)
        except WeftError:
            continue
        if kind in _ORDER or file.suffix.lower() not in _SKIPPED:
            found[file] = kind
    return found


def _files(folder: Path, asked: Path) -> list[Path]:
    """The regular files below a folder; links are not followed."""
    found: list[Path] = []
    waiting = [(folder, 0)]
    while waiting:
        at, depth = waiting.pop(0)
        for item in _listed(at):
            if item.name.startswith(".") or item.is_symlink():
                continue
            if item.is_dir() and depth < _DEEPEST:
                waiting.append((item, depth + 1))
            elif item.is_file():
                found.append(item)
            if len(found) + len(waiting) > MOST_FILES:
                raise TooLarge(
                    _("The folder has more than {count} files.").format(count=MOST_FILES),
                    file=asked,
                    next_step=_("Give a smaller folder, or the one file you need."),
                )
    return found


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _starts(files: list[Path], all_files: list[Path]) -> tuple[list[Path], list[Path]]:
    """The files of the kind no other file refers to, and the other kind's files nothing leads to.

    Where all refer to each other in a ring, its first file by name is taken.
    """
    leads = {file.resolve(): _led_to(file) for file in all_files}
    referred = {target for source, targets in leads.items() for target in targets if target != source}
    reached: set[Path] = set()
    starts = [file for file in files if file.resolve() not in referred]
    for file in starts:
        _reach(file.resolve(), leads, reached)
    for file in files:
        if file.resolve() not in reached:
            starts.append(file)
            _reach(file.resolve(), leads, reached)
    return starts, [file for file in all_files if file not in files and file.resolve() not in reached]


def _reach(file: Path, leads: dict[Path, set[Path]], reached: set[Path]) -> None:
    waiting = [file]
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            waiting += leads.get(at, ())


def _led_to(file: Path) -> set[Path]:
    """The local files a schema or service description refers to."""
    try:
        root = parse_schema(file)
    except WeftError:
        return set()
    return {found for location in _locations(root) if (found := locate(location, file)) is not None}


def _locations(root: Element) -> Iterator[str]:
    for element in root.iter():
        tag = element.tag
        if str(tag).rpartition("}")[2] in _REFERRING:
            location = element.get("schemaLocation") or element.get("location")
            if location:
                yield location
