"""Rules as SQL over columns of text: a small subset, with the conditions under which a row is left to the judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from studio.base.i18n import _
from studio.engine.generate.lines import Declined
from studio.engine.generate.scripts import is_plain, keeper
from studio.engine.plan import Expr, Read
from studio.engine.world import World
from studio.schema.model import Base
from studio.script import tree
from studio.script.functions.masks import date_pieces
from studio.script.functions.strings import SPACE
from studio.script.runtime import as_exact
from studio.script.tree import Value

NUMERIC = (Base.INTEGER, Base.DECIMAL)
_MOST_DIGITS = 38
_COMPARED = {"==": "=", "!=": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
TOTALS = frozenset({"sum", "count", "min", "max"})
_CASES = {"toupper": "upper", "tolower": "lower"}


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    if "\x00" in text or "\x01" in text:
        raise Declined(_("a text holds the character U+0000 or U+0001"))
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Number:
    """A number of so many digits before and after the point; `exact` says that scripts have a decimal there."""

    sql: str
    whole: int
    places: int
    exact: bool = False


@dataclass
class Column:
    """A source column: its name in SQL, the base of its values, the first texts in it and whether they are few."""

    name: str
    base: Base
    texts: frozenset[str]
    few: bool
    kept: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """What is kept by its texts: the type in SQL and the values."""

    def keep(self, kind: str, values: dict[str, Any]) -> str:
        """The SQL of what is kept."""
        self.kept.append((kind, values))
        return f"m_{self.name}_{len(self.kept) - 1}"


@dataclass(frozen=True)
class Cell:
    """A cell's SQL: the texts it is put together from, and the columns and literals that their characters come from.

    What is `final` stands in the line as it is; other texts may need quotes.
    """

    pieces: list[str]
    columns: list[str] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)
    final: bool = False


class Translator:
    """Translates the rules of one loop over columns by the join they are of and their name. `odd` collects conditions that hold for rows the judge must do."""

    def __init__(self, columns: Mapping[tuple[str, str], Column], world: World, letters: str) -> None:
        self.columns = columns
        self.odd: dict[str, None] = {}
        self.numbers: dict[str, Number] = {}
        self.totals: Callable[[tree.Call], Number | None] = lambda _call: None
        """What a function gives for the members of a group."""
        self._world = world
        self._letters = letters
        self._expr: Expr | None = None

    def cell(self, expr: Expr, write: Callable[[Value], str]) -> Cell:
        """The SQL of a rule's text (empty for null); `write` gives a text as it stands in a line. Raises Declined."""
        self._expr = expr
        only = expr.script.only if expr.script is not None and expr.wrong is None else None
        if only is None:
            raise Declined(_("a rule is more than one expression"))
        kept = self._kept(only, write, "VARCHAR") if not isinstance(only, tree.Path) else None
        if kept is not None:
            return Cell([kept], final=True)
        found = carried(only)
        if isinstance(only, tree.Path):
            return Cell([self._path_text(only)], self._carrying(found.paths))
        return Cell(self._pieces(only), self._carrying(found.paths), found.literals, final=_is_round(only))

    def condition(self, expr: Expr) -> str:
        """The SQL of a condition."""
        self._expr = expr
        only = expr.script.only if expr.script is not None and expr.wrong is None else None
        if only is None:
            raise Declined(_("a condition is more than one expression"))
        return self._condition(only)

    def _carrying(self, paths: Sequence[tree.Path]) -> list[str]:
        return list(dict.fromkeys(self._column(path).name for path in paths))

    # Columns

    def _column(self, path: tree.Path) -> Column:
        assert self._expr is not None
        read = dict(self._expr.reads).get(path)
        if read is None or read.array:
            raise Declined(_("a rule reads more than the cells of its row"))
        return self.column_of(read)

    def column_of(self, read: Read) -> Column:
        """The column a read is of. Raises Declined."""
        elsewhere = read.outside or read.up or read.member is not None
        if len(read.hops) != 1 or elsewhere or not read.holds_text:
            raise Declined(_("a rule reads more than the cells of its row"))
        hop = read.hops[0]
        key = (read.joined, hop.key)
        if hop.filter or hop.index or hop.type or hop.every or read.level != 1 or key not in self.columns:
            raise Declined(_("a rule reads more than the cells of its row"))
        return self.columns[key]

    def member(self, node: tree.Expression) -> Column | None:
        """The column whose cells in all members of the group an expression is."""
        assert self._expr is not None
        read = dict(self._expr.reads).get(node) if isinstance(node, tree.Path) else None
        return self.column_of(read) if read is not None and read.members else None

    def _kept(self, node: tree.Expression, shown: Callable[[Value], Any], kind: str) -> str | None:
        """What the judge makes of each text that a column of few has; None where the expression reads other columns."""
        assert self._expr is not None
        assert self._expr.script is not None
        nodes = list(tree.walk(node))
        paths = [each for each in nodes if isinstance(each, tree.Path)]
        if not paths or not all(is_plain(each) for each in nodes):
            return None
        reads = dict(self._expr.reads)
        if any(path not in reads or reads[path].members for path in paths):
            return None
        columns = {id(column): column for column in map(self._column, paths)}
        column = next(iter(columns.values()))
        if len(columns) > 1 or not column.few:
            return None
        value = keeper(self._expr.script, node, dict.fromkeys(paths, column.base), self._world)
        values = {}
        for text in column.texts:
            try:
                values[text] = shown(value(text))
            except Exception:  # the judge tells what is wrong when such a row comes
                continue
        missing = column.keep(kind, values)
        self.odd[f"{missing} is null"] = None
        return missing

    # Texts

    def _path_text(self, path: tree.Path) -> str:
        column = self._column(path)
        if column.base is not Base.TEXT:
            # Blank text of another type is nothing: what begins with a visible character is not blank.
            self.odd[may_be_blank(column.name)] = None
        return column.name

    def _text(self, node: tree.Expression) -> str:
        """The SQL of a text; null is empty in it."""
        if isinstance(node, tree.Literal) and isinstance(node.value, str):
            return quoted(node.value)
        if isinstance(node, tree.Path):
            if self._column(node).base is Base.BOOLEAN:
                raise Declined(_("a truth value is joined with text"))
            return self._path_text(node)
        if isinstance(node, tree.Binary) and node.operator == "+":
            if not (_is_text(node.left) or _is_text(node.right) or self._both_texts(node)):
                raise Declined(_("a sum that may be of texts or numbers"))
            return f"concat({', '.join(self._pieces(node))})"
        if isinstance(node, tree.Call):
            made = self._call(node)
            if made is not None:
                return made
        raise Declined(_("an expression has no SQL that is known to be the same"))

    def _pieces(self, node: tree.Expression) -> list[str]:
        """The SQL of the texts that a text is put together from."""
        if (
            isinstance(node, tree.Binary)
            and node.operator == "+"
            and (_is_text(node) or self._both_texts(node))
        ):
            return [*self._pieces(node.left), *self._pieces(node.right)]
        return [self._text(node)]

    def _both_texts(self, node: tree.Binary) -> bool:
        sides = (node.left, node.right)
        return all(isinstance(side, tree.Path) and self._column(side).base is Base.TEXT for side in sides)

    def _call(self, node: tree.Call) -> str | None:
        name, given = node.name.lower(), node.arguments
        if name in TOTALS:
            total = self.totals(node)
            if total is None or total.places or name in ("min", "max"):
                raise Declined(_("a total is written with as many decimals as it happens to have"))
            return f"cast({total.sql} as VARCHAR)"
        if name in _CASES and len(given) == 1:
            text = self._text(given[0])
            found = carried(given[0])
            plain = all(part.isascii() for part in found.literals)
            for letters in self._carrying(found.paths) if plain else [text]:
                # Letters whose case SQL and the judge map alike. A CASE, as both sides of AND are always reckoned.
                match = f"regexp_full_match(replace({letters}, 'ß', ''), {self._letters})"
                self.odd[
                    f"(case when strlen({letters}) <> length({letters}) then not {match} else false end)"
                ] = None
            if name == "toupper":
                text = f"replace({text}, 'ß', 'SS')"
            return f"{_CASES[name]}({text})"
        if name == "trim" and len(given) == 1:
            return self._trimmed(given[0])
        if name == "left" and len(given) == 2 and _is_count(given[1]):
            return f"left({self._text(given[0])}, {given[1].value})"  # type: ignore[union-attr]
        if name == "if" and len(given) == 3 and _is_text(given[1]) and _is_text(given[2]):
            return f"(case when {self._condition(given[0])} then {self._text(given[1])} else {self._text(given[2])} end)"
        if name == "ifnull" and len(given) == 2 and isinstance(given[0], tree.Path) and _is_text(given[1]):
            text = self._text(given[0])
            return f"(case when {text} = '' then {self._text(given[1])} else {text} end)"
        if name == "formatdate" and len(given) == 2 and isinstance(given[0], tree.Path):
            return self._date(given[0], given[1])
        return self._round(node) if _is_round(node) else None

    def _trimmed(self, node: tree.Expression) -> str:
        text = self._text(node)
        if not isinstance(node, tree.Path):
            return f"trim({text}, {quoted(SPACE)})"
        # Blanks alone are trimmed several times as fast; no file with line ends inside of cells is read.
        for mark in SPACE:
            if mark not in " \n\r":
                self.odd[f"contains({text}, {quoted(mark)})"] = None
        return f"trim({text})"

    def _date(self, path: tree.Path, mask: tree.Expression) -> str:
        column = self._column(path)
        if not isinstance(mask, tree.Literal) or not isinstance(mask.value, str) or column.base not in FORMS:
            raise Declined(_("a date is written by an unknown mask"))
        kind, form, length = FORMS[column.base]
        pieces = date_pieces(mask.value)
        if any(not isinstance(piece, str) and piece.stop > length for piece in pieces):
            raise Declined(_("the time of a day is written"))
        name = column.name
        moment = f"try_cast({name} as {kind})"
        self.odd[f"(strftime({moment}, {quoted(form)}) is distinct from {name} or {name} < '0001')"] = None
        shown = [
            quoted(piece)
            if isinstance(piece, str)
            else f"substring({name}, {piece.start + 1}, {piece.stop - piece.start})"
            for piece in pieces
        ]
        return f"concat({', '.join(shown)})"

    def _round(self, node: tree.Call) -> str:
        places = node.arguments[1] if len(node.arguments) == 2 else None
        if (
            not isinstance(places, tree.Literal)
            or type(places.value) is not int
            or not 0 <= places.value <= 15
        ):
            raise Declined(_("Round to an unknown number of places"))
        count = places.value
        number = self._number(node.arguments[0])
        if not number.exact:
            raise Declined(_("numbers that may not be decimals"))
        if number.whole + 1 + count > _MOST_DIGITS:
            raise Declined(_("numbers are too long"))
        return f"cast(cast({number.sql} as DECIMAL({number.whole + 1 + count}, {count})) as VARCHAR)"

    # Numbers and conditions

    def _number(self, node: tree.Expression) -> Number:
        if isinstance(node, tree.Literal) and type(node.value) in (int, float):
            return _constant(Decimal(repr(node.value)))
        kept = self._kept_number(node)
        if kept is not None:
            return kept
        if isinstance(node, tree.Path):
            return self._field(self._column(node))
        total = self.totals(node) if isinstance(node, tree.Call) else None
        if total is not None:
            return total
        if isinstance(node, tree.Binary) and node.operator in ("+", "-", "*"):
            left, right = self._number(node.left), self._number(node.right)
            if not (left.exact or right.exact):
                raise Declined(_("numbers that may not be decimals"))
            if node.operator == "*":
                whole, places = left.whole + right.whole, left.places + right.places
            else:
                whole, places = max(left.whole, right.whole) + 1, max(left.places, right.places)
            if whole + places > _MOST_DIGITS:
                raise Declined(_("numbers are too long"))
            return Number(f"({left.sql} {node.operator} {right.sql})", whole, places, exact=True)
        raise Declined(_("an expression has no SQL that is known to be the same"))

    def _kept_number(self, node: tree.Expression) -> Number | None:
        """An expression of one column with few texts, where all of them give numbers."""
        kinds = set()

        def exact(value: Value) -> Decimal:
            kinds.add(isinstance(value, Decimal))
            return Decimal(as_exact(Decimal(value) if isinstance(value, Decimal) else value))

        before = dict(self.odd)
        kept = self._kept(node, exact, "")
        if kept is None:
            return None
        column = next(column for column in self.columns.values() if kept.startswith(f"m_{column.name}_"))
        found = column.kept[-1][1]
        sizes = [_constant(value) for value in found.values()]
        whole, places = (
            max((getattr(size, name) for size in sizes), default=1) for name in ("whole", "places")
        )
        if whole + places > _MOST_DIGITS:
            column.kept.pop()
            self.odd = before
            raise Declined(_("numbers are too long"))
        column.kept[-1] = (
            f"DECIMAL({whole + places}, {places})",
            {text: str(value) for text, value in found.items()},
        )
        return Number(kept, whole, places, exact=kinds <= {True})

    def _field(self, column: Column) -> Number:
        """A column's number; texts that are none in its size are the judge's."""
        found = self.number(column)
        self.odd[f"n_{column.name} is null"] = None
        return Number(f"n_{column.name}", found.whole, found.places, exact=True)

    def number(self, column: Column) -> Number:
        """What makes a column's number, as long as those that were looked at and a bit longer, of its text."""
        if column.base not in NUMERIC:
            raise Declined(_("a rule reckons with what is no decimal number"))
        if column.name not in self.numbers:
            plain = [text.lstrip("-").partition(".") for text in column.texts if _reads(text)]
            whole = max((len(before) for before, _dot, _after in plain), default=1) + 2
            places = max((len(after) for _before, _dot, after in plain), default=0)
            if whole + places > _MOST_DIGITS:
                raise Declined(_("numbers are too long"))
            pattern = f"-?[0-9]{{1,{whole}}}" + (f"(\\.[0-9]{{1,{places}}})?" if places else "")
            sql = f"(case when regexp_full_match({column.name}, {quoted(pattern)}) then {column.name} end)"
            self.numbers[column.name] = Number(
                f"cast({sql} as DECIMAL({whole + places}, {places}))", whole, places
            )
        return self.numbers[column.name]

    def _condition(self, node: tree.Expression) -> str:
        if not isinstance(node, tree.Binary):
            raise Declined(_("a condition is no comparison"))
        if node.operator in ("&&", "||"):
            word = "and" if node.operator == "&&" else "or"
            return f"({self._condition(node.left)} {word} {self._condition(node.right)})"
        if node.operator not in _COMPARED:
            raise Declined(_("a condition is no comparison"))
        if isinstance(node.right, tree.Literal) and isinstance(node.right.value, str):
            plain = isinstance(node.left, tree.Path) and self._column(node.left).base is Base.TEXT
            if node.operator != "==" or not plain or not node.right.value:
                raise Declined(_("texts are compared otherwise than with =="))
            return f"({self._text(node.left)} = {quoted(node.right.value)})"
        left, right = self._number(node.left), self._number(node.right)
        if not (left.exact or right.exact):
            raise Declined(_("numbers that may not be decimals"))
        return f"({left.sql} {_COMPARED[node.operator]} {right.sql})"


