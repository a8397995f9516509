"""What a running practice org says of itself; apart from the server, so that whoever starts one need not load it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Ready:
    """Where a running org is and how to get in; `https_url` and `ca` are None without TLS."""

    url: str
    https_url: str | None
    ca: str | None
    access_token: str
    username: str
    password: str

    def as_data(self) -> dict[str, Any]:
        """As the ready line prints it."""
        return asdict(self)
