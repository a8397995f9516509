"""Whether a move can work at all: the object, the key and the field map against what the org describes."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.connectors.salesforce.describe import ObjectFacts
from studio.moves.judging.rights import may_write, needed, why_shut
from studio.moves.model import Action, Move

_OTHER_DELIMITER = re.compile(r"[,;|\t^`]")


def check_move(move: Move, header: Sequence[str], facts: ObjectFacts, *, columns: bool = True) -> None:
    """Raise BadInput for the first thing that would make the org refuse every row.

    Without `columns`, fields that may not be written pass: the check of the rows tells them with their counts.
    """
    for problem in problems(move, header, facts, columns=columns):
        if problem.severity is Severity.ERROR:
            raise BadInput(problem.message, file=move.source, path=problem.path, next_step=problem.mend)


def problems(
    move: Move, header: Sequence[str], facts: ObjectFacts, *, columns: bool = True
) -> Iterator[Problem]:
    """Everything wrong with the object, the key and the map, the gravest first."""
    yield from _object_problems(move, facts)
    yield from _key_problems(move, facts)
    yield from _map_problems(move, header, facts)
    if columns:
        yield from _shut_problems(move, facts)
    yield from _missing_problems(move, header, facts)


def _object_problems(move: Move, facts: ObjectFacts) -> Iterator[Problem]:
    allowed = {
        Action.INSERT: facts.createable,
        Action.UPDATE: facts.updateable,
        Action.UPSERT: facts.createable and facts.updateable,
    }
    if not allowed.get(move.action, facts.deletable):
        yield _error(
            _("{object} does not allow {action}, or the user may not do it.").format(
                object=facts.name, action=move.action.value
            ),
            mend=_("Choose another object, or ask an admin for the object permission {permission}.").format(
                permission=needed(move.action)
            ),
        )


def _key_problems(move: Move, facts: ObjectFacts) -> Iterator[Problem]:
    if move.action is not Action.UPSERT:
        if move.key and move.key.lower() != "id":
            yield _error(
                _("{action} finds records by their Id, not by {key}.").format(
                    action=move.action.value, key=move.key
                ),
                mend=_("Map a column to Id, or use upsert."),
            )
        return
    names = ", ".join(field.name for field in facts.keys[:6])
    if not move.key:
        yield _error(_("An upsert needs a key field."), mend=_("Choose one of {names}.").format(names=names))
        return
    field = facts.field(move.key)
    if field is None or not field.can_be_key:
        yield _error(
            _("{key} is not a field that records of {object} can be found by.").format(
                key=move.key, object=facts.name
            ),
            mend=_("Choose one of {names}.").format(names=names),
        )


def _map_problems(move: Move, header: Sequence[str], facts: ObjectFacts) -> Iterator[Problem]:
    columns = set(header)
    for name, count in Counter(field.lower() for field in move.map.fields).items():
        if count > 1:
            yield _error(
                _("The field {field} is mapped {count} times.").format(field=name, count=count),
                mend=_("Send each field once."),
            )
    for entry in move.map.entries:
        if entry.constant is None and entry.column not in columns:
            yield _error(
                _("The source has no column {column}.").format(column=entry.column),
                mend=_nearest(entry.column, header),
            )
        field = facts.field(entry.field)
        if field is None:
            yield _error(
                _("{object} has no field {field}, or the user may not see it.").format(
                    object=facts.name, field=entry.field
                ),
                path=entry.field,
                mend=_hidden(entry.field, facts),
            )


def _shut_problems(move: Move, facts: ObjectFacts) -> Iterator[Problem]:
    for entry in move.map.entries:
        field = facts.field(entry.field)
        if field is not None and not may_write(field, entry.field, move.action, move.key):
            yield _error(
                _("The field {field} cannot be written: {reason}.").format(
                    field=field.name, reason=why_shut(field, move.action)
                ),
                path=field.name,
                mend=_("Leave it out of the field map."),
            )


def _missing_problems(move: Move, header: Sequence[str], facts: ObjectFacts) -> Iterator[Problem]:
    sent = {field.lower() for field in move.map.fields}
    if not sent:
        yield _nothing_mapped(header, facts)
        return
    if move.action.by_id and "id" not in sent:
        yield _error(
            _("{action} needs the Id of each record, and no column is mapped to Id.").format(
                action=move.action.value
            ),
            mend=_("Map a column to Id."),
        )
    if move.action is Action.UPSERT and move.key and move.key.lower() not in sent:
        yield _error(
            _("The key {key} is not among the mapped fields.").format(key=move.key),
            mend=_(
                "Name the column that holds it {key}, or give a field map; the columns are {columns}."
            ).format(key=move.key, columns=_some(header)),
        )
    if move.action in (Action.INSERT, Action.UPSERT):
        sent |= {found.name.lower() for name in move.map.fields if (found := facts.field(name))}
        for field in facts.fields:
            if field.required_on_create and field.name.lower() not in sent:
                yield Problem(
                    Severity.WARNING,
                    _("{field} is required for new records and is not mapped.").format(field=field.name),
                    path=field.name,
                    mend=_("Map a column or a constant to it."),
                )


def _nothing_mapped(header: Sequence[str], facts: ObjectFacts) -> Problem:
    """Wrong names, no line of names, or a delimiter that is another one: the first line shows which."""
    first = _("The first line holds: {columns}.").format(columns=_some(header))
    if len(header) == 1 and _OTHER_DELIMITER.search(header[0]):
        mend = _("It was read as one column: name the file's delimiter.")
    else:
        mend = _("Name the columns as the fields are named, or give a field map.")
    text = _("No column of the source is mapped to a field of {object}.").format(object=facts.name)
    return _error(f"{text} {first}", mend=mend)


def _some(header: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= 60 else name[:60] + "…" for name in header[:8])
    return shown + (", …" if len(header) > 8 else "")


def _nearest(name: str, known: Sequence[str]) -> str:
    lower = {item.lower(): item for item in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    if near:
        return _("Did you mean {name}?").format(name=lower[near[0]])
    return _("Correct the field map.")


def _hidden(name: str, facts: ObjectFacts) -> str:
    """What to do about a field the org does not describe to this user."""
    near = _nearest(name, [known.name for known in facts.fields])
    hidden = _("If the field exists, the user lacks Read Access to it (field-level security).")
    return f"{near} {hidden}"


def _error(message: str, *, mend: str, path: str | None = None) -> Problem:
    return Problem(Severity.ERROR, message, path=path, mend=mend)
