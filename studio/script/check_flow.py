"""What runs when: variables read before they are set, parts that never run, loops that never end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import TypeGuard

from studio.base.i18n import _
from studio.script import habits, tree
from studio.script.facts import Facts, Problems, literal
from studio.script.functions import find
from studio.script.infer import SETTERS, root, set_in
from studio.script.kinds import NULL
from studio.script.special import MAX_ITERATIONS
from studio.script.values import truth_of

_SKIPPED = re.compile(
    r""" "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | //[^\n]* | (?P<quirk>/\*/) | /\*.*?\*/ """,
    re.DOTALL | re.VERBOSE,
)
_TURNS = 50_000
# From here on a loop may hit the limit with the next larger input.
_NEAR = 45_000
_ENDING = ("raiseerror",)


def problems(facts: Facts) -> Problems:
    """Problems of order and reach."""
    yield from _quirks(facts)
    if tree.Local in facts.types:
        yield from _unset(facts)
    for block in facts.nodes if not facts.damaged else ():
        if isinstance(block, (tree.Block, tree.Script)) and len(block.statements) > 1:
            yield from _statements(facts, block.statements)
    for call in facts.calls:
        yield from _conditions(facts, call)
        if call.name.lower() == "while" and len(call.arguments) == 2:
            yield from _loop(facts, call)
    for node in facts.nodes if tree.Unary in facts.types else ():
        if isinstance(node, tree.Unary) and node.operator == "!" and not facts.damaged:
            yield from _whole_rest(facts, node)
    for node in facts.nodes if tree.Binary in facts.types else ():
        if isinstance(node, tree.Binary) and node.operator in ("&&", "||"):
            yield from _short(facts, node)


def _whole_rest(facts: Facts, node: tree.Unary) -> Problems:
    """A `!` that also takes what stands behind && or ||, which in other languages it does not."""
    inner = node.operand
    if not _is_bare(inner):
        return
    first: tree.Expression = inner
    while _is_bare(first):
        first = first.left
    value = facts.script.text[first.start : first.end]
    yield facts.warning(
        node,
        _("! takes all that follows, also what stands behind {operator}.").format(operator=inner.operator),
        _("Write (!{value}) to turn that alone, or put all that is meant in brackets: !(…).").format(
            value=value
        ),
    )


def _is_bare(node: tree.Expression) -> TypeGuard[tree.Binary]:
    """Values joined by && or || without brackets around them."""
    return isinstance(node, tree.Binary) and node.operator in ("&&", "||") and node.start == node.left.start


def _quirks(facts: Facts) -> Problems:
    if "/*/" not in facts.script.text:
        return
    for match in _SKIPPED.finditer(facts.script.text):
        if match["quirk"]:
            yield facts.warning(
                match.start(),
                _("/*/ makes the whole rest of the script a comment."),
                _("Write /* */ around a comment."),
            )
            return


def _unset(facts: Facts) -> Problems:
    """Locals read though nothing sets them, or set only further down."""
    first: dict[str, int] = dict.fromkeys(facts.scope.locals, -1)
    reads: list[tree.Local] = []
    targets: set[int] = set()
    for node in facts.nodes:
        for target in _set_by(node):
            first[target.name] = min(first.get(target.name, target.start), target.start)
            targets.add(id(target))
        if isinstance(node, tree.Local) and not node.argument:
            reads.append(node)
    loops = [call for call in facts.calls if call.name.lower() == "while"]
    for read in reads:
        if id(read) in targets:
            continue
        if read.name not in first:
            yield facts.error(read, *_never_set(read.name))
        elif read.start < first[read.name] and not any(
            loop.start < read.start < loop.end and first[read.name] < loop.end for loop in loops
        ):
            yield facts.warning(
                read,
                _("The variable {name} is set only further down.").format(name=read.name),
                _("Set it before it is read."),
            )
    yield from _set_sometimes(facts, targets)


def _never_set(name: str) -> tuple[str, str]:
    mend = habits.value_word(name)
    if mend is None and find(name) is not None:
        mend = _("To call the function, write {name}(…).").format(name=name)
    return (
        _("The variable {name} is never set.").format(name=name),
        mend or _("Set it first, or write ${name} for a global variable.").format(name=name),
    )


