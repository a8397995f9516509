"""Plan: a transformation with every name looked up. It holds no schema and no file, so it can be pickled and cached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property

from studio.base.errors import Problem, Severity
from studio.base.records import dataclass
from studio.engine.formats.edi_layout import Part
from studio.engine.forms import Form
from studio.schema.model import TEXT, Base, ValueType
from studio.script import tree


@dataclass(frozen=True)
class Hop:
    """One resolved step: the children called `key` of the instances so far.

    `key` is a name, `{namespace}name`, or either with `@` before it. `every` takes all instances, else `index`
    (from 1) or the first. `filter` keeps the candidates it holds for; `type` those whose xsi:type it is.
    """

    key: str
    every: bool = False
    filter: Expr | None = None
    index: int | None = None
    type: str | None = None


@dataclass(frozen=True)
class Read:
    """Where a path begins and which steps lead to its value.

    It begins at the current instance of frame `level` (0 is the document, then one frame per enclosing loop or
    filter), `up` parents higher, or at each member of that frame's group. `spread` hops reach the last repeating
    node, 0 where nothing repeats; `array` says that the value is an array. `chain` are the keys from the document
    down, `address` the same for people. `holds_text` is false for a node that only contains others. `outside` says
    that the value is not in the record at hand: it stands elsewhere in the document, and where the way there leads up
    from the record, `origin` are the keys down to the node around the record that it leaves it from.
    `member` is the number (from 1) of the one member it begins at, where it does not begin at all of them.
    `whole` says that the node itself is wanted, with everything below. `joined` names the join of that frame's loop
    whose row it begins at instead. The first key of what stands in a further document is that document's name with
    `::`, as if the whole of it stood below the main one.
    """

    level: int
    up: int
    hops: tuple[Hop, ...]
    chain: tuple[str, ...]
    address: str
    spread: int = 0
    array: bool = False
    members: bool = False
    member: int | None = None
    base: Base = Base.TEXT
    holds_text: bool = True
    mixed: bool = False
    nillable: bool = False
    outside: bool = False
    origin: tuple[str, ...] | None = None
    whole: bool = False
    joined: str = ""

    def beside(self, unit: tuple[str, ...]) -> bool:
        """It is outside the record, but in the node around it that is at `unit`."""
        return self.outside and self.origin is not None and self.origin[: len(unit)] == unit


@dataclass(frozen=True)
class Expr:
    """A script with its paths resolved; `wrong` tells why it cannot run, `script` is None if it cannot be read."""

    text: str
    script: tree.Script | None
    reads: tuple[tuple[tree.Path, Read], ...] = ()
    wrong: Problem | None = None

    @property
    def carried(self) -> Read | None:
        """The read, when the script is a path alone: its value passes with the text it had."""
        if self.script is None or self.wrong or not isinstance(self.script.only, tree.Path):
            return None
        return self.reads[0][1]


@dataclass(frozen=True)
class Order:
    """A sort key."""

    by: Expr
    descending: bool = False


@dataclass(frozen=True)
class Join:
    """Rows that go with a loop's candidates, known to its rules as `name`.

    `lookup` is the key of the Lookup that finds them; `given` are the values it is asked with, over the candidate and
    the rows of the joins before. `left` keeps candidates without a row.
    """

    name: str
    lookup: str
    given: tuple[Expr, ...]
    left: bool = False


@dataclass(frozen=True)
class Lookup:
    """Rows to be found by the values of some of their fields: what joins ask.

    `document` is the name of the further document they are in, empty for the main one; `source` leads to them;
    `fields` are read in a row. `unit` says how they are read and what is kept of each.
    """

    key: str
    document: str
    source: Read
    fields: tuple[Read, ...]
    unit: Unit


@dataclass(frozen=True)
class Loop:
    """What makes the instances of a target node; the frame of its instances is number `level`.

    Either `source` (a node set) or `each` (an array). `joins` come first, then the fields from `when` on, in their order. `wrong` tells why the
    loop's path leads nowhere; there is no source then. `given` is a name: SetInstances may give it its entries;
    `ordered` one by which SortInstances may order it; `counted` says that scripts ask how many turns there are.
    """

    level: int
    source: Read | None
    each: Expr | None = None
    when: Expr | None = None
    group: tuple[Expr, ...] | None = None
    adjacent: bool = False
    sort: tuple[Order, ...] = ()
    first: int | None = None
    last: int | None = None
    wrong: Problem | None = None
    given: str = ""
    ordered: str = ""
    counted: bool = False
    joins: tuple[Join, ...] = ()

    @property
    def streams(self) -> bool:
        """Its instances can be made one by one, whatever comes later."""
        steered = self.ordered or self.counted
        return not (self.group or self.sort or self.last is not None or steered) and self.source is not None

    @property
    def follows(self) -> bool:
        """Its turns are groups of neighbours and nothing else, so that each can be made as soon as it is read."""
        more = self.joins or self.ordered or self.counted or self.given or self.sort
        cut = self.when is not None or self.first is not None or self.last is not None
        return bool(self.group) and self.adjacent and not more and not cut and self.source is not None

    @property
    def arranges(self) -> bool:
        """Its turns are records that are grouped, sorted or counted from the end, and nothing else keeps them together."""
        more = self.joins or self.ordered or self.counted or self.given
        return bool(self.group or self.sort or self.last is not None) and not more and self.source is not None

    def exprs(self) -> Iterator[Expr]:
        """Every script of the loop itself."""
        yield from (expr for join in self.joins for expr in join.given)
        yield from (expr for expr in (self.each, self.when) if expr is not None)
        yield from self.group or ()
        yield from (order.by for order in self.sort)


@dataclass(frozen=True)
class Target:
    """A target node that some rule reaches: what it is called, when it exists and what it holds.

    `path` is the map's key with instance numbers. `loose` says that its texts have a format of their own, which its
    type does not tell. `tag` is the name as written in the output (with prefix). `entry`
    marks the entries of a JSON array. `xsi_type` and `fixed` are written as they are. `form` is the schema's node in
    formats that are written from nested data (engine.nested).
    """

    path: str
    tag: str
    attribute: bool = False
    field: bool = False
    entry: bool = False
    required: bool = False
    repeats: bool = False
    nillable: bool = False
    mixed: bool = False
    value: ValueType = TEXT
    holds_text: bool = True
    loose: bool = False
    xsi_type: str | None = None
    fixed: str | None = None
    form: Form | None = None
    when: Expr | None = None
    script: Expr | None = None
    loop: Loop | None = None
    children: tuple[Target, ...] = ()

    def walk(self) -> Iterator[Target]:
        """The node and those below, in target order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def exprs(self) -> Iterator[Expr]:
        """The scripts of this node alone."""
        yield from (expr for expr in (self.when, self.script) if expr is not None)
        if self.loop is not None:
            yield from self.loop.exprs()

    @cached_property
    def held(self) -> tuple[Target, ...]:
        """Of it and those below, the ones with a rule whose type lists values or has a form or a length."""
        value = self.value
        limits = (value.enumeration, value.pattern, value.min_length, value.max_length)
        own = self.script is not None and not self.loose and any(limits)
        below = tuple(each for child in self.children for each in child.held)
        return (self, *below) if own else below

    @cached_property
    def contains_loop(self) -> bool:
        """It, or a node below, loops."""
        return self.loop is not None or any(child.contains_loop for child in self.children)

    @cached_property
    def steered(self) -> bool:
        """Scripts steer its loop, or one below."""
        own = self.loop is not None and bool(self.loop.given or self.loop.ordered)
        return own or any(child.steered for child in self.children)

    @cached_property
    def speaks_of_itself(self) -> bool:
        """It, or a node below, may carry xsi:nil or xsi:type."""
        return bool(self.nillable or self.xsi_type) or any(child.speaks_of_itself for child in self.children)


