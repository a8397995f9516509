"""When functions raise errors of their own: one sentence for each, or for several alike."""

from __future__ import annotations

from studio.base.i18n import N_

NOT_HERE = N_(
    "Not available here: it needs a running operation, or a system that this program does not reach yet."
)
_DATE = N_("The text is not a date in one of the usual forms.")
_ZONE = N_("There is no such time zone, or the text is no date.")
_NUMBER = N_("An array, a dictionary or binary data has no number.")
_BINARY = N_("The argument is not binary data of the right length.")
_HEX = N_("The text is not written in pairs of hex digits.")
_DICTIONARY = N_("The first argument is no dictionary, or the key is null.")
_LARGE = N_("A result of more than 16,000,000 characters stops the script.")
_REGEX = N_("The expression cannot be read; one that works on a text for 2 seconds stops the script.")
_ADDRESS = N_("The text is not a web address.")
_VARIABLE = N_("The argument is not a variable.")
_INSTANCES = N_("An instance is of a type that the function cannot take.")

_OF: dict[str, tuple[str, ...]] = {
    _DATE: (
        "Date", "DayOfMonth", "DayOfWeek", "MonthOfYear", "LastDayOfMonth", "GeneralDate", "LongDate", "MediumDate",
        "ShortDate", "LongTime", "MediumTime", "ShortTime", "FormatDate",
    ),
    _ZONE: ("ConvertTimeZone", "GetUTCFormattedDate", "GetUTCFormattedDateTime"),
    _NUMBER: ("Int", "Long", "Double", "Float", "RoundToInt", "Ceiling", "Floor", "Mod", "Random", "Sleep", "Left",
              "Right", "Mid", "Truncate"),
    _BINARY: ("BinaryToHex", "BinaryToUUID"),
    _HEX: ("HexToBinary", "HexToString"),
    _DICTIONARY: ("AddToDict", "CollectValues", "GetKeys", "HasKey", "MapCache", "RemoveKey"),
    _LARGE: ("LPad", "LPadChar", "RPad", "RPadChar", "RandomString", "Replace", "URLEncode", "SumString"),
    _REGEX: ("RegExMatch", "RegExReplace"),
    _ADDRESS: ("URLDecode", "ParseURL"),
    _VARIABLE: ("ArgumentList", "InitCounter", "GetName"),
    _INSTANCES: ("Sum", "Max", "Min"),
    N_("The text is not written as the first mask says."): ("CVTDate",),
    N_("There is no such part of a date, the text is no date, or the result leaves the years 1 to 9999."): ("DateAdd",),
    N_("The text is not a UUID."): ("UUIDToBinary",),
    N_("The text is not Base64."): ("Base64Decode",),
    N_("A date, an array, a dictionary or binary data is neither true nor false."): ("Bool",),
    N_("The places are not between 0 and 50, or the number has too many digits."): ("Round",),
    N_("The number is negative."): ("Sqrt",),
    N_("The number is not above 0."): ("Log", "Log10"),
    N_("The result is too large."): ("Exp",),
    N_("The result is too large, or the root of a negative number."): ("Pow",),
    N_("The argument is no array."): ("SortArray",),
    N_("The argument is no array of arrays."): ("ReduceDimension",),
    N_("The mask is none of a number, or the text is no date."): ("Format",),
    N_("The delimiter is not one character, or the line is not delimited text."): ("SplitCSV",),
    N_("The text is not written like an array, or an entry is not of the type."): ("ReadArrayString",),
    N_("There is no such table, or no such column."): ("TableLookup",),
    N_("Always: that is what it is for."): ("RaiseError",),
    N_("The condition is an array, or it still holds after 50,000 turns."): ("While",),
    N_("The condition is an array, a dictionary or binary data."): ("If", "DebugBreak"),
    N_("A condition has no value after it, or is an array."): ("Case",),
    N_("The position is negative, or the variable is no array."): ("Get", "Set"),
}  # fmt: skip
_BY_NAME = {name: text for text, names in _OF.items() for name in names}


def failure_of(function: str) -> str:
    """When a function raises an error of its own, in English; empty where it never does."""
    return _BY_NAME.get(function, "")
