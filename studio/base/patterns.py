"""`re.compile` for patterns of modules that most runs load and few use: compiled when first asked for something."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re import compile as pattern
else:
    import re

    class _Later:
        """Stands for a compiled expression; what was asked for once is at hand then."""

        def __init__(self, expression, flags):
            self.__dict__.update(_expression=expression, _flags=flags)

        def __getattr__(self, name):
            value = getattr(re.compile(self._expression, self._flags), name)
            if not name.startswith("__"):
                self.__dict__[name] = value
            return value

    def pattern(expression, flags=0):
        """See re.compile; a mistake in the expression is told when it is used."""
        return _Later(expression, flags)


__all__ = ["pattern"]
