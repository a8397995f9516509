"""Which line of a proxy script decided: its text with a mark at each `return` of FindProxyForURL, and the line in words.

Only an explanation is made from the marked text; the decision itself is always that of the script as it is.
"""

from __future__ import annotations

import re

from studio.base.i18n import _
from studio.network.pac_functions import fits

MARK = "__line"
_TOKEN = re.compile(
    r"""(?P<skip>//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"""
    r"""|(?P<word>[A-Za-z_$][\w$]*)|(?P<sign>[{}])|(?P<pattern>/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)""",
    re.DOTALL,
)
# A slash after one of these begins a pattern, elsewhere it divides.
_BEFORE_PATTERN = re.compile(r"(?:[(,=:\[!&|?{};+\-*%<>~^]|\breturn|\btypeof|^)\s*\Z")
_CALL = re.compile(
    r"""(?P<negated>!?)\s*(?P<name>dnsDomainIs|shExpMatch|isPlainHostName|isInNet|localHostOrDomainIs)\s*\(\s*\w+(?:\([^()]*\))?"""
    r"""(?:\s*,\s*["'](?P<one>[^"']*)["'])?(?:\s*,\s*["'](?P<two>[^"']*)["'])?\s*\)"""
)


def marked(script: str) -> str | None:
    """The script with the number of its line noted before each value FindProxyForURL returns; None where it is not found."""
    start = re.search(r"\bfunction\s+FindProxyForURL\s*\([^)]*\)\s*\{", script)
    if start is None:
        return None
    out: list[str] = [script[: start.end()]]
    at, depth = start.end(), 1
    while depth:
        found = _TOKEN.search(script, at)
        if found is None:
            return None
        kind, end = found.lastgroup, found.end()
        if kind == "pattern" and not _BEFORE_PATTERN.search(
            script, max(0, found.start() - 40), found.start()
        ):
            end = found.start() + 1
        out.append(script[at:end])
        if kind == "sign":
            depth += 1 if found[0] == "{" else -1
        elif found[0] == "return" and re.match(r"[ \t]*[^\s;}]", script[end : end + 40]):
            line = script.count("\n", 0, found.start()) + 1
            out.append(f" {MARK}={line},")
        at = end
    return f"var {MARK}=0;" + "".join(out) + script[at:]


def in_words(script: str, line: int, host: str) -> str:
    """What line `line` asks of the host: its condition where it is one of the usual ones, else the line as it stands."""
    lines = script.splitlines()
    if not 0 < line <= len(lines):
        return ""
    first = line
    while first > max(1, line - 5) and not re.search(r"\bif\b", lines[first - 1]):
        if lines[first - 2].rstrip().endswith((";", "}")):
            break  # the end of something else
        first -= 1
    asked = re.search(r"\bif\b", lines[first - 1]) is not None
    text = "\n".join(lines[first - 1 : line]) if asked else lines[line - 1]
    said = [
        _condition(*found[1:]) for found in _CALL.findall(text) if _true(found[0], found[1], found[2], host)
    ]
    return said[0] if said else (lines[first - 1] if asked else text).strip()[:80]


def _true(negated: str, name: str, one: str, host: str) -> bool:
    """A condition that may have been the one; addresses are not looked up again."""
    if negated:
        return False
    if name == "dnsDomainIs":
        return host.endswith(one)
    if name == "shExpMatch":
        return fits(host, one) or "/" in one
    return "." not in host if name == "isPlainHostName" else True


def _condition(name: str, one: str, two: str) -> str:
    says = {
        "dnsDomainIs": _("host ends in {one}"),
        "shExpMatch": _("fits {one}"),
        "isPlainHostName": _("host has no dot"),
        "isInNet": _("address is in {one}/{two}"),
        "localHostOrDomainIs": _("host is {one}"),
    }
    return says[name].format(one=one, two=two)
