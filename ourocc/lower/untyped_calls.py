"""GNU calls without types: __builtin_apply_args, __builtin_apply, __builtin_return.

A block of arguments holds the address of the stack arguments, then every argument register; a block of results holds every
result register.  Each register has 16 bytes.  What a function leaves on the x87 stack stays there.
"""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import ON_STACK, CallInfo, PieceLocation, Value
from ourocc.lower import calls, expressions
from ourocc.lower.context import FunctionContext
from ourocc.semantics import typed_tree as tt

SLOT = 16


def save_arguments(context: FunctionContext) -> None:
    """At the entry of a function that asks for its arguments: keep all argument registers."""
    builder = context.builder
    registers = context.unit.abi.argument_registers
    block = builder.alloca(SLOT * (1 + len(registers)), SLOT)
    incoming = builder.emit(op.STACK_PARAMETER, ty.PTR)
    builder.store(block, incoming)
    known: dict[int, Value] = {}
    for value in context.function.blocks[0].values:
        if value.op == op.PARAM:
            known[context.function.parameter_locations[value.imm].register] = value
    for index, place in enumerate(registers):
        value = known.get(place.register) or calls.parameter_piece(context, place)
        slot = builder.ptradd(block, SLOT * (1 + index))
        builder.store(slot, value)
        if value.type == ty.F32:  # RISC-V: a float in a wider register has ones above it
            builder.store(builder.ptradd(slot, 4), builder.const(-1, ty.I32))
    context.argument_block = block
    context.function.no_inline = True  # its callers must fill the registers


def apply_args(context: FunctionContext) -> Value:
    if context.argument_block is None:
        return context.builder.const(0, ty.PTR)
    return context.builder.ptradd(context.argument_block, 0)


def apply(context: FunctionContext, expression: tt.BuiltinCall, stack_size: int) -> Value:
    """Call a function with the arguments of a block; the block of its results."""
    builder = context.builder
    abi = context.unit.abi
    callee = expressions.value(context, expression.arguments[0])
    block = expressions.value(context, expression.arguments[1])
    info = CallInfo()
    info.variadic = True
    info.vector_registers = sum(1 for place in abi.argument_registers if not ty.is_integer(place.type))
    values: list[Value] = []
    if stack_size > 0:
        info.stack_size = (stack_size + 15) & -16
        info.argument_locations.append(PieceLocation(ty.PTR, ON_STACK, 0))
        info.byval_sizes.append(stack_size)
        values.append(builder.load(ty.PTR, block))
    for index, place in enumerate(abi.argument_registers):
        info.argument_locations.append(place)
        info.byval_sizes.append(0)
        values.append(builder.load(place.type, builder.ptradd(block, SLOT * (1 + index))))
    info.result_locations = list(abi.result_registers)
    builder.position = expression.location
    emitted = builder.call(None, callee, values, info)
    results = [emitted]
    for index, place in enumerate(abi.result_registers[1:]):
        results.append(builder.result(emitted, index + 1, place.type))
    home = builder.alloca(SLOT * len(results), SLOT)
    for index, value in enumerate(results):
        builder.store(builder.ptradd(home, SLOT * index), value)
    return home


def give_back(context: FunctionContext, expression: tt.BuiltinCall) -> None:
    """Return what a block of results holds in the registers that this function's own result takes."""
    builder = context.builder
    block = expressions.value(context, expression.arguments[0])
    registers = [place.register for place in context.unit.abi.result_registers]
    pieces: list[Value] = []
    for place in context.function.result_locations:
        if place.register not in registers:
            context.unimplemented(expression.location, "'__builtin_return' of a long double")
            return
        slot = builder.ptradd(block, SLOT * registers.index(place.register))
        pieces.append(builder.load(place.type, slot))
    builder.return_(pieces)
    context.revive()
