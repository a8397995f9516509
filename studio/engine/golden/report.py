"""The results of tests as JSON data and as JUnit XML, as CI servers read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lxml import etree

from studio.base.i18n import _
from studio.engine.golden.coverage import PARTS, Coverage, Point
from studio.engine.golden.model import Difference, Kind, Outcome, State

_NO_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


def document(outcomes: Sequence[Outcome], coverage: Mapping[str, Coverage]) -> dict[str, Any]:
    """Everything about a run of tests as JSON data."""
    counts = {state.value: sum(outcome.state is state for outcome in outcomes) for state in State}
    return {
        **counts,
        "tests": [_outcome(outcome) for outcome in outcomes],
        "coverage": {
            "total": _counts(total(coverage.values())),
            "transformations": {
                ref: {**_counts(found.counts()), "missing": [_point(point) for point in found.missing()]}
                for ref, found in coverage.items()
            },
        },
    }


def total(coverages: Iterable[Coverage]) -> dict[str, tuple[int, int]]:
    """The counts of several maps together."""
    found = dict.fromkeys(PARTS, (0, 0))
    for coverage in coverages:
        for part, (hit, of) in coverage.counts().items():
            found[part] = found[part][0] + hit, found[part][1] + of
    return found


def _counts(counts: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    return {
        f"{part}s" if part != "branch" else "branches": {"hit": hit, "of": of}
        for part, (hit, of) in counts.items()
    }


def _point(point: Point) -> dict[str, Any]:
    return {"part": point.part, "path": point.path, "label": point.label, "line": point.line}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "test": outcome.ref,
        "transformation": outcome.transformation,
        "name": outcome.name,
        "state": outcome.state.value,
        "records": outcome.records,
        "seconds": outcome.seconds,
        "differences": [
            {**asdict(each), "kind": each.kind.value, "message": said(each)} for each in outcome.differences
        ],
        "more": outcome.more,
        "problem": asdict(outcome.problem) if outcome.problem is not None else None,
    }


def said(difference: Difference) -> str:
    """A difference in words, without its place."""
    expected, found = difference.expected, difference.found
    if difference.kind is Kind.VALUE:
        return _("expected {expected}, found {found}").format(expected=_shown(expected), found=_shown(found))
    if difference.kind is Kind.ORDER:
        return _("expected in the order {expected}, found {found}").format(expected=expected, found=found)
    if difference.kind is Kind.SCHEMA:
        return _("does not fit the schema: {reason}").format(reason=found)
    if difference.kind is Kind.FAILURE:
        if found is not None:
            return _("the record failed: {reason}").format(reason=found)
        return _("expected the record to fail: {reason}").format(reason=expected)
    if difference.kind is Kind.MISSING:
        if not difference.path:
            return _("nothing is expected yet; --update writes it")
        return _("missing: {expected}").format(expected=_shown(expected))
    return _("not expected: {found}").format(found=_shown(found))


def _shown(text: str | None) -> str:
    return text if text else _("nothing")


def line(difference: Difference) -> str:
    """A difference on one line: record, path, what differs."""
    parts = []
    if difference.record is not None:
        parts.append(_("record {number}").format(number=difference.record))
    if difference.path:
        parts.append(difference.path)
    return f"{', '.join(parts)}: {said(difference)}" if parts else said(difference)


def junit(outcomes: Sequence[Outcome]) -> bytes:
    """The results as JUnit XML: a suite per transformation, a case per test."""
    root = etree.Element("testsuites", {"name": "weft test", **_sums(outcomes)})
    for ref in dict.fromkeys(outcome.transformation for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.transformation == ref]
        suite = etree.SubElement(root, "testsuite", {"name": ref or "-", **_sums(own)})
        for outcome in own:
            _case(suite, outcome)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _sums(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {
        "tests": str(len(outcomes)),
        "failures": str(sum(outcome.state is State.DIFFERS for outcome in outcomes)),
        "errors": str(sum(outcome.state is State.BROKEN for outcome in outcomes)),
        "time": f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    }


def _case(suite: Any, outcome: Outcome) -> None:
    case = etree.SubElement(
        suite,
        "testcase",
        classname=outcome.transformation or "-",
        name=_safe(outcome.name),
        file=f"tests/{outcome.ref}.yaml",
        time=f"{outcome.seconds:.3f}",
    )
    if outcome.state is State.BROKEN and outcome.problem is not None:
        message = _safe(f"{outcome.problem.place}: {outcome.problem.message}")
        etree.SubElement(case, "error", message=message).text = _safe(outcome.problem.mend)
    elif outcome.state is State.DIFFERS:
        lines = [line(each) for each in outcome.differences]
        if outcome.more:
            lines.append(_("and {n} more").format(n=outcome.more))
        etree.SubElement(case, "failure", message=_safe(lines[0])).text = _safe("\n".join(lines))


def _safe(text: str) -> str:
    """Without characters that XML cannot hold."""
    return text.translate(_NO_XML).encode("utf-8", "replace").decode("utf-8")
