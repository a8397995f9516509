"""Random schemas, maps and documents, also broken ones, from a seed: what the back ends must agree on."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from studio.engine.plan import Plan
from studio.schema.model import Schema
from tests.engine import build

# The root element of the documents.
TOP = "top"

BASES = ("text", "text", "integer", "decimal", "decimal", "float", "boolean", "date", "datetime")
NUMBERS = ("integer", "decimal", "float")
GOOD = {
    "text": ("a", "Hello", "x y", "é<&>\"'", "", "  ", "007", "tab\there", "2026-01-31", "1.5"),
    "integer": ("0", "1", "7", "42", "-3", "007", "+5", "12345678901234567890"),
    "decimal": ("0", "1.50", "-2.25", "10", ".5", "100.00", "0.1"),
    "float": ("0.5", "1e3", "-2", "INF"),
    "boolean": ("true", "false", "1", "0"),
    "date": ("2026-03-01", "1999-12-31", "2024-02-29Z"),
    "datetime": ("2026-03-01T10:00:00", "1999-12-31T23:59:59.5", "2024-02-29T12:00:00+02:00"),
}
BAD = ("", " ", "abc", "1,5", "NaN", "1_000", "2026-13-01", " 7 ", "٣", "tru", "1e9999", "9" * 80, "\u00a0")


@dataclass
class Shape:
    """A node to be: a leaf with a base, or one that holds others. `occurs` is one of "", ?, * (of a leaf or list)."""

    name: str
    occurs: str = ""
    base: str = ""
    attribute: bool = False
    inside: list[Shape] = field(default_factory=list)


class Maker:
    """Makes everything for one case. `source` is xml, json, lines or csv, `target` too."""

    kinds: tuple[str, ...] = ("xml", "xml", "xml", "xml", "json", "json", "lines", "csv")

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.source, self.target = self.draw.choice(self.kinds), self.draw.choice(self.kinds)
        self._names = 0
        self._around = ""
        self._bases = BASES
        self.record = self._shape(self.source)
        # Most values fit a text, so that most records get through.
        self._bases = ("text",) * 20 + BASES
        self.out = self._shape(self.target)
        self.head = self._leaf(attribute=False)

    def _shape(self, kind: str) -> Shape:
        return self._node(2 if kind != "csv" else 0, kind == "csv", kind == "xml")

    def maybe(self, chance: float) -> bool:
        """True as often as that."""
        return self.draw.random() < chance

    # Schemas

    def _name(self) -> str:
        self._names += 1
        return f"n{self._names}"

    def _leaf(self, attribute: bool, repeats: bool = True) -> Shape:
        occurs = self.draw.choice(("", "?", "?", "*") if repeats and not attribute else ("", "?"))
        return Shape(self._name(), occurs, self.draw.choice(self._bases), attribute)

    def _node(self, depth: int, flat: bool, attributes: bool) -> Shape:
        node = Shape(self._name())
        for _leaf in range(self.draw.randint(2, 5)):
            attribute = attributes and self.maybe(0.3)
            leaf = self._leaf(attribute, repeats=not flat)
            leaf.occurs = "?" if flat else leaf.occurs
            node.inside.append(leaf)
        for _inner in range(self.draw.choice((0, 1, 2, 2)) if depth else 0):
            inner = self._node(depth - 1, flat, attributes)
            inner.occurs = self.draw.choice(("", "?", "*", "*", "*", "*"))
            node.inside.append(inner)
        if depth == 2 and not any(each.occurs == "*" and not each.base for each in node.inside):
            # Loops in loops are where back ends differ most.
            node.inside.append(replace(self._node(0, flat, attributes), occurs="*"))
        node.inside.sort(key=lambda each: not each.attribute)
        return node

    def _xml_spec(self, shape: Shape) -> Any:
        if shape.base:
            return shape.base
        return {self._xml_name(each): self._xml_spec(each) for each in shape.inside}

    def _xml_name(self, shape: Shape) -> str:
        return ("@" if shape.attribute else "") + shape.name + shape.occurs

    def _json_spec(self, shape: Shape) -> Any:
        if shape.base:
            return shape.base
        found = {}
        for each in shape.inside:
            array = each.occurs == "*" and not each.base
            found[each.name + ("[]" if array else each.occurs)] = self._json_spec(each)
        return found

    def schema(self, kind: str, shape: Shape) -> Schema:
        """The schema of documents holding many of a shape."""
        if kind == "xml":
            top = {
                "@h?": "text",
                self._xml_name(self.head): self.head.base,
                shape.name + "*": self._xml_spec(shape),
            }
            return build.xml({TOP: top}, self.draw.choice(("", "urn:x")))
        if kind == "csv":
            return build.rows({each.name: each.base for each in shape.inside})
        if kind == "lines":
            return build.json_items(self._json_spec(shape), "lines")
        head = self.head.name + self.head.occurs
        return build.json_object({head: self.head.base, "list[]": self._json_spec(shape)})

    # Documents

    def text(self, base: str) -> str:
        """A value, sometimes one that does not fit."""
        return self.draw.choice(BAD) if self.maybe(0.08) else self.draw.choice(GOOD[base])

    def _count(self, occurs: str) -> int:
        if self.maybe(0.02):
            return 2
        if occurs == "*":
            return self.draw.choice((0, 1, 2, 3))
        return 0 if self.maybe(0.25 if occurs else 0.04) else 1

    def document(self, count: int | None = None) -> str:
        """The input, with a few records or `count`."""
        records = self.draw.randint(0, 6) if count is None else count
        if self.source == "xml":
            inside = self._xml_head() + "".join(self._xml(self.record) for _record in range(records))
            space = f' xmlns="{self.space}"' if self.space else ""
            xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            return f"<{TOP}{space}{xsi} h='top'>{inside}</{TOP}>"
        if self.source == "csv":
            return self._csv(records)
        values = [self._json(self.record) for _record in range(records)]
        if self.source == "lines":
            return "".join(json.dumps(value, ensure_ascii=self.maybe(0.5)) + "\n" for value in values)
        return json.dumps({self.head.name: self._json_leaf(self.head), "list": values})

    def _xml_head(self) -> str:
        return "".join(
            f"<{self.head.name}>{escape(self.text(self.head.base))}</{self.head.name}>"
            for _leaf in range(self._count(self.head.occurs))
        )

    def _xml(self, shape: Shape) -> str:
        attributes, content = "", []
        for each in shape.inside:
            if each.attribute:
                if self._count(each.occurs):
                    attributes += f" {each.name}={quoteattr(self.text(each.base))}"
                continue
            for _instance in range(self._count(each.occurs)):
                content.append(self._xml_leaf(each) if each.base else self._xml(each))
        if self.maybe(0.05):
            content.insert(0, "<other>x</other>")
        if self.maybe(0.05):
            content.insert(0, "<!-- c --> <?p i?>")
        return f"<{shape.name}{attributes}>{''.join(content)}</{shape.name}>"

    def _xml_leaf(self, shape: Shape) -> str:
        if self.maybe(0.02):
            return f'<{shape.name} xsi:nil="true"/>'
        text = escape(self.text(shape.base))
        if self.maybe(0.03):
            text = f"<![CDATA[{self.text(shape.base).replace(']]>', '')}]]>"
        return f"<{shape.name}>{text}</{shape.name}>"

    def _json(self, shape: Shape) -> Any:
        if self.maybe(0.02):
            return self.draw.choice((None, 1, "x", []))
        found: dict[str, Any] = {}
        for each in shape.inside:
            if each.occurs == "*":
                values = [
                    self._json_leaf(each) if each.base else self._json(each) for _n in range(self._count("*"))
                ]
                if values or self.maybe(0.5):
                    found[each.name] = values[0] if len(values) == 1 and self.maybe(0.05) else values
            elif self._count(each.occurs):
                found[each.name] = self._json_leaf(each) if each.base else self._json(each)
        return found

    def _json_leaf(self, shape: Shape) -> Any:
        if self.maybe(0.05):
            return self.draw.choice((None, True, False, {}, [], ["1", "2"], {"a": 1}, "\ud800"))
        text = self.text(shape.base)
        if shape.base in ("integer", "decimal", "float") and self.maybe(0.7):
            try:
                return json.loads(text)
            except ValueError:
                return text
        return {"true": True, "false": False}.get(text, text) if shape.base == "boolean" else text

    def _csv(self, records: int) -> str:
        lines = [",".join(each.name for each in self.record.inside)]
        for _record in range(records):
            cells = ['"' + self.text(each.base).replace('"', '""') + '"' for each in self.record.inside]
            if self.maybe(0.05):
                cells = cells[:-1] if self.maybe(0.5) else [*cells, '"more"']
            lines.append(
                ",".join(
                    cell if self.maybe(0.5) or "," in cell else cell[1:-1].replace('"', "") for cell in cells
                )
            )
        return "\n".join(lines) + "\n"

    # Maps

    def made(self) -> Plan:
        """The plan of a random map."""
        return build.plan(*self.parts())

    def _top(self, kind: str, shape: Shape) -> str:
        """The path of the records in documents of a kind."""
        return {"xml": f"{TOP}/{shape.name}", "json": "/list/item", "lines": "item", "csv": "row"}[kind]

    def parts(self) -> tuple[dict[str, Any], Schema, Schema]:
        """The rules of a random map, and its two schemas."""
        source, target = self.schema(self.source, self.record), self.schema(self.target, self.out)
        self.space = source.roots[0].namespace
        rules: dict[str, Any] = {}
        top, loop = self._top(self.target, self.out), self._top(self.source, self.record)
        context = [self.record]
        lists = [way for way in self._ways(self.record) if way[1].occurs == "*" and not way[1].base]
        if lists and self.maybe(0.3):
            way, inner = self.draw.choice(lists)
            loop, context = f"{loop}/{way}", [self.record, inner]
            self._around = way
        rules[top] = self._looped({"loop": loop}, context)
        if self.target in ("xml", "json") and self.maybe(0.3):
            lead = f"{TOP}/" if self.target == "xml" else "/"
            rules[lead + self.head.name] = "'h'"
        self._rules(rules, top, self.out, context)
        return rules, source, target

    def _looped(self, given: dict[str, Any], context: list[Shape], deep: bool = False) -> dict[str, Any]:
        if self.maybe(0.3):
            given["when"] = self._condition(context)
        if self.maybe(0.1):
            given["first"] = self.draw.randint(0, 2)
        if deep and self.maybe(0.1):
            given["last"] = self.draw.randint(0, 2)
        return given

    def _rules(self, rules: dict[str, Any], path: str, shape: Shape, context: list[Shape]) -> None:
        for each in shape.inside:
            name = ("@" if each.attribute else "") + each.name
            if not self.maybe(0.8):
                continue
            if each.base:
                script = self._script(context, 2)
                when = self.maybe(0.1)
                rules[f"{path}/{name}"] = (
                    {"script": script, "when": self._condition(context)} if when else script
                )
            else:
                self._inner(rules, f"{path}/{name}", each, context)

    def _inner(self, rules: dict[str, Any], path: str, shape: Shape, context: list[Shape]) -> None:
        many = shape.occurs == "*"
        if many and self.target in ("json", "lines"):
            path += "/item"
        lists = [way for way in self._ways(context[-1]) if way[1].occurs == "*" and not way[1].base]
        if many and lists and self.maybe(0.9):
            way, inner = self.draw.choice(lists)
            rules[path] = self._looped({"loop": way}, [*context, inner], deep=True)
            self._rules(rules, path, shape, [*context, inner])
        else:
            if self.maybe(0.15):
                rules[path] = {"when": self._condition(context)}
            self._rules(rules, path, shape, context)

    def _ways(self, shape: Shape, lead: str = "", depth: int = 2) -> list[tuple[str, Shape]]:
        """Paths from a node of a shape, with where they lead."""
        found = []
        for each in shape.inside:
            array = each.occurs == "*" and not each.base and self.source in ("json", "lines")
            way = lead + ("@" if each.attribute else "") + each.name + ("/item" if array else "")
            found.append((way, each))
            if not each.base and depth:
                found += self._ways(each, way + "/", depth - 1)
        return found

    def _read(self, context: list[Shape]) -> tuple[str, bool, str]:
        """A path in brackets, whether it gives an array, and the base of its values."""
        if self.maybe(0.05) and self.source == "xml":
            return f"[/{TOP}/@h]", False, "text"
        if self._around and len(context) == 2 and self.maybe(0.4):
            return self._read_above()
        ways = [found for found in self._ways(context[-1]) if found[1].base or self.maybe(0.05)]
        if not ways:
            return "'none'", False, "text"
        way, leaf = self.draw.choice(ways)
        array = self._repeats(context[-1], way)
        if array and self.maybe(0.3):
            way, array = self._narrowed(context[-1], way)
        return f"[{way}]", array, leaf.base or "text"

    def _read_above(self) -> tuple[str, bool, str]:
        """The same of a node around the record; what lies on the way to the record would be the current one."""
        first = self._around.split("/")[0]
        ways = [way for way in self._ways(self.record) if way[1].base and way[0].split("/")[0] != first]
        if not ways:
            return "'none'", False, "text"
        way, leaf = self.draw.choice(ways)
        array = self._repeats(self.record, way)
        if array and self.maybe(0.3):
            way, array = self._narrowed(self.record, way)
        return f"[{'../' * len(self._around.split('/'))}{way}]", array, leaf.base

    def _repeats(self, shape: Shape, way: str) -> bool:
        for step in way.split("/"):
            if step == "item":
                continue
            here = next(each for each in shape.inside if each.name == step.lstrip("@"))
            if here.occurs == "*":
                return True
            shape = here
        return False

    def _narrowed(self, shape: Shape, way: str) -> tuple[str, bool]:
        """The path with a filter or a number on its first repeating step."""
        steps = way.split("/")
        for place, step in enumerate(steps):
            here = next(each for each in shape.inside if each.name == step.lstrip("@"))
            last = place
            if here.occurs == "*":
                if not here.base and self.source in ("json", "lines"):
                    last = place + 1
                mark = ""
                if not here.base and self.maybe(0.6):
                    mark = f"[{self._condition([here])}]"
                number = self.maybe(0.5)
                steps[last] += mark + (f"[{self.draw.randint(1, 2)}]" if number else "")
                rest = "/".join(step for step in steps[last + 1 :] if step != "item")
                return "/".join(steps), not number or bool(
                    rest and not here.base and self._repeats(here, rest)
                )
            shape = here
        return way, True

    def _condition(self, context: list[Shape]) -> str:
        left, array, base = self._read(context)
        if array:
            left, base = f"Count({left})", "integer"
        operator = self.draw.choice(("==", "!=", "<", ">", "<=", ">="))
        number = base in NUMBERS and not self.maybe(0.1)
        right = self.draw.choice(
            ("1", "2.5", "0", "-3") if number else ("1", "'a'", "''", "'1'", "'2026-03-01'")
        )
        text = f"{left} {operator} {right}"
        if self.maybe(0.015):
            return f"If(Length({left}) == {self.draw.randint(0, 5)}, RaiseError('odd ' + {left}), {text})"
        return f"({text}) || IsNull({left})" if self.maybe(0.2) else text

    def _script(self, context: list[Shape], depth: int) -> str:
        if depth == 2 and self.maybe(0.05):
            return f"v = {self._script(context, 1)}; v + v"
        read, array, base = self._read(context)
        if array:
            return self._of_array(read, base, context)
        if depth == 0 or self.maybe(0.3):
            return read
        if base in NUMBERS and not self.maybe(0.1):
            return self._of_number(read, context)
        inner = self._script(context, depth - 1)
        return self.draw.choice(
            (
                f"{read} + {inner}", f"'x' + {read}", f"ToUpper({read})", f"Left({inner}, 3)", f"IfNull({read}, {inner})",
                f"If({self._condition(context)}, {read}, {inner})", f"{read} == {inner}", f"Length({inner})",
                f"Trim({inner}) + {read}", f"Double({inner})", f"String({inner})", f"'é<&>' + {inner}",
                f"IfEmpty({read}, 'e')", f"Eval({inner}, 'failed')", f"FormatDate({read}, 'dd/mm/yyyy')", f"-({read})",
                f"If({self._condition(context)}, RaiseError('no ' + {read}), {inner})", f"Eval(RaiseError({read}), {inner})",
                f"WriteToOperationLog({inner})", f"Equal({read}, {inner})",
                f"Case({self._condition(context)}, 1, {self._condition(context)}, {read}, true, {inner})",
            )
        )  # fmt: skip

    def _of_number(self, read: str, context: list[Shape]) -> str:
        other, array, base = self._read(context)
        other = other if base in NUMBERS and not array else "3"
        return self.draw.choice(
            (
                f"{read} * 2", f"{read} / 4", f"{read} + {other}", f"{read} - {other} * 0.1", f"1 - {read}",
                f"Round({read}, {self.draw.randint(0, 3)})", f"Round({read} * {other}, 2)", f"-({read})",
                f"If({read} > {other}, {read}, {other})", f"Double({read}) * {other}", f"Floor({read})", f"'n' + {read}",
            )
        )  # fmt: skip

    def _of_array(self, read: str, base: str, context: list[Shape]) -> str:
        if self.maybe(0.05):
            return read
        if base in NUMBERS:
            if self.maybe(0.4):
                other, _array, second = self._read(context)
                operand = self.draw.choice(("2", "0.5", read, other if second in NUMBERS else "1"))
                read = f"{read} {self.draw.choice('+-*')} {operand}"
            return f"{self.draw.choice(('Sum', 'Count', 'Max', 'Min'))}({read})"
        return f"{self.draw.choice(('SumString', 'Count', 'Max', 'ResolveOneOf'))}({read})"