@dataclass(frozen=True)
class Shape:
    """The source nodes in use, as a tree of keys from the document.

    `text` says that the node's own text is used, `present` that it matters whether it is there; `entries` that it is a
    JSON array of its one child `item`; `whole` that everything below is used, whether it stands here or not; `typed`
    that its xsi:type is asked for.
    """

    key: str
    children: Mapping[str, Shape] = field(default_factory=dict)
    text: bool = False
    present: bool = False
    repeats: bool = False
    entries: bool = False
    base: Base = Base.TEXT
    mixed: bool = False
    nillable: bool = False
    whole: bool = False
    typed: bool = False

    def at(self, chain: tuple[str, ...]) -> Shape | None:
        """The shape reached by the keys."""
        here: Shape | None = self
        for key in chain:
            here = here.children.get(key) if here else None
        return here


@dataclass(frozen=True)
class Document:
    """A source or target document: `format` is xml, json, lines, delimited, edi, or one of those in engine.nested.

    `root` is the key (source) or tag (target) of the root, empty for a JSON object. `namespaces` are the prefixes to
    declare. `facts` are the schema's own (delimiter, header, columns …). `declared` says that the schema was written
    by somebody, not guessed from a sample, so that values are held to its types; `entries` that a JSON document is an
    array; `objects` that every record of JSON lines is an object; `forms` are the records there are, in the formats of
    engine.nested; `messages` are the segments of X12 or EDIFACT; `options`
    say how a target is written beyond its schema (see engine.output_options).
    """

    format: str
    root: str
    schema: str = ""
    namespaces: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    declared: bool = True
    entries: bool = False
    objects: bool = False
    forms: tuple[Form, ...] = ()
    messages: Part | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unit:
    """What is read at once: the keys down to it, which of them are entries of a JSON array, what it holds."""

    chain: tuple[str, ...]
    entries: tuple[bool, ...]
    shape: Shape


