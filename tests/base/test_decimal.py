"""Numbers within sentences, as the active language writes them."""

from __future__ import annotations

from studio.base.i18n import decimal, use_language


def test_the_mark_is_the_language_s() -> None:
    try:
        use_language("pt_BR")
        assert decimal(0.848) == "0,848"
        use_language("en")
        assert decimal(0.848) == "0.848"
    finally:
        use_language("en")
