"""What a rule gave in the record looked at, and what the target's schema says against it: told, though it is written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.base.lazily import Lazily
from studio.engine.plan import Plan
from studio.mapping.evidence import Evidence, RuleProblem
from studio.schema.model import ValueType

if TYPE_CHECKING:
    from studio.schema.validate import values
else:
    values = Lazily("studio.schema.validate.values")

# Formats whose schemas hold their writers to lists, forms and lengths; those of others list what is usual, or refuse.
_HELD = ("xml", "json", "lines")
# Written otherwise in the schema languages than the check reads them.
_OWN_SIGNS = ("-[", "\\i", "\\I", "\\c", "\\C", "\\p", "\\P", "^", "$", "&&", "(?")


def with_misfits(plan: Plan, evidence: Evidence) -> Evidence:
    """The evidence, with the values that are none of those listed, or have not the form or length, as problems."""
    if plan.target.format not in _HELD:
        return evidence
    failing = {problem.path for problem in evidence.problems}
    found: list[RuleProblem] = []
    for root in plan.roots:
        for target in root.held:
            seen = evidence.target.get(target.path)
            if seen is not None and target.path not in failing:
                wrong = values.unlisted(_tried(target.value, plan.target.format), seen.text)
                found += [RuleProblem(target.path, wrong)] if wrong else []
    return replace(evidence, problems=(*evidence.problems, *found)) if found else evidence


def _tried(value: ValueType, format: str) -> ValueType:
    """The type without a form that cannot be tried here; one of JSON may stand anywhere in the text."""
    odd = format != "xml" or any(sign in (value.pattern or "") for sign in _OWN_SIGNS)
    return replace(value, pattern=None) if value.pattern and odd else value
