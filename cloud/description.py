"""The API's description (OpenAPI): FastAPI's, with what it leaves open said to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI


def described(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` is to be: made once."""
    usual = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            _close_maps(usual())
        assert app.openapi_schema is not None
        return app.openapi_schema

    return document


def _close_maps(part: Any) -> None:
    """Where names must be of a form, others are not allowed: a pattern alone says nothing about those."""
    if isinstance(part, dict):
        if "patternProperties" in part:
            part.setdefault("additionalProperties", False)
        for each in part.values():
            _close_maps(each)
    elif isinstance(part, list):
        for each in part:
            _close_maps(each)
