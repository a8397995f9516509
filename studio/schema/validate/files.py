"""The files of a schema as our own reader found them: what libraries may load, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from studio.base.errors import BadInput, Problem
from studio.schema.validate.report import as_problem
from studio.schema.xml_source import Element, parse_schema
from studio.schema.xsd.closure import Closure


@dataclass
class Files:
    """Schema files and all they refer to.

    `known` are the files that may be loaded, `problems` what our reader found wrong with them. A location is looked up
    as our reader resolved it, so that a library sees the same files whatever it would make of the location itself.
    """

    closure: Closure
    known: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    _joined: dict[str, Path] = field(default_factory=dict)

    def learn(self) -> None:
        """Take over what our reader has found."""
        self.known = {path.resolve() for path in self.closure.files}
        self.problems += self.closure.problems
        for (user, location), found in self.closure.found.items():
            self._joined[_normal(user.parent / location)] = found
            self._joined[location] = found

    def at(self, address: str) -> Path | None:
        """The file for a location joined with the address of the file it stands in; None for all others."""
        path = _path(address)
        if path is None:
            return self._joined.get(address)
        known = self._joined.get(_normal(path))
        return known or (path.resolve() if path.resolve() in self.known else None)

    def located(self, location: str) -> bool:
        """A file was found for a location as it is written."""
        return location in self._joined


def schema_files(paths: list[Path], *, within: Path | None = None) -> Files:
    """The files of a schema that starts in `paths`; a file that cannot be used is among the problems."""
    closure = Closure(within)
    files = Files(closure)
    for path in paths:
        root = _root(path, files)
        if root is not None:
            closure.start(path, root)
            closure.add(path, root)
    closure.load()
    files.learn()
    return files


def _root(path: Path, files: Files) -> Element | None:
    try:
        return parse_schema(path)
    except BadInput as error:
        files.problems.append(as_problem(error))
        return None


def _path(address: str) -> Path | None:
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(unquote(parts.path)) if parts.netloc in ("", "localhost") else None
    return None if len(parts.scheme) > 1 else Path(unquote(address))


def _normal(path: Path) -> str:
    """The path with its `..` worked out, but no link followed: as an address is joined."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
