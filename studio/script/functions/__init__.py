"""The functions of the script language, by family. Importing this package declares all of them."""

from studio.script.functions import (
    collections,
    conversion,
    dates,
    elsewhere_running,
    elsewhere_systems,
    general,
    hashes,
    instances,
    lazy,
    masks,
    numbers,
    patterns,
    reading_dates,
    strings,
)
from studio.script.functions.registry import FAMILIES, FUNCTIONS, Argument, Function, find, nearest

__all__ = [
    "FAMILIES",
    "FUNCTIONS",
    "Argument",
    "Function",
    "collections",
    "conversion",
    "dates",
    "elsewhere_running",
    "elsewhere_systems",
    "find",
    "general",
    "hashes",
    "instances",
    "lazy",
    "masks",
    "nearest",
    "numbers",
    "patterns",
    "reading_dates",
    "strings",
]
