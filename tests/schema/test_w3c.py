"""The W3C XML Schema test suite: what is valid opens, what is invalid is reported, valid documents have their place."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.base.errors import Severity, WeftError
from studio.schema.model import Schema, Type
from studio.schema.validate.child import Checker
from studio.schema.validate.strict import strict_check
from studio.schema.xml_source import parse_schema
from studio.schema.xsd.reader import read_xsd
from tests.conftest import FULL
from tests.schema.conftest import Group
from tests.schema.oracle import XSI, root_place, unexplained

Share = Callable[[int], int]

# Valid documents whose paths are not all in the tree, and why.
_EXPLAINED = {
    # An attribute prohibited outside a restriction: nothing declares it, yet the suite has it in a valid document.
    "attP031",
    # The document is one value, of a simple type it names itself; the schemas declare no element at all.
    "st_name00401m",
    "st_targetns00101m",
    "st_targetns00201m",
    # XML 1.1, which the parser does not read.
    "xv003",
    "xv006",
    "xv008",
    # A file that is not in the archive.
    "introspection",
}


def _walk(schema: Schema, limit: int) -> None:
    waiting = deque(node.type for node in schema.roots)
    seen: set[Type] = set()
    while waiting and len(seen) < limit:
        kind = waiting.popleft()
        if kind in seen:
            continue
        seen.add(kind)
        assert kind.value is None or kind.value.name is not None
        waiting.extend(node.type for node in kind.children)
        waiting.extend(kind.derived)


def _spread(groups: list[Group], count: int) -> list[Group]:
    return groups[:: max(1, len(groups) // count)]


def _open(group: Group) -> list[Schema]:
    """The schemas of a valid group: all open, with something to show or words why not, and without errors."""
    found = []
    for file in group.schemas:
        schema = read_xsd(file)
        assert schema.roots or schema.problems, group.name
        _walk(schema, 150)
        errors = [problem for problem in schema.all_problems() if problem.severity is Severity.ERROR]
        assert errors == [], group.name
        found.append(schema)
    return found


def test_every_valid_schema_opens_and_no_other_crashes(groups: list[Group], share: Share) -> None:
    assert not FULL or Counter(group.validity for group in groups) == {"valid": 7101, "invalid": 3354}
    for group in _spread(groups, share(3 * len(groups))):
        if group.validity == "valid":
            _open(group)
            continue
        for file in group.schemas:
            _open_or_words(file)


def test_every_valid_schema_of_version_1_1_opens(newer_groups: list[Group], share: Share) -> None:
    assert len(newer_groups) > (900 if FULL else 300)
    for group in _spread(newer_groups, share(20 * len(newer_groups))):
        if group.validity == "valid":
            _open(group)
            continue
        for file in group.schemas:
            _open_or_words(file)


@pytest.mark.full
def test_no_file_of_the_suite_crashes_or_goes_blank(suite: Path) -> None:
    files = sorted(suite.rglob("*.xsd"))
    assert len(files) == 15_463
    for file in files:
        _open_or_words(file)


def _open_or_words(file: Path) -> None:
    schema, refusal = _read(file)
    if refusal is not None:
        assert refusal.file, file
        assert refusal.next_step, file
    if schema is not None:
        assert schema.roots or schema.problems, file
        _walk(schema, 100)


def _read(file: Path) -> tuple[Schema | None, WeftError | None]:
    try:
        return read_xsd(file), None
    except WeftError as error:
        return None, error


def test_valid_documents_have_their_place(groups: list[Group], share: Share) -> None:
    cases = [group for group in groups if group.validity == "valid" and group.instances]
    missing = Counter[str]()
    checked = Counter[str]()
    for group in _spread(cases, share(5 * len(cases))):
        for instance in group.instances if FULL else group.instances[:3]:
            checked[group.contributor] += 1
            if _unplaced(group, instance):
                missing[group.name] += 1
    assert sum(checked.values()) >= len(cases) / 15
    assert set(missing) <= _EXPLAINED
    if FULL:
        assert sum(checked.values()) == 3430
        assert sum(missing.values()) == 9
        assert set(checked) == {"ms", "sun", "saxon", "boeing", "ibm", "wg", "common"}


def test_valid_documents_of_version_1_1_have_their_place(newer_groups: list[Group], share: Share) -> None:
    cases = [group for group in newer_groups if group.validity == "valid" and group.instances]
    cases = _spread(cases, share(25 * len(cases)))
    assert len(cases) > (250 if FULL else 60)
    missing = [group.name for group in cases if any(_unplaced(group, one) for one in group.instances)]
    # Three schemas that only the document brings together.
    assert set(missing) <= {"subsgroup003"}


def _unplaced(group: Group, instance: Path) -> list[str]:
    """What of a document the tree does not have; the fewest, where several schemas know its root."""
    try:
        document = parse_schema(instance)
    except WeftError as error:
        return [str(error)]
    found = [
        list(unexplained(place, document))
        for schema in _schemas(group, instance, document)
        if (place := root_place(schema, document))
    ]
    return min(found, key=len, default=["no root"])


def _schemas(group: Group, instance: Path, document: Any) -> Iterator[Schema]:
    """The group's schemas, then those the document itself names."""
    for file in group.schemas:
        yield read_xsd(file)
    hints = (document.get(f"{{{XSI}}}schemaLocation") or "").split()[1::2]
    hints += (document.get(f"{{{XSI}}}noNamespaceSchemaLocation") or "").split()
    for hint in hints:
        file = instance.parent / hint
        if file.is_file() and file not in group.schemas:
            yield read_xsd(file)


def test_nist_documents_have_their_place(shared: Path, suite: Path) -> None:
    instances = sorted((suite / "nistData").rglob("NISTXML-SV-IV-*.xml"))
    assert not FULL or len(instances) == 10_617
    for instance in instances:
        name = re.sub(r"NISTXML-SV-IV-(.*)-\d+\.xml", r"NISTSchema-SV-IV-\1.xsd", instance.name)
        document = parse_schema(instance)
        place = root_place(read_xsd(instance.with_name(name)), document)
        assert place is not None, instance.name
        assert list(unexplained(place, document)) == [], instance.name


def test_the_strict_check_reports_what_is_invalid_and_where(groups: list[Group], share: Share) -> None:
    cases = [group for group in groups if group.validity == "invalid"]
    cases = cases if FULL else _spread(cases, 60)
    located = 0
    with Checker() as checker:
        for group in cases:
            problems = list(strict_check(*group.schemas, version="1.0", checker=checker))
            located += any(problem.file and problem.line for problem in problems)
    assert located >= 0.95 * len(cases), (located, len(cases))


def test_the_strict_check_lets_pass_what_is_valid(groups: list[Group], share: Share) -> None:
    cases = [group for group in groups if group.validity == "valid"]
    cases = cases if FULL else _spread(cases, 60)
    accused = []
    with Checker() as checker:
        for group in cases:
            if list(strict_check(*group.schemas, version="1.0", checker=checker, limit=1)):
                accused.append(group.name)
    assert len(accused) <= 0.01 * len(cases), accused
