"""Records of Parquet by the column: the JSON lines that its writer makes the file of, as SQL."""

from __future__ import annotations

import json
from collections.abc import Callable

from studio.base.i18n import _
from studio.engine.columns_keys import gives_text
from studio.engine.columns_sql import FORMS, TOTALS, Translator, quoted
from studio.engine.generate.lines import Declined
from studio.engine.plan import Plan, Target, Top
from studio.schema.model import Base, ValueType
from studio.script import tree
from studio.script.tree import Value

Write = Callable[[Target], Callable[[Value], str | None]]
_DIGITS = {"TINYINT": 2, "SMALLINT": 4, "INTEGER": 9, "BIGINT": 18, "HUGEINT": 37}
"""As many digits fit a whole number of the type, whatever they are."""


def check_records(plan: Plan, top: Top) -> None:
    """Raise Declined, saying why, where the records of a target are not written by the column."""
    form = top.target.form
    if form is None or len(plan.target.forms) != 1 or form.name != plan.target.forms[0].name:
        raise Declined(_("the target holds more than the rows of one table"))
    mapped = {cell.tag for cell in top.target.children}
    for child in form.children:
        needed = child.occurs.min and child.value is not None and child.value.base is not Base.TEXT
        if needed and child.name not in mapped:
            raise Declined(_("the column {name} must have a value and has no rule").format(name=child.name))
    for cell in top.target.children:
        if cell.form is None or cell.form.children or cell.repeats:
            raise Declined(_("the column {name} holds more than plain values").format(name=cell.tag))


def record_line(target: Target, translator: Translator, write: Write) -> str:
    """The SQL of a record's line; what its types do not hold becomes odd. Raises Declined."""
    cells = [_member(cell, translator, write(cell)) for cell in target.children]
    return f"concat('{{', substring(concat({', '.join(cells)}), 2), '}}')"


def _member(cell: Target, translator: Translator, write: Callable[[Value], str | None]) -> str:
    """A member of the record with the comma before it; empty for nothing."""
    assert cell.script is not None
    assert cell.form is not None
    name = f",{json.dumps(cell.tag, ensure_ascii=False)}:"
    kind, required = cell.form.value or cell.value, bool(cell.form.occurs.min)
    text_only = kind.base is Base.TEXT
    empty = f'{name}""' if required and text_only else ""

    def shown(value: Value) -> str:
        text = write(value)
        if text is None and required and not text_only:
            raise Declined(_("a column must have a value"))
        return empty if text is None else name + json.dumps(text, ensure_ascii=False)

    found = translator.cell(cell.script, shown)
    text = found.pieces[0] if len(found.pieces) == 1 else f"concat({', '.join(found.pieces)})"
    only = cell.script.script.only if cell.script.script is not None else None
    counted = isinstance(only, tree.Call) and only.name.lower() in ("round", *TOTALS)
    if found.final and text.startswith("m_"):
        return text  # kept by the texts of a column, with its name
    carried = cell.script.carried is not None
    if not text_only and not carried:
        raise Declined(_("the target's types bind what is written"))
    if not text_only:
        wrong = f"{text} <> '' and not coalesce({_fits(text, kind)}, false)"
        wrong += f" or {text} = ''" if required else ""
        translator.odd[f"({wrong})"] = None
    elif not carried and not counted and (only is None or not gives_text(only)):
        raise Declined(_("it is not known whether a rule gives nothing or an empty text"))
    made = f"concat({quoted(name)}, cast(to_json({text}) as VARCHAR))"
    return f"(case when {text} = '' then {quoted(empty)} else {made} end)" if carried else made


def _fits(text: str, kind: ValueType) -> str:
    """The SQL that holds where a text is one that a column of the type takes as it is."""
    if kind.enumeration:
        raise Declined(_("the target's types bind what is written"))
    if kind.base is Base.INTEGER and kind.name in _DIGITS:
        return f"regexp_full_match({text}, '0|-?[1-9][0-9]{{0,{_DIGITS[kind.name] - 1}}}')"
    if kind.base is Base.DECIMAL and kind.total_digits:
        places = kind.fraction_digits or 0
        whole = kind.total_digits - places
        if whole > 0:
            after = f"(\\.[0-9]{{1,{places}}})?" if places else ""
            return f"regexp_full_match({text}, '-?(0|[1-9][0-9]{{0,{whole - 1}}}){after}')"
    if kind.base in FORMS and kind.name in ("DATE", "TIMESTAMP"):
        sql, form, _length = FORMS[kind.base]
        return f"(strftime(try_cast({text} as {sql}), {quoted(form)}) = {text} and {text} >= '0001')"
    if kind.base is Base.BOOLEAN:
        return f"{text} in ('true', 'false')"
    raise Declined(_("the target's types bind what is written"))
