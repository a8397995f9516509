"""Counts and durations of requests, in Prometheus' text form (version 0.0.4)."""

from __future__ import annotations

import threading

# Upper bounds in seconds.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What one process has done since it started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, int], int] = {}
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self.running = 0

    def begin(self) -> None:
        """A request has come."""
        with self._lock:
            self.running += 1

    def end(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request is answered; `route` is the pattern, never the path itself."""
        with self._lock:
            self.running -= 1
            key = (method, route, status)
            self._counts[key] = self._counts.get(key, 0) + 1
            place = next((n for n, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
            self._buckets[place] += 1
            self._seconds += seconds

    def text(self) -> str:
        """Everything, as Prometheus reads it."""
        with self._lock:
            counts, buckets = sorted(self._counts.items()), list(self._buckets)
            running, seconds = self.running, self._seconds
        lines = [
            "# HELP weft_requests_total Requests answered.",
            "# TYPE weft_requests_total counter",
        ]
        for (method, route, status), n in counts:
            labels = f'method="{_label(method)}",route="{_label(route)}",status="{status}"'
            lines.append(f"weft_requests_total{{{labels}}} {n}")
        lines += [
            "# HELP weft_request_seconds How long answers took.",
            "# TYPE weft_request_seconds histogram",
        ]
        so_far = 0
        for bound, n in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
            so_far += n
            lines.append(f'weft_request_seconds_bucket{{le="{bound}"}} {so_far}')
        lines += [
            f"weft_request_seconds_sum {seconds:.6f}",
            f"weft_request_seconds_count {so_far}",
            "# HELP weft_requests_running Requests being answered.",
            "# TYPE weft_requests_running gauge",
            f"weft_requests_running {running}",
        ]
        return "\n".join(lines) + "\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
