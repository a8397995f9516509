"""A script in the usual layout: spaces around operators, two blanks per open bracket, lines broken where they were."""

from __future__ import annotations

from dataclasses import dataclass

from studio.script import tree
from studio.script.lossless import Piece, Source, read

_KINDS = {
    "number": "value",
    "text": "value",
    "global": "value",
    "vendor": "name",
    "open": "tag",
    "close": "tag",
}


@dataclass
class _Token:
    """`kind` is value, name, tag, comment, mark (comma, semicolon), open, close, operator, before or after."""

    kind: str
    text: str
    lines: int = 0  # line ends before it


def format_script(text: str) -> str:
    """The script laid out anew, comments kept. Raises ScriptError when it cannot be read."""
    source = read(text)
    if source.mistakes:
        raise source.mistakes[0]
    lines: list[str] = []
    depth = 0
    for tokens in _lines(_tokens(source)):
        closing = _leading_closes(tokens)
        indent = "  " * max(0, depth - closing)
        lines += [""] * min(1, max(0, tokens[0].lines - 1)) if lines else []
        lines.append((indent + _joined(tokens)).rstrip())
        depth += sum((token.kind == "open") - (token.kind == "close") for token in tokens)
    return "\n".join(lines) + "\n" if lines else ""


def _tokens(source: Source) -> list[_Token]:
    """The pieces that stay, each path in one."""
    tokens: list[_Token] = []
    paths = {path.start: path.end for path in tree.paths(source.script) if not path.vendor}
    until, lines = 0, 0
    for piece in source.pieces:
        if piece.start < until:
            continue
        if piece.kind == "space":
            lines += piece.text.count("\n")
            continue
        if piece.start in paths:
            until = paths[piece.start]
            tokens.append(_Token("value", source.text[piece.start : until], lines))
        else:
            tokens.append(_Token(_kind(piece, tokens), piece.text.rstrip("\r"), lines))
        lines = 0
    return tokens


def _kind(piece: Piece, tokens: list[_Token]) -> str:
    """A piece's part in the layout: signs before an operand and counting after one are told from operators."""
    if piece.kind != "operator":
        return _KINDS.get(piece.kind, piece.kind)
    if piece.text in "([{":
        return "open"
    if piece.text in ")]}":
        return "close"
    if piece.text in ",;":
        return "mark"
    ended = _operand_ended(tokens)
    if piece.text in ("++", "--"):
        return "after" if ended else "before"
    return "operator" if ended else "before"


def _operand_ended(tokens: list[_Token]) -> bool:
    last = next((token for token in reversed(tokens) if token.kind != "comment"), None)
    return last is not None and last.kind in ("value", "name", "close", "after")


def _lines(tokens: list[_Token]) -> list[list[_Token]]:
    lines: list[list[_Token]] = []
    for token in tokens:
        if not lines or token.lines or lines[-1][-1].text.startswith("//"):
            lines.append([])
        lines[-1].append(token)
    return lines


def _leading_closes(tokens: list[_Token]) -> int:
    count = 0
    while count < len(tokens) and tokens[count].kind == "close":
        count += 1
    return count


def _joined(tokens: list[_Token]) -> str:
    parts: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and _apart(before, token):
            parts.append(" ")
        parts.append(token.text)
    return "".join(parts)


def _apart(before: _Token, token: _Token) -> bool:
    """A blank stands between two tokens of a line."""
    if token.kind in ("mark", "close", "after") or before.kind in ("open", "before"):
        return False
    if token.kind == "open" and token.text == "(" and before.kind == "name":
        return False
    return not (token.text == "[" and before.kind in ("value", "name", "close"))
