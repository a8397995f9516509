"""Yes and no as users' files hold them."""

from __future__ import annotations

# What an org takes by itself, in any capitals.
TAKEN = frozenset({"true", "false", "1", "0", "yes", "no", "y", "n", "on", "off"})
_WORDS = {
    "true": "true 1 yes y on t sim s verdadeiro v x ✓ ✔ ☑ si sí oui ja wahr vrai checked ativo active",
    "false": "false 0 no n off f não nao falso - ☐ ✗ ✘ non nein falsch faux unchecked inativo inactive",
}
_KNOWN = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_KNOWN |= {"1.0": "true", "0.0": "false"}


def read(text: str) -> str | None:
    """`true` or `false`; None where the text is neither."""
    return _KNOWN.get(text.strip().lower())
