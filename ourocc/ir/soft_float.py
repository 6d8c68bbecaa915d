"""Floating-point arithmetic of every IR format in exact integers: what the interpreter falls back to.

A value is decoded to a fraction (numerator * 2**exponent) or a special, computed exactly, and rounded once, to nearest,
ties to even (IEEE 754 4.3.1).  NaN results are the default quiet NaN with the sign that x86 gives it.
"""

from fractions import Fraction
from math import isqrt
from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import normalize, unsigned

# type -> exponent bits, fraction bits
FORMATS: Final = {ty.F16: (5, 10), ty.F32: (8, 23), ty.F64: (11, 52), ty.F80: (15, 63), ty.F128: (15, 112)}
FINITE: Final = 0
INFINITE: Final = 1
NAN: Final = 2


def width_of(type: int) -> int:
    """Bits of the pattern."""
    return 80 if type == ty.F80 else ty.BITS[type]


def decode(bits: int, type: int) -> tuple[int, int, Fraction]:
    """(class, sign, magnitude)"""
    exponent_bits, fraction_bits = FORMATS[type]
    stored = fraction_bits + (1 if type == ty.F80 else 0)
    sign = bits >> (stored + exponent_bits) & 1
    exponent = bits >> stored & ((1 << exponent_bits) - 1)
    fraction = bits & ((1 << stored) - 1)
    maximum = (1 << exponent_bits) - 1
    bias = maximum >> 1
    if exponent == maximum:
        if fraction & ((1 << fraction_bits) - 1):
            return NAN, sign, Fraction(0)
        return INFINITE, sign, Fraction(0)
    if type != ty.F80 and exponent:
        fraction |= 1 << fraction_bits
    power = max(exponent, 1) - bias - fraction_bits
    return FINITE, sign, Fraction(fraction) * (Fraction(2) ** power)


def infinity(sign: int, type: int) -> int:
    exponent_bits, fraction_bits = FORMATS[type]
    stored = fraction_bits + (1 if type == ty.F80 else 0)
    integer_bit = 1 << fraction_bits if type == ty.F80 else 0
    return sign << (stored + exponent_bits) | ((1 << exponent_bits) - 1) << stored | integer_bit


def default_nan(type: int) -> int:
    """x86's "real indefinite"."""
    return infinity(1, type) | 1 << (FORMATS[type][1] - 1)


def encode(sign: int, magnitude: Fraction, type: int) -> int:
    """Round a non-negative exact value."""
    exponent_bits, fraction_bits = FORMATS[type]
    stored = fraction_bits + (1 if type == ty.F80 else 0)
    top = sign << (stored + exponent_bits)
    if magnitude == 0:
        return top
    bias = (1 << (exponent_bits - 1)) - 1
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if magnitude < Fraction(2) ** exponent:
        exponent -= 1
    exponent = max(exponent, 1 - bias)
    scaled = magnitude * Fraction(2) ** (fraction_bits - exponent)
    significand = scaled.numerator // scaled.denominator
    rest = scaled - significand
    half = Fraction(1, 2)
    if rest > half or (rest == half and significand & 1):
        significand += 1
    if significand >> (fraction_bits + 1):
        significand >>= 1
        exponent += 1
    if significand >> fraction_bits == 0:  # subnormal
        return top | significand
    biased = exponent + bias
    if biased >= (1 << exponent_bits) - 1:
        return infinity(sign, type)
    if type != ty.F80:
        significand &= (1 << fraction_bits) - 1
    return top | biased << stored | significand


def from_integer(number: int, type: int) -> int:
    return encode(1 if number < 0 else 0, Fraction(abs(number)), type)


def convert(bits: int, source: int, target: int) -> int:
    kind, sign, magnitude = decode(bits, source)
    if kind == NAN:
        return quiet(bits, source, target)
    if kind == INFINITE:
        return infinity(sign, target)
    return encode(sign, magnitude, target)


def quiet(bits: int, source: int, target: int) -> int:
    """A NaN in another format: payload kept from the top, quiet bit set."""
    source_fraction = FORMATS[source][1]
    target_fraction = FORMATS[target][1]
    payload = bits & ((1 << source_fraction) - 1)
    shift = target_fraction - source_fraction
    payload = payload << shift if shift >= 0 else payload >> -shift
    _, sign, _ = decode(bits, source)
    return infinity(sign, target) | payload | 1 << (target_fraction - 1)


def to_integer(bits: int, source: int, target: int, signed: bool) -> int:
    """Toward zero; out of range: x86's integer indefinite."""
    kind, sign, magnitude = decode(bits, source)
    width = ty.BITS[target]
    if kind != FINITE:
        return normalize(1 << (width - 1), target)
    number = magnitude.numerator // magnitude.denominator
    if sign:
        number = -number
    low = -(1 << (width - 1)) if signed else -(1 << width)
    if not low <= number < 1 << width:
        return normalize(1 << (width - 1), target)
    return normalize(number, target)