def _set_sometimes(facts: Facts, targets: set[int]) -> Problems:
    """Locals that every run reads and only some runs have set: in one branch of an If, nowhere else before."""
    always: dict[str, int] = dict.fromkeys(facts.scope.locals, -1)
    sometimes: dict[str, int] = {}
    reads: list[tree.Local] = []
    waiting: list[tuple[tree.Expression | tree.Script, bool]] = [(facts.script, True)]
    while waiting:
        node, certain = waiting.pop()
        names = {target.name for target in _set_by(node)}
        for name in names | (_in_all_branches(node) if certain else set()):
            places = always if certain else sometimes
            places[name] = min(places.get(name, node.start), node.start)
        if certain and isinstance(node, tree.Local) and id(node) not in targets and not node.argument:
            reads.append(node)
        for number, child in enumerate(tree.children(node)):
            waiting.append((child, certain and not _maybe(node, number)))
    for read in sorted(reads, key=lambda node: node.start):
        if sometimes.get(read.name, read.start) < read.start <= always.get(read.name, read.start):
            yield facts.warning(
                read,
                _("The variable {name} is set only where a condition holds.").format(name=read.name),
                _("Set it before the condition as well."),
            )


def _maybe(node: tree.Expression | tree.Script, number: int) -> bool:
    """A child that not every run evaluates. What a loop's body sets counts as set."""
    if isinstance(node, tree.Binary):
        return node.operator in ("&&", "||") and number == 1
    if not isinstance(node, tree.Call):
        return False
    name = node.name.lower()
    return (name in ("if", "case", "ifnull", "ifempty", "eval") and number > 0) or name in ("eval", "isvalid")


def _in_all_branches(node: tree.Expression | tree.Script) -> set[str]:
    """The locals that an If sets in both branches, or a Case with a `true` in all."""
    if not isinstance(node, tree.Call):
        return set()
    name, branches = node.name.lower(), node.arguments[1:]
    if name == "case":
        branches = node.arguments[1::2]
        if literal(node.arguments[-2] if len(node.arguments) > 1 else node) is not True:
            return set()
    elif name != "if" or len(branches) < 2:
        return set()
    return set.intersection(*(set_in(branch) for branch in branches)) if branches else set()


def _set_by(node: tree.Expression | tree.Script) -> Iterable[tree.Local]:
    if isinstance(node, tree.Assign) and isinstance(node.target, tree.Local) and node.operator == "=":
        return (node.target,)
    if isinstance(node, tree.Call) and node.name.lower() in SETTERS:
        return tuple(argument for argument in node.arguments if isinstance(argument, tree.Local))
    return ()


def _statements(facts: Facts, statements: tuple[tree.Expression, ...]) -> Problems:
    """Statements after the end of a script, and values that nobody takes."""
    for statement, following in itertools.pairwise(statements):
        if isinstance(statement, tree.Call) and statement.name.lower() in _ENDING:
            yield facts.warning(
                following, _("This is never evaluated."), _("RaiseError ends the script before it.")
            )
            return
        if isinstance(statement, tree.Binary) and statement.operator == "==":
            if not isinstance(statement.left, (tree.Local, tree.Global, tree.Index)):
                yield facts.warning(statement, *_without_effect())
            else:
                yield facts.warning(statement, _without_effect()[0], _("To set a variable, write =."))
        elif isinstance(statement, (tree.Literal, tree.Local, tree.Global, tree.Path)) or (
            isinstance(statement, tree.Binary) and not _acts(statement)
        ):
            yield facts.warning(statement, *_without_effect())


def _without_effect() -> tuple[str, str]:
    return _("This statement has no effect."), _("Set a variable with it, or take it out.")


def _acts(node: tree.Expression) -> bool:
    """Evaluating the node may change or do something."""
    return any(isinstance(each, (tree.Call, tree.Assign, tree.Increment)) for each in tree.walk(node))


def _conditions(facts: Facts, call: tree.Call) -> Problems:
    """Conditions that set a variable or are always the same."""
    name, arguments = call.name.lower(), call.arguments
    if name in ("if", "while", "case"):
        for condition in arguments[:: 2 if name == "case" else len(arguments) or 1]:
            if isinstance(condition, tree.Assign) and condition.operator == "=":
                yield facts.warning(
                    condition, _("This condition sets a variable."), _("To compare, write ==.")
                )
    if name == "if" and arguments and isinstance(arguments[0], tree.Literal):
        yield from _unused(facts, arguments[2:3] if truth_of(arguments[0].value) else arguments[1:2])
    elif name == "while" and len(arguments) == 2 and isinstance(arguments[0], tree.Literal):
        if not truth_of(arguments[0].value):
            yield from _unused(facts, arguments[1:])
    elif name == "case" and len(arguments) % 2 == 0:
        yield from _case(facts, arguments)
    elif name in ("ifnull", "ifempty") and len(arguments) == 2 and _never_null(facts, arguments[0], name):
        yield from _unused(facts, arguments[1:])


def _never_null(facts: Facts, node: tree.Expression, name: str) -> bool:
    if isinstance(node, tree.Literal):
        return node.value != "" or name == "ifnull"
    kinds = facts.kinds(node)
    return name == "ifnull" and not kinds & NULL


