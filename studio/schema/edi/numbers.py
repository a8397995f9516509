"""Which elements are counts and amounts: everything else in a message is text, however much it looks like a number."""

from __future__ import annotations

from studio.schema.infer import Guess
from studio.schema.model import TEXT, Base, ValueType

_INTEGER = ValueType("integer", Base.INTEGER)
_DECIMAL = ValueType("decimal", Base.DECIMAL)
# Positions by segment. An identifier, a code, a date or a postal code is never here.
_X12_COUNTS = {
    "SE": (1,), "GE": (1,), "IEA": (1,), "LX": (1,), "CTT": (1,), "AK9": (2, 3, 4), "TS3": (4,),
    # Two decimals are meant, no point is written.
    "TDS": (1, 2, 3, 4), "SAC": (5,),
}  # fmt: skip
_X12_AMOUNTS = {
    "BPR": (2,), "CLP": (3, 4, 5), "SVC": (2, 3, 5, 7), "AMT": (2,), "QTY": (2,), "CLM": (2,),
    "CAS": (3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19), "PLB": (4, 6, 8, 10, 12, 14), "TS3": (5,),
    "SV1": (2, 4), "SV2": (3, 5, 6), "SV3": (2, 6), "SVD": (2, 5), "EB": (7, 8, 10),
    "PO1": (2, 4), "IT1": (2, 4), "CTP": (3, 4), "CTT": (2,), "CUR": (3,), "TXI": (2, 3),
    "RMR": (4, 5, 6), "ACK": (2,), "SN1": (2,), "MEA": (3,), "TD1": (7,), "SLN": (4, 6),
}  # fmt: skip
_EDIFACT_COUNTS = {"UNT": ("01",), "UNZ": ("01",), "UNE": ("01",)}
_EDIFACT_AMOUNTS = {
    "CNT": ("01-02",), "QTY": ("01-02",), "PRI": ("01-02",), "MOA": ("01-02",), "PCD": ("01-02",),
    "QVR": ("01-01",), "CUX": ("03",),
}  # fmt: skip


def _table() -> dict[tuple[str, str], ValueType]:
    made: dict[tuple[str, str], ValueType] = {}
    for positions, value in ((_X12_COUNTS, _INTEGER), (_X12_AMOUNTS, _DECIMAL)):
        made |= {("x12", f"{code}{at:02}"): value for code, all_of in positions.items() for at in all_of}
    for places, value in ((_EDIFACT_COUNTS, _INTEGER), (_EDIFACT_AMOUNTS, _DECIMAL)):
        made |= {("edifact", f"{code}{at}"): value for code, all_of in places.items() for at in all_of}
    return made


_NUMBERS = _table()


def type_of(standard: str, name: str, guess: Guess) -> ValueType:
    """The type of an element by its name (`CLP03`, `QTY01-02`): text, unless it is a count or an amount.

    Where a sample holds something else at the place of a number, it is text too.
    """
    known = _NUMBERS.get((standard, name))
    if known is None:
        return TEXT
    seen = guess.value_type().base
    if not guess.facts() or seen is Base.INTEGER:
        return known
    return _DECIMAL if seen is Base.DECIMAL else TEXT
