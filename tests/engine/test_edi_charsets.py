"""Each interchange of a file says what character set it is in: it is read, and written again, in that one (S65)."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from studio.base.errors import BadInput
from studio.engine.formats import edi_segments
from studio.engine.formats.edi_segments import Segments
from studio.engine.run import transform
from tests.engine.build import both, plan, rows
from tests.engine.edi_cases import INVOICE
from tests.engine.test_edi_any import described

# A syntax identifier, the encoding it means, a text that has to be read in it.
SAID = (
    ("UNOC", "iso-8859-1", "Müller"),
    ("UNOW", "utf-8", "Мüller€"),
    ("UNOE", "iso-8859-5", "Привет"),
    ("UNOA", "ascii", "plain"),
    ("UNOB", "utf-8", "Мüller€"),
    ("UNOC", "iso-8859-1", "xUNBy UNA ü"),
)


def interchange(said: str, encoding: str, text: str, ending: str = "", una: bool = False) -> bytes:
    """One with one message whose number is a text."""
    segments = ["UNA:+.? '"] if una else []
    segments += [f"UNB+{said}:3+A+B+260301:1207+1'", "UNH+1+INVOIC:D:96A:UN'", f"BGM+380+{text}+9'"]
    segments += ["DTM+137:20260301:102'", "LIN+1++4711:EN'", "UNS+S'", "UNT+6+1'", "UNZ+1+1'"]
    return "".join(segment + ending for segment in segments).encode(encoding)


@pytest.mark.parametrize("piece", [1 << 18, 333, 7, 1])
def test_each_interchange_is_read_in_its_own(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edi_segments, "_CHUNK", piece)
    for seed in range(25):
        draw = random.Random(seed)
        wanted, given, line = [], b"", 1
        for _interchange in range(draw.randint(1, 8)):
            said, encoding, text = draw.choice(SAID)
            text *= draw.choice((1, 1, 300))
            una, ending = draw.random() < 0.3, draw.choice(("", "\n", "\r\n"))
            given += interchange(said, encoding, text, ending, una)
            wanted.append((text, line + (2 + una if ending else 0)))
            line += 8 + una if ending else 0
        read = Segments(io.BytesIO(given), "test")
        assert [(one.get(2), one.line) for one in read if one.name == "BGM"] == wanted, seed


@pytest.mark.parametrize("piece", [1 << 18, 9])
def test_bytes_that_are_not_of_it_end_the_run_at_their_line(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edi_segments, "_CHUNK", piece)
    given = interchange("UNOC", "iso-8859-1", "ü", "\n") + interchange("UNOW", "iso-8859-1", "ü", "\n")
    with pytest.raises(BadInput, match="not UTF-8") as error:
        list(Segments(io.BytesIO(given), "test"))
    assert error.value.line == 11
    with pytest.raises(BadInput, match="not UTF-8"):
        list(Segments(io.BytesIO(interchange("UNOW", "utf-8", "ok") + b"\xff\xff"), "test"))


def test_a_map_and_the_document_of_failed_messages(tmp_path: Path) -> None:
    """What is set aside is written in the character sets it was read in, and reads the same."""
    out = rows({"n": "text", "one": "decimal"})
    rules = {
        "row": {"loop": "interchange/message"},
        "row/n": "[BGM/BGM02]",
        "row/one": "If([BGM/BGM02] == 'plain', 1, RaiseError('no'))",
    }
    good = {**rules, "row/one": "1"}
    schema = described(INVOICE)
    given = b"".join(interchange(*one) for one in SAID[:5])
    text, failures, _counts = both(plan(good, schema, out), given)
    assert failures == []
    assert text == "n,one\n" + "".join(f"{said[2]},1\n" for said in SAID[:5])
    file = tmp_path / "given.edi"
    file.write_bytes(given)
    stats = transform(plan(rules, schema, out), file, tmp_path / "out.csv")
    assert (stats.records_out, stats.failed) == (1, 4)
    (aside,) = tmp_path.glob("*.records.*")
    text, failures, _counts = both(plan(good, schema, out), aside.read_bytes())
    assert failures == []
    assert text == "n,one\n" + "".join(f"{said[2]},1\n" for said in SAID[:5] if said[2] != "plain")
