"""Sizes of variably modified types, and the stack space of VLAs (C17 6.7.6.2)."""

from ourocc.ir import operations as op
from ourocc.ir import types as ty
from ourocc.ir.function import VOLATILE, Value
from ourocc.lower import expressions, places
from ourocc.lower.context import CLEANUP_STACK, Cleanup, FunctionContext
from ourocc.lower.conversions import resize
from ourocc.semantics import typed_tree as tt
from ourocc.semantics import types as ct
from ourocc.semantics.types import Type


def size_of(context: FunctionContext, type: Type) -> Value:
    """Bytes, as an i64."""
    if not type.has_variable_size():
        return context.builder.const(type.size, ty.I64)
    if type.kind != ct.ARRAY:
        return kept_number(context, type.unqualified.size_variable)
    base = type.base
    assert base is not None
    inner = size_of(context, base)
    if type.length == ct.VARIABLE_LENGTH:
        length = kept_number(context, type.length_variable)
    else:
        length = context.builder.const(type.length, ty.I64)
    if inner.op == op.CONST and inner.imm == 1:
        return length
    return context.builder.binary(op.MUL, ty.I64, length, inner)


def kept_number(context: FunctionContext, variable: object | None) -> Value:
    """A length, size or offset that was computed where the type was declared."""
    if not isinstance(variable, tt.Variable):
        return context.builder.const(0, ty.I64)  # [*]: only in prototypes
    address = places.variable_address(context, variable)
    return resize(context, context.builder.load(context.ir_type(variable.type), address), ty.I64, True)


def keep_number(context: FunctionContext, variable: object | None, number: Value) -> None:
    if isinstance(variable, tt.Variable):
        number = resize(context, number, context.ir_type(variable.type), True)
        context.builder.store(places.variable_address(context, variable), number)


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
    if type.is_record() and type.unqualified.size_variable is not None:
        evaluate_layout(context, type.unqualified)
        return
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


def evaluate_layout(context: FunctionContext, record: Type) -> None:
    """Compute the offsets and the size of a record with members of variable size (GNU)."""
    size_variable = record.size_variable
    if not isinstance(size_variable, tt.Variable) or size_variable in context.evaluated_lengths:
        return
    context.evaluated_lengths[size_variable] = True
    builder = context.builder
    offset = builder.const(0, ty.I64)
    end = offset
    for field in record.fields:
        if field.moving and field.step > 0:
            offset = aligned(context, end, field.step)
        elif not field.moving:
            offset = builder.const(field.offset, ty.I64)
        if field.moving:
            keep_number(context, field.offset_variable, offset)
        if field.group is not None:
            field_end = builder.binary(op.ADD, ty.I64, offset, builder.const(field.group.size, ty.I64))
        else:
            field_end = builder.binary(op.ADD, ty.I64, offset, size_of(context, field.type))
        if record.kind == ct.UNION:
            larger = builder.compare(op.UGT, field_end, end)
            field_end = builder.select(larger, field_end, end)
        end = field_end
    keep_number(context, size_variable, aligned(context, end, record.alignment))


def aligned(context: FunctionContext, number: Value, alignment: int) -> Value:
    if alignment == 1:
        return number
    builder = context.builder
    number = builder.binary(op.ADD, ty.I64, number, builder.const(alignment - 1, ty.I64))
    return builder.binary(op.AND, ty.I64, number, builder.const(-alignment, ty.I64))


def temporary(context: FunctionContext, type: Type) -> Value:
    """Stack space for an object, until the function returns when its size is variable."""
    if not type.has_variable_size():
        return context.temporary(type)
    space = context.builder.unary(op.DYNAMIC_ALLOCA, ty.PTR, size_of(context, type))
    space.extra = max(type.alignment, 16)
    context.function.has_dynamic_stack = True
    return space


def copy(
    context: FunctionContext, destination: Value, source: Value, type: Type, alignment: int, volatile: bool = False,
    alias_class: int = 0,
) -> None:  # fmt: skip
    """Copy a whole object.  `alias_class`: of what is written."""
    if not type.has_variable_size():
        context.copy(destination, source, type.size, alignment, volatile, alias_class)
    elif destination is not source:
        copied = context.builder.operation(op.MEMMOVE, ty.VOID, [destination, source, size_of(context, type)])
        copied.extra = alignment
        if volatile:
            copied.flags |= VOLATILE


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