FORMS = {Base.DATE: ("DATE", "%Y-%m-%d", 10), Base.DATETIME: ("TIMESTAMP", "%Y-%m-%dT%H:%M:%S", 19)}


def may_be_blank(name: str) -> str:
    """The SQL that holds where a column's text is not empty and may be blank all the same."""
    # What begins with a visible character is not blank; texts are compared by their bytes.
    return f"({name} <> '' and ({name} < '!' or {name} >= '\x7f'))"


def _reads(text: str) -> bool:
    """A number in digits."""
    return text.replace(".", "", 1).removeprefix("-").isdecimal() and text.isascii()


def _constant(value: Decimal) -> Number:
    if not value.is_finite():
        raise Declined(_("numbers are too long"))
    shown = format(value, "f")
    before, _dot, after = shown.lstrip("-").partition(".")
    if len(before) + len(after) > _MOST_DIGITS:
        raise Declined(_("numbers are too long"))
    return Number(
        f"cast({quoted(shown)} as DECIMAL({len(before) + len(after)}, {len(after)}))", len(before), len(after)
    )


def _is_count(node: tree.Expression) -> bool:
    return isinstance(node, tree.Literal) and type(node.value) is int and 0 <= node.value <= 15


def _is_round(node: tree.Expression) -> bool:
    return isinstance(node, tree.Call) and node.name.lower() == "round"


