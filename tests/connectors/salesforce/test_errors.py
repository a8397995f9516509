"""What an org says when it refuses, read into parts; and waiting as it asks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.connectors.salesforce.errors import RowError, request_error, row_error
from studio.connectors.salesforce.pace import Pace
from studio.network.retry_after import retry_after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
            RowError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ("Name",)),
        ),
        (
            "STRING_TOO_LONG:Account Name: data value too large: xxx (max length=255):Name --",
            RowError("STRING_TOO_LONG", "Account Name: data value too large: xxx (max length=255)", ("Name",)),
        ),
        (
            "DUPLICATE_VALUE:Duplicate external id specified: A-1:ERP_Id__c, Name --",
            RowError("DUPLICATE_VALUE", "Duplicate external id specified: A-1", ("ERP_Id__c", "Name")),
        ),
        ("ENTITY_IS_DELETED:entity is deleted:--", RowError("ENTITY_IS_DELETED", "entity is deleted")),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION:Website needs https://:--",
         RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Website needs https://")),
        ("InvalidBatch : Field name not found : X", RowError("", "InvalidBatch : Field name not found : X")),
        ("", RowError("", "")),
    ],
)  # fmt: skip
def test_a_rows_error_comes_apart(text: str, expected: RowError) -> None:
    assert row_error(text) == expected


@given(st.text(max_size=60))
def test_any_text_is_taken_and_its_words_stay(text: str) -> None:
    found = row_error(text)
    assert found.message in text


@pytest.mark.parametrize(
    ("status", "body", "code", "exit_code"),
    [
        (401, b'[{"errorCode":"INVALID_SESSION_ID","message":"Session expired"}]', "INVALID_SESSION_ID", 3),
        (400, b'[{"errorCode":"INVALID_FIELD","message":"No such column"}]', "INVALID_FIELD", 2),
        (400, b'{"error":"invalid_grant","error_description":"auth failure"}', "invalid_grant", 2),
        (403, b'[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"over"}]', "REQUEST_LIMIT_EXCEEDED", 3),
        (400, b'[{"errorCode":"ExceededQuota","message":"over"}]', "ExceededQuota", 3),
        (503, b"<html>busy</html>", "HTTP 503", 3),
        (404, b"", "HTTP 404", 2),
        (400, b"[" * 100_000, "HTTP 400", 2),
        (400, b"[3]", "HTTP 400", 2),
    ],
)
def test_a_requests_error(status: int, body: bytes, code: str, exit_code: int) -> None:
    error = request_error(status, body)
    assert (error.code, error.exit_code, error.status) == (code, exit_code, status)
    assert code in error.message
    assert len(error.message) < 1000


def test_what_an_error_means() -> None:
    assert request_error(401, b"").session_over
    assert request_error(503, b"").passing
    quota = request_error(403, b'[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":""}]')
    assert quota.quota_used_up
    assert not quota.passing
    assert "allowance" in quota.next_step


def test_waits_grow_to_the_most() -> None:
    waits = Pace(first=0.25, most=5, growth=2).waits()
    assert [next(waits) for _ in range(7)] == [0.25, 0.5, 1, 2, 4, 5, 5]


def test_retry_after() -> None:
    assert retry_after("3") == 3
    assert retry_after("0.5") == 0.5
    assert retry_after("99999999") == 600
    assert retry_after("-5") == 0
    assert retry_after("nan") is None
    assert retry_after("soon") is None
    assert retry_after(None) is None
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now=784111770) == 7
