"""Floating constants by C type: the folder's door to `base/floating.py`.

A floating `Type` carries its significand's width in `length` (24, 53, 64, 113 ...); every result
is rounded to nearest, ties to even, as the machine would at run time.
"""

from typing import Final

from ourocc.base.floating import Real as Real
from ourocc.semantics.typed_tree import ADD, DIVIDE, MULTIPLY, SUBTRACT
from ourocc.semantics.types import Type

UNORDERED: Final = 2
LARGEST_EXPONENT: Final = {11: 15, 24: 127, 53: 1023, 64: 16383, 113: 16383}


def infinity(sign: int) -> Real:
    return Real(sign, 0, 0, 1)


def quiet_nan() -> Real:
    return Real(0, 0, 0, 2)


def is_zero(value: Real) -> bool:
    return value.special == 0 and value.significand == 0


def is_nan(value: Real) -> bool:
    return value.special >= 2


def negate(value: Real) -> Real:
    return Real(1 - value.sign, value.significand, value.exponent, value.special)


def rounded(sign: int, significand: int, exponent: int, sticky: bool, type: Type) -> Real:
    """significand * 2**exponent (plus a little, when `sticky`) rounded to the type's format."""
    precision = type.length
    largest = LARGEST_EXPONENT[precision]
    smallest = 1 - largest - precision + 1  # exponent of the last bit of a subnormal number
    if significand == 0:
        return Real(sign, 0, 0, 0)
    excess = max(significand.bit_length() - precision, smallest - exponent)
    if excess > 0:
        rest = significand & ((1 << excess) - 1)
        significand >>= excess
        exponent += excess
        half = 1 << (excess - 1)
        if rest > half or (rest == half and (sticky or significand & 1)):
            significand += 1
        if significand == 0:
            return Real(sign, 0, 0, 0)
    if significand.bit_length() + exponent - 1 > largest:
        return infinity(sign)
    return Real(sign, significand, exponent, 0)


def round_to(value: Real, type: Type) -> Real:
    if value.special:
        return value
    return rounded(value.sign, value.significand, value.exponent, False, type)


def from_integer(value: int, type: Type) -> Real:
    return rounded(1 if value < 0 else 0, abs(value), 0, False, type)


def from_decimal(digits: str, type: Type) -> Real:
    """A decimal or hexadecimal floating constant without suffix, rounded once."""
    text = digits.lower()
    if text.startswith("0x"):
        mantissa, _, power = text[2:].partition("p")
        whole, _, fraction = mantissa.partition(".")
        return rounded(0, int(whole + fraction or "0", 16), int(power or "0") - 4 * len(fraction), False, type)
    mantissa, _, power = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    number = int(whole + fraction or "0")
    scale = int(power or "0") - len(fraction)
    if number == 0:
        return Real(0, 0, 0, 0)
    if scale + len(str(number)) > 6000:
        return infinity(0)
    if scale + len(str(number)) < -6000:
        return Real(0, 0, 0, 0)
    if scale >= 0:
        return rounded(0, number * 10**scale, 0, False, type)
    return divide_integers(0, number, 10**-scale, 0, type)


def divide_integers(sign: int, numerator: int, denominator: int, exponent: int, type: Type) -> Real:
    shift = max(0, type.length + 3 + denominator.bit_length() - numerator.bit_length())
    quotient, rest = divmod(numerator << shift, denominator)
    if rest:
        quotient = quotient << 1 | 1
        shift += 1
    return rounded(sign, quotient, exponent - shift, rest != 0, type)


def to_integer(value: Real, type: Type) -> int:
    """Truncated toward zero; out of range saturates, as gcc folds it; NaN gives 0."""
    bits = type.precision or type.size * 8
    low, high = (0, (1 << bits) - 1) if type.unsigned else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    if value.special == 1:
        return low if value.sign else high
    if value.special:
        return 0
    if value.exponent >= 0:
        result = value.significand << min(value.exponent, 20000)
    else:
        result = value.significand >> -value.exponent
    if value.sign:
        result = -result
    return min(max(result, low), high)


def is_integral(value: Real) -> bool:
    if value.special:
        return False
    return value.exponent >= 0 or value.significand & ((1 << -value.exponent) - 1) == 0


def compare(a: Real, b: Real) -> int:
    """-1, 0, 1 or UNORDERED."""
    if a.special >= 2 or b.special >= 2:
        return UNORDERED
    x = ordered_key(a, b)
    y = ordered_key(b, a)
    return (x > y) - (x < y)


def ordered_key(value: Real, other: Real) -> int:
    if value.special == 1:
        beyond = 40000  # bits, more than any type has; a variable, because mypyc would write out a constant
        result = 1 << beyond
    else:
        shift = value.exponent - min(value.exponent, other.exponent if other.special == 0 else value.exponent)
        result = value.significand << shift
    return -result if value.sign else result


def arithmetic(kind: int, a: Real, b: Real, type: Type) -> Real | None:
    """ADD, SUBTRACT, MULTIPLY, DIVIDE of finite values; None: leave it to the run time."""
    if a.special or b.special:
        return special_arithmetic(kind, a, b)
    if kind == SUBTRACT:
        b = negate(b)
    if kind == ADD or kind == SUBTRACT:
        exponent = min(a.exponent, b.exponent)
        x = a.significand << (a.exponent - exponent)
        y = b.significand << (b.exponent - exponent)
        total = (-x if a.sign else x) + (-y if b.sign else y)
        if total == 0:
            return Real(a.sign & b.sign, 0, 0, 0)
        return rounded(1 if total < 0 else 0, abs(total), exponent, False, type)
    sign = a.sign ^ b.sign
    if kind == MULTIPLY:
        return rounded(sign, a.significand * b.significand, a.exponent + b.exponent, False, type)
    if kind == DIVIDE:
        if b.significand == 0:
            return quiet_nan() if a.significand == 0 else infinity(sign)
        if a.significand == 0:
            return Real(sign, 0, 0, 0)
        return divide_integers(sign, a.significand, b.significand, a.exponent - b.exponent, type)
    return None


def special_arithmetic(kind: int, a: Real, b: Real) -> Real | None:
    """An operand is infinite or a NaN."""
    if a.special >= 2:
        return a
    if b.special >= 2:
        return b
    if kind == SUBTRACT:
        b = negate(b)
    if kind == ADD or kind == SUBTRACT:
        if a.special and b.special and a.sign != b.sign:
            return quiet_nan()
        return a if a.special else b
    sign = a.sign ^ b.sign
    if kind == MULTIPLY:
        return quiet_nan() if is_zero(a) or is_zero(b) else infinity(sign)
    if kind == DIVIDE:
        if a.special:
            return quiet_nan() if b.special else infinity(sign)
        return Real(sign, 0, 0, 0)
    return None
