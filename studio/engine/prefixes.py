"""Names as an XML target writes them: which prefix stands for which namespace."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf


class Prefixes:
    """Names as written in the output; `default` is the namespace written without a prefix."""

    def __init__(self, known: MappingOf[str, str], default: str, *, xml: bool) -> None:
        self._xml = xml
        self._known = {address: prefix for prefix, address in known.items() if prefix}
        self._by_address: dict[str, str] = {"http://www.w3.org/XML/1998/namespace": "xml"}
        self._default = default if xml else ""
        self.declared: dict[str, str] = {"": default} if self._default else {}

    def tag(self, address: str, name: str, attribute: bool) -> str:
        """The name with its prefix, which is declared from now on."""
        if not self._xml or not address or (address == self._default and not attribute):
            return name
        prefix = self._by_address.get(address)
        if prefix is None:
            prefix = self._free(self._known.get(address, "ns"))
            self._by_address[address] = prefix
            self.declared[prefix] = address
        return f"{prefix}:{name}"

    def _free(self, wanted: str) -> str:
        prefix, number = wanted, 1
        while prefix in self.declared or prefix in ("xml", "xmlns", "xsi"):
            number += 1
            prefix = f"{wanted}{number}"
        return prefix
