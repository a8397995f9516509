"""The files of golden tests: which there are, what each says. What is wrong with one is told with its line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.yaml_read import Node, parse
from studio.engine.golden.model import Expected, GoldenTest, Tolerance
from studio.engine.golden.places import Pattern, pattern
from studio.project.folder import read_yaml, scan
from studio.project.layout import id_of
from studio.project.migrate import migrated

_KEYS = (
    "weft", "name", "description", "input", "input_text", "inputs", "expected", "expected_text", "outputs", "variables",
    "now", "failures", "ignore", "tolerances",
)  # fmt: skip
_TOLERATED = ("absolute", "relative", "seconds", "whitespace", "order")
FOLDER = "tests"


def refs(folder: Path, transformation: str = "") -> list[str]:
    """The tests of the project in `folder`, of one transformation where it is named."""
    lead = f"{FOLDER}/{transformation}/" if transformation else f"{FOLDER}/"
    ids = (id_of(relative) for relative in sorted(scan(folder)) if relative.startswith(lead))
    return [id.removeprefix(f"{FOLDER}/") for id in ids if id is not None]


def load_test(folder: Path, ref: str, text: str | None = None) -> GoldenTest:
    """The test called `ref`, of its unsaved `text` where that is given; raises BadInput with the file and line."""
    relative = f"{FOLDER}/{ref}.yaml"
    node = read_yaml(folder / relative, relative) if text is None else parse(text, file=relative)
    return read_test(node, ref)


def read_test(node: Node, ref: str) -> GoldenTest:
    """The test in a file's content."""
    node = migrated(node, "test")
    given = node.members()
    for key, inside in given.items():
        if key not in _KEYS:
            raise inside.wrong(
                _("A test has no {key}.").format(key=repr(key)),
                _("It may have: {names}.").format(names=", ".join(_KEYS[1:])),
            )
    transformation, _slash, name = ref.rpartition("/")
    if not transformation:
        raise node.wrong(
            _("The test is not in the folder of a transformation."),
            _("Move it to tests/TRANSFORMATION/, after which the map is found."),
        )
    _check_either(node, given, "input", needed=True)
    _check_either(node, given, "expected", needed=False)
    return GoldenTest(
        ref=ref,
        transformation=transformation,
        name=given["name"].text() if "name" in given else name,
        input=_text(given, "input"),
        input_text=given["input_text"].text() if "input_text" in given else None,
        inputs=given["inputs"].text_members() if "inputs" in given else {},
        expected=_text(given, "expected"),
        expected_text=given["expected_text"].text() if "expected_text" in given else None,
        outputs=given["outputs"].text_members() if "outputs" in given else {},
        variables=given["variables"].text_members() if "variables" in given else {},
        now=_moment(given["now"]) if "now" in given else None,
        failures=tuple(_failure(each) for each in given["failures"].items()) if "failures" in given else (),
        ignore=_patterns(given["ignore"]) if "ignore" in given else (),
        tolerances=_tolerances(given["tolerances"]) if "tolerances" in given else (),
        data=node.plain(),
    )


def _text(given: dict[str, Node], key: str) -> str:
    return given[key].text() if key in given else ""


def _check_either(node: Node, given: dict[str, Node], key: str, *, needed: bool) -> None:
    there = [each for each in (key, f"{key}_text") if each in given]
    if len(there) == 2:
        raise given[there[1]].wrong(
            _("A test has {one} or {other}, not both.").format(one=key, other=f"{key}_text")
        )
    if needed and not there:
        raise node.wrong(
            _("The test does not say what goes in."), _("Write input: samples/FILE, or input_text.")
        )


def _moment(node: Node) -> datetime:
    """A time in UTC; without a zone it is one already."""
    try:
        found = datetime.fromisoformat(node.text())
    except ValueError:
        raise node.wrong(
            _("{text} is not a time.").format(text=repr(node.text())),
            _("Write it like 2026-03-01T12:00:00, in UTC or with its zone."),
        ) from None
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _failure(node: Node) -> Expected:
    given = node.members()
    for key, inside in given.items():
        if key not in ("record", "path", "reason"):
            raise inside.wrong(
                _("A failure that is expected has no {key}.").format(key=repr(key)),
                _("It may have: {names}.").format(names="record, path, reason"),
            )
    return Expected(
        given["record"].whole() if "record" in given else None,
        given["path"].text() if "path" in given else None,
        given["reason"].text() if "reason" in given else "",
    )


def _patterns(node: Node) -> tuple[Pattern, ...]:
    nodes = node.items() if isinstance(node.value, list) else [node]
    return tuple(_pattern(each.text(), each) for each in nodes)


def _pattern(text: str, node: Node) -> Pattern:
    try:
        return pattern(text)
    except ValueError:
        raise node.wrong(
            _("{text} is not a path of the target document.").format(text=repr(text)),
            _(
                "Write names with slashes between them; * is any name, ** any number of them, [2] one instance."
            ),
        ) from None


def _tolerances(node: Node) -> tuple[Tolerance, ...]:
    return tuple(_tolerance(path, inside) for path, inside in node.members().items())


def _tolerance(path: str, node: Node) -> Tolerance:
    given = node.members()
    for key, inside in given.items():
        if key not in _TOLERATED:
            raise inside.wrong(
                _("There is no tolerance called {key}.").format(key=repr(key)),
                _("It may have: {names}.").format(names=", ".join(_TOLERATED)),
            )
    number: Callable[[str], Decimal | None] = lambda key: _number(given[key]) if key in given else None  # noqa: E731
    return Tolerance(
        _pattern(path, node),
        absolute=number("absolute"),
        relative=number("relative"),
        seconds=number("seconds"),
        blanks=_said(given, "whitespace", "any"),
        any_order=_said(given, "order", "any"),
    )


def _number(node: Node) -> Decimal:
    try:
        found = Decimal(node.text())
        if found.is_finite() and found >= 0:
            return found
    except InvalidOperation:
        pass
    raise node.wrong(_("{text} is not a number from 0.").format(text=repr(node.text())))


def _said(given: dict[str, Node], key: str, word: str) -> bool:
    """The member is there, and is the one word it may be."""
    if key not in given:
        return False
    if given[key].text() != word:
        raise given[key].wrong(_("Write {key}: {word}, or leave it out.").format(key=key, word=word))
    return True


def missing(folder: Path, ref: str) -> BadInput:
    """The error for a test that is not there."""
    return BadInput(
        _("There is no test called {name}.").format(name=ref),
        file=folder / FOLDER,
        next_step=_("The project's tests are: {names}.").format(names=", ".join(refs(folder)) or "-"),
    )
