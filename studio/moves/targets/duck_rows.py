"""An answer's rows with the fields' types, as DuckDB reads them from the CSV file the org sent."""

from __future__ import annotations

from studio.moves.targets.kinds import Answer, Column, Sort

_LONGEST_ROW = 32 << 20
_TYPES = {
    Sort.BOOLEAN: "BOOLEAN",
    Sort.WHOLE: "BIGINT",
    Sort.NUMBER: "DOUBLE",
    Sort.DATE: "DATE",
    Sort.MOMENT: "TIMESTAMP WITH TIME ZONE",
}


def selection(answer: Answer) -> str:
    """The query that gives the rows: decimals with the field's digits, moments as such, empty cells as nothing."""
    names = ", ".join(f"{literal(column.name)}: 'VARCHAR'" for column in answer.columns)
    shown = ", ".join(_expression(column) for column in answer.columns)
    return (
        f"SELECT {shown} FROM read_csv({literal(str(answer.file))}, columns = {{{names}}}, auto_detect = false,"
        " header = true, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', parallel = false,"
        f" max_line_size = {_LONGEST_ROW})"
    )


def literal(text: str) -> str:
    """A text as it is written in a query."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """A name as it is written in a query."""
    return '"' + text.replace('"', '""') + '"'


def _expression(column: Column) -> str:
    kind = _TYPES.get(column.sort)
    if column.sort is Sort.NUMBER and 0 < column.digits <= 38:
        kind = f"DECIMAL({column.digits}, {min(column.places, column.digits)})"
    given, shown = f"nullif({name(column.name)}, '')", name(column.name)
    return f"CAST({given} AS {kind}) AS {shown}" if kind else f"{given} AS {shown}"
