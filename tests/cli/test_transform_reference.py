"""docs/reference/transform.md: every option of the commands stands there, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from studio.cli import test as testing
from studio.cli import transform

PAGE = (Path(__file__).parents[2] / "docs/reference/transform.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "module"), [("transform", transform), ("test", testing)])
def test_every_option_is_explained(name: str, module: object) -> None:
    app = typer.Typer()
    module.register(app)  # type: ignore[attr-defined]
    command = get_command(app)
    known = {
        max((each for each in option.opts if each.startswith("--")), key=len)
        for option in command.params
        if option.param_type_name == "option"
    } - {"--help", "--install-completion", "--show-completion"}
    section = PAGE.split(f"## `weft {name} ")[1].split("\n## ")[0]
    told = set(re.findall(r"^\| .*?`(--[a-z]+)` \|", section, re.MULTILINE))
    assert told == known
