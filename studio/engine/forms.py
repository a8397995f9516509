"""Form: a schema's node as the readers and writers of records need it, without functions, so that a plan can hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property

from studio.base.records import dataclass
from studio.schema.model import TEXT, Kind, Node, Occurs, Type, ValueType

# A definition that nests deeper cannot be meant; it may also hold itself.
_DEEPEST = 40


@dataclass(frozen=True)
class Form:
    """A node and those inside it. `value` is the type of its text, None where it holds none."""

    name: str
    kind: Kind
    value: ValueType | None = None
    occurs: Occurs = field(default_factory=Occurs)
    fixed: str | None = None
    default: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Form, ...] = ()

    @property
    def is_record(self) -> bool:
        """It is a record of its own in the document, not a part of one."""
        return self.kind is Kind.SEGMENT

    @cached_property
    def has_fields(self) -> bool:
        """It is a record itself, not only a group of records."""
        return "code" in self.facts or any(not child.is_record for child in self.children)

    @cached_property
    def node(self) -> Node:
        """The node again, with those inside it."""
        inside = tuple(child.node for child in self.children)
        kind = Type(self.name, value=self.value, children=(lambda: inside) if inside else None)
        return Node(
            self.name,
            self.kind,
            kind,
            self.occurs,
            default=self.default,
            fixed=self.fixed,
            facts=self.facts,
        )

    def child(self, name: str) -> Form | None:
        """The node of this name inside it, looked for through choices."""
        return self._named.get(name)

    @cached_property
    def _named(self) -> dict[str, Form]:
        return {child.name: child for child in reversed(tuple(self.flat()))}

    def flat(self) -> Iterator[Form]:
        """The nodes one step below, looking through choices."""
        for child in self.children:
            if child.kind is Kind.CHOICE:
                yield from child.flat()
            else:
                yield child

    def __getstate__(self) -> dict[str, object]:
        # What was worked out from the fields holds functions.
        return {key: value for key, value in self.__dict__.items() if key in self.__dataclass_fields__}


def form_of(node: Node, *, alone: bool = False, above: tuple[Type, ...] = ()) -> Form:
    """The form of a node; with `alone` without those inside it, which else are left out where they hold themselves."""
    cut = alone or len(above) > _DEEPEST or node.type in above
    inside = () if cut else node.type.children
    value = node.value
    return Form(
        node.name,
        node.kind,
        value if value is None or (value.item is None and not value.members) else TEXT,
        node.occurs,
        node.fixed,
        node.default,
        dict(node.facts),
        tuple(form_of(child, above=(*above, node.type)) for child in inside),
    )


def chains(forms: tuple[Form, ...], lead: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Form]]:
    """Every record and group of records below, each with the names down to it, parents first."""
    for form in forms:
        if form.is_record:
            chain = (*lead, form.name)
            yield chain, form
            yield from chains(form.children, chain)
