"""Addresses, rates, sizes, logs and metrics: what the outermost layer lets through, and what it tells."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from cloud.access.context import Ctx
from cloud.access.rights import Need
from cloud.access.routes import Routes
from cloud.addresses import Proxies, plain
from cloud.app import add
from cloud.config import Limits
from cloud.log import JsonLines, event, logger
from cloud.metrics import Metrics
from cloud.rates import Rates
from cloud.traffic import language_of
from tests.cloud.conftest import Running


def seen(peer: str, *forwarded: str, trusted: tuple[str, ...] = ("10.0.0.0/8",)) -> str:
    headers = Headers(raw=[(b"x-forwarded-for", text.encode()) for text in forwarded])
    return Proxies(trusted).resolve({"type": "http", "client": (peer, 1)}, headers)[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        # Nobody else's word counts.
        ("203.0.113.9", ("127.0.0.1",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.7",), "198.51.100.7"),
        # What the caller put in front is hearsay.
        ("10.0.0.1", ("127.0.0.1, 198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("127.0.0.1", "198.51.100.7, 10.0.0.2"), "198.51.100.7"),
        # A proxy we trust says what is no address: nobody knows whose it is.
        ("10.0.0.1", ("nonsense",), ""),
        ("10.0.0.1", ("198.51.100.7, nonsense",), ""),
        ("10.0.0.1", ("10.0.0.3, 10.0.0.2",), "10.0.0.3"),
        ("::ffff:10.0.0.1", ("::ffff:198.51.100.7",), "198.51.100.7"),
        ("10.0.0.1", ("[2001:db8::7]",), "2001:db8::7"),
    ],
)
def test_whose_request_it_is(peer: str, forwarded: tuple[str, ...], found: str) -> None:
    assert seen(peer, *forwarded) == found


@given(st.text(max_size=60))
def test_whoever_is_no_proxy_is_taken_for_himself_whatever_he_says(said: str) -> None:
    assert seen("203.0.113.9", said.encode("utf-8", "replace").decode("latin-1")) == "203.0.113.9"


@given(st.text(max_size=50))
def test_any_text_is_an_address_or_none(said: str) -> None:
    found = plain(said)
    assert found is None or plain(str(found)) == found


def test_tls_at_the_proxy_counts_only_if_we_trust_it(server: Running) -> None:
    plain_http = server.client.get("http://weft.example/health", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in plain_http.headers
    assert "strict-transport-security" in server.client.get("/health").headers


def test_a_bucket_takes_so_many_at_once_and_then_one_at_a_time() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    assert [rates.take("a", 3) for _n in range(4)] == [0, 0, 0, 20]
    assert rates.take("b", 3) == 0
    now[0] = 19.0
    assert rates.take("a", 3) == 1
    now[0] = 20.0
    assert rates.take("a", 3) == 0
    assert rates.take("a", 3) == 20
    now[0] = 1000.0
    assert [rates.take("a", 3) for _n in range(4)] == [0, 0, 0, 20]


def test_too_many_requests_are_told_when_to_come_back(server: Running) -> None:
    limits = replace(Limits(), per_minute=5)
    traffic = server.app.middleware_stack
    while not hasattr(traffic, "rates"):
        traffic = traffic.app
    traffic.config = replace(traffic.config, limits=limits)
    answers = [server.client.get("/health") for _n in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "too_many_requests"
    assert int(answers[-1].headers["retry-after"]) >= 1


def takes(server: Running) -> None:
    routes = Routes("/takes", "takes")

    @routes.post("", need=Need.public(), audit=None, body=1000)
    def take(body: dict[str, Any]) -> int:
        return len(body)

    @routes.post("/fails", need=Need.public(), audit=None)
    def fail(ctx: Ctx, body: dict[str, Any], code: str = "") -> int:
        raise RuntimeError(f"canary {body}")

    add(server.app, routes)


def test_a_body_over_the_limit_is_refused_before_it_is_read(server: Running) -> None:
    takes(server)
    path = "/api/v1/takes"
    assert server.client.post(path, json={"a": "x" * 900}).status_code == 200
    large = server.client.post(path, json={"a": "x" * 1000})
    assert (large.status_code, large.json()["code"], large.json()["limit"]) == (413, "too_large", 1000)

    def pieces() -> Any:
        yield b'{"a": "'
        for _n in range(20):
            yield b"x" * 100
        yield b'"}'

    unsized = server.client.post(path, content=pieces(), headers={"Content-Type": "application/json"})
    assert (unsized.status_code, unsized.json()["code"]) == (413, "too_large")
    odd = server.client.post(
        path, content=b"{}", headers={"Content-Length": "-1", "Content-Type": "application/json"}
    )
    assert odd.status_code in (400, 413)
    packed = server.client.post(path, content=b"x", headers={"Content-Encoding": "gzip"})
    assert (packed.status_code, packed.json()["code"]) == (415, "encoded_body")


CANARIES = ("canary-body", "canary-query", "canary-token", "canary-path", "canary-cookie", "canary-header")


def test_nothing_that_was_sent_is_in_the_log(server: Running) -> None:
    takes(server)
    server.expected_errors = 1
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    sent: dict[str, Any] = {
        "json": {"password": "canary-body"},
        "params": {"code": "canary-query"},
        "headers": {
            "Authorization": "Bearer canary-token",
            "Cookie": "a=canary-cookie",
            "X-Other": "canary-header",
            "X-Request-Id": "canary path!",
        },
    }
    try:
        for path in (
            "/api/v1/takes/fails",
            "/api/v1/organizations/canary-path",
            "/canary-path",
            "/api/v1/sign-in",
        ):
            server.client.post(path, **sent)
    finally:
        logger.removeHandler(handler)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in lines].count("request") == 4
    assert not [canary for canary in CANARIES if canary in stream.getvalue()]
    [error] = [line for line in lines if line["event"] == "error"]
    assert error["error"] == "RuntimeError"
    assert any("test_limits.py" in frame for frame in error["trace"])
    assert error["request_id"] in {line["request_id"] for line in lines if line["event"] == "request"}


def test_the_logs_of_others_are_told_without_their_arguments() -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "x.py", 1, "sent %s", ("canary-body",), None)
    said = json.loads(JsonLines().format(record))
    assert said["event"] == "sent %s"
    assert "canary" not in json.dumps(said)


def test_a_mistake_is_answered_plainly_with_its_id(server: Running) -> None:
    takes(server)
    server.expected_errors = 1
    answer = server.client.post("/api/v1/takes/fails", json={"a": "canary-body"})
    assert answer.status_code == 500
    assert answer.json()["code"] == "server_error"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "canary" not in answer.text
    assert "x-content-type-options" in answer.headers


def test_a_given_request_id_is_kept_if_it_is_one(server: Running) -> None:
    good = server.client.get("/health", headers={"X-Request-Id": "abcdef-0123456789"})
    assert good.headers["x-request-id"] == "abcdef-0123456789"
    for bad in ("short", "a b c d e f g h", "x" * 65, "<script>alert(1)</script>"):
        assert server.client.get("/health", headers={"X-Request-Id": bad}).headers["x-request-id"] != bad


def test_metrics_for_the_machine_itself(server: Running) -> None:
    server.client.get("/health")
    text = server.client.get("/metrics").text
    assert 'weft_requests_total{method="GET",route="/health",status="200"} 1' in text
    assert "weft_requests_running 1" in text
    routes = [line for line in text.splitlines() if line.startswith("weft_request_seconds_bucket")]
    assert routes[-1] == 'weft_request_seconds_bucket{le="+Inf"} 1'


def test_counts_add_up_and_labels_are_escaped() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.3, 99.0):
        metrics.begin()
        metrics.end("GET", 'a"b\\c\nd', 200, seconds)
    text = metrics.text()
    assert 'route="a\\"b\\\\c\\nd",status="200"} 3' in text
    assert "weft_request_seconds_count 3" in text
    assert 'le="0.005"} 1' in text
    assert 'le="0.5"} 2' in text
    assert 'le="10.0"} 2' in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [("", None), ("pt-BR,en", "pt_BR"), ("de, en;q=0.5", "en"), ("fr", None), (",;,", None), ("EN-us", "en")],
)
def test_the_language_asked_for(asked: str, found: str | None) -> None:
    assert language_of(asked) == found


def test_events_hold_what_they_are_given(server: Running) -> None:
    event("something", n=3)
    assert {"event": "something", "n": 3, "level": "INFO"} in server.log
