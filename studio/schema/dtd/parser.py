"""Reads the declarations of a DTD in order, through its modules and conditional sections."""

from __future__ import annotations

import re
from pathlib import Path

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.dtd.attributes import with_characters
from studio.schema.dtd.declarations import AttributeLists, Declarations, Element
from studio.schema.dtd.files import Files
from studio.schema.dtd.model import Entity, Spot
from studio.schema.dtd.scanner import NAME, Scanner, Source

_NEXT = re.compile(
    rf"\s*(?:(?P<comment><!--)|(?P<pi><\?)|(?P<section><!\[)|<!(?P<word>[A-Za-z]+)(?=[\s%>])|%(?P<pe>{NAME});|(?P<end>\]\]>)"
    r"|(?P<close>\]\s*>))"
)
_SPACE = re.compile(r"\s+")
_KEYWORD = re.compile(rf"\s*(?:%(?P<pe>{NAME});|(?P<word>[A-Za-z]+))\s*")
_BRACKET = re.compile(r"\s*\[")
_DOCTYPE = re.compile(
    rf"\s*<!DOCTYPE\s+(?P<name>{NAME})\s*(?:(?:SYSTEM|PUBLIC\s*(?P<public>\"[^\"]*\"|'[^']*'))\s*"
    r"(?P<system>\"[^\"]*\"|'[^']*')?)?\s*(?P<open>\[)?",
)
_ENTITY = re.compile(rf"\s*(?P<pe>%\s+)?(?P<name>{NAME})\s+(?P<rest>.*)", re.DOTALL)
_QUOTED = re.compile(r"\x01(\d+)\x02")
_MOST_PROBLEMS = 100


