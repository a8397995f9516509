"""Evidence as JSON data, both ways."""

from __future__ import annotations

from typing import Any

from studio.mapping.evidence import Evidence, LoopCount, RuleProblem, Seen


def evidence_to_data(evidence: Evidence) -> dict[str, Any]:
    """The evidence as JSON data."""
    return {
        "record": evidence.record,
        "records": evidence.records,
        "source": {path: [seen.text, seen.count] for path, seen in evidence.source.items()},
        "target": {path: [seen.text, seen.count] for path, seen in evidence.target.items()},
        "problems": [[problem.path, problem.message] for problem in evidence.problems],
        "loops": {path: [count.candidates, count.written] for path, count in evidence.loops.items()},
        "document": evidence.document,
        "milliseconds": evidence.milliseconds,
    }


def evidence_from_data(data: dict[str, Any]) -> Evidence:
    """The evidence of JSON data written by `evidence_to_data`."""
    return Evidence(
        record=data["record"],
        records=data["records"],
        source={path: Seen(*seen) for path, seen in data["source"].items()},
        target={path: Seen(*seen) for path, seen in data["target"].items()},
        problems=tuple(RuleProblem(*problem) for problem in data["problems"]),
        loops={path: LoopCount(*count) for path, count in data["loops"].items()},
        document=data["document"],
        milliseconds=data["milliseconds"],
    )
