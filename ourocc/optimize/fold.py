"""Constant folding of one operation: the only place that knows what operations compute (the interpreter uses it too).

Integers are normalized (sign-extended) Python integers; floating values are bit patterns.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import normalize, unsigned


def fold_integer(operation: int, type: int, x: int, y: int) -> int | None:
    """`x operation y` for integer and pointer types, normalized to `type`; None when it is not to be folded."""
    width = ty.BITS[type]
    if operation == op.ADD or operation == op.PTRADD:
        return normalize(x + y, type)
    if operation == op.SUB:
        return normalize(x - y, type)
    if operation == op.MUL:
        return normalize(x * y, type)
    if operation == op.AND:
        return normalize(x & y, type)
    if operation == op.OR:
        return normalize(x | y, type)
    if operation == op.XOR:
        return normalize(x ^ y, type)
    if operation in (op.SHL, op.LSHR, op.ASHR):
        if not 0 <= y < width:
            return None
        if operation == op.SHL:
            return normalize(x << y, type)
        return normalize(unsigned(x, type) >> y if operation == op.LSHR else x >> y, type)
    if operation == op.ROTL:
        count = y % width
        bits = unsigned(x, type)
        return normalize(bits << count | bits >> (width - count), type)
    return _fold_division(operation, type, x, y)


def _fold_division(operation: int, type: int, x: int, y: int) -> int | None:
    if operation in (op.SDIV, op.SREM):
        if y == 0 or (y == -1 and x == -(1 << (ty.BITS[type] - 1))):
            return None
        quotient = abs(x) // abs(y)
        if (x < 0) != (y < 0):
            quotient = -quotient
        return normalize(quotient if operation == op.SDIV else x - quotient * y, type)
    if operation in (op.UDIV, op.UREM):
        if y == 0:
            return None
        a = unsigned(x, type)
        b = unsigned(y, type)
        return normalize(a // b if operation == op.UDIV else a % b, type)
    if operation == op.SMULH:
        return normalize(x * y >> ty.BITS[type], type)
    if operation == op.UMULH:
        return normalize(unsigned(x, type) * unsigned(y, type) >> ty.BITS[type], type)
    return None


def fold_compare(operation: int, type: int, x: int, y: int) -> int | None:
    """0 or 1 for an integer comparison of operands of `type`."""
    if op.ULT <= operation <= op.UGE:
        x = unsigned(x, type)
        y = unsigned(y, type)
        operation -= op.ULT - op.SLT
    if operation == op.EQ:
        return int(x == y)
    if operation == op.NE:
        return int(x != y)
    if operation == op.SLT:
        return int(x < y)
    if operation == op.SLE:
        return int(x <= y)
    if operation == op.SGT:
        return int(x > y)
    if operation == op.SGE:
        return int(x >= y)
    return None


def fold_overflow(operation: int, type: int, x: int, y: int) -> int | None:
    """0 or 1 for the overflow predicates."""
    signed = operation in (op.SADD_OVERFLOWS, op.SSUB_OVERFLOWS, op.SMUL_OVERFLOWS)
    if not signed:
        x = unsigned(x, type)
        y = unsigned(y, type)
    if operation in (op.SADD_OVERFLOWS, op.UADD_OVERFLOWS):
        exact = x + y
    elif operation in (op.SSUB_OVERFLOWS, op.USUB_OVERFLOWS):
        exact = x - y
    elif operation in (op.SMUL_OVERFLOWS, op.UMUL_OVERFLOWS):
        exact = x * y
    else:
        return None
    width = ty.BITS[type]
    if signed:
        return int(not -(1 << (width - 1)) <= exact < 1 << (width - 1))
    return int(not 0 <= exact < 1 << width)


def fold_unary(operation: int, type: int, source: int, x: int) -> int | None:
    """One integer operand of type `source`; result of `type`."""
    if operation == op.NEG:
        return normalize(-x, type)
    if operation == op.NOT:
        return normalize(~x, type)
    if operation in (op.TRUNC, op.SEXT, op.COPY, op.EXPECT):
        if operation == op.SEXT and source == ty.I1:
            return normalize(-x, type)
        return normalize(x, type)
    if operation == op.ZEXT:
        return normalize(unsigned(x, source), type)
    if operation == op.BITCAST:
        if ty.is_integer(type) and ty.BITS[source] == ty.BITS[type]:
            return normalize(x, type)
        return None
    bits = unsigned(x, source)
    width = ty.BITS[source]
    if operation == op.BSWAP:
        return normalize(int.from_bytes(bits.to_bytes(width // 8, "little"), "big"), type)
    if operation == op.POPCOUNT:
        return normalize(bits.bit_count(), type)
    if operation == op.CLZ and bits:
        return width - bits.bit_length()
    if operation == op.CTZ and bits:
        return (bits & -bits).bit_length() - 1
    return None


def fold(operation: int, type: int, source: int, constants: list[int]) -> int | None:
    """The constant (integer normalized, or bit pattern) that an operation gives for constant operands.

    `source` is the type of the first operand.  None: not folded (undefined, not exact here, or not a computation).
    """
    if ty.is_vector(type) or ty.is_vector(source):
        return None
    count = len(constants)
    if ty.is_float(source) or ty.is_float(type):
        from ourocc.optimize.fold_floating import fold_floating

        return fold_floating(operation, type, source, constants)
    if count == 1:
        return fold_unary(operation, type, source, constants[0])
    if count == 2:
        if op.EQ <= operation <= op.UGE:
            return fold_compare(operation, source, constants[0], constants[1])
        if op.SADD_OVERFLOWS <= operation <= op.UMUL_OVERFLOWS:
            return fold_overflow(operation, source, constants[0], constants[1])
        return fold_integer(operation, type, constants[0], constants[1])
    if count == 3 and operation == op.SELECT:
        return constants[1] if constants[0] else constants[2]
    return None
