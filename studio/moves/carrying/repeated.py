"""Answers that repeat each row as it was sent: joined to the rows text by text, without taking them apart."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from studio.connectors.salesforce.rows import encode

_OURS = 2


def sent_texts(texts: Sequence[str], rows: Iterable[Sequence[str]] | None) -> list[str] | None:
    """Each row as the upload had it, without line end; None where a row takes several lines.

    `texts` are the rows as staged, which are what was sent where `rows` (those to send, shaped) is None.
    """
    if rows is None:
        return [text[:-1] for text in texts]
    # The first line stands for the header.
    lines = b"".join(encode(("",), rows)).decode("utf-8").split("\n")[1:-1]
    return lines if len(lines) == len(texts) else None


def repeated(
    path: Path, fields: Sequence[str], sent: Sequence[str], *, some: bool = False
) -> tuple[list[str], list[str]] | None:
    """For each row sent its id and whether it was created, both in quotes as the org gives them.

    None unless the file of succeeded rows has exactly the rows sent, each once, with its values quoted and in order:
    then they have to be looked at one by one. With `some` rows may be missing, whose two texts are empty.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        return None
    header = next(csv.reader(lines[:1]), [])
    alike = [name.lower() for name in header[_OURS:]] == [name.lower() for name in fields]
    if not alike or lines.pop() or len(lines) > len(sent) + 1 or (not some and len(lines) <= len(sent)):
        return None
    places = dict(zip(sent, range(len(sent)), strict=True))
    if len(places) < len(sent):
        return None
    ids, created = [""] * len(sent), [""] * len(sent)
    take = places.pop
    try:
        for line in lines[1:]:
            record_id, new, text = line.split(",", _OURS)
            at = take(text)
            ids[at], created[at] = record_id, new
    except (KeyError, ValueError):
        return None
    return ids, created
