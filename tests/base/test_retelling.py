"""Labels of the history, said in one language and read in another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.base import i18n
from studio.base.retelling import retold


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = i18n.language()
    yield
    i18n.use_language(before)


def made(language: str) -> list[str]:
    """The same labels, made in a language."""
    i18n.use_language(language)
    _, ngettext = i18n._, i18n.ngettext
    return [
        _("Script of {name}").format(name="dueDate"),
        _("Map {source} to {target}").format(source="placed", target="issueDate"),
        ngettext("Remove {n} rule", "Remove {n} rules", 1).format(n=1),
        ngettext("Remove {n} rule", "Remove {n} rules", 12).format(n=12),
        _("Opened"),
        _("Give {target} the constant {value}").format(target="a b", value="of {n} rules"),
    ]


@pytest.mark.parametrize(("then", "now"), [("en", "pt_BR"), ("pt_BR", "en")])
def test_labels_are_read_in_the_language_of_now(then: str, now: str) -> None:
    before = made(then)
    wanted = made(now)
    assert before != wanted
    assert [retold(label) for label in before] == wanted
    assert [retold(label) for label in wanted] == wanted


@pytest.mark.parametrize("text", ["", "Pedido 7", "{n}", "Script", "x of y", "{a} {b}"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    for language in i18n.LANGUAGES:
        i18n.use_language(language)
        assert retold(text) == text
