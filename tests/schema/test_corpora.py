"""Every schema and sample of the collected corpora opens, or is refused in words; valid documents have their place."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from lxml import etree

from studio.base.errors import WeftError
from studio.schema.model import Kind, Schema, Type
from studio.schema.read import read_schema
from tests.schema.oracle import root_place, unexplained

Share = Callable[[int], int]

# What may be refused among interface files, and why: each is truly broken.
_REFUSED = {
    "xmlschema-lib-tests/resources/malformed.xsd": "not well-formed",
    "aws-and-bad-variants/unparsableWsdls/helloService.wsdl": "not well-formed",
    "aws-and-bad-variants/unparsableWsdls/missing-xmlns.wsdl": "prefix wsdl",
    "node-soap-tests/wsdl/attachments.wsdl": "prefix xmime",
    "node-soap-tests/wsdl/connection/econnrefused.wsdl": "prefix xsd",
    "node-soap-tests/wsdl/default_namespace_soap12.wsdl": "prefix soap",
    "node-soap-tests/wsdl/mergeWithAttributes/def.xsd": "prefix xs",
    "node-soap-tests/wsdl/recursive/A.xsd": "not well-formed",
    "node-soap-tests/wsdl/recursive/B.xsd": "not well-formed",
    "node-soap-tests/wsdl/strict/ImportSample.xsd": "prefix xsd",
    "node-soap-tests/wsdl/ws-policy.wsdl": "prefix wsu",
    "node-soap-tests/wsdl/wsdl_with_attributes.wsdl": "prefix s",
    "wsdltophp-singles/empty.wsdl": "not well-formed",
}


def _spread(items: list[Path], count: int) -> list[Path]:
    """`count` items spread evenly over all."""
    step = max(1, len(items) // count) if count else 1
    return items[::step]


def _walk(schema: Schema, limit: int = 3000) -> int:
    """Expand types, each once, up to a limit; returns how many nodes were seen."""
    waiting = deque(node.type for node in schema.roots)
    seen: set[Type] = set()
    count = 0
    while waiting and count < limit:
        kind = waiting.popleft()
        if kind in seen:
            continue
        seen.add(kind)
        assert kind.value is None or kind.value.name is not None
        for node in kind.children:
            count += 1
            assert node.name or node.kind is Kind.CHOICE or schema.kind == "json"
            waiting.append(node.type)
            if node.substitutes and node.kind is not Kind.ANY:
                waiting.extend(one.type for one in node.substitutes())
        waiting.extend(kind.derived)
    return count


def _sweep(files: Iterable[Path], folder: Path) -> Counter[str]:
    """Read and expand every file; a crash or a silent blank fails the test."""
    counts: Counter[str] = Counter()
    for file in files:
        name = str(file.relative_to(folder))
        schema, refusal = _read(file)
        if refusal is not None:
            assert refusal.file, name
            assert refusal.next_step, name
            known = next((why for end, why in _REFUSED.items() if name.endswith(end)), None)
            assert known is None or known in refusal.message, (name, refusal.message)
            counts["refused" if known is None else "known"] += 1
        if schema is not None:
            assert schema.roots or schema.problems, name
            _walk(schema)
            counts[schema.kind] += 1
    return counts


def _read(file: Path, kind: str | None = None) -> tuple[Schema | None, WeftError | None]:
    try:
        return read_schema(file, kind=kind), None
    except WeftError as error:
        return None, error


@pytest.mark.parametrize("folder", ["xsd", "wsdl"])
def test_every_interface_file_opens(shared: Path, share: Share, folder: str) -> None:
    base = shared / "corpora" / folder
    files = sorted(file for file in base.rglob("*") if file.suffix in (".xsd", ".wsdl"))
    assert len(files) > 600
    # A share for the quick run, always with the files that are known to be broken.
    broken = [file for file in files if str(file).endswith(tuple(_REFUSED))]
    counts = _sweep({*_spread(files, share(4 * len(files))), *broken}, base.parent)
    assert counts["refused"] == 0, counts
    assert counts["known"] == len(broken)


@pytest.mark.parametrize(("suffix", "least"), [(".csv", 17), (".json", 900), (".xml", 200)])
def test_every_sample_opens_or_is_refused_in_words(
    shared: Path, share: Share, suffix: str, least: int
) -> None:
    base = shared / "corpora"
    files = sorted(base.rglob(f"*{suffix}"))
    assert len(files) >= least
    counts = _sweep(_spread(files, share(5 * len(files))), base)
    assert sum(counts.values()) > 15


def test_json_vectors_are_accepted_and_refused_as_their_names_say(shared: Path, share: Share) -> None:
    files = sorted((shared / "corpora" / "json-samples" / "jsontestsuite").rglob("*.json"))
    assert len(files) > 300
    for file in files:
        schema, _refusal = _read(file, "json")
        accepted = schema is not None and bool(schema.roots)
        assert file.name[0] == "i" or accepted == (file.name[0] == "y"), file.name


def test_ubl_documents_have_their_place_in_ubl_schemas(shared: Path, share: Share) -> None:
    base = shared / "corpora" / "xsd" / "ubl-2.1"
    samples = sorted((base / "samples").rglob("*.xml"))
    assert len(samples) >= 56
    checked = 0
    for sample in _spread(samples, share(10 * len(samples))):
        document = etree.parse(str(sample)).getroot()
        schema_file = base / "maindoc" / f"UBL-{etree.QName(document).localname}-2.1.xsd"
        if schema_file.is_file():
            _check(schema_file, sample, document)
            checked += 1
    assert checked >= 10


def test_edifact_infosets_have_their_place(shared: Path) -> None:
    base = shared / "corpora" / "xsd" / "dfdl-edifact-d03b" / "EDIFACT-SupplyChain-D03B"
    for infoset in sorted((base / "TestInfosets").glob("*.xml")):
        document = etree.parse(str(infoset)).getroot()
        _check(base / "EDIFACT-SupplyChain-Messages-D.03B.xsd", infoset, document)


def _check(schema_file: Path, sample: Path, document: etree._Element) -> None:
    place = root_place(read_schema(schema_file), document)
    assert place is not None, sample.name
    assert list(unexplained(place, document)) == [], sample.name
