"""The words of the Inspector for what a schema says: facts of each format, facets, occurrence, namespace rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from studio.base.i18n import _, language
from studio.schema.model import Base, Kind, Node, Occurs, ValueType

# What formats keep for themselves, or what is said elsewhere on the page.
_HIDDEN = {
    "alternative", "attribute", "description", "documentation", "label", "labels", "looked_for", "namespace", "nillable",
    "process", "stamps", "target", "unique_id", "wildcard",
}  # fmt: skip
_YES = ("true", "yes")
_NO = ("false", "no")


def fact_label(key: str) -> str:
    """What a fact is called in the reader's language; a key nobody has words for stays as it is."""
    return _labels(language()).get(key, key)


def shown_facts(facts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Labels and values of a node's facts, without what is empty or kept for the program itself."""
    for key, value in facts.items():
        if value and key not in _HIDDEN and not key.startswith("_"):
            yield fact_label(key), _value(value)


def label_of(node: Node) -> str:
    """What people call a node, where its format says so and it is not its name."""
    label = node.facts.get("label", "")
    return "" if label == node.name else label


def value_labels(facts: Mapping[str, str]) -> dict[str, str]:
    """What people call the listed values, by value, where the format says so (`First = 1st` a line)."""
    pairs = (line.partition(" = ") for line in facts.get("labels", "").splitlines())
    return {value: label for value, equals, label in pairs if equals and label != value}


def _value(text: str) -> str:
    if text in _YES:
        return _("yes")
    if text in _NO:
        return _("no")
    words = {
        "required": _("required"),
        "situational": _("situational"),
        "not used": _("not used"),
        "request-response": _("request and answer"),
        "one-way": _("request only"),
    }
    return words.get(text, text)


@lru_cache(maxsize=4)
def _labels(_language: str) -> dict[str, str]:
    return {**_of_services(), **_of_records(), **_of_tables(), **_of_documents()}


def _of_services() -> dict[str, str]:
    return {
        "action": _("SOAP action"),
        "soapAction": _("SOAP action"),
        "soap": _("SOAP part"),
        "style": _("Style"),
        "use": _("Encoding of the message"),
        "transport": _("Transport"),
        "binding": _("Binding"),
        "bindings": _("Bindings"),
        "service": _("Service"),
        "port": _("Port"),
        "portType": _("Port type"),
        "address": _("Address"),
        "version": _("Version"),
        "protocol": _("Protocol"),
        "part": _("Part of the message"),
        "message": _("Message"),
        "attachments": _("Has attachments"),
        "method": _("HTTP method"),
        "verb": _("HTTP method"),
        "path": _("Path"),
        "in": _("Passed in"),
        "media": _("Media type"),
        "mediaType": _("Media type"),
        "status": _("Status code"),
        "tags": _("Tags"),
        "operationId": _("Operation id"),
        "exchange": _("Exchange"),
        "ports": _("Ports"),
        "encodingStyle": _("Encoding style"),
        "parameterOrder": _("Order of parameters"),
        "location": _("Location"),
        "content": _("Content type"),
    }


def _of_records() -> dict[str, str]:
    return {
        "position": _("Position"),
        "offset": _("Offset in bytes"),
        "start": _("Starts at"),
        "length": _("Length"),
        "width": _("Width"),
        "bytes": _("Bytes"),
        "digits": _("Digits"),
        "scale": _("Digits after the point"),
        "picture": _("Picture"),
        "pic": _("Picture"),
        "usage": _("Usage"),
        "level": _("Level"),
        "redefines": _("Redefines"),
        "depends_on": _("Number of entries stands in"),
        "depending": _("Number of entries stands in"),
        "sign": _("Sign"),
        "align": _("Alignment"),
        "pad": _("Filled with"),
        "match": _("Recognised by"),
        "tag": _("Recognised by"),
        "code": _("Code"),
        "element": _("Data element"),
        "segment": _("Segment"),
        "loop": _("Loop"),
        "requirement": _("Requirement"),
        "delimiter": _("Delimiter"),
        "quote": _("Quote"),
        "encoding": _("Encoding"),
        "header": _("Column's head"),
        "newline": _("Line end"),
        "format": _("Format"),
        "examples": _("Examples"),
        "longest": _("Longest value"),
        "decimals": _("Decimals"),
        "views": _("Views of the same bytes"),
        "filler": _("Filler"),
        "opens": _("Opens with"),
        "closes": _("Closes with"),
        "envelope": _("Envelope"),
        "pos": _("Position in the definition"),
        "tell": _("Told apart by"),
        "tell_field": _("Field that tells"),
        "tell_text": _("Text that tells"),
        "tell_at": _("Place that tells"),
    }


def _of_tables() -> dict[str, str]:
    return {
        "key": _("Key"),
        "primary_key": _("Primary key"),
        "foreign_key": _("Refers to"),
        "references": _("Refers to"),
        "index": _("Index"),
        "unique": _("Unique"),
        "autoincrement": _("Numbered by the database"),
        "computed": _("Computed"),
        "table": _("Table"),
        "schema": _("Database schema"),
        "column": _("Column"),
        "object": _("Object"),
        "createable": _("Can be set when created"),
        "updateable": _("Can be changed"),
        "externalId": _("External id"),
        "idLookup": _("Can be looked up by"),
        "referenceTo": _("Refers to"),
        "relationshipName": _("Relationship"),
        "calculated": _("Computed"),
        "autoNumber": _("Numbered by Salesforce"),
        "custom": _("Custom field"),
        "restrictedPicklist": _("Only the listed values"),
        "caseSensitive": _("Case matters"),
        "defaultedOnCreate": _("Has a default when created"),
        "deletable": _("Can be deleted"),
        "keyPrefix": _("Start of its ids"),
        "labelPlural": _("Plural"),
        "childRelationships": _("Children"),
        "soapType": _("SOAP type"),
        "nameField": _("Is the record's name"),
        "extraTypeInfo": _("More about the type"),
        "namePointing": _("Points by name"),
        "polymorphicForeignKey": _("Refers to several objects"),
        "components": _("Consists of"),
        "compoundFieldName": _("Part of"),
    }


def _of_documents() -> dict[str, str]:
    return {
        "abstract": _("Abstract"),
        "root": _("Root made of a"),
        "form": _("Form"),
        "compositor": _("Order of its parts"),
        "model": _("Content model"),
        "assert": _("Assertion"),
        "assertions": _("Assertions"),
        "open": _("Open content"),
        "logical": _("Logical type"),
        "number": _("Field number"),
        "deprecated": _("Deprecated"),
        "readOnly": _("Read only"),
        "writeOnly": _("Write only"),
        "title": _("Title"),
        "physical": _("Stored as"),
        "kind": _("Kind"),
        "id": _("Identifier"),
        "minItems": _("Fewest entries"),
        "maxItems": _("Most entries"),
        "uniqueItems": _("Entries differ"),
        "multipleOf": _("Multiple of"),
        "closed": _("No other members"),
        "pattern": _("Pattern of names"),
        "default": _("Default"),
    }


def occurs_words(occurs: Occurs) -> str:
    """How often, in words with the numbers."""
    least, most = occurs.min, occurs.max
    if most is None:
        return (
            _("any number (0..n)")
            if least == 0
            else _("at least {least} ({n})").format(least=least, n=occurs)
        )
    if least == most:
        return _("exactly once (1)") if most == 1 else _("exactly {n} times").format(n=most)
    if least == 0:
        return _("at most once (0..1)") if most == 1 else _("at most {n} times").format(n=most)
    return _("{least} to {most} times").format(least=least, most=most)


def base_words(base: Base) -> str:
    """What a value is to a script."""
    return {
        Base.TEXT: _("text"),
        Base.INTEGER: _("whole number"),
        Base.DECIMAL: _("exact decimal number"),
        Base.FLOAT: _("floating-point number"),
        Base.BOOLEAN: _("true or false"),
        Base.DATE: _("date"),
        Base.DATETIME: _("date and time"),
        Base.TIME: _("time"),
        Base.BINARY: _("binary data"),
    }[base]


def kind_words(node: Node) -> str:
    """What kind of node it is."""
    if node.attribute and node.kind is not Kind.ANY:
        return _("attribute")
    return {
        Kind.ELEMENT: _("element"),
        Kind.ATTRIBUTE: _("attribute"),
        Kind.FIELD: _("field"),
        Kind.SEGMENT: _("record"),
        Kind.CHOICE: _("choice"),
        Kind.ANY: _("wildcard"),
        Kind.OPERATION: _("operation"),
        Kind.MESSAGE: _("message"),
    }[node.kind]


def facets(value: ValueType) -> Iterator[tuple[str, str]]:
    """Labels and values of the limits of a type, without its pattern and its listed values."""
    if value.min_length is not None and value.min_length == value.max_length:
        yield _("Length"), _("exactly {n}").format(n=value.min_length)
    else:
        if value.min_length is not None:
            yield _("Shortest length"), str(value.min_length)
        if value.max_length is not None:
            yield _("Greatest length"), str(value.max_length)
    for label, limit in (
        (_("Digits in all"), value.total_digits),
        (_("Digits after the point"), value.fraction_digits),
        (_("Least value"), value.minimum),
        (_("Greatest value"), value.maximum),
        (_("More than"), value.above),
        (_("Less than"), value.below),
        (_("Written as"), value.format),
    ):
        if limit is not None:
            yield label, str(limit)
    if value.item is not None:
        yield _("List of"), value.item.name
    if value.members:
        yield _("Any of the types"), ", ".join(member.name for member in value.members)


def wildcard_words(facts: Mapping[str, str]) -> list[str]:
    """What a wildcard admits and how strictly, in sentences."""
    rule = facts.get("namespace", "##any")
    target = facts.get("target", "") or _("no namespace")
    if rule == "##any":
        said = _("Anything from any namespace may stand here.")
    elif rule == "##other":
        said = _("Anything may stand here that is not from {namespace}.").format(namespace=target)
    else:
        words = {"##targetNamespace": target, "##local": _("no namespace")}
        names = ", ".join(words.get(part, part) for part in rule.split())
        said = _("Only what is from these namespaces may stand here: {names}.").format(names=names)
    strict = {
        "strict": _("It must be declared and fit its declaration."),
        "lax": _("It must fit its declaration where it has one."),
        "skip": _("It is not checked."),
    }.get(facts.get("process", ""), "")
    return [said, strict] if strict else [said]
