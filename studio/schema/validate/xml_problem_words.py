"""What libxml2 says against a document, in plain words."""

from __future__ import annotations

import re

from studio.base.i18n import N_, _
from studio.schema.path import quote

_SUBJECT = re.compile(
    r"Element '(?:\{[^}]*\})?(?P<element>[^']*)'(?:, attribute '(?:\{[^}]*\})?(?P<attribute>[^']*)')?: "
)
_NAMES = re.compile(r"\{[^}]*\}")

# What the rest of the message looks like, the sentence, the next step. The first that fits is taken.
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"This element is not expected\. Expected is (?:one of )?\( (?P<list>.*) \)\.",
        N_("{name} may not stand here; expected: {list}."),
        N_("Remove it, or put what is expected before it."),
    ),
    (
        r"This element is not expected\.",
        N_("{name} may not stand here; nothing more is expected."),
        N_("Remove it."),
    ),
    (
        r"Missing child element\(s\)\. Expected is (?:one of )?\( (?P<list>.*) \)\.",
        N_("Something is missing in {name}; expected: {list}."),
        N_("Add it."),
    ),
    (r"Missing child element", N_("Something is missing in {name}."), N_("Add it.")),
    (
        r"The attribute '(?P<which>[^']*)' is required but missing",
        N_("The attribute {which} is missing."),
        N_("Add it."),
    ),
    (
        r"The attribute '(?P<which>[^']*)' is not allowed",
        N_("The attribute {which} may not stand here."),
        N_("Remove it."),
    ),
    (
        r"No matching global (?:element )?declaration available for the validation root",
        N_("The schema knows no document that starts with {name}."),
        N_("Check the namespace of the document, or give the schema that describes it."),
    ),
    (
        r"No matching global (?P<kind>element|attribute) declaration available, but demanded",
        N_("The schema does not know {name}, and here it must."),
        N_("Check its namespace, or add its schema."),
    ),
    (
        r"\[facet 'enumeration'\] The value '(?P<value>.*)' is not an element of the set \{(?P<list>.*)\}",
        N_("'{value}' is none of the values allowed: {list}."),
        N_("Write one of them."),
    ),
    (
        r"\[facet 'pattern'\] The value '(?P<value>.*)' is not accepted by the pattern '(?P<limit>.*)'\.",
        N_("'{value}' does not have the form {limit}."),
        N_("Correct the value."),
    ),
    (
        r"\[facet '(?:maxLength|length|minLength)'\] The value (?:'(?P<value>.*)' )?has a length of '(?P<number>\d+)'; "
        r"this (?P<how>exceeds|underruns|differs from) the allowed (?:maximum |minimum )?length of '(?P<limit>\d+)'",
        N_("The value has a length of {number}, but {limit} is the limit."),
        N_("Correct the value."),
    ),
    (
        r"\[facet '(?:max|min)(?:Inclusive|Exclusive)'\] The value '(?P<value>.*)' (?:is|must be) (?P<how>[a-z ]*)"
        r"(?:than |to )*(?:the maximum value allowed |the minimum value allowed )?\(?'(?P<limit>[^']*)'",
        N_("{value} is beyond the limit {limit}."),
        N_("Correct the value."),
    ),
    (
        r"\[facet '(?P<which>totalDigits|fractionDigits)'\] The value '(?P<value>.*)' has more .*'(?P<limit>\d+)'",
        N_("{value} has more digits than the {limit} allowed."),
        N_("Round the value."),
    ),
    (
        r"'(?P<value>.*)' is not a valid value of the (?P<kind>local )?(?P<sort>atomic|list|union) type(?: '(?P<type>[^']*)')?",
        N_("'{value}' is no {type}."),
        N_("Correct the value."),
    ),
    (
        r"Duplicate key-sequence \[(?P<list>.*)\] in (?:unique|primary key|key).*constraint '(?P<which>[^']*)'",
        N_("{list} stands there twice, but is unique ({which})."),
        N_("Give each its own value."),
    ),
    (
        r"No match found for key-sequence \[(?P<list>.*)\] of keyref '(?P<which>[^']*)'",
        N_("{list} refers to nothing in the document ({which})."),
        N_("Correct the reference, or add what it refers to."),
    ),
    (
        r"Not all fields of key identity-constraint '(?P<which>[^']*)'",
        N_("A value of the key {which} is missing."),
        N_("Add it."),
    ),
    (
        r"Character content other than whitespace is not allowed",
        N_("{name} holds text, but may only hold elements."),
        N_("Remove the text."),
    ),
    (
        r"(?:Character content|Element content) is not allowed",
        N_("{name} must be empty or hold no more than its type says."),
        N_("Remove what is inside."),
    ),
    (
        r"The (?:actual )?value '(?P<value>.*)' does not match the fixed value constraint '(?P<limit>.*)'",
        N_("The value must be '{limit}', not '{value}'."),
        N_("Correct the value."),
    ),
    (
        r"The type definition is abstract",
        N_("{name} is of an abstract type: the document must say which type is meant."),
        N_("Add the attribute xsi:type with one of the types derived from it."),
    ),
    (
        r"The element is not 'nillable'",
        N_("{name} is marked as empty (xsi:nil), but may not be."),
        N_("Give it a value."),
    ),
    (
        r"(?:The QName value|The xsi:type definition)",
        N_("The type that {name} names (xsi:type) is not known or does not fit here."),
        N_("Check the name and its prefix."),
    ),
)


def in_plain_words(message: str, path: str) -> tuple[str, str, str]:
    """The sentence, the path with the attribute meant, and the next step; the library's words where there are no others."""
    subject = _SUBJECT.match(message)
    name = subject["element"] if subject is not None else path.rpartition("/")[2]
    rest = message[subject.end() :] if subject is not None else message
    attribute = subject["attribute"] if subject is not None else None
    if attribute:
        path = f"{path}/@{quote(attribute)}"
        name = f"@{attribute}"
    for pattern, sentence, mend in _WORDS:
        match = re.match(pattern, rest, re.DOTALL)
        if match is not None:
            return _(sentence).format(**_said(match, name)), path, _(mend)
    return (
        _("{name} does not fit the schema: {reason}.").format(name=name, reason=rest.rstrip(". ")),
        path,
        "",
    )


def _said(match: re.Match[str], name: str) -> dict[str, str]:
    found = {key: _NAMES.sub("", text or "") for key, text in match.groupdict().items()}
    if "type" in found:
        found["type"] = found["type"].rpartition(":")[2] or _("value of its type")
    return {"name": name, **found}
