"""A cached schema is the schema: same tree, same choices, same problems; written anew when a file changes."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

from studio.base import i18n
from studio.base.errors import BadInput
from studio.schema.cache import cache_file, load_cache, load_fresh, read_cached, write_cache
from studio.schema.model import Node, Schema, Type
from studio.schema.read import read_schema
from studio.schema.search import find
from tests.schema.trees import Reads, lines, xsd_text

_SETS = (
    "xsd/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "xsd/kml-2.3/ogc/kml/2.3/ogckml23.xsd",
    "xsd/mathml4/xsd/mathml4.xsd",
    "wsdl/salesforce-enterprise-toolkit/enterprise.wsdl.xml",
    "wsdl/vmware-vim-v4/vim.wsdl",
    "salesforce/describe/Account.json",
    "csv/niem-codes-csv/Namespace.csv",
)


def _same(one: Schema, other: Schema, limit: int) -> int:
    """Compare both type graphs node by node; returns how many were compared."""
    pairs: deque[tuple[Node, Node]] = deque(zip(one.roots, other.roots, strict=True))
    seen: set[Type] = set()
    count = 0
    while pairs and count < limit:
        left, right = pairs.popleft()
        count += 1
        assert _said(left) == _said(right)
        if left.substitutes and left.kind != "any":
            assert right.substitutes is not None
            pairs.extend(zip(left.substitutes(), right.substitutes(), strict=True))
        assert [kind.name for kind in left.type.derived] == [kind.name for kind in right.type.derived]
        if left.type not in seen:
            seen.add(left.type)
            pairs.extend(zip(left.type.children, right.type.children, strict=True))
    return count


def _said(node: Node) -> tuple[object, ...]:
    kind = node.type
    return (
        node.name,
        node.kind,
        node.occurs,
        node.namespace,
        node.default,
        node.fixed,
        node.nillable,
        node.documentation,
        node.unresolved,
        node.line,
        dict(node.facts),
        node.prefix,
        node.substitutes is None,
        kind.name,
        kind.namespace,
        kind.value,
        kind.abstract,
        kind.mixed,
        kind.leaf,
        kind.documentation,
    )


@pytest.mark.parametrize("name", _SETS)
def test_a_cache_gives_the_same_tree(shared: Path, tmp_path: Path, name: str) -> None:
    schema = read_schema(shared / "corpora" / name)
    write_cache(schema, tmp_path / "c.schema")
    loaded = load_cache(tmp_path / "c.schema")
    assert _same(schema, loaded, 1500) > len(schema.roots)
    assert (loaded.kind, loaded.files, loaded.problems) == (schema.kind, schema.files, schema.problems)
    assert dict(loaded.namespaces) == dict(schema.namespaces)
    assert loaded.all_problems() == schema.all_problems()
    assert [place.path for place in find(loaded, "name", limit=40)] == [
        place.path for place in find(schema, "name", limit=40)
    ]
    recursive = next((place for place in find(loaded, "name", limit=50) if place.recursive), None)
    assert recursive is None or recursive.node.type is not None


def test_recursion_survives(xsd: Reads, tmp_path: Path) -> None:
    schema = xsd(
        '<xs:element name="r" type="t:k"/><xs:complexType name="k"><xs:sequence>'
        '<xs:element name="r" type="t:k" minOccurs="0"/></xs:sequence></xs:complexType>'
    )
    write_cache(schema, tmp_path / "c.schema")
    assert lines(load_cache(tmp_path / "c.schema")) == lines(schema) == ["r 1 k", "r/r 0..1 k recursive"]


def test_a_cache_is_written_anew_when_a_file_changes_or_appears(tmp_path: Path) -> None:
    main, part = tmp_path / "main.xsd", tmp_path / "part.xsd"
    folder = tmp_path / "cache"
    main.write_text(xsd_text('<xs:include schemaLocation="part.xsd"/><xs:element name="r" type="t:k"/>'))
    assert read_cached(main, folder).roots[0].unresolved
    written = cache_file(main, folder).stat().st_mtime_ns
    assert read_cached(main, folder).roots[0].unresolved
    assert cache_file(main, folder).stat().st_mtime_ns == written
    part.write_text(xsd_text('<xs:complexType name="k"><xs:attribute name="x"/></xs:complexType>'))
    assert [line.split()[0] for line in lines(read_cached(main, folder, root="r"))] == ["r", "r/@x"]
    part.write_text(xsd_text('<xs:complexType name="k"><xs:attribute name="longer"/></xs:complexType>'))
    assert load_fresh(cache_file(main, folder)) is None
    assert [line.split()[0] for line in lines(read_cached(main, folder))] == ["r", "r/@longer"]


def test_damaged_caches_are_refused_and_made_again(tmp_path: Path) -> None:
    main = tmp_path / "a.csv"
    main.write_text("id,name\n1,Ada\n")
    read_cached(main, tmp_path)
    file = cache_file(main, tmp_path)
    whole = file.read_bytes()
    for damaged in (
        b"",
        whole[:10],
        whole[:-3],
        whole + b"x",
        b"other" + whole,
        whole.replace(b"delimited", b"\xff" * 9),
    ):
        file.write_bytes(damaged)
        with pytest.raises(BadInput, match="not a schema cache"):
            load_cache(file)
        assert load_fresh(file) is None
        assert len(lines(read_cached(main, tmp_path))) == 3


def test_each_language_has_its_own_texts(tmp_path: Path) -> None:
    (tmp_path / "orders.xsd").write_text(xsd_text('<xs:include schemaLocation="lost.xsd"/>'), "utf-8")
    said: dict[str, object] = {}
    for language in ("en", "pt_BR", "en"):
        i18n.use_language(language)
        problems = read_cached(tmp_path / "orders.xsd", tmp_path / "cache").problems
        assert said.setdefault(language, problems) == problems
    assert said["en"] != said["pt_BR"]
