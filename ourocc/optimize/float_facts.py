"""Questions that rules ask about floating-point values and constants (bit patterns)."""

from ourocc.ir import operations as op
from ourocc.ir import soft_float
from ourocc.ir import types as ty
from ourocc.ir.function import Value

# Bits of the fraction, integer bit included where the format stores it
_FRACTION = {ty.F16: 10, ty.F32: 23, ty.F64: 52, ty.F80: 64, ty.F128: 112}


def _magnitude(bits: int, type: int) -> int:
    return bits & ((1 << (ty.BITS[type] - 1)) - 1)


def _is_negative(bits: int, type: int) -> bool:
    return bits >> (ty.BITS[type] - 1) & 1 != 0


def is_nan(bits: int, type: int) -> bool:
    fraction = _FRACTION[type]
    exponent = (1 << (ty.BITS[type] - 1 - fraction)) - 1
    magnitude = _magnitude(bits, type)
    stored = magnitude & ((1 << (63 if type == ty.F80 else fraction)) - 1)
    return magnitude >> fraction == exponent and stored != 0


def below_zero(bits: int, type: int) -> bool:
    """< 0: neither a zero nor NaN."""
    return _is_negative(bits, type) and _magnitude(bits, type) != 0 and not is_nan(bits, type)


def at_most_zero(bits: int, type: int) -> bool:
    """<= 0, either zero included."""
    return _magnitude(bits, type) == 0 or below_zero(bits, type)


def not_below_zero(value: Value, depth: int = 0) -> bool:
    """Certainly >= 0 (either zero), or NaN."""
    operation = value.op
    if operation in (op.FABS, op.FSQRT, op.UITOF):
        return True
    if operation == op.FCONST:
        return not below_zero(value.imm, value.type)
    if depth > 4:
        return False
    if operation == op.FMUL and value.args[0] is value.args[1]:
        return True
    if operation in (op.FADD, op.FMUL):  # a quotient by -0 is below zero
        return not_below_zero(value.args[0], depth + 1) and not_below_zero(value.args[1], depth + 1)
    return operation == op.FCONVERT and not_below_zero(value.args[0], depth + 1)


def narrowed(bits: int, wide: int, narrow: int) -> int:
    """The constant in a narrower type."""
    return soft_float.compute(op.FCONVERT, narrow, wide, [bits])


def narrows(bits: int, wide: int, narrow: int) -> bool:
    """Does the narrower type hold exactly that number?"""
    if not ty.F16 < narrow < wide <= ty.F128 or is_nan(bits, wide):
        return False
    return soft_float.compute(op.FCONVERT, wide, narrow, [narrowed(bits, wide, narrow)]) == bits
