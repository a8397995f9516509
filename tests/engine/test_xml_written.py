"""How XML is written: pretty or compact, in any encoding; both back ends the same, and every reader of XML the same again."""

from __future__ import annotations

import io
from typing import Any

import pytest
from lxml import etree

from studio.engine.compile import compile_plan
from studio.engine.plan import Plan
from studio.engine.run import transform
from studio.mapping.model import Mapping, SchemaUse, Transformation
from tests.engine import build

SOURCE = build.xml({"in": {"r*": {"@k?": "text", "a?": "text", "b?!": "text", "n*": "decimal"}}})
TARGET = build.xml(
    {
        "out": {
            "head?": "text",
            "row*": {"@k?": "text", "@e": "text", "a": "text", "b!": "text", "in?": {"n*": "decimal"}},
        }
    },
    "urn:x",
)
RULES: dict[str, Any] = {
    "out/head": "'Č & 日本'", "out/row": {"loop": "in/r"}, "out/row/@k": "[@k]", "out/row/@e": "'x'", "out/row/a": "[a]", "out/row/b": "[b]",
    "out/row/in/n": "[n]",
}  # fmt: skip
GIVEN = (
    "<in><r k='&quot;ä&#10;'><a>€ &lt;é 😀</a><n>1.50</n><n>2</n></r><r><b/></r>"
    "<r><a xml:space='preserve'>  </a><b>日本</b></r></in>"
)


def plan(**options: object) -> Plan:
    """A map to XML with options of the target."""
    mapping = Mapping(tuple(build.rule(path, given) for path, given in RULES.items()))
    use = SchemaUse("target", extra=options)
    return compile_plan(Transformation("test", SchemaUse("source"), use, mapping), SOURCE, TARGET)


def outputs(made: Plan) -> set[bytes]:
    """What the back ends write."""
    assert made.errors == (), made.errors
    found = set()
    for engine in ("interpret", "rows"):
        out = io.BytesIO()
        stats = transform(
            made, io.BytesIO(GIVEN.encode()), out, engine=engine, failures=lambda _failure: None
        )
        assert (stats.failed, stats.engine) == (0, engine)
        found.add(out.getvalue())
    return found


def infoset(data: bytes) -> str:
    """Names, attributes and texts, without blanks between elements."""
    root = etree.fromstring(data, etree.XMLParser(remove_blank_text=True))
    return str(etree.canonicalize(etree.tostring(root, encoding="unicode")))


def test_compact_documents_have_no_blanks_between_elements() -> None:
    """S70"""
    (pretty,) = outputs(plan())
    (compact,) = outputs(plan(pretty="false"))
    assert outputs(plan(pretty="true")) == {pretty}
    assert compact.decode().split("\n", 1)[1].startswith('<out xmlns="urn:x" xmlns:xsi=')
    assert "\n" not in compact.decode().split("\n", 1)[1]
    assert "> " not in compact.decode().replace(">  </a>", "></a>")
    assert infoset(compact) == infoset(pretty)
    assert (
        '<row k="&quot;ä&#10;" e="x"><a>€ &lt;é 😀</a><b xsi:nil="true"/><in><n>1.50</n><n>2</n></in></row>'
        in compact.decode()
    )


@pytest.mark.parametrize(
    ("encoding", "known"),
    [
        ("ISO-8859-1", "ISO-8859-1"), ("latin-1", "ISO-8859-1"), ("iso-8859-2", "ISO-8859-2"), ("windows-1252", "windows-1252"),
        ("cp1250", "windows-1250"), ("us-ascii", "US-ASCII"), ("utf-16", "UTF-16"), ("UTF-8", "UTF-8"), ("shift_jis", "SHIFT_JIS"),
    ],
)  # fmt: skip
def test_characters_that_an_encoding_lacks_are_written_as_references(encoding: str, known: str) -> None:
    (usual,) = outputs(plan())
    for pretty in ("true", "false"):
        (found,) = outputs(plan(encoding=encoding, pretty=pretty))
        assert found.decode(encoding).startswith(f'<?xml version="1.0" encoding="{known}"?>\n')
        assert infoset(found) == infoset(usual)
    if encoding == "us-ascii":
        assert b"&#8364; &lt;&#233; &#128512;" in found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "klingon"}, "There is no encoding called klingon."),
        ({"encoding": "rot13"}, "There is no encoding called rot13."),
        ({"encoding": "utf-7"}, "Documents of this format are not written in utf-7."),
        ({"encoding": "cp500"}, "Documents of this format are not written in cp500."),
        ({"pretty": "perhaps"}, "pretty is true or false."),
    ],
)
def test_options_that_cannot_be_meant_are_problems(options: dict[str, object], message: str) -> None:
    assert [problem.message for problem in plan(**options).errors] == [message]


def test_names_that_an_encoding_lacks_are_problems() -> None:
    target = build.xml({"out": {"größe*": "text"}})
    mapping = Mapping((build.rule("out/größe", {"loop": "in/r", "script": "[a]"}),))
    use = SchemaUse("target", extra={"encoding": "us-ascii"})
    made = compile_plan(Transformation("test", SchemaUse("source"), use, mapping), SOURCE, target)
    assert [problem.message for problem in made.errors] == ["The name größe cannot be written in us-ascii."]
