"""Cutting an input between its records, in one cheap pass over its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from studio.base.i18n import _
from studio.engine.parts.partition import NotSplit, Partition
from studio.engine.parts.split_edi import split_edi
from studio.engine.parts.split_json import split_json
from studio.engine.parts.split_lines import split_fixed, split_json_lines, split_rows
from studio.engine.parts.split_xml import split_xml
from studio.engine.plan import Plan
from studio.engine.sources import open_input

LEAST, MOST = 1 << 20, 1 << 25

Splitter = Callable[[Plan, BinaryIO, int], list[Partition]]
SPLITTERS: Mapping[str, Splitter] = {
    "xml": split_xml,
    "json": split_json,
    "delimited": split_rows,
    "lines": split_json_lines,
    "fixed": split_fixed,
    "edi": split_edi,
}


def why_not_cut(plan: Plan) -> str:
    """Why inputs of the plan's format are not cut; empty where they are."""
    if plan.source.format in SPLITTERS:
        return ""
    return _("documents of this format are not cut between their records")


def part_size(size: int, jobs: int) -> int:
    """How many bytes a part should have: several for each process, none tiny and none large."""
    return min(MOST, max(LEAST, size // (jobs * 4)))


def split(plan: Plan, path: Path, size: int) -> list[Partition]:
    """The partitions of a file, each of about `size` bytes and whole records; together they are the file.

    Raises NotSplit where it cannot be cut with certainty, BadInput where it cannot be read.
    """
    reason = why_not_cut(plan)
    if reason:
        raise NotSplit(reason)
    with open_input(path) as stream:
        return SPLITTERS[plan.source.format](plan, stream, size)
