"""Prefixes for the namespaces of a schema's documents, read when first needed."""

from __future__ import annotations

from studio.schema import prefixes
from studio.schema.xsd.names import XSD_NAMESPACES
from studio.schema.xsd.symbols import Document


class Prefixes(prefixes.Prefixes):
    """Learns from documents, which may be added after this was made."""

    def __init__(self, documents: list[Document]) -> None:
        super().__init__()
        self._documents = documents
        self._done = 0

    def of(self, namespace: str) -> str:
        """The prefix of a namespace; empty for no namespace."""
        self._read()
        return super().of(namespace)

    def all(self) -> dict[str, str]:
        """Prefix to namespace, target namespaces included."""
        self._read()
        for document in self._documents:
            super().of(document.namespace)
        return dict(self.spaces)

    def _read(self) -> None:
        for document in self._documents[self._done :]:
            self.learn(document.schema.nsmap, XSD_NAMESPACES)
        self._done = len(self._documents)
