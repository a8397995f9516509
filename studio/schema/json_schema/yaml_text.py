"""YAML as the values JSON would give, with lines: aliases share their value, so no document grows by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from studio.base import yaml_read
from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _
from studio.schema.json_text import Number

MOST_VALUES = 2_000_000
DEEPEST = 200

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_STANDARD = "tag:yaml.org,2002:"


def parse_yaml(text: str, path: Path | None = None) -> tuple[Any, dict[int, int]]:
    """The value of one YAML document, and the line of every mapping in it by its identity.

    Plain scalars are typed as in JSON (numbers as Number). Raises BadInput with the place, also for tags of other
    programs and for an alias inside what it names; TooLarge beyond two million values.
    """
    builder = _Builder(path)
    return yaml_read.built(text, builder.build, path), builder.lines


class _Builder:
    """Makes values from parser events without recursion, so that depth and size are ours to limit."""

    def __init__(self, path: Path | None) -> None:
        self.lines: dict[int, int] = {}
        self._path = path
        self._root: Any = None
        self._documents = 0
        self._open: list[Any] = []
        self._keys: list[str | None] = []
        self._anchors: dict[str, Any] = {}
        self._merged: set[tuple[int, str]] = set()
        self._count = 0

    def build(self, events: Iterator[Any]) -> Any:
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._start(event, {})
            elif kind is yaml.SequenceStartEvent:
                self._start(event, [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._open.pop()
                self._keys.pop()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, _("A description is one YAML document; a second one starts here."))
        return self._root

    def _scalar(self, event: Any) -> None:
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            here = self._open[-1]
            if event.value in here and (id(here), event.value) not in self._merged:
                self._refuse(event, _("The key {key} is already used above.").format(key=repr(event.value)))
            self._keys[-1] = event.value
            return
        value = self._typed(event)
        self._put(value, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = value

    def _typed(self, event: Any) -> Any:
        tag = event.tag
        if tag is not None and not tag.startswith(_STANDARD) and tag != "!":
            self._refuse(event, _("The tag {tag} belongs to another program.").format(tag=tag))
        if event.style or tag == f"{_STANDARD}str" or tag == "!":
            return event.value
        if event.value in _WORDS:
            return _WORDS[event.value]
        return Number(event.value) if _NUMBER.fullmatch(event.value) else event.value

    def _start(self, event: Any, value: Any) -> None:
        if self._open and isinstance(self._open[-1], dict) and self._keys[-1] is None:
            self._refuse(event, _("A key must be a text."))
        if len(self._open) >= DEEPEST:
            self._refuse(event, _("Values are nested deeper than {limit}.").format(limit=DEEPEST), TooLarge)
        self._put(value, event)
        if isinstance(value, dict):
            self.lines[id(value)] = event.start_mark.line + 1
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        self._open.append(value)
        self._keys.append(None)

    def _alias(self, event: Any) -> None:
        value = self._anchors.get(event.anchor, self)
        if value is self:
            self._refuse(event, _("The alias {name} names nothing above.").format(name=event.anchor))
        if any(value is one for one in self._open):
            self._refuse(event, _("The alias {name} stands inside what it names.").format(name=event.anchor))
        if self._keys and self._keys[-1] == "<<" and isinstance(value, dict):
            # A merge key: what stands beside it wins, whichever comes first.
            here = self._open[-1]
            self._merged.update((id(here), key) for key in value if key not in here)
            here.update((key, inner) for key, inner in value.items() if key not in here)
            self._keys[-1] = None
            self._count += len(value)
            self._check(event)
            return
        self._put(value, event)

    def _put(self, value: Any, event: Any) -> None:
        self._count += 1
        self._check(event)
        if not self._open:
            self._root = value
        elif isinstance(self._open[-1], dict):
            self._open[-1][self._keys[-1]] = value
            self._keys[-1] = None
        else:
            self._open[-1].append(value)

    def _check(self, event: Any) -> None:
        if self._count > MOST_VALUES:
            self._refuse(
                event, _("The file holds more than {limit} values.").format(limit=MOST_VALUES), TooLarge
            )

    def _refuse(self, event: Any, message: str, error: type[BadInput] = BadInput) -> NoReturn:
        mark = event.start_mark
        raise error(
            message,
            file=self._path,
            line=mark.line + 1,
            column=mark.column + 1,
            next_step=_("Correct this line and try again."),
        )
