"""Sizes of variably modified types, and the stack space of VLAs (C17 6.7.6.2)."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import Value
from ourocc.lower import expressions, places
from ourocc.lower.context import CLEANUP_STACK, Cleanup, FunctionContext
from ourocc.lower.conversions import resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def is_vla(type: Type) -> bool:
    """An array whose size is known only at run time."""
    element: Type | None = type
    while element is not None and element.kind == ct.ARRAY:
        if element.length == ct.VARIABLE_LENGTH:
            return True
        element = element.base
    return False


def size_of(context: FunctionContext, type: Type) -> Value:
    """Bytes, as an i64."""
    if not is_vla(type):
        return context.builder.const(type.size, ty.I64)
    base = type.base
    assert base is not None
    inner = size_of(context, base)
    if type.length == ct.VARIABLE_LENGTH:
        variable = type.length_variable
        if isinstance(variable, tt.Variable):
            address = places.variable_address(context, variable)
            length = context.builder.load(context.ir_type(variable.type), address)
            length = resize(context, length, ty.I64, True)
        else:
            length = context.builder.const(0, ty.I64)  # [*]: only in prototypes
    else:
        length = context.builder.const(type.length, ty.I64)
    if inner.op == op.CONST and inner.imm == 1:
        return length
    return context.builder.binary(op.MUL, ty.I64, length, inner)


def scale_of(context: FunctionContext, pointee: Type) -> Value:
    """What one step of a pointer means; void and functions count as 1 (GNU)."""
    if pointee.kind == ct.VOID or pointee.kind == ct.FUNCTION:
        return context.builder.const(1, ty.I64)
    return size_of(context, pointee)


def evaluate_lengths(context: FunctionContext, type: Type) -> None:
    """Store the lengths of a variably modified type into their variables, innermost first."""
    base = type.base
    if base is not None and type.kind in (ct.ARRAY, ct.POINTER, ct.FUNCTION):
        evaluate_lengths(context, base)
    if type.kind != ct.ARRAY or type.length != ct.VARIABLE_LENGTH:
        return
    variable = type.length_variable
    length = type.length_expression
    if not isinstance(variable, tt.Variable) or not isinstance(length, tt.Expression):
        return
    if variable in context.evaluated_lengths:  # a typedef's length is evaluated once, where it is declared
        return
    context.evaluated_lengths[variable] = True
    number = expressions.value(context, length)
    target = context.ir_type(variable.type)
    number = resize(context, number, target, length.type.unsigned)
    context.builder.store(places.variable_address(context, variable), number)


def allocate(context: FunctionContext, variable: tt.Variable) -> None:
    """Stack space for a VLA that is declared here; its scope's exit gives it back."""
    builder = context.builder
    save_slot = builder.alloca(8, 8)
    builder.store(save_slot, builder.emit(op.STACK_SAVE, ty.PTR))
    space = builder.unary(op.DYNAMIC_ALLOCA, ty.PTR, size_of(context, variable.type))
    space.extra = max(variable.type.alignment, variable.alignment, 16)
    slot = context.indirect.get(variable)
    if slot is None:
        slot = builder.alloca(8, 8)
        context.indirect[variable] = slot
    builder.store(slot, space)
    context.function.has_dynamic_stack = True
    context.cleanup = Cleanup(context.cleanup, CLEANUP_STACK, None, save_slot)
