"""The unit, the image and the compose file: as far as they can be tried without installing them."""

from __future__ import annotations

import gettext
import importlib.util
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from cloud.config import Config, Limits

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = ROOT / "packaging" / "server"


def compose() -> Any:
    return yaml.safe_load((SERVER / "compose.yaml").read_text())


def test_the_compose_file_keeps_the_database_inside() -> None:
    services = compose()["services"]
    assert set(services) == {"database", "server"}
    assert services["database"]["networks"] == ["inside"]
    assert "ports" not in services["database"]
    assert compose()["networks"]["inside"] == {"internal": True}
    assert services["server"]["read_only"] is True
    assert services["server"]["cap_drop"] == ["ALL"]
    assert services["server"]["depends_on"]["database"]["condition"] == "service_healthy"
    seconds = int(services["server"]["stop_grace_period"].removesuffix("s"))
    from cloud.running import LAST_SECONDS

    assert seconds > LAST_SECONDS


def test_no_secret_is_written_into_the_compose_file() -> None:
    for service in compose()["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|OWNER", name) and "INITDB" not in name:
                assert "${" in value, name


def test_docker_understands_the_compose_file() -> None:
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("NO DOCKER COMPOSE HERE: the file is parsed and looked at only")
    env = {
        "POSTGRES_PASSWORD": "x",
        "WEFT_CLOUD_EMAIL": "a@b.c",
        "WEFT_CLOUD_URL": "https://x",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        ["docker", "compose", "-f", SERVER / "compose.yaml", "config", "-q"],
        capture_output=True, text=True, env=env, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_image_runs_as_nobody_in_particular_on_locked_packages() -> None:
    text = (SERVER / "Dockerfile").read_text()
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    assert any("--require-hashes -r requirements/cloud.txt" in line for line in lines)
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER weft"]
    assert lines.index("USER weft") < next(n for n, line in enumerate(lines) if line.startswith("ENTRYPOINT"))
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
    assert (ROOT / "requirements" / "cloud.txt").exists()


def test_the_image_speaks_both_languages(tmp_path: Path) -> None:
    """Catalogues are made where the wheel is built: a checkout holds their sources only."""
    hook = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["hooks"]["custom"]
    assert f"COPY {hook['path']} {hook['path']}\n" in (SERVER / "Dockerfile").read_text()
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / hook["path"])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path / "pt_BR" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "weft.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Members"\nmsgstr "Membros"\n'
    )
    [made] = module.compile_catalogues(tmp_path)
    assert made == folder / "weft.mo"
    assert gettext.translation("weft", tmp_path, ["pt_BR"]).gettext("Members") == "Membros"


def test_the_start_script_is_one_the_shell_understands() -> None:
    script = SERVER / "start.sh"
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert "unset WEFT_CLOUD_OWNER" in script.read_text()


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (SERVER / "weft-cloud.service").read_text()
    assert "NoNewPrivileges=yes" in text
    assert "ProtectSystem=strict" in text
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NO SYSTEMD HERE: the unit is looked at only")
    unit = tmp_path / "weft-cloud.service"
    unit.write_text(text.replace("/opt/weft/bin/weft-cloud serve", "/bin/true").replace("=weft\n", "=root\n"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if "weft-cloud.service" in line]
    assert complaints == []


def test_the_document_names_every_setting_and_verb() -> None:
    text = (ROOT / "docs" / "server.md").read_text()
    from cloud.__main__ import commands

    names = [name for name in Config.__dataclass_fields__ if name not in ("folder", "limits", "language")]
    for name in [*names, *Limits.__dataclass_fields__]:
        assert re.search(rf"`[^`]*\b{name}\b[^`]*`", text), name
    verbs = [
        command.name or command.callback.__name__
        for command in commands.registered_commands
        if command.callback
    ]
    verbs += [group.name for group in commands.registered_groups if group.name]
    for verb in verbs:
        assert re.search(rf"weft-cloud {verb}\b|`{verb}`", text), verb
