"""Translation of every text a person reads: gettext catalogues in resources/translations."""

from __future__ import annotations

import functools
import gettext
import locale
import os
from contextvars import ContextVar

from studio.base.paths import resource

DOMAIN = "weft"
LANGUAGES = ("en", "pt_BR")

_active: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"
# Where one process speaks with many people (the server): the language of the one being answered here.
_here: ContextVar[str | None] = ContextVar("weft_language", default=None)


def _(message: str) -> str:
    """The message in the active language. Mark every text for people with this, as one whole sentence."""
    return _texts().gettext(message)


def N_(message: str) -> str:
    """The message as it is, marked for the catalogues: for texts made before the language is known."""
    return message


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for `n` things, in the active language; fill in `{n}` with str.format afterwards."""
    return _texts().ngettext(singular, plural, n)


def _texts() -> gettext.NullTranslations:
    here = _here.get()
    return _active if here is None else _catalogue(here)


@functools.cache
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, resource("translations"), languages=[name], fallback=True)


def use_language_here(name: str | None) -> None:
    """Speak `name` in this context only (one request); None or a language we have not: the process's own again."""
    _here.set(name if name in LANGUAGES else None)


def language() -> str:
    """The active language: `en` or `pt_BR`."""
    return _here.get() or _language


def decimal(number: float) -> str:
    """A number as it is, with the decimal mark of the active language: `0.848` or `0,848`."""
    said = str(number)
    return said.replace(".", ",") if language() == "pt_BR" else said


def system_language() -> str:
    """The language WEFT_LANGUAGE or the system asks for, among those we have."""
    asked = os.environ.get("WEFT_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG")
    asked = asked or locale.getlocale()[0] or "en"
    return "pt_BR" if asked.lower().startswith("pt") else "en"


def use_language(name: str | None = None) -> str:
    """Switch to `name`, or to the system's language; returns the language now active."""
    global _active, _language
    _language = name if name in LANGUAGES else system_language()
    _active = gettext.translation(DOMAIN, resource("translations"), languages=[_language], fallback=True)
    return _language