@dataclass(frozen=True)
class Top:
    """An outermost loop: its target node and the keys down to its records.

    `streams` says that its records can be taken one by one as they are read. `unit` is what is read at once: the record
    record itself, or the node above it whose values records need, where there are several such nodes.
    `further` names the further document its records are in; those are taken from memory. `follows` says that its
    records are groups of neighbours, whose members can be taken one by one. `arranges` says that the records can be taken
    one by one to be put in order, on disk where they are many, before the first is written.
    """

    target: Target
    chain: tuple[str, ...]
    streams: bool
    unit: Unit
    further: str = ""
    follows: bool = False
    arranges: bool = False

    @property
    def gathers(self) -> bool:
        """A unit holds several records."""
        return len(self.unit.chain) < len(self.chain)


@dataclass(frozen=True)
class Further:
    """A further source: what is read of it as a whole, apart from what lookups keep."""

    name: str
    document: Document
    shape: Shape


@dataclass(frozen=True)
class Output:
    """A further target: its document, the virtual document node above its root, its outermost loops."""

    name: str
    document: Document
    root: Target
    tops: tuple[Top, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything a back end needs.

    `root` is the virtual target document, its only child the target's root. `tops` are the outermost loops in target
    order. `passes` is `stream` (nothing outside the records is read), `head` (some is, and stands before them; `watch`
    are the tags that must not come later), `twice` (a first pass collects it) or `whole` (the input is held in
    memory), with the `reason` for people. `outer` is what is read outside the records. `in_order` says that scripts
    change globals that others read, so that the judge's own order matters; `logs` that they write to the log and do it
    once per record in target order. `on_failure` is what becomes of records that fail, one of mapping.model.ON_FAILURE.
    `further` are the further sources, `lookups` what joins ask, `outputs` the further targets. `kinds` are the source
    nodes that evidence tells apart by their type (see kinds.kinds_of).
    """

    name: str
    source: Document
    target: Document
    root: Target
    shape: Shape
    outer: Shape
    tops: tuple[Top, ...] = ()
    passes: str = "stream"
    watch: tuple[str, ...] = ()
    reason: str = ""
    in_order: bool = False
    logs: bool = False
    on_failure: str = "set-aside"
    tables: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    further: tuple[Further, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    outputs: tuple[Output, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def roots(self) -> tuple[Target, ...]:
        """The virtual target documents, the main one first."""
        return (self.root, *(output.root for output in self.outputs))

    def reading(self, further: Further, shape: Shape | None = None) -> Plan:
        """The plan whose only source is a further one, of which `shape` is used: enough for opening it."""
        used = further.shape if shape is None else shape
        return replace(
            self, source=further.document, shape=used, outer=used, tops=(), passes="stream", watch=()
        )

    def writing(self, output: Output) -> Plan:
        """The plan whose only target is a further one."""
        return replace(self, target=output.document, root=output.root, tops=output.tops, outputs=())

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What must be mended before a run."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)
