"""The text of a `.proto` file (proto2, proto3) as the descriptor its compiler would make, comments included."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple, NoReturn

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    ServiceDescriptorProto,
    SourceCodeInfo,
)

from studio.base.errors import BadInput
from studio.base.i18n import _

_TOKEN = re.compile(
    r"""
    (?P<space>\s+) | (?P<line>//[^\n]*) | (?P<block>/\*.*?\*/)
    | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<word>[A-Za-z_.][\w.]*|[+-]?(?:\d[\w.]*(?:[eE][+-]\d+)?|\.\d+|inf\b|nan\b))
    | (?P<mark>[{}\[\]()<>=;,:/+-])
    """,
    re.VERBOSE | re.DOTALL,
)
# Far below what the compiler allows, far above what people write.
_DEEPEST = 60

_TYPES = {
    name.removeprefix("TYPE_").lower(): number
    for name, number in FieldDescriptorProto.Type.items()
    if name not in ("TYPE_GROUP", "TYPE_MESSAGE", "TYPE_ENUM")
}
_LABELS = {
    "optional": FieldDescriptorProto.LABEL_OPTIONAL,
    "required": FieldDescriptorProto.LABEL_REQUIRED,
    "repeated": FieldDescriptorProto.LABEL_REPEATED,
}
_KEYS = frozenset(_TYPES) - {"double", "float", "bytes"}


class _Token(NamedTuple):
    text: str
    line: int
    said: str


def parse_proto(text: str, path: Path) -> FileDescriptorProto:
    """The descriptor of a file; names of types stay as written. Raises BadInput with the line where it goes wrong."""
    return _Parser(text, path).file()


def _tokens(text: str, path: Path) -> list[_Token]:
    found: list[_Token] = []
    at, line = 0, 1
    said: list[str] = []
    ended = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(path, line, text[at : at + 20].split("\n", 1)[0])
        kind, piece = match.lastgroup, match[0]
        if kind in ("line", "block"):
            if kind == "line" and found and found[-1].line == line:
                pass  # What follows on the line belongs to what stands before it.
            else:
                said = [*(said if line - ended <= 1 else []), _comment(piece)]
            ended = line + piece.count("\n")
        elif kind != "space":
            found.append(_Token(piece, line, "\n".join(said) if said and line - ended <= 1 else ""))
            said = []
        line += piece.count("\n")
        at = match.end()
    return found


def _comment(piece: str) -> str:
    if piece.startswith("//"):
        return piece.lstrip("/").strip()
    lines = (line.strip().lstrip("*").strip() for line in piece[2:-2].split("\n"))
    return "\n".join(line for line in lines if line)


class _Parser:
    """One token after the other; what says nothing about shapes (options, ranges) is passed over."""

    def __init__(self, text: str, path: Path) -> None:
        self._path = path
        self._all = _tokens(text, path)
        self._at = 0
        self._info = SourceCodeInfo()

    def file(self) -> FileDescriptorProto:
        made = FileDescriptorProto(name=self._path.name, syntax="proto2")
        while self._at < len(self._all):
            word = self._next()
            if word.text in ("syntax", "edition"):
                self._expect("=")
                made.syntax = self._string()
                self._expect(";")
            elif word.text == "package":
                made.package = self._next().text
                self._expect(";")
            elif word.text == "import":
                self._import(made)
            elif word.text == "message":
                self._message(made.message_type.add(), (4, len(made.message_type) - 1), word, 0)
            elif word.text == "enum":
                self._enum(made.enum_type.add(), (5, len(made.enum_type) - 1), word)
            elif word.text == "service":
                self._service(made.service.add(), (6, len(made.service) - 1), word)
            elif word.text == "extend":
                self._extend(made)
            elif word.text == "option":
                self._skip()
            elif word.text != ";":
                self._fail(word)
        made.source_code_info.CopyFrom(self._info)
        return made

    def _import(self, made: FileDescriptorProto) -> None:
        if self._peek() in ("public", "weak"):
            self._next()
        made.dependency.append(self._string())
        self._expect(";")

    def _message(self, made: DescriptorProto, path: tuple[int, ...], start: _Token, depth: int) -> None:
        made.name = self._name()
        self._note(path, start)
        self._body(made, path, depth)

    def _body(self, made: DescriptorProto, path: tuple[int, ...], depth: int) -> None:
        if depth > _DEEPEST:
            self._fail(self._all[self._at - 1])
        self._expect("{")
        while (word := self._next()).text != "}":
            if word.text == "message" and self._declares():
                self._message(made.nested_type.add(), (*path, 3, len(made.nested_type) - 1), word, depth + 1)
            elif word.text == "enum" and self._declares():
                self._enum(made.enum_type.add(), (*path, 4, len(made.enum_type) - 1), word)
            elif word.text == "oneof" and self._declares():
                self._oneof(made, path, depth)
            elif word.text == "extend" and self._declares(dotted=True):
                self._extend(made)
            elif word.text in ("option", "reserved", "extensions"):
                self._skip()
            elif word.text != ";":
                self._field(made, path, word, depth)

    def _declares(self, *, dotted: bool = False) -> bool:
        """What follows is a name and a brace: the word is no type of a field."""
        after = [token.text for token in self._all[self._at : self._at + 2]]
        return after[1:] == ["{"] and (dotted or "." not in after[0])

    def _oneof(self, made: DescriptorProto, path: tuple[int, ...], depth: int) -> None:
        made.oneof_decl.add(name=self._name())
        index = len(made.oneof_decl) - 1
        self._expect("{")
        while (word := self._next()).text != "}":
            if word.text == "option":
                self._skip()
            elif word.text != ";":
                self._field(made, path, word, depth).oneof_index = index

    def _extend(self, made: FileDescriptorProto | DescriptorProto) -> None:
        extended = self._name()
        holder = DescriptorProto(name="extend")
        self._body(holder, (), 0)
        for field in holder.field:
            field.extendee = extended
            made.extension.append(field)

    def _field(
        self, made: DescriptorProto, path: tuple[int, ...], start: _Token, depth: int
    ) -> FieldDescriptorProto:
        word, label = start, ""
        if word.text in _LABELS and self._peek() not in ("=",):
            label, word = word.text, self._next()
        field = made.field.add(label=_LABELS.get(label or "optional"))
        if label == "optional":
            field.proto3_optional = True
        if word.text == "map" and self._peek() == "<":
            self._map(made, field)
        elif word.text == "group":
            self._group(made, field, path, depth)
            return field
        else:
            self._typed(field, word)
        field.name = self._name()
        self._expect("=")
        field.number = self._number()
        if self._peek() == "[":
            self._options(field)
        self._expect(";")
        self._note((*path, 2, len(made.field) - 1), start)
        return field

    def _typed(self, field: FieldDescriptorProto, word: _Token) -> None:
        if not re.fullmatch(r"\.?[A-Za-z_][\w.]*", word.text):
            self._fail(word)
        if word.text in _TYPES:
            field.type = _TYPES[word.text]
        else:
            field.type_name = word.text

    def _map(self, made: DescriptorProto, field: FieldDescriptorProto) -> None:
        self._expect("<")
        key = self._next()
        if key.text not in _KEYS:
            self._fail(key)
        self._expect(",")
        value = self._next()
        self._expect(">")
        name = f"{len(made.nested_type)}Entry"
        entry = made.nested_type.add(name=name)
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, type=_TYPES[key.text])
        self._typed(entry.field.add(name="value", number=2), value)
        field.label, field.type_name = FieldDescriptorProto.LABEL_REPEATED, name

    def _group(
        self, made: DescriptorProto, field: FieldDescriptorProto, path: tuple[int, ...], depth: int
    ) -> None:
        inner = made.nested_type.add(name=self._name())
        field.name, field.type_name = inner.name.lower(), inner.name
        field.type = FieldDescriptorProto.TYPE_GROUP
        self._expect("=")
        field.number = self._number()
        self._body(inner, (*path, 3, len(made.nested_type) - 1), depth + 1)

    def _options(self, field: FieldDescriptorProto) -> None:
        self._expect("[")
        while True:
            name = self._option_name()
            value = self._value()
            if name == "default":
                field.default_value = value
            elif name == "json_name":
                field.json_name = value
            elif name == "deprecated":
                field.options.deprecated = value == "true"
            token = self._next()
            if token.text == "]":
                return
            if token.text != ",":
                self._fail(token)

    def _option_name(self) -> str:
        parts = []
        while (token := self._next()).text != "=":
            if token.text in ("]", ";", "{", "}"):
                self._fail(token)
            parts.append(token.text)
        return "".join(parts)

    def _value(self) -> str:
        token = self._next()
        if token.text[0] in "\"'":
            text = _unquoted(token.text)
            while self._peek()[:1] in ("'", '"') and self._peek():
                text += _unquoted(self._next().text)
            return text
        if token.text == "{":
            self._braces()
            return ""
        return token.text + (self._next().text if token.text in ("-", "+") else "")

    def _enum(self, made: EnumDescriptorProto, path: tuple[int, ...], start: _Token) -> None:
        made.name = self._name()
        self._note(path, start)
        self._expect("{")
        while (word := self._next()).text != "}":
            if word.text in ("option", "reserved") and self._peek() != "=":
                self._skip()
            elif word.text != ";":
                self._expect("=")
                sign = -1 if self._peek() == "-" and self._next() else 1
                made.value.add(name=word.text, number=sign * self._number())
                self._note((*path, 2, len(made.value) - 1), word)
                self._skip()

    def _service(self, made: ServiceDescriptorProto, path: tuple[int, ...], start: _Token) -> None:
        made.name = self._name()
        self._note(path, start)
        self._expect("{")
        while (word := self._next()).text != "}":
            if word.text == "rpc":
                method = made.method.add(name=self._name())
                self._note((*path, 2, len(made.method) - 1), word)
                method.client_streaming, method.input_type = self._message_type()
                self._expect("returns")
                method.server_streaming, method.output_type = self._message_type()
                self._skip()
            elif word.text != ";":
                self._skip()

    def _message_type(self) -> tuple[bool, str]:
        self._expect("(")
        streams = self._peek() == "stream"
        if streams:
            self._next()
        name = self._next().text
        self._expect(")")
        return streams, name

    # Tokens

    def _peek(self) -> str:
        return self._all[self._at].text if self._at < len(self._all) else ""

    def _next(self) -> _Token:
        if self._at >= len(self._all):
            last = self._all[-1].line if self._all else 1
            raise BadInput(
                _("The file ends in the middle of a declaration."),
                file=self._path,
                line=last,
                next_step=_("Get the whole file."),
            )
        self._at += 1
        return self._all[self._at - 1]

    def _expect(self, text: str) -> None:
        token = self._next()
        if token.text != text:
            self._fail(token)

    def _name(self) -> str:
        token = self._next()
        if not re.fullmatch(r"\.?[A-Za-z_][\w.]*", token.text):
            self._fail(token)
        return token.text

    def _string(self) -> str:
        token = self._next()
        if token.text[0] not in "\"'":
            self._fail(token)
        return _unquoted(token.text)

    def _number(self) -> int:
        token = self._next()
        try:
            number = int(token.text, 8 if re.fullmatch(r"0[0-7]+", token.text) else 0)
        except ValueError:
            self._fail(token)
        if abs(number) >= 2**31:
            self._fail(token)
        return number

    def _skip(self) -> None:
        """To the end of a statement."""
        while (token := self._next()).text != ";":
            if token.text == "{":
                self._braces()
                if self._peek() != ";":
                    return

    def _braces(self) -> None:
        depth = 1
        while depth:
            text = self._next().text
            depth += (text == "{") - (text == "}")

    def _note(self, path: tuple[int, ...], start: _Token) -> None:
        place = self._info.location.add(path=path, span=(start.line - 1, 0, 0))
        if start.said:
            place.leading_comments = start.said

    def _fail(self, token: _Token) -> NoReturn:
        raise _wrong(self._path, token.line, token.text)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _wrong(path: Path, line: int, text: str) -> BadInput:
    return BadInput(
        _("{text} makes no sense here in a protobuf file.").format(text=text),
        file=path,
        line=line,
        next_step=_("Check the line, and that braces and semicolons are closed before it."),
    )
