"""Script text to a tree: precedence climbing; the first mistake is raised, or all are kept and reading goes on."""

from __future__ import annotations

from pathlib import Path as FilePath

from studio.base.i18n import N_, _
from studio.script import recover, tree
from studio.script.errors import ScriptError, TooManyMistakes, syntax_error
from studio.script.lex import Lexer, Token
from studio.script.parse_path import PathReader, plain_path, vendor_path

MAX_TEXT = 1_000_000
"""Longest script, in characters."""
MAX_NESTING = 64
"""Deepest nesting of brackets, calls, prefix operators and assignments."""

# The binary levels, low to high; `!` stands between the last two, assignment below all.
_LEVELS: dict[str | int | float, int] = {
    "&&": 1, "||": 1, "&": 1, "|": 1,
    "<": 2, ">": 2, "<=": 2, ">=": 2, "==": 2, "!=": 2,
    "+": 3, "-": 3,
    "*": 4, "/": 4,
    "^": 5,
}  # fmt: skip
_SAME = {"&": "&&", "|": "||"}
# By what was opened: other languages have a word for each.
_UNCLOSED = {
    "(": N_("This parenthesis has no end."),
    "[": N_("This bracket has no end."),
    "{": N_("This brace has no end."),
}
_SETTING = ("=", "+=", "-=")
_AFTER = ("[", "++", "--")
_VARIABLES = (tree.Local, tree.Global)


def parse(text: str, *, file: str | FilePath | None = None) -> tree.Script:
    """The tree of a script; `<trans>` around it is optional.

    Raises ScriptError naming the file, line and column of the first mistake.
    """
    name = str(file) if file is not None else None
    if len(text) > MAX_TEXT:
        raise _too_long(text, name)
    parser = Parser(Lexer(text, name))
    try:
        return parser.script()
    except RecursionError:
        raise parser.too_deep(0) from None


def parse_all(
    text: str, *, file: str | FilePath | None = None, trail: list[tuple[str, int, int]] | None = None
) -> tuple[tree.Script, tuple[ScriptError, ...]]:
    """The tree of any text and all its mistakes, in order of their places; `tree.is_hole` stands for what is missing.

    Never raises. `trail` is given every token taken: its kind, start and end. A script with too many
    mistakes, or nested too deeply, is read up to there.
    """
    name = str(file) if file is not None else None
    mistakes: list[ScriptError] = []
    if len(text) > MAX_TEXT:
        return tree.Script(0, 0, text, (), name), (_too_long(text, name),)
    lexer = Lexer(text, name, mistakes=mistakes)
    lexer.trail = trail
    parser = Parser(lexer)
    try:
        script = parser.script()
    except TooManyMistakes:
        script = parser.so_far()
    except ScriptError as error:
        mistakes.append(error)
        script = parser.so_far()
    except RecursionError:
        mistakes.append(parser.too_deep(0))
        script = parser.so_far()
    return script, tuple(sorted(mistakes, key=lambda error: error.offset or 0))


def _too_long(text: str, file: str | None) -> ScriptError:
    return syntax_error(
        _("The script is longer than {limit} characters.").format(limit=MAX_TEXT),
        text,
        0,
        file,
        _("Split it into several scripts."),
    )


def parse_path(text: str, *, file: str | FilePath | None = None) -> tree.Path:
    """The tree of a path written without its brackets, as a loop holds it: `orders/order[[@id] > 5]`.

    The vendor's notation is not recognised here. Raises ScriptError with line and column.
    """
    lexer = Lexer(text, str(file) if file is not None else None)
    path, end = PathReader(lexer, Parser(lexer).filter).read(0)
    if end != len(text):
        raise lexer.error(_("The path ends before this {char}.").format(char=text[end]), end)
    return path