def compare(operation: int, type: int, x: int, y: int) -> int:
    x_kind, x_sign, x_magnitude = decode(x, type)
    y_kind, y_sign, y_magnitude = decode(y, type)
    if x_kind == NAN or y_kind == NAN:
        return int(operation in (op.FUNE, op.FULT, op.FULE, op.FUGT, op.FUGE, op.FUEQ, op.FUNO))
    a = order_key(x_kind, x_sign, x_magnitude)
    b = order_key(y_kind, y_sign, y_magnitude)
    if operation in (op.FOEQ, op.FUEQ):
        return int(a == b)
    if operation in (op.FUNE, op.FONE):
        return int(a != b)
    if operation in (op.FOLT, op.FULT):
        return int(a < b)
    if operation in (op.FOLE, op.FULE):
        return int(a <= b)
    if operation in (op.FOGT, op.FUGT):
        return int(a > b)
    if operation in (op.FOGE, op.FUGE):
        return int(a >= b)
    return int(operation == op.FORD)


def order_key(kind: int, sign: int, magnitude: Fraction) -> tuple[int, Fraction]:
    if kind == INFINITE:
        return (-1 if sign else 1), Fraction(0)
    return 0, -magnitude if sign else magnitude


def arithmetic(operation: int, type: int, x: int, y: int) -> int:
    """fadd, fsub, fmul, fdiv."""
    x_kind, x_sign, x_magnitude = decode(x, type)
    y_kind, y_sign, y_magnitude = decode(y, type)
    if x_kind == NAN:
        return x | 1 << (FORMATS[type][1] - 1)
    if y_kind == NAN:
        return y | 1 << (FORMATS[type][1] - 1)
    if operation == op.FSUB:
        y_sign ^= 1
        operation = op.FADD
    if operation == op.FADD:
        if x_kind == INFINITE and y_kind == INFINITE:
            return infinity(x_sign, type) if x_sign == y_sign else default_nan(type)
        if x_kind == INFINITE or y_kind == INFINITE:
            return infinity(x_sign if x_kind == INFINITE else y_sign, type)
        total = (-x_magnitude if x_sign else x_magnitude) + (-y_magnitude if y_sign else y_magnitude)
        if total == 0:
            return encode(x_sign & y_sign, Fraction(0), type)
        return encode(int(total < 0), abs(total), type)
    sign = x_sign ^ y_sign
    if operation == op.FMUL:
        if x_kind == INFINITE or y_kind == INFINITE:
            if (x_kind == FINITE and x_magnitude == 0) or (y_kind == FINITE and y_magnitude == 0):
                return default_nan(type)
            return infinity(sign, type)
        return encode(sign, x_magnitude * y_magnitude, type)
    if x_kind == INFINITE:
        return default_nan(type) if y_kind == INFINITE else infinity(sign, type)
    if y_kind == INFINITE:
        return encode(sign, Fraction(0), type)
    if y_magnitude == 0:
        return default_nan(type) if x_magnitude == 0 else infinity(sign, type)
    return encode(sign, x_magnitude / y_magnitude, type)


def square_root(type: int, x: int) -> int:
    kind, sign, magnitude = decode(x, type)
    if kind == NAN:
        return x | 1 << (FORMATS[type][1] - 1)
    if magnitude == 0 and kind == FINITE:
        return x
    if sign:
        return default_nan(type)
    if kind == INFINITE:
        return x
    shift = 2 * (FORMATS[type][1] + 8)
    while magnitude.numerator << shift < magnitude.denominator << (2 * FORMATS[type][1] + 8):
        shift += 64
    scaled = (magnitude.numerator << (2 * shift)) // magnitude.denominator
    root = isqrt(scaled)
    exact = root * root == scaled and (magnitude.numerator << (2 * shift)) % magnitude.denominator == 0
    if not exact:
        root = root << 1 | 1  # a sticky bit
        return encode(0, Fraction(root, 1 << (shift + 1)), type)
    return encode(0, Fraction(root, 1 << shift), type)


def compute(operation: int, type: int, source: int, arguments: list[int]) -> int:
    """Any floating operation or conversion on bit patterns (integers normalized)."""
    x = arguments[0]
    if operation == op.SITOF:
        return from_integer(x, type)
    if operation == op.UITOF:
        return from_integer(unsigned(x, source), type)
    if operation == op.FTOSI or operation == op.FTOUI:
        return to_integer(x, source, type, operation == op.FTOSI)
    if operation == op.FCONVERT:
        return convert(x, source, type)
    sign = 1 << (width_of(source) - 1)
    if operation == op.FNEG:
        return x ^ sign
    if operation == op.FABS:
        return x & ~sign
    if operation == op.FSQRT:
        return square_root(type, x)
    y = arguments[1]
    if operation == op.FCOPYSIGN:
        return x & ~sign | y & sign
    if op.FOEQ <= operation <= op.FUNO:
        return compare(operation, source, x, y)
    return arithmetic(operation, type, x, y)
