"""What a DTD declares; content models and attribute lists are taken apart when they are looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from studio.schema.dtd.attributes import attribute_list
from studio.schema.dtd.content import parse_model
from studio.schema.dtd.model import Attribute, Entity, Group, Spot

_NAME = re.compile(r"[^\s()|,&?*+#\x01\x02]+")
_NOWHERE = Spot()
_WORDS = frozenset(("EMPTY", "ANY", "PCDATA", "CDATA", "-", "O"))


@dataclass(frozen=True)
class Element:
    """A declared element: its content model as written, and the entities in it that are not declared (`lost`)."""

    name: str
    text: str
    spot: Spot = _NOWHERE
    lost: tuple[str, ...] = ()

    @cached_property
    def content(self) -> tuple[str, Group | None]:
        """EMPTY, ANY, MIXED (then the model is the choice of what stands among the text) or CHILDREN; the model."""
        return parse_model(self.text)

    @property
    def kind(self) -> str:
        """EMPTY, ANY, MIXED or CHILDREN."""
        return self.content[0]

    @property
    def model(self) -> Group | None:
        """The model, None for EMPTY and ANY."""
        return self.content[1]

    @cached_property
    def mentioned(self) -> tuple[str, ...]:
        """The elements its model names, each once."""
        return tuple(name for name in dict.fromkeys(_NAME.findall(self.text)) if name not in _WORDS)


class AttributeLists:
    """All attributes declared for one element; of several for one name the first counts."""

    def __init__(self) -> None:
        self._lists: list[tuple[str, list[str], Spot]] = []

    def add(self, text: str, quoted: list[str], spot: Spot) -> None:
        """One more declaration."""
        self._lists.append((text, quoted, spot))

    def mentions(self, word: str) -> bool:
        """The word stands in one of the declarations."""
        return any(word in text for text, _quoted, _spot in self._lists)

    @cached_property
    def named(self) -> dict[str, Attribute]:
        """The attributes by name, in the order declared."""
        found: dict[str, Attribute] = {}
        for text, quoted, spot in self._lists:
            for attribute in attribute_list(text, quoted, spot):
                found.setdefault(attribute.name, attribute)
        return found


NO_ATTRIBUTES = AttributeLists()


@dataclass
class Declarations:
    """All declarations of a DTD and its modules; of several for one name the first counts."""

    elements: dict[str, Element] = field(default_factory=dict)
    attributes: dict[str, AttributeLists] = field(default_factory=dict)
    entities: dict[str, Entity] = field(default_factory=dict)
    root: str = ""

    def attributes_of(self, name: str) -> dict[str, Attribute]:
        """The attributes of an element by name."""
        return self.attributes.get(name, NO_ATTRIBUTES).named
