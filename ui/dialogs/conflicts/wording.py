"""Versions in words: a rule as lines, what one side changed in it, what of a text differs from another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from studio.base import yaml_write
from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import parse
from studio.mapping.versions import rule_of
from ui.bridge import numbers
from ui.dialogs.conflicts.matters import FileVersion, Matter

# A path in its brackets and a quoted text are one word.
_WORDS = re.compile(
    r"""\[[^\[\]]*\]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[\w.$@]+|[=!<>]=|&&|\|\||\s+|.""", re.DOTALL
)
# Longer texts are compared line by line.
_LONGEST = 4_000
_MOST_LINES = 12


def text_of(matter: Matter, value: Any) -> str:
    """A version as it is shown; "" for one that is not there."""
    if value is None:
        return ""
    if isinstance(value, FileVersion):
        return _file_text(value)
    if matter.rule:
        return rule_text(value)
    return own_text(matter, value)


def rule_text(value: Any) -> str:
    """A rule as its file has it, an option a line, its script first."""
    if not isinstance(value, Mapping):
        return str(value)
    lines = [str(value["script"])] if "script" in value else []
    for key, option in value.items():
        if key == "sort":
            lines += [f"sort {_sort(each)}" for each in (option if isinstance(option, list) else [option])]
        elif key != "script":
            lines.append(f"{key} {option if isinstance(option, str | int) else _inline(option)}")
    return "\n".join(lines)


def own_text(matter: Matter, value: Any) -> str:
    """A version as it is written by hand: a script as it is, everything else as in the file."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if matter.rule:
        return yaml_write.write(value).rstrip("\n")
    if matter.keys:
        key = matter.keys[-1]
        return yaml_write.write({key: value}, blocks=(key,)).rstrip("\n")
    return yaml_write.write(value, blocks=tuple(value)).rstrip("\n")


def own_value(matter: Matter, text: str) -> Any:
    """What was written by hand as plain data, None for nothing; raises BadInput naming line and column."""
    if not text.strip():
        return None
    options = any(isinstance(side, Mapping | list) for side in matter.versions)
    if not options:
        return text
    if matter.rule:
        value = parse(text).plain() if _looks_like_options(text) else text
        rule_of(matter.rule, value)
        return value
    data = parse(text).plain()
    if not isinstance(data, Mapping):
        raise BadInput(
            _("This is not written as in the file."), next_step=_("Write names with their values.")
        )
    if not matter.keys:
        return data
    if list(data) != [matter.keys[-1]]:
        said = _("Only {key} can be written here.").format(key=matter.keys[-1])
        raise BadInput(said, next_step=_("Begin with {key}: and its value.").format(key=matter.keys[-1]))
    return data[matter.keys[-1]]


def _looks_like_options(text: str) -> bool:
    return re.match(r"\s*(?:script|loop|when|each|join|group|sort|first|last|note)\s*:", text) is not None


def part_of(matter: Matter) -> str:
    """What kind of place it is, in a word."""
    if not matter.rule:
        return _("file") if not matter.object else "" if matter.keys else _("whole object")
    sides = [side for side in matter.versions if isinstance(side, Mapping)]
    if any("loop" in side or "each" in side for side in sides):
        return _("loop")
    if sides and all("script" not in side for side in sides) and any("when" in side for side in sides):
        return _("condition")
    return _("value")


def is_loop(matter: Matter) -> bool:
    """It is a rule that makes several instances."""
    sides = [side for side in matter.versions if isinstance(side, Mapping)]
    return bool(matter.rule) and any("loop" in side or "each" in side for side in sides)


def sorts(value: Any) -> bool:
    """A version of a loop puts its turns into an order."""
    return isinstance(value, Mapping) and bool(value.get("sort"))


