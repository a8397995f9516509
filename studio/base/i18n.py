"""Translation of every text a person reads: gettext catalogues in resources/translations."""

from __future__ import annotations

import gettext
import locale
import os

from studio.base.paths import resource

DOMAIN = "weft"
LANGUAGES = ("en", "pt_BR")

_active: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def _(message: str) -> str:
    """The message in the active language. Mark every text for people with this, as one whole sentence."""
    return _active.gettext(message)


def N_(message: str) -> str:
    """The message as it is, marked for the catalogues: for texts made before the language is known."""
    return message


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form for `n` things, in the active language; fill in `{n}` with str.format afterwards."""
    return _active.ngettext(singular, plural, n)


def language() -> str:
    """The active language: `en` or `pt_BR`."""
    return _language


def decimal(number: float) -> str:
    """A number as it is, with the decimal mark of the active language: `0.848` or `0,848`."""
    said = str(number)
    return said.replace(".", ",") if _language == "pt_BR" else said


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
