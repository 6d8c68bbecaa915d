"""Fortified calls: __memcpy_chk and kin become the plain functions where the object is surely large enough.

    v1 = call.ptr @__memcpy_chk, v0, v2, 5, 16       =>   v1 = call.ptr @memcpy, v0, v2, 5
    v1 = call.i32 @__sprintf_chk, v0, 0, 9, "%s", "hi"  =>  v1 = call.i32 @sprintf, v0, "%s", "hi"

An object size of -1 is unknown, and there is nothing to check.  An overflow that is certain keeps its check, which fails.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value, unsigned
from ourocc.optimize import bounds, memory_calls, output_calls, string_calls
from ourocc.optimize.call_rewriter import CallRewriter
from ourocc.optimize.string_facts import is_constant, length_at, longest_at, string_at

UNKNOWN_OBJECT: Final = (1 << 64) - 1


def plain(rewriter: CallRewriter, call: Value, name: str, types: str) -> Value:
    """The same call without the object's size."""
    return rewriter.call_like(call, name, call.args[: len(types) - 1], types)


def without_result(rewriter: CallRewriter, call: Value, name: str, types: str) -> Value | None:
    """A simpler checked function where nobody wants the end of the copy."""
    if call.uses != 0:
        return None
    return rewriter.call_like(call, name, call.args, types)


def object_size(call: Value) -> int:
    """The last argument; -1 when it is no constant."""
    size = call.args[-1]
    return unsigned(size.imm, size.type) if size.op == op.CONST else -1


# ---- blocks of a given length


def fits(call: Value, length: Value) -> bool:
    size = object_size(call)
    return size == UNKNOWN_OBJECT or (size >= 0 and bounds.largest(length) <= size)


def memcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    if not fits(call, call.args[2]):
        return None
    return memory_calls.memcpy(rewriter, call) or plain(rewriter, call, "memcpy", "pppl")


def memmove(rewriter: CallRewriter, call: Value) -> Value | None:
    return memory_calls.memmove(rewriter, call) if fits(call, call.args[2]) else None


def mempcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    if fits(call, call.args[2]):
        return memory_calls.mempcpy(rewriter, call)
    return without_result(rewriter, call, "__memcpy_chk", "pppll")


def memset(rewriter: CallRewriter, call: Value) -> Value | None:
    return memory_calls.memset(rewriter, call) if fits(call, call.args[2]) else None


def strncpy(rewriter: CallRewriter, call: Value) -> Value | None:
    if not fits(call, call.args[2]):
        return None
    return string_calls.strncpy(rewriter, call) or plain(rewriter, call, "strncpy", "pppl")


def stpncpy(rewriter: CallRewriter, call: Value) -> Value | None:
    if fits(call, call.args[2]):
        return plain(rewriter, call, "stpncpy", "pppl")
    return without_result(rewriter, call, "__strncpy_chk", "pppll")


# ---- strings


def string_fits(call: Value) -> bool:
    size = object_size(call)
    return size == UNKNOWN_OBJECT or (size >= 0 and 0 <= longest_at(call.args[1]) < size)


def strcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    if call.args[0] is call.args[1]:
        return call.args[0]
    if not string_fits(call):
        return None
    return string_calls.strcpy(rewriter, call) or plain(rewriter, call, "strcpy", "ppp")


def stpcpy(rewriter: CallRewriter, call: Value) -> Value | None:
    if string_fits(call):
        return string_calls.stpcpy(rewriter, call) or plain(rewriter, call, "stpcpy", "ppp")
    return without_result(rewriter, call, "__strcpy_chk", "pppl")


def strcat(rewriter: CallRewriter, call: Value) -> Value | None:
    """What the destination holds already is not known: only the empty string is known to fit."""
    if length_at(call.args[1]) == 0:
        return call.args[0]
    if object_size(call) != UNKNOWN_OBJECT:
        return None
    return string_calls.strcat(rewriter, call) or plain(rewriter, call, "strcat", "ppp")


