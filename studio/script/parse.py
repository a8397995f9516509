"""Script text to a tree: precedence climbing, with one error at the first place that makes no sense."""

from __future__ import annotations

from pathlib import Path as FilePath

from studio.base.i18n import _
from studio.script import tree
from studio.script.errors import ScriptError, syntax_error
from studio.script.lex import Lexer, Token
from studio.script.parse_path import PathReader, vendor_path

MAX_TEXT = 1_000_000
"""Longest script, in characters."""
MAX_NESTING = 64
"""Deepest nesting of brackets, calls, prefix operators and assignments."""

# The binary levels, low to high; `!` stands between the last two, assignment below all.
_LEVELS = {
    "&&": 1, "||": 1, "&": 1, "|": 1,
    "<": 2, ">": 2, "<=": 2, ">=": 2, "==": 2, "!=": 2,
    "+": 3, "-": 3,
    "*": 4, "/": 4,
    "^": 5,
}  # fmt: skip
_SAME = {"&": "&&", "|": "||"}
_VARIABLES = (tree.Local, tree.Global)


def parse(text: str, *, file: str | FilePath | None = None) -> tree.Script:
    """The tree of a script; `<trans>` around it is optional.

    Raises ScriptError naming the file, line and column of the first mistake.
    """
    name = str(file) if file is not None else None
    if len(text) > MAX_TEXT:
        raise syntax_error(
            _("The script is longer than {limit} characters.").format(limit=MAX_TEXT),
            text,
            0,
            name,
            _("Split it into several scripts."),
        )
    parser = _Parser(Lexer(text, name))
    try:
        return parser.script()
    except RecursionError:
        raise parser.too_deep(0) from None


def parse_path(text: str, *, file: str | FilePath | None = None) -> tree.Path:
    """The tree of a path written without its brackets, as a loop holds it: `orders/order[[@id] > 5]`.

    The vendor's notation is not recognised here. Raises ScriptError with line and column.
    """
    lexer = Lexer(text, str(file) if file is not None else None)
    path, end = PathReader(lexer, _Parser(lexer).filter).read(0)
    if end != len(text):
        raise lexer.error(_("The path ends before this {char}.").format(char=text[end]), end)
    return path


