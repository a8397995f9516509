"""Every route of the application, asked by every kind of person with what its description allows and forbids.

No request, whatever it holds, is answered with a server error or with something the description does not promise.
"""

from __future__ import annotations

import contextlib
import json
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable

from cloud.access.rights import Right
from cloud.app import guarded_routes
from cloud.projects.parameters import BINARY
from cloud.projects.upload_routes import TYPE as OFFSET_TYPE
from studio.protocol import sealed
from studio.protocol.packs import MEDIA_TYPE
from tests.cloud.conftest import FULL, Organization, Person, Running
from tests.cloud.pushes import BOTH_WHEN_FULL, SOME, new_project

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import checks as known_checks
    from schemathesis.generation import GenerationMode

Case = Any
# A route that takes nothing but names in its path cannot be asked wrongly in any other way.
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
EVERYTHING = {name: set(Right) for name in ("development", "test", "production")}
# What a request of the description's own making may be refused with: for what it names, not for how it looks.
BREAKS = "a request the description allows was refused for its form"


# The full run is cut into so many, each with its own world: none takes many minutes.
PIECES = 16 if FULL else 1


@dataclass
class World:
    """An organization with one of everything, so that requests find something."""

    server: Running
    here: Organization
    people: dict[str, Person]
    found: dict[str, list[str]]


@pytest.fixture
def world(server: Running) -> World:
    here = server.organization(
        people={
            "admin": "admin",
            "almighty": EVERYTHING,
            "reader": {"test": {Right.READ}},
            "writer": {"test": {Right.READ, Right.WRITE}},
            "guest": {},
        }
    )
    there = server.organization(people={"foreign": EVERYTHING})
    clone = new_project(here, here.almighty)
    revision = clone.push(SOME)["id"]
    body = {"environment": "test", "revision": revision, "scope": "whole", "seen": None}
    assert here.almighty.post(f"{clone.path}/deployments", json=body).status_code == 201
    key = sealed.public_text(sealed.new_key().public_key())
    assert here.admin.put(f"{here.path}/sealing-key", json={"public": key}).status_code == 200
    upload = here.almighty.post(f"{clone.path}/uploads", json={"hash": "0" * 64, "size": 9}).json()["id"]
    manifest = here.almighty.get(f"{clone.path}/revisions/{revision}/manifest").json()
    people = {
        "stranger": server.stranger,
        "foreign": there.foreign,
        "server administrator": server.person("root", server_admin=True),
        **here.people,
    }
    found = {
        "org": [here.id, here.slug],
        "environment": ["test", here.environments["production"]],
        "project": [clone.path.rpartition("/")[2]],
        "revision": [revision],
        "upload": [upload],
        "digest": [entry["hash"] for entry in manifest],
        "user": [person.id for person in here.people.values()],
        "role": list(here.roles.values()),
    }
    return World(server, here, people, found)


@schemathesis.serializer(MEDIA_TYPE, OFFSET_TYPE, BINARY)
def _bytes(_context: Any, value: Any) -> Any:
    """Bodies that are bytes go as they are."""
    return getattr(value, "data", value) if not isinstance(value, bytes) else value


def operations(app: Any) -> Iterator[Any]:
    """Every route of the description, as schemathesis knows it."""
    schema = schemathesis.openapi.from_dict(app.openapi())
    for result in schema.get_all_operations():
        yield result.ok()


def ask(world: World, who: Person, case: Case, real: random.Random) -> httpx.Response:
    """Send what was generated, with names of things that exist in most of its path."""
    for name in case.path_parameters or {}:
        if name in world.found and real.random() < 0.9:
            case.path_parameters[name] = real.choice(world.found[name])
    told = case.as_transport_kwargs(base_url="https://weft.example")
    headers = {name: value for name, value in dict(told.get("headers") or {}).items() if value is not None}
    request = {name: told[name] for name in ("json", "params") if told.get(name) is not None}
    if told.get("cookies"):
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in told["cookies"].items())
    if told.get("data") is not None:
        request["content"] = (
            told["data"] if isinstance(told["data"], bytes | str) else json.dumps(told["data"])
        )
    return world.server.client.request(
        told["method"], told["url"], headers={**headers, **who.headers}, follow_redirects=False, **request
    )


CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


known_checks.load_all_checks()
CHECKED = [known_checks.CHECKS.get_one(name) for name in CHECKS]


@BOTH_WHEN_FULL
@pytest.mark.parametrize("piece", range(PIECES))
def test_no_request_breaks_the_contract(world: World, share: Callable[[int], int], piece: int) -> None:
    every = list(operations(world.server.app))
    told = {(operation.path, operation.method.upper()) for operation in every}
    described = [route for route in guarded_routes(world.server.app) if route.include_in_schema]
    assert {(route.path, method) for route in described for method in route.methods} == told
    real, names = random.Random(9 + piece), sorted(world.people)
    few = share(1000) <= 20
    broken: list[str] = []
    for number, operation in list(enumerate(every))[piece::PIECES]:
        modes = MODES if operation.body or operation.query or operation.headers else MODES[:1]
        # What is asked wrongly costs most to make: the quick run asks every other route so.
        modes = modes[:1] if few and number % 2 else modes
        for turn, mode in enumerate(modes):
            strategy = operation.as_strategy(generation_mode=mode)
            # In the quick run who may do everything asks rightly, and the others in turn ask wrongly.
            for who in [names[number % len(names)] if turn else "almighty"] if few else names:
                broken += one(world, strategy, who, mode, 1 if few else 20, real)
    assert not broken, "\n\n".join([f"{len(broken)} broken", *broken[:40]])


def one(world: World, strategy: Any, who: str, mode: Any, count: int, real: random.Random) -> list[str]:
    """What goes wrong when somebody asks one route so many times."""
    wrong: list[str] = []

    @seed(count)
    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet,
    )  # fmt: skip
    @given(strategy)
    def run(case: Case) -> None:
        answer = ask(world, world.people[who], case, real)
        text = f"{who}: {mode} {answer.request.method} {answer.request.url} {case.body!r} → {answer.status_code} {answer.text[:600]}"
        try:
            case.validate_response(answer, checks=CHECKED)
        except BaseException as error:
            wrong.append(f"{text}\n{str(error)[:1500]}")
        if (
            mode is GenerationMode.POSITIVE
            and answer.status_code == 422
            and answer.json().get("code") == "invalid"
        ):
            wrong.append(f"{BREAKS}: {text}")

    # Not everything can be said wrongly: a text without a pattern may be any.
    with contextlib.suppress(Unsatisfiable):
        run()
    return wrong