def _case(facts: Facts, arguments: tuple[tree.Expression, ...]) -> Problems:
    for number in range(0, len(arguments) - 1, 2):
        condition = arguments[number]
        if not isinstance(condition, tree.Literal):
            continue
        if truth_of(condition.value):
            yield from _unused(facts, arguments[number + 2 : number + 3])
            return
        yield from _unused(facts, arguments[number + 1 : number + 2])


def _unused(facts: Facts, nodes: tuple[tree.Expression, ...]) -> Problems:
    for node in nodes:
        yield facts.warning(
            node,
            _("This is never evaluated."),
            _("What stands before it is always the same; look at it again."),
        )


def _short(facts: Facts, node: tree.Binary) -> Problems:
    """`true || x`, `false && x`."""
    value = literal(node.left)
    if isinstance(value, str) and isinstance(literal(node.right), str):
        return  # Two texts: joining them was meant, which is said elsewhere.
    if value is not None and truth_of(value) is (node.operator == "||"):
        yield from _unused(facts, (node.right,))


def _loop(facts: Facts, call: tree.Call) -> Problems:
    """Loops whose condition nothing changes, and those that reach the limit."""
    condition, body = call.arguments
    if isinstance(condition, tree.Literal):
        if truth_of(condition.value) and not _acts_outside(body):
            yield facts.warning(
                condition,
                _("This loop never ends by itself; after {n} turns it fails.").format(n=_TURNS),
                _("Write a condition that the loop changes."),
            )
        return
    read = {_name(node) for node in tree.walk(condition) if isinstance(node, (tree.Local, tree.Global))}
    changed = set_in(call)
    if read and not read & changed and not _acts_outside(condition) and not _acts_outside(body):
        yield facts.warning(
            condition,
            _("Nothing in this loop changes its condition."),
            _("Change {name} in the loop.").format(name=sorted(read)[0]),
        )
    turns = _turns(facts, condition, body)
    if turns is not None and not _limit_set(facts.script):
        if turns > _TURNS:
            message = _("This loop takes {turns} turns; after {n} it fails.").format(turns=turns, n=_TURNS)
        else:
            message = _("This loop takes {turns} turns, near the limit of {n}.").format(turns=turns, n=_TURNS)
        yield facts.warning(call, message, _("Set ${name} for more.").format(name=MAX_ITERATIONS))


def _name(node: tree.Expression) -> str:
    node = root(node)
    if isinstance(node, tree.Local):
        return node.name
    return f"${node.name}" if isinstance(node, tree.Global) else ""


def _acts_outside(node: tree.Expression) -> bool:
    """A call inside may change variables or ends the loop: one that is not pure, or takes an array to change it."""
    for each in tree.walk(node):
        if isinstance(each, tree.Call):
            function = find(each.name)
            if function is None or not (function.pure or function.lazy):
                return True
    return False


def _limit_set(script: tree.Script) -> bool:
    return MAX_ITERATIONS in script.text


def _turns(facts: Facts, condition: tree.Expression, body: tree.Expression) -> int | None:
    """How often a counting loop runs, where that is near the limit: `While(i < 60000, …; i++)`."""
    if not isinstance(condition, tree.Binary) or condition.operator not in ("<", "<=", "!="):
        return None
    bound, counter = literal(condition.right), _name(condition.left)
    if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not counter:
        return None
    steps = [step for node in tree.walk(body) if (step := _step(node, counter)) is not None]
    if len(steps) != 1 or steps[0] <= 0:
        return None
    begin = _start(facts, counter, condition.start)
    turns = int((bound - begin) / steps[0]) + (condition.operator == "<=")
    return turns if turns >= _NEAR else None


def _step(node: tree.Expression | tree.Script, counter: str) -> float | None:
    """By how much a node counts up the counter; 0 where it does something else with it."""
    if isinstance(node, tree.Increment) and _name(node.target) == counter:
        return 1 if node.operator == "++" else 0
    if not isinstance(node, tree.Assign) or _name(node.target) != counter:
        return None
    value = literal(node.value) if node.operator == "+=" else None
    if node.operator == "=" and isinstance(node.value, tree.Binary) and node.value.operator == "+":
        left, right = node.value.left, node.value.right
        value = (
            literal(right) if _name(left) == counter else literal(left) if _name(right) == counter else None
        )
    return value if isinstance(value, (int, float)) else 0


def _start(facts: Facts, counter: str, before: int) -> float:
    """The number a counter was last set to before a place; 0 where that is not known."""
    found: float = 0
    for node in facts.nodes:
        if isinstance(node, tree.Assign) and node.start < before and _name(node.target) == counter:
            value = literal(node.value)
            found = value if isinstance(value, (int, float)) and node.operator == "=" else 0
    return found