def changes(base: Any, side: Any) -> str:
    """What one side did to a rule: `changes the condition, adds an order`; "" where that cannot be said in words."""
    if None in (base, side) or not any(isinstance(each, Mapping) for each in (base, side)):
        return ""
    base, side = _options(base), _options(side)
    if base.keys().isdisjoint(side):
        return ""
    names = _option_names()
    found = []
    for key in dict.fromkeys((*base, *side)):
        if base.get(key) == side.get(key):
            continue
        name = names.get(key, key)
        if key not in base:
            found.append(_("adds {part}").format(part=name))
        elif key not in side:
            found.append(_("removes {part}").format(part=name))
        else:
            found.append(_("changes {part}").format(part=name))
    return ", ".join(found)


def gone(matter: Matter, side: Any) -> list[tuple[int, str]]:
    """What was in the base and one side took out: offsets in the side's text and the text that was there.

    An option of a rule that is gone stands at the end, a line each; what was only replaced by something else is no part
    of it, since the new stands marked in its place.
    """
    base, text = matter.base, text_of(matter, side)
    lost = ""
    if matter.rule:
        options, left = _options(base), _options(side)
        lost = rule_text({key: value for key, value in options.items() if key not in left})
        base = {key: value for key, value in options.items() if key in left}
    before = _WORDS.findall(text_of(matter, base))
    after = _WORDS.findall(text)
    starts = [0]
    for word in after:
        starts.append(starts[-1] + len(word))
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    parts = [(starts[at], "".join(before[i:j])) for kind, i, j, at, _to in codes if kind == "delete"]
    found = [(at, part) for at, part in parts if part.strip()]
    if lost:
        found.append((len(text), f"\n{lost}" if text else lost))
    return found


def _options(rule: Any) -> Mapping[str, Any]:
    return rule if isinstance(rule, Mapping) else {"script": rule}


def _option_names() -> Mapping[str, str]:
    return {
        "script": _("the script"),
        "loop": _("the loop"),
        "each": _("the list"),
        "when": _("the condition"),
        "join": _("a join"),
        "group": _("the grouping"),
        "sort": _("an order"),
        "first": _("the first one"),
        "last": _("the last one"),
        "note": _("the note"),
    }


def differing(base: str, text: str) -> list[tuple[int, int]]:
    """The extents (offsets) in `text` of what is not in `base`, word by word; what lies close together is one."""
    if max(len(base), len(text)) > _LONGEST:
        return _lines_differing(base, text)
    before, after = _WORDS.findall(base), _WORDS.findall(text)
    starts = [0]
    for word in after:
        starts.append(starts[-1] + len(word))
    found: list[tuple[int, int]] = []
    for kind, _start, _end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in ("insert", "replace"):
            start, end = _trimmed(text, starts[first], starts[last])
            if found and start < end and not text[found[-1][1] : start].strip():
                found[-1] = (found[-1][0], end)
            elif start < end:
                found.append((start, end))
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _lines_differing(base: str, text: str) -> list[tuple[int, int]]:
    before, after = base.splitlines(keepends=True), text.splitlines(keepends=True)
    starts = [0]
    for line in after:
        starts.append(starts[-1] + len(line))
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [
        (starts[first], starts[last]) for kind, _s, _e, first, last in codes if kind in ("insert", "replace")
    ]


def is_long(texts: Sequence[str]) -> bool:
    """Texts too long to stand whole in a row."""
    return any(text.count("\n") >= _MOST_LINES or len(text) > _LONGEST for text in texts)


def _sort(each: Any) -> str:
    if not isinstance(each, Mapping):
        return str(each)
    down = f" {_('descending')}" if each.get("descending") else ""
    return f"{each.get('by', '')}{down}"


def _inline(value: Any) -> str:
    return yaml_write.write({"x": value}).removeprefix("x: ").rstrip("\n")


def _file_text(version: FileVersion) -> str:
    lines = [_("{n} bytes").format(n=numbers.count(version.size))]
    if version.changed:
        lines.append(numbers.when(version.changed))
    if version.digest:
        lines.append(f"SHA-256 {version.digest[:16]}…")
    return "\n".join(lines)
