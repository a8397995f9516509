"""Addresses and all those above them, kept in step with edits: each with how many of the given ones it stands over."""

from __future__ import annotations

from collections.abc import Iterable

from studio.mapping import address


class Above(dict[str, int]):
    """By address, how many of the given addresses are it or stand below it; nobody changes one that is shown."""

    @staticmethod
    def of(paths: Iterable[str]) -> Above:
        """Those at and above these addresses, each of which is given once."""
        made = Above()
        made._add(paths)
        return made

    def changed(self, gone: Iterable[str], new: Iterable[str]) -> Above:
        """Without some of the addresses and with others."""
        made = Above(self)
        made._add(new)
        for path in gone:
            for each in (path, *address.ancestors(path)):
                made[each] -= 1
                if not made[each]:
                    del made[each]
        return made

    def _add(self, paths: Iterable[str]) -> None:
        for path in paths:
            for each in (path, *address.ancestors(path)):
                self[each] = self.get(each, 0) + 1
