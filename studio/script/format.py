"""A script in the usual layout: spaces around operators, two blanks per open bracket, lines broken where they were."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.script.parse import parse

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<comment>//[^\n]* | /\*/.* | /\*.*?\*/)
    | (?P<value>"(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | \$[\w`~@\#$%:.?]+ | \d+\.?\d* | \.\d+)
    | (?P<tag></?trans>)
    | (?P<name>[^\W\d]\w*(?:[$.\#](?:\w[\w:-]*)?)*)
    | (?P<operator>&&|\|\||\+\+|--|[<>=!+-]=|[-+*/^<>=!&|])
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<mark>[,;])
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@dataclass
class _Token:
    kind: str
    text: str
    lines: int = 0  # line ends before it


def format_script(text: str) -> str:
    """The script laid out anew, comments kept. Raises ScriptError when it cannot be read."""
    parse(text)
    lines: list[str] = []
    depth = 0
    for tokens in _lines(_tokens(text)):
        closing = _leading_closes(tokens)
        indent = "  " * max(0, depth - closing)
        lines += [""] * min(1, max(0, tokens[0].lines - 1)) if lines else []
        lines.append((indent + _joined(tokens)).rstrip())
        depth += sum((token.kind == "open") - (token.kind == "close") for token in tokens)
    return "\n".join(lines) + "\n" if lines else ""


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, lines = 0, 0
    while at < len(text):
        if text[at] == "[" and not _operand_ended(tokens):
            end = _path_end(text, at)
            tokens.append(_Token("value", text[at:end], lines))
            at, lines = end, 0
            continue
        match = _TOKEN.match(text, at)
        assert match is not None  # the script was read before
        kind = match.lastgroup or ""
        if kind == "space":
            lines += match[0].count("\n")
        else:
            tokens.append(_Token(_exact(kind, match[0], tokens), match[0].rstrip("\r"), lines))
            lines = 0
        at = match.end()
    return tokens


def _operand_ended(tokens: list[_Token]) -> bool:
    last = next((token for token in reversed(tokens) if token.kind != "comment"), None)
    return last is not None and (last.kind in ("value", "name", "close") or last.kind == "after")


def _exact(kind: str, text: str, tokens: list[_Token]) -> str:
    """Tell signs before an operand and counting after one from operators between two."""
    if kind != "operator":
        return kind
    ended = _operand_ended(tokens)
    if text in ("++", "--"):
        return "after" if ended else "before"
    return "operator" if ended else "before"


def _path_end(text: str, start: int) -> int:
    """The offset after the bracket that closes a path; quoted texts and names may hold brackets."""
    depth, at = 0, start
    while at < len(text):
        char = text[at]
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
            if depth == 0:
                return at + 1
        elif char == "`" or (char in "'\"" and depth > 1):
            match = re.compile(r"`[^`]*`|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL).match(text, at)
            at = match.end() - 1 if match else at
        at += 1
    return len(text)


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
