"""A judge that knows whose script it is evaluating: what those that note reads and sources build on."""

from __future__ import annotations

from typing import Any

from studio.engine.interpret import Judge
from studio.engine.plan import Expr, Target


class ExprAtHand(Judge):
    """`at_hand` is the script or condition being evaluated, None between them; scripts inside scripts nest."""

    at_hand: Expr | None = None

    def _run(self, expr: Expr) -> Any:
        before, self.at_hand = self.at_hand, expr
        try:
            return super()._run(expr)
        finally:
            self.at_hand = before

    def _rule(self, expr: Expr, target: Target) -> Any:
        before, self.at_hand = self.at_hand, expr
        try:
            return super()._rule(expr, target)
        finally:
            self.at_hand = before
