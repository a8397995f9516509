"""Passwords known from breaches: found wherever they stand in a list of any length, and refused where one is set up."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.identity.breached import Breached
from cloud.identity.parts import set_up
from studio.base.errors import BadInput
from tests.cloud.conftest import Running
from tests.cloud.identity.conftest import SECRET, People

KNOWN = "cinco gatos numa janela"


def write(file: Path, passwords: list[str], end: str = "\r\n") -> Path:
    """A list as the downloader of Have I Been Pwned writes it."""
    hashes = sorted(hashlib.sha1(each.encode()).hexdigest().upper() for each in passwords)
    file.write_text(end.join(f"{each}:{n + 1}" for n, each in enumerate(hashes)), newline="")
    return file


@given(known=st.sets(st.text(max_size=8), min_size=1, max_size=40), other=st.text(max_size=8), end=st.sampled_from(["\n", "\r\n", "\n\n"[:1]]))  # fmt: skip
def test_what_is_in_the_list_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, known: set[str], other: str, end: str
) -> None:
    found = Breached(write(tmp_path_factory.getbasetemp() / "list.txt", sorted(known), end))
    assert all(found.holds(each) for each in known)
    assert found.holds(other) is (other in known)


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    hashes = sorted((hashlib.sha1(bytes([n])).hexdigest() for n in range(9)), reverse=True)
    for text in ("", "password\n", "\n".join(hashes)):
        file.write_text(text)
        with pytest.raises(BadInput):
            Breached(file)
    with pytest.raises(BadInput):
        Breached(tmp_path / "none.txt")


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_breached_password_is_not_taken(server: Running, people: People, tmp_path: Path) -> None:
    write(tmp_path / "list.txt", [KNOWN, "another"])
    server.server.config = replace(server.server.config, breached_passwords=str(tmp_path / "list.txt"))
    set_up(server.server)
    ana = people.signed_in(people.give_password(server.organization(people={"ana": {}}).ana))
    refused = ana.put("/me/password", json={"present": SECRET, "new": KNOWN})
    assert (refused.status_code, refused.json()["faults"]) == (422, ["breached"])
    assert ana.put("/me/password", json={"present": SECRET, "new": KNOWN + "!"}).status_code == 200


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_the_server_may_demand_a_second_factor_of_everybody(server: Running, people: People) -> None:
    here = server.organization(people={"ana": {}})
    ana = people.give_password(here.ana)
    nobodys = people.give_password(server.person("nobodys"))
    assert people.try_password(ana.email).json()["next"] == ""
    server.server.config = replace(server.server.config, second_factor=True)
    for person in (ana, nobodys):
        assert people.try_password(person.email).json()["next"] == "enrol"