def _is_text(node: tree.Expression) -> bool:
    """The value is text, whatever its fields hold."""
    if isinstance(node, tree.Literal):
        return isinstance(node.value, str)
    if isinstance(node, tree.Binary):
        return node.operator == "+" and (_is_text(node.left) or _is_text(node.right))
    return isinstance(node, tree.Call) and node.name.lower() in (
        "toupper",
        "tolower",
        "trim",
        "left",
        "round",
    )


@dataclass
class Carried:
    """What the characters of a text come from, digits aside."""

    paths: list[tree.Path] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)


def carried(node: tree.Expression, found: Carried | None = None) -> Carried:
    """The paths and literals of which a text's characters come that are no digits, signs or points of numbers."""
    found = found if found is not None else Carried()
    if isinstance(node, tree.Path):
        found.paths.append(node)
    elif isinstance(node, tree.Literal) and isinstance(node.value, str):
        found.literals.append(node.value)
    elif isinstance(node, tree.Binary):
        carried(node.left, found)
        carried(node.right, found)
    elif isinstance(node, tree.Call) and not _is_round(node) and node.name.lower() not in TOTALS:
        # The mask of a date is text of its own, its cells are digits; a condition gives nothing of itself.
        name = node.name.lower()
        for part in node.arguments[1:] if name in ("if", "formatdate") else node.arguments:
            carried(part, found)
    return found


_SIGMA = "\u03a3"  # its small letter is another one at the end of a word


def same_letters(asked: Callable[[str], Sequence[str]]) -> str:
    """A pattern of texts whose case SQL maps as the judge does; `asked` gives upper and lower of a text by SQL."""
    letters = "".join(chr(code) for code in range(0x80, 0x530))
    upper, lower = asked(letters)
    alike = len(upper) == len(lower) == len(letters)
    same = "".join(
        letter
        for letter, up, down in zip(letters, upper, lower, strict=alike)
        if alike and letter.upper() == up and letter.lower() == down and letter != _SIGMA
    )
    runs: list[str] = []
    for letter in same:
        if runs and ord(runs[-1][-1]) == ord(letter) - 1:
            runs[-1] += letter
        else:
            runs.append(letter)
    shown = "".join(f"\\x{{{ord(run[0]):x}}}-\\x{{{ord(run[-1]):x}}}" for run in runs)
    return quoted(f"[\\x01-\\x7f{shown}]*")
