"""What rules read and write of the global variables, so that a rule kept from the last preview gives them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from studio.script.tree import Value

_MISSING: Any = object()
# Arrays and dictionaries may be changed by whoever holds them: nothing is told by finding the same one again.
_SHARED = (list, dict)
_PLAIN = (str, int, bool, type(None))


class Trace:
    """The globals that scripts read before they wrote them, and those they wrote, in order.

    `lost` says that they did what cannot be done again by setting variables.
    """

    __slots__ = ("lost", "read", "written")

    def __init__(self) -> None:
        self.read: dict[str, Any] = {}
        self.written: dict[str, Value] = {}
        self.lost = False

    def add(self, later: Trace) -> None:
        """What came later belongs to it too."""
        for name, value in later.read.items():
            if name not in self.written:
                self.read.setdefault(name, value)
        self.written.update(later.written)
        self.lost = self.lost or later.lost


class Watched(MutableMapping[str, Value]):
    """The global variables of a run, with a note of who reads and writes them."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)
        self._trace = Trace()

    def begin(self) -> Trace:
        """From here on another trace is kept; give what this returns to `end`."""
        outer, self._trace = self._trace, Trace()
        return outer

    def end(self, outer: Trace) -> Trace:
        """The trace since `begin`, which belongs to the one around it as well."""
        found, self._trace = self._trace, outer
        outer.add(found)
        return found

    def again(self, trace: Trace) -> bool:
        """Do again what a trace did, if all it read is as it was then."""
        if trace.lost:
            return False
        for name, value in trace.read.items():
            now = self._values.get(name, _MISSING)
            same = now is value or (type(now) is type(value) and type(now) in _PLAIN and now == value)
            if not same:
                return False
        self._values.update(trace.written)
        self._trace.add(trace)
        return True

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a variable, or the default."""
        value = self._noted(name)
        return default if value is _MISSING else value

    def _noted(self, name: str) -> Any:
        value = self._values.get(name, _MISSING)
        trace = self._trace
        if name not in trace.written and name not in trace.read:
            trace.read[name] = value
            trace.lost = trace.lost or isinstance(value, _SHARED)
        return value

    def __getitem__(self, name: str) -> Value:
        value: Value = self._noted(name)
        if value is _MISSING:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: Value) -> None:
        self._values[name] = value
        self._trace.written[name] = value
        if isinstance(value, _SHARED):
            self._trace.lost = True

    def __delitem__(self, name: str) -> None:
        self._trace.lost = True
        del self._values[name]

    def __iter__(self) -> Iterator[str]:
        self._trace.lost = True
        return iter(self._values)

    def __len__(self) -> int:
        self._trace.lost = True
        return len(self._values)
