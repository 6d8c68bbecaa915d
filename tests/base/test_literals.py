"""Constants and string literals (C17 6.4.4, 6.4.5)."""

import pytest

from ourocc.base.literals import (
    LiteralError,
    is_floating,
    parse_character,
    parse_floating,
    parse_integer,
    parse_strings,
)


@pytest.mark.parametrize(
    ("spelling", "value", "base", "unsigned", "longs"),
    [
        ("0", 0, 8, False, 0), ("42", 42, 10, False, 0), ("052", 42, 8, False, 0), ("0x2A", 42, 16, False, 0),
        ("0b101010", 42, 2, False, 0), ("42u", 42, 10, True, 0), ("42UL", 42, 10, True, 1),
        ("42llu", 42, 10, True, 2), ("0XFFFFFFFFFFFFFFFFull", 2**64 - 1, 16, True, 2), ("1'000", 1000, 10, False, 0),
        ("18446744073709551616", 2**64, 10, False, 0),
    ],
)  # fmt: skip
def test_integers(spelling: str, value: int, base: int, unsigned: bool, longs: int) -> None:
    literal = parse_integer(spelling)
    assert (literal.value, literal.base, literal.unsigned, literal.longs) == (value, base, unsigned, longs)
    assert not literal.imaginary


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ("08", 'invalid digit "8" in octal constant'),
        ("0b12", 'invalid digit "2" in binary constant'),
        ("1x", 'invalid suffix "x" on integer constant'),
        ("1lL", 'invalid suffix "lL" on integer constant'),
        ("1uu", 'invalid suffix "uu" on integer constant'),
        ("0x", 'invalid suffix "x" on integer constant'),
        ("0xg", 'invalid suffix "xg" on integer constant'),
    ],
)
def test_wrong_integers(spelling: str, message: str) -> None:
    with pytest.raises(LiteralError) as caught:
        parse_integer(spelling)
    assert caught.value.message == message


def test_floating_constants() -> None:
    for spelling in ("1.", ".5", "1e5", "0x1p3", "0x.8p1f", "1.0L", "010.5", "09e1"):
        assert is_floating(spelling)
    for spelling in ("1", "0x1e5", "0xep", "1u", "0b1"):
        assert is_floating(spelling) == ("p" in spelling)
    assert (parse_floating("1.5e+3f").digits, parse_floating("1.5e+3f").suffix) == ("1.5e+3", "f")
    assert parse_floating("0x1p-3F128").suffix == "f128"
    assert parse_floating("1.0if").imaginary and parse_floating("1.0if").suffix == "f"


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ("1.0x", 'invalid suffix "x" on floating constant'),
        ("1e", "exponent has no digits"),
        ("1e+", "exponent has no digits"),
        ("0x1.0", "hexadecimal floating constants require an exponent"),
        ("0x1p", "exponent has no digits"),
        ("0x.p1", "no digits in hexadecimal floating constant"),
        ("1.2.3", "too many decimal points in number"),
    ],
)
def test_wrong_floating_constants(spelling: str, message: str) -> None:
    with pytest.raises(LiteralError) as caught:
        parse_floating(spelling)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("spelling", "value", "warning"),
    [
        ("'a'", 97, ""), ("'\\n'", 10, ""), ("'\\377'", -1, ""), ("'\\xff'", -1, ""), ("'\\0'", 0, ""),
        ("'ab'", 0x6162, "multi-character character constant"), ("'\\''", 39, ""), ("'\"'", 34, ""),
        ("'abcde'", 0x62636465, "character constant too long for its type"), ("L'\\xffffffff'", -1, ""),
        ("u'\u20ac'", 0x20AC, ""), ("U'\U0001f600'", 0x1F600, ""), ("'\\400'", 0, "octal escape sequence out of range"),
        ("'\\q'", 113, "unknown escape sequence: '\\q'"), ("'\\e'", 27, "non-ISO-standard escape sequence, '\\e'"),
    ],
)  # fmt: skip
def test_characters(spelling: str, value: int, warning: str) -> None:
    literal = parse_character(spelling)
    assert literal.value == value
    assert [text for _, text in literal.warnings] == ([warning] if warning else [])
    assert parse_character("'\\377'", True).value == 255


@pytest.mark.parametrize(
    ("spelling", "message"),
    [
        ("''", "empty character constant"),
        ("'\\x'", "\\x used with no following hex digits"),
        ("'\\u12'", "incomplete universal character name \\u12"),
        ("'\\ud800'", "\\ud800 is not a valid universal character"),
    ],
)
def test_wrong_characters(spelling: str, message: str) -> None:
    with pytest.raises(LiteralError) as caught:
        parse_character(spelling)
    assert caught.value.message == message


def test_strings() -> None:
    assert parse_strings(['"a"', '"\\x4"', '"b"']).data() == b"a\x04b"
    assert parse_strings(['"\u00e9"']).data() == "é".encode()
    assert parse_strings(['"\\u20ac"']).data() == "€".encode()
    assert parse_strings(['"\udce9"']).data() == b"\xe9"
    wide = parse_strings(['"a"', 'L"\U0001f600"'])
    assert (wide.prefix, wide.width, wide.units) == ("L", 4, [97, 0x1F600])
    assert parse_strings(['u"\U0001f600"']).units == [0xD83D, 0xDE00]
    assert parse_strings(['R"x(a\\n)x"']).data() == b"a\\n"
    assert parse_strings(['u8"a"', '"b"']).prefix == "u8"
    with pytest.raises(LiteralError):
        parse_strings(['u"a"', 'L"b"'])
