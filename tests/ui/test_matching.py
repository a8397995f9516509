"""What a typed word finds: beginnings of words across category and name, then anything inside a name."""

from __future__ import annotations

from ui.widgets.matching import match

COMMANDS = [
    ("Move", "Upsert into Salesforce…"),
    ("Move", "Update records in Salesforce…"),
    ("Move", "Undo the last upsert…"),
    ("Move", "Pick up an interrupted run…"),
    ("Move", "Save the set-up as an operation…"),
    ("Map", "Move rule up"),
    ("View", "Move panel up"),
    ("Help", "Move data with upsert: how keys work"),
    ("Map", "Remove the rule"),
    ("File", "Open a project…"),
]


def found(query: str) -> list[tuple[str, str]]:
    hits = [(match(query, *command), place) for place, command in enumerate(COMMANDS)]
    ranked = sorted((hit.rank, place) for hit, place in hits if hit is not None)
    return [COMMANDS[place] for _rank, place in ranked]


def test_the_picture_of_the_design() -> None:
    assert found("move up") == COMMANDS[:8]


def test_the_letters_found_are_told() -> None:
    hit = match("move up", "Move", "Save the set-up as an operation…")
    assert hit is not None
    assert hit.category == ((0, 4),)
    assert hit.name == ((13, 15),)


def test_every_word_must_be_found() -> None:
    assert found("move sales delete") == []
    assert match("", "File", "Open") is not None


def test_inside_a_word_ranks_last() -> None:
    assert found("sert") == [COMMANDS[0], COMMANDS[2], COMMANDS[7]]
    assert found("rule re") == [("Map", "Remove the rule")]


def test_accents_and_case_do_not_count() -> None:
    hit = match("transformacao", "Editar", "Nova Transformação…")
    assert hit is not None
    assert "Nova Transformação…"[slice(*hit.name[0])] == "Transformação"
