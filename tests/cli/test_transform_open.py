"""weft transform: types picked and nodes drawn in the map's file, read and written by every engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli.main import run
from tests.ui.open_project import write_open

MAP = """\
weft: transformation/1
name: Open
source: {schema: schemas/in.xsd, root: in}
target: {schema: schemas/out.xsd, root: out}
picks:
  source: [in/row/party~Company]
  target: [out/party~Company]
drawn:
  target:
    out/extra/Stamp: {namespace: "urn:stamps"}
    out/extra/Stamp/@kind: text
map:
  out/party~Company: {loop: in/row}
  out/party~Company/name: "[party/name]"
  out/party~Company/tax: "[party~Company/tax]"
  out/extra/Stamp/@kind: "[/in/row[1]/party~Company/tax]"
"""
INPUT = """\
<in xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <row><party xsi:type="Company"><name>Weft</name><tax>BR-42</tax></party></row>
  <row><party xsi:type="Person"><name>Ann</name></party></row>
</in>
"""


@pytest.mark.parametrize("engine", ["auto", "interpret", "rows"])
def test_picks_and_drawn_nodes_are_run(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    folder = write_open(tmp_path)
    schema = folder / "schemas/in.xsd"
    schema.write_text(
        schema.read_text().replace('<xs:element name="row">', '<xs:element name="row" maxOccurs="9">')
    )
    (folder / "transformations/open.yaml").write_text(MAP)
    (folder / "in.xml").write_text(INPUT)
    monkeypatch.chdir(folder)
    code = run(
        ["transform", "transformations/open.yaml", "in.xml", "-o", "out.xml", "--stats", "--engine", engine]
    )
    _out, err = capfd.readouterr()
    assert code == 0, err
    assert json.loads(err.splitlines()[-1])["engine"] == ("interpret" if engine == "interpret" else "rows")
    assert (
        (folder / "out.xml").read_text().split("\n", 1)[1]
        == """\
<out xmlns:ns="urn:stamps" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <party xsi:type="Company">
    <name>Weft</name>
    <tax>BR-42</tax>
  </party>
  <party xsi:type="Company">
    <name>Ann</name>
    <tax/>
  </party>
  <extra>
    <ns:Stamp kind="BR-42"/>
  </extra>
</out>
"""
    )
