"""Operations whose transformation checks what it makes: the error names the record, counts are true, the file can be looked at."""

from __future__ import annotations

from pathlib import Path

from studio.agent.activities import PERFORMERS
from studio.agent.run import Counts, RunEvent, RunRequest, RunState
from studio.agent.runner import run_operation
from studio.project.folder import load

_ORDERS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="orders"><xs:complexType><xs:sequence>
<xs:element name="order" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="qty" type="xs:integer"/></xs:sequence><xs:attribute name="id"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element></xs:schema>
"""
_LINES = """{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"list": {"type": "array",
"items": {"type": "object", "properties": {"no": {"type": "string", "maxLength": 3}, "n": {"type": "number"}}}}}}
"""
_MAP = """weft: transformation/1
name: Orders to lines
source: {schema: schemas/orders.xsd, root: orders}
target: {schema: schemas/lines.json}
targets:
  first: {schema: schemas/lines.json}
  second: {schema: schemas/lines.json}
validate: [output]
map:
  /list/item: {loop: orders/order}
  /list/item/no: "[@id]"
  /list/item/n: 12 / [qty]
  first::/list/item: {loop: orders/order}
  first::/list/item/no: "'1'"
  second::/list/item: {loop: orders/order}
  second::/list/item/no: "'2'"
"""
_OPERATION = """weft: operation/1
name: All
activities:
  - read: {connection: files, path: in.xml}
  - transform: lines
  - write: {connection: files, path: out.json}
"""


def ran(folder: Path, document: str) -> list[RunEvent]:
    """What a run of the operation tells."""
    for name, text in {
        "project.yaml": "weft: project/1\nname: P\nid: 6f1a3c1e\n",
        "schemas/orders.xsd": _ORDERS,
        "schemas/lines.json": _LINES,
        "transformations/lines.yaml": _MAP,
        "operations/all.yaml": _OPERATION,
        "connections/files.yaml": "weft: connection/1\nname: Files\nkind: files\nfolder: data\n",
        "data/in.xml": document,
    }.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    loaded = load(folder)
    assert loaded.problems == ()
    events: list[RunEvent] = []
    run_operation(loaded.project, folder, RunRequest(str(folder), "all"), events.append, PERFORMERS)
    return events


def test_what_does_not_fit_is_named_counted_and_kept(tmp_path: Path) -> None:
    events = ran(
        tmp_path,
        "<orders><order id='1'><qty>1</qty></order><order id='2'><qty>0</qty></order>\n"
        "<order id='long one'><qty>2</qty></order></orders>",
    )
    assert events[-1].state is RunState.FAILED
    assert events[-1].counts == Counts(read=3, failed=1)
    said = events[-1].text
    assert "problems: 1. The first, in record 2 of those written" in said
    assert "/list/item[2]/no" in said
    made = next(event for event in events if event.detail == "made, but does not fit its schema")
    assert '"long one"' in Path(made.text).read_text()
    assert Path(made.text).name in said
    assert not (tmp_path / "data" / "out.json").exists()


def test_targets_of_one_kind_have_files_of_their_own(tmp_path: Path) -> None:
    events = ran(tmp_path, "<orders><order id='1'><qty>1</qty></order></orders>")
    assert events[-1].state is RunState.SUCCEEDED, events[-1].text
    assert '"12"' in (tmp_path / "data" / "out.json").read_text().replace(": 12", ': "12"')
    further = {event.detail: Path(event.text) for event in events if event.detail.startswith("further")}
    assert {name: '"1"' in file.read_text() for name, file in further.items()} == {
        "further target first": True, "further target second": False,
    }  # fmt: skip
