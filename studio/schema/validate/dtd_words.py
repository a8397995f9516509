"""What libxml2 says against a document by its DTD, in plain words."""

from __future__ import annotations

import re

from studio.base.i18n import N_, _

_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"Element (?P<name>\S+) content does not follow the DTD, expecting (?P<list>.*), got (?P<found>.*)",
        N_("{name} must hold {list}, but holds {found}."),
        N_("Add what is missing, and remove what is not expected."),
    ),
    (
        r"No declaration for element (?P<name>\S+)",
        N_("The schema does not know the element {name}."),
        N_("Remove it, or correct its name."),
    ),
    (
        r"No declaration for attribute (?P<which>\S+) of element (?P<name>\S+)",
        N_("The attribute {which} may not stand here."),
        N_("Remove it."),
    ),
    (
        r"Element (?P<name>\S+) does not carry attribute (?P<which>\S+)",
        N_("The attribute {which} is missing."),
        N_("Add it."),
    ),
    (
        r'Value "(?P<value>.*)" for attribute (?P<which>\S+) of (?P<name>\S+) is not among the enumerated set',
        N_("'{value}' is none of the values allowed for {which}."),
        N_("Write one of them."),
    ),
    (
        r'Value for attribute (?P<which>\S+) of (?P<name>\S+) is different from default "(?P<limit>.*)"',
        N_("The attribute {which} must have the value '{limit}'."),
        N_("Correct the value."),
    ),
    (
        r"ID (?P<value>\S+) already defined",
        N_("The ID {value} stands there twice."),
        N_("Give each its own."),
    ),
    (
        r'IDREFS? attribute (?P<which>\S+) references an unknown ID "(?P<value>.*)"',
        N_("{which} refers to {value}, which no ID is."),
        N_("Correct the reference, or add what it refers to."),
    ),
    (
        r"Element (?P<name>\S+) was declared EMPTY this one has content",
        N_("{name} must be empty."),
        N_("Remove what is inside."),
    ),
    (
        r"Element (?P<name>\S+) was declared #PCDATA but contains non text nodes",
        N_("{name} may only hold text."),
        N_("Remove the elements inside."),
    ),
    (
        r"Element (?P<inner>\S+) is not declared in (?P<name>\S+) list of possible children",
        N_("{inner} may not stand in {name}."),
        N_("Remove it."),
    ),
)


def in_plain_words(message: str) -> tuple[str, str]:
    """The sentence and the next step; the library's own words where there are no others."""
    for pattern, sentence, mend in _WORDS:
        match = re.match(pattern, message)
        if match is not None:
            return _(sentence).format(**match.groupdict()), _(mend)
    return _("The document does not fit the schema: {reason}.").format(reason=message.rstrip(". ")), ""
