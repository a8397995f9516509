"""The letters of loops."""

from __future__ import annotations


def loop_letter(index: int) -> str:
    """The letter of the loop that appears as number `index` (from 0): A to Z, then AA, AB …"""
    letters = ""
    index += 1
    while index > 0:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
