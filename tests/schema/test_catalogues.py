"""OASIS catalogues: identifiers become files of this computer, in the standard's order, and loops end."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.schema.catalogues import resolve, resolve_uri
from studio.schema.read import read_schema
from tests.schema.trees import xsd_text


def _catalogue(folder: Path, inside: str, name: str = "catalog.xml", head: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(
        '<?xml version="1.0"?><catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog" '
        f"{head}>{inside}</catalog>"
    )
    return folder / "main.xsd"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("a.dtd", "b.dtd", "sub/c.dtd", "sub/deep/d.dtd"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


def test_system_goes_before_public_and_white_space_of_public_does_not_count(files: Path) -> None:
    near = _catalogue(
        files,
        '<public publicId="-//X//DTD  A//EN" uri="a.dtd"/><system systemId="http://x/b.dtd" uri="b.dtd"/>',
    )
    assert resolve("-//X//DTD A//EN", "http://elsewhere/", near) == files / "a.dtd"
    assert resolve(" -//X//DTD\n A//EN ", "http://x/b.dtd", near) == files / "b.dtd"
    assert resolve("urn:publicid:-:X:DTD+A:EN", None, near) == files / "a.dtd"
    assert resolve(None, "urn:publicid:-:X:DTD+A:EN", near) == files / "a.dtd"
    assert resolve("-//Y//EN", "http://x/c.dtd", near) is None
    assert resolve(None, None, near) is None


def test_prefer_system_keeps_public_for_where_no_system_is_given(files: Path) -> None:
    near = _catalogue(
        files,
        '<public publicId="P" uri="a.dtd"/><group prefer="public"><public publicId="Q" uri="b.dtd"/></group>',
        head='prefer="system"',
    )
    assert resolve("P", "http://x/", near) is None
    assert resolve("P", None, near) == files / "a.dtd"
    assert resolve("Q", "http://x/", near) == files / "b.dtd"


def test_the_longest_prefix_rewrites_and_suffixes_and_bases_count(files: Path) -> None:
    near = _catalogue(
        files,
        '<rewriteURI uriStartString="http://x/" rewritePrefix="nowhere/"/>'
        '<rewriteURI uriStartString="http://x/sub/" rewritePrefix="sub/"/>'
        '<uriSuffix uriSuffix="/b.dtd" uri="b.dtd"/>'
        '<group xml:base="sub/deep/"><uri name="urn:d" uri="d.dtd"/></group>'
        '<rewriteSystem systemIdStartString="http://s/" rewritePrefix="sub/deep/"/>',
    )
    assert resolve_uri("http://x/sub/c.dtd", near) == files / "sub/c.dtd"
    assert resolve_uri("http://other/b.dtd", near) == files / "b.dtd"
    assert resolve_uri("urn:d", near) == files / "sub/deep/d.dtd"
    assert resolve(None, "http://s/d.dtd", near) == files / "sub/deep/d.dtd"
    assert resolve_uri("http://s/d.dtd", near) is None


def test_further_catalogues_are_asked_and_loops_end(files: Path) -> None:
    near = _catalogue(
        files,
        '<nextCatalog catalog="sub/more.xml"/><delegatePublic publicIdStartString="-//D" catalog="sub/del.xml"/>',
    )
    _catalogue(
        files / "sub",
        '<nextCatalog catalog="../catalog.xml"/><nextCatalog catalog="more.xml"/><uri name="urn:c" uri="c.dtd"/>',
        "more.xml",
    )
    _catalogue(
        files / "sub",
        '<public publicId="-//D//1" uri="c.dtd"/><nextCatalog catalog="../catalog.xml"/>',
        "del.xml",
    )
    assert resolve_uri("urn:c", near) == files / "sub/c.dtd"
    assert resolve("-//D//1", None, near) == files / "sub/c.dtd"
    assert resolve("-//D//2", None, near) is None
    assert resolve_uri("urn:none", near) is None


def test_a_catalogue_above_the_file_serves_but_none_above_its_folder(files: Path) -> None:
    _catalogue(files, '<uri name="urn:a" uri="a.dtd"/><uri name="urn:c" uri="sub/c.dtd"/>')
    near = files / "sub" / "deep" / "main.xsd"
    assert resolve_uri("urn:a", near) == files / "a.dtd"
    assert resolve_uri("urn:a", near, within=files) == files / "a.dtd"
    assert resolve_uri("urn:c", near, within=files / "sub") is None


@pytest.mark.parametrize(
    "target",
    ["http://x/a.dtd", "//server/share/a.dtd", "file://server/a.dtd", "/dev/zero", "gone.dtd", "sub"],
)
def test_only_regular_files_of_this_computer_are_answered(files: Path, target: str) -> None:
    near = _catalogue(files, f'<uri name="urn:a" uri="{target}"/>')
    assert resolve_uri("urn:a", near) is None


def test_targets_outside_the_given_folder_are_not_answered(files: Path) -> None:
    near = _catalogue(
        files / "sub",
        f'<uri name="urn:a" uri="../a.dtd"/><uri name="urn:b" uri="{(files / "b.dtd").as_uri()}"/>',
    )
    assert resolve_uri("urn:a", near) == files / "a.dtd"
    assert resolve_uri("urn:b", near) == files / "b.dtd"
    for name in ("urn:a", "urn:b"):
        assert resolve_uri(name, near, within=files / "sub") is None


@pytest.mark.parametrize(
    "text", ["", "<catalog", "<other/>", '<!DOCTYPE catalog [<!ENTITY a "&a;">]><catalog/>']
)
def test_a_broken_catalogue_answers_nothing(files: Path, text: str) -> None:
    (files / "catalog.xml").write_text(text)
    assert resolve_uri("urn:a", files / "main.xsd") is None


def test_a_schema_reads_its_remote_import_from_the_catalogue(tmp_path: Path) -> None:
    main = _catalogue(
        tmp_path,
        '<uri name="http://x/far.xsd" uri="local/near.xsd"/><uri name="urn:only" uri="local/only.xsd"/>',
    )
    (tmp_path / "local").mkdir()
    for name, space in (("near", "urn:far"), ("only", "urn:only")):
        (tmp_path / "local" / f"{name}.xsd").write_text(
            xsd_text('<xs:element name="there" type="xs:int"/>').replace("urn:t", space)
        )
    main.write_text(
        xsd_text(
            '<xs:import namespace="urn:far" schemaLocation="http://x/far.xsd"/><xs:import namespace="urn:only"/>'
            '<xs:element name="r"><xs:complexType><xs:sequence><xs:element ref="f:there" xmlns:f="urn:far"/>'
            '<xs:element ref="o:there" xmlns:o="urn:only"/></xs:sequence></xs:complexType></xs:element>'
        )
    )
    schema = read_schema(main)
    assert not schema.problems
    root = schema.root()
    assert root is not None
    assert [place.node.type.name for place in root.children()] == ["int", "int"]


def test_docbook_and_other_real_catalogues_answer(shared: Path) -> None:
    near = shared / "corpora/dtd/docbook-4.5/4.5/dtd/docbookx.dtd"
    assert near.is_file()
    found = resolve("-//OASIS//ELEMENTS DocBook Information Pool V4.5//EN", "http://x/none.mod", near)
    assert found == near.resolve().with_name("dbpoolx.mod")
    assert resolve(None, "http://docbook.org/xml/4.5/docbookx.dtd", near) == near.resolve()
