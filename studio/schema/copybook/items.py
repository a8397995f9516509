"""The statements of a copybook as nested items, tolerant: what is wrong is a located problem, the rest still read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.schema.copybook.picture import Picture, read_picture
from studio.schema.copybook.source import Token

_MOST_PROBLEMS = 100
_MOST_OCCURS = 10_000_000

_USAGES = {
    **dict.fromkeys(
        ("COMP", "COMPUTATIONAL", "BINARY", "COMP-0", "COMP-4", "COMP-5", "COMP0", "COMP4", "COMP5"), "binary"
    ),
    **dict.fromkeys(("COMPUTATIONAL-4", "COMPUTATIONAL-5", "COMPUTATIONAL-0"), "binary"),
    **dict.fromkeys(("COMP-1", "COMPUTATIONAL-1", "COMP1", "FLOAT"), "comp-1"),
    **dict.fromkeys(("COMP-2", "COMPUTATIONAL-2", "COMP2", "DOUBLE"), "comp-2"),
    **dict.fromkeys(("COMP-3", "COMPUTATIONAL-3", "PACKED-DECIMAL", "COMP3"), "comp-3"),
    **dict.fromkeys(("COMP-6", "COMPUTATIONAL-6"), "comp-6"),
    **dict.fromkeys(("COMP-X", "COMPUTATIONAL-X"), "comp-x"),
    **dict.fromkeys(("DISPLAY", "DISPLAY-1", "NATIONAL"), "display"),
    "INDEX": "index",
    **dict.fromkeys(("POINTER", "PROCEDURE-POINTER", "FUNCTION-POINTER"), "pointer"),
}
_NOISE = frozenset(
    [
        "IS",
        "ARE",
        "TIMES",
        "ON",
        "KEY",
        "ASCENDING",
        "DESCENDING",
        "INDEXED",
        "BY",
        "RIGHT",
        "LEFT",
        "GLOBAL",
        "EXTERNAL",
        "WHEN",
        "ZERO",
        "ZEROS",
        "ZEROES",
        "CHARACTER",
        "THAN",
        "DYNAMIC",
        "VOLATILE",
    ]
)


# Words that stand for a value; text is filled up with blanks anyway.
_FIGURATIVE = {**dict.fromkeys(("SPACE", "SPACES"), ""), **dict.fromkeys(("ZERO", "ZEROS", "ZEROES"), "0")}


@dataclass
class Item:
    """One data description entry; `children` are the items of higher level numbers inside it."""

    level: int
    name: str
    line: int
    column: int
    picture: Picture | None = None
    usage: str = ""
    word: str = ""
    sign: str = ""
    separate: bool = False
    least: int = 1
    most: int = 1
    depending: str = ""
    redefines: str = ""
    value: str | None = None
    sync: bool = False
    justified: bool = False
    blank_zero: bool = False
    renames: tuple[str, str] | None = None
    conditions: list[tuple[str, str]] = field(default_factory=list)
    children: list[Item] = field(default_factory=list)

    @property
    def filler(self) -> bool:
        """It has no name of its own."""
        return self.name.upper() == "FILLER"


class Parser:
    """Reads items from tokens; `problems` says what was wrong, `copies` which other copybooks are named."""

    def __init__(self, tokens: list[Token], file: str) -> None:
        self._tokens = tokens
        self._at = 0
        self._file = file
        self.problems: list[Problem] = []
        self.copies: list[tuple[str, int]] = []
        self._clauses: dict[str, Callable[[Item], None]] = {
            "PIC": self._picture,
            "PICTURE": self._picture,
            "OCCURS": self._occurs,
            "REDEFINES": self._redefines,
            "VALUE": self._value,
            "VALUES": self._value,
            "SIGN": self._sign,
            "LEADING": self._sign_here,
            "TRAILING": self._sign_here,
            "DEPENDING": self._depending,
            "RENAMES": self._renames,
            "USAGE": self._usage,
            "SEPARATE": self._separate,
        }

    def items(self) -> list[Item]:
        """The entries of the lowest level, the others inside them."""
        top: list[Item] = []
        open_items: list[Item] = []
        while self._at < len(self._tokens):
            item = self._statement()
            if item is None:
                continue
            if item.level == 88:
                self._condition(item, open_items)
                continue
            if item.level in (66, 77):
                while item.level == 66 and len(open_items) > 1:
                    open_items.pop()
            else:
                while open_items and open_items[-1].level >= item.level:
                    open_items.pop()
            self._put(item, open_items, top)
        return top

    def _put(self, item: Item, open_items: list[Item], top: list[Item]) -> None:
        if item.level == 77 or not open_items:
            if item.level == 77:
                open_items.clear()
            top.append(item)
        else:
            parent = open_items[-1]
            if parent.picture is not None:
                self.problem(
                    _("{name} has a picture, so it cannot hold {inner}.").format(
                        name=parent.name, inner=item.name
                    ),
                    item.line,
                    item.column,
                    _("Take the PIC away, or correct the level numbers."),
                )
                parent.picture = None
            parent.children.append(item)
        if item.level not in (66, 77):
            open_items.append(item)

    def _condition(self, item: Item, open_items: list[Item]) -> None:
        if open_items:
            open_items[-1].conditions.append((item.name, item.value or ""))
        else:
            self.problem(
                _("The condition {name} belongs to no item.").format(name=item.name),
                item.line,
                item.column,
                "",
            )

    def _statement(self) -> Item | None:
        start = self._tokens[self._at]
        if start.text == ".":
            self._at += 1
            return None
        level = _level(start)
        if level is None:
            self._skip(start)
            return None
        self._at += 1
        name = self._peek()
        item = Item(level, "FILLER", start.line, start.column)
        if (
            name is not None
            and name.text != "."
            and name.word not in self._clauses
            and name.word not in _USAGES
        ):
            item.name = name.text
            self._at += 1
        self._read_clauses(item)
        return item

    def _read_clauses(self, item: Item) -> None:
        while (token := self._peek()) is not None:
            if token.text == ".":
                self._at += 1
                return
            if token.starts_line and self._begins_statement():
                self.problem(
                    _("The period that ends {name} is missing.").format(name=item.name),
                    token.line,
                    token.column,
                    _("End the entry before this line with a period."),
                )
                return
            self._at += 1
            clause = self._clauses.get(token.word)
            if clause is not None:
                clause(item)
            elif not self._plain(item, token):
                self.problem(
                    _("This word is not understood here: {word}").format(word=token.text[:40]),
                    token.line,
                    token.column,
                    _("Correct it, or take it away."),
                    Severity.WARNING,
                )
        self.problem(
            _("The period that ends {name} is missing.").format(name=item.name),
            item.line,
            item.column,
            _("End the entry with a period."),
            Severity.WARNING,
        )

    def _plain(self, item: Item, token: Token) -> bool:
        word = token.word
        if word in _USAGES:
            item.usage, item.word = _USAGES[word], word
        elif word in ("SYNC", "SYNCHRONIZED"):
            item.sync = True
        elif word in ("JUST", "JUSTIFIED"):
            item.justified = True
        elif word == "BLANK":
            item.blank_zero = True
        elif word in ("INDEXED", "KEY", "ASCENDING", "DESCENDING"):
            self._skip_names()
        else:
            return word in _NOISE
        return True

    def _skip_names(self) -> None:
        while (token := self._peek()) is not None and token.text != ".":
            if (
                token.word in self._clauses
                or token.word in _USAGES
                or (token.starts_line and self._begins_statement())
            ):
                return
            self._at += 1

    def _skip(self, start: Token) -> None:
        """Leave out what is no data description, to its period; remember the copybooks it names."""
        if start.word == "COPY" and self._at + 1 < len(self._tokens):
            self.copies.append((self._tokens[self._at + 1].text.strip("'\""), start.line))
        elif start.word in ("EJECT", "SKIP1", "SKIP2", "SKIP3"):
            self._at += 1
            return
        elif not self._is_division(start):
            self.problem(
                _("A level number is expected here, not {word}.").format(word=start.text[:40]),
                start.line,
                start.column,
                _("Start each entry with its level number, such as 05."),
            )
        while (token := self._peek()) is not None:
            if token is not start and token.starts_line and self._begins_statement():
                return
            self._at += 1
            if token.text == ".":
                return

    def _is_division(self, start: Token) -> bool:
        words = [token.word for token in self._tokens[self._at : self._at + 4]]
        return "DIVISION" in words or "SECTION" in words or start.word in ("FD", "SD", "PROGRAM-ID", "COPY")

    def _begins_statement(self) -> bool:
        token, after = self._tokens[self._at], self._peek(1)
        if _level(token) is None or after is None or after.literal:
            return False
        before = self._tokens[self._at - 1].word if self._at else ""
        return (
            before not in ("VALUE", "VALUES", "OCCURS", "TO", "IS", "ARE", "THRU", "THROUGH")
            and after.text[:1].isalpha()
        )

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _next(self, *skipping: str) -> Token | None:
        while (token := self._peek()) is not None and token.word in skipping:
            self._at += 1
        if token is None or token.text == ".":
            return None
        self._at += 1
        return token

    def _picture(self, item: Item) -> None:
        token = self._next("IS")
        picture = read_picture(token.text) if token is not None and not token.literal else None
        if picture is None:
            self.problem(
                _("This is no picture: {text}").format(text=token.text[:40] if token else ""),
                token.line if token else item.line,
                token.column if token else item.column,
                _("Write it like X(10), 9(5) or S9(7)V99."),
            )
            picture = Picture(token.text if token else "", "text", 0)
        item.picture = picture

    def _occurs(self, item: Item) -> None:
        first = self._next()
        least = _count(first)
        most = least
        if (token := self._peek()) is not None and token.word == "TO":
            self._at += 1
            last = self._next()
            most = _MOST_OCCURS if last is not None and last.word == "UNBOUNDED" else _count(last)
        elif first is not None and first.word == "UNBOUNDED":
            least, most = 0, _MOST_OCCURS
        if most is None or least is None or most < max(1, least) or most > _MOST_OCCURS:
            self.problem(
                _("OCCURS needs a number of times, such as OCCURS 5 or OCCURS 0 TO 5."),
                item.line,
                item.column,
                "",
            )
            return
        item.least, item.most = least, most

    def _depending(self, item: Item) -> None:
        token = self._next("ON")
        item.depending = token.text if token is not None else ""
        if item.least == item.most:
            item.least = 0

    def _redefines(self, item: Item) -> None:
        token = self._next()
        item.redefines = token.text if token is not None else ""

    def _value(self, item: Item) -> None:
        parts: list[str] = []
        while (token := self._peek()) is not None and token.text != ".":
            if (
                token.word in self._clauses
                or token.word in _USAGES
                or (token.starts_line and self._begins_statement())
            ):
                break
            self._at += 1
            if token.word not in ("IS", "ARE"):
                parts.append(_literal(token))
        item.value = " ".join(parts)

    def _sign(self, item: Item) -> None:
        token = self._next("IS")
        if token is not None and token.word in ("LEADING", "TRAILING"):
            item.sign = token.word.lower()

    def _sign_here(self, item: Item) -> None:
        item.sign = self._tokens[self._at - 1].word.lower()

    def _separate(self, item: Item) -> None:
        item.separate = True

    def _usage(self, item: Item) -> None:
        token = self._next("IS")
        if token is not None and token.word in _USAGES:
            item.usage, item.word = _USAGES[token.word], token.word
        elif token is not None:
            self.problem(
                _("This usage is not known: {word}").format(word=token.text[:40]),
                token.line,
                token.column,
                "",
            )

    def _renames(self, item: Item) -> None:
        first = self._next()
        last = first
        if (token := self._peek()) is not None and token.word in ("THRU", "THROUGH"):
            self._at += 1
            last = self._next()
        if first is not None and last is not None:
            item.renames = (first.text, last.text)

    def problem(
        self, message: str, line: int, column: int, mend: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Keep a located problem, up to a hundred."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(severity, message, self._file, line, column, mend=mend))


def _level(token: Token) -> int | None:
    text = token.text
    if token.literal or not (text.isascii() and text.isdigit()) or len(text) > 2:
        return None
    level = int(text)
    return level if 1 <= level <= 49 or level in (66, 77, 88) else None


def _count(token: Token | None) -> int | None:
    if token is None or not (token.text.isascii() and token.text.isdigit()) or len(token.text) > 9:
        return None
    return int(token.text)


def _literal(token: Token) -> str:
    text = token.text
    if not token.literal or len(text) < 2:
        return _FIGURATIVE.get(token.word, text)
    quote = text[0] if text[0] in "'\"" else text[1]
    return text[1:-1].replace(quote * 2, quote) if text[0] in "'\"" else text
