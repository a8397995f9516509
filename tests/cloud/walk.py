"""Walking every route as everybody: what comes out is a list of complaints, empty when nobody gets what is not theirs.

What a route needs is read from `needs.txt`, not from the program: a need taken away there is a complaint here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cloud.access.rights import Need, Right, Who
from cloud.access.routes import GuardedRoute
from cloud.app import guarded_routes
from studio.protocol.manifests import hash_of
from tests.cloud.conftest import ALL, Organization, Person, Running
from tests.cloud.pushes import new_project

T = TypeVar("T")
NEEDS = Path(__file__).with_name("needs.txt")
CANARY = "canary-7351"
CONTENT = f"{CANARY}: content".encode()
HOME, OTHER = "test", "production"


def line_of(route: GuardedRoute, method: str) -> str:
    """A route as it stands in needs.txt."""
    need = route.spec.need
    words = [method, route.path, str(need.who)]
    if need.right is not None:
        words.append(str(need.right))
    return " ".join([*words, *(["by_handler"] if need.by_handler else [])])


def lines(running: Running) -> list[str]:
    """All routes as they stand in needs.txt."""
    return sorted(line_of(route, method) for route in guarded_routes(running.app) for method in route.methods)


def written_needs() -> dict[tuple[str, str], Need]:
    """What needs.txt says of the API, by method and path. Pages for browsers have nothing of their own to give: they
    ask the API as whoever looks at them."""
    found = {}
    for line in NEEDS.read_text().splitlines():
        if " /api/" in line and not line.startswith("#"):
            method, path, who, *rest = line.split()
            right = next((Right(word) for word in rest if word != "by_handler"), None)
            found[method, path] = Need(Who(who), right, "by_handler" in rest)
    return found


@dataclass
class World:
    """Two organizations with the same things in them, and everybody who may try something."""

    here: Organization
    there: Organization
    things: dict[str, str]
    foreign: dict[str, str]
    outsiders: dict[str, Person]
    # A member's name → the rights it has, by environment.
    held: dict[str, dict[str, frozenset[Right]]] = field(default_factory=dict)


def make_world(server: Running) -> World:
    """Members with each single right in the home environment, all rights there, all rights elsewhere, none, admin.

    `victim` is whom paths name: a member who may be taken out.
    """
    held: dict[str, dict[str, frozenset[Right]]] = {
        f"only_{right}": {HOME: frozenset([right])} for right in Right
    }
    held |= {"all_here": {HOME: ALL}, "all_elsewhere": {OTHER: ALL}, "nothing": {}, "admin": {}, "victim": {}}
    here = server.organization(
        CANARY, {name: ("admin" if name == "admin" else rights) for name, rights in held.items()}
    )
    there = server.organization(CANARY, {"admin": "admin", "all_here": {HOME: ALL, OTHER: ALL}, "victim": {}})
    held.pop("victim")
    gone = server.join(here, server.person("gone"), "gone", "admin")
    here.people.pop("gone")
    second = server.join(here, server.person("second"), "second", "admin")
    here.people.pop("second")
    closed = second.patch(f"{here.path}/members/{gone.id}", json={"disabled": True})
    # Administrators who come and go leave one who stays.
    assert closed.status_code == 200, closed.text
    outsiders = {
        "foreign admin": there.admin,
        "foreign member": there.all_here,
        "server admin": server.person(server_admin=True),
        "shut out": gone,
        "narrow token": Person(
            here.admin.id, "", here.admin.client, {"Authorization": f"Bearer test:{here.admin.id}:{there.id}"}
        ),
    }
    return World(here, there, things_of(here), things_of(there), outsiders, held)


def things_of(organization: Organization) -> dict[str, str]:
    """Something of each kind a path can name."""
    clone = new_project(organization, organization.all_here, f"{CANARY} project", HOME)
    revision = clone.push({"a.yaml": CONTENT})
    return {
        "org": organization.slug,
        "project": clone.path.rpartition("/")[2],
        "revision": revision["id"],
        "digest": hash_of(CONTENT),
        "environment": HOME,
        "member": organization.victim.id,
        "role": organization.roles["admin"],
        "kind": "schema",
    }


def path_of(path: str, things: dict[str, str]) -> str:
    """The path with something in place of each parameter; what is not known is a name nobody has."""
    parts = []
    for part in path.split("/"):
        inside = part.strip("{}").partition(":")[0]
        parts.append(things.get(inside, "nothing-like-this") if part.startswith("{") else part)
    return "/".join(parts)


# Of routes that decide in the handler: what names the environment, in the query and in the body.
def named(
    path: str, things: dict[str, str], environment: str
) -> tuple[dict[str, str], dict[str, Any]] | None:
    last = path.rpartition("/")[2]
    return {
        "projects": ({}, {"name": f"{CANARY} new", "environment": environment}),
        "deployments": (
            {"environment": environment},
            {"environment": environment, "scope": "whole", "revision": things["revision"], "seen": None},
        ),
        "deployment-plan": ({"environment": environment, "revision": things["revision"]}, {}),
        "promotion-plan": ({"source": OTHER, "target": environment}, {}),
        "promotions": (
            {},
            {"source": OTHER, "target": environment, "source_tree": "0" * 64, "target_tree": None},
        ),
    }.get(last)


class Walk:
    """One walk over some routes; a `thin` one takes for each route some of the people, each time others."""

    def __init__(
        self, server: Running, world: World, routes: list[tuple[str, str]], *, thin: bool = False
    ) -> None:
        self.thin = thin
        self.server, self.world = server, world
        self.routes = routes
        self.needs = written_needs()
        self.asked = 0
        self._turn = 0

    def complaints(self) -> Iterator[str]:
        """Everything that is not as it should be."""
        for method, path in self.routes:
            need = self.needs[method, path]
            if need.who is Who.PUBLIC:
                continue
            yield from self._stranger(method, path)
            if need.who is Who.SERVER_ADMIN:
                for person in (self.world.here.admin, self.world.here.all_here):
                    yield from self._refused(
                        f"{method} {path} as a member", self._ask(person, method, path), 403
                    )
            if need.in_organization:
                yield from self._outsiders(method, path)
                yield from self._members(method, path, need)
                yield from self._foreign_things(method, path)

    def _stranger(self, method: str, path: str) -> Iterator[str]:
        yield from self._refused(
            f"{method} {path} as nobody", self._ask(self.server.stranger, method, path), 401
        )

    def _outsiders(self, method: str, path: str) -> Iterator[str]:
        for name, person in self._some(list(self.world.outsiders.items()), 1):
            where = f"{method} {path} as {name}"
            answer = self._ask(person, method, path)
            yield from self._refused(where, answer, 404)
            missing = self._ask(person, method, path, self.world.things | {"org": "no-such-organization"})
            if self._plain(answer) != self._plain(missing):
                yield f"{where}: told apart from an organization that is not there"

    def _members(self, method: str, path: str, need: Need) -> Iterator[str]:
        for name in self._some(list(self.world.held), 3):
            person = self.world.here.people[name]
            where = f"{method} {path} as {name}"
            status = self._expected(name, need, HOME)
            answer = self._ask(person, method, path)
            if need.by_handler and (status or name != "all_here"):
                # Several environments may have their say: whose word counts first is the handler's affair.
                if status and answer.status_code not in (403, 404):
                    yield f"{where}: {answer.status_code}, not refused: {answer.text[:200]}"
            elif need.by_handler and "promotion" in path:
                # Every right at one end alone is not enough.
                yield from self._refused(where, answer, 404)
            elif status:
                yield from self._refused(where, answer, status)
            elif answer.status_code in (401, 403) or answer.status_code >= 500:
                yield f"{where}: refused with {answer.status_code}"

    def _foreign_things(self, method: str, path: str) -> Iterator[str]:
        """Somebody with every right here names what belongs to the other organization."""
        for name in self._some(["admin", "all_here"], 1):
            things = self.world.foreign | {"org": self.world.here.slug}
            things["environment"] = self.world.there.environments[HOME]
            if path_of(path, things) == path_of(path, self.world.things):
                continue
            answer = self._ask(self.world.here.people[name], method, path, things)
            if answer.status_code < 400 or CANARY in answer.text:
                yield f"{method} {path} as {name}, with a foreign id: {answer.status_code}"

    def _some(self, everybody: list[T], few: int) -> list[T]:
        self._turn += 1
        start = self._turn * few % len(everybody)
        return (everybody[start:] + everybody[:start])[:few] if self.thin else everybody

    def _expected(self, name: str, need: Need, environment: str) -> int:
        """The status of a refusal, 0 where the member may."""
        if need.who is Who.ADMIN:
            return 0 if name == "admin" else 403
        if need.who is not Who.ENVIRONMENT:
            return 0
        rights = self.world.held[name].get(environment, frozenset())
        if need.right in rights:
            return 0
        return 403 if rights or name == "admin" else 404

    def _ask(self, person: Person, method: str, path: str, things: dict[str, str] | None = None) -> Any:
        self.asked += 1
        things = things or self.world.things
        more: dict[str, Any] = {}
        if self.needs[method, path].by_handler:
            given = named(path, things, things["environment"])
            assert given is not None, (
                f"{path} decides in its handler: say in `named` what names the environment"
            )
            more = {"params": given[0]} if method == "GET" else {"json": given[1]}
        return person.ask(method, path_of(path, things), **more)

    def _refused(self, where: str, answer: Any, status: int) -> Iterator[str]:
        if answer.status_code != status:
            yield f"{where}: {answer.status_code} instead of {status}: {answer.text[:200]}"
        if CANARY in answer.text.replace(self.world.here.slug, ""):
            yield f"{where}: tells what it should not"

    @staticmethod
    def _plain(answer: Any) -> Any:
        body = answer.json()
        body.pop("request_id", None)
        return answer.status_code, body