class Parser:
    """Reads one script. What stands after a `wrong` in its methods is the way on, for a lexer that keeps mistakes."""

    def __init__(self, lexer: Lexer) -> None:
        self.lexer = lexer
        self.text = lexer.text
        self._depth = 0
        self._closers: list[str] = []
        self._top: list[tree.Expression] = []

    def script(self) -> tree.Script:
        """The whole script."""
        opening = self.lexer.peek()
        framed = opening.kind == "open"
        if framed:
            self.lexer.next()
        start = self.lexer.peek().start
        stop = "close" if framed else "end"
        statements = self.statements(stop, self._top)
        while not self._stops(self.lexer.peek(), stop) and self.lexer.peek().kind != "end":
            self.lexer.wrong(self.unexpected(self.lexer.peek(), recover.tag_mend(self.lexer.next())))
            statements = self.statements(stop, self._top)
        last = self.lexer.next()
        if framed and last.kind != "close" and not self.lexer.cut:
            self.lexer.wrong(
                self.lexer.error(
                    _("This tag has no end."), opening.start, _("Close the script with </trans>.")
                )
            )
        after = self.lexer.peek()
        if after.kind != "end":
            self.lexer.wrong(self.unexpected(after, _("Nothing may follow the script's end.")))
        return tree.Script(start, last.start, self.text, statements, self.lexer.file)

    def so_far(self) -> tree.Script:
        """The statements read until reading was given up."""
        return tree.Script(0, len(self.text), self.text, tuple(self._top), self.lexer.file)

    def filter(self, position: int) -> tuple[tree.Script, int]:
        """The condition in a path from an offset on, and the offset of the `]` that ends it."""
        self.lexer.jump(position)
        self._enter()
        self._closers.append("]")
        statements = self.statements("]")
        self._closers.pop()
        closing = self.lexer.peek()
        if not statements:
            self.lexer.wrong(
                self.lexer.error(_("A condition must stand between the brackets."), closing.start)
            )
        if not closing.is_operator("]"):
            self.unclosed(closing, position - 1, _("Close the condition with ]."))
        self._depth -= 1
        script = tree.Script(position, closing.start, self.text, statements, self.lexer.file)
        return script, closing.start

    def statements(
        self, stop: str, found: list[tree.Expression] | None = None
    ) -> tuple[tree.Expression, ...]:
        """Expressions separated by semicolons, up to a token of kind or operator `stop`, left where it is."""
        found = found if found is not None else []
        lexer = self.lexer
        while True:
            token = lexer.peeked or lexer.peek()
            if self._stops(token, stop) or self.outer(token):
                return tuple(found)
            found.append(self.assignment())
            after = lexer.peeked or lexer.peek()
            if after.value == ";" and after.kind == "operator":
                lexer.next()
            elif self._stops(after, stop):
                return tuple(found)
            elif not self.outer(after):
                if stop == "," and recover.new_statement(self.text, after):
                    return tuple(found)
                recover.between(self, found, after, stop)
                following = self.lexer.peek()
                if following.is_operator(";") or (following.start == token.start and following.kind != "end"):
                    self.lexer.next()

    def enclosed(self, closer: str) -> tuple[tree.Expression, ...]:
        """Statements up to a closing bracket, left where it is."""
        self._enter()
        self._closers.append(closer)
        statements = self.statements(closer)
        self._closers.pop()
        self._depth -= 1
        return statements

    @staticmethod
    def _stops(token: Token, stop: str) -> bool:
        kind, value, _start, _end = token
        if stop == ",":
            return kind == "operator" and value in (",", ")")
        return kind == stop or (kind == "operator" and value == stop)

    def outer(self, token: Token) -> bool:
        """The token ends something around what is being read."""
        if token.kind == "operator":
            return token.value in self._closers
        return token.kind in ("end", "close")

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self.too_deep(self.lexer.peek().start)

    def too_deep(self, offset: int) -> ScriptError:
        """The error for brackets in brackets in brackets."""
        return self.lexer.error(
            _("The script is nested more than {limit} levels deep.").format(limit=MAX_NESTING),
            offset,
            _("Put the inner parts into variables."),
        )

    def assignment(self) -> tree.Expression:
        """One expression, assignments included."""
        self._enter()
        left = self._binary(1)
        token = self.lexer.peeked or self.lexer.peek()
        if token.value in _SETTING and token.kind == "operator":
            settable = isinstance(left, (*_VARIABLES, tree.Index))
            if not settable and not tree.is_hole(left):
                self.lexer.wrong(
                    self.lexer.error(
                        _("Only a variable or an array entry can be set."),
                        left.start,
                        _("To compare, write ==."),
                    )
                )
            self.lexer.next()
            value = self.assignment()
            if isinstance(left, (tree.Local, tree.Global, tree.Index)):
                left = tree.Assign(left.start, value.end, str(token.value), left, value)
            else:
                left = tree.hole(left.start, value.end, left, value)
        self._depth -= 1
        return left

    def _binary(self, lowest: int) -> tree.Expression:
        lexer = self.lexer
        left = self._prefix()
        while True:
            kind, value, _start, _end = lexer.peeked or lexer.peek()
            level = _LEVELS.get(value, 0) if kind == "operator" else 0
            if level < lowest or level == 0:
                return left
            lexer.next()
            right = self._binary(level + 1)
            operator = _SAME.get(str(value), str(value))
            left = tree.Binary(left.start, right.end, operator, left, right)

    def _prefix(self) -> tree.Expression:
        token = self.lexer.peeked or self.lexer.peek()
        if token.kind != "operator" or token.value not in ("!", "-", "++", "--"):
            return self._postfix(token)
        self._enter()
        self.lexer.next()
        found: tree.Expression
        if token.value == "!":
            # It takes the whole rest of its expression, an assignment too, whatever stands left of it.
            self._depth -= 1  # assignment counts it
            operand = self.assignment()
            self._depth += 1
            found = tree.Unary(token.start, operand.end, "!", operand)
        elif token.value == "-":
            operand = self._postfix(self.lexer.peek())
            found = tree.Unary(token.start, operand.end, "-", operand)
        else:
            found = self._counted(token, self._postfix(self.lexer.peek()))
        self._depth -= 1
        return found

    def _counted(self, token: Token, target: tree.Expression) -> tree.Expression:
        if isinstance(target, (tree.Local, tree.Global, tree.Index)):
            return tree.Increment(token.start, target.end, str(token.value), target, postfix=False)
        if not tree.is_hole(target):
            self.lexer.wrong(
                self.lexer.error(
                    _("Only a variable or an array entry can be counted up or down."), target.start
                )
            )
        return tree.hole(token.start, target.end, target)

    def _postfix(self, token: Token) -> tree.Expression:
        operand = self._primary(token)
        token = self.lexer.peeked or self.lexer.peek()
        if token.value not in _AFTER or token.kind != "operator":
            return operand
        while token.value == "[":
            opening = self.lexer.next()
            self._closers.append("]")
            key = self.assignment()
            self._closers.pop()
            end = self._take("]", _("Close the index with ]."), opening)
            operand = tree.Index(operand.start, end, operand, key)
            token = self.lexer.peek()
        if token.is_operator("++", "--") and isinstance(operand, _VARIABLES):
            self.lexer.next()
            return tree.Increment(operand.start, token.end, str(token.value), operand, postfix=True)
        return operand

    def _primary(self, token: Token) -> tree.Expression:
        kind, value, start, end = token
        if kind == "operator":
            return self._opened(token)
        if kind in ("end", "close", "open"):
            return self._nothing(token)
        self.lexer.next()
        if kind == "name":
            return self._name(token)
        if kind in ("number", "text"):
            return tree.Literal(start, end, value)
        if kind == "global":
            return tree.Global(start, end, str(value))
        return vendor_path(str(value), start) if kind == "vendor" else tree.hole(start, end)

    def _opened(self, token: Token) -> tree.Expression:
        """What begins with a bracket: a path, an expression, an array."""
        if token.value not in ("[", "(", "{"):
            return self._nothing(token)
        if token.value == "[":
            return self._path(token)
        self.lexer.next()
        if token.value == "(":
            return self._group(token)
        items, end = self._list("}", _("Close the array with }."), token.start)
        return tree.Array(token.start, end, items)

    def _nothing(self, token: Token) -> tree.Expression:
        """A value is missing; what stands there is left for those who can use it."""
        if token.is_operator(";") and self.text[: token.start].rstrip()[-1:] in (";", ""):
            mend = _("One semicolon between two statements is enough.")
        elif token.is_operator(")", "]", "}") and not self.outer(token):
            mend = recover.tag_mend(token)
        else:
            mend = _("A value, a variable, a function or a [path] belongs here.")
        self.lexer.wrong(self.unexpected(token, mend))
        return tree.hole(token.start, token.start)

    def _path(self, token: Token) -> tree.Expression:
        depth, closers = self._depth, len(self._closers)
        self.lexer.next()
        found = plain_path(self.text, token.end, token.start)
        if found is not None:
            self.lexer.jump(found.end)
            return found
        try:
            path, end = PathReader(self.lexer, self.filter).read(token.end)
        except ScriptError as error:
            if isinstance(error, TooManyMistakes):
                raise
            self.lexer.wrong(error)
            self._depth = depth
            del self._closers[closers:]
            end = recover.path_end(self.text, max(token.end, error.offset or 0))
            self.lexer.jump(end)
            return tree.hole(token.start, end)
        if self.text[end : end + 1] != "]":
            self.lexer.wrong(self.lexer.error(_("This path has no end."), token.start, _("Close it with ].")))
            end = recover.path_end(self.text, token.end)
            self.lexer.jump(end)
            return tree.hole(token.start, end)
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
        opening = self.lexer.next()
        mend = _("Close the call of {name} with ).").format(name=name)
        arguments, end = self._list(")", mend, opening.start)
        return tree.Call(token.start, end, name, arguments, token.end)

    def _group(self, token: Token) -> tree.Expression:
        self._closers.append(")")
        inner = self.assignment()
        self._closers.pop()
        end = self._take(")", _("Close the bracket opened here with )."), token)
        if isinstance(inner, tree.Binary):
            return tree.Binary(token.start, end, inner.operator, inner.left, inner.right)
        return inner

    def _list(self, closing: str, mend: str, start: int) -> tuple[tuple[tree.Expression, ...], int]:
        """Items up to the closing bracket and where it ends; a call's may be blocks, an array's may not."""
        items: list[tree.Expression] = []
        lexer = self.lexer
        if lexer.peek().is_operator(closing):
            return (), lexer.next().end
        self._closers.append(closing)
        while True:
            items.append(self._argument() if closing == ")" else self.assignment())
            token = lexer.peeked or lexer.peek()
            if token.value == "," and token.kind == "operator":
                lexer.next()
            elif token.value == closing and token.kind == "operator":
                self._closers.pop()
                return tuple(items), lexer.next().end
            elif not recover.in_list(self, token, start, mend):
                self._closers.pop()
                return tuple(items), token.start

    def _argument(self) -> tree.Expression:
        first = self.lexer.peek()
        statements = self.statements(",")
        if not statements:
            if first.is_operator(",", ")"):
                self.lexer.wrong(self.unexpected(first, _("A value belongs between the commas.")))
            return tree.hole(first.start, first.start)
        if len(statements) == 1:
            return statements[0]
        return tree.Block(statements[0].start, statements[-1].end, statements)

    def _take(self, operator: str, mend: str, opened: Token) -> int:
        """Take a closing bracket; gives where it ends."""
        token = self.lexer.peek()
        if token.is_operator(operator):
            return self.lexer.next().end
        self.unclosed(token, opened.start, mend)
        if token.is_operator(")", "]", "}") and not self.outer(token):
            return self.lexer.next().end
        if self.starts_value(token) and not recover.new_statement(self.text, token):
            self.assignment()
            if self.lexer.peek().is_operator(operator):
                return self.lexer.next().end
        return token.start

    def unclosed(self, token: Token, start: int, mend: str) -> None:
        """A closing bracket is missing: said where it was opened when the script ends, else where it should stand."""
        if token.kind not in ("end", "close"):
            self.lexer.wrong(self.unexpected(token, mend))
        elif not self.lexer.cut:
            message = _UNCLOSED.get(self.text[start : start + 1], _UNCLOSED["["])
            self.lexer.wrong(self.lexer.error(_(message), start, mend))

    def unexpected(self, token: Token, mend: str) -> ScriptError:
        """The error for a token that makes no sense where it stands."""
        if token.kind == "end":
            return self.lexer.error(_("The script ends too early."), token.start, mend)
        shown = self.text[token.start : min(token.end, token.start + 40)]
        return self.lexer.error(_("{text} is not expected here.").format(text=shown), token.start, mend)

    def starts_value(self, token: Token) -> bool:
        """An expression may begin with the token."""
        if token.kind == "operator":
            return token.value in ("(", "{", "[", "!", "++", "--")
        return token.kind not in ("end", "close", "open")
