"""A plan of several objects: read from its YAML file, from a folder of files, or from files and objects named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from studio.base.errors import BadInput
from studio.base.i18n import _
from studio.base.system_errors import reason_of
from studio.base.yaml_read import Node, read
from studio.connectors.salesforce.describe import ObjectName
from studio.moves.model import Action
from studio.moves.places import settled
from studio.moves.several.model import Asked, Missing, Part, Relation
from studio.moves.sources.kinds import Pick

WEFT = "moves/1"
_ENDS = (".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".ndjson", ".json", ".parquet", ".gz")
_KEYS = frozenset({
    "object", "source", "action", "key", "map", "fields", "relations", "where", "related", "encoding", "delimiter",
    "sheet", "header_row", "table", "query",
})  # fmt: skip
_LIKE = "objects: [{object: Account, source: accounts.csv, action: upsert, key: ERP_Id__c}]"
Kind = TypeVar("Kind", Action, Missing)


def read_plan(path: Path) -> Asked:
    """The plan in a YAML file, paths in it being relative to it; raises BadInput with file and line."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            _("The file cannot be read: {reason}.").format(reason=reason_of(error)),
            file=path,
            next_step=_("Check the path and the file's rights."),
        ) from error
    root = read(data, file=path)
    members = root.members(_LIKE)
    _refuse_unknown(root, members, {"weft", "org", "from", "objects"})
    if "weft" in members and members["weft"].text() != WEFT:
        raise members["weft"].wrong(
            _("This is no plan of a move of several objects."),
            _("Begin it with: weft: {kind}").format(kind=WEFT),
        )
    if "objects" not in members:
        raise root.wrong(
            _("The plan names no objects."), _("Write it like this: {example}").format(example=_LIKE)
        )
    parts = tuple(_part(node, path.absolute().parent) for node in members["objects"].items(_LIKE))
    return Asked(parts, _text(members, "org"), _text(members, "from"))


def _part(node: Node, folder: Path) -> Part:
    members = node.members(_LIKE)
    _refuse_unknown(node, members, _KEYS)
    if "object" not in members:
        raise node.wrong(_("It does not say which object it is."), _("Write object: and its API name."))
    source = _text(members, "source")
    source = settled(source, folder) if source else ""
    map_file = _text(members, "map")
    return Part(
        members["object"].text(),
        source,
        _one_of(members, "action", Action.INSERT),
        _text(members, "key"),
        str(folder / map_file) if map_file else "",
        _fields(members["fields"]) if "fields" in members else {},
        tuple(_relation(name, one) for name, one in members["relations"].members().items())
        if "relations" in members
        else (),
        _text(members, "where"),
        _text(members, "related"),
        _text(members, "encoding"),
        _text(members, "delimiter"),
        Pick(
            _text(members, "sheet"),
            members["header_row"].whole() if "header_row" in members else 0,
            _text(members, "table"),
            _text(members, "query"),
        ),
    )


def _fields(node: Node) -> dict[str, str]:
    """Field to column; a list names fields whose columns are called alike."""
    if isinstance(node.value, dict):
        return node.text_members()
    return {name: name for name in node.texts()}


def _relation(field: str, node: Node) -> Relation:
    members = node.members("AccountId: {column: Company, object: Account, by: Code}")
    _refuse_unknown(node, members, {"column", "object", "by", "missing"})
    missing = _one_of(members, "missing", Missing.HOLD) if "missing" in members else None
    return Relation(field, _text(members, "column"), _text(members, "object"), _text(members, "by"), missing)


def _one_of(members: Mapping[str, Node], key: str, default: Kind) -> Kind:
    if key not in members:
        return default
    text = members[key].text()
    kinds = type(default)
    for kind in kinds:
        if kind.value == text:
            return kind
    raise members[key].wrong(
        _("{key} must be one of {names}, not {text}.").format(
            key=key, names=", ".join(kind.value for kind in kinds), text=text
        )
    )


def _text(members: Mapping[str, Node], key: str) -> str:
    return members[key].text() if key in members else ""


def _refuse_unknown(node: Node, members: Mapping[str, Node], known: Iterable[str]) -> None:
    for key, member in members.items():
        if key not in set(known):
            raise member.wrong(
                _("{key} is nothing a plan knows.").format(key=key),
                _("Here may stand: {names}.").format(names=", ".join(sorted(known))),
            )
    del node


def in_folder(folder: Path) -> list[Path]:
    """The sources in a folder, by name; raises BadInput where there is none."""
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in _ENDS)
    if not found:
        raise BadInput(
            _("The folder holds no files of rows."),
            file=folder,
            next_step=_("Put in a file for each object, called as the object is: Account.csv."),
        )
    return found


def object_of(path: Path, objects: Sequence[ObjectName]) -> str:
    """The object a file is called after, by name or label, one or many; raises BadInput with what to do."""
    wanted = _plain(path.name.split(".", 1)[0])
    called = [(one.name, one.name) for one in objects] + [(one.label, one.name) for one in objects]
    for text, name in called:
        plain = _plain(text.removesuffix("__c"))
        many = plain[:-1] + "ies" if plain.endswith("y") else plain + "s"
        if wanted in (_plain(text), plain, many):
            return name
    raise BadInput(
        _("No object of the org is called as the file is."),
        file=path,
        next_step=_("Name the object: Account={file}").format(file=path.name),
    )


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"^\d+[\W_]+", "", text)).lower()


def with_options(
    asked: Asked, actions: Mapping[str, Action], keys: Mapping[str, str], wheres: Mapping[str, str],
    related: Mapping[str, str],
) -> Asked:  # fmt: skip
    """The plan with what options say of single objects (by name in lower case; "" is all).

    An object given a key and no action is upserted. Raises BadInput for an object that is not in the plan.
    """
    names = {part.object.lower() for part in asked.parts}
    for name in {*actions, *keys, *wheres, *related} - {""} - names:
        raise BadInput(
            _("{name} is not among the objects of the move.").format(name=name),
            next_step=_("It has: {names}.").format(names=", ".join(part.object for part in asked.parts)),
        )
    return replace(asked, parts=tuple(_changed(part, actions, keys, wheres, related) for part in asked.parts))


def _changed(
    part: Part, actions: Mapping[str, Action], keys: Mapping[str, str], wheres: Mapping[str, str],
    related: Mapping[str, str],
) -> Part:  # fmt: skip
    name = part.object.lower()
    key = keys.get(name, keys.get("", part.key))
    action = actions.get(name, actions.get("", Action.UPSERT if name in keys or "" in keys else part.action))
    return replace(
        part,
        action=action,
        key=key,
        where=wheres.get(name, part.where),
        related=related.get(name, part.related),
    )
