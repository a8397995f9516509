"""Tokens into a query tree, by recursive descent."""

from __future__ import annotations

from studio.practice.failures import ApiError
from studio.practice.soql.dates import PERIODS
from studio.practice.soql.lex import Token, malformed, tokens
from studio.practice.soql.tree import (
    Aggregate,
    AllFields,
    Both,
    Comparison,
    Condition,
    Item,
    Literal,
    Not,
    Order,
    Path,
    Query,
    SubQuery,
    TypeOf,
)

AGGREGATES = frozenset({"count", "count_distinct", "sum", "avg", "min", "max"})
_SIGNS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_AFTER_SOURCE = frozenset(
    {"where", "group", "having", "order", "limit", "offset", "with", "for", "using", "all"}
)
_DEPTH = 40
MAXIMUM_OFFSET = 2000


def parse(text: str) -> Query:
    """The tree of a query. Raises ApiError MALFORMED_QUERY pointing at the place."""
    parser = _Parser(text)
    query = parser.query(0)
    parser.end()
    return query


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._place = 0

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._now
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _unexpected(self, token: Token | None = None) -> ApiError:
        token = token or self._now
        return malformed(self._text, token.at, f"unexpected token: '{token}'")

    def _word(self, *words: str) -> bool:
        """Take these keywords in a row, if they come next."""
        following = self._tokens[self._place : self._place + len(words)]
        if [token.text.lower() for token in following] != list(words):
            return False
        self._place += len(words)
        return True

    def _sign(self, sign: str) -> bool:
        if self._now.kind == "sign" and self._now.text == sign:
            self._place += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unexpected()

    def end(self) -> None:
        """Nothing may follow."""
        if self._now.kind != "end":
            raise self._unexpected()

    def query(self, depth: int) -> Query:
        """SELECT … with everything after it."""
        if not self._word("select") or depth > 1:
            raise self._unexpected()
        select = [self._item(depth)]
        while self._sign(","):
            select.append(self._item(depth))
        if not self._word("from"):
            raise self._unexpected()
        source = self._name()
        alias = None
        if self._word("as") or (self._now.kind == "word" and self._now.text.lower() not in _AFTER_SOURCE):
            alias = self._name().text
        if self._word("using", "scope"):
            self._name()
        where = self._condition(0) if self._word("where") else None
        if self._word("with"):
            self._name()
        group = self._paths() if self._word("group", "by") else ()
        having = self._condition(0) if self._word("having") else None
        order = self._orders() if self._word("order", "by") else ()
        limit = self._count() if self._word("limit") else None
        offset = self._count() if self._word("offset") else None
        if offset is not None and offset > MAXIMUM_OFFSET:
            message = f"Maximum SOQL offset allowed is {MAXIMUM_OFFSET}"
            raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", message)
        if self._word("all"):
            self._word("rows")
        while self._word("for"):
            self._name()
        return Query(tuple(select), source.text, source.at, alias, where, group, having, order, limit, offset)

    def _name(self) -> Token:
        if self._now.kind != "word":
            raise self._unexpected()
        return self._next()

    def _count(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdecimal():
            raise self._unexpected(token)
        return int(token.text[:10])

    def _item(self, depth: int) -> Item:
        if self._sign("("):
            query = self.query(depth + 1)
            self._need(")")
            return SubQuery(query)
        token = self._name()
        if token.text.lower() == "typeof" and self._now.kind == "word":
            return self._type_of(token, depth)
        if self._now.text == "(":
            if token.text.lower() == "fields":
                self._need("(")
                which = self._name()
                self._need(")")
                return AllFields(which.text.lower(), token.at)
            return self._aggregate(token, named=True)
        return _path(token)

    def _type_of(self, token: Token, depth: int) -> TypeOf:
        if depth:
            raise self._unexpected(token)
        relationship = _path(self._name())
        whens: list[tuple[str, tuple[Path, ...]]] = []
        while self._word("when"):
            kind = self._name().text
            if not self._word("then"):
                raise self._unexpected()
            whens.append((kind, self._paths()))
        otherwise = self._paths() if self._word("else") else ()
        if not whens or not self._word("end"):
            raise self._unexpected()
        return TypeOf(relationship, tuple(whens), otherwise, token.at)

    def _aggregate(self, token: Token, *, named: bool) -> Aggregate | Path:
        """A function of a field; toLabel and format give the field itself."""
        function = token.text.lower()
        self._need("(")
        path = None if self._now.text == ")" else _path(self._name())
        self._need(")")
        if function in ("tolabel", "format") and path is not None:
            return path
        if function not in AGGREGATES or (path is None and function != "count"):
            raise self._unexpected(token)
        alias = None
        if named and self._now.kind == "word" and self._now.text.lower() != "from":
            alias = self._next().text
        return Aggregate(function, path, alias, token.at)

    def _operand(self) -> Path | Aggregate:
        token = self._name()
        return self._aggregate(token, named=False) if self._now.text == "(" else _path(token)

    def _paths(self) -> tuple[Path, ...]:
        paths = [_path(self._name())]
        while self._sign(","):
            paths.append(_path(self._name()))
        return tuple(paths)

    def _orders(self) -> tuple[Order, ...]:
        orders = [self._order()]
        while self._sign(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        operand = self._operand()
        descending = self._word("desc")
        if not descending:
            self._word("asc")
        last = self._word("nulls", "last")
        if not last:
            self._word("nulls", "first")
        return Order(operand, descending, last)

    def _condition(self, depth: int) -> Condition:
        """Conditions joined by one word; to mix and with or, the vendor asks for parentheses."""
        if depth > _DEPTH:
            raise self._unexpected()
        found = [self._term(depth)]
        word = ""
        while self._now.text.lower() in ("and", "or"):
            token = self._next()
            if word and token.text.lower() != word:
                raise self._unexpected(token)
            word = token.text.lower()
            found.append(self._term(depth))
        return Both(word, tuple(found)) if word else found[0]

    def _term(self, depth: int) -> Condition:
        if depth > _DEPTH:
            raise self._unexpected()
        if self._word("not"):
            return Not(self._term(depth + 1))
        if self._sign("("):
            condition = self._condition(depth + 1)
            self._need(")")
            return condition
        return self._comparison()

    def _comparison(self) -> Comparison:
        operand = self._operand()
        token = self._next()
        word = token.text.lower()
        if token.kind == "sign" and word in _SIGNS:
            return Comparison(operand, "!=" if word == "<>" else word, (self._literal(),))
        if word == "like":
            return Comparison(operand, "like", (self._literal(),))
        if word == "not" and self._word("in"):
            word = "not in"
        if word not in ("in", "not in", "includes", "excludes"):
            raise self._unexpected(token)
        self._need("(")
        if self._now.text.lower() == "select":
            query = self.query(0)
            self._need(")")
            return Comparison(operand, word, (), query)
        values = [self._literal()]
        while self._sign(","):
            values.append(self._literal())
        self._need(")")
        return Comparison(operand, word, tuple(values))

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind in ("string", "number", "date", "datetime"):
            return Literal(token.kind, token.text, token.at)
        word = token.text.lower()
        if word in ("true", "false"):
            return Literal("boolean", word, token.at)
        if word == "null":
            return Literal("null", word, token.at)
        if word in PERIODS:
            counts = PERIODS[word]
            if counts and not self._sign(":"):
                raise self._unexpected()
            return Literal("period", word, token.at, self._count() if counts else 0)
        raise self._unexpected(token)


def _path(token: Token) -> Path:
    return Path(tuple(token.text.split(".")), token.at)
