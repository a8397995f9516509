"""What the elements of X12's commonest segments hold, by position, in the user's language."""

from __future__ import annotations

from functools import lru_cache

from studio.base.i18n import _, language


def content_words(standard: str, code: str, position: int) -> str:
    """The meaning of an element of a segment inside a message, empty where it is not tabulated."""
    if standard != "x12":
        return ""
    words = _x12(language()).get(code, ())
    return words[position - 1] if 0 < position <= len(words) else ""


@lru_cache(maxsize=4)
def _x12(_language: str) -> dict[str, tuple[str, ...]]:
    return {**_common(), **_payments(), **_trade()}


def _common() -> dict[str, tuple[str, ...]]:
    kind_of_number, identifier, qualifier = _("Kind of identifier"), _("Identifier"), _("Meaning")
    kind_of_contact, contact = _("Kind of contact"), _("Phone, e-mail or the like")
    date, time, value = _("Date"), _("Time"), _("Value")
    return {
        "AMT": (qualifier, _("Amount")),
        "BHT": (_("Structure"), _("Purpose"), _("Reference"), date, time, _("Kind of message")),
        "DTM": (qualifier, date, time),
        "DTP": (qualifier, _("Form of the date"), date),
        "HL": (_("Number of the level"), _("Number of the level above"), _("Kind of level"), _("Has levels below")),
        "LX": (_("Number"),),
        "N1": (_("Role"), _("Name"), kind_of_number, identifier),
        "N2": (_("Name"), _("Name")),
        "N3": (_("Address"), _("Address")),
        "N4": (_("City"), _("State"), _("Postal code"), _("Country")),
        "NM1": (
            _("Role"), _("Person or organisation"), _("Last name or organisation"), _("First name"),
            _("Middle name"), _("Title before the name"), _("Suffix of the name"), kind_of_number, identifier,
        ),
        "PER": (
            _("Function"), _("Name"), kind_of_contact, contact, kind_of_contact, contact, kind_of_contact, contact,
        ),
        "QTY": (qualifier, _("Quantity")),
        "REF": (qualifier, value, _("Description")),
        "TRN": (_("Kind of trace"), _("Trace number"), _("Number of the company"), _("Reference")),
    }  # fmt: skip


def _payments() -> dict[str, tuple[str, ...]]:
    reason, amount, quantity = _("Reason"), _("Amount"), _("Quantity")
    kind_of_bank, bank, kind_of_account, account = (
        _("Kind of bank number"), _("Bank"), _("Kind of account"), _("Account"),
    )  # fmt: skip
    return {
        "BPR": (
            _("Handling"), amount, _("Credit or debit"), _("Way of payment"), _("Form of payment"),
            kind_of_bank, bank, kind_of_account, account, _("Number of the company"), _("Supplement of the number"),
            kind_of_bank, bank, kind_of_account, account, _("Date"),
        ),
        "CAS": (_("Group of reasons"), *(reason, amount, quantity) * 6),
        "CLM": (_("Number of the claim"), amount),
        "CLP": (
            _("Number of the claim"), _("Status"), _("Amount claimed"), _("Amount paid"), _("Share of the patient"),
            _("Kind of insurance"), _("Number given by the payer"), _("Place of service"),
        ),
        "SVC": (_("Service"), _("Amount claimed"), _("Amount paid"), _("Revenue code"), _("Quantity paid")),
        "SV1": (_("Service"), amount, _("Unit"), quantity, _("Place of service")),
    }  # fmt: skip


def _trade() -> dict[str, tuple[str, ...]]:
    line = (
        _("Number of the line"), _("Quantity"), _("Unit"), _("Price"), _("Basis of the price"),
        *(_("Kind of product number"), _("Product number")) * 10,
    )  # fmt: skip
    return {
        "BEG": (
            _("Purpose"), _("Kind of order"), _("Number of the order"), _("Number of the release"), _("Date"),
        ),
        "BIG": (_("Date"), _("Number of the invoice"), _("Date of the order"), _("Number of the order")),
        "CTT": (_("Number of lines"), _("Control total")),
        "CUR": (_("Role"), _("Currency"), _("Exchange rate")),
        "IT1": line,
        "PO1": line,
        "TDS": (_("Total, its last two digits are decimals"),),
    }  # fmt: skip
