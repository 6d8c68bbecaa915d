"""-fexceptions: attribute cleanup runs when a foreign exception or a forced unwinding passes through the function.

There are no landing pads.  A function with cleanups keeps a list of those that are due in its frame: one record
`{ next, function, argument }` a cleanup, entered when the variable is initialized, left when its scope is.  The
personality routine of the run-time library (`runtime/builtins/unwind_cleanup.c`) finds the list's head by the function's
language-specific data and calls what is on it.  All accesses are volatile: the list must be true at every call.
"""

from typing import Final

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.lower import places
from ourocc.lower.context import Cleanup, FunctionContext
from ourocc.lower.walk import OwnVariables

RECORD_SIZE: Final = 24


def begin(context: FunctionContext) -> None:
    """At the function's entry: an empty list, when there will be one."""
    if not context.unit.options.exceptions:
        return
    own = OwnVariables()
    own.function(context.definition)
    if not any(variable.cleanup is not None for variable in own.variables):
        return
    builder = context.builder
    head = builder.alloca(8, 8)
    builder.store(head, builder.unary(op.BITCAST, ty.PTR, context.const(0)), 0, True)
    function = context.function
    function.cleanup_list = head
    function.no_inline = True  # the list is this frame's
    function.needs_frame_pointer = True


def enter(context: FunctionContext, cleanup: Cleanup) -> None:
    """The variable is alive: put its cleanup in front."""
    head = context.function.cleanup_list
    variable = cleanup.variable
    if head is None or variable is None or variable.cleanup is None:
        return
    builder = context.builder
    record = builder.alloca(RECORD_SIZE, 8)
    cleanup.slot = record
    builder.store(record, builder.load(ty.PTR, head, 0, True), 0, True)
    builder.store(builder.ptradd(record, 8), builder.address(context.unit.symbol(variable.cleanup)), 0, True)
    builder.store(builder.ptradd(record, 16), places.variable_address(context, variable), 0, True)
    builder.store(head, record, 0, True)


def leave(context: FunctionContext, cleanup: Cleanup) -> None:
    """It is about to run in the ordinary way."""
    head = context.function.cleanup_list
    if head is None or cleanup.slot is None:
        return
    builder = context.builder
    builder.store(head, builder.load(ty.PTR, cleanup.slot, 0, True), 0, True)
