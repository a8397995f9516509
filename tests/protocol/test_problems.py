"""What a server said no with is understood, and so is what a proxy said in its place."""

from __future__ import annotations

from studio.protocol.problems import problem_answer


def test_a_problem_keeps_what_its_code_promises() -> None:
    told = {
        "type": "urn:weft:problem:objects_missing",
        "status": 409,
        "code": "objects_missing",
        "title": "Objects are missing.",
        "missing": ["ab"],
    }
    answer = problem_answer(told, 409)
    assert (answer.code, answer.title, answer.extra) == (
        "objects_missing",
        "Objects are missing.",
        {"missing": ["ab"]},
    )


def test_an_answer_of_something_else_is_a_problem_without_a_code() -> None:
    answer = problem_answer({"error": "bad gateway", "title": 7}, 502)
    assert (answer.status, answer.code, answer.title) == (502, "unknown", "")
    assert answer.extra == {"error": "bad gateway"}
