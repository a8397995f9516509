"""YAML as plain data with places: every scalar is text; aliases, anchors, tags and repeated keys are located errors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import yaml

from studio.base.errors import BadInput, TooLarge
from studio.base.i18n import _

Built = TypeVar("Built")

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 400_000
# So many events are taken between two pauses.
_STEP = 400

# libyaml when PyYAML was built with it (ten times faster), else the same grammar in Python.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Node:
    """A text, a list or a set of members, and where it stands (`line` and `column` from 1).

    The methods return what a format expects here and raise BadInput naming file, line and key where it is not so.
    """

    __slots__ = ("column", "file", "key", "line", "value")

    def __init__(
        self,
        value: str | list[Node] | dict[str, Node],
        line: int,
        column: int,
        file: str | None,
        key: str = "",
    ) -> None:
        self.value = value
        self.line = line
        self.column = column
        self.file = file
        self.key = key

    def text(self) -> str:
        """The scalar's text."""
        if isinstance(self.value, str):
            return self.value
        raise self.wrong(_("{key} must be one text.").format(key=self.title))

    def whole(self, like: str = "") -> int:
        """A whole number from 0. `like` as in `items`."""
        text = self.text()
        if text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        raise self.wrong(
            _("{key} must be a whole number, not {text}.").format(key=self.title, text=repr(text)),
            like_this(like),
        )

    def flag(self) -> bool:
        """True or false."""
        text = self.text()
        if text not in ("true", "false"):
            raise self.wrong(
                _("{key} must be true or false, not {text}.").format(key=self.title, text=repr(text))
            )
        return text == "true"

    def items(self, like: str = "") -> list[Node]:
        """The items of a list; an empty text is an empty list. `like` shows the right form to whom gets it wrong."""
        if isinstance(self.value, list):
            return self.value
        if self.value == "":
            return []
        raise self.wrong(_("{key} must be a list.").format(key=self.title), like_this(like))

    def texts(self, like: str = "") -> tuple[str, ...]:
        """The texts of a list; one text alone is a list of one. `like` as in `items`."""
        if isinstance(self.value, str):
            return (self.value,) if self.value else ()
        return tuple(item.text() for item in self.items(like))

    def members(self, like: str = "") -> dict[str, Node]:
        """The members by key, in the file's order; an empty text has none. `like` as in `items`."""
        if isinstance(self.value, dict):
            return self.value
        if self.value == "":
            return {}
        raise self.wrong(_("{key} must hold keys and values.").format(key=self.title), like_this(like))

    def text_members(self, like: str = "") -> dict[str, str]:
        """The members, all of them texts. `like` as in `items`."""
        return {key: node.text() for key, node in self.members(like).items()}

    def plain(self) -> Any:
        """The same data without places: str, list and dict."""
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value

    def extra(self, *known: str) -> dict[str, Any]:
        """The members this version does not know, kept as they are."""
        return {key: node.plain() for key, node in self.members().items() if key not in known}

    @property
    def title(self) -> str:
        """What to call it in a message: its key, else its file."""
        return self.key or self.file or "YAML"

    def wrong(self, message: str, next_step: str = "") -> BadInput:
        """The error to raise for something wrong at this place."""
        return BadInput(
            message,
            file=self.file,
            line=self.line,
            column=self.column,
            next_step=next_step or _("Correct this line and try again."),
        )


def like_this(like: str) -> str:
    """The next step that shows the right form, as it stands in a file."""
    return _("Write it like this: {example}").format(example=like) if like else ""


def read(data: bytes, *, file: str | Path | None = None) -> Node:
    """The document in `data` (UTF-8, with or without a byte order mark); raises BadInput or TooLarge with the place."""
    name = str(file) if file is not None else None
    _limit(len(data), name)
    return parse(decode(data, file=name), file=name)


def _limit(size: int, name: str | None) -> None:
    if size > MAX_BYTES:
        raise TooLarge(
            _("The file is larger than {limit} MB, too large for a project file.").format(
                limit=MAX_BYTES >> 20
            ),
            file=name,
            next_step=_("Keep data in samples or tables, and split very large maps."),
        )


def decode(data: bytes, *, file: str | None = None) -> str:
    """UTF-8 text without its byte order mark; raises BadInput with the line of the first wrong byte."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise BadInput(
            _("The file is not UTF-8: byte {byte} makes no character.").format(
                byte=f"0x{data[error.start]:02X}"
            ),
            file=file,
            line=line,
            column=column,
            next_step=_("Save the file as UTF-8."),
        ) from None


def parse(text: str, *, file: str | None = None) -> Node:
    """The one document in `text`; an empty one is an empty text."""
    return built(text, _Builder(file).build, file)


def parsing(text: str, *, file: str | None = None) -> Iterator[Node | None]:
    """`parse` in steps between which a window can breathe; what comes last is the document."""
    data = text.encode("utf-8", "replace")
    _limit(len(data), file)
    text = decode(data, file=file)
    builder = _Builder(file)
    with _told(text, file):
        for _step in builder.steps(_events(_LOADER(text))):
            yield None
    yield builder.node


def built(text: str, build: Callable[[Iterator[Any]], Built], file: Path | str | None) -> Built:
    """What `build` makes of the parser's events; raises BadInput with the place where the text is not YAML."""
    # Half a character has no UTF-8 form, so no file holds it; a text from elsewhere might.
    text = text.encode("utf-8", "replace").decode("utf-8")
    with _told(text, file):
        return build(_events(_LOADER(text)))


