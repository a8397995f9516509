"""What no real org has: addresses below /practice by which tests and demos break things and look inside."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from studio.base.errors import BadInput
from studio.practice import faults
from studio.practice.clock import stored
from studio.practice.failures import ApiError
from studio.practice.http.message import Response, empty, json_response
from studio.practice.router import Call, Route, route
from studio.practice.sign_in.sessions import app_from_data


async def state(call: Call) -> Response:
    """GET /practice: clock, faults, calls."""
    org = call.org
    answered = Counter(f"{made.method} {made.status}" for made in org.calls)
    return json_response(
        {
            "now": stored(org.clock.now()),
            "faults": org.faults.as_data(),
            "callsToday": org.calls_today,
            "answered": dict(answered),
            "objects": sorted(sobject.name for sobject in org.catalog),
            "apps": [
                {"client_id": app.client_id, "secret": app.secret, "name": app.name}
                for app in org.sessions.apps.values()
            ],
        }
    )


async def calls(call: Call) -> Response:
    """GET /practice/calls: the last ten thousand requests."""
    return json_response([{"method": m.method, "path": m.path, "status": m.status} for m in call.org.calls])


async def add_fault(call: Call) -> Response:
    """POST /practice/faults: `{"name": …, "value": …, "on": …, "at": …, "times": …}`."""
    try:
        call.org.faults.add(faults.from_data(await call.json_object()))
    except BadInput as error:
        raise ApiError(400, "INVALID_FAULT", str(error)) from error
    return json_response(call.org.faults.as_data(), 201)


async def clear_faults(call: Call) -> Response:
    """DELETE /practice/faults, or one with ?name=."""
    call.org.faults.clear(call.request.query.get("name"))
    return empty()


async def move_clock(call: Call) -> Response:
    """POST /practice/clock: `{"days": 7, "hours": 1, "seconds": 5}`, to add to the org's time."""
    body = await call.json_object()
    try:
        by = timedelta(**{unit: float(body[unit]) for unit in ("days", "hours", "seconds") if unit in body})
        now = call.org.clock.move(by)
    except (TypeError, ValueError, OverflowError) as error:
        raise ApiError(400, "INVALID_CLOCK", str(error)) from error
    return json_response({"now": stored(now)})


async def add_objects(call: Call) -> Response:
    """POST /practice/objects: an object table as text."""
    text = (await call.request.body(1024 * 1024)).decode("utf-8", "replace")
    try:
        names = await call.org.run(call.org.add_objects, text)
    except BadInput as error:
        raise ApiError(400, "INVALID_TABLE", str(error)) from error
    return json_response(names, 201)


async def add_app(call: Call) -> Response:
    """POST /practice/apps: `{"client_id", "name", "secret", "redirects", "public_key"}`."""
    body = await call.json_object()
    if not isinstance(body.get("client_id"), str):
        raise ApiError(400, "INVALID_APP", "An app needs a client_id")
    call.org.sessions.register(app_from_data(body))
    await call.org.run(call.org.keep_sessions)
    return empty(201)


async def reset_calls(call: Call) -> Response:
    """DELETE /practice/calls: a new day begins."""
    call.org.calls.clear()
    call.org.calls_today = 0
    return empty()


def routes() -> list[Route]:
    """The routes of this module."""
    return [
        route("GET", "/practice", state, counted=False),
        route("GET", "/practice/calls", calls, counted=False),
        route("DELETE", "/practice/calls", reset_calls, counted=False),
        route("POST", "/practice/faults", add_fault, counted=False),
        route("DELETE", "/practice/faults", clear_faults, counted=False),
        route("POST", "/practice/clock", move_clock, counted=False),
        route("POST", "/practice/objects", add_objects, counted=False),
        route("POST", "/practice/apps", add_app, counted=False),
    ]
