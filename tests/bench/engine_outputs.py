"""Whether two programs of the engine's benchmark wrote the same: text by text, numbers to the last of two places."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from lxml import etree

TIE = 0.0101
"""What roundings of binary and decimal numbers may differ by where the next digit is a 5."""


def differing(ours: Path, theirs: Path, same: Callable[[str, str], bool] = str.__eq__) -> int:
    """How many numbers differ, by 0.01 at most. Raises RuntimeError for anything else that differs."""
    count = 0
    for number, (mine, its) in enumerate(zip_longest(_records(ours), _records(theirs)), start=1):
        if mine is None or its is None or len(mine) != len(its):
            raise RuntimeError(f"record {number}: {mine} and {its}")
        for text, other in zip(mine, its, strict=True):
            if not same(text, other):
                if not _close(text, other):
                    raise RuntimeError(f"record {number}: {text} and {other}")
                count += float(text) != float(other)
    return count


def _close(text: str, other: str) -> bool:
    try:
        return abs(float(text) - float(other)) < TIE
    except ValueError:
        return False


def _records(file: Path) -> Iterator[list[str]]:
    with file.open("rb") as stream:
        start = stream.read(1)
    if start == b"<":
        yield from _elements(file)
    elif start == b"{":
        with file.open(encoding="utf-8") as lines:
            yield from (list(_leaves(json.loads(line))) for line in lines)
    else:
        with file.open(encoding="utf-8", newline="") as lines:
            yield from csv.reader(lines)


def _elements(file: Path) -> Iterator[list[str]]:
    for _event, element in etree.iterparse(str(file), tag="invoice"):
        texts: list[str] = []
        for inner in element.iter():
            texts += [str(value) for value in inner.attrib.values()]
            if inner.text is not None and inner.text.strip():
                texts.append(inner.text)
        yield texts
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield str(value)
