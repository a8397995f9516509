"""Functions that decide themselves what to evaluate: declared here, carried out by the judge and the compiler."""

from __future__ import annotations

from studio.base.i18n import N_
from studio.script.functions.registry import declare

declare(
    "logic",
    "If(condition: bool, trueResult: type, falseResult?: type): type",
    N_("The second argument where the condition holds, else the third, or null; only that one is evaluated."),
    "If([qty] > 10, 'bulk', 'single')",
    "'bulk'",
    lazy=True,
)
declare(
    "logic",
    "Case(b1: bool, arg1: type, more?...: type): type",
    N_("The value after the first condition that holds; null when none does."),
    "Case([qty] > 100, 'large', [qty] > 10, 'medium', true, 'small')",
    "'medium'",
    lazy=True,
)
declare(
    "logic",
    "While(condition: bool, expression: type): null",
    N_("Evaluates the second argument as long as the condition holds, 50,000 times at most."),
    "i = 0; While(i < 10, i++); i",
    "10",
    lazy=True,
)
declare(
    "general",
    "Eval(expToEvaluate: type, defaultResult: type): string",
    N_("The text of the first argument, or of the second when the first one fails."),
    "Eval(1 / 0, 'no number')",
    "'no number'",
    lazy=True,
)
declare(
    "general",
    "IsValid(x: type): bool",
    N_("Whether the argument can be evaluated without an error."),
    "IsValid(Date('tomorrow'))",
    "false",
    lazy=True,
)
declare(
    "general",
    "IfNull(arg: type, default: type): type",
    N_("The first argument, or the second where it is null."),
    "IfNull([note], 'no note')",
    "'no note'",
    lazy=True,
)
declare(
    "general",
    "IfEmpty(arg: type, default: type): type",
    N_("The first argument, or the second where it is null or empty text."),
    "IfEmpty([note], 'no note')",
    "'no note'",
    lazy=True,
)
declare(
    "general",
    "ArgumentList(var1: type, var?...: type): null",
    N_("Puts the values a script was called with into the named variables."),
    "ArgumentList(value, type); value + ' is a ' + type",
    "'Ada is a String'",
    lazy=True,
)
declare(
    "general",
    "InitCounter(counter: type, initialValue?: number): number",
    N_("Sets a counter variable to its first value, 0 if none is given."),
    "InitCounter($line, 1); $line++; $line",
    "2",
    lazy=True,
)
declare(
    "general",
    "GetName(arg: type): string",
    N_("The name of a variable."),
    "GetName($total)",
    "'total'",
    lazy=True,
)
