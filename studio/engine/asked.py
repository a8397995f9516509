"""What a script gives where a rule stands: its value for one record, without making the rule."""

from __future__ import annotations

import contextlib
from typing import Any

from studio.engine.debug_values import shown, variables
from studio.engine.focused import Focused
from studio.engine.live import Live
from studio.engine.operands import tell_operands
from studio.engine.plan import Expr, Plan, Target
from studio.mapping.evidence import Answer
from studio.script.errors import ScriptError
from studio.script.evaluate import evaluate
from studio.script.tree import Value
from studio.script.values import exact_arithmetic


class _Answered(Exception):
    """Nothing more is to be made of the record."""


class Asked(Focused):
    """A judge that answers the condition of one rule, which is the script that is asked, the first time it meets it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._keeps = False
        self._asked: Expr | None = None
        self.answer = Answer()

    def ask(self, path: str, record: int) -> Answer:
        """The condition of the rule at a target path, for one record."""
        self.record = record
        target = target_at(self.plan, path)
        self._asked = condition_of(target) if target is not None else None
        if self._asked is not None and self._asked.wrong is not None:
            wrong = self._asked.wrong
            return Answer(problem=wrong.message, line=wrong.line, column=wrong.column)
        with exact_arithmetic(), contextlib.suppress(_Answered):
            self.make(self.plan.root)
            for each in self.plan.outputs:
                self.make(each.root)
        return self.answer

    def condition(self, expr: Expr, path: str) -> bool:
        """The script asked is answered; then the record goes no further."""
        if expr is self._asked:
            self._look(expr)
            raise _Answered
        return super().condition(expr, path)

    def lets(self, condition: Expr, live: Live) -> bool:
        """The same for the condition of a loop."""
        if condition is self._asked:
            self.frames.append(live)
            self._look(condition)
            raise _Answered
        return super().lets(condition, live)

    def _look(self, expr: Expr) -> None:
        before = variables(self.world.variables)
        lines = len(self.world.logged)
        value, problem, line, column = "", "", None, None
        own: dict[str, Value] = {}
        try:
            value = shown(self._answered(expr, own))
        except ScriptError as error:
            problem, line, column = error.message, error.line, error.column
        logged = tuple(self.world.logged[lines:])
        after = variables(self.world.variables)
        self.answer = Answer(True, value, problem, line, column, logged, before, after, variables(own))

    def _answered(self, expr: Expr, own: dict[str, Value]) -> Value:
        """The value of the script asked; `own` takes its variables."""
        if expr.script is None or expr.wrong is not None:
            return self._run(expr)
        if id(expr) not in self._learned.exprs:
            self._learned.add(expr)
        try:
            return evaluate(expr.script, self.world, own)
        except ScriptError as error:
            tell_operands(error, self._reads)
            raise


def target_at(plan: Plan, path: str) -> Target | None:
    """The node of a plan at a target path."""
    roots = (plan.root, *(output.root for output in plan.outputs))
    return next((each for root in roots for each in root.walk() if each.path == path), None)


def condition_of(target: Target) -> Expr | None:
    """The condition of a node: of its loop, where it has one."""
    return target.loop.when if target.loop is not None else target.when
