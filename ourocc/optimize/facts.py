"""Small questions about values and constants that rules ask."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value, normalize, unsigned


def is_power_of_two(number: int) -> bool:
    return number > 0 and number & (number - 1) == 0


def log2(number: int) -> int:
    return number.bit_length() - 1


def low_mask(number: int) -> bool:
    """0b0..01..1"""
    return number > 0 and number & (number + 1) == 0


def width(type: int) -> int:
    return ty.BITS[type]


def wrap(number: int, type: int) -> int:
    return normalize(number, type)


def as_unsigned(number: int, type: int) -> int:
    return unsigned(number, type)


def smallest(type: int) -> int:
    """The most negative number."""
    return -(1 << (ty.BITS[type] - 1))


def largest(type: int) -> int:
    return (1 << (ty.BITS[type] - 1)) - 1


def ones(type: int) -> int:
    """All bits of the type, as an unsigned number."""
    return (1 << ty.BITS[type]) - 1


def is_boolean(value: Value) -> bool:
    """Certainly 0 or 1, whatever its type."""
    if value.type == ty.I1:
        return True
    if value.op == op.ZEXT:
        return value.args[0].type == ty.I1
    if value.op == op.CONST:
        return value.imm in (0, 1)
    if value.op == op.AND:
        return is_boolean(value.args[0]) or is_boolean(value.args[1])
    if value.op in (op.OR, op.XOR):
        return is_boolean(value.args[0]) and is_boolean(value.args[1])
    return False


def known_width(value: Value, depth: int = 0) -> int:
    """All bits from this one up are certainly zero."""
    full = ty.BITS[value.type & 255]
    if depth > 4 or value.type > 255:
        return full
    operation = value.op
    if operation == op.CONST:
        return full if value.imm < 0 else value.imm.bit_length()
    if operation == op.ZEXT:
        return min(ty.BITS[value.args[0].type & 255], known_width(value.args[0], depth + 1))
    if operation == op.AND:
        return min(known_width(value.args[0], depth + 1), known_width(value.args[1], depth + 1))
    if operation in (op.OR, op.XOR):
        return max(known_width(value.args[0], depth + 1), known_width(value.args[1], depth + 1))
    if operation == op.LSHR and value.args[1].op == op.CONST and 0 <= value.args[1].imm < full:
        return max(known_width(value.args[0], depth + 1) - value.args[1].imm, 0)
    if operation == op.UREM and value.args[1].op == op.CONST and value.args[1].imm > 0:
        return (value.args[1].imm - 1).bit_length()
    if operation == op.SELECT:
        return max(known_width(value.args[1], depth + 1), known_width(value.args[2], depth + 1))
    return full


def nonnegative(value: Value) -> bool:
    return known_width(value) < ty.BITS[value.type & 255]


def no_wrap(value: Value) -> bool:
    """C signed arithmetic: overflow is undefined."""
    return value.flags & 2 != 0


def inverse_compare(operation: int) -> int:
    """The comparison that holds when this one does not."""
    return _INVERSE.get(operation, 0)


_INVERSE: dict[int, int] = {
    op.EQ: op.NE, op.NE: op.EQ, op.SLT: op.SGE, op.SGE: op.SLT, op.SLE: op.SGT, op.SGT: op.SLE, op.ULT: op.UGE,
    op.UGE: op.ULT, op.ULE: op.UGT, op.UGT: op.ULE, op.FOEQ: op.FUNE, op.FUNE: op.FOEQ, op.FOLT: op.FUGE,
    op.FUGE: op.FOLT, op.FOLE: op.FUGT, op.FUGT: op.FOLE, op.FOGT: op.FULE, op.FULE: op.FOGT, op.FOGE: op.FULT,
    op.FULT: op.FOGE, op.FUEQ: op.FONE, op.FONE: op.FUEQ, op.FORD: op.FUNO, op.FUNO: op.FORD,
}  # fmt: skip
SWAPPED: dict[int, int] = {
    op.EQ: op.EQ, op.NE: op.NE, op.SLT: op.SGT, op.SGT: op.SLT, op.SLE: op.SGE, op.SGE: op.SLE, op.ULT: op.UGT,
    op.UGT: op.ULT, op.ULE: op.UGE, op.UGE: op.ULE,
}  # fmt: skip