def strncat(rewriter: CallRewriter, call: Value) -> Value | None:
    destination, source, length, size = call.args
    known = length_at(source)
    if known == 0 or is_constant(length, 0):
        return destination
    if object_size(call) == UNKNOWN_OBJECT:
        return string_calls.strncat(rewriter, call) or plain(rewriter, call, "strncat", "pppl")
    if known > 0 and length.op == op.CONST and unsigned(length.imm, ty.I64) >= known:
        return rewriter.call_like(call, "__strcat_chk", [destination, source, size], "pppl")
    return None


# ---- formatted output


def unchecked(rewriter: CallRewriter, call: Value, name: str, dropped: tuple[int, ...]) -> Value | None:
    """The same call of the plain function, without the arguments at `dropped`."""
    info = call.call.unchecked if call.call is not None else None
    kept = [argument for index, argument in enumerate(call.args) if index not in dropped]
    if info is None:
        return None
    result = rewriter.emit(op.CALL, call.type, kept)
    result.symbol = rewriter.library_symbol(name)
    result.symbol.references += 1
    result.call = info
    return result


def format_allows(flag: Value, template: bytes | None) -> bool:
    """A flag that is not 0 asks the function to look at the format (%n): only where there is nothing to see."""
    if is_constant(flag, 0):
        return True
    return flag.op == op.CONST and template is not None and (b"%" not in template or template == b"%s")


def formatted_length(call: Value, place: int) -> int:
    """How many characters the format at argument `place` makes; -1: unknown."""
    template = string_at(call.args[place])
    if template is None:
        return -1
    if b"%" not in template:
        return len(template)
    if template == b"%s" and len(call.args) == place + 2 and call.args[place + 1].type == ty.PTR:
        return longest_at(call.args[place + 1])
    return -1


def buffer_size(size: Value) -> int:
    return unsigned(size.imm, size.type) if size.op == op.CONST else -1


def sprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    """(destination, flag, size, format, ...)"""
    size = buffer_size(call.args[2])
    if size < 0 or not format_allows(call.args[1], string_at(call.args[3])):
        return None
    if size != UNKNOWN_OBJECT and not 0 <= formatted_length(call, 3) < size:
        return None
    return unchecked(rewriter, call, "sprintf", (1, 2))


def vsprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    """(destination, flag, size, format, list): the list's strings are not known."""
    size = buffer_size(call.args[2])
    template = string_at(call.args[3])
    if size < 0 or not format_allows(call.args[1], template):
        return None
    if size != UNKNOWN_OBJECT and (template is None or b"%" in template or len(template) >= size):
        return None
    return rewriter.call_like(call, "vsprintf", [call.args[0], call.args[3], call.args[4]], "ippp")


def snprintf_fits(call: Value) -> bool:
    """(destination, length, flag, size, format, ...)"""
    size = buffer_size(call.args[3])
    if size < 0 or not format_allows(call.args[2], string_at(call.args[4])):
        return False
    return size == UNKNOWN_OBJECT or bounds.largest(call.args[1]) <= size


def snprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    return unchecked(rewriter, call, "snprintf", (2, 3)) if snprintf_fits(call) else None


def vsnprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    if not snprintf_fits(call):
        return None
    return rewriter.call_like(call, "vsnprintf", [*call.args[:2], *call.args[4:6]], "iplpp")


def printf(rewriter: CallRewriter, call: Value) -> Value | None:
    """(flag, format, ...): only where it becomes a simpler function."""
    return output_calls.print_text(rewriter, call, call.args[1], call.args[2:])


def vprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    return output_calls.print_text(rewriter, call, call.args[1], None)


def fprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    """(stream, flag, format, ...)"""
    return output_calls.write_formatted(rewriter, call, call.args[0], call.args[2], call.args[3:])


def vfprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    return output_calls.write_formatted(rewriter, call, call.args[0], call.args[2], None)
