"""Every page as everybody: nobody sees or does by the console what the API would not let them; what they may not do is
not offered."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import cloud.console
from cloud.access.rights import Who
from cloud.access.routes import GuardedRoute
from cloud.app import guarded_routes
from tests.cloud.conftest import FULL, Running
from tests.cloud.walk import make_world, path_of

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
PAGES = ("/console", "/sign-in", "/sign-out", "/invitation", "/set-password", "/forgotten")


def pages(server: Running) -> list[tuple[str, GuardedRoute]]:
    return [
        (method, route)
        for route in guarded_routes(server.app)
        for method in sorted(route.methods - {"HEAD"})
        if route.path.startswith(PAGES) and not route.spec.tries and "sso" not in route.path
    ]


def test_every_page_as_everybody(server: Running) -> None:
    world = make_world(server)
    client, asked = server.client, 0

    def status(name: str, method: str, path: str) -> int:
        headers = world.here.people[name].headers if name else {}
        answer = client.request(method, path, headers=headers, follow_redirects=False)
        return answer.status_code

    found = pages(server)
    for turn, (method, route) in enumerate(found if FULL else found[::2] + found[1::4]):
        need = route.spec.need
        if need.who is Who.PUBLIC:
            continue
        path = path_of(route.path, world.things)
        assert status("", method, path) == 401, f"{method} {path} as nobody"
        asked += 1
        if not need.in_organization:
            continue
        outsiders = ("foreign admin", "shut out", "narrow token")
        for name in outsiders if FULL else (outsiders[turn % 3],):
            person = world.outsiders[name]
            assert client.request(method, path, headers=person.headers).status_code == 404, (
                method,
                path,
                name,
            )
        # A member without any right is refused what needs one, and sees what every member sees.
        wanted = {Who.ADMIN: {403}, Who.ENVIRONMENT: {403, 404, 422}, Who.MEMBER: {200}}[need.who]
        assert status("nothing", method, path) in wanted, f"{method} {path} as a member without rights"
        asked += 1
    assert asked > 50


def test_what_one_may_not_do_is_not_offered(server: Running) -> None:
    """Every link and every form on every page a person reaches leads to something this person may do."""
    world = make_world(server)
    for name in ("only_read", "nothing", "admin", "all_here") if FULL else ("only_read", "admin"):
        headers = world.here.people[name].headers
        seen: set[str] = set()
        todo = ["/console", f"/console{world.here.path}"]
        while todo:
            path = todo.pop()
            # One's own account needs a session, which these callers with tokens have not.
            if path in seen or path.startswith("/console/account") or len(seen) > (60 if FULL else 9):
                continue
            seen.add(path)
            answer = server.client.get(path, headers=headers)
            assert answer.status_code == 200, f"{name} is led to {path}: {answer.status_code}"
            found = re.findall(r'href="(/console[^"#]*)"', answer.text)
            todo += [each.replace("&amp;", "&") for each in found]
            for action in re.findall(r'<form method="post" action="([^"]+)"', answer.text):
                assert "/organizations/" not in action or name in ("admin", "all_here"), (name, path, action)
        assert len(seen) > 5


def test_the_console_has_no_way_of_its_own(server: Running) -> None:
    """No page opens a transaction or knows a table: it asks the API."""
    folder = Path(cloud.console.__file__).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
            assert not any(each.startswith(("cloud.store", "sqlalchemy")) for each in names), file.name
            used = node.attr if isinstance(node, ast.Attribute) else ""
            assert used not in ("tenant", "common", "envelope"), f"{file.name}: {used}"


def test_each_page_that_does_something_needs_what_the_api_needs(server: Running) -> None:
    for method, route in pages(server):
        if method == "POST" and route.spec.does is not None:
            assert route.spec.need == route.spec.does.need, route.path
        if method == "POST" and route.spec.does is None:
            # Shows what a change would be, and changes nothing.
            assert route.path.endswith("/review"), route.path
