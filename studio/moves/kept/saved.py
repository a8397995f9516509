"""A move as an activity of an operation: what it does as settings of a file, and read back from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.progress import Progress
from studio.connectors.files.delimited import DelimitedFile
from studio.mapping.model import Transformation
from studio.moves.load import Mapped, Mapper, Request
from studio.moves.maps.transformed import applied
from studio.moves.model import Action, FieldMap, Options
from studio.moves.places import PREFIX, Connected, place_of
from studio.moves.rows.recognise import Formats
from studio.moves.rows.value_fix import Fix
from studio.moves.sources.kinds import Pick
from studio.project.layout import file_of
from studio.project.model import Activity

_T = TypeVar("_T")
KIND = "move"
_DEFAULTS = Options()
_OPTIONS = tuple(one.name for one in fields(Options))
_PICK = ("sheet", "header_row", "table", "query", "bare")
_TEXTS = (
    "action", "object", "key", "connection", "source", "transformation", "encoding", "delimiter", "zone", "results",
    "again", "look_up",
)  # fmt: skip
_KNOWN = frozenset((*_TEXTS, *_PICK, *_OPTIONS, "formats", "fix", "fixes"))


@dataclass(frozen=True)
class SavedMove:
    """A move as a project keeps it. `fixes` are those of the map's columns by field, where they are not asked in words."""

    request: Request
    transformation: str
    connection: str
    fixes: Mapping[str, tuple[Fix, ...]]


def settings_of(request: Request, transformation: str, connection: str, project: Path) -> dict[str, Any]:
    """The settings of the activity that does what `request` asks; what is as by default is left out.

    A source inside the project is named from there, so that the project can be taken elsewhere.
    """
    source = request.place
    if isinstance(request.source, Path) and request.source.resolve().is_relative_to(project.resolve()):
        source = request.source.resolve().relative_to(project.resolve()).as_posix()
    elif isinstance(request.source, Connected) and request.source.project.resolve() == project.resolve():
        source = f"{PREFIX}{request.source.ref}"
    options = {
        name: _text(value)
        for name in _OPTIONS
        if (value := getattr(request.options, name)) != getattr(_DEFAULTS, name)
    }
    entries = request.map.entries if request.map is not None else ()
    found: dict[str, Any] = {
        "action": request.action.value,
        "object": request.object,
        "key": request.key,
        "connection": connection,
        "source": source,
        **{name: _text(getattr(request.pick, name) or "") for name in _PICK},
        "encoding": request.encoding,
        "delimiter": request.delimiter,
        "transformation": transformation,
        "zone": request.formats.zone,
        "formats": dict(request.formats.by_name),
        "fix": list(request.fixes),
        "fixes": {entry.field: [fix.to_data() for fix in entry.fixes] for entry in entries if entry.fixes},
        "results": str(request.results.absolute()) if request.results is not None else "",
        "again": "true" if request.again else "",
        "look_up": "true" if request.look_up else "",
        **options,
    }
    return {name: value for name, value in found.items() if value not in ("", {}, [])}


def read_move(activity: Activity, folder: Path) -> SavedMove:
    """The move an activity of the project in `folder` does; raises BadInput for settings that are none of a move."""
    given = activity.settings
    for name in given:
        if name not in _KNOWN:
            raise _wrong(_("The move of the operation has no setting {name}.").format(name=name))
    text = {name: str(given.get(name) or "") for name in (*_TEXTS, *_PICK)}
    for name in ("action", "object", "source", "connection", "transformation"):
        if not text[name]:
            raise _wrong(_("The move of the operation does not say its {name}.").format(name=name))
    place = place_of(text["source"], folder)
    formats = given.get("formats")
    fix = given.get("fix")
    request = Request(
        _read("action", text["action"], Action),
        text["object"],
        folder / place if isinstance(place, Path) else place,
        key=text["key"],
        org=text["connection"],
        # Only the name: the map is the project's, and an unsaved one is used as it stands in the window.
        map_file=folder / file_of(f"transformations/{text['transformation']}"),
        encoding=text["encoding"],
        delimiter=text["delimiter"],
        pick=Pick(
            text["sheet"],
            _read("header_row", text["header_row"] or "0", int),
            text["table"],
            text["query"],
            bare=text["bare"] == "true",
        ),
        formats=Formats(text["zone"], dict(formats) if isinstance(formats, Mapping) else {}),
        fixes=tuple(map(str, fix)) if isinstance(fix, list) else (),
        options=_options(given),
        results=Path(text["results"]) if text["results"] else None,
        again=text["again"] == "true",
        look_up=text["look_up"] == "true",
    )
    return SavedMove(request, text["transformation"], text["connection"], _fixes(given.get("fixes")))


def mapper_of(saved: SavedMove, transformation: Transformation, folder: Path) -> Mapper:
    """Maps by the project's transformation, the columns' own fixes with it."""

    def mapped(file: Path, source: DelimitedFile, work: Path, progress: Progress | None) -> Mapped:
        found = applied(transformation, folder, file, source, work, progress)
        entries = tuple(
            replace(entry, fixes=saved.fixes[entry.field])
            if entry.field in saved.fixes and entry.constant is None
            else entry
            for entry in found.map.entries
        )
        return replace(found, map=FieldMap(entries))

    return mapped


def _options(given: Mapping[str, Any]) -> Options:
    found: dict[str, Any] = {}
    for name in _OPTIONS:
        if name in given:
            kind: Any = type(getattr(_DEFAULTS, name))
            # What is None by default, such as `compress`, is yes or no where it is said.
            found[name] = _read(name, str(given[name]), _yes if kind in (bool, type(None)) else kind)
    return Options(**found)


def _fixes(given: Any) -> dict[str, tuple[Fix, ...]]:
    if not isinstance(given, Mapping):
        return {}
    try:
        return {str(field): tuple(map(Fix.from_data, fixes)) for field, fixes in given.items()}
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _wrong(_("The fixes of the operation's move cannot be read.")) from error


def _read(name: str, text: str, kind: Callable[[str], _T]) -> _T:
    try:
        return kind(text)
    except ValueError as error:
        raise _wrong(
            _("{name} of the operation's move cannot be {value}.").format(name=name, value=repr(text))
        ) from error


def _yes(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.value if isinstance(value, Enum) else value)


def _wrong(message: str) -> BadInput:
    return BadInput(message, next_step=_("Correct the operation, or save the move as another one."))
