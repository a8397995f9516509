"""What is picked and drawn, in a transformation's file: read, written, told where it has no place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.base.errors import BadInput
from studio.base.yaml_read import parse
from studio.mapping.model import Transformation
from studio.project.check import problems_of_folder
from studio.project.objects import read_transformation, write_transformation
from studio.schema.drawn import TYPES, Drawn

FILE = """\
weft: transformation/1
name: Orders
source: {schema: schemas/in.xsd, root: in}
target: {schema: schemas/out.xsd, root: out}
picks:
  source: [in/a]
  target: ["out/party~Company[1]", "out/party~Person[2]"]
drawn:
  target:
    out/ext/Stamp: {namespace: "urn:s", occurs: 0..n, later: x}
    out/ext/Stamp/@kind: text
    out/ext/Stamp/sub: ""
    out/ext/Stamp/sub/n: {type: decimal, namespace: "", occurs: 1}
map:
  out/ext/Stamp/@kind: "'x'"
"""


def read(text: str) -> Transformation:
    return read_transformation(parse(text, file="map.yaml"), "")


def test_picks_and_drawn_nodes_are_read_and_written_as_they_stand() -> None:
    found = read(FILE)
    assert write_transformation(found) == FILE
    assert not found.extra
    assert found.picks["target"] == ("out/party~Company[1]", "out/party~Person[2]")
    assert found.drawn["target"]["out/ext/Stamp/sub/n"] == Drawn("decimal", "", "1")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("occurs: 0..n", "occurs: 2..1", 10),
        ("occurs: 0..n", "occurs: many", 10),
        ("@kind: text", "@kind: txt", 11),
        ("out/ext/Stamp/sub/n", "out/ext[1]/Stamp/sub/n", 13),
        ("out/ext/Stamp/sub/n", "out//n", 13),
        ("in/a]", "in/]", 6),
        ("  source: [in/a]", "  middle: [in/a]", 6),
        ("drawn:\n  target:", "drawn:\n  both:", 9),
    ],
)
def test_wrong_ones_are_told_with_their_line(old: str, new: str, line: int) -> None:
    assert old in FILE
    with pytest.raises(BadInput) as error:
        read(FILE.replace(old, new))
    assert error.value.file == "map.yaml"
    assert error.value.line == line


_PATHS = st.lists(st.sampled_from(["a", "b c", "@d", "e~F", "`x/y`", "s:t"]), min_size=1, max_size=4).map(
    "/".join
)
_DRAWN = st.builds(
    Drawn, st.sampled_from(["", *TYPES]), st.sampled_from([None, "", "urn:x", "a: b"]),
    st.sampled_from(["", "1", "0..n", "2..5"]),
)  # fmt: skip


@given(st.dictionaries(_PATHS, _DRAWN, max_size=6), st.lists(_PATHS, max_size=4, unique=True))
def test_whatever_is_drawn_and_picked_survives_the_file(drawn: dict[str, Drawn], picks: list[str]) -> None:
    value = read(FILE)
    made = Transformation(
        value.name, value.source, value.target, drawn={"source": drawn} if drawn else {},
        picks={"target": tuple(picks)} if picks else {},
    )  # fmt: skip
    again = read(write_transformation(made))
    assert again == made
    assert list(again.drawn.get("source", {})) == list(drawn)


IN = '<xs:element name="in"><xs:complexType><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence></xs:complexType></xs:element>'
OUT = (
    '<xs:element name="out"><xs:complexType><xs:sequence><xs:element name="ext"><xs:complexType><xs:sequence>'
    '<xs:any namespace="##other" processContents="lax"/></xs:sequence></xs:complexType></xs:element>'
    "</xs:sequence></xs:complexType></xs:element>"
)
SCHEMA = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{inside}</xs:schema>'


def test_what_has_no_place_is_told_at_its_line(tmp_path: Path) -> None:
    for folder in ("schemas", "transformations"):
        (tmp_path / folder).mkdir()
    (tmp_path / "project.yaml").write_text("weft: project/1\nname: P\nid: p\n", encoding="utf-8")
    (tmp_path / "schemas/in.xsd").write_text(SCHEMA.format(inside=IN), encoding="utf-8")
    (tmp_path / "schemas/out.xsd").write_text(SCHEMA.format(inside=OUT), encoding="utf-8")
    text = FILE.replace(
        "    out/ext/Stamp/sub/n:", "    out/Other: text\n    out/ext/Own: text\n    out/ext/Stamp/sub/n:"
    )
    (tmp_path / "transformations/m.yaml").write_text(text, encoding="utf-8")
    found = problems_of_folder(tmp_path)
    told = {(each.path, each.line) for each in found if each.path}
    assert ("out/Other", 13) in told
    assert ("out/ext/Own", 14) in told
    assert ("out/party~Company[1]", 7) in told
    assert not any(path and path.startswith("out/ext/Stamp") for path, _line in told)
