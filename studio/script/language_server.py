"""The Language Server Protocol over what `editing` answers: messages in, messages out, documents in memory.

Written here because the protocol is a few hundred lines for one language, where a library would add three packages and
half a second to every start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.base.errors import Problem, Severity, WeftError
from studio.base.i18n import _
from studio.script import editing
from studio.script.complete import Completion
from studio.script.complete import Sort as Offered
from studio.script.lossless import Edit
from studio.script.parse import MAX_TEXT
from studio.script.references import Name, Occurrence, Sort, edits, references
from studio.script.scope import Scope
from studio.script.system_variables import system_variable

Message = dict[str, Any]
PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, FAILED, NOT_READY = (
    -32700, -32600, -32601, -32602, -32803, -32002,
)  # fmt: skip
_SEVERITIES = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.NOTE: 3}
_KINDS = {Offered.FIELD: 5, Offered.FUNCTION: 3, Offered.VARIABLE: 6, Offered.WORD: 14}
_CAPABILITIES = {
    "textDocumentSync": {"openClose": True, "change": 2},
    "completionProvider": {"triggerCharacters": ["[", "$", "/", "@"]},
    "hoverProvider": True,
    "signatureHelpProvider": {"triggerCharacters": ["(", ","]},
    "definitionProvider": True,
    "referencesProvider": True,
    "documentHighlightProvider": True,
    "renameProvider": {"prepareProvider": True},
    "documentFormattingProvider": True,
}


class WrongRequest(Exception):
    """A request that is answered with an error; `code` is the protocol's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Document:
    """An open text; `wide` says that a character counts by its UTF-16 units, as the protocol does by itself."""

    text: str
    version: int | None = None
    wide: bool = True

    def offset(self, position: Mapping[str, Any]) -> int:
        """The offset of a line and character, both from 0; what lies outside is moved in."""
        line, character = _count(position["line"]), _count(position["character"])
        start = editing.offset_of(self.text, line + 1, 1)
        end = self.text.find("\n", start)
        row = self.text[start : end if end >= 0 else len(self.text)]
        if not self.wide:
            return start + min(character, len(row))
        units = 0
        for number, char in enumerate(row):
            if units >= character:
                return start + number
            units += 2 if ord(char) > 0xFFFF else 1
        return start + len(row)

    def position(self, offset: int) -> Message:
        """The line and character of an offset, both from 0."""
        start = self.text.rfind("\n", 0, offset) + 1
        row = self.text[start:offset]
        character = len(row) + (sum(ord(char) > 0xFFFF for char in row) if self.wide else 0)
        return {"line": self.text.count("\n", 0, start), "character": character}

    def range(self, start: int, end: int) -> Message:
        """The range between two offsets."""
        return {"start": self.position(start), "end": self.position(end)}

    def changed(self, changes: Sequence[Mapping[str, Any]], version: int | None) -> Document:
        """The document after changes, one after the other."""
        document = Document(self.text, version, self.wide)
        for change in changes:
            new = str(change["text"])
            if "range" in change:
                start = document.offset(change["range"]["start"])
                end = max(start, document.offset(change["range"]["end"]))
                new = document.text[:start] + new + document.text[end:]
            document = Document(new, version, self.wide)
        return document


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise WrongRequest(INVALID_PARAMS, _("A position has a line and a character, both from 0."))
    return value


@dataclass(frozen=True)
class Beside:
    """What shares the global variables of a document: other scripts by address, and by file name what else may."""

    scripts: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)


ALONE = Beside()


