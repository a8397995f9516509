"""What is wrong with a document that is no well-formed XML, in plain words: the parser's own are for its authors."""

from __future__ import annotations

import re
from collections.abc import Mapping

from studio.base.i18n import N_, _

_FINISH = N_("The file seems to be cut off: ask its sender for the whole of it, or add what is missing.")
_AMPERSAND = (N_("an & stands alone"), N_("Write &amp; for the sign itself."))
_TWICE = (N_("the attribute {name} stands there twice"), N_("Remove one of the two."))
_UNKNOWN_ENCODING = (
    N_("the encoding {name} is not known"),
    N_("Name the encoding the file is really in, such as UTF-8."),
)

# By the parser's number: what its message must look like, the reason, the next step.
_WORDS: Mapping[int, tuple[tuple[str, str, str], ...]] = {
    4: (
        (
            "Start tag expected",
            N_("this is no XML, it does not begin with <"),
            N_("Give an XML document, or choose the schema of the kind the file is."),
        ),
    ),
    5: (
        (
            "",
            N_("something follows the end of the document"),
            N_("A document has one outermost element: put everything into it, or remove what follows."),
        ),
    ),
    23: (("", *_AMPERSAND),),
    26: (
        (
            r"Entity '(?P<name>[^']+)' not defined",
            N_("the entity &{name}; is not defined"),
            N_("Write the character itself, or its number, such as &#160;."),
        ),
    ),
    31: ((r".*encoding:? (?P<name>\S+)", *_UNKNOWN_ENCODING),),
    32: ((r".*encoding:? (?P<name>\S+)", *_UNKNOWN_ENCODING),),
    38: (
        (
            "",
            N_("a < stands inside the value of an attribute"),
            N_("Write &lt; for the sign itself, or close the quotes of the value before it."),
        ),
    ),
    39: (("", N_("the value of an attribute has no quotes"), N_("Put the value between quotes.")),),
    41: (
        (
            r".*attribute (?P<name>\S+)",
            N_("the attribute {name} has no value"),
            N_('Give it one between quotes: {name}="…".'),
        ),
    ),
    42: ((r"Attribute (?P<name>\S+)", *_TWICE),),
    45: (("", N_("a comment is not finished"), N_("Add --> where it ends.")),),
    63: (("", N_("a CDATA section is not finished"), N_("Add ]]> where it ends.")),),
    64: (
        (
            "",
            N_("the XML declaration is not at the very beginning"),
            N_("Remove what stands before <?xml."),
        ),
    ),
    65: (
        (
            "attributes construct",
            N_("there is no blank between two attributes"),
            N_("Put a blank before the second one."),
        ),
    ),
    68: (
        (".*EntityRef", *_AMPERSAND),
        (
            ".*element name",
            N_("no name of an element follows the <"),
            N_("Write &lt; for the sign itself, or correct the name of the element."),
        ),
    ),
    73: (
        (
            r".*Tag (?P<name>\S+)",
            N_("the tag <{name} has no closing >"),
            N_("Add the > and mend the attributes before it."),
        ),
        (
            "expected '>'",
            N_("a closing tag is cut off or not of the form </name>"),
            N_("Write it as </name>; where the file ends there, ask its sender for the whole of it."),
        ),
    ),
    76: (
        # The parser's own word for a closing tag it cannot read; a tag that is really called so is not told apart.
        (
            r".*: (?P<name>\S+) line (?P<line>\d+) and unparsable$",
            N_("<{name}> of line {line} is not closed: the tag here is cut off or has another name"),
            N_("Write </{name}> there; where the file ends there, ask its sender for the whole of it."),
        ),
        (
            r".*: (?P<name>\S+) line (?P<line>\d+) and (?P<other>\S+)",
            N_("<{name}> of line {line} is closed by </{other}>"),
            N_("Close <{name}> first, or correct one of the two names."),
        ),
    ),
    77: (
        (
            r".*tag (?P<name>\S+) line (?P<line>\d+)",
            N_("the document ends before <{name}> of line {line} is closed"),
            _FINISH,
        ),
        ("", N_("the document ends too early"), _FINISH),
    ),
    81: (
        (
            "",
            N_("these bytes are no text in the encoding that the file names, or UTF-8"),
            N_("Correct the encoding in the first line, or save the file in that encoding."),
        ),
    ),
    114: ((".*depth", N_("it is nested deeper than 256 elements"), N_("Flatten the document.")),),
    201: (
        (
            r"Namespace prefix (?P<name>\S+)",
            N_("the prefix {name} has no namespace"),
            N_('Declare it in an element around it: xmlns:{name}="…".'),
        ),
    ),
    203: ((r"Namespaced Attribute (?P<name>\S+)", *_TWICE),),
}
_ENDS_WITHIN = 77
_CHARACTER = re.compile(r".*(?:value |Char )(?:0x(?P<hex>[0-9A-Fa-f]+)|(?P<number>\d+))", re.DOTALL)
_INVALID_CHARACTER = 9


def in_plain_words(code: int, message: str) -> tuple[str, str] | None:
    """The reason, to stand after a colon, and the next step; None for a mistake that has no words here.

    `code` and `message` are those of the parser (libxml2).
    """
    if code == _INVALID_CHARACTER:
        return _bad_character(message)
    for pattern, reason, step in _WORDS.get(code, ()):
        match = re.match(pattern, message)
        if match is not None:
            named = match.groupdict()
            return _(reason).format(**named), _(step).format(**named)
    return None


def ends_within(element: tuple[str, int] | None) -> tuple[int, str]:
    """`code` and `message` for a document that ends inside an element, given by name and line; None: before any."""
    return _ENDS_WITHIN, "tag {} line {}".format(*element) if element else ""


def _bad_character(message: str) -> tuple[str, str] | None:
    match = _CHARACTER.match(message)
    if match is None:
        return None
    number = int(match["hex"], 16) if match["hex"] else int(match["number"])
    return (
        _("the character U+{number} is not allowed in XML").format(number=f"{number:04X}"),
        _("Remove the character, or ask the sender to leave it out."),
    )
