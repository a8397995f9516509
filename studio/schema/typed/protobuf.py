"""Protobuf messages as a schema: from `.proto` texts with their imports, and from compiled descriptor sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from google.protobuf.message import DecodeError

from studio.base.errors import BadInput, Problem, Severity
from studio.base.i18n import _
from studio.schema.model import (
    ANYTHING,
    MANY,
    ONCE,
    OPTIONAL,
    Base,
    Kind,
    Node,
    Occurs,
    Schema,
    Type,
    ValueType,
)
from studio.schema.recognise_typed import is_descriptor_set
from studio.schema.source import decode, is_there, read_bytes
from studio.schema.typed import shapes
from studio.schema.typed.proto_text import parse_proto

_MOST_FILES = 1000
_F = FieldDescriptorProto
_BASES = {
    "bool": Base.BOOLEAN,
    "float": Base.FLOAT,
    "double": Base.FLOAT,
    "bytes": Base.BINARY,
    "string": Base.TEXT,
}
# What Google's own types are in JSON.
_KNOWN = {
    "Timestamp": ValueType("Timestamp", Base.DATETIME),
    "Duration": ValueType("Duration", Base.TEXT),
    "FieldMask": ValueType("FieldMask", Base.TEXT),
    "DoubleValue": ValueType("double", Base.FLOAT),
    "FloatValue": ValueType("float", Base.FLOAT),
    "Int64Value": ValueType("int64", Base.INTEGER),
    "UInt64Value": ValueType("uint64", Base.INTEGER),
    "Int32Value": ValueType("int32", Base.INTEGER),
    "UInt32Value": ValueType("uint32", Base.INTEGER),
    "BoolValue": ValueType("bool", Base.BOOLEAN),
    "StringValue": ValueType("string", Base.TEXT),
    "BytesValue": ValueType("bytes", Base.BINARY),
}
_OPEN = ("Any", "Struct", "Value", "ListValue")
_GOOGLE = "google.protobuf."


def read_protobuf(path: Path, *, encoding: str | None = None, within: Path | None = None) -> Schema:
    """The messages of a `.proto` file or a descriptor set: a root each, then one for each method of a service.

    Imports are looked for beside the file and in the folders above it, never outside `within`.
    """
    data = read_bytes(path)
    if is_descriptor_set(data):
        files = _set(data, path)
        tree = _Tree([(file, str(path)) for file in files])
        # The files asked for come last in a set: what they import stands before them.
        imported = {name for file in files for name in file.dependency}
        own = [file for file in files if file.name not in imported] or files
        return _schema(tree, own, files, path, (), ())
    loaded, problems = _load(path, decode(data, encoding, file=path)[0], within)
    tree = _Tree([(file, str(where)) for where, file in loaded.items()])
    names = tuple(str(where) for where in loaded if where != path)
    return _schema(tree, [loaded[path]], list(loaded.values()), path, names, tuple(problems))


def _schema(
    tree: _Tree,
    own: list[FileDescriptorProto],
    files: list[FileDescriptorProto],
    path: Path,
    names: tuple[str, ...],
    problems: tuple[Problem, ...],
) -> Schema:
    roots = tuple(node for file in own for node in tree.roots(file))
    if not any(file.message_type for file in files):
        raise BadInput(
            _("This protobuf file declares no message."),
            file=path,
            next_step=_("Give the file with the messages."),
        )
    others = [file for file in files if file not in own]
    return Schema(
        "protobuf",
        roots or tuple(node for file in others for node in tree.roots(file)),
        files=(str(path), *names),
        problems=(*problems, *tree.lost(own, path)),
        facts={"package": own[0].package, "syntax": own[0].syntax or "proto2"},
        others=lambda: tuple(node for file in others for node in tree.roots(file)),
    )


def _set(data: bytes, path: Path) -> list[FileDescriptorProto]:
    try:
        return list(FileDescriptorSet.FromString(data).file)
    except DecodeError:
        raise BadInput(
            _("This descriptor set is damaged or cut off."),
            file=path,
            next_step=_("Make it again with protoc --descriptor_set_out --include_imports."),
        ) from None


def _load(
    path: Path, text: str, within: Path | None
) -> tuple[dict[Path, FileDescriptorProto], list[Problem]]:
    """The file and all it imports that can be found, each once, and what could not."""
    loaded = {path: parse_proto(text, path)}
    problems: list[Problem] = []
    seen = {path.resolve()}
    waiting = [(path, name) for name in loaded[path].dependency]
    for user, name in waiting:
        if name.startswith("google/protobuf/") or len(loaded) >= _MOST_FILES:
            continue
        found = _found(user, name, within)
        if found is None:
            message = _("The file {location} is not there.").format(location=name)
            mend = _("Put it beside the file; until then what it describes is marked as missing.")
            problem = Problem(Severity.WARNING, message, str(user), mend=mend)
            problems += [] if problem in problems else [problem]
        elif found.resolve() not in seen:
            seen.add(found.resolve())
            try:
                loaded[found] = parse_proto(decode(read_bytes(found), None, file=found)[0], found)
                waiting += [(found, one) for one in loaded[found].dependency]
            except BadInput as error:
                problems.append(
                    Problem(
                        Severity.ERROR,
                        error.message,
                        str(found),
                        error.line,
                        error.column,
                        mend=error.next_step,
                    )
                )
    return loaded, problems


def _found(user: Path, name: str, within: Path | None) -> Path | None:
    if Path(name).is_absolute() or "\0" in name:
        return None
    folders = (user.parent, *user.resolve().parents[1:6])
    for found in (*(folder / name for folder in folders), user.parent / Path(name).name):
        if not is_there(found) or found.resolve() == user.resolve():
            continue
        if within is None or found.resolve().is_relative_to(within.resolve()):
            return found
    return None


class _Tree:
    """Makes shared types of messages. Names are those of the language: with a leading dot and the package."""

    def __init__(self, files: list[tuple[FileDescriptorProto, str]]) -> None:
        self._messages: dict[str, tuple[DescriptorProto, FileDescriptorProto]] = {}
        self._enums: dict[str, EnumDescriptorProto] = {}
        self._types: dict[str, Type] = {}
        self._said: dict[int, str] = {}
        self._lines: dict[int, int] = {}
        # Descriptors are known by identity, which lasts as long as somebody holds them.
        self._held: list[object] = [files]
        self._extensions: dict[str, list[tuple[FieldDescriptorProto, str]]] = {}
        for file, _where in files:
            self._take(file)

    def roots(self, file: FileDescriptorProto) -> Iterator[Node]:
        """A root for each message at the top of a file, and for each method of its services."""
        space = f".{file.package}" if file.package else ""
        for message in file.message_type:
            yield Node(
                message.name,
                Kind.ELEMENT,
                self._message(f"{space}.{message.name}"),
                documentation=self._said.get(id(message), ""),
                line=self._lines.get(id(message)),
                facts={"full name": f"{space}.{message.name}"[1:]},
            )
        for service in file.service:
            for method in service.method:
                yield self._method(service.name, method.name, id(method), space, (method.input_type, method.client_streaming),
                                   (method.output_type, method.server_streaming), file)  # fmt: skip

    def lost(self, own: list[FileDescriptorProto], path: Path) -> tuple[Problem, ...]:
        """One problem for each name of a type nobody declares."""
        found: dict[str, int | None] = {}
        for full, (message, file) in self._messages.items():
            if file in own:
                for field in message.field:
                    if field.type_name and not self._known(field.type_name, full):
                        found.setdefault(field.type_name, self._lines.get(id(field)))
        return tuple(
            Problem(
                Severity.WARNING,
                _("No type called {name} is declared.").format(name=name.lstrip(".")),
                str(path),
                line,
                mend=_("Check the name, and that the file declaring it is imported."),
            )
            for name, line in found.items()
        )

    def _take(self, file: FileDescriptorProto) -> None:
        space = f".{file.package}" if file.package else ""
        waiting = [(space, message) for message in file.message_type]
        for above, message in waiting:
            full = f"{above}.{message.name}"
            self._messages.setdefault(full, (message, file))
            waiting += [(full, nested) for nested in message.nested_type]
            for enum in message.enum_type:
                self._enums.setdefault(f"{full}.{enum.name}", enum)
            for field in message.extension:
                self._extend(field, full)
        for enum in file.enum_type:
            self._enums.setdefault(f"{space}.{enum.name}", enum)
        for field in file.extension:
            self._extend(field, space)
        for place in file.source_code_info.location:
            thing = _at(file, tuple(place.path))
            if thing is not None:
                self._held.append(thing)
                self._lines[id(thing)] = place.span[0] + 1
                said = place.leading_comments or place.trailing_comments
                self._said[id(thing)] = "\n".join(line.strip() for line in said.strip().split("\n"))

    def _extend(self, field: FieldDescriptorProto, scope: str) -> None:
        target = self._resolved(field.extendee, scope, self._messages) or field.extendee
        self._extensions.setdefault(target, []).append((field, scope))

    def _resolved(self, name: str, scope: str, table: Mapping[str, object]) -> str | None:
        """The full name a name means inside a scope: looked for in it, then in those around it."""
        if name.startswith("."):
            return name if name in table else None
        while True:
            if f"{scope}.{name}" in table:
                return f"{scope}.{name}"
            if not scope:
                return None
            scope = scope.rpartition(".")[0]

    def _known(self, name: str, scope: str) -> bool:
        return (
            name.lstrip(".").startswith(_GOOGLE)
            or self._resolved(name, scope, self._messages) is not None
            or self._resolved(name, scope, self._enums) is not None
        )

    def _message(self, full: str) -> Type:
        known = self._types.get(full)
        if known is None:
            message, file = self._messages[full]
            known = self._types[full] = Type(
                message.name,
                children=lambda: self._children(message, file, full),
                namespace=file.package,
                documentation=self._said.get(id(message), ""),
            )
        return known

    def _children(self, message: DescriptorProto, file: FileDescriptorProto, full: str) -> tuple[Node, ...]:
        made: list[Node] = []
        choices: dict[int, list[Node]] = {}
        for field in message.field:
            node = self._field(field, full)
            synthetic = field.proto3_optional and file.syntax == "proto3"
            if field.HasField("oneof_index") and not synthetic:
                if field.oneof_index not in choices:
                    made.append(self._choice(message, field.oneof_index, choices))
                choices[field.oneof_index].append(replace(node, occurs=ONCE))
            else:
                made.append(node)
        for field, scope in self._extensions.get(full, ()):
            node = self._field(field, scope)
            made.append(replace(node, facts={**node.facts, "extension": "true"}))
        return tuple(made)

    def _choice(self, message: DescriptorProto, index: int, choices: dict[int, list[Node]]) -> Node:
        branches = choices.setdefault(index, [])
        name = message.oneof_decl[index].name if index < len(message.oneof_decl) else ""
        kind = Type("", children=lambda: tuple(branches))
        return Node("", Kind.CHOICE, kind, OPTIONAL, facts={"oneof": name} if name else {})

    def _field(self, field: FieldDescriptorProto, scope: str) -> Node:
        node = self._typed(field, scope)
        repeated = field.label == _F.LABEL_REPEATED
        is_map = node.type.name == "map" and repeated
        facts = {"number": str(field.number)} | dict(node.facts)
        if field.json_name and field.json_name != field.name:
            facts["JSON name"] = field.json_name
        if field.options.deprecated:
            facts["deprecated"] = "true"
        occurs = OPTIONAL
        if repeated and not is_map:
            occurs = MANY
        elif field.label == _F.LABEL_REQUIRED:
            occurs = ONCE
        return replace(
            node,
            occurs=occurs,
            default=field.default_value if field.HasField("default_value") else None,
            documentation=self._said.get(id(field), ""),
            line=self._lines.get(id(field)),
            facts=facts,
        )

    def _typed(self, field: FieldDescriptorProto, scope: str) -> Node:
        if not field.type_name:
            name = _F.Type.Name(field.type).removeprefix("TYPE_").lower() if field.type else "?"
            return shapes.value_node(field.name, ValueType(name, _BASES.get(name, Base.INTEGER)))
        message = self._resolved(field.type_name, scope, self._messages)
        google = (message or field.type_name).lstrip(".")
        if google.startswith(_GOOGLE):
            short = google.removeprefix(_GOOGLE)
            if short in _KNOWN:
                node = shapes.value_node(field.name, _KNOWN[short])
                return replace(node, nillable=short.endswith("Value"), facts={"message": google})
            if short in _OPEN or message is None:
                return Node(field.name, Kind.ELEMENT, ANYTHING, facts={"message": google})
        if message is not None:
            declared = self._messages[message][0]
            if declared.options.map_entry:
                key, value = (self._field(one, message) for one in declared.field)
                return shapes.mapped(
                    field.name, replace(key, facts={}), lambda: replace(value, occurs=ONCE, facts={})
                )
            return shapes.structure_node(field.name, self._message(message))
        enum = self._resolved(field.type_name, scope, self._enums)
        if enum is not None:
            names = tuple(value.name for value in self._enums[enum].value)
            return shapes.value_node(field.name, ValueType(self._enums[enum].name, enumeration=names))
        reason = _("No type called {name} is declared.").format(name=field.type_name.lstrip("."))
        return Node(field.name, Kind.ELEMENT, Type(field.type_name), unresolved=reason)

    def _method(
        self,
        service: str,
        name: str,
        key: int,
        space: str,
        given: tuple[str, bool],
        answered: tuple[str, bool],
        file: FileDescriptorProto,
    ) -> Node:
        def message(word: str, kind: tuple[str, bool]) -> Node:
            field = FieldDescriptorProto(name=word, type_name=kind[0])
            node = self._typed(field, space)
            inner = replace(node, name=kind[0].rpartition(".")[2]) if node.kind is Kind.ELEMENT else node
            streams = Occurs(0, None) if kind[1] else ONCE
            label = kind[0].rpartition(".")[2]
            return Node(word, Kind.MESSAGE, Type(label, children=lambda: (inner,)), streams)

        inside = (message("input", given), message("output", answered))
        return Node(
            name,
            Kind.OPERATION,
            Type(name, children=lambda: inside),
            documentation=self._said.get(key, ""),
            line=self._lines.get(key),
            facts={"service": f"{file.package}.{service}".lstrip(".")},
        )


def _at(file: FileDescriptorProto, path: tuple[int, ...]) -> object | None:
    """What a path of source information points to, None for what no node is made of."""
    thing: object = file
    for at in range(0, len(path) - 1, 2):
        descriptor = getattr(thing, "DESCRIPTOR", None)
        field = descriptor.fields_by_number.get(path[at]) if descriptor is not None else None
        if field is None or field.message_type is None:
            return None
        inside = getattr(thing, field.name)
        if path[at + 1] >= len(inside):
            return None
        thing = inside[path[at + 1]]
    return thing if len(path) % 2 == 0 and path else None
