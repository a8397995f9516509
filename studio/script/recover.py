"""How reading goes on after a mistake, and what the mistake most likely was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from studio.base.i18n import _
from studio.base.patterns import pattern
from studio.script import habits, tree
from studio.script.lex import Token

if TYPE_CHECKING:
    from studio.script.parse import Parser

_PATH_REST = pattern(r"[^\]\n;,)]*\]?")
_SETS = pattern(r"\s*[+-]?=(?!=)")


def tag_mend(token: Token) -> str:
    """What to do about a tag or bracket that ends nothing."""
    if token.kind == "close":
        return _("Put <trans> at the beginning of the script, or leave </trans> out.")
    return _("Take it out, or open it further up.")


def path_end(text: str, offset: int) -> int:
    """Where a path that cannot be read ends: after its bracket, at most at the end of the line, argument or statement."""
    match = _PATH_REST.match(text, offset)
    return match.end() if match else offset


def in_list(parser: Parser, token: Token, start: int, mend: str) -> bool:
    """Neither comma nor closing bracket follows an item: whether more items come."""
    if parser.outer(token) or token.is_operator(";") or new_statement(parser.text, token):
        if token.is_operator(";") and not _statement_follows(parser, token):
            mend = _("Separate entries with commas; statements need no braces around them.")
            parser.lexer.wrong(parser.unexpected(token, mend))
            parser.lexer.next()
            return True
        parser.unclosed(token, start, mend)
        return False
    parser.lexer.wrong(parser.unexpected(token, mend))
    if not parser.starts_value(token):
        parser.lexer.next()
    return True


def new_statement(text: str, token: Token) -> bool:
    """A line begins here that sets a variable, or the script: what was open before it should have been closed."""
    if token.kind == "open":
        return True
    if token.kind not in ("name", "global"):
        return False
    line = text.rfind("\n", 0, token.start)
    return line >= 0 and not text[line : token.start].strip() and _SETS.match(text, token.end) is not None


def _statement_follows(parser: Parser, token: Token) -> bool:
    """After a semicolon a new line begins, or nothing: the bracket before it was forgotten."""
    rest = parser.text[token.end : token.end + 200]
    return not rest.strip() or rest.lstrip(" \t\r").startswith("\n")


def between(parser: Parser, found: list[tree.Expression], token: Token, stop: str) -> None:
    """An expression is followed by something that is no semicolon: say what is meant and go on."""
    before = found[-1]
    if (
        _torn_text(parser, before, token)
        or _joined(parser, found, token)
        or _keyword(parser, found, token)
        or _stray_word(parser, token)
        or _braces(parser, found, token)
    ):
        return
    if token.is_operator(")", "]", "}") or token.kind in ("open", "close"):
        mend = tag_mend(token)
    elif token.is_operator("(") and isinstance(before, tree.Path) and before.vendor:
        mend = _("Functions are called as ToUpper(text).")
    elif stop == ",":
        mend = _("Put a comma between two arguments, or an operator between two values.")
    else:
        mend = _("Put a semicolon or an operator between two expressions.")
    parser.lexer.wrong(parser.unexpected(token, mend))
    if not parser.starts_value(token):
        parser.lexer.next()


def _torn_text(parser: Parser, before: tree.Expression, token: Token) -> bool:
    """A text right after which a word stands: a quote inside it, or the missing quote of a line further up."""
    last = _last(before)
    text = parser.text
    if not isinstance(last, tree.Literal) or not isinstance(last.value, str) or last.end != token.start:
        return False
    quote = text[last.start]
    if quote not in "'\"" or token.kind not in ("name", "number", "vendor", "text", "hole"):
        return False
    line = text.find("\n", last.start, last.end)
    if line >= 0:
        mend = _("Close it with {quote}.").format(quote=quote)
        parser.lexer.wrong(parser.lexer.error(_("This text has no closing quote."), last.start, mend))
        if parser.lexer.mistakes is not None:
            parser.lexer.jump(line)
        return True
    parser.lexer.wrong(
        parser.unexpected(token, _("Write \\{quote} for a quote inside a text.").format(quote=quote))
    )
    closing = re.compile(rf"[^{quote}\n]*{quote}(?=\s*[;,)\]}}+=&|<>*/^-]|\s*$)", re.MULTILINE).match(
        text, token.start
    )
    if token.kind == "text":
        parser.lexer.next()
    elif closing is not None:
        parser.lexer.jump(closing.end())
    return True


def _last(node: tree.Expression) -> tree.Expression:
    """What stands last in an expression."""
    while True:
        match node:
            case tree.Binary():
                node = node.right
            case tree.Assign():
                node = node.value
            case tree.Unary():
                node = node.operand
            case _:
                return node


def _joined(parser: Parser, found: list[tree.Expression], token: Token) -> bool:
    """`a and b`: a word where an operator belongs."""
    mend = habits.joining(str(token.value)) if token.kind == "name" else None
    if mend is None:
        return False
    parser.lexer.wrong(parser.unexpected(token, mend))
    parser.lexer.next()
    left, right = found.pop(), parser.assignment()
    operator = habits.JOINING[str(token.value).lower()]
    found.append(tree.Binary(left.start, right.end, operator, left, right))
    return True


def _keyword(parser: Parser, found: list[tree.Expression], token: Token) -> bool:
    """`var x`, `return x`: a word that begins a statement elsewhere."""
    before = _last(found[-1])
    word = before.name if isinstance(before, tree.Local) else ""
    mend = habits.leading(word) if word else None
    if mend is None or not parser.starts_value(token):
        return False
    parser.lexer.wrong(
        parser.lexer.error(_("{text} is not expected here.").format(text=word), before.start, mend)
    )
    if before is found[-1]:
        found.pop()
    if token.is_operator("{"):
        block = _block(parser)
        _into_if(found, block) if word.lower() == "else" else found.append(block)
    return True


def _stray_word(parser: Parser, token: Token) -> bool:
    """`then`, `end`, `else` after an expression."""
    mend = habits.leading(str(token.value)) if token.kind == "name" else None
    if mend is None or parser.text[token.end :].lstrip()[:1] in ("=", "(", ";", ""):
        return False
    parser.lexer.wrong(parser.unexpected(token, mend))
    parser.lexer.next()
    return True


def _braces(parser: Parser, found: list[tree.Expression], token: Token) -> bool:
    """`if (a) { b }`: the statements become an argument of the call, as they should be written."""
    call = found[-1]
    if not isinstance(call, tree.Call) or tree.is_hole(call) or not token.is_operator("{"):
        return False
    name = {"while": "While", "for": "While", "foreach": "While", "if": "If"}.get(call.name.lower())
    mend = _("Leave the braces out; semicolons separate statements.")
    if name is not None:
        mend = _("{name} is a function: write the statements as its second argument.").format(name=name)
    parser.lexer.wrong(parser.lexer.error(_("A block in braces does not belong here."), token.start, mend))
    block = _block(parser)
    if name is None:
        found.append(block)
    else:
        found[-1] = tree.Call(call.start, block.end, call.name, (*call.arguments, block), call.name_end)
    return True


def _into_if(found: list[tree.Expression], block: tree.Expression) -> None:
    call = found[-1] if found else None
    if isinstance(call, tree.Call) and call.name.lower() == "if" and len(call.arguments) == 2:
        found[-1] = tree.Call(call.start, block.end, call.name, (*call.arguments, block), call.name_end)
    else:
        found.append(block)


def _block(parser: Parser) -> tree.Expression:
    """Statements in braces, taken with their braces."""
    opening = parser.lexer.next()
    statements = parser.enclosed("}")
    closing = parser.lexer.peek()
    if closing.is_operator("}"):
        parser.lexer.next()
    else:
        parser.unclosed(closing, opening.start, _("Close it with {quote}.").format(quote="}"))
    end = max(closing.end if closing.is_operator("}") else closing.start, opening.end)
    return tree.Block(opening.start, end, statements) if statements else tree.hole(opening.start, end)
