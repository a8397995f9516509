"""DTD files as schemas: every element is a root, those that stand in no other element first."""

from __future__ import annotations

from pathlib import Path

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.dtd.declarations import Declarations
from studio.schema.dtd.files import Files
from studio.schema.dtd.parser import parse_file
from studio.schema.dtd.tree import Tree, used_in
from studio.schema.model import WILDCARD, Kind, Node, Schema

_MOST_PROBLEMS = 200


def read_dtd(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The schema in a DTD and its modules, found beside it or through a catalogue; nothing is fetched.

    A document whose DOCTYPE declares elements serves too. `within` is the folder no module may leave. Raises BadInput
    when the file itself cannot be used, TooLarge where its entities grow without end.
    """
    parser, files = parse_file(path, encoding=encoding, within=within)
    declarations = parser.declarations
    tree = Tree(declarations, files.missing)
    roots = tree.roots()
    problems = [*files.problems, *parser.problems]
    if not roots:
        roots = _missing_roots(files)
        if not roots:
            raise _nothing(path, problems)
        problems.append(
            Problem(
                Severity.WARNING,
                _("The DTD declares no element: its declarations stand in modules that are not here."),
                str(path),
                mend=_("Put the modules beside it, or name them in a catalogue."),
            )
        )
    return Schema(
        "dtd",
        roots,
        files=tuple(map(str, files.files)),
        problems=tuple(problems),
        namespaces=tree.namespaces,
        facts={"looked_for": "\n".join(map(str, files.looked_for))} if files.looked_for else {},
        inspect=lambda: _undeclared(declarations, files),
    )


def _missing_roots(files: Files) -> tuple[Node, ...]:
    """A DTD whose elements all stand in modules that are not here: one mark for each of them."""
    return tuple(
        Node(
            said if "//" in said and "://" not in said else said.rpartition("/")[2] or said,
            Kind.ANY,
            WILDCARD,
            unresolved=reason,
        )
        for said, reason in files.missing.items()
    )


def _nothing(path: Path, problems: list[Problem]) -> BadInput:
    first = problems[0] if problems else None
    return BadInput(
        first.message if first else _("The DTD declares no element, so there is nothing to show."),
        file=path,
        line=first.line if first else None,
        next_step=_("Read the DTD that uses {name}.").format(name=path.name),
    )


def _undeclared(declarations: Declarations, files: Files) -> tuple[Problem, ...]:
    """Elements that content models name and nothing declares, and attributes of none; a missing module explains them."""
    if files.missing:
        return ()
    found: list[Problem] = []
    for name, users in used_in(declarations).items():
        if name not in declarations.elements:
            first = declarations.elements[users[0]]
            message = _("The element {name} is used in a content model but not declared; uses: {count}.")
            found.append(
                Problem(
                    Severity.WARNING,
                    message.format(name=name, count=len(users)),
                    first.spot.file,
                    first.spot.line,
                    mend=_("Check the spelling, or declare it."),
                )
            )
    return tuple(found[:_MOST_PROBLEMS])
