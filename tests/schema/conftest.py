"""Schemas from texts, trees as lines, and the W3C suite's cases."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree

from studio.schema.model import Schema
from studio.schema.read import read_schema
from tests.conftest import FULL
from tests.schema.trees import Reads, xsd_text

_SUITE = "{http://www.w3.org/XML/2004/xml-schema-test-suite/}"
_HREF = "{http://www.w3.org/1999/xlink}href"
# Left out of the quick run: large parts, and in the archive's order everything from the NIST part on.
_BULK = tuple(f"xsdtests/msData/{part}" for part in ("regex", "datatypes", "particles"))
_LATER = "xsdtests/nist"


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Write files given as name=text (underscores before the ending are dots) and read the first one."""

    def read(*files: tuple[str, str], **options: str) -> Schema:
        for name, text in files:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text.encode())
        return read_schema(tmp_path / files[0][0], **options)

    return read


@pytest.fixture
def xsd(reads: Reads) -> Reads:
    """Read a schema given as what stands inside xs:schema, with further files as (name, text)."""

    def read(inside: str, *others: tuple[str, str], head: str = "") -> Schema:
        return reads(("main.xsd", xsd_text(inside, head)), *others)

    return read


class Group(NamedTuple):
    """One group of the W3C suite: its schemas, whether they are valid, and its valid instances."""

    name: str
    schemas: list[Path]
    validity: str
    instances: list[Path]


@pytest.fixture(scope="session")
def suite(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The W3C XML Schema test suite, unpacked; without its bulk in the quick run."""
    folder = tmp_path_factory.mktemp("w3c")
    with tarfile.open(shared / "corpora" / "xsd-conformance-w3c.tar.gz") as archive:
        archive.extractall(folder, None if FULL else _quick_members(archive), filter="data")
    return folder / "xsdtests"


@pytest.fixture(scope="session")
def groups(suite: Path) -> list[Group]:
    """The groups for XSD 1.0 with a firm outcome, in the suite's order."""
    return list(_groups(suite))


def _quick_members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        if member.name.startswith(_LATER):
            return
        if not member.name.startswith(_BULK):
            yield member


def _groups(base: Path) -> Iterator[Group]:
    parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)
    for path in sorted(file for file in base.glob("*Meta/*") if file.suffix in (".xml", ".testSet")):
        tests = etree.parse(str(path), parser).getroot()
        if tests.tag == f"{_SUITE}testSet" and _version_1_0(tests):
            for group in tests.iterfind(f"{_SUITE}testGroup"):
                made = _group(group, path.parent)
                if made is not None:
                    yield made


def _group(group: etree._Element, folder: Path) -> Group | None:
    test = group.find(f"{_SUITE}schemaTest")
    if test is None or not _version_1_0(group) or not _version_1_0(test):
        return None
    schemas = _files(test, "schemaDocument", folder)
    validity = _expected(test)
    if not schemas or validity not in ("valid", "invalid") or not all(file.is_file() for file in schemas):
        return None
    instances = [
        file
        for one in group.iterfind(f"{_SUITE}instanceTest")
        if _version_1_0(one) and _expected(one) == "valid"
        for file in _files(one, "instanceDocument", folder)
    ]
    return Group(group.get("name", ""), schemas, validity, instances)


def _files(test: etree._Element, tag: str, folder: Path) -> list[Path]:
    return [(folder / one.get(_HREF, "")).resolve() for one in test.iterfind(f"{_SUITE}{tag}")]


def _expected(test: etree._Element) -> str:
    said = [one.get("validity", "") for one in test.iterfind(f"{_SUITE}expected") if _version_1_0(one)]
    return said[0] if said else ""


def _version_1_0(element: etree._Element) -> bool:
    version = element.get("version")
    return version is None or "1.0" in version.split()
