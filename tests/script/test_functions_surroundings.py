"""Functions of encryption, chance, time, environment, validation, source nodes and debugging."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest

from studio.base.errors import Cancelled
from studio.script.errors import LimitReached, RunError, Unavailable
from studio.script.evaluate import evaluate
from studio.script.functions import FUNCTIONS
from studio.script.host import PlainHost
from studio.script.parse import parse
from tests.script.both import ENGINES, error, run

# Encryption and digests


def test_aes_is_the_standard_one() -> None:
    # Made with: openssl's PBKDF2 (SHA-1) and aes-256-cbc, key and start value one after the other.
    assert run("AESEncryption('secret', 'password', '0a1b2c3d4e5f6071')") == "55TI7hHB0ut0Cw5muZdahA=="


@pytest.mark.parametrize("bits", [128, 192, 256])
@pytest.mark.parametrize("text", ["", "a", "x" * 16, "Ação €", "long " * 500])
def test_what_is_encrypted_can_be_decrypted(text: str, bits: int) -> None:
    def make() -> PlainHost:
        return PlainHost(variables={"t": text})

    script = f"AESDecryption(AESEncryption($t, 'pass', 'ff00', {bits}, 3), 'pass', 'ff00', {bits}, 3)"
    assert run(script, make) == text


@pytest.mark.parametrize(
    "change", ["'other', 'ff00'", "'pass', 'ff01'", "'pass', 'ff00', 128", "'pass', 'ff00', 256, 1025"]
)
def test_anything_else_does_not_decrypt(change: str) -> None:
    # A wrong key may by chance leave a padding that fits; for this text and these keys it does not.
    text = f"AESDecryption(AESEncryption('some text to hide', 'pass', 'ff00'), {change})"
    assert error(text).message == "The text cannot be decrypted."


@pytest.mark.parametrize(
    "arguments",
    ["'x', 'p', 'zz'", "'x', 'p', 'abc'", "'x', 'p', '', 64", "'x', 'p', '', 256, 0", "'x', 'p', '', 256, 1000001"],
)  # fmt: skip
def test_encryption_refuses_what_it_cannot_use(arguments: str) -> None:
    assert isinstance(error(f"AESEncryption({arguments})"), RunError)


@pytest.mark.parametrize("sealed", ["", "*", "YWJj", "YWJjZGVmZ2hpamtsbW5vcA=="])
def test_decryption_refuses_what_was_not_encrypted(sealed: str) -> None:
    assert error(f"AESDecryption('{sealed}', 'p')").message == "The text cannot be decrypted."


def test_digests_of_text_and_bytes() -> None:
    assert run("SHA256('')") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert run("SHA256('ação') == SHA256(HexToBinary(StringToHex('ação')))") is True
    assert run("MD5AsTwoNumbers('')") == [-3162216497309240828, -1621285313438006658]
    assert run("SHA256(Null()) == SHA256('') && MD5(5) == MD5('5')") is True


def test_base64_comes_in_lines_unless_told_otherwise() -> None:
    long = "RPadChar('', 'a', 100)"
    assert [len(line) for line in str(run(f"Base64Encode({long})")).split("\n")] == [64, 64, 8]
    unbroken = "$jitterbit.base64.encoded.string.no.wrap = true; "
    assert len(str(run(f"{unbroken}Base64Encode({long})"))) == 136
    assert run(f"String(Base64Decode(Base64Encode({long}))) == StringToHex({long})") is True


# Chance


def test_guids_are_random_uuids() -> None:
    made = {str(evaluate(parse("GUID()"), PlainHost())) for _turn in range(50)}
    assert len(made) == 50
    assert all(uuid.UUID(each).version == 4 and str(uuid.UUID(each)) == each for each in made)


def test_random_numbers_keep_to_their_bounds_and_reach_them() -> None:
    made = {evaluate(parse("Random(-1, 2)"), PlainHost()) for _turn in range(300)}
    assert made == {-1, 0, 1, 2}
    assert run("Random(7, 7)") == 7
    assert {evaluate(parse("Random(3, 1)"), PlainHost()) for _turn in range(200)} == {1, 2, 3}


def test_random_texts_have_a_length_and_an_alphabet() -> None:
    text = str(evaluate(parse("RandomString(500)"), PlainHost()))
    assert re.fullmatch(r"[A-Za-z0-9]{500}", text)
    assert set(str(evaluate(parse("RandomString(200, 'xy')"), PlainHost()))) == {"x", "y"}
    assert run("RandomString(0) + RandomString(-5) + RandomString(5, '')") == ""
    assert isinstance(error("RandomString(99000000)"), LimitReached)


# Time, place


def test_sleeping_can_be_stopped() -> None:
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    with pytest.raises(Cancelled):
        evaluate(parse("Sleep(3600)"), PlainHost(stopped=stopped))
    assert run("Sleep(-1); Sleep(0); Sleep(Null()); 'awake'") == "awake"
    assert isinstance(error("Sleep({})"), RunError)


def test_the_environment_is_what_the_host_says() -> None:
    def make() -> PlainHost:
        names = ("Agent", "AgentGroup", "AgentVersion", "Environment", "Organization")
        return PlainHost(environment={name: (number, f"the {name}") for number, name in enumerate(names, 5)})

    assert run("GetAgentName() + GetAgentID()", make) == "the Agent5"
    assert run("GetAgentGroupName() + GetAgentGroupID()", make) == "the AgentGroup6"
    assert run("GetAgentVersionName() + GetAgentVersionID()", make) == "the AgentVersion7"
    assert run("GetEnvironmentName() + GetEnvironmentID()", make) == "the Environment8"
    assert run("GetOrganizationName() + GetOrganizationID()", make) == "the Organization9"
    assert run("Length(GetServerName()) > 0") is True


# Validation


def validated(test: str, value: str, kind: str = "String", mask: str = "") -> object:
    def make() -> PlainHost:
        return PlainHost(answers={"argumentlist": lambda: [value, kind, mask]})

    return run(f"Validate({test})", make)


@pytest.mark.parametrize(
    ("test", "value", "kind"),
    [
        ("'=', 'Ada'", "Ada", "String"), ("'!=', 'ada'", "Ada", "String"), ("'=', 'ada', true", "Ada", "String"),
        ("'Contains', 'd'", "Ada", "String"), ("'does not  contain', 'D'", "Ada", "String"),
        ("'One Of', 'Bo, Ada'", "Ada", "String"), ("'not one of', 'Bo,Cy'", "Ada", "String"),
        ("'Regex', 'A.a'", "Ada", "String"), ("'regex', 'a.A', true", "Ada", "String"),
        ("'<', '10'", "9", "Integer"), ("'=', '1.50'", "1.5", "Double"), ("'Between', '1,10'", "10", "Long"),
        ("'Not Between', '1,10'", "11", "Float"), ("'>=', '2026-03-01'", "2026-03-01", "Date"),
        ("'<', '<'", "9", "String"), ("'between', '2026-01-01, 2026-12-31'", "March 1, 2026", "Date"),
    ],
)  # fmt: skip
def test_values_that_pass_their_test(test: str, value: str, kind: str) -> None:
    assert validated(test, value, kind) is True


@pytest.mark.parametrize(
    ("test", "value", "kind"),
    [
        ("'=', 'ada'", "Ada", "String"), ("'Regex', 'A'", "Ada", "String"), ("'<', '10'", "9", "String"),
        ("'<', '10'", "many", "Integer"), ("'=', 'x'", "x", "Integer"), ("'<', '2026-01-01'", "soon", "Date"),
        ("'=', 'NaN'", "NaN", "Double"), ("'Contains', 'D'", "Ada", "String"),
    ],
)  # fmt: skip
def test_values_that_do_not(test: str, value: str, kind: str) -> None:
    assert validated(test, value, kind) is False


def test_dates_are_read_by_their_mask() -> None:
    assert validated("'<', '02.01.2026'", "01.02.2025", "Date", "dd.mm.yyyy") is True
    assert validated("'<', '02.01.2026'", "2025-02-01", "Date", "dd.mm.yyyy") is False


def test_validation_needs_a_test_it_knows_and_a_value() -> None:
    assert "no test" in error("Validate('like', 'x')").message
    assert "two values" in error("Validate('between', 'x')").message
    assert isinstance(error("Validate('=', 'x')", PlainHost), Unavailable)


# Source nodes


def test_a_missing_node_has_nothing() -> None:
    def make() -> PlainHost:
        return PlainHost(nodes=lambda _path: None)

    names = ("AttrNames", "ElementNames", "InstanceArray", "InstanceElementArray")
    assert all(run(f"GetSource{name}([a])", make) == [] for name in names)
    assert run("Length(GetSourceInstanceMap([a])) + Length(GetSourceInstanceElementMap([a]))", make) == 0
    assert run("GetInputString([a]) + GetInputString(5)", make) == ""
    assert run("GetXMLString([a])", make) is None


def test_node_functions_need_a_node() -> None:
    assert "source node" in error("GetSourceInstanceMap('a')").message
    assert "no source document" in error("GetSourceInstanceMap([a])", PlainHost).message


# Debugging


@pytest.mark.parametrize("engine", list(ENGINES))
def test_a_break_halts_where_somebody_follows(engine: str) -> None:
    halted: list[str] = []

    host = PlainHost(paused=lambda: halted.append("here"))
    script = parse("{DebugBreak(), DebugBreak(1 > 2), DebugBreak('t')}")
    assert ENGINES[engine](script, host) == [True, False, True]
    assert halted == ["here", "here"]
    assert ENGINES[engine](script, PlainHost()) == [True, False, True]


# What is declared only


def test_functions_of_other_systems_say_that_they_are_not_available() -> None:
    elsewhere = [function for function in FUNCTIONS.values() if not function.available and not function.gives]
    assert len(elsewhere) > 50
    make: Callable[[], PlainHost] = PlainHost
    for function in elsewhere:
        arguments = ", ".join(["'x'"] * function.minimum)
        raised = error(f"{function.name}({arguments})", make)
        assert isinstance(raised, Unavailable)
        assert function.name in raised.message
