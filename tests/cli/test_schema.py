"""weft schema: the tree as text and JSON, found names, problems and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run

_XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:o" xmlns="urn:o">
{more}<xs:element name="orders"><xs:complexType><xs:sequence><xs:element name="order" type="order" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
<xs:complexType name="order"><xs:sequence><xs:choice><xs:element name="cash" type="xs:decimal"/><xs:element name="card" type="xs:string"/></xs:choice>
<xs:element name="part" type="order" minOccurs="0"/></xs:sequence><xs:attribute name="id" type="xs:int" use="required"/></xs:complexType></xs:schema>"""


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders.xsd"
    file.write_text(_XSD.format(more=""))
    return file


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run(["schema", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_tree_as_text(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", str(orders), "--depth", "4"]) == 0
    out = capsys.readouterr()
    assert out.out.splitlines() == [
        "orders  1",
        "  order  1..n  order",
        "    @id  1  int",
        "    (one of)  1",
        "      cash  1  decimal",
        "      card  1  string",
        "    part  0..1  order  (repeats above)  …",
    ]
    assert out.err == ""


def test_the_tree_as_json(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data = _json(capsys, str(orders))
    assert code == 0
    assert data["kind"] == "xsd"
    root = data["roots"][0]
    assert (root["name"], root["namespace"], root["kind"], root["path"]) == (
        "orders",
        "urn:o",
        "element",
        "orders",
    )
    order = root["children"][0]
    assert (order["min"], order["max"], order["type"], order["recursive"]) == (1, None, "order", False)
    assert [child["kind"] for child in order["children"]] == ["attribute", "choice", "element"]
    assert order["children"][0]["path"] == "orders/order/@id"
    part = order["children"][2]
    assert (part["recursive"], part["more"], part["children"]) == (True, True, [])


def test_depth_bounds_the_expansion(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _code, data = _json(capsys, str(orders), "--depth", "1")
    assert data["roots"][0]["more"] is True
    assert data["roots"][0]["children"] == []


def test_names_are_found_with_their_paths(orders: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", str(orders), "--find", "CASH"]) == 0
    out = capsys.readouterr()
    assert out.out == "orders/order/cash\n"
    assert "1 place holds" in out.err
    _code, data = _json(capsys, str(orders), "--find", "@id")
    assert data["found"] == ["orders/order/@id"]
    assert data["roots"][0]["children"][0]["children"][0]["found"] is True


def test_problems_go_to_standard_error_and_give_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.xsd"
    file.write_text(_XSD.format(more='<xs:include schemaLocation="gone.xsd"/>'))
    assert run(["schema", str(file)]) == 1
    out = capsys.readouterr()
    assert out.err.startswith(f"{file}:2: The file gone.xsd is not there.")
    assert out.err.count("\n") == 1
    assert out.out.startswith("orders")
    _code, data = _json(capsys, str(file))
    assert data["problems"][0]["line"] == 2


def test_bad_input_is_one_message_and_exit_code_2(
    tmp_path: Path, orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "b.xsd"
    broken.write_text("<xs:schema\n>")
    for arguments, said in (
        ([str(broken)], f"{broken}:"),
        ([str(tmp_path / "none.xsd")], "does not exist"),
        ([str(orders), "--as", "poem"], "The kinds are: xsd, wsdl"),
        ([str(orders), "--root", "nothing"], "Its roots are: orders."),
        ([str(orders), "--depth", "0"], "depth"),
        ([str(orders), "--encoding", "utf-16"], "encoding"),
    ):
        assert run(["schema", *arguments]) == 2
        out = capsys.readouterr()
        assert said in out.err
        assert out.out == ""


def test_a_root_and_a_forced_kind(orders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", str(orders), "--as", "xml", "--depth", "1"]) == 0
    assert capsys.readouterr().out.startswith("schema  1")
    _code, data = _json(capsys, str(orders), "--root", "orders")
    assert [root["name"] for root in data["roots"]] == ["orders"]


def test_an_operation_lists_its_messages(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared / "corpora" / "wsdl" / "salesforce-partner-v66" / "sforce.660.partner.wsdl"
    code, data = _json(capsys, str(file), "--root", "login", "--depth", "2")
    assert code == 0
    (login,) = data["roots"]
    assert login["kind"] == "operation"
    assert [(child["name"], child["kind"], child["path"]) for child in login["children"]][:3] == [
        ("input", "message", "login/input"),
        ("output", "message", "login/output"),
        ("fault:LoginFault", "message", "login/fault:LoginFault"),
    ]
