"""Getting out of the building: proxies, trust, the one place an HTTP client is made."""

import sys

# httpx imports its own command line program where it can, and with it rich and pygments: a fifth of our start, unused.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
