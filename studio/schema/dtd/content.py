"""Content models from their text: tolerant, since a missing module leaves holes in them."""

from __future__ import annotations

import re

from studio.schema.dtd.model import Group, Particle

_TOKEN = re.compile(r"#[A-Za-z]+|[^\s()|,&?*+#]+|[()|,&?*+]")
# SGML lets a declaration say which tags may be left out, and which elements may not stand anywhere below.
_LEFT_OUT = re.compile(r"\A\s*[-oO]\s+[-oO]\s+")
_EXCLUDED = re.compile(r"(?<=[\s)*+?])-\s*\([^)]*\)")
_DEEPEST = 200
_TEXT = "#PCDATA"


def parse_model(text: str) -> tuple[str, Group | None]:
    """The kind (EMPTY, ANY, MIXED, CHILDREN) and the model; holes left by missing entities are passed over."""
    tokens = _TOKEN.findall(_EXCLUDED.sub("", _LEFT_OUT.sub("", text)))
    words = [token.upper() for token in tokens[:1]]
    if words in (["EMPTY"], ["ANY"]):
        return words[0], None
    if words == ["CDATA"] or not tokens:
        return ("MIXED", Group("|", ())) if words else ("ANY", None)
    group = _Parser(tokens).group()
    if _has_text(group):
        return "MIXED", Group("|", tuple(Particle(name) for name in _names(group)), "*")
    return "CHILDREN", group


class _Parser:
    """Reads groups without recursion."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def group(self) -> Group:
        """The outermost group; what stands outside any is one group together."""
        # Each level: the items, and the joint seen between them.
        levels: list[tuple[list[Particle | Group], list[str]]] = [([], [])]
        for token in self._tokens:
            if token == "(" and len(levels) < _DEEPEST:
                levels.append(([], []))
            elif token == ")" and len(levels) > 1:
                _close(levels)
            elif token in "|,&":
                levels[-1][1].append(token)
            elif token in "?*+":
                _mark(levels[-1][0], token)
            elif token[0] not in "-\x01()":
                levels[-1][0].append(Particle(token))
        while len(levels) > 1:
            _close(levels)
        items, joints = levels[0]
        if len(items) == 1 and isinstance(items[0], Group):
            return items[0]
        return _closed(items, joints) or Group(",", ())


def _close(levels: list[tuple[list[Particle | Group], list[str]]]) -> None:
    done = _closed(*levels.pop())
    if done is not None:
        levels[-1][0].append(done)


def _closed(items: list[Particle | Group], joints: list[str]) -> Group | None:
    if not items:
        return None
    joint = "|" if "|" in joints else ","
    return Group(joint, tuple(items))


def _mark(items: list[Particle | Group], mark: str) -> None:
    if items and not items[-1].mark:
        last = items.pop()
        items.append(
            Particle(last.name, mark) if isinstance(last, Particle) else Group(last.joint, last.items, mark)
        )


def _has_text(group: Group) -> bool:
    waiting: list[Particle | Group] = [group]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Group):
            waiting += item.items
        elif item.name.upper() == _TEXT:
            return True
    return False


def _names(group: Group) -> list[str]:
    """The element names of a mixed model, each once."""
    found: dict[str, None] = {}
    waiting: list[Particle | Group] = [group]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Group):
            waiting += reversed(item.items)
        elif not item.name.startswith("#"):
            found[item.name] = None
    return list(found)


def written(item: Particle | Group) -> str:
    """A model as a DTD writes it."""
    if isinstance(item, Particle):
        return item.name + item.mark
    return f"({item.joint.join(map(written, item.items))}){item.mark}"
