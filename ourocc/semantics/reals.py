"""Floating constants by C type: the folder's door to `base/floating.py`.

A floating `Type` carries its significand's width in `length` (24, 53, 64, 113 ...), which names its
format; every result is rounded to nearest, ties to even, as the machine would at run time.
"""

from typing import Final

from ourocc.base import floating
from ourocc.base.floating import F16, F32, F64, F80, F128, Format
from ourocc.base.floating import Real as Real
from ourocc.semantics.typed_tree import ADD, DIVIDE, MULTIPLY, SUBTRACT
from ourocc.semantics.types import Type

UNORDERED: Final = 2
_FORMATS: Final = {11: F16, 24: F32, 53: F64, 64: F80, 113: F128}


def format_of(type: Type) -> Format:
    return _FORMATS[type.length]


def infinity(sign: int) -> Real:
    return floating.infinity(sign)


def nan(payload: int, signalling: bool, type: Type) -> Real:
    return floating.nan(0, payload, signalling, format_of(type))


def is_zero(value: Real) -> bool:
    return value.is_zero()


def is_nan(value: Real) -> bool:
    return value.is_nan()


def negate(value: Real) -> Real:
    return floating.negate(value)


def round_to(value: Real, type: Type) -> Real:
    return floating.convert(value, format_of(type))


def from_integer(value: int, type: Type) -> Real:
    return floating.convert(floating.from_int(value), format_of(type))


def from_text(digits: str, type: Type) -> Real:
    """A decimal or hexadecimal floating constant without suffix, rounded once."""
    return floating.parse(digits, format_of(type))


def is_normal(value: Real, type: Type) -> bool:
    if value.special or value.significand == 0:
        return False
    return value.significand.bit_length() + value.exponent - 1 >= format_of(type).minimum_exponent


def to_integer(value: Real, type: Type) -> int:
    """Truncated toward zero; out of range saturates, as gcc folds it; NaN gives 0."""
    bits = type.precision or type.size * 8
    low, high = (0, (1 << bits) - 1) if type.unsigned else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    if value.special == 1:
        return low if value.sign else high
    if value.special:
        return 0
    if value.significand.bit_length() + value.exponent > 200:
        return low if value.sign else high
    return min(max(floating.to_int(value), low), high)


def is_integral(value: Real) -> bool:
    return value.special == 0 and (value.exponent >= 0 or value.significand == 0)


def compare(a: Real, b: Real) -> int:
    """-1, 0, 1 or UNORDERED."""
    return floating.compare(a, b)


def arithmetic(kind: int, a: Real, b: Real, type: Type) -> Real | None:
    """ADD, SUBTRACT, MULTIPLY, DIVIDE; None for others."""
    form = format_of(type)
    if kind == ADD:
        return floating.add(a, b, form)
    if kind == SUBTRACT:
        return floating.subtract(a, b, form)
    if kind == MULTIPLY:
        return floating.multiply(a, b, form)
    if kind == DIVIDE:
        return floating.divide(a, b, form)
    return None
