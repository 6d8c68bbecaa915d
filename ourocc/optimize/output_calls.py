"""Formatted output: printf and its kin become simpler functions, or none."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value, unsigned
from ourocc.optimize.call_rewriter import CallRewriter
from ourocc.optimize.string_facts import length_at, string_at


def printf(rewriter: CallRewriter, call: Value) -> Value | None:
    return print_text(rewriter, call, call.args[0], call.args[1:])


def vprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    return print_text(rewriter, call, call.args[0], None)


def print_text(rewriter: CallRewriter, call: Value, format: Value, arguments: list[Value] | None) -> Value | None:
    """printf, only where nobody wants the number of characters.  `arguments` is None when they are in a va_list."""
    template = string_at(format)
    if template is None or call.uses != 0:
        return None
    if template == b"":
        return format
    if b"%" not in template:
        return None if arguments else put_text(rewriter, call, template)
    if arguments is None or len(arguments) != 1:
        return None
    argument = arguments[0]
    if template == b"%s\n" and argument.type == ty.PTR:
        return rewriter.call_like(call, "puts", [argument], "ip")
    if template == b"%c" and argument.type == ty.I32:
        return rewriter.call_like(call, "putchar", [argument], "ii")
    if template == b"%s" and argument.type == ty.PTR:
        text = string_at(argument)
        if text is not None:
            return put_text(rewriter, call, text) if text else argument
    return None


def put_text(rewriter: CallRewriter, call: Value, text: bytes) -> Value | None:
    """Print a text that is not empty; None when no simpler function does it."""
    if len(text) == 1:
        return rewriter.call_like(call, "putchar", [rewriter.const(text[0], ty.I32)], "ii")
    if text.endswith(b"\n"):
        return rewriter.call_like(call, "puts", [rewriter.text_data(text[:-1] + b"\0")], "ip")
    return None


def printf_unlocked(rewriter: CallRewriter, call: Value) -> Value | None:
    return nothing(rewriter, call, 0)


def fprintf_unlocked(rewriter: CallRewriter, call: Value) -> Value | None:
    return nothing(rewriter, call, 1)


def nothing(rewriter: CallRewriter, call: Value, place: int) -> Value | None:
    """Output of nothing is dropped."""
    if call.uses != 0:
        return None
    text = string_at(call.args[place])
    if text == b"" or (text == b"%s" and len(call.args) == place + 2 and string_at(call.args[-1]) == b""):
        return call.args[place]
    return None


def fprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    return write_formatted(rewriter, call, call.args[0], call.args[1], call.args[2:])


def vfprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    return write_formatted(rewriter, call, call.args[0], call.args[1], None)


def write_formatted(
    rewriter: CallRewriter, call: Value, stream: Value, format: Value, arguments: list[Value] | None
) -> Value | None:
    """fprintf, only where nobody wants the number of characters.  `arguments` is None when they are in a va_list."""
    template = string_at(format)
    if template is None or call.uses != 0:
        return None
    if b"%" not in template:
        return None if arguments else write_text(rewriter, call, format, len(template), stream)
    if arguments is None or len(arguments) != 1:
        return None
    argument = arguments[0]
    if template == b"%s" and argument.type == ty.PTR:
        length = length_at(argument)
        if length >= 0:
            return write_text(rewriter, call, argument, length, stream)
        return rewriter.call_like(call, "fputs", [argument, stream], "ipp")
    if template == b"%c" and argument.type == ty.I32:
        return rewriter.call_like(call, "fputc", [argument, stream], "iip")
    return None


def fputs(rewriter: CallRewriter, call: Value) -> Value | None:
    length = length_at(call.args[0])
    if length < 0 or call.uses != 0:
        return None
    return write_text(rewriter, call, call.args[0], length, call.args[1])


def fputs_unlocked(rewriter: CallRewriter, call: Value) -> Value | None:
    return call.args[1] if call.uses == 0 and string_at(call.args[0]) == b"" else None


def write_text(rewriter: CallRewriter, call: Value, place: Value, length: int, stream: Value) -> Value:
    if length == 0:
        return stream
    if length == 1:
        text = string_at(place)
        if text is not None:
            character = rewriter.const(text[0], ty.I32)
        else:
            character = rewriter.emit(op.ZEXT, ty.I32, [rewriter.byte_at(place)])
        return rewriter.call_like(call, "fputc", [character, stream], "iip")
    arguments = [place, rewriter.const(1), rewriter.const(length), stream]
    return rewriter.call_like(call, "fwrite", arguments, "lpllp")


def sprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    destination = call.args[0]
    template = string_at(call.args[1])
    if template is None:
        return None
    if b"%" not in template and len(call.args) == 2:
        rewriter.copy_bytes(destination, call.args[1], rewriter.const(len(template) + 1))
        return rewriter.const(len(template), ty.I32)
    if template == b"%s" and len(call.args) == 3 and call.args[2].type == ty.PTR:
        text = string_at(call.args[2])
        if text is not None:
            rewriter.copy_bytes(destination, call.args[2], rewriter.const(len(text) + 1))
            return rewriter.const(len(text), ty.I32)
        if call.uses == 0:
            return rewriter.call_like(call, "strcpy", [destination, call.args[2]], "ppp")
    return None


def snprintf(rewriter: CallRewriter, call: Value) -> Value | None:
    """A text that is known and fits is copied; of one that has no room at all only the length is wanted."""
    destination, room, format = call.args[:3]
    template = string_at(format)
    if template is None or room.op != op.CONST:
        return None
    source = format
    if template == b"%s" and len(call.args) == 4 and call.args[3].type == ty.PTR:
        source = call.args[3]
    elif b"%" in template or len(call.args) != 3:
        return None
    length = length_at(source)
    if length < 0 or (room.imm != 0 and unsigned(room.imm, ty.I64) <= length):
        return None
    if room.imm != 0:
        rewriter.copy_bytes(destination, source, rewriter.const(length + 1))
    return rewriter.const(length, ty.I32)
