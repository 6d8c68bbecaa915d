"""Calls of library functions that the compiler understands (gcc: -fbuiltin).

    v3 = call.ptr @memcpy, v0, v1, v2      =>  memcpy v0, v1, v2;  v3 = copy v0
    v1 = call.i64 @strlen, "hello"         =>  v1 = const.i64 #5
    call @printf, "done\\n"                 =>  call @puts, "done"
    v1 = call.f64 @sqrt, v0                =>  v1 = fsqrt v0, and the call only where it must set errno

A function counts when it has the library's shape and its definition, if it is in this unit, is not there to be inlined.
One table, from name to shape and function; that function gives the replacement of the call, or None.
"""

from collections.abc import Callable
from typing import Final, final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Block, Function, Module, Symbol, Value
from ourocc.optimize import checked_calls, math_calls, memory_calls, output_calls, string_calls
from ourocc.optimize.call_rewriter import CallRewriter


@final
class LibraryCalls:
    """Rewrites the calls of one function after the other."""

    def __init__(self, module: Module, excluded: list[str]) -> None:
        self.rewriter = CallRewriter(module)
        self.excluded = excluded  # -fno-builtin-NAME

    def run(self, function: Function) -> bool:
        candidates = False
        for block in function.blocks:
            for value in block.values:
                if value.op == op.CALL and value.symbol is not None and library_name(value.symbol) in TABLE:
                    candidates = True
        if not candidates:
            return False
        rewriter = self.rewriter
        rewriter.function = function
        rewriter.collect_users(function)
        changed = False
        for block in list(function.blocks):
            if self.rewrite_block(block):
                changed = True
        for value in rewriter.slow:
            math_calls.split_for_errno(rewriter, value)
        rewriter.slow = []
        return changed

    def rewrite_block(self, block: Block) -> bool:
        rewriter = self.rewriter
        rewriter.block = block
        rewriter.out = []
        changed = False
        for value in block.values:
            if value.op == op.CALL and value.symbol is not None and is_known(value.symbol, rewriter.function):
                name = library_name(value.symbol)
                row = TABLE.get(name)
                if row is not None and name not in self.excluded and has_shape(value, row[0]):
                    rewriter.position = value.position
                    mark = len(rewriter.out)
                    replacement = row[1](rewriter, value)
                    if replacement is not None:
                        changed = True
                        self.replace(value, replacement)
                        continue
                    for made in rewriter.out[mark:]:
                        made.clear_arguments()
                    del rewriter.out[mark:]
            rewriter.out.append(value)
        block.values = rewriter.out
        return changed

    def replace(self, call: Value, replacement: Value) -> None:
        """The call's uses get `replacement`; an unused result is just dropped."""
        assert call.symbol is not None
        call.symbol.references -= 1
        call.call = None
        if call.uses == 0:
            call.clear_arguments()
            return
        call.become_copy(replacement)
        self.rewriter.out.append(call)


def library_name(symbol: Symbol) -> str:
    return symbol.library_name or symbol.name


def is_known(symbol: Symbol, caller: Function) -> bool:
    """May the name be taken for the library's?  Not when this unit has another function of that name to be inlined."""
    if symbol.local:
        return False
    definition = symbol.function
    if definition is None:
        return True
    return definition is not caller and not (
        definition.inline_hint or definition.always_inline or definition.inline_only
    )


def has_shape(call: Value, shape: str) -> bool:
    """Do arguments and result have the types of the library's prototype?"""
    letters = {ty.PTR: "p", ty.I64: "l", ty.I32: "i", ty.F64: "d", ty.F32: "f", ty.VOID: "v"}
    if letters.get(call.type, "?") != shape[0]:
        return False
    parameters = shape[1:].rstrip(".")
    if len(call.args) < len(parameters) or (len(call.args) > len(parameters) and not shape.endswith(".")):
        return False
    for argument, letter in zip(call.args, parameters, strict=False):
        if letters.get(argument.type, "?") != letter:
            return False
    return True


