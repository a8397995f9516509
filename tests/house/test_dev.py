"""dev.py on systems we do not have here: the platform is faked, the decisions are real."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def debian(dev: ModuleType) -> ModuleType:
    """What dev.py knows of Debian: packaging/debian.py, as dev.py loads it."""
    module: ModuleType = dev.debian
    return module


@pytest.mark.parametrize("file", ["dev.py", "packaging/debian.py"])
def test_imports_the_standard_library_only(file: str) -> None:
    import ast

    tree = ast.parse((ROOT / file).read_text())
    names = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    assert names <= set(sys.stdlib_module_names)


def test_windows_and_macos_always_have_a_display(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    for platform, shown in (("win32", True), ("darwin", True), ("linux", False)):
        monkeypatch.setattr(sys, "platform", platform)
        assert dev.has_display() is shown
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert dev.has_display() is True


def test_programs_are_found_where_each_system_puts_them(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dev.venv_program("weft") == ROOT / ".venv" / "bin" / "weft"
    monkeypatch.setattr(dev, "WINDOWS", True)
    assert str(dev.venv_program("weft")).replace("\\", "/").endswith(".venv/Scripts/weft.exe")


def test_no_system_package_is_asked_for_on_windows_and_macos(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(debian, "apt_install", lambda names: pytest.fail(f"installed {names}"))
    for platform in ("win32", "darwin"):
        monkeypatch.setattr(sys, "platform", platform)
        debian.system_packages(["libegl1"], needed_for="the window")
    assert capsys.readouterr().out == ""


def test_without_root_the_exact_command_is_told(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(debian, "debian", lambda: True)
    monkeypatch.setattr(debian, "debian_root", lambda: False)
    monkeypatch.setattr(debian, "missing_packages", lambda names: ["libegl1"])
    debian.system_packages(["libegl1", "libgl1"], needed_for="the window")
    assert "apt-get install libegl1" in capsys.readouterr().out


def test_an_old_python_hands_over_to_a_newer_one(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(
        dev.shutil, "which", lambda name: f"/somewhere/{name}" if name == "python3.12" else None
    )
    called: list[list[str]] = []
    monkeypatch.setattr(dev.subprocess, "call", lambda command: called.append(command) or 7)
    with pytest.raises(SystemExit) as ended:
        dev.need_python(["test"])
    assert ended.value.code == 7
    assert called[0][0] == "/somewhere/python3.12"
    assert called[0][-1] == "test"


def test_an_old_python_without_a_newer_one_says_what_to_install(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(dev.shutil, "which", lambda name: None)
    with pytest.raises(dev.SetupError, match=r"3\.11 or newer; this is 3\.9\.2"):
        dev.need_python(["run"])


def test_an_installed_lock_is_not_installed_again(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "VENV", tmp_path)
    calls: list[object] = []
    monkeypatch.setattr(dev, "must", lambda *command, what: calls.append(what))
    dev.install("app.txt")
    dev.install("app.txt")
    assert calls == ["Installing the packages", "Installing the project"]


@pytest.mark.parametrize(
    ("codes", "failures", "passed", "runs"),
    [
        ([0], [], True, 1),
        ([1, 0], ["tests/test_a.py::test_b"], True, 2),
        ([1, 1], ["tests/test_a.py::test_b"], False, 2),
        ([1], [f"tests/test_a.py::test_{n}" for n in range(13)], False, 1),
        ([1], [], False, 1),
        ([3], ["tests/test_a.py::test_b"], False, 1),
    ],
    ids=["passes", "passes alone", "fails twice", "too many", "nothing named", "pytest broke"],
)
def test_few_failures_are_tried_once_more_alone(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    codes: list[int],
    failures: list[str],
    passed: bool,
    runs: int,
) -> None:
    called: list[tuple[str, ...]] = []

    def call(*command: str, env: dict[str, str]) -> int:
        called.append(command)
        if "WEFT_FAILED" in env and failures:
            Path(env["WEFT_FAILED"]).write_text("\n".join(failures))
        return codes[len(called) - 1]

    monkeypatch.setattr(dev, "DEV", tmp_path)
    monkeypatch.setattr(dev, "call", call)
    assert dev.pytest(["pytest", "-q", "-n", "2", "--dist", "loadfile"], ["tests/x"], {}) is passed
    assert len(called) == runs
    assert called[0][-1] == "tests/x"
    if runs == 2:
        assert called[1] == ("pytest", "-q", "-n", "0", *failures)
    assert capsys.readouterr().out.count("UNSTEADY") == (len(failures) if passed and failures else 0)


def test_postgresql_is_installed_without_setting_a_server_up(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "createcluster.d" / "weft-tests.conf"
    seen: list[tuple[list[str], str]] = []
    monkeypatch.setattr(debian, "CREATE_CLUSTER", note)
    monkeypatch.setattr(debian, "apt_install", lambda names: seen.append((names, note.read_text())))
    monkeypatch.setattr(debian, "debian_root", lambda: True)
    monkeypatch.setattr(debian, "postgresql_here", lambda: False)
    monkeypatch.setattr(debian, "missing_packages", lambda names: names)
    monkeypatch.setattr(debian.shutil, "which", lambda name, **_where: f"/usr/bin/{name}")
    debian.test_programs(full=False)
    assert seen == [(["postgresql"], "create_main_cluster = false\n")]
    assert not note.exists()


def test_where_postgresql_was_installed_before_nothing_is_written(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(debian, "CREATE_CLUSTER", tmp_path / "weft-tests.conf")
    asked: list[list[str]] = []
    monkeypatch.setattr(debian, "install_postgresql", lambda: pytest.fail("written"))
    monkeypatch.setattr(debian, "system_packages", lambda names, needed_for: asked.append(names))
    monkeypatch.setattr(debian, "debian_root", lambda: True)
    monkeypatch.setattr(debian, "missing_packages", lambda names: [])
    monkeypatch.setattr(debian.shutil, "which", lambda name, **_where: f"/usr/bin/{name}")
    monkeypatch.setattr(debian, "postgresql_here", lambda: True)
    debian.test_programs(full=False)
    assert asked == []
    monkeypatch.setattr(debian, "postgresql_here", lambda: False)
    debian.test_programs(full=False)
    assert asked == [["postgresql"]]


def test_elsewhere_it_is_said_what_to_install(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(debian, "postgresql_here", lambda: False)
    monkeypatch.setattr(debian, "debian_root", lambda: False)
    monkeypatch.setattr(debian.shutil, "which", lambda name, **_where: f"/usr/bin/{name}")
    debian.test_programs(full=False)
    assert "install PostgreSQL" in capsys.readouterr().out


def test_installing_starts_no_service(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(debian, "POLICY", policy)
    answers: list[tuple[str, int | None]] = []
    ask = subprocess.call

    def run(command: tuple[str, ...], **_how: object) -> int:
        asked = ask([str(policy), "squid", "start"]) if policy.exists() else None
        answers.append((command[1], asked))
        return 0

    monkeypatch.setattr(debian.subprocess, "call", run)
    debian.apt_install(["squid"])
    assert answers == [("update", None), ("install", 101)]
    assert not policy.exists()


def test_a_policy_of_the_machine_stays(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(debian, "POLICY", policy)
    with debian.starting_nothing():
        assert policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert policy.read_text() == "#!/bin/sh\nexit 0\n"


def test_a_proxy_that_cannot_be_had_leaves_the_others(
    debian: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[list[str]] = []
    disabled: list[str] = []

    def install(names: list[str]) -> None:
        asked.append(names)
        if "squid" in names:
            raise debian.SetupError("no squid here.")

    monkeypatch.setattr(debian, "apt_install", install)
    monkeypatch.setattr(debian, "debian_root", lambda: True)
    monkeypatch.setattr(debian, "program", lambda name: None)
    monkeypatch.setattr(debian, "_quietly", lambda *command: disabled.append(command[1]))
    debian.proxies()
    assert [names for names in asked[1:] if names != ["squid"]] == [
        ["dante-server"], ["tinyproxy"], ["krb5-kdc"], ["krb5-admin-server"], ["krb5-user"]
    ]  # fmt: skip
    assert disabled == ["squid", "danted", "tinyproxy", "krb5-kdc", "krb5-admin-server"]
    assert "no squid here. The tests of proxies that need it are left out." in capsys.readouterr().out


def test_kerberos_that_cannot_be_built_leaves_its_test_out(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def install(lock: str) -> None:
        raise dev.SetupError(f"{lock} cannot be built.")

    monkeypatch.setattr(dev, "install", install)
    dev.kerberos()
    assert (
        "kerberos.txt cannot be built. The test of a Kerberos proxy is left out." in capsys.readouterr().out
    )
