"""Decoding of C constants and string literals (C17 6.4.4, 6.4.5): spelling in, value out.

The preprocessor needs it for #if, semantics for expressions.  Which type an integer constant gets
(C17 6.4.4.1 p5) is semantics' business; here stand value, suffix and base.  Nothing is reported from
here: errors are raised as `LiteralError`, warnings are returned as (option, message) pairs, where
option "" is always on and "pedantic" means a pedwarn.
"""

import re
from typing import Final, final


class LiteralError(Exception):
    """The spelling is no constant.  `floating`: it is a floating constant where an integer is needed."""

    def __init__(self, message: str, floating: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.floating = floating


@final
class IntegerLiteral:
    def __init__(self, value: int, unsigned: bool, longs: int, imaginary: bool, base: int) -> None:
        self.value = value  # exact, may exceed every type
        self.unsigned = unsigned  # suffix u
        self.longs = longs  # 0, 1 for l, 2 for ll
        self.imaginary = imaginary  # GNU suffix i or j
        self.base = base  # 2, 8, 10, 16


@final
class FloatingLiteral:
    """A floating constant taken apart; `digits` is what `floating.parse` reads."""

    def __init__(self, digits: str, suffix: str, imaginary: bool) -> None:
        self.digits = digits
        self.suffix = suffix  # lower case: "" "f" "l" "w" "q" "f16" "f32" "f64" "f128" "f32x" "f64x" "df" "dd" "dl"
        self.imaginary = imaginary


@final
class CharacterLiteral:
    def __init__(self, value: int, prefix: str, unsigned: bool) -> None:
        self.value = value
        self.prefix = prefix  # "" (type int), "L", "u", "U", "u8"
        self.unsigned = unsigned  # of the type
        self.warnings: list[tuple[str, str]] = []


@final
class StringLiteral:
    """Joined string literals: `units` are code units of `width` bytes, without the terminating zero."""

    def __init__(self, prefix: str, width: int, units: list[int]) -> None:
        self.prefix = prefix
        self.width = width
        self.units = units
        self.warnings: list[tuple[str, str]] = []

    def data(self) -> bytes:
        """The units as little-endian bytes, without the terminating zero."""
        if self.width == 1:
            return bytes(self.units)
        return b"".join([unit.to_bytes(self.width, "little") for unit in self.units])


_INTEGER: Final = re.compile(r"(0[xX][0-9a-fA-F']*|0[bB][01']*|[0-9][0-9']*)(.*)", re.DOTALL)
_FLOATING: Final = re.compile(
    r"(0[xX](?:[0-9a-fA-F']*\.?[0-9a-fA-F']*)(?:[pP][+-]?[0-9']+)?|"
    r"(?:[0-9][0-9']*\.?[0-9']*|\.[0-9][0-9']*)(?:[eE][+-]?[0-9']+)?)(.*)",
    re.DOTALL,
)
# Suffix without i/j -> (unsigned, longs)
_INTEGER_SUFFIXES: Final = {
    "": (False, 0), "u": (True, 0), "l": (False, 1), "ul": (True, 1), "lu": (True, 1),
    "ll": (False, 2), "ull": (True, 2), "llu": (True, 2),
}  # fmt: skip
_FLOATING_SUFFIXES: Final = frozenset(
    ["", "f", "l", "w", "q", "f16", "f32", "f64", "f128", "f32x", "f64x", "df", "dd", "dl"]
)


def is_floating(spelling: str) -> bool:
    """Whether a pp-number is a floating constant rather than an integer constant."""
    if spelling[:2] in ("0x", "0X"):
        return "." in spelling or "p" in spelling or "P" in spelling
    if "." in spelling:
        return True
    if spelling[:2] in ("0b", "0B"):
        return False
    for c in spelling:
        if c in "eE":
            return True
        if not (c.isdigit() or c == "'"):
            # `1f` and the like are no floating constants, but 1df, 1e5... are decided by the digits only.
            return False
    return False


def parse_integer(spelling: str) -> IntegerLiteral:
    """An integer constant; LiteralError with gcc's words when it is none."""
    if is_floating(spelling):
        raise LiteralError("floating constant where an integer is needed", True)
    match = _INTEGER.match(spelling)
    if match is None:
        raise LiteralError(f'"{spelling}" is not a valid number')
    digits = match.group(1)
    suffix = match.group(2)
    if "'" in digits:
        digits = digits.replace("'", "")
    base = 10
    if digits[:2] in ("0x", "0X"):
        base = 16
        digits = digits[2:]
        if not digits:
            raise LiteralError(f'invalid suffix "{spelling[1:]}" on integer constant')
    elif digits[:2] in ("0b", "0B"):
        base = 2
        digits = digits[2:]
        if suffix[:1].isdigit():
            raise LiteralError(f'invalid digit "{suffix[0]}" in binary constant')
        if not digits:
            raise LiteralError(f'invalid suffix "{spelling[1:]}" on integer constant')
    elif digits[0] == "0" and len(digits) > 1:
        base = 8
    elif digits == "0":
        base = 8
    if base == 8:
        for digit in digits:
            if digit in "89":
                raise LiteralError(f'invalid digit "{digit}" in octal constant')
    # Python refuses very long decimal numbers; all that counts is that this one fits no type.
    value = int(digits, base) if base != 10 or len(digits) < 1000 else 10**1000
    imaginary = False
    lower = suffix
    if suffix:
        for mark in "ijIJ":
            if mark in lower:
                lower = lower.replace(mark, "", 1)
                imaginary = True
                break
        if "lL" in lower or "Ll" in lower:
            raise LiteralError(f'invalid suffix "{suffix}" on integer constant')
        lower = lower.lower()
        if lower not in _INTEGER_SUFFIXES:
            raise LiteralError(f'invalid suffix "{suffix}" on integer constant')
    unsigned, longs = _INTEGER_SUFFIXES[lower]
    return IntegerLiteral(value, unsigned, longs, imaginary, base)


def parse_floating(spelling: str) -> FloatingLiteral:
    """A floating constant taken apart; LiteralError when the digits or the suffix are wrong."""
    match = _FLOATING.match(spelling)
    if match is None:
        raise LiteralError(f'"{spelling}" is not a valid number')
    digits = match.group(1).replace("'", "")
    suffix = match.group(2)
    if digits[:2] in ("0x", "0X"):
        if "p" not in digits and "P" not in digits:
            if suffix[:1] in ("p", "P"):
                raise LiteralError("exponent has no digits")
            raise LiteralError("hexadecimal floating constants require an exponent")
        mantissa = digits[2:].lower().split("p")[0]
        if mantissa in ("", "."):
            raise LiteralError("no digits in hexadecimal floating constant")
    elif suffix[:1] in ("e", "E"):
        raise LiteralError("exponent has no digits")
    if "." in suffix:
        raise LiteralError("too many decimal points in number")
    lower = suffix
    imaginary = False
    for mark in "ijIJ":
        if mark in lower:
            lower = lower.replace(mark, "", 1)
            imaginary = True
            break
    lower = lower.lower()
    if lower not in _FLOATING_SUFFIXES or (lower in ("df", "dd", "dl") and digits[:2] in ("0x", "0X")):
        raise LiteralError(f'invalid suffix "{suffix}" on floating constant')
    return FloatingLiteral(digits, lower, imaginary)


# ---------------------------------------------------------------------- characters and strings

_SIMPLE_ESCAPES: Final = {
    "n": 10, "t": 9, "\\": 92, "'": 39, '"': 34, "?": 63, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11,
}  # fmt: skip
_WIDTHS: Final = {"": 1, "u8": 1, "L": 4, "u": 2, "U": 4}
_OCTAL_OR_HEX: Final = re.compile(r"[0-7]{1,3}|x([0-9a-fA-F]*)")


def _add_character(code: int, width: int, units: list[int]) -> None:
    """A source character or UCN in the execution character set: UTF-8, UTF-16 or UTF-32."""
    if 0xDC80 <= code <= 0xDCFF:
        units.append(code - 0xDC00)  # a byte that is no UTF-8 stands for itself
    elif width == 4 or code < 0x80:
        units.append(code)
    elif width == 2:
        if code >= 0x10000:
            code -= 0x10000
            units.append(0xD800 | code >> 10)
            units.append(0xDC00 | code & 0x3FF)
        else:
            units.append(code)
    else:
        units += chr(code).encode("utf-8", "surrogatepass")


def _universal_character(text: str, index: int, warnings: list[tuple[str, str]]) -> tuple[int, int]:
    """\\uXXXX or \\UXXXXXXXX at `index` (of the u): code point and index behind it (C17 6.4.3)."""
    count = 4 if text[index] == "u" else 8
    digits = text[index + 1 : index + 1 + count]
    length = 0
    while length < len(digits) and digits[length] in "0123456789abcdefABCDEF":
        length += 1
    written = "\\" + text[index] + digits[:length]
    if length < count:
        raise LiteralError(f"incomplete universal character name {written}")
    code = int(digits, 16)
    if code > 0x10FFFF:
        raise LiteralError(f"{written} is outside the UCS codespace")
    if 0xD800 <= code <= 0xDFFF or (code < 0xA0 and code not in (0x24, 0x40, 0x60)):
        raise LiteralError(f"{written} is not a valid universal character")
    return code, index + 1 + count


def decode_characters(text: str, width: int, warnings: list[tuple[str, str]]) -> list[int]:
    """The code units of what stands between the quotes."""
    units: list[int] = []
    if "\\" not in text:
        if width == 1:
            return list(text.encode("utf-8", "surrogateescape"))
        for c in text:
            _add_character(ord(c), width, units)
        return units
    mask = (1 << (8 * width)) - 1
    index = 0
    count = len(text)
    while index < count:
        c = text[index]
        index += 1
        if c != "\\":
            _add_character(ord(c), width, units)
            continue
        if index >= count:
            raise LiteralError("missing character after '\\'")
        c = text[index]
        simple = _SIMPLE_ESCAPES.get(c, -1)
        if simple >= 0:
            units.append(simple)
            index += 1
        elif c in "01234567x":
            match = _OCTAL_OR_HEX.match(text, index)
            assert match is not None
            if c == "x":
                if not match.group(1):
                    raise LiteralError("\\x used with no following hex digits")
                value = int(match.group(1), 16)
            else:
                value = int(match.group(), 8)
            if value > mask:
                kind = "hex" if c == "x" else "octal"
                warnings.append(("", f"{kind} escape sequence out of range"))
                value &= mask
            units.append(value)
            index = match.end()
        elif c in "uU":
            code, index = _universal_character(text, index, warnings)
            _add_character(code, width, units)
        elif c in "eE":
            warnings.append(("pedantic", f"non-ISO-standard escape sequence, '\\{c}'"))
            units.append(27)
            index += 1
        elif c in "({[%":
            warnings.append(("pedantic", f"non-ISO-standard escape sequence, '\\{c}'"))
            units.append(ord(c))
            index += 1
        else:
            if " " <= c <= "~":
                warnings.append(("", f"unknown escape sequence: '\\{c}'"))
            else:
                warnings.append(("", f"unknown escape sequence: '\\{ord(c):03o}'"))
            _add_character(ord(c), width, units)
            index += 1
    return units


def split_literal(spelling: str) -> tuple[str, str]:
    """Prefix and text between the quotes.  The text of a raw string is given with escaped backslashes."""
    quote = 0
    while spelling[quote] not in "\"'":
        quote += 1
    prefix = spelling[:quote]
    if prefix.endswith("R"):
        opening = spelling.index("(", quote)
        text = spelling[opening + 1 : len(spelling) - (opening - quote) - 1]
        return prefix[:-1], text.replace("\\", "\\\\")
    return prefix, spelling[quote + 1 : -1]


def parse_character(spelling: str, unsigned_char: bool = False) -> CharacterLiteral:
    """A character constant (C17 6.4.4.4)."""
    prefix, text = split_literal(spelling)
    if not text:
        raise LiteralError("empty character constant")
    warnings: list[tuple[str, str]] = []
    width = _WIDTHS[prefix]
    units = decode_characters(text, width, warnings)
    if prefix == "":
        result = _narrow_character(units, unsigned_char, warnings)
    else:
        if len(units) > 1:
            if prefix == "u8":
                raise LiteralError("character not encodable in a single code unit")
            if prefix == "u" and 0xD800 <= units[0] < 0xDC00 and len(units) == 2:
                warnings.append(("", "character constant too long for its type"))
            else:
                warnings.append(("", "character constant too long for its type"))
        value = units[-1]
        if prefix == "L" and value >= 1 << 31:
            value -= 1 << 32
        result = CharacterLiteral(value, prefix, prefix != "L")
    result.warnings = warnings
    return result


def _narrow_character(units: list[int], unsigned_char: bool, warnings: list[tuple[str, str]]) -> CharacterLiteral:
    """A constant of type int; several characters are packed big-endian, as GNU C does."""
    if len(units) == 1:
        value = units[0]
        if value >= 0x80 and not unsigned_char:
            value -= 0x100
        return CharacterLiteral(value, "", False)
    if len(units) > 4:
        warnings.append(("", "character constant too long for its type"))
    else:
        warnings.append(("multichar", "multi-character character constant"))
    value = 0
    for unit in units[-4:] if len(units) > 4 else units:
        value = value << 8 | unit
    if value >= 1 << 31:
        value -= 1 << 32
    return CharacterLiteral(value, "", False)


def parse_strings(spellings: list[str]) -> StringLiteral:
    """Adjacent string literals, joined (C17 6.4.5 p5): they share the one prefix that any of them has."""
    prefix = ""
    texts: list[str] = []
    for spelling in spellings:
        own, text = split_literal(spelling)
        texts.append(text)
        if own and own != prefix:
            if prefix:
                raise LiteralError("unsupported non-standard concatenation of string literals")
            prefix = own
    width = _WIDTHS[prefix]
    warnings: list[tuple[str, str]] = []
    units: list[int] = []
    for text in texts:
        # Each is decoded by itself: an escape sequence does not reach into the next one.
        units += decode_characters(text, width, warnings)
    result = StringLiteral(prefix, width, units)
    result.warnings = warnings
    return result
