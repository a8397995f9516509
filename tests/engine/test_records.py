"""Fixed-width and delimited records of several kinds, both directions: values, nesting, records that fail."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from studio.schema.model import Kind, Node, Schema
from studio.schema.own import read_own
from tests.engine.build import both, plan

_NACHA = Path(__file__).parents[1] / "schema" / "nacha.yaml"
_HEAD = "weft: schema/1\nkind: fixed\n"


def own(folder: Path, text: str) -> Schema:
    """The schema of a description."""
    (folder / "own.yaml").write_text(text)
    return read_own(folder / "own.yaml")


def copying(schema: Schema) -> dict[str, Any]:
    """The rules that carry every record and field of a file to one of the same schema."""
    rules: dict[str, Any] = {}
    for root in schema.roots:
        lead = f"/{root.name}" if len(schema.roots) > 1 else root.name
        if root.occurs.repeats:
            rules[lead] = {"loop": lead}
            _copy(root, lead, "", rules)
        else:
            _copy(root, lead, lead + "/", rules)
    return rules


def _copy(node: Node, path: str, read: str, rules: dict[str, Any]) -> None:
    for child in node.type.children:
        here = f"{path}/{child.name}"
        if child.kind is Kind.FIELD:
            rules[here] = f"[{read}{child.name}]"
        elif child.occurs.repeats:
            rules[here] = {"loop": read + child.name}
            _copy(child, here, "", rules)
        else:
            _copy(child, here, f"{read}{child.name}/", rules)


def test_payment_files_are_written_as_they_were_read(shared: Path) -> None:
    schema = read_own(_NACHA)
    made = pickle.loads(pickle.dumps(plan(copying(schema), schema, schema)))
    assert made.errors == ()
    folder = shared / "corpora" / "fixed-width" / "nacha-ach"
    same = 0
    for name in ("20110805A.ach", "ppd-debit.ach", "web-debit.ach", "ccd-debit.ach", "return-WEB.ach"):
        if not (folder / name).is_file():
            continue
        given = (folder / name).read_bytes()
        text, failures, _counts = both(made, given)
        assert failures == []
        lines = [line for line in given.decode().splitlines() if line.strip("9 ")]
        assert text.splitlines() == [line.ljust(94) for line in lines]
        same += 1
    assert same > 1
