"""Documentation in several languages in one text: written by the readers, taken apart where it is shown."""

from __future__ import annotations

from collections.abc import Iterable

# Two characters no text holds: before a language, and between it and its words.
_START, _END = "\x1e", "\x1f"


def tagged(texts: Iterable[tuple[str, str]]) -> str:
    """Words with their languages (`pt-BR`, "" where none is said) as one text; words of one language stay plain."""
    known: dict[str, list[str]] = {}
    for language, words in texts:
        if words:
            known.setdefault(language, []).append(words)
    if len(known) <= 1:
        return "\n".join(next(iter(known.values()), []))
    return "".join(f"{_START}{language}{_END}" + "\n".join(words) for language, words in known.items())


def said(text: str, language: str = "en") -> str:
    """The words for a reader of `language` (`pt_BR`): in it, in a dialect of it, else untagged or English, else all."""
    if _START not in text:
        return text
    known: dict[str, str] = {}
    for part in text.split(_START):
        tag, end, words = part.partition(_END)
        if end:
            known[tag.lower().replace("_", "-")] = words
    wanted = language.lower().replace("_", "-")
    for tag in (wanted, wanted.partition("-")[0]):
        found = [words for key, words in known.items() if key == tag or key.startswith(f"{tag}-")]
        if found:
            return found[0]
    return known.get("") or known.get("en") or "\n".join(known.values())
