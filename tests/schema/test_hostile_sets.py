"""Files made to hurt in every kind: laughs, depth, blanks, doubling references, names that lead to other computers."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pytest

from studio.base.errors import WeftError
from studio.schema.catalogues import resolve_uri
from studio.schema.kinds import TABLE
from studio.schema.read import read_schema
from studio.schema.remote import Ask, Fetched, read_remote
from tests.schema import fuzz
from tests.schema.trees import xsd_text

_LAUGHS = "<!ENTITY a0 'lol'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
_XML = {
    "xsd": xsd_text('<xs:element name="r" default="&a11;"/>'),
    "wsdl": '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" name="&a11;"/>',
    "wsdl 2": '<description xmlns="http://www.w3.org/ns/wsdl" targetNamespace="&a11;"/>',
    "xml": "<x>&a11;</x>",
}
_DOORS = (
    r"\\server\share\x.xsd",
    "//server/share/x.xsd",
    "file://server/share/x.xsd",
    "/dev/zero",
    "file:///dev/zero",
    "/proc/self/environ",
    "../secret.xsd",
    "a/../../secret.xsd",
    "..%2fsecret.xsd",
    "CON",
    "http://127.0.0.1:9/x.xsd",
    "jar:file:/x.zip!/x.xsd",
    "x" * 5000,
    "a\0b",
)


@pytest.mark.parametrize("name", _XML)
def test_laughs_are_refused_alone_imported_packed_and_fetched(tmp_path: Path, name: str) -> None:
    kind = name.split()[0]
    bomb = f"<!DOCTYPE x [{_LAUGHS}]>{_XML[name]}"
    (tmp_path / "bomb.xsd").write_text(bomb)
    with pytest.raises(WeftError, match="entit"):
        read_schema(tmp_path / "bomb.xsd", kind=kind)
    (tmp_path / "main.xsd").write_text(
        xsd_text('<xs:include schemaLocation="bomb.xsd"/><xs:element name="r" type="t:Lost"/>')
    )
    schema = read_schema(tmp_path / "main.xsd")
    assert "entit" in schema.problems[0].message
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("bomb.xsd" if kind != "wsdl" else "bomb.wsdl", bomb)
    _ends(tmp_path / "set.zip", "set", tmp_path)

    def fetch(_ask: Ask) -> Fetched:
        return Fetched(bomb.encode())

    with pytest.raises(WeftError, match="entit"):
        read_remote("https://x.org/bomb.xsd", fetch, tmp_path / "kept", kind=kind)


def test_laughs_in_a_catalogue_only_keep_it_silent(tmp_path: Path) -> None:
    (tmp_path / "catalog.xml").write_text(
        f'<!DOCTYPE catalog [{_LAUGHS}]><catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">'
        '<uri name="&a11;" uri="&a11;"/><uri name="urn:a" uri="catalog.xml"/></catalog>'
    )
    assert resolve_uri("urn:a", tmp_path / "main.xsd") is None


@pytest.mark.parametrize("kind", TABLE)
def test_depth_and_long_names_end_in_every_kind(tmp_path: Path, kind: str) -> None:
    bombs = (
        "<a>" * 10_000,
        "[" * 8_000,
        '{"a":' * 8_000,
        '{"type":"array","items":' * 8_000,
        "(" * 8_000,
        "<!ELEMENT a " + "(" * 8_000,
        "<![INCLUDE[" * 8_000,
        "%a;" * 8_000,
        "message A { " * 8_000,
        "".join(f"{' ' * n}a:\n" for n in range(400)),
        "x" * 700_000,
        "a," * 150_000,
        '"' * 150_001,
        "       01 A.\n" + "".join(f"          {n % 45 + 2:02} B{n} OCCURS 99.\n" for n in range(400)),
    )
    for number, text in enumerate(bombs):
        file = tmp_path / f"bomb{number}.dat"
        file.write_text(text)
        _ends(file, kind, tmp_path)


@pytest.mark.parametrize("kind", TABLE)
def test_a_hundred_megabytes_of_blanks_end_in_every_kind(blanks: Path, kind: str) -> None:
    _ends(blanks, kind, blanks.parent)


@pytest.fixture(scope="module")
def blanks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 100 MB of white space with something at its end."""
    file = tmp_path_factory.mktemp("blanks") / "blanks.dat"
    with file.open("wb") as out:
        for _turn in range(100):
            out.write(b" \n\t " * 262_144)
        out.write(b"<a/>")
    return file


