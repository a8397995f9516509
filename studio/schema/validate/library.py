"""The xmlschema library kept inside: it loads the files our reader found, nothing from elsewhere, and says lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree
from xmlschema.loaders import SchemaLoader
from xmlschema.utils.urls import normalize_url
from xmlschema.validators.exceptions import XMLSchemaValidatorError

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.validate.files import Files
from studio.schema.validate.library_words import rule_in_plain_words
from studio.schema.xml_source import Element, line_of

_CLASSES = {"1.0": xmlschema.XMLSchema10, "1.1": xmlschema.XMLSchema11}


class Built:
    """A schema as the library sees it, and what it has against it. `schema` is None where it could not be built."""

    def __init__(self, files: Files, paths: list[Path], version: str) -> None:
        self._files = files
        self._paths = paths
        self._class = _CLASSES[version]
        self._lines: dict[Any, tuple[Path, int | None]] = {}
        self.schema: Any = None

    def problems(self) -> Iterator[Problem]:
        """Every rule of XML Schema that the schema breaks, each with file and line."""
        error = self._strictly()
        if error is None:
            return
        found = list(self._all()) or [error]
        told: set[tuple[object, ...]] = set()
        for one in found:
            problem = self.problem(one)
            key = (problem.file, problem.line, problem.message)
            if key not in told:
                told.add(key)
                yield problem

    def build(self) -> Any:
        """The library's schema, made as well as it can be in spite of errors; None where it cannot be made."""
        try:
            self.schema = self._make("lax")
        except MemoryError:
            raise
        except Exception:  # the library has mistakes of its own; what trips it up is seldom in order
            self.schema = None
        return self.schema

    def _strictly(self) -> Exception | None:
        try:
            self.schema = self._make("strict")
        except MemoryError:
            raise
        except Exception as error:  # one of its own errors as well as what it stumbles over
            return error
        return None

    def _all(self) -> list[Exception]:
        schema = self.build()
        return list(schema.maps.all_errors) if schema is not None else []

    def _make(self, validation: str) -> Any:
        return self._class(
            [str(path) for path in self._paths],
            validation=validation,
            loader_class=_loader(self._files),
            allow="local",
            defuse="always",
            use_fallback=False,
        )

    def problem(self, error: Exception) -> Problem:
        """An error of the library as a located problem."""
        file, line = self._place(error)
        reason = error.message if isinstance(error, XMLSchemaValidatorError) else str(error)
        message, mend = rule_in_plain_words(" ".join(reason.split()))
        return Problem(Severity.ERROR, message, self._files.closure.shown(file), line, mend=mend)

    def _place(self, error: Exception) -> tuple[Path, int | None]:
        element = getattr(error, "elem", None)
        url = getattr(getattr(error, "source", None), "url", None) or getattr(error, "schema_url", None)
        path = (self._files.at(url) if url else None) or self._paths[0]
        if element is None:
            return path, 1
        place = self._line(element, getattr(error, "source", None), path)
        return place or (path, 1)

    def _line(self, element: Any, source: Any, path: Path) -> tuple[Path, int | None] | None:
        """The line of an element of the library's: the element at the same place of our own tree has it."""
        root = getattr(source, "root", None)
        if root is not None and element not in self._lines:
            self._learn(root, path)
        if element not in self._lines and self.schema is not None:
            for schema in self.schema.maps.iter_schemas():
                file = self._files.at(schema.source.url or "")
                if file is not None:
                    self._learn(schema.source.root, file)
        return self._lines.get(element)

    def _learn(self, root: Any, path: Path) -> None:
        if root in self._lines:
            return
        ours = _numbered(self._files, path)
        theirs = [element for element in root.iter() if isinstance(element.tag, str)]
        if len(ours) != len(theirs):
            self._lines[root] = (path, 1)
            return
        for element, line in zip(theirs, ours, strict=True):
            self._lines[element] = (path, line)


def _numbered(files: Files, path: Path) -> list[int | None]:
    root: Element | None = files.closure.parse(path)
    return [] if root is None else [line_of(element) for element in root.iter(etree.Element)]


def _loader(files: Files) -> type[SchemaLoader]:
    class Loader(SchemaLoader):  # type: ignore[misc, unused-ignore]
        """Loads what our reader found; for everything else it says that there is no such file."""

        def load_schema(
            self,
            source: Any,
            namespace: str | None = None,
            base_url: str | None = None,
            build: bool = False,
            partial: bool = False,
        ) -> Any:
            """The schema of a known file."""
            if isinstance(source, str):
                path = files.at(normalize_url(source, base_url))
                if path is None:
                    raise FileNotFoundError(_("{location} was not loaded.").format(location=source))
                source = str(path)
            return super().load_schema(source, namespace, base_url, build, partial)

    return Loader