class LanguageServer:
    """Answers one client. `scope_of` gives what a document may refer to; `done` is the exit code once it is over.

    `beside` gives what lies in the same project.
    """

    def __init__(
        self,
        scope_of: Callable[[str], Scope],
        version: str = "",
        beside: Callable[[str], Beside] | None = None,
    ) -> None:
        self.done: int | None = None
        self._beside = beside or (lambda _uri: ALONE)
        self._scope_of = scope_of
        self._version = version
        self._documents: dict[str, Document] = {}
        self._ready = False
        self._ending = False
        self._wide = True
        self._requests: dict[str, Callable[[Message], Any]] = {
            "initialize": self._initialize,
            "shutdown": self._shutdown,
            "textDocument/completion": self._completion,
            "textDocument/hover": self._hover,
            "textDocument/signatureHelp": self._signature,
            "textDocument/definition": self._definition,
            "textDocument/references": self._references,
            "textDocument/documentHighlight": self._highlights,
            "textDocument/prepareRename": self._prepare_rename,
            "textDocument/rename": self._rename,
            "textDocument/formatting": self._formatting,
        }
        self._notes: dict[str, Callable[[Message], list[Message]]] = {
            "exit": self._exit,
            "textDocument/didOpen": self._open,
            "textDocument/didChange": self._change,
            "textDocument/didSave": self._save,
            "textDocument/didClose": self._close,
        }

    def handle(self, message: object) -> list[Message]:
        """What to send after a message: answers and notifications. Never raises."""
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            answer = isinstance(message, dict) and ("result" in message or "error" in message)
            return [] if answer else [error_of(None, INVALID_REQUEST, _("This is no request."))]
        method, number = message["method"], message.get("id")
        params = message.get("params") or {}
        if "id" not in message:
            return self._notified(method, params)
        try:
            if not self._ready and method != "initialize":
                raise WrongRequest(NOT_READY, _("The client has not begun with initialize."))
            request = self._requests.get(method)
            if request is None or (self._ending and method != "shutdown"):
                raise WrongRequest(NO_METHOD, _("There is no method {name}.").format(name=method))
            return [{"jsonrpc": "2.0", "id": number, "result": request(params)}]
        except WrongRequest as error:
            return [error_of(number, error.code, error.message)]
        except WeftError as error:
            return [error_of(number, FAILED, f"{error.message} {error.next_step}".rstrip())]
        except (KeyError, TypeError, AttributeError, IndexError):
            return [error_of(number, INVALID_PARAMS, _("The request lacks something it needs."))]

    def _notified(self, method: str, params: Message) -> list[Message]:
        note = self._notes.get(method)
        if note is None or (not self._ready and method != "exit"):
            return []
        try:
            return note(params)
        except (WrongRequest, KeyError, TypeError, AttributeError, IndexError):
            return []

    def _initialize(self, params: Message) -> Message:
        general = (params.get("capabilities") or {}).get("general") or {}
        self._wide = "utf-32" not in (general.get("positionEncodings") or [])
        self._ready = True
        encoding = "utf-16" if self._wide else "utf-32"
        return {
            "capabilities": _CAPABILITIES | {"positionEncoding": encoding},
            "serverInfo": {"name": "weft", "version": self._version},
        }

    def _shutdown(self, _params: Message) -> None:
        self._ending = True

    def _exit(self, _params: Message) -> list[Message]:
        self.done = 0 if self._ending else 1
        return []

    def _open(self, params: Message) -> list[Message]:
        item = params["textDocument"]
        return self._put(str(item["uri"]), Document(str(item["text"]), item.get("version"), self._wide))

    def _change(self, params: Message) -> list[Message]:
        item = params["textDocument"]
        document = self._documents[item["uri"]]
        return self._put(item["uri"], document.changed(params["contentChanges"], item.get("version")))

    def _save(self, params: Message) -> list[Message]:
        uri = params["textDocument"]["uri"]
        return self._put(uri, self._documents[uri])

    def _close(self, params: Message) -> list[Message]:
        uri = params["textDocument"]["uri"]
        self._documents.pop(uri, None)
        return [_diagnostics(uri, None, [])]

    def _put(self, uri: str, document: Document) -> list[Message]:
        self._documents[uri] = document
        found = editing.diagnose(document.text, self._scope_of(uri)) if len(document.text) <= MAX_TEXT else ()
        problems = [_problem(document, problem, start, end) for problem, start, end in found]
        return [_diagnostics(uri, document.version, problems)]

    def _at(self, params: Message) -> tuple[str, Document, int]:
        uri = params["textDocument"]["uri"]
        document = self._documents.get(uri)
        if document is None:
            raise WrongRequest(INVALID_PARAMS, _("The document is not open."))
        return uri, document, document.offset(params["position"]) if "position" in params else 0

    def _completion(self, params: Message) -> Message:
        uri, document, offset = self._at(params)
        found = editing.complete(document.text, offset, self._scope_of(uri))
        where = document.range(found.start, found.end)
        items = [_item(item, where, number) for number, item in enumerate(found.items)]
        return {"isIncomplete": len(items) >= editing.MOST, "items": items}

    def _hover(self, params: Message) -> Message | None:
        uri, document, offset = self._at(params)
        found = editing.hover(document.text, offset, self._scope_of(uri))
        if found is None:
            return None
        text = "\n\n".join([f"```jitterbit\n{found.heading}\n```", *found.lines])
        return {
            "contents": {"kind": "markdown", "value": text},
            "range": document.range(found.start, found.end),
        }

    def _signature(self, params: Message) -> Message | None:
        _uri, document, offset = self._at(params)
        found = editing.signature(document.text, offset)
        if found is None:
            return None
        function = found.function
        arguments = [
            {"label": argument.name, "documentation": argument.explanation} for argument in function.arguments
        ]
        shown = {"label": function.signature, "documentation": function.explanation, "parameters": arguments}
        return {"signatures": [shown], "activeSignature": 0, "activeParameter": found.argument}

    def _definition(self, params: Message) -> Message | None:
        uri, document, offset = self._at(params)
        name = editing.name_at(document.text, offset)
        found = editing.definition(document.text, name) if name is not None else None
        return {"uri": uri, "range": document.range(found.start, found.end)} if found is not None else None

    def _references(self, params: Message) -> list[Message]:
        uri, document, offset = self._at(params)
        found = [(uri, document, each) for each in editing.highlights(document.text, offset)]
        for other, text, name in self._sharing(uri, document, offset):
            found += [(other, text, each) for each in references(text.text, name)]
        return [{"uri": where, "range": _range(text, each)} for where, text, each in found]

    def _sharing(self, uri: str, document: Document, offset: int) -> Iterator[tuple[str, Document, Name]]:
        """The other scripts of the project, where a global variable stands at the offset."""
        name = editing.name_at(document.text, offset)
        if name is None or name.sort is not Sort.GLOBAL or system_variable(name.name) is not None:
            return
        for other, text in self._beside(uri).scripts.items():
            if other != uri:
                yield other, self._documents.get(other, Document(text, None, self._wide)), name

    def _highlights(self, params: Message) -> list[Message]:
        _uri, document, offset = self._at(params)
        found = editing.highlights(document.text, offset)
        return [{"range": _range(document, each), "kind": 3 if each.sets else 2} for each in found]

    def _prepare_rename(self, params: Message) -> Message | None:
        _uri, document, offset = self._at(params)
        found = editing.renamable(document.text, offset)
        return _range(document, found) if found is not None else None

    def _rename(self, params: Message) -> Message:
        uri, document, offset = self._at(params)
        new = str(params["newName"]).removeprefix("$")
        changes = {uri: [_edit(document, edit) for edit in editing.rename_at(document.text, offset, new)]}
        for other, text, name in self._sharing(uri, document, offset):
            self._only_scripts(uri, name)
            if references(text.text, Name(name.sort, new)):
                raise WrongRequest(
                    FAILED, _("{name} is used in other scripts already.").format(name=f"${new}")
                )
            found = edits(text.text, name, new) if references(text.text, name) else ()
            if found:
                changes[other] = [_edit(text, edit) for edit in found]
        return {"changes": changes}

    def _only_scripts(self, uri: str, name: Name) -> None:
        """Raise WrongRequest where more than scripts would have to change."""
        written = re.compile(rf"(?<![\w$])\$?{re.escape(name.name)}(?![\w`~@#$%:.?])")
        for file, text in self._beside(uri).others.items():
            if any(match[0].startswith("$") or file.endswith(".js") for match in written.finditer(text)):
                raise WrongRequest(
                    FAILED,
                    _(
                        "{file} uses {name} too, and only scripts are changed here. Change it there first."
                    ).format(file=file, name=f"${name.name}"),
                )

    def _formatting(self, params: Message) -> list[Message]:
        _uri, document, _offset = self._at(params)
        new = editing.layout(document.text)
        return [] if new == document.text else [_edit(document, Edit(0, len(document.text), new))]