# Shapes: result and parameters; p pointer, l i64, i i32, d f64, f f32, v void, "." variable arguments
TABLE: Final[dict[str, tuple[str, Callable[[CallRewriter, Value], Value | None]]]] = {
    "memcpy": ("pppl", memory_calls.memcpy),
    "memmove": ("pppl", memory_calls.memmove),
    "bcopy": ("vppl", memory_calls.bcopy),
    "mempcpy": ("pppl", memory_calls.mempcpy),
    "memset": ("ppil", memory_calls.memset),
    "bzero": ("vpl", memory_calls.bzero),
    "memcmp": ("ippl", memory_calls.memcmp),
    "bcmp": ("ippl", memory_calls.memcmp),
    "memchr": ("ppil", memory_calls.memchr),
    "strlen": ("lp", string_calls.strlen),
    "strnlen": ("lpl", string_calls.strnlen),
    "strcmp": ("ipp", string_calls.strcmp),
    "strncmp": ("ippl", string_calls.strncmp),
    "strchr": ("ppi", string_calls.strchr),
    "index": ("ppi", string_calls.strchr),
    "strrchr": ("ppi", string_calls.strrchr),
    "rindex": ("ppi", string_calls.strrchr),
    "strstr": ("ppp", string_calls.strstr),
    "strpbrk": ("ppp", string_calls.strpbrk),
    "strspn": ("lpp", string_calls.strspn),
    "strcspn": ("lpp", string_calls.strcspn),
    "strcpy": ("ppp", string_calls.strcpy),
    "stpcpy": ("ppp", string_calls.stpcpy),
    "strncpy": ("pppl", string_calls.strncpy),
    "strcat": ("ppp", string_calls.strcat),
    "strncat": ("pppl", string_calls.strncat),
    "printf": ("ip.", output_calls.printf),
    "fprintf": ("ipp.", output_calls.fprintf),
    "fputs": ("ipp", output_calls.fputs),
    "printf_unlocked": ("ip.", output_calls.printf_unlocked),
    "fprintf_unlocked": ("ipp.", output_calls.fprintf_unlocked),
    "fputs_unlocked": ("ipp", output_calls.fputs_unlocked),
    "sprintf": ("ipp.", output_calls.sprintf),
    "vprintf": ("ipp", output_calls.vprintf),
    "vfprintf": ("ippp", output_calls.vfprintf),
    "snprintf": ("iplp.", output_calls.snprintf),
    "__memcpy_chk": ("pppll", checked_calls.memcpy),
    "__memmove_chk": ("pppll", checked_calls.memmove),
    "__mempcpy_chk": ("pppll", checked_calls.mempcpy),
    "__memset_chk": ("ppill", checked_calls.memset),
    "__strcpy_chk": ("pppl", checked_calls.strcpy),
    "__stpcpy_chk": ("pppl", checked_calls.stpcpy),
    "__strncpy_chk": ("pppll", checked_calls.strncpy),
    "__stpncpy_chk": ("pppll", checked_calls.stpncpy),
    "__strcat_chk": ("pppl", checked_calls.strcat),
    "__strncat_chk": ("pppll", checked_calls.strncat),
    "__sprintf_chk": ("ipilp.", checked_calls.sprintf),
    "__snprintf_chk": ("iplilp.", checked_calls.snprintf),
    "__vsprintf_chk": ("ipilpp", checked_calls.vsprintf),
    "__vsnprintf_chk": ("iplilpp", checked_calls.vsnprintf),
    "__printf_chk": ("iip.", checked_calls.printf),
    "__fprintf_chk": ("ipip.", checked_calls.fprintf),
    "__vprintf_chk": ("iipp", checked_calls.vprintf),
    "__vfprintf_chk": ("ipipp", checked_calls.vfprintf),
    "sqrt": ("dd", math_calls.sqrt),
    "floor": ("dd", math_calls.round_to_integer),
    "ceil": ("dd", math_calls.round_to_integer),
    "trunc": ("dd", math_calls.round_to_integer),
    "round": ("dd", math_calls.round_to_integer),
    "rint": ("dd", math_calls.round_to_integer),
    "nearbyint": ("dd", math_calls.round_to_integer),
    "roundeven": ("dd", math_calls.round_to_integer),
    "sqrtf": ("ff", math_calls.sqrt),
}
