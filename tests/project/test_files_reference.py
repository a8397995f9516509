"""The reference of the files (docs/reference/files.md): its examples are read by the project's own readers, and no key lacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.base.yaml_read import Node, parse
from studio.engine.golden import files as golden
from studio.engine.output_options import _EDI, _XML
from studio.mapping.model import ON_FAILURE, Rule
from studio.mapping.text import _KEYS, read_rules, rules_text
from studio.project.objects import read_transformation, write_transformation
from studio.schema import own, own_records
from studio.schema.own import own_text, read_own
from studio.script.parse import parse as parse_script

PAGE = (Path(__file__).parents[2] / "docs/reference/files.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def of_kind(kind: str) -> list[str]:
    return [text for text in EXAMPLES if text.startswith(f"weft: {kind}/1\n")]


RULES = [text for text in EXAMPLES if not text.startswith("weft: ")]


def check_scripts(rules: tuple[Rule, ...]) -> None:
    """Every script of the rules is one."""
    for rule in rules:
        keys = [sort.by for sort in rule.sort] + list(rule.group.by if rule.group else ())
        asked = [script for join in rule.join.values() for script in join.match.values()]
        for script in (rule.script, rule.when, rule.each, *keys, *asked):
            if script is not None:
                parse_script(script)


def test_all_kinds_of_files_have_examples() -> None:
    counts = [len(of_kind(kind)) for kind in ("transformation", "schema", "test")]
    assert counts == [4, 4, 2]
    assert len(RULES) == 3
    assert len(EXAMPLES) == sum(counts) + len(RULES)


@pytest.mark.parametrize("text", of_kind("transformation"))
def test_transformations_are_read_and_written_as_they_stand(text: str) -> None:
    read = read_transformation(parse(text), "")
    assert not read.extra
    assert all(not rule.extra for rule in (*read.mapping.rules, *read.mapping.parked))
    assert set(read.target.extra) <= {*_XML, *_EDI}
    check_scripts(read.mapping.rules)
    assert read_transformation(parse(write_transformation(read)), "") == read


@pytest.mark.parametrize("text", RULES)
def test_rules_are_read(text: str) -> None:
    rules = read_rules(parse(text))
    assert len(rules) >= 3
    for rule in rules:
        assert not rule.extra
        assert not rule.group or not rule.group.extra
        assert all(not each.extra for each in (*rule.sort, *rule.join.values()))
    check_scripts(rules)
    assert read_rules(parse(rules_text(rules))) == rules


@pytest.mark.parametrize("text", of_kind("schema"))
def test_schemas_are_read_without_problems(text: str, tmp_path: Path) -> None:
    file = tmp_path / "schema.yaml"
    file.write_text(text, encoding="utf-8")
    schema = read_own(file)
    assert schema.problems == ()
    assert schema.roots[0].type.children
    file.write_text(own_text(schema), encoding="utf-8")
    assert own_text(read_own(file)) == own_text(schema)
    assert set(parse(text).members()) <= {"weft", "kind", "records", *own._SETTINGS[schema.kind]}


@pytest.mark.parametrize("text", of_kind("test"))
def test_tests_are_read(text: str) -> None:
    read = golden.read_test(parse(text), "orders-to-invoices/example")
    assert read.input or read.input_text


def named(key: str) -> bool:
    return f"`{key}`" in PAGE


def test_every_key_is_in_the_reference() -> None:
    wanted = {*_KEYS, *golden._KEYS, *golden._TOLERATED, *_XML, *_EDI, *ON_FAILURE} - {"weft"}
    wanted -= {"whitespace", "order"}
    for keys in own._SETTINGS.values():
        wanted |= set(keys)
    wanted |= {*own_records._NUMBERS, *own_records._PARTS, *own_records._SIGNS, *own_records._WHOLE_FACTS}
    wanted |= {"type", "required", "default", "values", "format", "value", "occurs", "tell", "align", "pad"}
    wanted |= {
        "source",
        "sources",
        "target",
        "targets",
        "samples",
        "namespaces",
        "validate",
        "map",
        "parked",
        "picks",
        "drawn",
    }
    wanted |= {
        "schema",
        "root",
        "kind",
        "sample",
        "match",
        "by",
        "whitespace: any",
        "order: any",
        "order: asc",
    }
    wanted |= {"adjacent: true"}
    assert sorted(key for key in wanted if not named(key)) == []


def test_the_readers_know_no_other_keys_of_a_transformation() -> None:
    """A key that is read, and so no longer kept as unknown, has to come into the reference."""
    found = read_transformation(
        Node(dict(parse("weft: transformation/1\nfoo: 1\n").members()), 1, 1, None), "x"
    )
    assert dict(found.extra) == {"foo": "1"}
    table = PAGE[PAGE.index("| `name`, `description` |") : PAGE.index("Keys that this version")]
    text = write_transformation(read_transformation(parse(of_kind("transformation")[0]), ""))
    assert all(f"`{key}`" in table for key in parse(text).members() if key != "weft")