def error_of(number: object, code: int, message: str) -> Message:
    """The answer to a request that failed."""
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}


def _range(document: Document, found: Occurrence) -> Message:
    return document.range(found.start, found.end)


def _edit(document: Document, edit: Edit) -> Message:
    return {"range": document.range(edit.start, edit.end), "newText": edit.new}


def _diagnostics(uri: str, version: int | None, problems: list[Message]) -> Message:
    params: Message = {"uri": uri, "diagnostics": problems}
    if version is not None:
        params["version"] = version
    return {"jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params}


def _problem(document: Document, problem: Problem, start: int, end: int) -> Message:
    return {
        "range": document.range(start, end),
        "severity": _SEVERITIES[problem.severity],
        "source": "weft",
        "message": f"{problem.message} {problem.mend}".rstrip(),
    }


def _item(item: Completion, where: Message, number: int) -> Message:
    back = item.text[: len(item.text) - item.back] + "$0" + item.text[len(item.text) - item.back :]
    text = back.replace("\\", "\\\\") if item.back else item.text
    notes = "\n\n".join(note for note in (item.note, item.value) if note)
    return {
        "label": item.name,
        "kind": _KINDS[item.sort],
        "detail": item.detail,
        "documentation": notes,
        "sortText": f"{number:04}",
        "filterText": item.name,
        "insertTextFormat": 2 if item.back else 1,
        "textEdit": {"range": where, "newText": text},
    }
