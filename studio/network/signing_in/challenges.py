"""What a proxy offers in its Proxy-Authenticate headers (RFC 9110, 11.6.1), read leniently and in bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field

from studio.base.records import dataclass

_MOST = 32
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BETWEEN = re.compile(r"[\s,]*")
_TOKEN68 = re.compile(r"[ \t]+([A-Za-z0-9._~+/-]+=*)[ \t]*(?=,|$)")
_PARAMETER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:\"((?:[^\"\\]|\\.)*)\"?|([^\s,]*))")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Challenge:
    """One offered scheme in lower case, with its token (NTLM, Negotiate) or its parameters, their names in lower case."""

    scheme: str
    token: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_challenges(values: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges of some headers, in their order; what cannot be read is passed over."""
    found: list[Challenge] = []
    for value in values:
        found += _read(value)
    return tuple(found[:_MOST])


def _read(value: str) -> list[Challenge]:
    found: list[Challenge] = []
    at = 0
    while at < len(value) and len(found) <= _MOST:
        at = _end(_BETWEEN.match(value, at), at)
        parameter = _PARAMETER.match(value, at)
        if parameter is not None and found and not found[-1].token:
            name, quoted, plain = parameter.groups()
            text = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
            found[-1] = Challenge(found[-1].scheme, "", {**found[-1].parameters, name.lower(): text})
            at = parameter.end()
            continue
        scheme = _TOKEN.match(value, at)
        if scheme is None:
            at = _next_comma(value, at)
            continue
        token = _TOKEN68.match(value, scheme.end())
        found.append(Challenge(scheme[0].lower(), token[1] if token else ""))
        at = token.end() if token else scheme.end()
    return found


def _end(match: re.Match[str] | None, at: int) -> int:
    return match.end() if match else at


def _next_comma(value: str, at: int) -> int:
    comma = value.find(",", at)
    return len(value) if comma < 0 else comma + 1
