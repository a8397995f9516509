"""Plans kept between runs: the same plan, only while nothing it was made of has changed, and never anything but data."""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from studio.cli import kept_plans, planning
from studio.cli.main import run
from studio.cli.transforming import plan_of
from studio.engine.interpret import Judge
from studio.engine.plan import Plan

ORDERS = "id,qty,price\n1,2,1.50\n2,0,7\n3,4,2.25\n"
XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{more}<xs:element name="bills"><xs:complexType><xs:sequence>
<xs:element name="bill" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
<xs:element name="total" type="xs:decimal"/><xs:element name="kind" type="xs:string" minOccurs="0"/></xs:sequence>
<xs:attribute name="no" use="required"/></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>
"""
MAP = """weft: transformation/1
name: Orders to bills
source: {schema: schemas/orders.csv, root: row}
target: {schema: schemas/bills.xsd, root: bills}
map:
  bills/bill: {loop: row, when: "[qty] > 0"}
  bills/bill/@no: "[id]"
  bills/bill/total: "[qty] * [price]"
  bills/bill/kind: "TableLookup('kinds', [id], 'word', $standard)"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a value table and a variable."""
    folder = tmp_path / "project"
    for name in ("schemas", "tables", "transformations"):
        (folder / name).mkdir(parents=True)
    (folder / "project.yaml").write_text("weft: project/1\nname: P\nvariables: {standard: none}\n")
    (folder / "schemas/orders.csv").write_text(ORDERS)
    (folder / "schemas/bills.xsd").write_text(XSD.format(more=""))
    (folder / "tables/kinds.csv").write_text("key,word\n1,first\n")
    (folder / "transformations/bills.yaml").write_text(MAP)
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The transformations that were planned anew."""
    found: list[Path] = []
    make = planning.make

    def noting(file: Path) -> planning.Made:
        found.append(file)
        return make(file)

    monkeypatch.setattr(planning, "make", noting)
    return found


def transformed(project: Path) -> str:
    """The output of a run over the schema's own sample."""
    out = project.parent / "out.xml"
    file = project / "transformations/bills.yaml"
    assert run(["transform", str(file), str(project / "schemas/orders.csv"), "-o", str(out)]) == 0
    return out.read_text()


def entries(home: Path) -> list[Path]:
    """The files of the kept plans."""
    return sorted((home / "cache/plans").iterdir())


def test_second_run_takes_the_kept_plan_and_writes_the_same(project: Path, made: list[Path]) -> None:
    first = transformed(project)
    assert len(made) == 1
    assert 'no="1"' in first
    assert "first" in first
    assert transformed(project) == first
    assert len(made) == 1


def test_kept_plan_is_the_plan(project: Path) -> None:
    file = project / "transformations/bills.yaml"
    transformation, folder, plan, variables = planning.make(file).planned
    plan_of(file)
    kept = kept_plans.find(file)
    assert kept is not None
    assert (kept[0], kept[1], kept[3]) == (transformation, folder, variables)
    assert kept[2].root == plan.root
    assert kept[2].source == plan.source
    assert kept[2].tops == plan.tops
    assert kept[2].tables["kinds"]["1"]["word"] == "first"


def test_all_of_a_map_is_kept(project: Path) -> None:
    """Nodes drawn where a schema admits anything, loops with all their options, pages and dates."""
    file = project / "transformations/bills.yaml"
    (project / "schemas/bills.xsd").write_text(
        XSD.format(more="").replace(
            "</xs:sequence>\n<xs:attribute", "<xs:any minOccurs='0'/></xs:sequence>\n<xs:attribute"
        )
    )
    text = MAP.replace(
        'when: "[qty] > 0"}', 'when: "[qty] > 0", group: {by: ["[id]"]}, sort: [{by: "[qty]"}], first: 2}'
    )
    text += '  bills/bill/memo: "Sum([members()/price]) + 2.5"\ndrawn:\n  target:\n    bills/bill/memo: {type: text}\n'
    file.write_text(text)
    made = planning.make(file)
    assert made.planned[0].drawn
    assert made.lasting, made.planned[2].problems
    plan_of(file)
    kept = kept_plans.find(file)
    assert kept is not None
    assert kept[0] == made.planned[0]
    assert kept[2].root == made.planned[2].root


def _table(project: Path) -> None:
    (project / "tables/kinds.csv").write_text("key,word\n1,other\n")


def _variable(project: Path) -> None:
    (project / "project.yaml").write_text("weft: project/1\nname: P\nvariables: {standard: new}\n")