class Parser:
    """Fills `declarations`; what is wrong is among the problems, and reading goes on behind it."""

    def __init__(self, files: Files) -> None:
        self.declarations = Declarations()
        self.problems: list[Problem] = []
        self._files = files
        self._scanner = Scanner(self.declarations.entities.get, files.load)

    def read(self, source: Source) -> None:
        """Read a file: a DTD, or a document whose type definition is inside it (then what follows it is left out)."""
        start = _prolog_end(source.text)
        match = _DOCTYPE.match(source.text, start)
        if match is None:
            self._scanner.open(source)
            self._declarations()
            self._tell_names()
            return
        self.declarations.root = match["name"]
        spot = Spot(str(source.path), source.line(match.start("name")))
        if match["open"]:
            self._scanner.open(source, match.end())
            self._declarations(internal=True)
        if match["system"] or match["public"]:
            public, system = (text[1:-1] if text else None for text in (match["public"], match["system"]))
            outside = self._files.load(match["name"], Entity(None, public, system, source.path, spot))
            if outside is not None:
                self._scanner = Scanner(self.declarations.entities.get, self._files.load)
                self._scanner.open(outside)
                self._declarations()
        self._tell_names()

    def _declarations(self, *, internal: bool = False) -> None:
        scanner = self._scanner
        while not scanner.ended():
            match = scanner.match(_NEXT)
            if match is None:
                if scanner.match(_SPACE) is None:
                    self._stray()
            elif match["comment"]:
                if not scanner.skip_to("-->"):
                    self._say(_("A comment that starts here is never closed."))
            elif match["pi"]:
                scanner.skip_to("?>")
            elif match["section"]:
                self._section()
            elif match["word"]:
                self._declaration(match["word"].upper())
            elif match["pe"]:
                scanner.enter(match["pe"])
            elif match["close"] and internal and scanner.depth == 1:
                return

    def _stray(self) -> None:
        """Text that is no declaration: told once, then passed up to where one may start."""
        scanner = self._scanner
        if scanner.ended():
            return
        self._say(_("A declaration is expected here."))
        scanner.skip()
        while not scanner.ended() and scanner.match(_STRAY) is not None:
            pass

    def _section(self) -> None:
        scanner = self._scanner
        depth = scanner.depth
        word = ""
        while not word:
            match = scanner.match(_KEYWORD)
            if match is None:
                break
            if match["pe"]:
                scanner.enter(match["pe"])
            else:
                word = match["word"].upper()
        while scanner.depth > depth and scanner.match(_BRACKET) is None:
            scanner.skip()
        if scanner.depth == depth:
            scanner.match(_BRACKET)
        # A word whose entity is missing: what is inside is shown rather than hidden.
        if word in ("IGNORE", "CDATA", "RCDATA") and not scanner.skip_ignored():
            self._say(_("A section that starts here is never closed."))

    def _declaration(self, word: str) -> None:
        spot = self._scanner.spot
        found = self._scanner.declaration()
        if found is None:
            self._say(_("The declaration that starts here is never closed."), spot)
            return
        text, quoted, lost = found
        if word == "ELEMENT":
            self._element(text, lost, spot)
        elif word == "ATTLIST":
            self._attributes(text, quoted, spot)
        elif word == "ENTITY":
            self._entity(text, quoted, spot)
        elif word not in ("NOTATION", "DOCTYPE", "SHORTREF", "USEMAP"):
            self._say(_("There is no declaration called {name}.").format(name=word), spot)

    def _element(self, text: str, lost: tuple[str, ...], spot: Spot) -> None:
        names, rest = _names_at_start(text)
        if not names:
            if not lost:
                self._say(_("This declaration names no element."), spot)
            return
        for name in names:
            before = self.declarations.elements.get(name)
            if before is None:
                self.declarations.elements[name] = Element(name, rest, spot, lost)
            elif before.text.split() != rest.split():
                self._say(
                    _("The element {name} is declared again; the first declaration counts.").format(
                        name=name
                    ),
                    spot,
                )

    def _attributes(self, text: str, quoted: list[str], spot: Spot) -> None:
        names, rest = _names_at_start(text)
        for name in names:
            self.declarations.attributes.setdefault(name, AttributeLists()).add(rest, quoted, spot)

    def _entity(self, text: str, quoted: list[str], spot: Spot) -> None:
        match = _ENTITY.match(text)
        if match is None or not match["pe"]:
            # Entities for texts in documents say nothing about the tree.
            return
        name, rest = match["name"], match["rest"].lstrip()
        if name in self.declarations.entities:
            return
        literals = [quoted[int(number)] for number in _QUOTED.findall(rest)]
        word = rest[:6].upper()
        if word == "SYSTEM" and literals:
            entity = Entity(None, None, literals[0], self._scanner.path, spot)
        elif word == "PUBLIC" and literals:
            system = literals[1] if len(literals) > 1 else None
            entity = Entity(None, literals[0], system, self._scanner.path, spot)
        else:
            value = self._scanner.put_in(literals[0]) if literals else ""
            entity = Entity(with_characters(value), spot=spot)
        self.declarations.entities[name] = entity

    def _tell_names(self) -> None:
        """Entities without a declaration: one message, none where a missing module explains them."""
        undeclared, looping = self._scanner.undeclared, self._scanner.looping
        if undeclared and not self._files.missing:
            name, spot = next(iter(undeclared.items()))
            self._say(
                _("The entity {name} is used but not declared; entities like this: {count}.").format(
                    name=f"%{name};", count=len(undeclared)
                ),
                spot,
            )
        for name, spot in looping.items():
            self._say(_("The entity {name} refers to itself.").format(name=f"%{name};"), spot)

    def _say(self, message: str, spot: Spot | None = None) -> None:
        spot = spot or self._scanner.spot
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(
                Problem(
                    Severity.WARNING, message, spot.file, spot.line, mend=_("Correct this line of the DTD.")
                )
            )


_STRAY = re.compile(r"[^<%\]\s]+|\](?!\]>)")


def _prolog_end(text: str) -> int:
    """Where a DOCTYPE may stand: behind comments, processing instructions and blanks."""
    at = 0
    while True:
        at += len(text[at : at + 100_000]) - len(text[at : at + 100_000].lstrip("\ufeff \t\n"))
        closing = "-->" if text.startswith("<!--", at) else "?>" if text.startswith("<?", at) else ""
        end = text.find(closing, at) if closing else -1
        if end < 0:
            return at
        at = end + len(closing)


def _names_at_start(text: str) -> tuple[list[str], str]:
    """The name a declaration starts with (SGML: a group of names) and the rest."""
    text = text.strip()
    if text.startswith("("):
        inside, _close, rest = text[1:].partition(")")
        return [name for name in re.split(r"[\s|]+", inside) if name], rest
    match = re.match(r"[^\s()|,?*+\x01#]+", text)
    return ([match[0]], text[match.end() :]) if match else ([], text)


def parse_file(
    path: Path, *, encoding: str | None = None, within: Path | None = None
) -> tuple[Parser, Files]:
    """A DTD with all its modules; raises BadInput where the file itself cannot be read, TooLarge for bombs."""
    files = Files(within)
    parser = Parser(files)
    parser.read(files.first(path, encoding))
    return parser, files
