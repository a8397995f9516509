"""weft schema: the tree as text and JSON, found names, problems and exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.cli.main import run
from studio.schema.model import Schema
from studio.schema.wsdl import reader as service_reader

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
    assert out.err == "1 place matches.\n"
    _code, data = _json(capsys, str(orders), "--find", "@id")
    assert data["found"] == ["orders/order/@id"]
    assert data["roots"][0]["children"][0]["children"][0]["found"] is True


def test_what_is_found_by_its_type_matches_too_and_nothing_is_exit_code_1(
    orders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schema", str(orders), "--find", "decimal"]) == 0
    assert capsys.readouterr() == ("orders/order/cash\n", "1 place matches.\n")
    assert run(["schema", str(orders), "--find", "cheque"]) == 1
    assert capsys.readouterr() == ("", "0 places match.\n")
    code, data = _json(capsys, str(orders), "--find", "cheque")
    assert (code, data["found"]) == (1, [])


def test_a_search_in_a_large_service_looks_at_nothing_else(
    shared: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    seen = service_reader._element_roots

    def counted(*given: Any) -> Any:
        made.append(given)
        return seen(*given)

    monkeypatch.setattr(service_reader, "_element_roots", counted)
    monkeypatch.setattr(
        Schema, "all_problems", lambda _schema: pytest.fail("every declaration was looked at")
    )
    file = shared / "corpora" / "wsdl" / "virtualbox" / "vboxweb.wsdl"
    assert run(["schema", str(file), "--find", "machine"]) == 0
    out = capsys.readouterr()
    assert len(out.out.splitlines()) == 200
    assert out.err == "200 places match, and there may be more: a longer text or --root NAME narrows it.\n"
    # The roots that are seldom meant are made for the tables of the search, not for every place once more.
    assert len(made) <= 2


def test_a_screen_gets_the_first_of_very_many_roots(
    shared: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = shared / "corpora" / "wsdl" / "virtualbox" / "vboxweb.wsdl"
    arguments = ["schema", str(file), "--depth", "1"]
    assert run(arguments) == 0
    whole = capsys.readouterr()
    assert (len(whole.out.splitlines()), whole.err) == (1158, "")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(arguments) == 0
    cut = capsys.readouterr()
    assert len(cut.out.splitlines()) == 200
    assert cut.err.startswith("958 more roots are not shown; --root NAME shows one")
    _code, data = _json(capsys, str(file), "--depth", "1")
    assert len(data["roots"]) == 1158


def test_a_root_that_is_not_there_names_the_nearest(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared / "corpora" / "wsdl" / "virtualbox" / "vboxweb.wsdl"
    for name, said in (
        (
            "IVirtualBox_registerMachin",
            "It has 1158 roots; the nearest names are: IVirtualBox_registerMachine, ",
        ),
        ("ivirtualbox_getversion", "It has 1158 roots; the nearest names are: IVirtualBox_getVersion, "),
        ("lockmachine", ": IMachine_lockMachine"),
        ("Nope", "It has 1158 roots, among them: IVirtualBoxErrorInfo_getResultCode, "),
    ):
        assert run(["schema", str(file), "--root", name]) == 2
        err = capsys.readouterr().err
        assert f"The schema has no root called {name}." in err
        assert said in err
        assert len(err) < 700


def test_a_json_document_and_messages_without_content_have_words(
    tmp_path: Path, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "a.json"
    sample.write_text('{"a": 1}')
    assert run(["schema", str(sample)]) == 0
    assert capsys.readouterr().out == "document  1\n  a  1  integer\n"
    file = shared / "corpora" / "json-schema" / "openapi-moov-ach" / "openapi.yaml"
    run(["schema", str(file), "--depth", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [
        "ping  1",
        "  input  1  (nothing)",
        "  output  1  (nothing)",
        "getFiles  1",
        "  input  1  …",
        "  output  1  …",
    ]


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
