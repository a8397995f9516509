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
    """One group of the W3C suite: its schemas, whether they are valid, and its instances by their validity."""

    name: str
    contributor: str
    schemas: list[Path]
    validity: str
    instances: list[Path]
    invalid: list[Path]


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
    return list(_groups(suite, "1.0"))


@pytest.fixture(scope="session")
def newer_groups(suite: Path) -> list[Group]:
    """The groups for XSD 1.1 only, with a firm outcome."""
    return list(_groups(suite, "1.1"))


def _quick_members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for member in archive:
        if member.name.startswith(_LATER):
            return
        if not member.name.startswith(_BULK):
            yield member


def _groups(base: Path, version: str) -> Iterator[Group]:
    parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)
    for path in _test_sets(base, parser):
        tests = etree.parse(str(path), parser).getroot()
        for group in tests.iterfind(f"{_SUITE}testGroup"):
            made = _group(group, path.parent, version, tests.get("version"))
            if made is not None:
                yield made


def _test_sets(base: Path, parser: etree.XMLParser) -> list[Path]:
    """The sets the suite names, in its order; one of them is not in the archive. The quick run unpacks some only."""
    if not (base / "suite.xml").is_file():
        return sorted(file for file in base.glob("*Meta/*") if file.suffix in (".xml", ".testSet"))
    suite = etree.parse(str(base / "suite.xml"), parser).getroot()
    named = [base / reference.get(_HREF, "") for reference in suite.iter(f"{_SUITE}testSetRef")]
    return [path for path in named if path.is_file()]


def _group(group: etree._Element, folder: Path, version: str, outer: str | None) -> Group | None:
    test = group.find(f"{_SUITE}schemaTest")
    if test is None:
        return None
    limited = test.get("version") or group.get("version") or outer
    if _only_newer(limited) != (version == "1.1"):
        return None
    schemas = _files(test, "schemaDocument", folder)
    validity = _expected(test, version)
    if not schemas or validity not in ("valid", "invalid") or not all(file.is_file() for file in schemas):
        return None
    instances: dict[str, list[Path]] = {"valid": [], "invalid": []}
    for one in group.iterfind(f"{_SUITE}instanceTest"):
        if _only_newer(one.get("version")) and version == "1.0":
            continue
        instances.get(_expected(one, version), []).extend(_files(one, "instanceDocument", folder))
    return Group(
        group.get("name", ""),
        folder.name.removesuffix("Meta"),
        schemas,
        validity,
        instances["valid"],
        instances["invalid"],
    )


def _files(test: etree._Element, tag: str, folder: Path) -> list[Path]:
    return [(folder / one.get(_HREF, "")).resolve() for one in test.iterfind(f"{_SUITE}{tag}")]


def _expected(test: etree._Element, version: str) -> str:
    """The outcome said for this version, else the one said for all."""
    said = {one.get("version"): one.get("validity", "") for one in test.iterfind(f"{_SUITE}expected")}
    named = [validity for versions, validity in said.items() if versions and version in versions.split()]
    return named[0] if named else said.get(None, "")


def _only_newer(version: str | None) -> bool:
    """Said to be for XSD 1.1 and not for 1.0 too."""
    return version is not None and "1.1" in version.split() and "1.0" not in version.split()