@contextlib.contextmanager
def _told(text: str, file: Path | str | None) -> Iterator[None]:
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise BadInput(
            _("This is not YAML: {reason}.").format(reason=error.problem or error.context),
            file=file,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
            next_step=_("Correct this line and try again."),
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else None
        raise BadInput(
            _("The file holds a character that YAML does not allow."),
            file=file,
            line=line,
            next_step=_("Remove the character, or write it as an escape between double quotes."),
        ) from None


def _events(loader: Any) -> Iterator[Any]:
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


class _Builder:
    """Makes nodes from parser events without recursion, so that depth and size are ours to limit."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[str | None] = []
        self.count = 0

    @property
    def node(self) -> Node:
        """What the events made; nothing at all is an empty text."""
        return self.root or Node("", 1, 1, self.file)

    def build(self, events: Iterator[Any]) -> Node:
        for _step in self.steps(events):
            pass
        return self.node

    def steps(self, events: Iterator[Any]) -> Iterator[None]:
        """Make the nodes, pausing now and then."""
        for number, event in enumerate(events):
            if number % _STEP == _STEP - 1:
                yield
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._check(event)
                self._scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._check(event)
                self._start(event, {} if kind is yaml.MappingStartEvent else [])
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self.open.pop()
                self.keys.pop()
            elif kind is yaml.AliasEvent:
                self._refuse(event, _("Aliases (*name) are not allowed in project files."))
            elif kind is yaml.DocumentStartEvent and self.root is not None:
                self._refuse(event, _("A project file holds one document; a second one starts here."))

    def _check(self, event: Any) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            self._refuse(
                event, _("The file holds more than {limit} values.").format(limit=MAX_NODES), TooLarge
            )
        if event.anchor is not None:
            self._refuse(event, _("Anchors (&name) are not allowed in project files."))
        if event.tag is not None:
            self._refuse(event, _("Tags (!name) are not allowed in project files: every value is text."))

    def _scalar(self, event: Any) -> None:
        inside = self.open[-1] if self.open else None
        if inside is not None and isinstance(inside.value, dict) and self.keys[-1] is None:
            if event.value in inside.value:
                self._refuse(event, _("The key {key} is already used above.").format(key=repr(event.value)))
            self.keys[-1] = event.value
            # The value takes the place of its key: that is the line a person looks for.
            inside.value[event.value] = Node("", *self._place(event), self.file, event.value)
        else:
            self._put(event.value, event)

    def _start(self, event: Any, value: list[Node] | dict[str, Node]) -> None:
        if self.open and isinstance(self.open[-1].value, dict) and self.keys[-1] is None:
            self._refuse(event, _("A key must be a text."))
        if len(self.open) >= MAX_DEPTH:
            self._refuse(event, _("Values are nested deeper than {limit}.").format(limit=MAX_DEPTH), TooLarge)
        self.open.append(self._put(value, event))
        self.keys.append(None)

    def _put(self, value: str | list[Node] | dict[str, Node], event: Any) -> Node:
        inside = self.open[-1] if self.open else None
        if inside is None:
            node = self.root = Node(value, *self._place(event), self.file)
        elif isinstance(inside.value, dict):
            node = inside.value[self.keys[-1] or ""]
            node.value = value
            self.keys[-1] = None
        else:
            assert isinstance(inside.value, list)
            node = Node(value, *self._place(event), self.file, inside.key)
            inside.value.append(node)
        return node

    def _place(self, event: Any) -> tuple[int, int]:
        return event.start_mark.line + 1, event.start_mark.column + 1

    def _refuse(self, event: Any, message: str, error: type[BadInput] = BadInput) -> NoReturn:
        line, column = self._place(event)
        raise error(
            message, file=self.file, line=line, column=column, next_step=_("Correct this line and try again.")
        )


def comment_line(text: str) -> int | None:
    """The line of the first comment, None where there is none; `text` must be readable by `parse`."""
    if "#" not in text:
        return None
    at = 0
    for event in _events(_LOADER(text)):
        if type(event) is yaml.ScalarEvent:
            start, end = _span(event)
            found = text.find("#", at, start)
            if found >= 0:
                return text.count("\n", 0, found) + 1
            at = end
    found = text.find("#", at)
    return text.count("\n", 0, found) + 1 if found >= 0 else None


def _span(event: Any) -> tuple[int, int]:
    return event.start_mark.index, event.end_mark.index
