"""String functions: measuring, comparing, searching, copying."""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.optimize.call_rewriter import CallRewriter
from ourocc.optimize.constant_memory import bytes_at
from ourocc.optimize.memory_calls import bounded_comparison
from ourocc.optimize.string_facts import is_constant, length_at, sign, string_at

ZERO_COMPARISONS: Final = (op.EQ, op.NE, op.UGT, op.ULE, op.ULT, op.UGE)


def strlen(rewriter: CallRewriter, call: Value) -> Value | None:
    length = length_at(call.args[0])
    if length >= 0:
        return rewriter.const(length)
    pointer = call.args[0]
    if pointer.op == op.PTRADD:
        text = bytes_at(pointer.args[0])
        if text is not None and text.find(b"\0") == len(text) - 1:  # the offset cannot lead beyond the end
            return rewriter.emit(op.SUB, ty.I64, [rewriter.const(len(text) - 1), pointer.args[1]])
    if rewriter.only_compared_with_zero(call, ZERO_COMPARISONS):
        return rewriter.emit(op.ZEXT, ty.I64, [rewriter.byte_at(call.args[0])])
    return None


def strnlen(rewriter: CallRewriter, call: Value) -> Value | None:
    if is_constant(call.args[1], 0):
        return rewriter.const(0)
    length = length_at(call.args[0])
    if length <= 0:
        return rewriter.const(0) if length == 0 else None
    limit = call.args[1]
    whole = rewriter.const(length)
    return rewriter.emit(op.SELECT, ty.I64, [rewriter.emit(op.ULT, ty.I1, [limit, whole]), limit, whole])


def strcmp(rewriter: CallRewriter, call: Value) -> Value | None:
    left, right = call.args[:2]
    if left is right:
        return rewriter.const(0, ty.I32)
    x = string_at(left)
    y = string_at(right)
    if x is not None and y is not None:
        return rewriter.const(sign(x, y), ty.I32)
    if y == b"":
        return rewriter.emit(op.ZEXT, ty.I32, [rewriter.byte_at(left)])
    if x == b"":
        return rewriter.emit(op.NEG, ty.I32, [rewriter.emit(op.ZEXT, ty.I32, [rewriter.byte_at(right)])])
    return None


def strncmp(rewriter: CallRewriter, call: Value) -> Value | None:
    left, right, size = call.args[:3]
    x = string_at(left)
    y = string_at(right)
    known = bounded_comparison(rewriter, call, x, y)
    if known is not None or size.op != op.CONST:
        return known
    if y == b"":
        return rewriter.emit(op.ZEXT, ty.I32, [rewriter.byte_at(left)])
    if x == b"":
        return rewriter.emit(op.NEG, ty.I32, [rewriter.emit(op.ZEXT, ty.I32, [rewriter.byte_at(right)])])
    return None


def strchr(rewriter: CallRewriter, call: Value) -> Value | None:
    return search(rewriter, call, False)


def strrchr(rewriter: CallRewriter, call: Value) -> Value | None:
    return search(rewriter, call, True)


def search(rewriter: CallRewriter, call: Value, last: bool) -> Value | None:
    place, byte = call.args[:2]
    if byte.op != op.CONST:
        return None
    text = string_at(place)
    if text is not None:
        terminated = text + b"\0"
        found = terminated.rfind(byte.imm & 255) if last else terminated.find(byte.imm & 255)
        return rewriter.plus(place, found) if found >= 0 else rewriter.const(0, ty.PTR)
    if byte.imm & 255 == 0:
        if not last:
            return rewriter.emit(op.PTRADD, ty.PTR, [place, rewriter.call_like(call, "strlen", [place], "lp")])
        return rewriter.call_like(call, "strchr", [place, byte], "ppi")
    return None


def strstr(rewriter: CallRewriter, call: Value) -> Value | None:
    place, wanted = call.args[:2]
    needle = string_at(wanted)
    if needle is None:
        return None
    text = string_at(place)
    if text is not None:
        found = text.find(needle)
        return rewriter.plus(place, found) if found >= 0 else rewriter.const(0, ty.PTR)
    if needle == b"":
        return place
    if len(needle) == 1:
        return rewriter.call_like(call, "strchr", [place, rewriter.const(needle[0], ty.I32)], "ppi")
    return None


def strpbrk(rewriter: CallRewriter, call: Value) -> Value | None:
    place, wanted = call.args[:2]
    accepted = string_at(wanted)
    if accepted is None:
        return None
    if accepted == b"":
        return rewriter.const(0, ty.PTR)
    text = string_at(place)
    if text is not None:
        for index, byte in enumerate(text):
            if byte in accepted:
                return rewriter.plus(place, index)
        return rewriter.const(0, ty.PTR)
    if len(accepted) == 1:
        return rewriter.call_like(call, "strchr", [place, rewriter.const(accepted[0], ty.I32)], "ppi")
    return None


def strspn(rewriter: CallRewriter, call: Value) -> Value | None:
    text = string_at(call.args[0])
    accepted = string_at(call.args[1])
    if text == b"" or accepted == b"":
        return rewriter.const(0)
    if text is None or accepted is None:
        return None
    return rewriter.const(len(text) - len(text.lstrip(accepted)))


def strcspn(rewriter: CallRewriter, call: Value) -> Value | None:
    text = string_at(call.args[0])
    rejected = string_at(call.args[1])
    if text == b"":
        return rewriter.const(0)
    if rejected == b"":
        return rewriter.call_like(call, "strlen", [call.args[0]], "lp")
    if text is None or rejected is None:
        return None
    count = 0
    while count < len(text) and text[count] not in rejected:
        count += 1
    return rewriter.const(count)


def strcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source = call.args[:2]
    if destination is source:
        return destination
    length = length_at(source)
    if length < 0:
        return None
    rewriter.copy_bytes(destination, source, rewriter.const(length + 1))
    return destination


def stpcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source = call.args[:2]
    length = length_at(source)
    if length < 0:
        if call.uses == 0:
            return rewriter.call_like(call, "strcpy", [destination, source], "ppp")
        return None
    rewriter.copy_bytes(destination, source, rewriter.const(length + 1))
    return rewriter.plus(destination, length)


def strncpy(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source, size = call.args[:3]
    if is_constant(size, 0):
        return destination
    if size.op != op.CONST or not 0 <= size.imm <= length_at(source) + 1:
        return None
    rewriter.copy_bytes(destination, source, size)
    return destination


def strcat(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source = call.args[:2]
    length = length_at(source)
    if length == 0:
        return destination
    if length < 0:
        return None
    end = rewriter.emit(op.PTRADD, ty.PTR, [destination, rewriter.call_like(call, "strlen", [destination], "lp")])
    rewriter.copy_bytes(end, source, rewriter.const(length + 1))
    return destination


def strncat(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source, size = call.args[:3]
    text = string_at(source)
    if text == b"" or is_constant(size, 0):
        return destination
    if text is not None and size.op == op.CONST and size.imm >= len(text):
        return rewriter.call_like(call, "strcat", [destination, source], "ppp")
    return None
