"""A query narrowed to what has changed since a moment, and the query for whatever has changed, of its condition or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.records import dataclass

_TOKEN = re.compile(r"'(?:\\.|[^'\\])*'|[()]|[A-Za-z_][\w.]*|\S", re.DOTALL)
_AFTER = ("WITH", "ORDER", "FOR", "USING", "UPDATE")
_NEVER = {"GROUP": "GROUP BY", "HAVING": "HAVING", "LIMIT": "LIMIT", "OFFSET": "OFFSET"}
_CALL = re.compile(r"\b(COUNT|COUNT_DISTINCT|SUM|AVG|MIN|MAX|FIELDS)\s*\(", re.IGNORECASE)


@dataclass(frozen=True)
class Query:
    """A query in its parts: the fields' text, the object (with what stands after it), the condition, and the rest."""

    fields: str
    object: str
    where: str
    rest: str

    @property
    def names(self) -> tuple[str, ...]:
        """The fields asked for."""
        return tuple(name.strip() for name in self.fields.split(","))

    def asks_for(self, name: str) -> bool:
        """The field is among them."""
        return name.lower() in (one.lower() for one in self.names)

    def since(self, moment: str) -> str:
        """The query of the rows changed since then, deleted ones told by IsDeleted; all of them for ""."""
        fields = ", ".join((*self.names, *(one for one in ("Id", "IsDeleted") if not self.asks_for(one))))
        condition = f"SystemModstamp >= {moment}" if moment else ""
        both = f"({self.where}) AND {condition}" if self.where and condition else self.where or condition
        return f"SELECT {fields} FROM {self.object}" + (f" WHERE {both}" if both else "") + self.rest

    def changed(self, moment: str) -> str:
        """The query of the ids of all rows changed since then, whether they fit the condition or no longer do."""
        return f"SELECT Id FROM {self.object} WHERE SystemModstamp >= {moment}"


def parsed(soql: str) -> Query:
    """The parts of a query; raises BadInput for one whose rows are no records, or not all that fit."""
    words = list(_top_words(soql))
    places = {word: (start, end) for word, start, end in reversed(words)}
    if "SELECT" not in places or "FROM" not in places:
        raise _refused(_("it has no SELECT and FROM"))
    for word, shown in _NEVER.items():
        if word in places:
            raise _refused(_("it has {word}").format(word=shown))
    fields = soql[places["SELECT"][1] : places["FROM"][0]].strip()
    if "(" in fields or _CALL.search(fields):
        raise _refused(_("it has functions or queries among its fields"))
    ends = [places[word][0] for word in _AFTER if word in places]
    end = min(ends, default=len(soql))
    where = places.get("WHERE")
    object_end = where[0] if where else end
    condition = soql[where[1] : end].strip() if where else ""
    rest = soql[end:].strip()
    return Query(fields, soql[places["FROM"][1] : object_end].strip(), condition, f" {rest}" if rest else "")


def _top_words(soql: str) -> Iterator[tuple[str, int, int]]:
    """The words outside quotes and brackets, in capitals, with where they stand."""
    depth = 0
    for found in _TOKEN.finditer(soql):
        text = found[0]
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        elif not depth and (text[0].isalpha() or text[0] == "_"):
            yield text.upper(), found.start(), found.end()


def _refused(reason: str) -> BadInput:
    return BadInput(
        _("An incremental export needs a plain query of one object: {reason}.").format(reason=reason),
        next_step=_("Write it like this: {example}").format(
            example="SELECT Id, Name FROM Account WHERE Industry = 'Apparel'"
        ),
    )
