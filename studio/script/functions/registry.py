"""The functions of the language by name: what they take, give and mean, and the Python that does it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from studio.base.i18n import N_, _, ngettext
from studio.base.lazily import Lazily
from studio.base.records import dataclass
from studio.script.functions.argument_notes import note_of
from studio.script.functions.failures import NOT_HERE, failure_of
from studio.script.host import Host
from studio.script.tree import Value

if TYPE_CHECKING:
    import difflib
else:
    difflib = Lazily("difflib")

MANY = 100
"""Most arguments of a function that takes any number."""

FAMILIES = {
    "text": N_("Text"),
    "number": N_("Numbers"),
    "date": N_("Dates and times"),
    "logic": N_("Logic"),
    "array": N_("Arrays and dictionaries"),
    "conversion": N_("Conversion"),
    "general": N_("General"),
    "instance": N_("Instances"),
    "log": N_("Log and errors"),
    "hash": N_("Encoding and hashes"),
    "xml": N_("XML"),
    "operation": N_("Operations"),
    "file": N_("Files"),
    "mail": N_("Mail"),
    "database": N_("Databases"),
    "salesforce": N_("Salesforce"),
    "netsuite": N_("NetSuite"),
    "ldap": N_("Directories (LDAP)"),
    "changes": N_("Change detection"),
    "cache": N_("Cache"),
    "environment": N_("Environment"),
}


@dataclass(frozen=True)
class Argument:
    """`type` is string, number, bool, date, array, dictionary, binary, node or type (any), or two joined by `|`.

    A `node` is given as the path of a source node; functions that take one see the node itself, not its value.
    """

    name: str
    type: str
    optional: bool = False
    many: bool = False
    note: str = ""

    @property
    def explanation(self) -> str:
        """What it is, in the user's language."""
        return _(self.note) if self.note else ""

    @property
    def takes_node(self) -> bool:
        """A path given here stands for the source node."""
        return "node" in self.type.split("|")


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the language. `doc` is English; show it with `explanation`. `example` is a script.

    `gives` is the example's value as `studio.script.examples.shown` writes it, empty where nothing here can run it;
    `fails` says in English when the function raises an error of its own, empty where it never does.
    `run` takes the arguments' values (after the host, when `wants_host`); None means that only the host can answer.
    `pure` functions give the same for the same arguments and change nothing.
    """

    name: str
    family: str
    arguments: tuple[Argument, ...]
    result: str
    doc: str
    example: str = ""
    run: Callable[..., Value] | None = None
    wants_host: bool = False
    pure: bool = True
    lazy: bool = False
    gives: str = ""
    fails: str = ""

    @cached_property
    def minimum(self) -> int:
        """Fewest arguments."""
        return sum(not argument.optional for argument in self.arguments)

    @cached_property
    def maximum(self) -> int:
        """Most arguments."""
        many = any(argument.many for argument in self.arguments)
        return MANY if many else len(self.arguments)

    def each(self) -> Iterator[Argument]:
        """The declared argument of every place; the last ones repeat where any number may follow."""
        yield from self.arguments
        while self.arguments and self.arguments[-1].many:
            yield self.arguments[-1]

    @property
    def signature(self) -> str:
        """`Left(str, n)`; optional arguments in square brackets."""
        shown = [_shown(argument) for argument in self.arguments]
        return f"{self.name}({', '.join(shown)})"

    @property
    def explanation(self) -> str:
        """What it does, in the user's language."""
        return _(self.doc)

    @property
    def failure(self) -> str:
        """When it raises an error, in the user's language."""
        return _(self.fails) if self.fails else ""

    @cached_property
    def takes_nodes(self) -> bool:
        """Some argument may be a source node."""
        return any(argument.takes_node for argument in self.arguments)

    @property
    def available(self) -> bool:
        """It works without asking the surroundings."""
        return self.run is not None or self.lazy

    def count_message(self, given: int) -> str:
        """The sentence for a wrong number of arguments."""
        if self.minimum == self.maximum:
            return ngettext(
                "{function} takes {n} argument, not {given}.",
                "{function} takes {n} arguments, not {given}.",
                self.minimum,
            ).format(function=self.name, n=self.minimum, given=given)
        return _("{function} takes {least} to {most} arguments, not {given}.").format(
            function=self.name, least=self.minimum, most=self.maximum, given=given
        )

    def __call__(self, host: Host, arguments: Sequence[Value]) -> Value:
        """The function's value. Raises RunError, Unavailable when the surroundings do not offer it."""
        if self.run is None:
            return host.ask(self.name, arguments)
        return self.run(host, *arguments) if self.wants_host else self.run(*arguments)


