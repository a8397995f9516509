"""The compiler means what the judge means: random scripts over random records."""

from __future__ import annotations

from hypothesis import given

from tests.script.scripts import Record, compiled, judged, records, scripts


@given(scripts, records())
def test_compiled_scripts_do_what_the_judge_says(script: str, record: Record) -> None:
    assert compiled(script, record) == judged(script, record)
