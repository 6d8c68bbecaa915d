"""Text of the string literals in asm statements and labels: escapes decoded, adjacent ones joined."""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]+)|([0-7]{1,3})|(.))", re.S)
_SIMPLE: Final = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b",
}  # fmt: skip


def _decode(match: re.Match[str]) -> str:
    if match.group(1):
        return chr(int(match.group(1), 16) & 255)
    if match.group(2):
        return chr(int(match.group(2), 8) & 255)
    return _SIMPLE.get(match.group(3), match.group(3))


def string_literal_text(spellings: list[str]) -> str:
    """The characters of adjacent literals spelled `spellings` (quotes included)."""
    return "".join(_ESCAPE.sub(_decode, spelling[spelling.index('"') + 1 : -1]) for spelling in spellings)
