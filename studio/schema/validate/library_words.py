"""What the library says against a schema, in plain words."""

from __future__ import annotations

import re

from studio.base.i18n import N_, _

_NAME = r"(?:Xsd\w+\((?:name|ref)='(?P<{0}>[^']*)'[^)]*\)|(?P<{0}_any>XsdAnyElement\(.*?\]\)))"
_SPELLING = N_("Check the spelling, the includes and the imports.")
_WHOLE = N_("Write a whole number, 0 or larger.")

# What the library's message looks like, the sentence, the next step. The first that fits is taken.
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"Unexpected child with tag '(?:\w+:)?(?P<name>[^']*)' at position (?P<number>\d+)",
        N_("<{name}> may not stand here, as child number {number} of its element."),
        N_("Check the order: annotations come first, attributes last, and some parts exclude others."),
    ),
    (
        r"unexpected tag '\{[^}]*\}(?P<name>\w+)'",
        N_("<{name}> may not stand here."),
        N_("Check the order: annotations come first, attributes last, and some parts exclude others."),
    ),
    (
        r"the (?P<kind>derived|redefined) group is an illegal restriction",
        N_("The content allows what the type it restricts does not allow."),
        N_("Keep the order of the base type, and allow no more elements, or more often, than it does."),
    ),
    (
        r"attribute (?P<name>[\w:]+)=(?P<quote>['\"])(?P<value>.*?)(?P=quote): duplicated xs:ID",
        N_("The id {value} stands in the schema twice."),
        N_("Give each its own id, or leave the id out."),
    ),
    (
        r"(?:attribute )?(?P<name>[\w:]+)=(?P<quote>['\"])(?P<value>.*?)(?P=quote): value must be one of \[(?P<list>.*)\]",
        N_("The attribute {name} has the value '{value}', but only these are known: {list}."),
        N_("Write one of them; capitals matter."),
    ),
    (
        r"attribute (?P<name>[\w:]+)=(?P<quote>['\"])(?P<value>.*?)(?P=quote): ",
        N_("The attribute {name} cannot have the value '{value}'."),
        N_("Correct the value."),
    ),
    (
        r"(?:use of attribute '(?P<name>[^']*)' is prohibited|attribute '(?P<other>[^']*)' (?:is )?not allowed)",
        N_("The attribute {name} may not stand here."),
        N_("Remove it."),
    ),
    (r"missing required attribute '(?P<name>[^']*)'", N_("The attribute {name} is missing."), N_("Add it.")),
    (
        r".*(?:escape sequence|extension notation|meta character|nothing to repeat|character class|character range|"
        r"unbalanced parenthesis|unexpected quantifier|unescaped character|invalid character .* at position)",
        N_("The pattern is no regular expression of XML Schema: {reason}."),
        N_("XML Schema knows no anchors, no groups with ?, and wants - [ ] escaped inside brackets."),
    ),
    (
        r"Unique Particle Attribution violation between "
        + _NAME.format("one")
        + " and "
        + _NAME.format("other"),
        N_("The content is ambiguous: an element may belong to {one} or to {other}."),
        N_("Join the two, or put an element that tells them apart between them."),
    ),
    (
        r"Element Declarations Consistent violation between Xsd\w+\((?:name|ref)='(?P<name>[^']*)'",
        N_("The element {name} stands in the same content with two different types."),
        N_("Give both the same named type."),
    ),
    (
        r"unknown (?P<kind>type|element|attribute|attribute group|group) '(?P<name>[^']*)'",
        N_("{name} is used but not declared."),
        _SPELLING,
    ),
    (r"missing base type '(?P<name>[^']*)'", N_("{name} is used but not declared."), _SPELLING),
    (
        r"Circular definition detected for xs:(?P<kind>\w+) '(?P<name>[^']*)'",
        N_("{name} is defined by means of itself."),
        N_("Remove one of the references of the circle."),
    ),
    (
        r"the QName '(?P<name>[^']*)' is mapped to (?:the|no) namespace",
        N_("{name} belongs to a namespace that the schema does not import."),
        N_("Add an import for its namespace."),
    ),
    (r"maxOccurs must be 'unbounded' or greater", N_("maxOccurs is smaller than minOccurs."), _WHOLE),
    (r"minOccurs must be lesser", N_("maxOccurs is smaller than minOccurs."), _WHOLE),
    (r"(?P<name>minOccurs|maxOccurs) value", N_("The value of {name} is no number of occurrences."), _WHOLE),
    (
        r"'?(?P<name>length|minLength|maxLength)'? value must be",
        N_("The value of {name} is no length."),
        _WHOLE,
    ),
    (
        r"invalid restriction: (?:invalid|value must)",
        N_("The limit is no value of the type that is restricted: {reason}."),
        N_("Write a value of the base type."),
    ),
    (
        r"derivation by '(?P<kind>\w+)' blocked",
        N_("The base type does not allow to be derived from in this way (final)."),
        N_("Use another base type, or change its final attribute."),
    ),
    (
        r"multiple declaration (?:of|for) attribute '(?P<name>[^']*)'",
        N_("The attribute {name} is declared twice."),
        N_("Remove one of the two."),
    ),
    (
        r"'default' and 'fixed' attributes are mutually exclusive",
        N_("default and fixed exclude each other."),
        N_("Remove one of the two."),
    ),
    (
        r"'(?P<kind>default|fixed)' value '(?P<value>.*)' is not compatible",
        N_("The {kind} value '{value}' is no value of the type."),
        N_("Correct the value or the type."),
    ),
    (
        r".*is not complete\. Tag \((?P<list>.*)\) expected",
        N_("Something is missing here; expected: {list}."),
        N_("Add it."),
    ),
)


