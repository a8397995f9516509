"""Which scripts are JavaScript, and what is wrong with one before it is run."""

from __future__ import annotations

import re

from studio.base.errors import Problem, Severity
from studio.base.i18n import _
from studio.script.errors import ScriptError
from studio.script.javascript.messages import in_words, split_stack

try:
    # Not `quickjs`, which starts a thread as soon as it is imported.
    from _quickjs import Context, JSException, StackOverflow
except ImportError:  # no engine for this machine
    Context = None
AVAILABLE = Context is not None
"""There is an engine for this computer."""

ENDING = ".js"
MAX_LENGTH = 1_000_000
"""Longest script, in characters."""
STACK = 512 << 10
_CHECK_MEMORY = 256 << 20

_OPENING = re.compile(r"\s*<javascript>", re.IGNORECASE)
_CLOSING = re.compile(r"</javascript>\s*\Z", re.IGNORECASE)


def is_javascript(text: str, name: str | None = None) -> bool:
    """Whether a script is JavaScript: its name ends in `.js`, or it stands between the vendor's `<javascript>` tags."""
    return (name is not None and name.lower().endswith(ENDING)) or _OPENING.match(text) is not None


def bare(text: str) -> str:
    """The text without the vendor's tags and as the engine can take it, every character at its place."""
    # Half a character has no form the engine could read, and a zero would end the text.
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
    opening, closing = _OPENING.match(text), _CLOSING.search(text)
    if opening is None or closing is None or opening.end() > closing.start():
        return text
    inside = text[opening.end() : closing.start()]
    return _blank(opening[0]) + inside + _blank(closing[0])


def _blank(tag: str) -> str:
    return re.sub(r"[^\n]", " ", tag)


def syntax_error(text: str, file: str | None = None) -> ScriptError | None:
    """The first thing that makes the text no JavaScript; None where it reads, or where there is no engine to tell.

    The script is read, not run.
    """
    if len(text) > MAX_LENGTH:
        return ScriptError(
            _("The script is longer than {limit} characters.").format(limit=MAX_LENGTH), file=file
        )
    if not AVAILABLE:
        return None
    context = Context()
    context.set_memory_limit(_CHECK_MEMORY)
    context.set_max_stack_size(STACK)
    lead = "throw 0;"  # all of it is read before the first statement is carried out
    try:
        context.eval(lead + bare(text))
    except StackOverflow:
        return ScriptError(_("The script is nested too deeply."), file=file)
    except JSException as error:
        message, line, column = split_stack(str(error))
        if line == 1 and column is not None:
            column = max(1, column - len(lead))
        if message.startswith("SyntaxError: "):
            return ScriptError(in_words(message), file=file, line=line, column=column)
    return None


def problems(text: str, *, file: str | None = None, object: str | None = None) -> tuple[Problem, ...]:
    """What is wrong with a script as far as reading it tells."""
    error = syntax_error(text, file)
    if error is not None:
        mend = error.next_step or _("Correct it there.")
        return (Problem(Severity.ERROR, error.message, file, error.line, error.column, object, mend=mend),)
    if not AVAILABLE:
        return (
            Problem(
                Severity.WARNING,
                _("JavaScript cannot run on this computer: there is no engine for it."),
                file,
                object=object,
                mend=_("Write the script in Jitterbit Script, or run it on another computer."),
            ),
        )
    return ()