class _Parser:
    def __init__(self, lexer: Lexer) -> None:
        self.lexer = lexer
        self.text = lexer.text
        self._depth = 0

    def script(self) -> tree.Script:
        framed = self.lexer.peek().kind == "open"
        if framed:
            self.lexer.next()
        start = self.lexer.peek().start
        statements = self._statements("close" if framed else "end")
        last = self.lexer.next()
        if framed and last.kind != "close":
            raise self._unexpected(last, _("Close the script with </trans>."))
        after = self.lexer.peek()
        if after.kind != "end":
            raise self._unexpected(after, _("Nothing may follow the script's end."))
        return tree.Script(start, last.start, self.text, statements, self.lexer.file)

    def filter(self, position: int) -> tuple[tree.Script, int]:
        """The condition in a path from an offset on, and the offset of the `]` that ends it."""
        self._enter(position)
        self.lexer.jump(position)
        statements = self._statements("]")
        closing = self.lexer.peek()
        if not statements:
            raise self.lexer.error(_("A condition must stand between the brackets."), closing.start)
        self._depth -= 1
        return tree.Script(position, closing.start, self.text, statements, self.lexer.file), closing.start

    def _statements(self, stop: str) -> tuple[tree.Expression, ...]:
        """Expressions separated by semicolons, up to a token of kind or operator `stop`, left where it is."""
        found: list[tree.Expression] = []
        while True:
            if self._stops(self.lexer.peek(), stop):
                return tuple(found)
            found.append(self._assignment())
            token = self.lexer.peek()
            if token.is_operator(";"):
                self.lexer.next()
            elif not self._stops(token, stop):
                raise self._unexpected(token, _("Put a semicolon or an operator between two expressions."))

    @staticmethod
    def _stops(token: Token, stop: str) -> bool:
        if stop == ",":
            return token.is_operator(",", ")")
        return token.kind == stop or token.is_operator(stop)

    def _enter(self, offset: int) -> None:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self.too_deep(offset)

    def too_deep(self, offset: int) -> ScriptError:
        """The error for brackets in brackets in brackets."""
        return self.lexer.error(
            _("The script is nested more than {limit} levels deep.").format(limit=MAX_NESTING),
            offset,
            _("Put the inner parts into variables."),
        )

    def _assignment(self) -> tree.Expression:
        self._enter(self.lexer.peek().start)
        left = self._binary(1)
        token = self.lexer.peek()
        if token.is_operator("=", "+=", "-="):
            if not isinstance(left, (*_VARIABLES, tree.Index)):
                raise self.lexer.error(
                    _("Only a variable or an array entry can be set."),
                    left.start,
                    _("To compare, write ==."),
                )
            self.lexer.next()
            value = self._assignment()
            left = tree.Assign(left.start, value.end, str(token.value), left, value)
        self._depth -= 1
        return left

    def _binary(self, lowest: int) -> tree.Expression:
        left = self._prefix()
        while True:
            token = self.lexer.peek()
            level = _LEVELS.get(str(token.value), 0) if token.kind == "operator" else 0
            if level < lowest or level == 0:
                return left
            self.lexer.next()
            right = self._binary(level + 1)
            operator = _SAME.get(str(token.value), str(token.value))
            left = tree.Binary(left.start, right.end, operator, left, right)

    def _prefix(self) -> tree.Expression:
        token = self.lexer.peek()
        if not token.is_operator("!", "-", "++", "--"):
            return self._postfix()
        self._enter(token.start)
        self.lexer.next()
        found: tree.Expression
        if token.value == "!":
            # It takes the whole rest of its expression, whatever stands left of it.
            operand = self._binary(1)
            found = tree.Unary(token.start, operand.end, "!", operand)
        elif token.value == "-":
            operand = self._postfix()
            found = tree.Unary(token.start, operand.end, "-", operand)
        else:
            target = self._postfix()
            if not isinstance(target, (*_VARIABLES, tree.Index)):
                raise self.lexer.error(
                    _("Only a variable or an array entry can be counted up or down."), target.start
                )
            found = tree.Increment(token.start, target.end, str(token.value), target, postfix=False)
        self._depth -= 1
        return found

    def _postfix(self) -> tree.Expression:
        operand = self._primary()
        while self.lexer.peek().is_operator("["):
            self.lexer.next()
            key = self._assignment()
            closing = self._take("]", _("Close the index with ]."))
            operand = tree.Index(operand.start, closing.end, operand, key)
        token = self.lexer.peek()
        if token.is_operator("++", "--") and isinstance(operand, _VARIABLES):
            self.lexer.next()
            return tree.Increment(operand.start, token.end, str(token.value), operand, postfix=True)
        return operand

    def _primary(self) -> tree.Expression:
        token = self.lexer.peek()
        if token.is_operator("["):
            return self._path(token)
        self.lexer.next()
        match token.kind:
            case "number" | "text":
                return tree.Literal(token.start, token.end, token.value)
            case "global":
                return tree.Global(token.start, token.end, str(token.value))
            case "name":
                return self._name(token)
            case "vendor":
                return vendor_path(str(token.value), token.start)
        if token.is_operator("("):
            return self._group(token)
        if token.is_operator("{"):
            items, end = self._list("}", _("Close the array with }."))
            return tree.Array(token.start, end, items)
        raise self._unexpected(token, _("A value, a variable, a function or a [path] belongs here."))

    def _path(self, token: Token) -> tree.Path:
        path, end = PathReader(self.lexer, self.filter).read(token.end)
        if self.text[end : end + 1] != "]":
            raise self.lexer.error(_("This path has no end."), token.start, _("Close it with ]."))
        self.lexer.jump(end + 1)
        return tree.Path(
            token.start, end + 1, path.absolute, path.up, path.source, path.steps, path.whole, path.vendor
        )

    def _name(self, token: Token) -> tree.Expression:
        name = str(token.value)
        if name in ("true", "false"):
            return tree.Literal(token.start, token.end, name == "true")
        if not self.lexer.peek().is_operator("("):
            return tree.Local(token.start, token.end, name)
        self.lexer.next()
        arguments, end = self._list(")", _("Close the call of {name} with ).").format(name=name))
        return tree.Call(token.start, end, name, arguments, token.end)

    def _group(self, token: Token) -> tree.Expression:
        inner = self._assignment()
        closing = self._take(")", _("Close the bracket opened here with )."), token)
        if isinstance(inner, tree.Binary):
            return tree.Binary(token.start, closing.end, inner.operator, inner.left, inner.right)
        return inner

    def _list(self, closing: str, next_step: str) -> tuple[tuple[tree.Expression, ...], int]:
        """Items up to the closing bracket; a call's may be blocks, an array's may not."""
        items: list[tree.Expression] = []
        if self.lexer.peek().is_operator(closing):
            return (), self.lexer.next().end
        while True:
            items.append(self._argument() if closing == ")" else self._assignment())
            token = self.lexer.next()
            if token.is_operator(closing):
                return tuple(items), token.end
            if not token.is_operator(","):
                raise self._unexpected(token, next_step)

    def _argument(self) -> tree.Expression:
        first = self.lexer.peek()
        statements = self._statements(",")
        if not statements:
            raise self._unexpected(first, _("A value belongs between the commas."))
        if len(statements) == 1:
            return statements[0]
        return tree.Block(statements[0].start, statements[-1].end, statements)

    def _take(self, operator: str, next_step: str, opened: Token | None = None) -> Token:
        token = self.lexer.next()
        if not token.is_operator(operator):
            if opened is not None and token.kind in ("end", "close"):
                raise self.lexer.error(_("This bracket has no end."), opened.start, next_step)
            raise self._unexpected(token, next_step)
        return token

    def _unexpected(self, token: Token, next_step: str) -> ScriptError:
        if token.kind == "end":
            return self.lexer.error(_("The script ends too early."), token.start, next_step)
        shown = self.text[token.start : min(token.end, token.start + 40)]
        return self.lexer.error(_("{text} is not expected here.").format(text=shown), token.start, next_step)
