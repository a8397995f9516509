"""Maps against stylesheets: what a person wrote in XSLT makes the same of every document as the map beside it.

Each folder of `xslt/` holds a map, a stylesheet (1.0 for libxslt, 3.0 for Saxon), the target's schema and a document
made by hand; further documents are made at random from the source's schema.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import saxonche
from lxml import etree

from studio.base.errors import BadInput, NotHere
from studio.engine.compile import compile_plan
from studio.engine.failures import Failure
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.project.folder import load_transformation
from studio.project.schemas import Schemas
from studio.project.tables import Tables
from tests.engine.instances import XSI, Instances

HERE = Path(__file__).resolve().parent / "xslt"
CASES = sorted(path.parent.name for path in HERE.glob("*/sheet.xsl"))
SCHEMAS = Schemas(HERE)
SAXON = saxonche.PySaxonProcessor(license=False)


@dataclass
class Case:
    """A map and the stylesheet that does the same."""

    name: str

    @cached_property
    def plan(self) -> Plan:
        """The map, compiled."""
        made = load_transformation(HERE / self.name / "map.yaml")
        self.source, self.root = SCHEMAS.get(made.source), made.source.root
        plan = compile_plan(made, self.source, SCHEMAS.get(made.target), Tables(HERE))
        assert plan.errors == (), (self.name, plan.errors)
        return plan

    def random(self, seed: int) -> str:
        """A random document of the source's schema."""
        kind = self.plan.source.format
        if kind == "lines":
            return "".join(
                f"{Instances(self.source, self.root, 10 * seed + n).json()}\n" for n in range(seed % 7)
            )
        instances = Instances(self.source, self.root, seed)
        if kind == "xml":
            return instances.xml()
        return instances.rows() if kind == "delimited" else instances.json()

    @cached_property
    def sheet(self) -> Callable[[str], str]:
        """What the stylesheet makes of a document's text."""
        text = (HERE / self.name / "sheet.xsl").read_text(encoding="utf-8")
        if 'version="1.0"' in text:
            style = etree.XSLT(etree.fromstring(text.encode()))
            return lambda document: str(style(etree.fromstring(document.encode())))
        compiled = SAXON.new_xslt30_processor().compile_stylesheet(stylesheet_text=text)
        if self.plan.source.format == "xml":
            return lambda document: str(
                compiled.transform_to_string(xdm_node=SAXON.parse_xml(xml_text=document))
            )

        def of_text(document: str) -> str:
            # Not XML: the stylesheet is given the text and takes it apart.
            compiled.set_parameter("text", SAXON.make_string_value(document))
            return str(compiled.call_template_returning_string("main"))

        return of_text


def ours(plan: Plan, document: str, engine: str) -> str:
    """What our engine makes of a document; no record may fail."""
    out = io.BytesIO()
    failures: list[Failure] = []
    transform(plan, io.BytesIO(document.encode()), out, engine=engine, failures=failures.append)
    assert failures == []
    return out.getvalue().decode()


def engines(plan: Plan, document: str) -> Iterator[tuple[str, str]]:
    """What each of our engines makes of it; one that declines the map is left out."""
    for engine in ("interpret", "rows", "columns", "auto"):
        try:
            yield engine, ours(plan, document, engine)
        except (BadInput, NotHere) as error:
            if engine not in ("rows", "columns") or f"The engine {engine} " not in error.message:
                raise


def infoset(text: str, kind: str) -> Any:
    """What a document says, whatever it looks like."""
    if kind == "xml":
        return element(etree.fromstring(text.encode()))
    if kind == "json":
        return json.loads(text)
    if kind == "lines":
        return [json.loads(line) for line in text.splitlines()]
    return text.splitlines()


def element(node: Any) -> tuple[Any, ...]:
    """Name, attributes, and text and elements in their order; prefixes and indentation say nothing."""
    attributes = dict(node.attrib)
    if f"{{{XSI}}}type" in attributes:
        prefix, _colon, local = attributes[f"{{{XSI}}}type"].rpartition(":")
        attributes[f"{{{XSI}}}type"] = f"{{{node.nsmap.get(prefix or None, '')}}}{local}"
    inside: list[Any] = [node.text or ""]
    for child in node:
        inside += [element(child), child.tail or ""]
    if len(inside) > 1:
        inside = [piece for piece in inside if not isinstance(piece, str) or piece.strip()]
    return node.tag, tuple(sorted(attributes.items())), tuple(piece for piece in inside if piece != "")


def check(case: Case, document: str) -> None:
    kind = case.plan.target.format
    wanted = infoset(case.sheet(document), kind)
    results = dict(engines(case.plan, document))
    assert "interpret" in results
    for engine, made in results.items():
        assert infoset(made, kind) == wanted, (
            f"{case.name}: {engine} differs from the stylesheet for {document}"
        )


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize("name", CASES)
def test_a_document_made_by_hand(name: str) -> None:
    (file,) = (HERE / name).glob("input.*")
    case = Case(name)
    document = file.read_text(encoding="utf-8")
    check(case, document)
    # The document must be worth comparing: it makes something.
    assert len(ours(case.plan, document, "interpret")) > 80


@pytest.mark.parametrize("name", CASES)
def test_random_documents(name: str, share: Callable[[int], int]) -> None:
    """S6 S13 S20 S27 S28 S31 S32"""
    case = Case(name)
    for seed in range(share(1000) // 2):
        check(case, case.random(seed))
