"""OpenAPI 3 and Swagger 2 descriptions: every operation is a root with its input and its answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.json_schema.document import read_document
from studio.schema.json_schema.keywords import LATEST, dict_of, list_of
from studio.schema.json_schema.reader import schema_facts
from studio.schema.json_schema.registry import Lost, Registry, Resource
from studio.schema.json_schema.shapes import Shapes
from studio.schema.json_schema.tree import Trees
from studio.schema.model import ONCE, OPTIONAL, TEXT, Kind, Node, Schema, Type

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PLACES = ("path", "query", "header", "cookie")
# The dialect of the schemas in descriptions before 3.1, near draft 4.
_OLD = 4
# References from one description object to another, one after the other.
_MOST_STEPS = 20


class At(NamedTuple):
    """A value of the description and the resource it stands in."""

    value: dict[str, Any]
    resource: Resource

    def list(self, key: str) -> list[At]:
        """The objects in an array."""
        return [At(one, self.resource) for one in list_of(self.value.get(key)) if isinstance(one, dict)]

    def members(self, key: str) -> dict[str, At]:
        """The objects that are members of an object."""
        inside = dict_of(self.value.get(key))
        return {name: At(one, self.resource) for name, one in inside.items() if isinstance(one, dict)}

    def text(self, key: str) -> str:
        """A text, empty where there is none."""
        found = self.value.get(key)
        return found.strip() if isinstance(found, str) else ""


def read_openapi(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The operations of an OpenAPI 3 or Swagger 2 description in JSON or YAML; its schemas are further roots.

    `within` is the folder no reference may leave; nothing is fetched. Raises BadInput when the file cannot be used.
    """
    document = read_document(path, encoding)
    value = document.value
    version = str(dict_of(value).get("openapi", dict_of(value).get("swagger", "")))
    if not version.startswith(("2", "3")):
        raise BadInput(
            _("This is not an OpenAPI or Swagger description: it does not say its version."),
            file=path,
            next_step=_("Write openapi: 3.1.0 at its top, or read the file as a sample."),
        )
    registry = Registry(within)
    resource = registry.start(document, LATEST if version.startswith(("3.1", "3.2")) else _OLD)
    description = _Description(At(value, resource), registry)
    roots = tuple(description.operations())
    problems = list(registry.problems)
    if not roots:
        problems.append(
            Problem(
                Severity.WARNING,
                _("The description has no operations; its schemas are shown instead."),
                str(path),
                mend=_("Give the file whose paths list the operations."),
            )
        )
    return Schema(
        "openapi",
        roots or description.schemas(),
        files=tuple(map(str, registry.files)),
        problems=tuple(problems),
        facts={"version": version, **schema_facts(registry)},
        others=description.schemas if roots else None,
    )


