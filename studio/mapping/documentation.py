"""The forms a map is documented in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from studio.mapping.documented import Documented
from studio.mapping.documented_csv import csv_text
from studio.mapping.documented_html import html_text
from studio.mapping.documented_svg import svg_text

_WRITERS: Mapping[str, Callable[[Documented], str]] = {"html": html_text, "svg": svg_text, "csv": csv_text}
FORMS = tuple(_WRITERS)


def form_of(file: Path) -> str:
    """The form that the end of a file's name tells; empty where it tells none."""
    found = file.suffix.lower().removeprefix(".")
    found = "html" if found == "htm" else found
    return found if found in FORMS else ""


def text_of(found: Documented, form: str) -> str:
    """The documentation in a form, one of FORMS."""
    return _WRITERS[form](found)
