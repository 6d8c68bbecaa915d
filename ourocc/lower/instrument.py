"""-finstrument-functions: calls of __cyg_profile_func_enter and __cyg_profile_func_exit around every function body.

Both get the function's address and the address to which it returns.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.lower import calls
from ourocc.lower.context import FunctionContext
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def is_wanted(context: FunctionContext) -> bool:
    options = context.unit.options
    variable = context.definition.variable
    if not options.instrument or variable.no_instrument or variable.inline_only and variable.always_inline:
        return False
    if any(part in variable.name for part in options.instrument_not_functions):
        return False
    if options.instrument_not_files:
        path = context.unit.diagnostics.sources.position(context.definition.location).file
        return not any(part in path for part in options.instrument_not_files)
    return True


def enter(context: FunctionContext) -> None:
    if context.instrumented:
        _call(context, "__cyg_profile_func_enter")


def leave(context: FunctionContext) -> None:
    if context.instrumented:
        _call(context, "__cyg_profile_func_exit")


def _call(context: FunctionContext, name: str) -> None:
    builder = context.builder
    context.function.needs_frame_pointer = True
    pointer = context.unit.pointer
    caller = builder.emit(op.RETURN_ADDRESS, ty.PTR)
    function = builder.address(context.function.symbol)
    calls.library_call(context, name, Type(ct.VOID, -4), [function, caller], [pointer, pointer])
