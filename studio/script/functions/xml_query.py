"""Reads the paths of XML functions: `lines/line[@sku='A' and qty > 2]/price`, `//line[last()]/@sku`, `a | b`."""

from __future__ import annotations

import functools
import re
from typing import TypeAlias

from studio.base.i18n import _
from studio.base.records import dataclass
from studio.script.errors import RunError

LONGEST = 2_000
DEEPEST = 20
ARGUMENTS = {
    "position": (0, 0), "last": (0, 0), "true": (0, 0), "false": (0, 0), "not": (1, 1), "count": (1, 1),
    "contains": (2, 2), "starts-with": (2, 2), "normalize-space": (0, 1), "string-length": (0, 1),
    "string": (0, 1), "number": (0, 1), "name": (0, 1), "local-name": (0, 1),
}  # fmt: skip
"""The functions of conditions, with their fewest and most arguments."""

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<mark>//|\.\.|!=|<=|>=|[/.@\[\]()|,=<>])|(?P<name>(?:[^\W\d][\w.\-]*:)?(?:[^\W\d][\w.\-]*|\*)))"
)


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Step:
    """One step: a name, `*`, `.`, `..`, `text()` or `node()`; `deep` also looks further down (`//`)."""

    name: str
    attribute: bool
    deep: bool
    conditions: tuple[Operand, ...]


@dataclass(frozen=True)
class Route:
    """Steps one after the other; `absolute` ones begin above the outermost element."""

    absolute: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Query:
    """Routes whose places are taken together."""

    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Use:
    """A function of a condition."""

    name: str
    arguments: tuple[Operand, ...]


@dataclass(frozen=True)
class Compare:
    """Two operands compared."""

    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Logic:
    """Conditions that must all hold, or of which one must."""

    every: bool
    parts: tuple[Operand, ...]


Operand: TypeAlias = Text | Number | Query | Use | Compare | Logic


@functools.lru_cache(maxsize=256)
def parse_query(text: str) -> Query:
    """The query in a text. Raises RunError for one that cannot be read."""
    if len(text) > LONGEST:
        raise RunError(_("A path into XML may have {n} characters at most.").format(n=LONGEST))
    return _Reader(text).all()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise self.wrong()
            self.tokens.append((match.lastgroup or "", match[0].strip()))
            at = match.end()
        self.at = 0
        self.depth = 0

    def wrong(self) -> RunError:
        return RunError(
            _("The path {text} into XML cannot be read.").format(text=self.text[:80]),
            next_step=_("Use a path such as line/@sku, //line[2] or line[qty='2']/price."),
        )

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ("", "")

    def taken(self, *marks: str) -> str:
        """The next token, when it is one of these marks."""
        kind, text = self.peek()
        if text in marks and kind in ("mark", "name"):
            self.at += 1
            return text
        return ""

    def need(self, mark: str) -> None:
        if not self.taken(mark):
            raise self.wrong()

    def all(self) -> Query:
        query = self.query()
        if self.at < len(self.tokens):
            raise self.wrong()
        return query

    def query(self) -> Query:
        routes = [self.route()]
        while self.taken("|"):
            routes.append(self.route())
        return Query(tuple(routes))

    def route(self) -> Route:
        start = self.taken("/", "//")
        if start == "/" and not self._step_ahead():
            return Route(True, ())
        steps = [self.step(start == "//")]
        while mark := self.taken("/", "//"):
            steps.append(self.step(mark == "//"))
        return Route(bool(start), tuple(steps))

    def _step_ahead(self) -> bool:
        kind, text = self.peek()
        return kind == "name" or text in ("@", ".", "..")

    def step(self, deep: bool) -> Step:
        attribute = bool(self.taken("@"))
        name = "" if attribute else self.taken(".", "..")
        if not name:
            kind, name = self.peek()
            if kind != "name":
                raise self.wrong()
            self.at += 1
            if not attribute and self.taken("("):
                self.need(")")
                name += "()"
                if name not in ("text()", "node()"):
                    raise self.wrong()
        conditions = []
        while self.taken("["):
            conditions.append(self.either())
            self.need("]")
        return Step(name, attribute, deep, tuple(conditions))

    def either(self) -> Operand:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.wrong()
        parts = [self.both()]
        while self.taken("or"):
            parts.append(self.both())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Logic(False, tuple(parts))

    def both(self) -> Operand:
        parts = [self.comparison()]
        while self.taken("and"):
            parts.append(self.comparison())
        return parts[0] if len(parts) == 1 else Logic(True, tuple(parts))

    def comparison(self) -> Operand:
        left = self.operand()
        operator = self.taken("=", "!=", "<", "<=", ">", ">=")
        return Compare(operator, left, self.operand()) if operator else left

    def operand(self) -> Operand:
        kind, text = self.peek()
        if kind in ("text", "number"):
            self.at += 1
            return Text(text[1:-1]) if kind == "text" else Number(float(text))
        if self.taken("("):
            inner = self.either()
            self.need(")")
            return inner
        if kind == "name" and self.peek(1)[1] == "(" and text not in ("text", "node"):
            return self.use()
        return self.query()

    def use(self) -> Use:
        _kind, name = self.peek()
        self.at += 1
        self.need("(")
        arguments = []
        if not self.taken(")"):
            arguments.append(self.either())
            while self.taken(","):
                arguments.append(self.either())
            self.need(")")
        least, most = ARGUMENTS.get(name, (1, 0))
        if not least <= len(arguments) <= most:
            raise self.wrong()
        return Use(name, tuple(arguments))
