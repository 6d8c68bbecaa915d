"""Constants as bit patterns: what `fconst` carries and what static data holds."""

from typing import Final

from ourocc.base.floating import Real
from ourocc.ir import types as ty

# IR type -> (exponent bits, fraction bits); f80 has an explicit integer bit besides
FORMATS: Final = {ty.F16: (5, 10), ty.F32: (8, 23), ty.F64: (11, 52), ty.F80: (15, 63), ty.F128: (15, 112)}


def real_bits(value: Real, type: int) -> int:
    """The bit pattern of `value`, which must be exact in the format (IEEE 754 3.4; f80: Intel manual 4.2.2)."""
    exponent_bits, fraction_bits = FORMATS[type]
    bias = (1 << (exponent_bits - 1)) - 1
    maximum = (1 << exponent_bits) - 1
    explicit = type == ty.F80
    width = fraction_bits + (1 if explicit else 0)
    sign = value.sign << (exponent_bits + width)
    integer_bit = 1 << fraction_bits if explicit else 0
    if value.special == 1:
        return sign | maximum << width | integer_bit
    if value.special >= 2:
        quiet = 1 << (fraction_bits - 1) if value.special == 2 else 0
        payload = value.significand & ((1 << (fraction_bits - 1)) - 1)
        if value.special == 3 and payload == 0:
            payload = 1 << (fraction_bits - 2)
        return sign | maximum << width | integer_bit | quiet | payload
    if value.significand == 0:
        return sign
    significand = value.significand
    exponent = value.exponent + significand.bit_length() - 1  # of the leading bit
    lowest = max(exponent, 1 - bias) - fraction_bits  # weight of the last fraction bit
    shift = value.exponent - lowest
    if shift >= 0:
        significand <<= shift
    else:
        assert significand & ((1 << -shift) - 1) == 0, "constant was not rounded to its format"
        significand >>= -shift
    if exponent < 1 - bias:
        return sign | significand
    biased = exponent + bias
    if biased >= maximum:
        return sign | maximum << width | integer_bit
    if not explicit:
        significand &= (1 << fraction_bits) - 1
    return sign | biased << width | significand


def bytes_of_bits(bits: int, type: int) -> bytes:
    """The little-endian bytes that a store of the pattern writes (f80: 10 of its 16 bytes)."""
    size = 10 if type == ty.F80 else ty.size(type)
    return bits.to_bytes(size, "little")


def one_bits(type: int) -> int:
    """The pattern of 1.0."""
    return real_bits(Real(0, 1, 0), type)
