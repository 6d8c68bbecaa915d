"""Constant folding of floating-point operations, exactly as the hardware rounds (to nearest, ties to even).

binary32 and binary64 go through Python floats, which are binary64: a binary32 operation done in binary64 and rounded once
more is exact for + - * / and square root (Figueroa 1995).  The other formats go through `ir/soft_float.py`.
"""

import math
import struct

from ourocc.ir import operations as op
from ourocc.ir import soft_float
from ourocc.ir import types as ty
from ourocc.ir.function import normalize, unsigned


def decode(bits: int, type: int) -> float:
    """The Python float of an f32 or f64 bit pattern."""
    if type == ty.F32:
        return float(struct.unpack("<f", struct.pack("<I", bits & 0xFFFFFFFF))[0])
    return float(struct.unpack("<d", struct.pack("<Q", bits & 0xFFFFFFFFFFFFFFFF))[0])


def encode(value: float, type: int) -> int:
    """The bit pattern; f32 rounds, with overflow to infinity."""
    if type == ty.F32:
        try:
            return int(struct.unpack("<I", struct.pack("<f", value))[0])
        except OverflowError:
            return 0x7F800000 | (0x80000000 if value < 0 else 0)
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


def fold_floating(operation: int, type: int, source: int, constants: list[int]) -> int | None:
    """See `fold.fold`.  NaN results are not folded: their payload and sign are the machine's."""
    if is_other(source) or is_other(type):
        return _exact(operation, type, source, constants)
    if operation in (op.SITOF, op.UITOF):
        return _from_integer(operation, type, source, constants[0])
    if source not in (ty.F32, ty.F64):
        if operation == op.BITCAST and ty.SIZES[source] == ty.SIZES[type]:
            return unsigned(constants[0], source)
        return None
    if operation == op.BITCAST:
        return normalize(constants[0], type) if ty.SIZES[source] == ty.SIZES[type] else None
    sign = 1 << (ty.BITS[source] - 1)
    if operation == op.FNEG:
        return constants[0] ^ sign
    if operation == op.FABS:
        return constants[0] & ~sign
    if operation == op.FCOPYSIGN:
        return constants[0] & ~sign | constants[1] & sign
    x = decode(constants[0], source)
    if len(constants) == 1:
        return _unary(operation, type, x)
    if len(constants) != 2:
        return None
    y = decode(constants[1], source)
    if op.FOEQ <= operation <= op.FUNO:
        return _compare(operation, x, y)
    return _arithmetic(operation, type, x, y)


def is_other(type: int) -> bool:
    """A floating format that Python has no type for."""
    return ty.is_float(type) and type not in (ty.F32, ty.F64)


def _exact(operation: int, type: int, source: int, constants: list[int]) -> int | None:
    """f16, f80 and f128: exactly, then rounded once."""
    if operation in (op.BITCAST, op.COPY, op.SELECT, op.EXPECT) or ty.is_vector(source):
        return None
    if operation in (op.FNEG, op.FABS, op.FCOPYSIGN) or op.FOEQ <= operation <= op.FUNO:
        return soft_float.compute(operation, type, source, constants)
    if ty.is_float(source):
        for constant in constants:
            if soft_float.decode(constant, source)[0] == soft_float.NAN:
                return None
    if operation in (op.FTOSI, op.FTOUI):
        kind, negative, magnitude = soft_float.decode(constants[0], source)
        number = magnitude.numerator // magnitude.denominator
        width = ty.BITS[type]
        limit = 1 << (width - 1 if operation == op.FTOSI else width)
        if kind != soft_float.FINITE or number >= limit or (negative and number and operation == op.FTOUI):
            return None
    result = soft_float.compute(operation, type, source, constants)
    if ty.is_float(type) and soft_float.decode(result, type)[0] == soft_float.NAN:
        return None
    return result


def _from_integer(operation: int, type: int, source: int, number: int) -> int | None:
    if type not in (ty.F32, ty.F64):
        return None
    if operation == op.UITOF:
        number = unsigned(number, source)
    if type == ty.F32 and abs(number) >= 1 << 53:
        return None  # rounding twice may go wrong
    return encode(float(number), type)


def _unary(operation: int, type: int, x: float) -> int | None:
    if operation == op.FCONVERT:
        if type not in (ty.F32, ty.F64) or math.isnan(x):
            return None
        return encode(x, type)
    if operation == op.FSQRT:
        return encode(math.sqrt(x), type) if x >= 0 else None
    if operation in (op.FTOSI, op.FTOUI):
        if math.isnan(x) or math.isinf(x):
            return None
        number = int(x)
        width = ty.BITS[type]
        if operation == op.FTOSI and not -(1 << (width - 1)) <= number < 1 << (width - 1):
            return None
        if operation == op.FTOUI and not 0 <= number < 1 << width:
            return None
        return normalize(number, type)
    return None


def _arithmetic(operation: int, type: int, x: float, y: float) -> int | None:
    if operation == op.FADD:
        result = x + y
    elif operation == op.FSUB:
        result = x - y
    elif operation == op.FMUL:
        result = x * y
    elif operation == op.FDIV:
        if y == 0:
            if x == 0 or math.isnan(x):
                return None
            result = math.copysign(math.inf, x) * math.copysign(1.0, y)
        else:
            result = x / y
    else:
        return None
    return None if math.isnan(result) else encode(result, type)


def _compare(operation: int, x: float, y: float) -> int | None:
    unordered = math.isnan(x) or math.isnan(y)
    if operation == op.FUNO:
        return int(unordered)
    if operation == op.FORD:
        return int(not unordered)
    if unordered:
        return int(operation in (op.FUNE, op.FULT, op.FULE, op.FUGT, op.FUGE, op.FUEQ))
    if operation in (op.FOEQ, op.FUEQ):
        return int(x == y)
    if operation in (op.FUNE, op.FONE):
        return int(x != y)
    if operation in (op.FOLT, op.FULT):
        return int(x < y)
    if operation in (op.FOLE, op.FULE):
        return int(x <= y)
    if operation in (op.FOGT, op.FUGT):
        return int(x > y)
    return int(x >= y)
