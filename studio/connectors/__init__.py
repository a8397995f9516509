"""Talking to systems: files, Salesforce."""

import studio.network  # noqa: F401 - before httpx is imported anywhere below