class _Description:
    """One description read: nodes of its operations, made when asked for."""

    def __init__(self, root: At, registry: Registry) -> None:
        self._root = root
        self._registry = registry
        self._trees = Trees(Shapes(registry))
        self._old = "swagger" in root.value

    def schemas(self) -> tuple[Node, ...]:
        """The schemas that are given a name, as roots."""
        inside = self._root.members("definitions") or self._components().members("schemas")
        return tuple(self._trees.named(name, at.value, at.resource) for name, at in inside.items())

    def _components(self) -> At:
        return At(dict_of(self._root.value.get("components")), self._root.resource)

    def operations(self) -> Iterator[Node]:
        """Every operation of every path, and of every webhook."""
        taken: set[str] = set()
        for word in ("paths", "webhooks"):
            for address, item in self._root.members(word).items():
                item = self._followed(item)
                for method in _METHODS:
                    if isinstance(item.value.get(method), dict):
                        node = self._operation(address, method, item, At(item.value[method], item.resource))
                        yield _apart(node, taken, f"{method.upper()} {address}")

    def _followed(self, at: At) -> At:
        """The object itself where a reference stands for it; the reference where it leads nowhere."""
        for _step in range(_MOST_STEPS):
            reference = at.value.get("$ref")
            if not isinstance(reference, str):
                return at
            found = self._registry.resolve(reference, at.resource)
            if isinstance(found, Lost) or not isinstance(found.value, dict):
                return at
            at = At(found.value, found.resource)
        return at

    def _lost(self, at: At) -> str | None:
        reference = at.value.get("$ref")
        found = self._registry.resolve(reference, at.resource) if isinstance(reference, str) else None
        return found.reason if isinstance(found, Lost) else None

    def _operation(self, address: str, method: str, item: At, at: At) -> Node:
        facts = {"method": method.upper(), "path": address}
        if at.text("operationId"):
            facts["operationId"] = at.text("operationId")
        tags = [one for one in list_of(at.value.get("tags")) if isinstance(one, str)]
        security = at.value.get("security", self._root.value.get("security"))
        schemes = [name for one in list_of(security) if isinstance(one, dict) for name in one]
        if tags:
            facts["tags"] = ", ".join(tags)
        if schemes:
            facts["security"] = ", ".join(dict.fromkeys(schemes))
        if at.value.get("deprecated") is True:
            facts["deprecated"] = "true"

        def inside() -> tuple[Node, ...]:
            return (self._input(item, at), *self._answers(at))

        said = [text for text in (at.text("summary"), at.text("description")) if text]
        return Node(
            at.text("operationId") or f"{method.upper()} {address}",
            Kind.OPERATION,
            Type(children=inside),
            documentation=": ".join(dict.fromkeys(said)),
            line=at.resource.document.line(at.value),
            facts=facts,
        )

    def _input(self, item: At, at: At) -> Node:
        parameters: dict[tuple[str, str], At] = {}
        for one in (*item.list("parameters"), *at.list("parameters")):
            one = self._followed(one)
            # What an operation says again replaces what its path said.
            parameters[one.text("in"), one.text("name") or one.text("$ref")] = one
        body = self._body(at, parameters)
        children = [node for place in _PLACES if (node := self._group(place, parameters)) is not None]
        children += body
        return Node("input", Kind.MESSAGE, Type(children=lambda: tuple(children)))

    def _group(self, place: str, parameters: dict[tuple[str, str], At]) -> Node | None:
        nodes = [self._parameter(name, at) for (inside, name), at in parameters.items() if inside == place]
        if place == "path":
            lost = [(name, at) for (inside, name), at in parameters.items() if not inside]
            nodes += [
                Node(name, Kind.ANY, Type("any"), OPTIONAL, unresolved=self._lost(at)) for name, at in lost
            ]
        if not nodes:
            return None
        occurs = ONCE if any(node.occurs.min for node in nodes) else OPTIONAL
        return Node(place, Kind.ELEMENT, Type(children=lambda: tuple(nodes)), occurs)

    def _parameter(self, name: str, at: At) -> Node:
        media = next(iter(at.members("content").values()), None)
        schema = at.value.get("schema", media.value.get("schema") if media else None)
        if schema is None:
            # Swagger 2 writes the type into the parameter itself.
            schema = at.value if "type" in at.value else {}
        required = at.value.get("required") is True or at.text("in") == "path"
        node = self._member(name, schema, at, required=required)
        facts = {word: "true" for word in ("deprecated", "allowEmptyValue") if at.value.get(word) is True}
        if at.text("style") or at.text("collectionFormat"):
            facts["style"] = at.text("style") or at.text("collectionFormat")
        return replace(
            node,
            documentation=at.text("description") or node.documentation,
            line=at.resource.document.line(at.value),
            facts={**node.facts, **facts},
        )

    def _member(self, name: str, schema: Any, at: At, *, required: bool) -> Node:
        if not isinstance(schema, dict | bool):
            return Node(name, Kind.FIELD, Type("string", value=TEXT), ONCE if required else OPTIONAL)
        if isinstance(schema, dict) and schema is at.value:
            # A whole parameter read as a schema: its own `required` is about the parameter.
            schema = {word: one for word, one in schema.items() if word not in ("required", "in", "name")}
        return self._trees.member(name, self._trees.shapes.sub(schema, at.resource), required=required)

    def _body(self, at: At, parameters: dict[tuple[str, str], At]) -> list[Node]:
        if not self._old:
            if not isinstance(at.value.get("requestBody"), dict):
                return []
            body = self._followed(At(at.value["requestBody"], at.resource))
            return self._content(body, required=body.value.get("required") is True)
        media = list_of(at.value.get("consumes", self._root.value.get("consumes")))
        facts = {"media": ", ".join(one for one in media if isinstance(one, str))} if media else {}
        form = [
            self._parameter(name, one) for (inside, name), one in parameters.items() if inside == "formData"
        ]
        if form:
            return [Node("body", Kind.ELEMENT, Type(children=lambda: tuple(form)), ONCE, facts=facts)]
        for (inside, _name), one in parameters.items():
            if inside == "body":
                required = one.value.get("required") is True
                node = self._member("body", one.value.get("schema", {}), one, required=required)
                return [_told(node, one.text("description"), facts)]
        return []

    def _content(self, at: At, *, required: bool = True) -> list[Node]:
        """The `body` of a request or an answer: the schema of its JSON, else of its first media type."""
        if (lost := self._lost(at)) is not None:
            return [Node("body", Kind.ANY, Type("any"), OPTIONAL, unresolved=lost)]
        media = at.members("content")
        if not media:
            return []
        first = next((name for name in media if "json" in name), next(iter(media)))
        chosen = self._followed(media[first])
        node = self._member("body", chosen.value.get("schema"), chosen, required=required)
        return [
            _told(
                node, at.text("description"), {"media": ", ".join([first, *(m for m in media if m != first)])}
            )
        ]

    def _answers(self, at: At) -> Iterator[Node]:
        answers = at.members("responses")
        good = [code for code in answers if code.startswith("2")]
        first = good[0] if good else ("default" if "default" in answers else "")
        for code, answer in answers.items():
            answer = self._followed(answer)
            name, prefix = ("output", "") if code == first else (code, "output" if code in good else "fault")
            yield self._answer(name, prefix, code, answer)

    def _answer(self, name: str, prefix: str, code: str, at: At) -> Node:
        def inside() -> tuple[Node, ...]:
            headers = [
                self._parameter(one, self._followed(each)) for one, each in at.members("headers").items()
            ]
            nodes = (
                [Node("header", Kind.ELEMENT, Type(children=lambda: tuple(headers)), OPTIONAL)]
                if headers
                else []
            )
            if self._old:
                return (*nodes, *self._old_content(at))
            return (*nodes, *self._content(at))

        return Node(
            name,
            Kind.MESSAGE,
            Type(children=inside),
            prefix=prefix,
            documentation=at.text("description"),
            unresolved=self._lost(at),
            line=at.resource.document.line(at.value),
            facts={"status": code},
        )

    def _old_content(self, at: At) -> list[Node]:
        if (lost := self._lost(at)) is not None:
            return [Node("body", Kind.ANY, Type("any"), OPTIONAL, unresolved=lost)]
        schema = at.value.get("schema")
        return [self._member("body", schema, at, required=True)] if isinstance(schema, dict) else []


def _told(node: Node, documentation: str, facts: dict[str, str]) -> Node:
    return replace(node, documentation=documentation or node.documentation, facts={**node.facts, **facts})


def _apart(node: Node, taken: set[str], other: str) -> Node:
    """Two operations of one name are told apart by method and path."""
    if node.name in taken:
        node = replace(node, name=other)
    taken.add(node.name)
    return node