def _ends(file: Path, kind: str | None, folder: Path) -> tuple[str, ...]:
    """Reading ends in a schema, whose files are answered, or in an error that names the file; nothing else is opened."""
    door = fuzz.watch()
    door.seen.clear()
    door.folder = str(folder.resolve())
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    error: WeftError | None = None
    files: tuple[str, ...] = ()
    try:
        files = read_schema(file, kind=kind, within=folder).files
    except WeftError as caught:
        error = caught
    finally:
        door.folder = None
        tempfile.tempdir = before
    assert error is None or (error.file and error.message)
    assert not [
        one for one in door.seen if "weft-home" not in one and tempfile.gettempdir() + "/tmp" not in one
    ]
    return files


def test_references_that_double_at_each_step_are_read_once_each(tmp_path: Path) -> None:
    count = 60
    for n in range(count):
        further = f"f{n + 1}.xsd"
        ways = (
            (further, f"./{further}", f"x/../{further}", (tmp_path / further).as_uri())
            if n + 1 < count
            else ()
        )
        includes = "".join(f'<xs:include schemaLocation="{way}"/>' for way in ways)
        (tmp_path / f"f{n}.xsd").write_text(xsd_text(f'{includes}<xs:element name="e{n}"/>'))
    (tmp_path / "x").mkdir()
    schema = read_schema(tmp_path / "f0.xsd")
    assert len(schema.files) == count
    assert len(schema.roots) == count
    assert not schema.problems


def test_descriptions_that_import_each_other_in_a_mesh_end(tmp_path: Path) -> None:
    count = 25
    for n in range(count):
        imports = "".join(f'<import namespace="urn:n" location="w{m}.wsdl"/>' for m in range(count))
        operation = (
            f'<portType name="P{n}"><operation name="o{n}"><input message="m"/></operation></portType>'
        )
        (tmp_path / f"w{n}.wsdl").write_text(
            f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/">{imports}<message name="m"/>{operation}</definitions>'
        )
    assert len(read_schema(tmp_path / "w0.wsdl").roots) == count
    assert len(read_schema(tmp_path).roots) == count


@pytest.mark.parametrize("door", _DOORS)
def test_no_location_leads_out_of_the_given_folder(tmp_path: Path, door: str) -> None:
    (tmp_path / "secret.xsd").write_text(xsd_text('<xs:complexType name="Lost"/>'))
    folder = tmp_path / "project" / "schemas"
    folder.mkdir(parents=True)
    text = door.replace("\0", "&#0;") if "\0" in door else door
    wsdl = (
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><import namespace="urn:w" location="{0}"/>'
        '<types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:import schemaLocation="{0}"/></xs:schema></types>'
        '<portType name="P"><operation name="o"/></portType></definitions>'
    )
    texts = {
        "main.xsd": xsd_text(
            f'<xs:include schemaLocation="{text}"/><xs:redefine schemaLocation="{text}"/><xs:element name="r" type="t:Lost"/>'
        ),
        "main.wsdl": wsdl.format(text),
        "main2.wsdl": f'<description xmlns="http://www.w3.org/ns/wsdl"><include location="{text}"/><interface name="I"/></description>',
        "main.dtd": f'<!ENTITY % p SYSTEM "{text}"> %p; <!ELEMENT r EMPTY>',
        "main.json": f'{{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "{text}"}}'.replace(
            "\\", "\\\\"
        ),
    }
    for name, content in texts.items():
        (folder / name).write_text(content)
        files = _ends(folder / name, None, tmp_path / "project")
        assert all("secret" not in file for file in files), name