def _shown(argument: Argument) -> str:
    name = f"{argument.name}, …" if argument.many else argument.name
    return f"[{name}]" if argument.optional else name


FUNCTIONS: dict[str, Function] = {}
"""Every function by its name as documented, in order of declaration."""
_by_lower: dict[str, Function] = {}

_SIGNATURE = re.compile(r"(\w+)\((.*)\): (\w+)\Z")
_ARGUMENT = re.compile(r"(\w+)(\?)?(\.\.\.)?: ([\w|]+)\Z")
Run = TypeVar("Run", bound=Callable[..., Any])


def declare(
    family: str,
    signature: str,
    doc: str,
    example: str = "",
    gives: str = "",
    *,
    fails: str = "",
    run: Callable[..., Value] | None = None,
    host: bool = False,
    pure: bool = True,
    lazy: bool = False,
) -> Function:
    """Add a function to the language: `declare("text", "Left(str: string, n: number): string", N_("…"))`."""
    match = _SIGNATURE.match(signature)
    if match is None:
        raise ValueError(signature)
    arguments = tuple(_argument(match[1], text) for text in match[2].split(", ") if text)
    fails = fails or failure_of(match[1]) or ("" if gives else NOT_HERE)
    function = Function(
        match[1], family, arguments, match[3], doc, example, run, host, pure, lazy, gives, fails
    )
    FUNCTIONS[function.name] = function
    _by_lower[function.name.lower()] = function
    return function


def _argument(function: str, text: str) -> Argument:
    match = _ARGUMENT.match(text)
    if match is None:
        raise ValueError(text)
    name = match[1]
    return Argument(name, match[4], match[2] is not None, match[3] is not None, note_of(function, name))


def function(
    family: str,
    signature: str,
    doc: str,
    example: str = "",
    gives: str = "",
    *,
    fails: str = "",
    host: bool = False,
    pure: bool = True,
) -> Callable[[Run], Run]:
    """Decorate the Python function that does it."""

    def add(run: Run) -> Run:
        declare(
            family, signature, doc, example, gives, fails=fails, run=run, host=host, pure=pure and not host
        )
        return run

    return add


def find(name: str) -> Function | None:
    """The function of a name, whatever its letter case."""
    return _by_lower.get(name.lower())


def nearest(name: str) -> str | None:
    """The documented name most like a misspelt one, None where nothing is near."""
    wrong = name.lower()
    near = difflib.get_close_matches(wrong, list(_by_lower), n=5, cutoff=0.7)
    return next((_by_lower[each].name for each in near if _is_slip(wrong, each)), None)


def _is_slip(wrong: str, right: str) -> bool:
    """Whether a person may have meant one by writing the other: little differs, or letters were only left out."""
    if min(len(wrong), len(right)) >= 4 and (wrong in right or right in wrong):
        return True
    steps = difflib.SequenceMatcher(None, wrong, right, autojunk=False).get_opcodes()
    if len(wrong) >= 4 and all(kind in ("equal", "insert") for kind, *_places in steps):
        return True
    differing = sum(max(a2 - a1, b2 - b1) for kind, a1, a2, b1, b2 in steps if kind != "equal")
    return differing <= max(1, len(wrong) // 2)
