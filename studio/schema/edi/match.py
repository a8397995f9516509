"""A message beside its definition: which of several definitions it follows, and where its segments stand in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.base.records import dataclass
from studio.schema.edi.reader import read_edi
from studio.schema.edi.sample import identity, read_text, split_head
from studio.schema.edi.split import Delimiters, Segment, find_delimiters, segments, told
from studio.schema.flat.walk import Placed, Walker
from studio.schema.model import Schema


@dataclass(frozen=True)
class Placing:
    """The segments of a message with their places in a definition, and what does not fit it."""

    segments: tuple[Placed, ...]
    problems: tuple[Problem, ...]


def place_segments(text: str, definition: Schema, file: str | None = None) -> Placing:
    """Each segment of a whole message in the tree of its definition; what has no place is a located problem.

    A message without envelope is read with the delimiters its definition gives.
    """
    found = tuple(segments(text, delimiters_of(text, definition, file)))
    walker = Walker(definition.roots, told, file)
    placed = tuple(walker.place(found))
    return Placing(placed, tuple(walker.problems))


def delimiters_of(text: str, definition: Schema, file: str | None = None) -> Delimiters:
    """The delimiters a message says itself, else those of its definition."""
    start = text.lstrip("\ufeff \t\r\n")[:3]
    facts = definition.facts
    if start not in ("ISA", "UNA", "UNB") and facts.get("segment") and facts.get("element"):
        return Delimiters(
            facts.get("standard", "own"),
            facts["element"],
            facts.get("component", "") or "\0",
            facts["segment"],
            facts.get("repetition", ""),
            facts.get("release", ""),
        )
    return find_delimiters(text, file)


def best_definition(found: Sequence[Segment], standard: str, definitions: Iterable[Schema]) -> Schema | None:
    """The definition of the messages in a file: the same transaction, best in the same version; None without one."""
    known = identity(list(found))
    transactions, versions = (set(known[key].split("\n")) - {""} for key in ("transaction", "version"))
    best: tuple[int, Schema] | None = None
    for one in definitions:
        if one.facts.get("standard") != standard or not transactions & set(
            one.facts.get("transaction", "").split("\n")
        ):
            continue
        version = one.facts.get("version", "")
        score = 3 if versions & set(version.split("\n")) else 1 if version else 2
        if best is None or score > best[0]:
            best = (score, one)
    return best[1] if best else None


def read_with_definition(sample: Path, definitions: Sequence[Path], *, encoding: str | None = None) -> Schema:
    """The tree of the definition a message follows, with the delimiters of the message and the problems of both.

    Where none of the definitions fits, the tree of the message by position, with a warning. Raises BadInput where the
    message or a definition cannot be read.
    """
    known = [read_edi(path) for path in definitions]
    text, name, cut = read_text(sample, encoding)
    # A message without envelope says nothing of itself: it follows the definition that brings its delimiters.
    bare = next(
        (one for one in known if one.facts.get("standard") == "own" and one.facts.get("segment")), None
    )
    delimiters = delimiters_of(text, bare, str(sample)) if bare else find_delimiters(text, str(sample))
    found = split_head(text, delimiters, cut)
    chosen = bare if delimiters.standard == "own" else best_definition(found, delimiters.standard, known)
    if chosen is None:
        schema = read_edi(sample, encoding=encoding)
        kinds = identity(found)
        missing = Problem(
            Severity.WARNING,
            _(
                "None of the definitions is one of {transaction} {version}, so the message is shown by position."
            ).format(
                transaction=kinds["transaction"].replace("\n", ", "),
                version=kinds["version"].replace("\n", ", "),
            ),
            str(sample),
            1,
            mend=_("Add the definition of this message."),
        )
        told_already = tuple(one for one in schema.problems if one.severity is not Severity.NOTE)
        return replace(schema, problems=(*told_already, missing))
    walker = Walker(chosen.roots, told, str(sample))
    for _placed in walker.place(found):
        pass
    problems = [
        one for one in walker.problems if not cut or (one.line or 0) < (found[-1].line if found else 0)
    ]
    facts = {**chosen.facts, **delimiters.facts(), "encoding": name}
    return replace(
        chosen,
        files=(*chosen.files, str(sample)),
        problems=(*chosen.problems, *problems, *_other_version(chosen, found, sample)),
        facts=facts,
    )


def _other_version(chosen: Schema, found: list[Segment], sample: Path) -> tuple[Problem, ...]:
    here, there = identity(found)["version"], chosen.facts.get("version", "")
    if not there or set(here.split("\n")) & set(there.split("\n")):
        return ()
    return (
        Problem(
            Severity.WARNING,
            _("The message is of version {found}, the definition of {version}.").format(
                found=here.replace("\n", ", "), version=there.replace("\n", ", ")
            ),
            str(sample),
            1,
            mend=_("Use the definition of the message's version if there is one."),
        ),
    )
