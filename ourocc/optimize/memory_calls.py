"""Block operations: memcpy, memset, memcmp and their kin."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.optimize.call_rewriter import CallRewriter
from ourocc.optimize.constant_memory import bytes_at
from ourocc.optimize.string_facts import is_constant, is_read_only, sign


def memcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source, size = call.args[:3]
    if source.op == op.CONST or destination.op == op.CONST:
        return None
    rewriter.copy_bytes(destination, source, size)
    return destination


def memmove(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source, size = call.args[:3]
    constant = is_read_only(source)  # what is constant cannot overlap what is written
    rewriter.copy_bytes(destination, source, size, op.MEMCPY if constant else op.MEMMOVE)
    return destination


def bcopy(rewriter: CallRewriter, call: Value) -> Value | None:
    constant = is_read_only(call.args[0])
    rewriter.copy_bytes(call.args[1], call.args[0], call.args[2], op.MEMCPY if constant else op.MEMMOVE)
    return call.args[1]


def mempcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source, size = call.args[:3]
    rewriter.copy_bytes(destination, source, size)
    return rewriter.emit(op.PTRADD, ty.PTR, [destination, size])


def memset(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, byte, size = call.args[:3]
    narrow = rewriter.const(byte.imm, ty.I8) if byte.op == op.CONST else rewriter.emit(op.TRUNC, ty.I8, [byte])
    rewriter.emit(op.MEMSET, ty.VOID, [destination, narrow, size]).extra = 1
    return destination


def bzero(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, size = call.args[:2]
    rewriter.emit(op.MEMSET, ty.VOID, [destination, rewriter.const(0, ty.I8), size]).extra = 1
    return destination


def memcmp(rewriter: CallRewriter, call: Value) -> Value | None:
    left, right, size = call.args[:3]
    x = bytes_at(left)
    y = bytes_at(right)
    if size.op == op.CONST:  # what lies behind the constants is not known
        count = size.imm & 0xFFFFFFFFFFFFFFFF
        x = None if x is None or len(x) < count else x
        y = None if y is None or len(y) < count else y
    known = bounded_comparison(rewriter, call, x, y)
    if known is not None or size.op != op.CONST:
        return known
    count = size.imm
    if count in (2, 4, 8) and rewriter.only_compared_with_zero(call, (op.EQ, op.NE)):
        type = ty.integer_of_bits(count * 8)
        a = rewriter.emit(op.LOAD, type, [left])
        b = rewriter.emit(op.LOAD, type, [right])
        a.extra = 1
        b.extra = 1
        return rewriter.emit(op.ZEXT, ty.I32, [rewriter.emit(op.NE, ty.I1, [a, b])])
    return None


def bounded_comparison(rewriter: CallRewriter, call: Value, x: bytes | None, y: bytes | None) -> Value | None:
    """What a comparison of at most `call.args[2]` bytes gives for the contents x and y, where they are known."""
    left, right, size = call.args[:3]
    if left is right or is_constant(size, 0):
        return rewriter.const(0, ty.I32)
    if size.op != op.CONST:
        return None
    count = size.imm & 0xFFFFFFFFFFFFFFFF
    if x is not None and y is not None:
        return rewriter.const(sign(x[:count], y[:count]), ty.I32)
    return difference(rewriter, left, right) if count == 1 else None


def difference(rewriter: CallRewriter, left: Value, right: Value) -> Value:
    """(unsigned char) *left - (unsigned char) *right"""
    a = rewriter.emit(op.ZEXT, ty.I32, [rewriter.byte_at(left)])
    b = rewriter.emit(op.ZEXT, ty.I32, [rewriter.byte_at(right)])
    return rewriter.emit(op.SUB, ty.I32, [a, b])


def memchr(rewriter: CallRewriter, call: Value) -> Value | None:
    place, byte, size = call.args[:3]
    if is_constant(size, 0):
        return rewriter.const(0, ty.PTR)
    text = bytes_at(place)
    if text is None or byte.op != op.CONST or size.op != op.CONST:
        return None
    found = text[: size.imm].find(byte.imm & 255)
    if found < 0:
        return rewriter.const(0, ty.PTR) if size.imm <= len(text) else None
    return rewriter.plus(place, found)
