"""What others need to load the same schemas, each in a process of its own: processor time, or why they refuse.

python -m tests.bench.schema_peers NAME FILE loads one file with one Python library.
"""

from __future__ import annotations

import importlib
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn

from lxml import etree

HERE = Path(__file__).resolve().parent
JAVA = ("Xerces", "XMLBeans", "WSDL4J")
_JARS = {"Xerces": "xercesImpl.jar", "XMLBeans": "xmlbeans.jar", "WSDL4J": "wsdl4j.jar"}
_JAR_FOLDER = Path("/usr/share/java")
_XSD = "http://www.w3.org/2001/XMLSchema"
# Seconds of the clock one library may take for one file.
PATIENCE = 180


def peers(path: Path) -> Iterator[tuple[str, float | None, str]]:
    """Name, processor seconds (None where it refuses or is not there) and the reason, for each peer that could try."""
    wsdl = etree.parse(path).getroot().tag.endswith("definitions")
    with tempfile.TemporaryDirectory() as folder:
        schema = _wrapper(path, Path(folder)) if wsdl else path
        yield "libxml2", *_python("libxml2", schema)
        if wsdl:
            yield "zeep", *_python("zeep", path)
        yield "xmlschema", *_python("xmlschema", schema)
        for name in JAVA:
            if name != "WSDL4J" or wsdl:
                yield name, *_java(name, path if name == "WSDL4J" else schema)


def _python(name: str, path: Path) -> tuple[float | None, str]:
    floor = _cpu([sys.executable, "-m", "tests.bench.schema_peers", name, "--nothing"])[0]
    spent, said = _cpu([sys.executable, "-m", "tests.bench.schema_peers", name, str(path)])
    return (None if spent is None or floor is None else max(spent - floor, 0.001)), said


def _java(name: str, path: Path) -> tuple[float | None, str]:
    classes = _compiled()
    if classes is None:
        return (
            None,
            "no Java, or its Debian packages libxerces2-java, libxmlbeans-java, libwsdl4j-java are missing",
        )
    jars = ":".join(str(_JAR_FOLDER / jar) for jar in ("xml-resolver.jar", *_JARS.values()))
    # Nothing answers at this proxy, so nothing is fetched.
    offline = [
        f"-D{scheme}.proxy{part}" for scheme in ("http", "https") for part in ("Host=127.0.0.1", "Port=9")
    ]
    return _cpu(["java", *offline, "-cp", f"{classes.name}:{jars}", "SchemaPeers", name, str(path)])


@cache
def _compiled() -> tempfile.TemporaryDirectory[str] | None:
    """The compiled driver, None where Java or a library is not there."""
    if not shutil.which("javac") or not all((_JAR_FOLDER / jar).is_file() for jar in _JARS.values()):
        return None
    folder = tempfile.TemporaryDirectory()
    jars = ":".join(str(_JAR_FOLDER / jar) for jar in _JARS.values())
    done = subprocess.run(
        ["javac", "-cp", jars, "-d", folder.name, str(HERE / "SchemaPeers.java")],
        capture_output=True,
        check=False,
    )
    return folder if done.returncode == 0 else None


def _cpu(command: list[str]) -> tuple[float | None, str]:
    """Processor seconds a command takes, user and system, or why it failed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd=HERE.parents[1]
        )
    except subprocess.TimeoutExpired:
        return None, f"not done after {PATIENCE} s"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        return None, (done.stdout + done.stderr).strip().splitlines()[-1][
            :120
        ] if done.stdout + done.stderr else "?"
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ""


def _wrapper(path: Path, folder: Path) -> Path:
    """A schema importing those inside a service description, which is what most libraries can read of one."""
    schemas = list(etree.parse(path).getroot().iter(f"{{{_XSD}}}schema"))
    files = [folder / f"inline{at}.xsd" for at in range(len(schemas))]
    where = {schema.get("targetNamespace") or "": file for schema, file in zip(schemas, files, strict=True)}
    wrapper = etree.Element(f"{{{_XSD}}}schema", nsmap={"xs": _XSD})
    for schema, file in zip(schemas, files, strict=True):
        for element in schema.iter(f"{{{_XSD}}}import", f"{{{_XSD}}}include"):
            location, space = element.get("schemaLocation"), element.get("namespace") or ""
            if location and "://" not in location:
                element.set("schemaLocation", (path.parent / location).as_uri())
            elif space in where:
                element.set("schemaLocation", where[space].name)
        file.write_bytes(etree.tostring(schema))
        attributes = {"schemaLocation": file.name}
        if schema.get("targetNamespace"):
            attributes["namespace"] = schema.get("targetNamespace")
        etree.SubElement(wrapper, f"{{{_XSD}}}import", attributes)
    main = folder / "wrapper.xsd"
    main.write_bytes(etree.tostring(wrapper))
    return main


def _load(name: str, file: str) -> None:
    """Load a file with a library; `--nothing` loads the library alone."""
    if name == "libxml2":
        if file != "--nothing":
            etree.XMLSchema(etree.parse(file, etree.XMLParser(no_network=True)))
    elif name == "zeep":
        zeep = importlib.import_module("zeep")
        if file != "--nothing":
            offline = zeep.Transport()
            # Its own way to the network leads nowhere.
            offline._load_remote_data = _refuse
            zeep.wsdl.Document(file, offline, settings=zeep.Settings(strict=False, xml_huge_tree=True))
    else:
        xmlschema = importlib.import_module("xmlschema")
        if file != "--nothing":
            xmlschema.XMLSchema10(file, allow="local")


def _refuse(url: str) -> NoReturn:
    raise OSError(f"not fetched: {url}")


if __name__ == "__main__":
    _load(*sys.argv[1:])