def _rule(project: Path) -> None:
    file = project / "transformations/bills.yaml"
    before = file.stat()
    file.write_text(MAP.replace("[qty] * [price]", "[qty] + [price]"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # the same size, and the same time of change


def _schema(project: Path) -> None:
    (project / "schemas/bills.xsd").write_text(
        XSD.format(more="").replace('name="no"', 'name="no" fixed="x"')
    )


@pytest.mark.parametrize("change", [_table, _variable, _rule, _schema])
def test_change_of_what_it_was_made_of_counts_at_once(project: Path, change: Callable[[Path], None]) -> None:
    transformed(project)
    change(project)
    changed = transformed(project)
    for entry in entries(Path(os.environ["WEFT_HOME"])):
        entry.unlink()
    assert changed == transformed(project)


def test_included_schema_counts(project: Path, made: list[Path]) -> None:
    include = '<xs:include schemaLocation="more.xsd"/>'
    (project / "schemas/bills.xsd").write_text(XSD.format(more=include))
    more = project / "schemas/more.xsd"
    more.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
    transformed(project)
    transformed(project)
    assert len(made) == 1
    more.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="e"/></xs:schema>'
    )
    transformed(project)
    assert len(made) == 2


def test_project_that_comes_nearer_counts(project: Path, made: list[Path]) -> None:
    transformed(project)
    nearer = project / "transformations"
    (nearer / "project.yaml").write_text("weft: project/1\nname: Q\n")
    file, data = nearer / "bills.yaml", project / "schemas/orders.csv"
    assert (
        run(["transform", str(file), str(data), "-o", str(project.parent / "out.xml")]) == 2
    )  # no schemas there
    assert len(made) == 2


def test_plan_with_problems_is_told_each_time(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "transformations/bills.yaml"
    file.write_text(MAP + "unheard-of: 1\n")
    for _time in range(2):
        transformed(project)
        assert "unheard-of" in capsys.readouterr().err


def test_damaged_plan_is_made_anew(project: Path, own_home: Path, made: list[Path]) -> None:
    wanted = transformed(project)
    (entry,) = entries(own_home)
    whole = entry.read_bytes()
    draw = random.Random(5)
    for turn in range(60):
        damaged = bytearray(whole)
        if turn % 3 == 0:
            del damaged[draw.randrange(len(damaged)) :]
        elif turn % 3 == 1:
            damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
        else:
            place = draw.randrange(len(damaged))
            damaged[place:place] = draw.randbytes(draw.randrange(1, 40))
        entry.write_bytes(bytes(damaged))
        made.clear()
        assert kept_plans.find(project / "transformations/bills.yaml") is None
    assert transformed(project) == wanted
    assert len(made) == 1
    assert entry.read_bytes() == whole


class _Evil:
    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.target),)


def test_planted_code_is_not_run(
    project: Path, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil, file = tmp_path / "evil", project / "transformations/bills.yaml"
    found = planning.make(file)
    dumps = pickle.dumps
    monkeypatch.setattr(pickle, "dumps", lambda value, protocol: dumps((*value[:3], _Evil(evil)), protocol))
    kept_plans.keep(file, found.planned, found.files, found.folders, found.absent)
    assert entries(own_home)
    assert kept_plans.find(file) is None
    assert not evil.exists()


@pytest.mark.parametrize(
    "name",
    [("os", "system"), ("builtins", "eval"), ("studio.engine.plan", "replace"), ("studio.engine.plan", "tree.os"),
     ("studio.engine.interpret", "Judge"), ("studio.schema.model", "lru_cache"), ("studio.engine.plan", "Base")],
)  # fmt: skip
def test_reader_makes_types_of_plans_only(name: tuple[str, str]) -> None:
    import io

    with pytest.raises(pickle.UnpicklingError):
        kept_plans._Reader(io.BytesIO(b"")).find_class(*name)
    assert Judge is not None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_plan_that_others_could_have_written_is_not_taken(
    project: Path, own_home: Path, tmp_path: Path
) -> None:
    file = project / "transformations/bills.yaml"
    plan_of(file)
    (entry,) = entries(own_home)
    assert kept_plans.find(file) is not None
    entry.chmod(0o666)
    assert kept_plans.find(file) is None
    entry.chmod(0o600)
    entry.parent.chmod(0o777)
    assert kept_plans.find(file) is None
    entry.parent.chmod(0o700)
    assert kept_plans.find(file) is not None
    entry.rename(tmp_path / "elsewhere")
    entry.symlink_to(tmp_path / "elsewhere")
    assert kept_plans.find(file) is None


def test_few_plans_are_kept(project: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_plans, "_MOST_FILES", 3)
    files = [project / f"transformations/t{number}.yaml" for number in range(6)]
    for file in files:
        file.write_text(MAP)
        plan_of(file)
    assert len(entries(own_home)) == 3
    assert kept_plans.find(files[-1]) is not None
    assert kept_plans.find(files[0]) is None


def test_without_a_folder_for_it_the_run_goes_on(project: Path, own_home: Path, made: list[Path]) -> None:
    own_home.mkdir()
    (own_home / "cache").write_text("a file stands in the way")
    assert transformed(project) == transformed(project)
    assert len(made) == 2


_WRITES = """
import sys
from pathlib import Path
from studio.cli import kept_plans, planning
file = Path(sys.argv[1])
found = planning.make(file)
print("ready", flush=True)
while True:
    kept_plans.keep(file, found.planned, found.files, found.folders, found.absent)
"""


def test_killed_while_keeping_leaves_a_whole_plan_or_none(project: Path, own_home: Path) -> None:
    file = project / "transformations/bills.yaml"
    draw = random.Random(3)
    for _turn in range(4):
        command = [sys.executable, "-c", _WRITES, str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(draw.random() / 20)  # wherever it is then
            psutil.Process(process.pid).kill()
        for entry in entries(own_home) if (own_home / "cache/plans").exists() else []:
            assert entry.suffix != ".plan" or kept_plans.find(file) is not None
    assert isinstance(plan_of(file)[2], Plan)
    found = planning.make(file)  # the next one that keeps it removes what the killed ones left
    kept_plans.keep(file, found.planned, found.files, found.folders, found.absent)
    assert [entry.suffix for entry in entries(own_home)] == [".plan"]