# The same for documents.
_MISFITS: tuple[tuple[str, str, str], ...] = (
    (
        r"Unexpected child with tag '(?:\w+:)?(?P<which>[^']*)' at position \d+\. Tag (?P<list>.*) expected",
        N_("{which} may not stand here; expected: {list}."),
        N_("Remove it, or put what is expected before it."),
    ),
    (
        r"Unexpected child with tag '(?:\w+:)?(?P<which>[^']*)'",
        N_("{which} may not stand here; nothing more is expected."),
        N_("Remove it."),
    ),
    (
        r"The content of element '[^']*' is not complete\. Tag (?P<list>.*) expected",
        N_("Something is missing in {name}; expected: {list}."),
        N_("Add it."),
    ),
    (
        r"missing required attribute '(?P<which>[^']*)'",
        N_("The attribute {which} is missing."),
        N_("Add it."),
    ),
    (
        r"'?(?P<which>[^']*)'? (?:attribute )?is not an element of the schema",
        N_("The schema knows no document that starts with {name}."),
        N_("Check the namespace of the document, or give the schema that describes it."),
    ),
    (
        r"(?:assertion test if false|assertion test is false|Expression false: .*)",
        N_("{name} breaks an assertion of its type."),
        N_("Compare its values with the assertion, which the schema's tree shows."),
    ),
    (
        r"(?:attribute )?(?P<attribute>[\w:]+=)?'(?P<value>.*)': value must be one of \[(?P<list>.*)\]",
        N_("'{value}' is none of the values allowed: {list}."),
        N_("Write one of them."),
    ),
    (
        r"value must be one of \[(?P<list>.*)\]",
        N_("The value is none of those allowed: {list}."),
        N_("Write one of them."),
    ),
    (
        r"value doesn't match any pattern of \[(?P<limit>.*)\]",
        N_("The value does not have the form {limit}."),
        N_("Correct the value."),
    ),
)


def rule_in_plain_words(reason: str) -> tuple[str, str]:
    """The sentence for a rule that is broken, and what to do; the library's own words where there are no others."""
    reason = reason.rstrip(". :")
    for pattern, sentence, mend in _WORDS:
        match = re.match(pattern, reason)
        if match is not None:
            found = {key: text for key, text in match.groupdict().items() if text is not None}
            return _(sentence).format(**_names(found), reason=reason), _(mend)
    return _("The schema breaks a rule of XML Schema: {reason}.").format(reason=reason), ""


def misfit_in_plain_words(reason: str, name: str) -> tuple[str, str]:
    """The sentence for what a document has against a schema, and what to do; `name` is the element's."""
    reason = reason.rstrip(". :")
    for pattern, sentence, mend in _MISFITS:
        match = re.match(pattern, reason)
        if match is not None:
            found = {key: text or "" for key, text in match.groupdict().items()}
            return _(sentence).format(**({"name": name} | found)), _(mend)
    return _("{name} does not fit the schema: {reason}.").format(name=name, reason=reason), ""


def _names(found: dict[str, str]) -> dict[str, str]:
    """A wildcard has no name; `other` names an attribute where `name` does not."""
    names = {key: text for key, text in found.items() if not key.endswith("_any")}
    names |= {key.removesuffix("_any"): "*" for key in found if key.endswith("_any")}
    names.setdefault("name", names.get("other", ""))
    return names
